// Loads the window files of one table and indexes them by key.
#include "merge/staged_table.h"

#include <arrow/api.h>

#include <cassert>
#include <utility>
#include <vector>

#include "columnar/arrow_schema.h"
#include "columnar/parquet_file.h"
#include "state/run_folder.h"

namespace ashore::merge {

namespace {

using base::Result;
using base::Status;

base::Schema key_schema(const config::Table& table) {
  base::Schema schema;
  for (const auto& name : table.key)
    schema.fields.push_back({name, table.column(name).type, false});
  return schema;
}

Result<std::shared_ptr<arrow::Table>> joined(
    const std::vector<std::shared_ptr<arrow::Table>>& parts, const base::Schema& schema) {
  if (parts.empty()) {
    auto empty = arrow::Table::MakeEmpty(columnar::arrow_schema(schema));
    if (!empty.ok()) return columnar::arrow_error(empty.status(), "make an empty table");
    return empty.MoveValueUnsafe();
  }
  auto whole = arrow::ConcatenateTables(parts);
  if (!whole.ok()) return columnar::arrow_error(whole.status(), "join window files");
  auto flat = (*whole)->CombineChunks();
  if (!flat.ok()) return columnar::arrow_error(flat.status(), "join window files");
  return flat.MoveValueUnsafe();
}

// Windows are read whole: merge looks each row up by its key, in no order.
// The files of a folder in a manifest whose names begin with `prefix`, read and joined.
Result<std::shared_ptr<arrow::Table>> read_files(io::ObjectStore& store,
                                                 const state::Manifest& window,
                                                 const std::string& prefix,
                                                 const base::Schema& schema) {
  std::vector<std::shared_ptr<arrow::Table>> parts;
  for (const auto& file : window.files) {
    if (!file.path.starts_with(prefix)) continue;
    TRY(auto part, columnar::read_parquet(store, file.path, schema, {}, file.sha256));
    parts.push_back(std::move(part));
  }
  return joined(parts, schema);
}

Result<KeySet> read_keys(io::ObjectStore& store, const state::Manifest& window,
                         const std::string& prefix, const config::Table& table) {
  TRY(const auto rows, read_files(store, window, prefix, key_schema(table)));
  const auto encoded = columnar::KeyColumn::encode(*rows, table.key);
  KeySet keys;
  for (std::int64_t row = 0; row < encoded.size(); ++row) keys.emplace(encoded.at(row));
  return keys;
}

}  // namespace

StagedTable::StagedTable(std::shared_ptr<arrow::Table> rows, columnar::KeyColumn keys,
                         state::TableCounts counts)
    : rows_(std::move(rows)), keys_(std::move(keys)), counts_(std::move(counts)) {
  row_of_.reserve(static_cast<std::size_t>(keys_.size()));
  for (std::int64_t row = 0; row < keys_.size(); ++row) row_of_.emplace(keys_.at(row), row);
  // Transform leaves one row per key; merge matches by it.
  assert(row_of_.size() == static_cast<std::size_t>(keys_.size()));
}

Result<std::unique_ptr<StagedTable>> StagedTable::load(io::ObjectStore& store,
                                                       const state::Manifest& window,
                                                       const config::Table& table,
                                                       state::TableCounts counts) {
  const auto folder = state::window_folder(window.run_id, table.name);
  TRY(auto rows, read_files(store, window, folder + "/part-", table.schema()));
  auto keys = columnar::KeyColumn::encode(*rows, table.key);
  auto staged = std::unique_ptr<StagedTable>(
      new StagedTable(std::move(rows), std::move(keys), std::move(counts)));
  TRY(staged->rejected_, read_keys(store, window, folder + "/rejected_keys", table));
  TRY(staged->asked_, read_keys(store, window, folder + "/asked_keys", table));
  return staged;
}

std::int64_t StagedTable::row_of(std::string_view key) const {
  const auto found = row_of_.find(key);
  return found == row_of_.end() ? -1 : found->second;
}

bool StagedTable::was_rejected(std::string_view key) const {
  return rejected_.find(key) != rejected_.end();
}

bool StagedTable::is_older(std::string_view key) const { return older_.find(key) != older_.end(); }

std::unique_ptr<StagedTable> StagedTable::without(const std::vector<std::int64_t>& rows,
                                                  const config::Table& table) const {
  std::vector<std::int64_t> kept;
  std::size_t next = 0;
  for (std::int64_t row = 0; row < rows_->num_rows(); ++row) {
    const bool goes = next < rows.size() && rows[next] == row;
    if (goes) ++next;
    if (!goes) kept.push_back(row);
  }
  auto remaining = columnar::take_rows(*rows_, kept);
  auto keys = columnar::KeyColumn::encode(*remaining, table.key);
  auto counts = counts_;
  counts.older += static_cast<std::int64_t>(rows.size());
  auto staged = std::unique_ptr<StagedTable>(
      new StagedTable(std::move(remaining), std::move(keys), std::move(counts)));
  staged->rejected_ = rejected_;
  staged->asked_ = asked_;
  if (!table.parent) {
    for (const auto row : rows) staged->older_.emplace(keys_.at(row));
  }
  return staged;
}

bool StagedTable::was_asked(std::string_view key) const { return asked_.find(key) != asked_.end(); }

}  // namespace ashore::merge
