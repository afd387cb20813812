// Keeps the digest of the rows beside them, so that damage is a miss and not a wrong row.
#include "delta/handover.h"

#include <arrow/api.h>

#include <cassert>
#include <numeric>
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
// What a reader is given at once.
constexpr std::int64_t kBatchRows = 65'536;

std::string rows_path(const std::string& run_id, const std::string& table) {
  return handover_folder(run_id) + "/" + table + ".arrow";
}
std::string description_path(const std::string& run_id, const std::string& table) {
  return handover_folder(run_id) + "/" + table + ".json";
}

std::string description(const std::vector<HandedFile>& files, const std::string& rows_sha256) {
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

HandoverWriter::HandoverWriter(io::ObjectStore& store, const base::Schema& schema,
                               std::size_t bytes_max)
    : store_(store),
      schema_(columnar::arrow_schema(schema)),
      bytes_(std::make_unique<io::SpillBuffer>(store, bytes_max)),
      digest_(std::make_unique<base::Sha256Stream>()) {}

Result<HandoverWriter> HandoverWriter::open(io::ObjectStore& store, const base::Schema& schema,
                                            std::size_t bytes_max) {
  HandoverWriter writer(store, schema, bytes_max);
  const auto take = [bytes = writer.bytes_.get(),
                     digest = writer.digest_.get()](std::string_view some) -> Status {
    digest->update(some);
    return bytes->append(some);
  };
  TRY(writer.stream_, columnar::RowStream::open(writer.schema_, take, columnar::RowFormat::kFile));
  return writer;
}

Status HandoverWriter::append(const std::shared_ptr<arrow::Table>& rows) {
  std::vector<int> indexes;
  for (const auto& field : schema_->fields()) {
    indexes.push_back(rows->schema()->GetFieldIndex(field->name()));
    assert(indexes.back() >= 0);
  }
  for (std::int64_t row = 0; row < rows->num_rows(); row += kBatchRows) {
    const auto some = rows->Slice(row, kBatchRows);
    std::vector<std::shared_ptr<arrow::ChunkedArray>> columns;
    for (const int index : indexes) columns.push_back(some->column(index));
    pending_rows_ += some->num_rows();
    // Columns of differing nullability are one schema here.
    pending_.push_back(arrow::Table::Make(schema_, std::move(columns), some->num_rows()));
    if (pending_rows_ >= kBatchRows) TRY(write_pending());
  }
  return {};
}

Status HandoverWriter::write_pending() {
  if (pending_.empty()) return {};
  rows_ += pending_rows_;
  const auto joined = arrow::ConcatenateTables(pending_);
  if (!joined.ok()) return columnar::arrow_error(joined.status(), "hand rows over");
  const auto whole = (*joined)->CombineChunks();
  if (!whole.ok()) return columnar::arrow_error(whole.status(), "hand rows over");
  pending_.clear();
  pending_rows_ = 0;
  return stream_->write(**whole);
}

Status HandoverWriter::finish(const std::string& run_id, const std::string& table,
                              const std::vector<HandedFile>& files) {
  TRY(write_pending());
  TRY(stream_->close());
  assert(rows_ ==
         std::accumulate(files.begin(), files.end(), std::int64_t{0},
                         [](std::int64_t sum, const HandedFile& file) { return sum + file.rows; }));
  TRY(const auto bytes, bytes_->finish());
  TRY(store_.write(rows_path(run_id, table), bytes));
  // Last: without it the rows do not count.
  return store_.write(description_path(run_id, table),
                      description(files, base::to_hex(std::move(*digest_).finish())));
}

Result<std::optional<Handover>> read_handover(io::ObjectStore& store, const std::string& run_id,
                                              const std::string& table, const base::Schema& schema,
                                              HandoverBytes bytes) {
  const auto none = std::optional<Handover>();
  for (const auto& path : {description_path(run_id, table), rows_path(run_id, table)}) {
    TRY(const auto info, store.stat(path));
    if (!info) return none;
  }
  TRY(const auto text, store.read(description_path(run_id, table)));
  auto described = parse_description(text);
  if (!described.ok()) return none;
  TRY(std::shared_ptr<io::MappedBytes> file, store.map(rows_path(run_id, table)));
  const bool is_whole = bytes == HandoverBytes::kWrittenHere ||
                        base::to_hex(base::sha256(file->bytes())) == described.value().sha256;
  if (!is_whole) return none;
  auto rows = columnar::read_row_file(std::move(file));
  if (!rows.ok() || rows.value()->num_rows() != described.value().rows) return none;
  // A json column is one of texts.
  const auto wanted = columnar::arrow_schema(schema);
  for (const auto& field : wanted->fields()) {
    const auto held = rows.value()->schema()->GetFieldByName(field->name());
    if (held == nullptr || !held->type()->Equals(field->type())) return none;
  }
  return std::optional(Handover(std::move(rows).value(), std::move(described.value().places)));
}

std::string handover_folder(const std::string& run_id) {
  return state::run_file(run_id, "handover");
}

Status remove_handover(io::ObjectStore& store, const std::string& run_id) {
  return store.remove_folder(handover_folder(run_id));
}

}  // namespace ashore::delta
