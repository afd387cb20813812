// Runs questions and turns Arrow answers into cells that print the same for every database.
#include "inspect/answers.h"

#include <arrow/api.h>

#include <algorithm>
#include <chrono>
#include <optional>
#include <utility>

#include "base/timestamp.h"
#include "load/load.h"

namespace ashore::inspect {

namespace {

using base::Result;

template <typename ArrayType>
auto value_at(const arrow::Array& array, std::int64_t row) {
  return static_cast<const ArrayType&>(array).Value(row);
}

Cell timestamp_cell(const arrow::Array& array, std::int64_t row) {
  const auto& type = static_cast<const arrow::TimestampType&>(*array.type());
  std::int64_t micros = value_at<arrow::TimestampArray>(array, row);
  if (type.unit() == arrow::TimeUnit::SECOND) micros *= 1'000'000;
  if (type.unit() == arrow::TimeUnit::MILLI) micros *= 1'000;
  if (type.unit() == arrow::TimeUnit::NANO) {
    micros =
        std::chrono::floor<std::chrono::microseconds>(std::chrono::nanoseconds(micros)).count();
  }
  return base::format_timestamp(base::timestamp_of_micros(micros));
}

Cell date_cell(const arrow::Array& array, std::int64_t row) {
  const auto days = value_at<arrow::Date32Array>(array, row);
  return base::format_date(base::Date(std::chrono::days(days)));
}

// A whole number of any width; nothing where it is none or too large for a cell.
std::optional<std::int64_t> integer_at(const arrow::Array& array, std::int64_t row) {
  switch (array.type_id()) {
    case arrow::Type::INT8:
      return value_at<arrow::Int8Array>(array, row);
    case arrow::Type::INT16:
      return value_at<arrow::Int16Array>(array, row);
    case arrow::Type::INT32:
      return value_at<arrow::Int32Array>(array, row);
    case arrow::Type::INT64:
      return value_at<arrow::Int64Array>(array, row);
    case arrow::Type::UINT8:
      return value_at<arrow::UInt8Array>(array, row);
    case arrow::Type::UINT16:
      return value_at<arrow::UInt16Array>(array, row);
    case arrow::Type::UINT32:
      return value_at<arrow::UInt32Array>(array, row);
    case arrow::Type::UINT64: {
      const auto value = value_at<arrow::UInt64Array>(array, row);
      if (!std::in_range<std::int64_t>(value)) return std::nullopt;
      return static_cast<std::int64_t>(value);
    }
    default:
      return std::nullopt;
  }
}

// The types that answers are made of; anything else as Arrow prints it.
Cell cell_at(const arrow::Array& array, std::int64_t row) {
  if (array.IsNull(row)) return std::monostate();
  if (const auto integer = integer_at(array, row)) return *integer;
  switch (array.type_id()) {
    case arrow::Type::BOOL:
      return value_at<arrow::BooleanArray>(array, row);
    case arrow::Type::FLOAT:
      return double{value_at<arrow::FloatArray>(array, row)};
    case arrow::Type::DOUBLE:
      return value_at<arrow::DoubleArray>(array, row);
    case arrow::Type::STRING:
      return static_cast<const arrow::StringArray&>(array).GetString(row);
    case arrow::Type::DATE32:
      return date_cell(array, row);
    case arrow::Type::TIMESTAMP:
      return timestamp_cell(array, row);
    case arrow::Type::EXTENSION:
      // PostgreSQL's numeric comes as text under an opaque type.
      return cell_at(*static_cast<const arrow::ExtensionArray&>(array).storage(), row);
    default: {
      const auto scalar = array.GetScalar(row);
      return scalar.ok() ? (*scalar)->ToString() : std::string("?");
    }
  }
}

std::string heading_of(const Question& question) {
  if (!question.sql.starts_with("--")) return question.name;
  const auto line = question.sql.substr(2, question.sql.find('\n') - 2);
  const auto start = line.find_first_not_of(' ');
  return start == std::string::npos ? question.name : line.substr(start);
}

void add_rows(const arrow::RecordBatch& batch, std::int64_t rows_max, Answer* answer) {
  answer->rows_total += batch.num_rows();
  const auto kept = static_cast<std::int64_t>(answer->rows.size());
  const auto count = std::min(batch.num_rows(), rows_max - kept);
  for (std::int64_t row = 0; row < count; ++row) {
    auto& cells = answer->rows.emplace_back();
    for (const auto& column : batch.columns()) cells.push_back(cell_at(*column, row));
  }
}

Result<Answer> answer_one(const Question& question, warehouse::Connection& connection,
                          std::int64_t rows_max) {
  Answer answer{question.name, heading_of(question), {}, {}};
  TRY(connection.stream(question.sql, [&](const arrow::RecordBatch& batch) {
    if (answer.columns.empty()) answer.columns = batch.schema()->field_names();
    add_rows(batch, rows_max, &answer);
    return base::Status();
  }));
  return answer;
}

// A question that fails where nothing was ever loaded lacks its tables.
base::Error failed_question(const Question& question, warehouse::Connection& connection,
                            const config::DestinationSpec& destination, base::Error error) {
  const auto loaded = run::is_loaded(connection);
  if (loaded.ok() && !loaded.value()) {
    return base::not_found("nothing is loaded yet into " + load::destination_name(destination))
        .with_remedy("Run 'ashore run' first, or name another destination with --to");
  }
  return std::move(error).within("question '" + question.name + "'");
}

}  // namespace

Result<std::vector<Answer>> answer(const std::vector<Question>& questions,
                                   const config::DestinationSpec& destination,
                                   const run::AccessOptions& options, std::int64_t rows_max) {
  TRY(const auto connection, run::open_for_reading(destination, options));
  std::vector<Answer> answers;
  for (const auto& question : questions) {
    auto answered = answer_one(question, *connection, rows_max);
    if (!answered.ok()) {
      return failed_question(question, *connection, destination, std::move(answered).error());
    }
    answers.push_back(std::move(answered).value());
  }
  return answers;
}

}  // namespace ashore::inspect
