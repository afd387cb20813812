// A whole reading is one whose pages add up: only such a one is landed.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/result.h"
#include "config/pipeline.h"
#include "extract/attempt.h"
#include "extract/fetcher.h"
#include "extract/options.h"
#include "extract/reading.h"
#include "state/run_context.h"
#include "state/shard_plan.h"

namespace ashore::extract {

// A reading that may be landed, with the folder that its pages are in.
struct WholeReading {
  Reading reading;
  std::unique_ptr<Attempt> attempt;
  std::int64_t started_us = 0;
};

// What is read, and where its pages go. All but the folder outlives the reading.
struct ReadingTask {
  const config::Pipeline& pipeline;
  const Options& options;
  std::string folder;                     // attempts are made below it
  std::optional<state::PageRange> range;  // only these pages
};

// Reads until a reading is whole, three times at most; a further reading asks past caches and
// waits until none may give what was read before. Errors as extract().
base::Result<WholeReading> read_until_whole(const ReadingTask& task, Fetcher& fetcher,
                                            const state::RunContext& context);

}  // namespace ashore::extract
