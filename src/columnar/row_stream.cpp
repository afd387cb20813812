// Writes by Arrow's own writers of its IPC formats.
#include "columnar/row_stream.h"

#include <arrow/api.h>
#include <arrow/ipc/api.h>

#include <string_view>
#include <utility>

namespace ashore::columnar {

using base::Result;
using base::Status;

class RowStream::Writer {
 public:
  explicit Writer(TakeBytes take) : output_(std::make_shared<ByteOutput>(std::move(take))) {}

  Status open(const std::shared_ptr<arrow::Schema>& schema, RowFormat format) {
    auto writer = format == RowFormat::kFile ? arrow::ipc::MakeFileWriter(output_, schema)
                                             : arrow::ipc::MakeStreamWriter(output_, schema);
    if (!writer.ok()) return output_->status_of(writer.status(), kStep);
    writer_ = writer.MoveValueUnsafe();
    return {};
  }
  Status write(const arrow::Table& rows) {
    return output_->status_of(writer_->WriteTable(rows), kStep);
  }
  Status close() { return output_->status_of(writer_->Close(), kStep); }

 private:
  static constexpr std::string_view kStep = "write rows";

  std::shared_ptr<ByteOutput> output_;
  std::shared_ptr<arrow::ipc::RecordBatchWriter> writer_;
};

RowStream::RowStream(std::unique_ptr<Writer> writer) : writer_(std::move(writer)) {}
RowStream::~RowStream() = default;

Result<std::unique_ptr<RowStream>> RowStream::open(const std::shared_ptr<arrow::Schema>& schema,
                                                   TakeBytes take, RowFormat format) {
  auto writer = std::make_unique<Writer>(std::move(take));
  TRY(writer->open(schema, format));
  return std::unique_ptr<RowStream>(new RowStream(std::move(writer)));
}

Status RowStream::write(const arrow::Table& rows) { return writer_->write(rows); }
Status RowStream::close() { return writer_->close(); }

}  // namespace ashore::columnar
