// The options of shards, extract --shard and join.
#pragma once

#include "cli/arguments.h"
#include "cli/stage_options.h"

namespace ashore::cli {

// What extract takes to land one shard.
void add_shard(CLI::App* extract, Arguments* arguments);
// Adds the commands shards and join.
void add_shard_commands(CLI::App* app, Arguments* arguments, RawTexts* raw);

}  // namespace ashore::cli
