// Keeps the digest of the rows beside them, as a handover does.
#include "delta/changed_rows.h"

#include <arrow/api.h>

#include <cassert>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/digest.h"
#include "columnar/arrow_schema.h"
#include "columnar/row_file.h"
#include "columnar/row_stream.h"
#include "delta/handover.h"

namespace ashore::delta {

namespace {

using base::Result;
using base::Status;
using Json = nlohmann::ordered_json;

constexpr const char* kFormat = "ashore.changes/1";

std::string path_of(const std::string& run_id, const std::string& table, std::string_view ending) {
  return handover_folder(run_id) + "/" + table + ".changes." + std::string(ending);
}

struct Description {
  std::string sha256;
  std::string table_id;
  std::int64_t base_version = -1;
  std::int64_t upserted = 0;
  std::int64_t deleted = 0;
};

std::optional<Description> parse_description(const std::string& text) {
  const auto json = Json::parse(text, nullptr, false);
  try {
    if (json.at("format") != kFormat) return std::nullopt;
    return Description{json.at("sha256").get<std::string>(), json.at("table_id").get<std::string>(),
                       json.at("base_version").get<std::int64_t>(),
                       json.at("upserted").get<std::int64_t>(),
                       json.at("deleted").get<std::int64_t>()};
  } catch (const Json::exception&) {
    return std::nullopt;
  }
}

// A json column is one of texts.
bool has_columns(const arrow::Schema& held, const base::Schema& schema) {
  const auto wanted = columnar::arrow_schema(schema);
  if (held.num_fields() != wanted->num_fields() + 1) return false;
  for (int index = 0; index < wanted->num_fields(); ++index) {
    const auto& field = *wanted->field(index);
    const bool is_same = held.field(index)->name() == field.name() &&
                         held.field(index)->type()->Equals(field.type());
    if (!is_same) return false;
  }
  return held.fields().back()->name() == kChangeColumn;
}

}  // namespace

Status write_changed_rows(io::ObjectStore& store, const std::string& run_id,
                          const ChangedRows& changes) {
  assert(changes.upserted <= changes.rows->num_rows() && changes.base_version >= 0);
  std::string bytes;
  TRY(const auto stream, columnar::RowStream::open(
                             changes.rows->schema(),
                             [&](std::string_view some) -> Status {
                               bytes += some;
                               return {};
                             },
                             columnar::RowFormat::kFile));
  TRY(stream->write(*changes.rows));
  TRY(stream->close());
  const Json json = {{"format", kFormat},
                     {"sha256", base::to_hex(base::sha256(bytes))},
                     {"table_id", changes.table_id},
                     {"base_version", changes.base_version},
                     {"upserted", changes.upserted},
                     {"deleted", changes.rows->num_rows() - changes.upserted}};
  TRY(store.write(path_of(run_id, changes.table, "arrow"), bytes));
  // Last: without it the rows do not count.
  return store.write(path_of(run_id, changes.table, "json"), json.dump() + "\n");
}

Result<std::optional<ChangedRows>> read_changed_rows(io::ObjectStore& store,
                                                     const ChangesWanted& wanted) {
  const auto none = std::optional<ChangedRows>();
  const auto rows_path = path_of(wanted.run_id, wanted.table, "arrow");
  const auto description_path = path_of(wanted.run_id, wanted.table, "json");
  for (const auto& path : {description_path, rows_path}) {
    TRY(const auto info, store.stat(path));
    if (!info) return none;
  }
  TRY(const auto text, store.read(description_path));
  const auto described = parse_description(text);
  if (!described || described->table_id != wanted.table_id ||
      described->base_version + 1 != wanted.version) {
    return none;
  }
  TRY(std::shared_ptr<io::MappedBytes> file, store.map(rows_path));
  if (base::to_hex(base::sha256(file->bytes())) != described->sha256) return none;
  auto rows = columnar::read_row_file(std::move(file));
  if (!rows.ok() || !has_columns(*rows.value()->schema(), wanted.schema)) return none;
  if (rows.value()->num_rows() != described->upserted + described->deleted) return none;
  return std::optional(ChangedRows{wanted.table, wanted.table_id, described->base_version,
                                   std::move(rows).value(), described->upserted});
}

}  // namespace ashore::delta
