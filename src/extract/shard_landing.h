// How a shard lies in the raw zone between its landing and the join.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/result.h"
#include "io/object_store.h"
#include "state/manifest.h"
#include "state/shard_plan.h"

namespace ashore::extract {

// A plan that shards land by, and the folder of its source.
struct PlannedRun {
  const std::string& source;
  const state::ShardPlan& plan;
  std::string plan_sha256;  // of runs/<run id>/shards.json, hex
};
// Pure.
PlannedRun planned_run(const std::string& source, const state::ShardPlan& plan);

// The manifest of a landed shard, or nothing. kPermanent: it landed by another plan.
base::Result<std::optional<state::Manifest>> find_shard(io::ObjectStore& store,
                                                        const PlannedRun& run,
                                                        const state::Shard& shard,
                                                        state::Origins origins);

// Why the last try to land a shard failed; "" where nothing is known.
std::string failure_of(io::ObjectStore& store, const PlannedRun& run, std::int64_t index);

// Pure. The name of a shard's summary, as state::read_summary() takes it.
std::string shard_summary_name(std::int64_t index);

}  // namespace ashore::extract
