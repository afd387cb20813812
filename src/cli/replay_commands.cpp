// One small function a command.
#include "cli/replay_commands.h"

#include "cli/output.h"
#include "cli/pipeline_file.h"
#include "cli/quarantine_text.h"
#include "cli/reconcile_text.h"
#include "cli/replay_text.h"
#include "cli/run_text.h"
#include "cli/world.h"
#include "pipeline/from_raw.h"
#include "pipeline/quarantine.h"
#include "pipeline/quarantine_replay.h"
#include "pipeline/reconcile.h"
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

Result<int> list_quarantine(const Arguments& arguments, World& world) {
  TRY(const auto counts,
      pipeline::count_quarantine(world.env().store, {arguments.run_id, arguments.table}));
  print(arguments.json ? quarantine_json(counts) : quarantine_text(counts));
  return 0;
}

// Row by row: a quarantine may be larger than memory.
Result<int> show_quarantine(const Arguments& arguments, World& world) {
  bool is_first = true;
  if (arguments.json) print("{\"rejections\":[");
  TRY(pipeline::read_quarantine(world.env().store, {arguments.run_id, arguments.table},
                                [&](const pipeline::Rejection& rejection) {
                                  if (arguments.json) {
                                    print((is_first ? "" : ",") + rejection_json(rejection));
                                  } else {
                                    print(rejection_text(rejection));
                                  }
                                  is_first = false;
                                }));
  if (arguments.json) {
    print("]}\n");
  } else if (is_first) {
    print(quarantine_text({}));
  }
  return 0;
}

Result<int> replay_quarantine(const Arguments& arguments, World& world, const Signals& signals) {
  TRY(const auto pipeline, load_pipeline(arguments));
  TRY(const auto options, world.stage_options(arguments, pipeline));
  const auto result = pipeline::replay_quarantine(pipeline, options, world.env(), world.terminal(),
                                                  signals.token());
  const auto& report = result.outcome.report;
  if (arguments.json) {
    print(quarantine_replay_json(result));
  } else if (!report.run_id.empty()) {
    print(quarantine_replay_text(result));
    print(derived_run_text(report, "quarantine replay", world.env().store));
  } else if (report.exit_code == 0) {
    print("nothing to replay: no landing that counts has rows in quarantine\n");
  }
  return exit_code_of(report, signals);
}

}  // namespace

Result<int> run_quarantine(const Arguments& arguments) {
  Signals signals;
  TRY(const auto world, World::open(arguments, signals));
  if (arguments.quarantine_action == "list") return list_quarantine(arguments, *world);
  if (arguments.quarantine_action == "show") return show_quarantine(arguments, *world);
  return replay_quarantine(arguments, *world, signals);
}

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

Result<int> run_reconcile(const Arguments& arguments) {
  Signals signals;
  TRY(const auto pipeline, load_pipeline(arguments));
  TRY(const auto world, World::open(arguments, signals));
  TRY(const auto options, world->stage_options(arguments, pipeline));
  const pipeline::ReconcileOptions wanted{
      .repair = arguments.repair, .deep = arguments.deep, .offline = arguments.offline};
  TRY(const auto result, pipeline::reconcile(pipeline, options, wanted, world->env(),
                                             world->terminal(), signals.token()));
  print(arguments.json ? reconcile_json(result) : reconcile_text(result));
  return result.exit_code();
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
