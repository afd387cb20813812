// Reads the mapped file as Arrow's own stream reader does: its arrays are slices of the mapping.
#include "columnar/spilled_rows.h"

#include <arrow/api.h>
#include <arrow/io/memory.h>
#include <arrow/ipc/api.h>

#include <algorithm>
#include <string_view>
#include <utility>

#include "columnar/arrow_schema.h"
#include "columnar/keys.h"

namespace ashore::columnar {

namespace {

using base::Result;
using base::Status;

// A batch is what a reader of the rows has in its caches at once.
constexpr std::int64_t kBatchRows = 65'536;
// Rows that are gathered at once take about so many bytes.
constexpr std::int64_t kTakenBytes = std::int64_t{8} << 20;

std::size_t rows_taken(const arrow::Table& rows) {
  const auto row_bytes = bytes_of(rows) / std::max<std::int64_t>(rows.num_rows(), 1) + 1;
  return static_cast<std::size_t>(std::clamp<std::int64_t>(kTakenBytes / row_bytes, 1, kBatchRows));
}

// The whole file; slices of it keep it.
class MappedFile final : public arrow::Buffer {
 public:
  MappedFile(std::shared_ptr<io::SpillFile> file, std::string_view bytes)
      : arrow::Buffer(bytes), file_(std::move(file)) {}

 private:
  std::shared_ptr<io::SpillFile> file_;
};

arrow::Result<std::shared_ptr<arrow::Table>> read(const std::shared_ptr<arrow::Buffer>& bytes) {
  const auto source = std::make_shared<arrow::io::BufferReader>(bytes);
  ARROW_ASSIGN_OR_RAISE(auto reader, arrow::ipc::RecordBatchStreamReader::Open(source));
  return reader->ToTable();
}

}  // namespace

SpilledRows::SpilledRows(std::shared_ptr<io::SpillFile> file, std::shared_ptr<arrow::Schema> schema,
                         std::unique_ptr<RowStream> stream)
    : file_(std::move(file)), schema_(std::move(schema)), stream_(std::move(stream)) {}

Result<SpilledRows> SpilledRows::open(io::ObjectStore& store,
                                      const std::shared_ptr<arrow::Schema>& schema) {
  TRY(auto made, store.spill());
  std::shared_ptr<io::SpillFile> file = std::move(made);
  TRY(auto stream,
      RowStream::open(schema, [file](std::string_view bytes) { return file->append(bytes); }));
  return SpilledRows(std::move(file), schema, std::move(stream));
}

Status SpilledRows::append(const arrow::Table& rows) {
  for (std::int64_t row = 0; row < rows.num_rows(); row += kBatchRows) {
    TRY(stream_->write(*rows.Slice(row, kBatchRows)));
  }
  return {};
}

Result<std::shared_ptr<arrow::Table>> SpilledRows::finish() && {
  TRY(stream_->close());
  stream_.reset();
  TRY(const auto bytes, file_->map());
  auto table = read(std::make_shared<MappedFile>(std::move(file_), bytes));
  if (!table.ok()) return arrow_error(table.status(), "read spilled rows");
  return table.MoveValueUnsafe();
}

Result<std::shared_ptr<arrow::Table>> spill_rows(io::ObjectStore& store, const arrow::Table& rows) {
  TRY(auto spilled, SpilledRows::open(store, rows.schema()));
  TRY(spilled.append(rows));
  return std::move(spilled).finish();
}

Result<std::shared_ptr<arrow::Table>> spill_rows(io::ObjectStore& store, const arrow::Table& rows,
                                                 std::span<const std::int64_t> order) {
  TRY(auto spilled, SpilledRows::open(store, rows.schema()));
  const auto step = rows_taken(rows);
  for (std::size_t row = 0; row < order.size(); row += step) {
    const auto taken = order.subspan(row, std::min(step, order.size() - row));
    // Rows one after another are taken as slices of the batches that they came in.
    const auto whole = take_rows(rows, taken)->CombineChunks();
    if (!whole.ok()) return arrow_error(whole.status(), "spill rows");
    TRY(spilled.append(**whole));
  }
  return std::move(spilled).finish();
}

std::int64_t bytes_of(const arrow::Table& rows) {
  std::int64_t bytes = 0;
  for (const auto& column : rows.columns()) {
    for (const auto& chunk : column->chunks()) {
      for (const auto& buffer : chunk->data()->buffers) {
        if (buffer != nullptr) bytes += buffer->size();
      }
    }
  }
  return bytes;
}

}  // namespace ashore::columnar
