// One thread reads pieces into a short queue, the other takes them out.
#include "load/file_feed.h"

#include <utility>

namespace ashore::load {

namespace {

// Of some thousand rows each: enough to keep both sides busy.
constexpr std::size_t kPiecesMax = 3;

}  // namespace

FileFeed::FileFeed(io::ObjectStore& store, const delta::DataFile& data,
                   std::vector<std::string> columns)
    : reader_([this, &store, data, columns = std::move(columns)](const std::stop_token& stop) {
        read(store, data, columns, stop);
      }) {}

FileFeed::~FileFeed() = default;

void FileFeed::read(io::ObjectStore& store, const delta::DataFile& data,
                    const std::vector<std::string>& columns, const std::stop_token& stop) {
  auto status = delta::visit_rows(
      store, data, columns,
      [&](const std::shared_ptr<arrow::Table>& rows, std::int64_t) { return give(rows, stop); });
  const std::lock_guard lock(mutex_);
  end_ = std::move(status);
  changed_.notify_all();
}

base::Status FileFeed::give(const std::shared_ptr<arrow::Table>& rows,
                            const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, stop, [this] { return pieces_.size() < kPiecesMax; });
  if (stop.stop_requested()) {
    return base::Error(base::ErrorKind::kInterrupted, "nobody takes the rows any more");
  }
  pieces_.push_back(rows);
  changed_.notify_all();
  return {};
}

base::Result<std::shared_ptr<arrow::Table>> FileFeed::next() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return !pieces_.empty() || end_; });
  if (pieces_.empty()) {
    if (!end_->ok()) return end_->error();
    return std::shared_ptr<arrow::Table>();
  }
  auto rows = std::move(pieces_.front());
  pieces_.pop_front();
  changed_.notify_all();
  return rows;
}

}  // namespace ashore::load
