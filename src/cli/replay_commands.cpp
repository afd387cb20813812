// One small function a command.
#include "cli/replay_commands.h"

#include "cli/output.h"
#include "cli/pipeline_file.h"
#include "cli/replay_text.h"
#include "cli/world.h"
#include "pipeline/replay.h"

namespace ashore::cli {

using base::Result;

Result<int> run_replay(const Arguments& arguments) {
  Signals signals;
  TRY(const auto pipeline, load_pipeline(arguments));
  TRY(const auto world, World::open(arguments, signals));
  TRY(const auto options, world->stage_options(arguments, pipeline));
  TRY(const auto replayed,
      pipeline::replay(pipeline, options, world->env(), world->terminal(), signals.token()));
  print(arguments.json ? replay_json(replayed) : replay_text(replayed));
  return replayed.is_equal() ? 0 : 1;
}

}  // namespace ashore::cli
