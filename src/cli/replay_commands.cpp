// Runs replay, reconcile, rollback, quarantine and run --from-raw, one function per command.
#include "cli/replay_commands.h"

#include "cli/output.h"
#include "cli/pipeline_file.h"
#include "cli/quarantine_text.h"
#include "cli/reconcile_text.h"
#include "cli/replay_text.h"
#include "cli/run_text.h"
#include "cli/runtime.h"
#include "rebuild/quarantine_replay.h"
#include "rebuild/replay.h"
#include "rebuild/republish.h"
#include "rebuild/rollback.h"
#include "reconcile/reconcile.h"
#include "run/from_raw.h"
#include "run/pins.h"
#include "state/quarantine.h"

namespace ashore::cli {

using base::Result;

namespace {

// Prints what a run that changed tables has to say, and gives its exit code.
int tell(const Arguments& arguments, const report::Outcome& outcome, Runtime& runtime,
         const Signals& signals) {
  const bool has_printed = print_emf(arguments.log_format, outcome.report);
  if (arguments.json) {
    print(report::report_json(outcome.report) + "\n");
  } else if (!outcome.report.run_id.empty() && !has_printed) {
    print(derived_run_text(outcome.report, arguments.command, runtime.env().store));
  }
  return exit_code_of(outcome.report, signals);
}

Result<int> list_quarantine(const Arguments& arguments, Runtime& runtime) {
  TRY(const auto counts,
      state::count_quarantine(runtime.env().store, {arguments.run_id, arguments.quarantine.table}));
  print(arguments.json ? quarantine_json(counts) : quarantine_text(counts));
  return 0;
}

// Row by row: a quarantine may be larger than memory.
Result<int> show_quarantine(const Arguments& arguments, Runtime& runtime) {
  bool is_first = true;
  if (arguments.json) print("{\"rejections\":[");
  TRY(state::read_quarantine(runtime.env().store, {arguments.run_id, arguments.quarantine.table},
                             [&](const state::Rejection& rejection) {
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

Result<int> replay_quarantine(const Arguments& arguments, Runtime& runtime,
                              const Signals& signals) {
  TRY(const auto pipeline, load_pipeline(arguments));
  TRY(const auto options, runtime.stage_options(arguments, pipeline));
  const auto result =
      rebuild::replay_quarantine(pipeline, options, runtime.context(arguments, signals));
  const auto& report = result.outcome.report;
  const bool has_printed = print_emf(arguments.log_format, report);
  if (arguments.json) {
    print(quarantine_replay_json(result));
  } else if (has_printed) {
    // The metrics are all there is to print.
  } else if (!report.run_id.empty()) {
    print(quarantine_replay_text(result));
    print(derived_run_text(report, "quarantine replay", runtime.env().store));
  } else if (report.exit_code == 0) {
    print("nothing to replay: no landing that counts has rows in quarantine\n");
  }
  return exit_code_of(report, signals);
}

}  // namespace

Result<int> run_quarantine(const Arguments& arguments) {
  Signals signals;
  TRY(const auto runtime, Runtime::open(arguments, signals));
  if (arguments.quarantine.action == "list") return list_quarantine(arguments, *runtime);
  if (arguments.quarantine.action == "show") return show_quarantine(arguments, *runtime);
  return replay_quarantine(arguments, *runtime, signals);
}

Result<int> run_replay(const Arguments& arguments) {
  Signals signals;
  TRY(const auto pipeline, load_pipeline(arguments));
  TRY(const auto runtime, Runtime::open(arguments, signals));
  TRY(const auto options, runtime->stage_options(arguments, pipeline));
  if (arguments.replay.rebuild) {
    const auto outcome =
        rebuild::rebuild_and_publish(pipeline, options, runtime->context(arguments, signals));
    return tell(arguments, outcome, *runtime, signals);
  }
  TRY(const auto replayed,
      rebuild::replay(pipeline, options, runtime->context(arguments, signals)));
  print(arguments.json ? replay_json(replayed) : replay_text(replayed));
  return replayed.is_equal() ? 0 : 1;
}

Result<int> run_reconcile(const Arguments& arguments) {
  Signals signals;
  TRY(const auto pipeline, load_pipeline(arguments));
  TRY(const auto runtime, Runtime::open(arguments, signals));
  TRY(const auto options, runtime->stage_options(arguments, pipeline));
  const reconcile::ReconcileOptions wanted{.repair = arguments.reconcile.repair,
                                           .deep = arguments.reconcile.deep,
                                           .offline = arguments.reconcile.offline};
  TRY(const auto result,
      reconcile::reconcile(pipeline, options, wanted, runtime->context(arguments, signals)));
  print(arguments.json ? reconcile_json(result) : reconcile_text(result));
  return result.exit_code();
}

Result<int> run_from_raw(const Arguments& arguments) {
  Signals signals;
  TRY(const auto pipeline, load_pipeline(arguments));
  TRY(const auto runtime, Runtime::open(arguments, signals));
  TRY(const auto options, runtime->stage_options(arguments, pipeline));
  const auto result = run::run_from_raw(pipeline, options, runtime->context(arguments, signals));
  const bool is_emf = arguments.log_format == LogFormat::kEmf;
  for (const auto& report : result.runs) print_emf(arguments.log_format, report);
  if (arguments.json) {
    print(from_raw_json(result));
  } else if (!is_emf) {
    for (const auto& report : result.runs) {
      print(run_text(report, "run", runtime->env().store, pipeline));
    }
    if (result.runs.empty() && result.exit_code == 0) print("every landing is published\n");
  }
  if (result.exit_code == 130 && signals.received() != 0) return 128 + signals.received();
  return result.exit_code;
}

// `rollback --unpin shop.yaml` names the pipeline, there is no run before it.
Arguments without_run(Arguments arguments) {
  if (!arguments.rollback.unpin || arguments.rollback.run_id.empty()) return arguments;
  arguments.pipeline = arguments.rollback.run_id;
  return arguments;
}

Result<int> run_rollback(const Arguments& given) {
  const auto arguments = without_run(given);
  Signals signals;
  TRY(const auto pipeline, load_pipeline(arguments));
  TRY(const auto runtime, Runtime::open(arguments, signals));
  TRY(auto options, runtime->stage_options(arguments, pipeline));
  options.pins = arguments.rollback.pin;
  if (arguments.rollback.unpin) {
    TRY(const int pinned, run::unpin(runtime->env().store, pipeline));
    print(pinned == 0 ? std::string("no table was pinned\n")
                      : std::to_string(pinned) + (pinned == 1 ? " table is" : " tables are") +
                            " no longer pinned\n");
    return 0;
  }
  if (arguments.rollback.run_id.empty()) {
    return base::permanent("rollback: name the run to roll back to")
        .with_remedy("'ashore runs' lists them.");
  }
  const auto outcome = rebuild::roll_back(arguments.rollback.run_id, pipeline, options,
                                          runtime->context(arguments, signals));
  return tell(arguments, outcome, *runtime, signals);
}

}  // namespace ashore::cli
