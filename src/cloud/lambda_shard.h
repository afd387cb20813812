// What the Lambda function does with an event: lands one shard of a plan.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "config/pipeline.h"
#include "state/run_context.h"

namespace ashore::cloud {

// `event` is {"plan": an ashore.shards/1, "index": 3} or {"run_id": "…", "index": 3}, where a shard
// of the run has kept the plan in the data folder. Returns {run_id, index, of, pages, items,
// requests, retries, landed_before}. Errors as extract::extract_shard(); kPermanent: not such an
// event; kInterrupted: context.stop, with what is not landed.
base::Result<std::string> land_shard(const config::Pipeline& pipeline, std::string_view event,
                                     const state::RunContext& context);

}  // namespace ashore::cloud
