// Measures the published tables.
// A file's name holds its digest and its log entry that of its rows, so a changed file tells on
// itself.
#include <arrow/api.h>
#include <fmt/format.h>

#include <set>
#include <string_view>

#include "base/digest.h"
#include "columnar/canonical_rows.h"
#include "delta/rows.h"
#include "reconcile/file_rows.h"
#include "reconcile/reconcile_places.h"
#include "state/run_folder.h"

namespace ashore::reconcile {

namespace {

using base::ErrorKind;
using base::Result;
using base::Status;

constexpr std::string_view kPublished = "published";

// The digits that a file name of ours holds of its bytes' sha256; "" for other names.
std::string_view digest_in_name(std::string_view path) {
  constexpr std::string_view kPrefix = "part-";
  constexpr std::string_view kSuffix = ".parquet";
  constexpr std::size_t kDigits = 32;
  const auto name = path.substr(path.rfind('/') + 1);
  const bool is_ours = name.size() == kPrefix.size() + kDigits + kSuffix.size() &&
                       name.starts_with(kPrefix) && name.ends_with(kSuffix);
  return is_ours ? name.substr(kPrefix.size(), kDigits) : std::string_view();
}

// Counts rows of an item table by the windows that they lie in.
class WindowCounter {
 public:
  WindowCounter(const ReconcileContext& context, MeasuredTable* table) : table_(table) {
    const auto& rule = context.pipeline.extract.window;
    windows_ = context.windows;
    table->rows_in_windows.assign(windows_.size(), 0);
    if (rule && table->shape.schema.index_of(rule->column)) column_ = rule->column;
  }

  void count(const arrow::Table& rows) {
    for (std::size_t index = 0; index < windows_.size(); ++index) {
      table_->rows_in_windows[index] +=
          windows_[index].is_unbounded() ? rows.num_rows() : count_in(windows_[index], rows);
    }
  }

 private:
  [[nodiscard]] std::int64_t count_in(const base::Window& window, const arrow::Table& rows) const {
    std::int64_t count = 0;
    if (column_.empty()) return count;
    for (const auto& chunk : rows.GetColumnByName(column_)->chunks()) {
      for (std::int64_t row = 0; row < chunk->length(); ++row) {
        if (chunk->IsValid(row) && window.contains(instant_at(*chunk, row))) ++count;
      }
    }
    return count;
  }

  static base::Timestamp instant_at(const arrow::Array& column, std::int64_t row) {
    if (column.type_id() == arrow::Type::DATE32) {
      const auto days = static_cast<const arrow::Date32Array&>(column).Value(row);
      return base::Timestamp(base::Date(std::chrono::days(days)));
    }
    if (column.type_id() != arrow::Type::TIMESTAMP) return {};
    return base::timestamp_of_micros(static_cast<const arrow::TimestampArray&>(column).Value(row));
  }

  MeasuredTable* table_;
  std::vector<base::Window> windows_;
  std::string column_;
};

// What is wrong with a file's bytes; "" where they are as they were written.
Result<std::string> fault_of_bytes(io::ObjectStore& store, const std::string& path,
                                   const delta::AddFile& file) {
  const auto bytes = store.read(path);
  if (!bytes.ok() && bytes.error().kind() == ErrorKind::kNotFound) {
    return std::string("the file is gone");
  }
  if (!bytes.ok()) return bytes.error();
  const auto digest = base::to_hex(base::sha256(bytes.value()));
  const auto named = digest_in_name(file.path);
  if (!named.empty() && !std::string_view(digest).starts_with(named)) {
    return "the file was changed: its sha256 is " + digest;
  }
  return std::string();
}

// What is wrong with a file's rows, for files whose name tells nothing and entries that were
// edited.
std::string fault_of_rows(const arrow::Table& rows, const warehouse::ComparedTable& shape,
                          const delta::AddFile& file) {
  if (rows.num_rows() != file.rows) {
    return fmt::format("it has {} rows, the log says {}", rows.num_rows(), file.rows);
  }
  const auto tag = file.rows_digest();
  if (tag.empty()) return "";
  const auto digest = base::to_hex(columnar::canonical_digest(rows, shape.schema));
  return digest == tag ? "" : "its rows are not those that the log names: ashore.rows is " + digest;
}

Status measure_file(const ReconcileContext& context, const delta::AddFile& file,
                    WindowCounter* counter, MeasuredTable* table, Reconciled* result) {
  if (context.run.stop.stop_requested()) {
    return base::Error(ErrorKind::kInterrupted, "reconcile was stopped");
  }
  const auto path = state::table_folder(table->shape.name) + "/" + file.path;
  const auto value = partition_of(table->shape, file);
  TRY(auto fault, fault_of_bytes(context.run.env.store, path, file));
  if (fault.empty()) {
    const auto rows = delta::read_rows(context.run.env.store, path, file, table->shape.schema, {});
    if (rows.ok()) {
      fault = fault_of_rows(*rows.value(), table->shape, file);
      warehouse::add_rows(table->shape, *rows.value(), &table->sums);
      counter->count(*rows.value());
    } else if (rows.error().kind() == ErrorKind::kPermanent) {
      fault = rows.error().what();
    } else {
      return rows.error();
    }
  }
  if (fault.empty()) return {};
  table->damaged.push_back(value);
  result->findings.push_back({std::string(kPublished), table->shape.name,
                              warehouse::partition_name(table->shape, value), file.path, "",
                              fault});
  return {};
}

// Plain readers of the folder would read such files too.
Status find_strange_files(const ReconcileContext& context, const MeasuredTable& table,
                          Reconciled* result) {
  if (context.pipeline.publish.retain.count() > 0 || !context.run.env.store.is_file_system()) {
    return {};
  }
  const auto folder = state::table_folder(table.shape.name) + "/";
  std::set<std::string> named;
  for (const auto& file : table.snapshot.files) named.insert(folder + file.path);
  TRY(const auto objects, context.run.env.store.list(state::table_folder(table.shape.name)));
  for (const auto& object : objects) {
    const auto path = object.path.substr(folder.size());
    if (path.starts_with("_delta_log/") || named.contains(object.path)) continue;
    const auto slash = path.rfind('/');
    result->findings.push_back({std::string(kPublished), table.shape.name,
                                slash == std::string::npos ? "" : path.substr(0, slash), path, "",
                                "a file that the log does not name: plain readers read it too; "
                                "remove it"});
  }
  return {};
}

}  // namespace

Result<std::vector<MeasuredTable>> measure_published(const ReconcileContext& context,
                                                     Reconciled* result) {
  std::vector<MeasuredTable> tables;
  for (const auto& spec : context.pipeline.tables) {
    TRY(auto snapshot, delta::read_snapshot(context.run.env.store, state::table_folder(spec.name)));
    if (!snapshot) continue;
    MeasuredTable table;
    table.spec = &spec;
    table.shape = shape_of(spec, *snapshot);
    table.snapshot = std::move(*snapshot);
    WindowCounter counter(context, &table);
    for (const auto& file : table.snapshot.files) {
      TRY(measure_file(context, file, &counter, &table, result)
              .within("table '" + spec.name + "'"));
    }
    TRY(find_strange_files(context, table, result));
    result->comparisons.push_back(
        {std::string(kPublished), spec.name, warehouse::total_of(table.sums), {}});
    for (const auto& value : table.damaged) {
      result->comparisons.back().differing.push_back(warehouse::partition_name(table.shape, value));
    }
    tables.push_back(std::move(table));
  }
  return tables;
}

}  // namespace ashore::reconcile
