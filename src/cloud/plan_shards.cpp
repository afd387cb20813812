// Splits windows at instants that the source can be asked for, and pages by their numbers.
#include "cloud/plan_shards.h"

#include <algorithm>
#include <chrono>

#include "extract/extract.h"

namespace ashore::cloud {

namespace {

using base::Result;
using base::Timestamp;
using std::chrono::microseconds;

// A step function or a scheduler has its own limit, and each shard costs a manifest.
constexpr std::int64_t kShardsMax = 10'000;
constexpr std::int64_t kPageShards = 8;

// The shortest time that the source's format tells apart.
microseconds grain_of(config::WindowFormat format) {
  switch (format) {
    case config::WindowFormat::kDate:
      return std::chrono::days(1);
    case config::WindowFormat::kIsoSeconds:
    case config::WindowFormat::kUnixSeconds:
      return std::chrono::seconds(1);
    case config::WindowFormat::kIsoMillis:
    case config::WindowFormat::kUnixMillis:
      return std::chrono::milliseconds(1);
  }
  return std::chrono::seconds(1);
}

Timestamp floor_to(Timestamp time, microseconds grain) {
  const auto since = time.time_since_epoch();
  const auto rest = ((since % grain) + grain) % grain;
  return time - rest;
}

Timestamp next_midnight(Timestamp time) { return base::date_of(time) + std::chrono::days(1); }

Timestamp next_month(Timestamp time) {
  const std::chrono::year_month_day day(base::date_of(time));
  return base::Date((day.year() / day.month() / 1) + std::chrono::months(1));
}

// Where a window may be cut, in order, all inside of it.
Result<std::vector<Timestamp>> cuts(const base::Window& window, const SplitOptions& options,
                                    microseconds grain) {
  const auto start = *window.start;
  const auto end = *window.end;
  std::vector<Timestamp> cuts;
  const auto add = [&](Timestamp cut) {
    if (start < cut && cut < end && (cuts.empty() || cuts.back() < cut)) cuts.push_back(cut);
    return static_cast<std::int64_t>(cuts.size()) < kShardsMax;
  };
  if (options.by == SplitBy::kCount) {
    const auto count = options.count.value_or(1);
    const auto length = end - start;
    for (std::int64_t part = 1; part < count; ++part) {
      // The quotient and the rest apart: the product of both would not fit.
      const auto offset = length / count * part + length % count * part / count;
      add(floor_to(start + offset, grain));
    }
    return cuts;
  }
  const auto next = options.by == SplitBy::kDay ? next_midnight : next_month;
  for (auto cut = next(start); cut < end; cut = next(cut)) {
    if (add(cut)) continue;
    return base::permanent("the window has more than 10,000 days or months")
        .with_remedy("Take a shorter window, or --count.");
  }
  return cuts;
}

base::Status check_numbers(const SplitOptions& options) {
  if (options.by == SplitBy::kCount && !options.count) {
    return base::permanent("into how many shards?").with_remedy("Say --count N or --by.");
  }
  for (const auto& number : {options.count, options.concurrency}) {
    if (number && (*number < 1 || *number > kShardsMax)) {
      return base::permanent("--count and --concurrency: from 1 to 10000, not " +
                             std::to_string(*number));
    }
  }
  return {};
}

Result<std::vector<state::Shard>> shards_of(const config::Pipeline& pipeline,
                                            const SplitOptions& options,
                                            const state::RunContext& context) {
  std::vector<state::Shard> shards;
  if (options.by == SplitBy::kPages) {
    const extract::Options asked{
        .run_id = options.run_id, .window = options.window, .source_url = options.source_url};
    TRY(const auto there, extract::count_pages(pipeline, asked, context));
    for (auto range : split_pages(there.count, options.count.value_or(kPageShards))) {
      range.items = there.items;
      shards.push_back({.window = options.window, .pages = range});
    }
  } else {
    TRY(const auto windows, split_window(options.window, options, pipeline.extract.window->format));
    for (const auto& window : windows) shards.push_back({.window = window, .pages = {}});
  }
  std::int64_t index = 0;
  for (auto& shard : shards) {
    shard.index = index++;
    shard.of = static_cast<std::int64_t>(shards.size());
  }
  return shards;
}

}  // namespace

Result<std::vector<base::Window>> split_window(const base::Window& window,
                                               const SplitOptions& options,
                                               config::WindowFormat format) {
  if (!window.start || !window.end) {
    return base::permanent("a window without a start or an end cannot be divided")
        .with_remedy("Give --start-date and --end-date, or say --by pages.");
  }
  TRY(const auto inner, cuts(window, options, grain_of(format)));
  std::vector<base::Window> windows;
  auto start = window.start;
  for (const auto cut : inner) {
    windows.push_back({start, cut});
    start = cut;
  }
  windows.push_back({start, window.end});
  return windows;
}

std::vector<state::PageRange> split_pages(std::int64_t pages, std::int64_t count) {
  const auto parts = std::min(pages, count);
  std::vector<state::PageRange> ranges;
  std::int64_t first = 1;
  for (std::int64_t part = 0; part < parts; ++part) {
    const auto length = pages / parts + (part < pages % parts ? 1 : 0);
    ranges.push_back({first, first + length - 1, 0});
    first += length;
  }
  return ranges;
}

Result<state::ShardPlan> plan_shards(const config::Pipeline& pipeline, const SplitOptions& options,
                                     const state::RunContext& context) {
  TRY(check_numbers(options));
  const bool needs_window = options.by != SplitBy::kPages || !options.window.is_unbounded();
  if (needs_window && !pipeline.extract.window) {
    return base::permanent("pipeline '" + pipeline.name + "' has no window to divide")
        .with_remedy("Say --by pages, without dates.");
  }
  state::ShardPlan plan;
  plan.run_id = options.run_id;
  plan.pipeline_name = pipeline.name;
  plan.pipeline_sha256 = pipeline.sha256;
  plan.window = options.window;
  TRY(plan.shards, shards_of(pipeline, options, context));
  const auto count = static_cast<std::int64_t>(plan.shards.size());
  plan.concurrency = std::min(options.concurrency.value_or(count), count);
  return plan;
}

}  // namespace ashore::cloud
