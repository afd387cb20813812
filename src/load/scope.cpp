// Finds touched partitions by comparing snapshots one version apart.
#include "load/scope.h"

#include <arrow/api.h>

#include <cassert>
#include <map>

#include "base/parallel.h"
#include "columnar/arrow_schema.h"
#include "warehouse/row_source.h"
#include "warehouse/server_sums.h"

namespace ashore::load {

namespace {

using base::Result;

// Reading a snapshot costs the whole log, so catching up over many versions compares every row.
constexpr std::int64_t kVersionsMax = 32;

std::map<std::string, const delta::AddFile*> by_path(const delta::Snapshot& snapshot) {
  std::map<std::string, const delta::AddFile*> files;
  for (const auto& file : snapshot.files) files.emplace(file.path, &file);
  return files;
}

void add_difference(const delta::Snapshot& from, const delta::Snapshot& to, Scope* scope) {
  const auto before = by_path(from);
  const auto after = by_path(to);
  for (const auto& [path, file] : before) {
    if (after.count(path) == 0) scope->partitions.insert(partition_value(*file, scope->column));
  }
  for (const auto& [path, file] : after) {
    if (before.count(path) == 0) scope->partitions.insert(partition_value(*file, scope->column));
  }
}

bool is_same_shape(const delta::Snapshot& left, const delta::Snapshot& right) {
  return left.table_id == right.table_id && left.schema == right.schema &&
         left.partition_columns == right.partition_columns;
}

// The unit of a date column, followed up to the table that makes it.
std::optional<config::DateUnit> date_unit(const config::Pipeline& pipeline,
                                          const config::Table& table, const std::string& name) {
  const config::Column& column = table.column(name);
  if (column.source == config::ColumnSource::kParent && table.parent) {
    const config::Table* parent = pipeline.table(*table.parent);
    return parent == nullptr ? std::nullopt : date_unit(pipeline, *parent, column.of);
  }
  if (column.source == config::ColumnSource::kDateOf) return column.unit;
  if (column.type.kind == base::TypeKind::kDate) return config::DateUnit::kDay;
  return std::nullopt;
}

base::Date first_day(base::Date date, config::DateUnit unit) {
  const std::chrono::year_month_day day(date);
  switch (unit) {
    case config::DateUnit::kDay:
      return date;
    case config::DateUnit::kMonth:
      return base::Date(day.year() / day.month() / std::chrono::day(1));
    case config::DateUnit::kYear:
      return base::Date(day.year() / std::chrono::January / std::chrono::day(1));
  }
  return date;
}

// One table in both places; all outlive it.
struct BothSides {
  io::ObjectStore& store;
  const PublishedTable& table;
  warehouse::ComparedTable shape;
  warehouse::Connection& connection;
  const std::string& name;  // in the destination
  const std::stop_token& stop;
};

// How rows of files are added to the sums.
using AddRows = void (*)(const warehouse::ComparedTable&, const arrow::Table&,
                         warehouse::PartitionSums*);

// From the handover, where there is one.
Result<warehouse::PartitionSums> sum_published(const BothSides& sides, AddRows add_rows) {
  std::vector<std::string> columns;
  for (const auto& field : sides.shape.schema.fields) columns.push_back(field.name);
  PublishedRows rows(sides.store, sides.table, files_of(sides.table, Scope{}).inside, columns,
                     sides.stop);
  warehouse::PartitionSums sums;
  while (true) {
    std::shared_ptr<arrow::RecordBatch> batch;
    const auto read = rows.ReadNext(&batch);
    if (rows.failure()) return *rows.failure();
    if (!read.ok()) return columnar::arrow_error(read, "read published rows");
    if (batch == nullptr) return sums;
    const auto piece = arrow::Table::FromRecordBatches({batch});
    if (!piece.ok()) return columnar::arrow_error(piece.status(), "read published rows");
    add_rows(sides.shape, **piece, &sums);
  }
}

struct BothSums {
  warehouse::PartitionSums published;
  warehouse::PartitionSums held;
};

// A server that sums does so beside the files; else its rows would only wait for them.
Result<BothSums> sum_both(const BothSides& sides) {
  BothSums sums;
  TRY(const bool is_by_server, warehouse::sums_on_server(sides.connection));
  if (!is_by_server) {
    TRY(sums.published, sum_published(sides, warehouse::add_rows));
    warehouse::DatabaseRows rows(sides.connection, sides.name, sides.shape, sides.stop);
    TRY(sums.held, warehouse::sum_rows(sides.shape, rows));
    return sums;
  }
  const auto job = [&](std::size_t side) -> base::Status {
    if (side == 0) {
      TRY(sums.held,
          warehouse::sum_on_server(sides.connection, sides.name, sides.shape, sides.stop));
    } else {
      TRY(sums.published, sum_published(sides, warehouse::add_as_server));
    }
    return {};
  };
  constexpr std::size_t kSides = 2;
  TRY(base::for_each_index(kSides, kSides, job, sides.stop));
  return sums;
}

}  // namespace

bool Scope::contains(const std::optional<std::string>& value) const {
  if (kind == Kind::kAll) return true;
  if (kind == Kind::kPartitions) return partitions.count(value) > 0;
  if (!value) return false;
  const auto date = base::parse_date(*value);
  return date.ok() && (!start || *start <= date.value()) && (!end || date.value() < *end);
}

Result<Scope> scope_since(io::ObjectStore& store, const PublishedTable& table,
                          std::int64_t held_version) {
  const delta::Snapshot& now = *table.snapshot;
  const auto column = table.partition_column();
  const bool is_near = held_version >= 0 && held_version <= now.version &&
                       now.version - held_version <= kVersionsMax;
  if (!column || !is_near) return Scope{};
  Scope scope{Scope::Kind::kPartitions, *column, {}, {}, {}};
  std::optional<delta::Snapshot> later;
  for (std::int64_t version = now.version - 1; version >= held_version; --version) {
    auto earlier = delta::read_snapshot_at(store, table.folder, version);
    if (!earlier.ok() && earlier.error().kind() == base::ErrorKind::kNotFound) return Scope{};
    if (!earlier.ok()) return std::move(earlier).error();
    const delta::Snapshot& next = later ? *later : now;
    if (!is_same_shape(earlier.value(), next)) return Scope{};
    add_difference(earlier.value(), next, &scope);
    later = std::move(earlier).value();
  }
  return scope;
}

Result<std::optional<Scope>> scope_of_differences(io::ObjectStore& store,
                                                  const PublishedTable& table,
                                                  warehouse::Connection& connection,
                                                  const std::string& name,
                                                  const std::stop_token& stop) {
  const BothSides sides{store,
                        table,
                        {table.spec->name, table.schema, table.spec->key, table.partition_column()},
                        connection,
                        name,
                        stop};
  TRY(const auto sums, sum_both(sides));
  const auto differing = warehouse::differing_partitions(sums.published, sums.held);
  if (differing.empty()) return std::optional<Scope>();
  const auto& column = sides.shape.partition_column;
  if (!column) return std::optional<Scope>(Scope{});
  Scope scope{Scope::Kind::kPartitions, *column, {}, {}, {}};
  scope.partitions.insert(differing.begin(), differing.end());
  return std::optional(std::move(scope));
}

Result<Scope> scope_of_range(const config::Pipeline& pipeline, const PublishedTable& table,
                             const base::Window& window) {
  const auto column = table.partition_column();
  const auto unit = column ? date_unit(pipeline, *table.spec, *column) : std::nullopt;
  if (!unit) {
    return base::permanent("table is not partitioned by date, so no range of it can be loaded: '" +
                           table.spec->name + "'")
        .with_remedy("Load without --start-date and --end-date");
  }
  Scope scope{Scope::Kind::kRange, *column, {}, {}, {}};
  if (window.start) scope.start = first_day(base::date_of(*window.start), *unit);
  // A partition overlaps the window if it begins before its end.
  if (window.end) {
    scope.end = base::date_of(*window.end - std::chrono::microseconds(1)) + std::chrono::days(1);
  }
  return scope;
}

ScopeFiles files_of(const PublishedTable& table, const Scope& scope) {
  ScopeFiles files;
  for (const auto& file : table.snapshot->files) {
    const bool is_inside = scope.contains(partition_value(file, scope.column));
    (is_inside ? files.inside : files.outside).push_back(&file);
  }
  assert(files.inside.size() + files.outside.size() == table.snapshot->files.size());
  return files;
}

}  // namespace ashore::load
