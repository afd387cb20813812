// ByteOutput lets Arrow write to whoever takes bytes, and keeps the taker's error, which Arrow's
// status cannot hold.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>
#include <utility>

#include <arrow/io/interfaces.h>
#include <arrow/result.h>

#include "base/result.h"
#include "columnar/arrow_schema.h"

namespace ashore::columnar {

using TakeBytes = std::function<base::Status(std::string_view bytes)>;

// Threads: one at a time.
class ByteOutput final : public arrow::io::OutputStream {
 public:
  explicit ByteOutput(TakeBytes take) : take_(std::move(take)) {
    set_mode(arrow::io::FileMode::WRITE);
  }

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

  // The taker's error where it had one, else what Arrow says of this step.
  [[nodiscard]] base::Status status_of(const arrow::Status& status, std::string_view step) const {
    if (failure_) return *failure_;
    return status.ok() ? base::Status() : arrow_error(status, step);
  }

 private:
  TakeBytes take_;
  std::int64_t written_ = 0;
  bool is_closed_ = false;
  std::optional<base::Error> failure_;
};

}  // namespace ashore::columnar
