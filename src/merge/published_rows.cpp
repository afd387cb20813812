// Decides about published rows by their key columns only.
#include "merge/published_rows.h"

#include <arrow/api.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "columnar/arrow_schema.h"
#include "delta/rows.h"

namespace ashore::merge {

namespace {

using base::Result;
using base::Status;

// The instants by which rows lie in a window, for all rows of a file; nothing where the row has
// none: such a row cannot be said to lie in it.
std::vector<std::optional<base::Timestamp>> instants(const arrow::ChunkedArray& column) {
  std::vector<std::optional<base::Timestamp>> result;
  result.reserve(static_cast<std::size_t>(column.length()));
  for (const auto& chunk : column.chunks()) {
    for (std::int64_t row = 0; row < chunk->length(); ++row) {
      if (chunk->IsNull(row)) {
        result.emplace_back();
      } else if (chunk->type_id() == arrow::Type::DATE32) {
        const auto days = static_cast<const arrow::Date32Array&>(*chunk).Value(row);
        result.emplace_back(base::Timestamp(std::chrono::days(days)));
      } else {
        const auto micros = static_cast<const arrow::TimestampArray&>(*chunk).Value(row);
        result.emplace_back(base::timestamp_of_micros(micros));
      }
    }
  }
  return result;
}

// One published file's keys, its ancestors' keys and window instants.
struct FileKeys {
  columnar::KeyColumn own;
  std::vector<columnar::KeyColumn> ancestors;            // as in Lineage::ancestors
  std::vector<std::optional<base::Timestamp>> instants;  // empty: every row lies in the window
  std::shared_ptr<arrow::ChunkedArray> ids;              // null unless rows are asked for
};

// What decisions look at in a file.
std::vector<std::string> columns_of(const Lineage& lineage) {
  std::vector<std::string> columns = lineage.table->key;
  if (lineage.window_column &&
      std::ranges::find(columns, *lineage.window_column) == columns.end()) {
    columns.push_back(*lineage.window_column);
  }
  return columns;
}

FileKeys keys_of(const arrow::Table& rows, const Lineage& lineage) {
  FileKeys keys{columnar::KeyColumn::encode(rows, lineage.table->key), {}, {}, {}};
  for (const auto& ancestor : lineage.ancestors) {
    keys.ancestors.push_back(columnar::KeyColumn::encode(rows, ancestor.key_columns));
  }
  if (lineage.window_column) {
    keys.instants = instants(*rows.GetColumnByName(*lineage.window_column));
  }
  if (lineage.asked_by) keys.ids = rows.GetColumnByName(*lineage.asked_by);
  return keys;
}

// A row's id as a lookup asks for it. The reader of the pipeline file let string and integers pass.
Result<std::string> id_text(const arrow::ChunkedArray& ids, std::int64_t row) {
  const auto id = ids.GetScalar(row);
  if (!id.ok()) return columnar::arrow_error(id.status(), "read the id of a missing row");
  if ((*id)->type->id() != arrow::Type::STRING) return (*id)->ToString();
  return static_cast<const arrow::StringScalar&>(**id).value->ToString();
}

// Some row on the way from the item to this one was rejected, or its key could not be read, so that
// nobody can say whether this row is gone.
bool is_in_doubt(const Lineage& lineage, const FileKeys& keys, std::int64_t row) {
  if (lineage.staged->counts().unreadable_keys > 0) return true;
  for (std::size_t index = 0; index < lineage.ancestors.size(); ++index) {
    const auto& staged = *lineage.ancestors[index].staged;
    if (staged.counts().unreadable_keys > 0) return true;
    const auto key = keys.ancestors[index].at(row);
    if (staged.row_of(key) < 0 && staged.was_rejected(key)) return true;
  }
  return false;
}

void decide_child(const Lineage& lineage, const FileKeys& keys, std::int64_t row,
                  const KeySet& deleted_items, FileOutcome* file_outcome) {
  const auto item_key = keys.ancestors.back().at(row);
  if (deleted_items.find(item_key) != deleted_items.end()) {
    ++file_outcome->deleted;
    file_outcome->removed.push_back(row);
  } else if (lineage.ancestors.back().staged->row_of(item_key) >= 0) {
    if (is_in_doubt(lineage, keys, row)) {
      ++file_outcome->stale;
    } else {
      ++file_outcome->replaced;
      file_outcome->removed.push_back(row);
    }
  }
}

Status decide_item(const Lineage& lineage, const FileKeys& keys, std::int64_t row,
                   FileOutcome* file_outcome) {
  if (!lineage.can_be_missing || lineage.staged->counts().unreadable_keys > 0) return {};
  if (lineage.window_column) {
    const auto& instant = keys.instants[static_cast<std::size_t>(row)];
    if (!instant || !lineage.window.contains(*instant)) return {};
  }
  ++file_outcome->missing;
  const bool was_asked = lineage.staged->was_asked(keys.own.at(row));
  if (lineage.asked_by && !was_asked) {
    TRY(auto id, id_text(*keys.ids, row));
    file_outcome->pending.push_back(std::move(id));
  } else if (was_asked || lineage.table->missing == config::Missing::kDelete) {
    ++file_outcome->deleted;
    file_outcome->removed.push_back(row);
    file_outcome->deleted_items.emplace_back(keys.own.at(row));
  }
  return {};
}

// Decides about the rows of which these are the keys; the first is row `first_row` of the file.
Status decide_rows(const Lineage& lineage, const FileKeys& keys, std::int64_t first_row,
                   const KeySet& deleted_items, FileOutcome* file_outcome) {
  const auto removed_before = file_outcome->removed.size();
  for (std::int64_t row = 0; row < keys.own.size(); ++row) {
    const auto key = keys.own.at(row);
    const auto staged_row = lineage.staged->row_of(key);
    if (staged_row >= 0) {
      file_outcome->matches.push_back({first_row + row, staged_row});
    } else if (lineage.staged->is_older(key)) {
      continue;  // the newer row stays, and what belongs to it
    } else if (lineage.staged->was_rejected(key)) {
      ++file_outcome->stale;
    } else if (lineage.ancestors.empty()) {
      TRY(decide_item(lineage, keys, row, file_outcome));
    } else {
      decide_child(lineage, keys, row, deleted_items, file_outcome);
    }
  }
  for (auto index = removed_before; index < file_outcome->removed.size(); ++index) {
    file_outcome->removed[index] += first_row;
  }
  return {};
}

}  // namespace

Result<FileOutcome> decide_file(io::ObjectStore& store, const VersionFile& published,
                                const Lineage& lineage, const KeySet& deleted_items) {
  const auto path = published.table_folder + "/" + published.file.path;
  FileOutcome file_outcome;
  TRY(delta::visit_rows(store, {path, published.file, published.schema}, columns_of(lineage),
                        [&](const std::shared_ptr<arrow::Table>& rows, std::int64_t first_row) {
                          return decide_rows(lineage, keys_of(*rows, lineage), first_row,
                                             deleted_items, &file_outcome);
                        }));
  return file_outcome;
}

}  // namespace ashore::merge
