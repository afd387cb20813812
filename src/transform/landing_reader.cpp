// Decodes the pages of a landing on threads, as many at once as memory has room for.
// Pages are independent jobs; their results are kept in the landing's order.
#include "transform/landing_reader.h"

#include <atomic>
#include <chrono>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "base/digest.h"
#include "base/parallel.h"
#include "transform/page_decoder.h"

namespace ashore::transform {

namespace {

using base::Result;
using base::Status;

std::string file_name(const std::string& path) { return path.substr(path.rfind('/') + 1); }

// Decoders that wait for the next page: they remember what pages look like.
class DecoderPool {
 public:
  DecoderPool(const Plan& plan, const config::Items& items, std::int64_t batch_rows_max)
      : plan_(plan), items_(items), batch_rows_max_(batch_rows_max) {}

  std::unique_ptr<PageDecoder> take() {
    const std::lock_guard lock(mutex_);
    if (idle_.empty()) return std::make_unique<PageDecoder>(plan_, items_, batch_rows_max_);
    auto decoder = std::move(idle_.back());
    idle_.pop_back();
    return decoder;
  }
  void give_back(std::unique_ptr<PageDecoder> decoder) {
    const std::lock_guard lock(mutex_);
    idle_.push_back(std::move(decoder));
  }

 private:
  const Plan& plan_;
  const config::Items& items_;
  std::int64_t batch_rows_max_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<PageDecoder>> idle_;  // guarded by mutex_
};

// Tells of progress a few times a second.
class Progress {
 public:
  Progress(std::string table, std::int64_t rows_total, io::Clock& clock, base::EventSink& events)
      : table_(std::move(table)),
        rows_total_(rows_total),
        clock_(clock),
        events_(events),
        last_(clock.steady_now()) {}

  void add(std::int64_t rows) {
    const std::lock_guard lock(mutex_);
    rows_ += rows;
    const auto now = clock_.steady_now();
    if (now - last_ < kInterval && rows_ < rows_total_) return;
    last_ = now;
    events_.emit(base::RowsDecoded{table_, rows_, rows_total_});
  }

 private:
  static constexpr std::chrono::milliseconds kInterval{250};

  std::string table_;
  std::int64_t rows_total_;
  io::Clock& clock_;
  base::EventSink& events_;
  std::mutex mutex_;
  std::chrono::steady_clock::time_point last_;  // guarded by mutex_
  std::int64_t rows_ = 0;                       // guarded by mutex_
};

// Sorting and encoding need as much again as the decoded rows, so these may take half.
class MemoryBudget {
 public:
  explicit MemoryBudget(std::int64_t memory_bytes) : memory_bytes_(memory_bytes) {}

  Status add(std::int64_t bytes) {
    held_ += bytes;
    if (held_ <= memory_bytes_ / 2) return {};
    return base::permanent(
               "pages do not fit in memory: the rows of those that are read at once "
               "take more than half of " +
               std::to_string(memory_bytes_ >> 20) + " MiB")
        .with_remedy("Give --memory more, or ask the source for smaller pages");
  }

