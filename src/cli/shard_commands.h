// Divides a landing into shards and lands one of them.
#pragma once

#include "base/result.h"
#include "cli/arguments.h"

namespace ashore::cli {

// `shards`: prints the plan. Errors as cloud::plan_shards().
base::Result<int> run_shards(const Arguments& arguments);

// `extract --shard FILE --index I`. Errors as state::parse_shard_plan() and
// extract::extract_shard(); kPermanent: a file that cannot be read, a --run-id other than the
// plan's.
base::Result<int> run_shard(const Arguments& arguments);

}  // namespace ashore::cli
