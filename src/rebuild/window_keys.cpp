// Reads the key columns of staged windows and tables.
#include "rebuild/window_keys.h"

#include <arrow/api.h>

#include "columnar/keys.h"
#include "columnar/parquet_file.h"
#include "delta/rows.h"
#include "delta/snapshot.h"
#include "state/run_folder.h"

namespace ashore::rebuild {

namespace {

using base::Result;
using base::Status;

base::Schema key_schema(const config::Table& table) {
  base::Schema schema;
  for (const auto& name : table.key) {
    schema.fields.push_back({name, table.column(name).type, false});
  }
  return schema;
}

std::string text_of(const arrow::Table& rows, std::int64_t row) {
  std::string text;
  for (const auto& column : rows.columns()) {
    const auto value = column->GetScalar(row);
    text += (text.empty() ? "" : ", ") + (value.ok() ? (*value)->ToString() : "?");
  }
  return text;
}

void visit_rows(const arrow::Table& rows, const config::Table& table, const KeyVisitor& visit) {
  const auto keys = columnar::KeyColumn::encode(rows, table.key);
  for (std::int64_t row = 0; row < keys.size(); ++row) {
    visit(keys.at(row), [&] { return text_of(rows, row); });
  }
}

}  // namespace

Status visit_window(io::ObjectStore& store, const std::string& run_id, const config::Table& table,
                    const KeyVisitor& visit) {
  const auto folder = state::window_folder(run_id, table.name);
  TRY(const auto names, store.list_names(folder));
  for (const auto& name : names) {
    if (!name.starts_with("part-")) continue;
    TRY(const auto rows,
        columnar::read_parquet(store, folder + "/" + name, key_schema(table), table.key));
    visit_rows(*rows, table, visit);
  }
  return {};
}

Result<KeySet> table_keys(io::ObjectStore& store, const config::Table& table) {
  KeySet keys;
  const auto folder = state::table_folder(table.name);
  TRY(const auto snapshot, delta::read_snapshot(store, folder));
  if (!snapshot) return keys;
  for (const auto& file : snapshot->files) {
    TRY(const auto rows,
        delta::read_rows(store, folder + "/" + file.path, file, snapshot->schema, table.key));
    visit_rows(*rows, table, [&](std::string_view key, const auto&) { keys.emplace(key); });
  }
  return keys;
}

}  // namespace ashore::rebuild
