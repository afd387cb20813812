// Keeps the digest of the rows beside them, so that damage is a miss and not a wrong row.
#include "delta/handover.h"

#include <arrow/api.h>

#include <cassert>
#include <utility>

#include "base/digest.h"
#include "columnar/arrow_schema.h"
#include "columnar/row_file.h"
#include "delta/json_fields.h"
#include "delta/rows.h"
#include "json/text.h"
#include "state/run_folder.h"

namespace ashore::delta {

namespace {

using base::Result;
using base::Status;

constexpr std::string_view kFormat = "ashore.handover/1";

std::string folder_of(const std::string& run_id) { return state::run_file(run_id, "handover"); }
std::string rows_path(const std::string& run_id, const std::string& table) {
  return folder_of(run_id) + "/" + table + ".arrow";
}
std::string description_path(const std::string& run_id, const std::string& table) {
  return folder_of(run_id) + "/" + table + ".json";
}

std::string description(const std::vector<AddFile>& files, const std::string& rows_sha256) {
  std::string json;
  json::ObjectWriter writer(&json);
  writer.text("format", kFormat);
  writer.text("sha256", rows_sha256);
  auto* const list = writer.field("files");
  *list += '[';
  for (std::size_t index = 0; index < files.size(); ++index) {
    if (index > 0) *list += ',';
    json::ObjectWriter file(list);
    file.text("path", files[index].path);
    file.number("rows", files[index].rows);
    file.close();
  }
  *list += ']';
  writer.close();
  return json + "\n";
}

struct Description {
  std::string sha256;
  std::map<std::string, Handover::Place> places;
  std::int64_t rows = 0;
};

Result<Description> parse_description(const std::string& text) {
  simdjson::dom::parser parser;
  JsonElement json;
  if (parser.parse(text).get(json) != simdjson::SUCCESS) return base::permanent("not JSON");
  TRY(const auto format, text_field(json, "format"));
  if (format != kFormat) return base::permanent("another format: " + format);
  Description found;
  TRY(found.sha256, text_field(json, "sha256"));
  TRY(const auto files, array_field(json, "files"));
  for (const auto file : files) {
    TRY(const auto path, text_field(file, "path"));
    TRY(const auto rows, integer_field(file, "rows"));
    if (rows < 0) return base::permanent("a negative number of rows");
    found.places[path] = {.first_row = found.rows, .rows = rows};
    found.rows += rows;
  }
  return found;
}

}  // namespace

std::optional<Handover::Place> Handover::find(const AddFile& file) const {
  const auto found = places_.find(file.path);
  // A path that has no digest may have been written anew by another program.
  if (found == places_.end() || digest_in_name(file.path).empty()) return std::nullopt;
  if (found->second.rows != file.rows) return std::nullopt;
  return found->second;
}

std::shared_ptr<arrow::Table> Handover::slice(const Place& place,
                                              const std::vector<std::string>& columns) const {
  std::vector<int> indexes;
  for (const auto& name : columns) {
    indexes.push_back(rows_->schema()->GetFieldIndex(name));
    assert(indexes.back() >= 0);
  }
  return rows_->SelectColumns(indexes).ValueOrDie()->Slice(place.first_row, place.rows);
}

Status write_handover(io::ObjectStore& store, const std::string& run_id, const std::string& table,
                      const std::vector<AddFile>& files, const arrow::Table& rows) {
  TRY(const auto bytes, columnar::encode_rows(rows));
  TRY(store.write(rows_path(run_id, table), bytes));
  // Last: without it the rows do not count.
  return store.write(description_path(run_id, table),
                     description(files, base::to_hex(base::sha256(bytes))));
}

Result<std::optional<Handover>> read_handover(io::ObjectStore& store, const std::string& run_id,
                                              const std::string& table, const base::Schema& schema,
                                              std::int64_t bytes_max) {
  const auto none = std::optional<Handover>();
  for (const auto& path : {description_path(run_id, table), rows_path(run_id, table)}) {
    TRY(const auto info, store.stat(path));
    if (!info || info->bytes > bytes_max) return none;
  }
  TRY(const auto text, store.read(description_path(run_id, table)));
  auto described = parse_description(text);
  if (!described.ok()) return none;
  TRY(auto bytes, store.read(rows_path(run_id, table)));
  if (base::to_hex(base::sha256(bytes)) != described.value().sha256) return none;
  auto rows = columnar::decode_rows(std::move(bytes));
  if (!rows.ok() || rows.value()->num_rows() != described.value().rows) return none;
  // A json column is one of texts.
  const auto wanted = columnar::arrow_schema(schema);
  for (const auto& field : wanted->fields()) {
    const auto held = rows.value()->schema()->GetFieldByName(field->name());
    if (held == nullptr || !held->type()->Equals(field->type())) return none;
  }
  return std::optional(Handover(std::move(rows).value(), std::move(described.value().places)));
}

Status remove_handover(io::ObjectStore& store, const std::string& run_id) {
  return store.remove_folder(folder_of(run_id));
}

}  // namespace ashore::delta
