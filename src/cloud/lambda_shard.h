// What the Lambda function does with an event: lands one shard of a plan, or joins them all.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "config/pipeline.h"
#include "state/run_context.h"

namespace ashore::cloud {

// `event` is one of
//   {"plan": an ashore.shards/1, "index": 3}  lands that shard
//   {"run_id": "...", "index": 3}             the same, by the plan that a shard of the run has
//   kept
//   {"join": "the run id"}                    joins the run's shards
// and the answer {run_id, index, of, pages, items, requests, retries, landed_before}, or {run_id,
// pages, items}. Errors as extract::extract_shard() and join_shards(); kPermanent: not such an
// event; kInterrupted: context.stop, with what is not landed.
base::Result<std::string> answer_event(const config::Pipeline& pipeline, std::string_view event,
                                       const state::RunContext& context);

}  // namespace ashore::cloud
