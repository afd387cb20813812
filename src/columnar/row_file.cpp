// Reads Arrow's IPC file format: the arrays' own memory, so reading copies nothing.
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

// The whole file; slices of it keep it.
class FileBuffer final : public arrow::Buffer {
 public:
  explicit FileBuffer(std::shared_ptr<io::MappedBytes> file)
      : arrow::Buffer(file->bytes()), file_(std::move(file)) {}

 private:
  std::shared_ptr<io::MappedBytes> file_;
};

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

base::Result<std::shared_ptr<arrow::Table>> read_row_file(std::shared_ptr<io::MappedBytes> file) {
  auto table = decode(std::make_shared<FileBuffer>(std::move(file)));
  if (!table.ok()) return base::permanent("not rows: " + table.status().message());
  return table.MoveValueUnsafe();
}

}  // namespace ashore::columnar
