// Reads a snapshot's files some at a time and writes them in their order.
#include "embed/published_table.h"

#include <arrow/api.h>

#include <algorithm>
#include <memory>
#include <span>
#include <string>

#include "base/parallel.h"
#include "columnar/arrow_schema.h"
#include "config/nearest_name.h"
#include "delta/rows.h"
#include "delta/snapshot.h"
#include "io/reads_at_once.h"
#include "state/run_folder.h"

namespace ashore::embed {

namespace {

using base::Result;
using base::Status;

// Read before any is written: enough to keep threads busy, little to hold.
constexpr std::size_t kFilesAtOnce = 64;

Result<delta::Snapshot> snapshot_of(const TableToWrite& request, io::ObjectStore& store) {
  TRY(auto names, store.list_names("stage"));
  std::erase_if(names, [](const std::string& name) { return name.starts_with('.'); });
  const bool is_there = std::ranges::find(names, request.table) != names.end();
  const auto folder = state::table_folder(request.table);
  if (is_there && request.version) {
    TRY(const auto newest, delta::newest_version(store, folder));
    auto snapshot = delta::read_snapshot_at(store, folder, *request.version);
    const bool is_gone = *request.version > newest ||
                         (!snapshot.ok() && snapshot.error().kind() == base::ErrorKind::kNotFound);
    if (!is_gone) return snapshot;
    return base::not_found("table '" + request.table + "' has no version " +
                           std::to_string(*request.version) + "; its newest is " +
                           std::to_string(newest))
        .with_remedy("The log may have lost older ones to a clean-up");
  }
  std::optional<delta::Snapshot> snapshot;
  if (is_there) {
    TRY(snapshot, delta::read_snapshot(store, folder));
  }
  if (snapshot) return *std::move(snapshot);
  return base::not_found("no table '" + request.table + "' is published in " +
                         store.location_of("stage"))
      .with_remedy(names.empty() ? "'ashore run' publishes one, or name another data folder"
                                 : config::suggestion(request.table, names));
}

Result<base::Schema> chosen_schema(const TableToWrite& request, const base::Schema& schema) {
  if (request.columns.empty()) return schema;
  base::Schema chosen;
  for (const auto& name : request.columns) {
    const auto index = schema.index_of(name);
    if (!index) {
      std::vector<std::string> names;
      for (const auto& field : schema.fields) names.push_back(field.name);
      return base::permanent("table '" + request.table + "' has no column '" + name + "'")
          .with_remedy(config::suggestion(name, names));
    }
    chosen.fields.push_back(schema.fields[*index]);
  }
  return chosen;
}

}  // namespace

Status write_table(const TableToWrite& request, const state::RunContext& context,
                   const columnar::TakeBytes& take) {
  auto& store = context.env.store;
  TRY(const auto snapshot, snapshot_of(request, store));
  TRY(const auto chosen, chosen_schema(request, snapshot.schema));
  const auto schema = columnar::arrow_schema(chosen);
  TRY(const auto stream, columnar::RowStream::open(schema, take));
  for (std::size_t begin = 0; begin < snapshot.files.size(); begin += kFilesAtOnce) {
    const auto count = std::min(kFilesAtOnce, snapshot.files.size() - begin);
    std::vector<std::shared_ptr<arrow::Table>> rows(count);
    const auto read = [&](std::size_t index) -> Status {
      const auto& file = snapshot.files[begin + index];
      const auto path = state::table_folder(request.table) + "/" + file.path;
      TRY(rows[index], delta::read_rows(store, path, file, snapshot.schema, request.columns));
      return {};
    };
    const auto some = std::span(snapshot.files).subspan(begin, count);
    const int at_once = io::reads_at_once(store, some, &delta::AddFile::bytes, context.threads);
    TRY(base::for_each_index(count, at_once, read, context.stop));
    for (const auto& table : rows) {
      // Files of earlier versions may say other nullability: the stream has one schema.
      TRY(stream->write(*arrow::Table::Make(schema, table->columns(), table->num_rows())));
    }
  }
  return stream->close();
}

}  // namespace ashore::embed