 private:
  std::int64_t memory_bytes_;
  std::atomic<std::int64_t> held_{0};
};

Status check_digest(const state::ManifestFile& file, std::string_view bytes) {
  const auto digest = base::to_hex(base::sha256(bytes));
  if (digest == file.sha256) return {};
  return base::permanent("page '" + file.path + "' is not as it was landed: its sha256 is " +
                         digest + ", its manifest says " + file.sha256)
      .with_remedy("Bring the page back from a backup, or land the window again with 'extract'");
}

std::int64_t items_of(const std::vector<const state::ManifestFile*>& pages) {
  std::int64_t items = 0;
  for (const auto* const page : pages) items += page->rows;
  return items;
}

std::string item_table(const config::Pipeline& pipeline) {
  return pipeline.tables.empty() ? "" : pipeline.tables.front().name;
}

// Pages that are read at once have up to this share of the memory as bytes of JSON: most rows take
// less than their JSON, small elements of arrays several times as much.
constexpr std::int64_t kPagesShare = 32;
// Pages of up to so many bytes are one job: arrays of a few rows cost more than decoding them, and
// what a job has fits the processor's cache.
constexpr std::int64_t kChunkBytes = std::int64_t{1} << 20;

// The end of the group of pages [begin, ...) before `pages_end` that together have up to
// `bytes_max` bytes; at least one page.
std::size_t end_of_group(const std::vector<std::int64_t>& page_bytes, std::size_t begin,
                         std::size_t pages_end, std::int64_t bytes_max) {
  std::int64_t bytes = page_bytes[begin];
  auto end = begin + 1;
  while (end < pages_end && bytes + page_bytes[end] <= bytes_max) bytes += page_bytes[end++];
  return end;
}

// Reads pages group after group; decoders and progress go on from one to the next.
class PageReader {
 public:
  PageReader(const PagesToRead& pages, const state::RunContext& context)
      : pages_(pages),
        context_(context),
        pool_(pages.plan, pages.pipeline.extract.items, pages.batch_rows_max),
        progress_(item_table(pages.pipeline), pages.items, context.env.clock, context.events) {}

  // The rows of pages [begin, end).
  Result<std::vector<PageRows>> read(std::size_t begin, std::size_t end) {
    MemoryBudget budget(context_.memory_bytes);
    std::vector<std::size_t> starts;
    for (auto page = begin; page < end; page = end_of_group(pages_.bytes, page, end, kChunkBytes)) {
      starts.push_back(page);
    }
    starts.push_back(end);
    std::vector<PageRows> rows(starts.size() - 1);
    const auto decode_chunk = [&](std::size_t index) -> Status {
      TRY(rows[index], decode(starts[index], starts[index + 1]));
      TRY(budget.add(rows[index].bytes));
      progress_.add(rows[index].items);
      return {};
    };
    TRY(base::for_each_index(rows.size(), context_.threads, decode_chunk, context_.stop));
    return rows;
  }

 private:
  Result<PageRows> decode(std::size_t begin, std::size_t end) {
    std::vector<std::string> texts;
    std::vector<PageText> views;
    texts.reserve(end - begin);  // views are of its elements
    for (auto page = begin; page < end; ++page) {
      TRY(auto text, pages_.read(page));
      texts.push_back(std::move(text));
      views.push_back({texts.back(), pages_.names[page]});
    }
    auto decoder = pool_.take();
    TRY(auto rows, decoder->decode(views, pages_.run_id));
    pool_.give_back(std::move(decoder));
    return rows;
  }

  const PagesToRead& pages_;
  const state::RunContext& context_;
  DecoderPool pool_;
  Progress progress_;
};

}  // namespace

Result<std::vector<PageRows>> read_pages(const PagesToRead& pages,
                                         const state::RunContext& context) {
  return PageReader(pages, context).read(0, pages.names.size());
}

Status read_landing(const LandingToRead& landing, const TakePages& take,
                    const state::RunContext& context) {
  const auto& files = landing.pages;
  PagesToRead pages{landing.pipeline,
                    landing.plan,
                    landing.run_id,
                    landing.batch_rows_max,
                    {},
                    {},
                    items_of(files),
                    {}};
  for (const auto* const file : files) {
    pages.names.push_back(file_name(file->path));
    pages.bytes.push_back(file->bytes);
  }
  pages.read = [&](std::size_t page) -> Result<std::string> {
    TRY(auto bytes, context.env.store.read(files[page]->path));
    if (landing.verifies) TRY(check_digest(*files[page], bytes));
    return bytes;
  };
  PageReader reader(pages, context);
  for (std::size_t begin = 0; begin < files.size();) {
    const auto end =
        end_of_group(pages.bytes, begin, files.size(), context.memory_bytes / kPagesShare);
    TRY(auto rows, reader.read(begin, end));
    TRY(take(std::move(rows)));
    begin = end;
  }
  return {};
}

}  // namespace ashore::transform
