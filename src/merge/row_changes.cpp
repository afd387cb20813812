// Staged rows that match no published row are inserts; those that differ from it, or lie in another
// partition, are updates; published rows that go without a staged one are deletes.
#include "merge/row_changes.h"

#include <arrow/api.h>

#include <algorithm>
#include <cassert>
#include <string_view>
#include <utility>

#include "columnar/arrow_schema.h"
#include "columnar/keys.h"
#include "delta/rows.h"
#include "state/run_folder.h"

namespace ashore::merge {

namespace {

using base::Result;
using Rows = std::shared_ptr<arrow::Table>;

// Staged rows that become published rows, ascending; and which of them replace one.
struct Upserts {
  std::vector<std::int64_t> rows;
  std::vector<bool> is_update;
};

Upserts upserts_of(std::int64_t staged_rows, const Decisions& decisions) {
  std::vector<bool> is_matched(static_cast<std::size_t>(staged_rows));
  for (const auto& outcome : decisions.file_outcomes) {
    for (const auto& match : outcome.matches) {
      is_matched[static_cast<std::size_t>(match.staged_row)] = true;
    }
  }
  Upserts upserts;
  for (std::size_t index = 0; index < decisions.jobs.size(); ++index) {
    const auto& staged = decisions.jobs[index].staged;
    for (auto row = staged.first_row; row < staged.first_row + staged.rows; ++row) {
      if (!is_matched[static_cast<std::size_t>(row)]) upserts.rows.push_back(row);
    }
    const auto& updated = decisions.outcomes[index].updated_staged;
    upserts.rows.insert(upserts.rows.end(), updated.begin(), updated.end());
    for (const auto& published : decisions.jobs[index].published) {
      for (const auto& match : published.file_outcome->matches) {
        if (!staged.contains(match.staged_row)) upserts.rows.push_back(match.staged_row);
      }
    }
  }
  std::ranges::sort(upserts.rows);
  for (const auto row : upserts.rows) {
    upserts.is_update.push_back(is_matched[static_cast<std::size_t>(row)]);
  }
  return upserts;
}

std::int64_t deleted_count(const Decisions& decisions) {
  std::int64_t count = 0;
  for (const auto& outcome : decisions.file_outcomes) {
    count += static_cast<std::int64_t>(outcome.removed.size());
  }
  return count;
}

// Whether a destination that compares all rows of what is written again has not much more to do.
bool is_most(std::int64_t changed, const Decisions& decisions) {
  std::int64_t written = 0;
  for (const auto& outcome : decisions.outcomes) {
    if (outcome.add) written += outcome.add->rows;
  }
  return changed > written / 2;
}

// The columns of `keys`, and nulls for all others of the schema.
Result<Rows> with_nulls(const arrow::Table& keys, const std::shared_ptr<arrow::Schema>& schema) {
  std::vector<std::shared_ptr<arrow::ChunkedArray>> columns;
  for (const auto& field : schema->fields()) {
    auto column = keys.GetColumnByName(field->name());
    if (column == nullptr) {
      const auto nulls = arrow::MakeArrayOfNull(field->type(), keys.num_rows());
      if (!nulls.ok()) return columnar::arrow_error(nulls.status(), "list deleted rows");
      column = std::make_shared<arrow::ChunkedArray>(*nulls);
    }
    columns.push_back(std::move(column));
  }
  return arrow::Table::Make(schema, std::move(columns), keys.num_rows());
}

// The keys of the deleted rows, one table a file.
Result<std::vector<Rows>> deleted_keys(const TableInput& input, const Decisions& decisions,
                                       io::ObjectStore& store) {
  std::vector<Rows> parts;
  const auto& table = *input.lineage.table;
  const auto folder = state::table_folder(table.name);
  for (std::size_t index = 0; index < decisions.file_outcomes.size(); ++index) {
    const auto& removed = decisions.file_outcomes[index].removed;
    if (removed.empty()) continue;
    const auto& file = input.published->files[index];
    TRY(const auto keys, delta::read_rows(store, folder + "/" + file.path, file,
                                          input.published->schema, table.key));
    parts.push_back(columnar::take_rows(*keys, removed));
  }
  return parts;
}

Result<std::shared_ptr<arrow::Array>> change_column(const std::vector<bool>& is_update,
                                                    std::int64_t deleted) {
  arrow::StringBuilder builder;
  arrow::Status status;
  for (const bool update : is_update) {
    status &= builder.Append(update ? delta::kUpdate : delta::kInsert);
  }
  for (std::int64_t row = 0; row < deleted; ++row) status &= builder.Append(delta::kDelete);
  auto column = status.ok() ? builder.Finish() : status;
  if (!column.ok()) return columnar::arrow_error(column.status(), "list changed rows");
  return column.MoveValueUnsafe();
}

}  // namespace

Result<std::optional<delta::ChangedRows>> changed_rows(const TableInput& input,
                                                       const Decisions& decisions,
                                                       std::int64_t rows_max,
                                                       io::ObjectStore& store) {
  const auto none = std::optional<delta::ChangedRows>();
  if (!input.published) return none;
  const auto& staged = input.lineage.staged->rows();
  const auto upserts = upserts_of(staged.num_rows(), decisions);
  const auto deleted = deleted_count(decisions);
  const auto upserted = static_cast<std::int64_t>(upserts.rows.size());
  const auto changed = upserted + deleted;
  if (changed == 0 || changed > rows_max || is_most(changed, decisions)) return none;
  arrow::FieldVector fields;
  const auto stored = columnar::arrow_schema(input.lineage.table->schema());
  for (const auto& field : stored->fields()) {
    fields.push_back(field->WithNullable(true));
  }
  const auto schema = arrow::schema(fields);
  TRY(auto keys, deleted_keys(input, decisions, store));
  const auto taken = columnar::take_rows(staged, upserts.rows);
  std::vector<Rows> parts;
  TRY(parts.emplace_back(), with_nulls(*taken, schema));
  for (const auto& part : keys) {
    TRY(parts.emplace_back(), with_nulls(*part, schema));
  }
  const auto joined = arrow::ConcatenateTables(parts);
  if (!joined.ok()) return columnar::arrow_error(joined.status(), "list changed rows");
  TRY(const auto change, change_column(upserts.is_update, deleted));
  auto rows = (*joined)->AddColumn(
      schema->num_fields(), arrow::field(std::string(delta::kChangeColumn), arrow::utf8(), false),
      std::make_shared<arrow::ChunkedArray>(change));
  if (!rows.ok()) return columnar::arrow_error(rows.status(), "list changed rows");
  assert((*rows)->num_rows() == changed);
  return std::optional(delta::ChangedRows{input.lineage.table->name, input.published->table_id,
                                          input.published->version, rows.MoveValueUnsafe(),
                                          upserted});
}

}  // namespace ashore::merge
