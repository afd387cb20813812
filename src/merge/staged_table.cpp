// Loads the window files of one table, part by part, and indexes them by key.
#include "merge/staged_table.h"

#include <arrow/api.h>

#include <cassert>
#include <limits>
#include <optional>
#include <utility>
#include <vector>

#include "columnar/arrow_schema.h"
#include "columnar/keys.h"
#include "columnar/parquet_file.h"
#include "columnar/spilled_rows.h"
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

// Of the memory: rows of one table that are not put on disk.
constexpr std::int64_t kRowsShare = 8;

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

// Rows that come part by part: in memory, on disk once they are too many.
class GrowingRows {
 public:
  GrowingRows(io::ObjectStore& store, base::Schema schema, std::int64_t bytes_max)
      : store_(store), schema_(std::move(schema)), bytes_max_(bytes_max) {}

  Status add(std::shared_ptr<arrow::Table> part) {
    if (spilled_) return spilled_->append(*part);
    bytes_ += columnar::bytes_of(*part);
    parts_.push_back(std::move(part));
    if (bytes_ <= bytes_max_) return {};
    TRY(spilled_, columnar::SpilledRows::open(store_, columnar::arrow_schema(schema_)));
    for (const auto& one : parts_) TRY(spilled_->append(*one));
    parts_.clear();
    return {};
  }

  [[nodiscard]] bool is_on_disk() const { return spilled_.has_value(); }

  Result<std::shared_ptr<arrow::Table>> finish() && {
    if (spilled_) return std::move(*spilled_).finish();
    return joined(parts_, schema_);
  }

 private:
  io::ObjectStore& store_;
  base::Schema schema_;
  std::int64_t bytes_max_;
  std::int64_t bytes_ = 0;
  std::vector<std::shared_ptr<arrow::Table>> parts_;
  std::optional<columnar::SpilledRows> spilled_;
};

// Gives the files of a folder in a manifest whose names begin with `prefix`, one after another.
template <typename Take>
Status read_files(const StagedWindow& window, const std::string& prefix, const base::Schema& schema,
                  const Take& take) {
  for (const auto& file : window.manifest.files) {
    if (!file.path.starts_with(prefix)) continue;
    TRY(auto part, columnar::read_parquet(window.store, file.path, schema, {}, file.sha256));
    TRY(take(std::move(part)));
  }
  return {};
}

Result<KeySet> read_keys(const StagedWindow& window, const std::string& prefix,
                         const config::Table& table) {
  KeySet keys;
  TRY(read_files(
      window, prefix, key_schema(table), [&](const std::shared_ptr<arrow::Table>& part) -> Status {
        columnar::visit_keys(*part, table.key,
                             [&](std::int64_t, std::string_view key) { keys.emplace(key); });
        return {};
      }));
  return keys;
}

// Whether the rows are in the order of a staged window; those of earlier releases are not.
bool is_in_order(const arrow::Table& rows, const config::Table& table) {
  constexpr std::int64_t kStepRows = 8'192;
  std::string last;
  for (std::int64_t begin = 0; begin < rows.num_rows(); begin += kStepRows) {
    const auto keys = columnar::KeyColumn::encode_in_partitions(*rows.Slice(begin, kStepRows),
                                                                table.partition_by, table.key);
    for (std::int64_t row = 0; row < keys.size(); ++row) {
      if (keys.at(row) < last) return false;
      last = keys.at(row);
    }
  }
  return true;
}

struct Rows {
  std::shared_ptr<arrow::Table> rows;  // in the order of a staged window
  bool is_on_disk = false;
};

Result<Rows> rows_of(const StagedWindow& window, const config::Table& table) {
  if (window.rows != nullptr) {
    const auto found = window.rows->find(table.name);
    if (found != window.rows->end()) {
      assert(found->second->schema()->Equals(*columnar::arrow_schema(table.schema()), false));
      return Rows{found->second};
    }
  }
  GrowingRows growing(window.store, table.schema(), window.memory_bytes / kRowsShare);
  TRY(read_files(window, state::window_folder(window.manifest.run_id, table.name) + "/part-",
                 table.schema(),
                 [&](std::shared_ptr<arrow::Table> part) { return growing.add(std::move(part)); }));
  Rows read;
  read.is_on_disk = growing.is_on_disk();
  TRY(read.rows, std::move(growing).finish());
  if (!is_in_order(*read.rows, table)) {
    const auto order =
        columnar::KeyColumn::encode_in_partitions(*read.rows, table.partition_by, table.key)
            .order();
    read.rows = columnar::take_rows(*read.rows, order);
  }
  return read;
}

}  // namespace

StagedTable::StagedTable(std::shared_ptr<arrow::Table> rows, const std::vector<std::string>& key,
                         state::TableCounts counts)
    : rows_(std::move(rows)), key_rows_(*rows_, key), counts_(std::move(counts)) {}

Result<std::unique_ptr<StagedTable>> StagedTable::load(const StagedWindow& window,
                                                       const config::Table& table,
                                                       state::TableCounts counts) {
  const auto folder = state::window_folder(window.manifest.run_id, table.name);
  TRY(auto read, rows_of(window, table));
  auto& [rows, is_on_disk] = read;
  if (rows->num_rows() >= std::int64_t{std::numeric_limits<std::uint32_t>::max()}) {
    return base::permanent("a window of 4,294,967,295 rows or more")
        .with_remedy("Load it in shorter windows, with --start-date and --end-date.");
  }
  auto staged =
      std::unique_ptr<StagedTable>(new StagedTable(std::move(rows), table.key, std::move(counts)));
  if (is_on_disk) staged->spills_to_ = &window.store;
  TRY(staged->rejected_, read_keys(window, folder + "/rejected_keys", table));
  TRY(staged->asked_, read_keys(window, folder + "/asked_keys", table));
  return staged;
}

bool StagedTable::was_rejected(std::string_view key) const {
  return rejected_.find(key) != rejected_.end();
}

bool StagedTable::is_older(std::string_view key) const { return older_.find(key) != older_.end(); }

Result<std::unique_ptr<StagedTable>> StagedTable::without(const std::vector<std::int64_t>& rows,
                                                          const config::Table& table) const {
  std::vector<std::int64_t> kept;
  std::size_t next = 0;
  for (std::int64_t row = 0; row < rows_->num_rows(); ++row) {
    const bool goes = next < rows.size() && rows[next] == row;
    if (goes) ++next;
    if (!goes) kept.push_back(row);
  }
  std::shared_ptr<arrow::Table> remaining;
  if (spills_to_ == nullptr) {
    remaining = columnar::take_rows(*rows_, kept);
  } else {
    TRY(remaining, columnar::spill_rows(*spills_to_, *rows_, kept));
  }
  auto counts = counts_;
  counts.older += static_cast<std::int64_t>(rows.size());
  auto staged = std::unique_ptr<StagedTable>(
      new StagedTable(std::move(remaining), table.key, std::move(counts)));
  staged->rejected_ = rejected_;
  staged->asked_ = asked_;
  staged->spills_to_ = spills_to_;
  if (!table.parent) {
    const columnar::KeyReader reader(*rows_, table.key);
    std::string key;
    for (const auto row : rows) {
      reader.read(row, &key);
      staged->older_.insert(key);
    }
  }
  return staged;
}

bool StagedTable::was_asked(std::string_view key) const { return asked_.find(key) != asked_.end(); }

}  // namespace ashore::merge
