// Writes and reads Arrow's IPC file format: the arrays' own memory, so reading copies nothing.
#include "columnar/row_file.h"

#include <arrow/api.h>
#include <arrow/io/memory.h>
#include <arrow/ipc/api.h>

#include <cstdint>
#include <utility>
#include <vector>

#include "columnar/arrow_schema.h"

namespace ashore::columnar {

namespace {

constexpr std::int64_t kBatchRows = 65'536;

arrow::Result<std::shared_ptr<arrow::Buffer>> encode(const arrow::Table& rows) {
  ARROW_ASSIGN_OR_RAISE(auto sink, arrow::io::BufferOutputStream::Create());
  ARROW_ASSIGN_OR_RAISE(auto writer, arrow::ipc::MakeFileWriter(sink, rows.schema()));
  ARROW_RETURN_NOT_OK(writer->WriteTable(rows, kBatchRows));
  ARROW_RETURN_NOT_OK(writer->Close());
  return sink->Finish();
}

arrow::Result<std::shared_ptr<arrow::Table>> decode(const std::shared_ptr<arrow::Buffer>& bytes) {
  const auto source = std::make_shared<arrow::io::BufferReader>(bytes);
  ARROW_ASSIGN_OR_RAISE(auto reader, arrow::ipc::RecordBatchFileReader::Open(source));
  std::vector<std::shared_ptr<arrow::RecordBatch>> batches;
  for (int index = 0; index < reader->num_record_batches(); ++index) {
    ARROW_ASSIGN_OR_RAISE(auto batch, reader->ReadRecordBatch(index));
    // Lengths and offsets inside the arrays: the file may have been damaged.
    ARROW_RETURN_NOT_OK(batch->Validate());
    batches.push_back(std::move(batch));
  }
  return arrow::Table::FromRecordBatches(reader->schema(), batches);
}

}  // namespace

base::Result<std::string> encode_rows(const arrow::Table& rows) {
  const auto bytes = encode(rows);
  if (!bytes.ok()) return arrow_error(bytes.status(), "encode rows");
  return (*bytes)->ToString();
}

base::Result<std::shared_ptr<arrow::Table>> decode_rows(std::string bytes) {
  auto table = decode(arrow::Buffer::FromString(std::move(bytes)));
  if (!table.ok()) return base::permanent("not rows: " + table.status().message());
  return table.MoveValueUnsafe();
}

}  // namespace ashore::columnar
