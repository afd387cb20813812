// Streams rows from files and databases and sums them here.
// Databases are asked for rows and nothing else: what is summed is summed here, over the same bytes
// for every place.
#include "warehouse/row_source.h"

#include <arrow/api.h>

#include <algorithm>

#include "columnar/arrow_schema.h"
#include "columnar/partition_value.h"

namespace ashore::warehouse {

namespace {

using base::Result;
using base::Status;

Status check_stop(const std::stop_token& stop) {
  if (!stop.stop_requested()) return {};
  return base::Error(base::ErrorKind::kInterrupted, "reading rows was stopped");
}

// A column as our type, whatever a hand has made of it. PostgreSQL's numeric comes as text only.
std::string selected(const base::Field& field, Dialect dialect) {
  const auto kind = field.type.kind;
  const bool is_text = kind == base::TypeKind::kJson ||
                       (kind == base::TypeKind::kDecimal && dialect == Dialect::kPostgreSql);
  const auto type = is_text ? base::ColumnType{base::TypeKind::kString} : field.type;
  const auto column = quote_identifier(field.name);
  return "CAST(" + column + " AS " + sql_type(type, dialect) + ") AS " + column;
}

std::string condition_of(const ComparedTable& shape, const PartitionValue& value, Dialect dialect) {
  if (!shape.partition_column) return "";
  const auto column = quote_identifier(*shape.partition_column);
  const auto type = shape.schema.fields[*shape.schema.index_of(*shape.partition_column)].type;
  if (value) {
    return column + " = CAST(" + quote_literal(*value) + " AS " + sql_type(type, dialect) + ")";
  }
  const bool is_text = type.kind == base::TypeKind::kString;
  return column + " IS NULL" + (is_text ? " OR " + column + " = ''" : "");
}

Result<std::shared_ptr<arrow::Array>> decimals_of(const arrow::Array& column,
                                                  const base::Field& field) {
  const auto& texts = static_cast<const arrow::StringArray&>(column);
  arrow::Decimal128Builder builder(columnar::arrow_type(field.type));
  for (std::int64_t row = 0; row < texts.length(); ++row) {
    arrow::Decimal128 value;
    std::int32_t precision = 0;
    std::int32_t scale = 0;
    auto status = arrow::Status::OK();
    if (texts.IsNull(row)) {
      status = builder.AppendNull();
    } else {
      status = arrow::Decimal128::FromString(texts.GetView(row), &value, &precision, &scale);
      if (status.ok()) status = value.Rescale(scale, field.type.scale).Value(&value);
      if (!status.ok()) {
        return base::permanent("column '" + field.name + "' holds what " +
                               base::type_name(field.type) + " cannot: " + texts.GetString(row));
      }
      status = builder.Append(value);
    }
    if (!status.ok()) return columnar::arrow_error(status, "read decimals");
  }
  auto array = builder.Finish();
  if (!array.ok()) return columnar::arrow_error(array.status(), "read decimals");
  return *array;
}

Result<std::shared_ptr<arrow::Array>> as_declared(const std::shared_ptr<arrow::Array>& column,
                                                  const base::Field& field) {
  const auto wanted = columnar::arrow_type(field.type);
  if (column->type()->Equals(*wanted)) return column;
  if (field.type.kind == base::TypeKind::kDecimal && column->type_id() == arrow::Type::STRING) {
    return decimals_of(*column, field);
  }
  // Timestamps whose zone is written otherwise hold the same numbers.
  auto viewed = column->View(wanted);
  if (viewed.ok()) return *viewed;
  return base::bug("driver gives column '" + field.name + "' as " + column->type()->ToString());
}

Result<std::shared_ptr<arrow::Table>> table_of(const arrow::RecordBatch& batch,
                                               const base::Schema& schema) {
  arrow::ArrayVector arrays;
  for (std::size_t index = 0; index < schema.fields.size(); ++index) {
    TRY(auto array, as_declared(batch.column(static_cast<int>(index)), schema.fields[index]));
    arrays.push_back(std::move(array));
  }
  return arrow::Table::Make(columnar::arrow_schema(schema), arrays, batch.num_rows());
}

}  // namespace

std::string partition_name(const ComparedTable& shape, const PartitionValue& value) {
  return shape.partition_column ? columnar::partition_folder(*shape.partition_column, value) : "";
}

Status DatabaseRows::read_where(const std::string& condition, const RowSink& sink) {
  const auto dialect = connection_.dialect();
  std::string columns;
  for (const auto& field : shape_.schema.fields) {
    columns += (columns.empty() ? "" : ", ") + selected(field, dialect);
  }
  const auto query =
      "SELECT " + columns + " FROM " + name_ + (condition.empty() ? "" : " WHERE " + condition);
  return connection_.stream(query, [&](const arrow::RecordBatch& batch) -> Status {
    TRY(check_stop(stop_));
    TRY(const auto rows, table_of(batch, shape_.schema));
    return sink(*rows);
  });
}

Status DatabaseRows::read_all(const RowSink& sink) { return read_where("", sink); }

Status DatabaseRows::read_partition(const PartitionValue& value, const RowSink& sink) {
  return read_where(condition_of(shape_, value, connection_.dialect()), sink);
}

void add_rows(const ComparedTable& shape, const arrow::Table& rows, PartitionSums* sums) {
  const auto hashes = columnar::row_hashes(rows, shape.schema);
  if (hashes.empty()) return;
  if (!shape.partition_column) {
    auto& sum = (*sums)[std::nullopt];
    for (const auto& hash : hashes) sum.add(hash);
    return;
  }
  for (const auto& group : columnar::group_by_partition(rows, *shape.partition_column)) {
    auto& sum = (*sums)[group.value];
    for (const auto row : group.rows) sum.add(hashes[static_cast<std::size_t>(row)]);
  }
}

Result<PartitionSums> sum_rows(const ComparedTable& shape, RowSource& source) {
  PartitionSums sums;
  TRY(source.read_all([&](const arrow::Table& rows) -> Status {
    add_rows(shape, rows, &sums);
    return {};
  }));
  return sums;
}

columnar::RowSum total_of(const PartitionSums& sums) {
  columnar::RowSum total;
  for (const auto& [value, sum] : sums) total.add(sum);
  return total;
}

std::vector<PartitionValue> differing_partitions(const PartitionSums& expected,
                                                 const PartitionSums& found) {
  std::vector<PartitionValue> partitions;
  for (const auto& [value, sum] : expected) {
    const auto other = found.find(value);
    if (other == found.end() || other->second != sum) partitions.push_back(value);
  }
  for (const auto& [value, sum] : found) {
    if (!expected.contains(value)) partitions.push_back(value);
  }
  std::ranges::sort(partitions);
  return partitions;
}

}  // namespace ashore::warehouse
