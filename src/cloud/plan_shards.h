// Divides a landing into shards that processes without a common disk can land side by side.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/window.h"
#include "config/pipeline.h"
#include "state/run_context.h"
#include "state/shard_plan.h"

namespace ashore::cloud {

enum class SplitBy {
  kCount,  // as many windows of equal length as asked for
  kDay,    // windows that end at midnight, UTC
  kMonth,
  kPages,  // ranges of pages of the one reading
};

struct SplitOptions {
  std::string run_id = {};
  base::Window window = {};  // as a run would ask for it
  SplitBy by = SplitBy::kCount;
  std::optional<std::int64_t> count = {};  // kCount: required; kPages: 8 where it is not given
  std::optional<std::int64_t> concurrency = {};  // all at once where it is not given
  std::optional<std::string> source_url = {};
};

// Pure. Windows that adjoin and are the whole, none shorter than what the source's format of times
// can tell apart: fewer than asked for where there is no room. kPermanent: an open end.
base::Result<std::vector<base::Window>> split_window(const base::Window& window,
                                                     const SplitOptions& options,
                                                     config::WindowFormat format);

// Pure. Ranges of about equal length: at most `count`, none empty. Preconditions: both from 1.
std::vector<state::PageRange> split_pages(std::int64_t pages, std::int64_t count);

// The plan. By pages the source is asked for its first page, else for nothing. Errors as
// split_window() and extract::count_pages(); kPermanent: a window of a pipeline that has none, more
// shards than 10,000, a concurrency below 1.
base::Result<state::ShardPlan> plan_shards(const config::Pipeline& pipeline,
                                           const SplitOptions& options,
                                           const state::RunContext& context);

}  // namespace ashore::cloud
