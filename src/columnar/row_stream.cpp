// Adapts a taker of bytes to Arrow's output stream, and keeps its error, which Arrow's status
// cannot hold.
#include "columnar/row_stream.h"

#include <arrow/api.h>
#include <arrow/io/interfaces.h>
#include <arrow/ipc/api.h>

#include <cstdint>
#include <optional>
#include <utility>

#include "columnar/arrow_schema.h"

namespace ashore::columnar {

using base::Result;
using base::Status;

class RowStream::Output final : public arrow::io::OutputStream {
 public:
  explicit Output(TakeBytes take) : take_(std::move(take)) { set_mode(arrow::io::FileMode::WRITE); }

  arrow::Status Write(const void* data, std::int64_t bytes) override {
    const auto taken = take_({static_cast<const char*>(data), static_cast<std::size_t>(bytes)});
    if (taken.ok()) {
      written_ += bytes;
      return arrow::Status::OK();
    }
    failure_ = taken.error();
    return arrow::Status::IOError(failure_->message());
  }
  arrow::Status Close() override {
    is_closed_ = true;
    return arrow::Status::OK();
  }
  arrow::Result<std::int64_t> Tell() const override { return written_; }
  bool closed() const override { return is_closed_; }

  // The taker's error where it had one, else what Arrow says.
  [[nodiscard]] Status status_of(const arrow::Status& status) const {
    if (status.ok()) return {};
    return failure_ ? *failure_ : arrow_error(status, "write rows");
  }

 private:
  TakeBytes take_;
  std::int64_t written_ = 0;
  bool is_closed_ = false;
  std::optional<base::Error> failure_;
};

class RowStream::Writer {
 public:
  explicit Writer(TakeBytes take) : output_(std::make_shared<Output>(std::move(take))) {}

  Status open(const std::shared_ptr<arrow::Schema>& schema, RowFormat format) {
    auto writer = format == RowFormat::kFile ? arrow::ipc::MakeFileWriter(output_, schema)
                                             : arrow::ipc::MakeStreamWriter(output_, schema);
    if (!writer.ok()) return output_->status_of(writer.status());
    writer_ = writer.MoveValueUnsafe();
    return {};
  }
  Status write(const arrow::Table& rows) { return output_->status_of(writer_->WriteTable(rows)); }
  Status close() { return output_->status_of(writer_->Close()); }

 private:
  std::shared_ptr<Output> output_;
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
