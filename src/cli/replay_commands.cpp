// One small function a command.
#include "cli/replay_commands.h"

#include "cli/output.h"
#include "cli/pipeline_file.h"
#include "cli/replay_text.h"
#include "cli/run_text.h"
#include "cli/world.h"
#include "pipeline/replay.h"
#include "pipeline/republish.h"
#include "pipeline/rollback.h"

namespace ashore::cli {

using base::Result;

namespace {

// Prints what a run that changed tables has to say, and gives its exit code.
int tell(const Arguments& arguments, const pipeline::Outcome& outcome, World& world,
         const Signals& signals) {
  if (arguments.json) {
    print(report::report_json(outcome.report) + "\n");
  } else if (!outcome.report.run_id.empty()) {
    print(derived_run_text(outcome.report, arguments.command, world.env().store));
  }
  return exit_code_of(outcome.report, signals);
}

}  // namespace

Result<int> run_replay(const Arguments& arguments) {
  Signals signals;
  TRY(const auto pipeline, load_pipeline(arguments));
  TRY(const auto world, World::open(arguments, signals));
  TRY(const auto options, world->stage_options(arguments, pipeline));
  if (arguments.rebuild) {
    const auto outcome = pipeline::rebuild_and_publish(pipeline, options, world->env(),
                                                       world->terminal(), signals.token());
    return tell(arguments, outcome, *world, signals);
  }
  TRY(const auto replayed,
      pipeline::replay(pipeline, options, world->env(), world->terminal(), signals.token()));
  print(arguments.json ? replay_json(replayed) : replay_text(replayed));
  return replayed.is_equal() ? 0 : 1;
}

Result<int> run_from_raw(const Arguments& arguments) {
  Signals signals;
  TRY(const auto pipeline, load_pipeline(arguments));
  TRY(const auto world, World::open(arguments, signals));
  TRY(const auto options, world->stage_options(arguments, pipeline));
  const auto result =
      pipeline::run_from_raw(pipeline, options, world->env(), world->terminal(), signals.token());
  if (arguments.json) {
    print(from_raw_json(result));
  } else {
    for (const auto& report : result.runs) {
      print(run_text(report, "run", world->env().store, pipeline));
    }
    if (result.runs.empty() && result.exit_code == 0) print("every landing is published\n");
  }
  if (result.exit_code == 130 && signals.received() != 0) return 128 + signals.received();
  return result.exit_code;
}

Result<int> run_rollback(const Arguments& arguments) {
  Signals signals;
  TRY(const auto pipeline, load_pipeline(arguments));
  TRY(const auto world, World::open(arguments, signals));
  TRY(const auto options, world->stage_options(arguments, pipeline));
  const auto outcome = pipeline::roll_back(arguments.roll_back_to, pipeline, options, world->env(),
                                           world->terminal(), signals.token());
  return tell(arguments, outcome, *world, signals);
}

}  // namespace ashore::cli
