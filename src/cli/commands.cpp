// One small function a command; printing is done here and nowhere else.
#include "cli/commands.h"

#include <fmt/format.h>

#include <cstdio>
#include <iterator>
#include <map>
#include <nlohmann/json.hpp>

#include "cli/adoption.h"
#include "cli/answer_text.h"
#include "cli/doctor.h"
#include "cli/open_page.h"
#include "cli/output.h"
#include "cli/pipeline_file.h"
#include "cli/replay_commands.h"
#include "cli/run_text.h"
#include "cli/visible_text.h"
#include "cli/world.h"
#include "pipeline/plan.h"
#include "pipeline/recover.h"
#include "pipeline/run.h"
#include "pipeline/session.h"
#include "pipeline/status.h"
#include "pipeline/vacuum.h"
#include "report/page.h"
#include "state/run_folder.h"

namespace ashore::cli {

namespace {

using base::Result;

// Complaints about a pipeline file come one a line, each with its place in front.
bool is_list(const base::Error& error) { return error.what().find('\n') != std::string::npos; }

int fail(const base::Error& error) {
  const auto text = is_list(error) ? error.what() : "ashore: " + error.message();
  const auto line = visible_text(text, true) + "\n";
  (void)std::fwrite(line.data(), 1, line.size(), stderr);
  return base::exit_code_of(error.kind());
}

// A command's exit code, or the Error that it ends with.
int exit_with(const Result<int>& result) {
  return result.ok() ? result.value() : fail(result.error());
}

Result<int> run_stages(const Arguments& arguments) {
  Signals signals;
  TRY(const auto pipeline, load_pipeline(arguments));
  TRY(const auto world, World::open(arguments, signals));
  TRY(auto options, world->stage_options(arguments, pipeline));
  options.adopt = adoption_question(arguments);
  const std::map<std::string, pipeline::Stage> kStages = {
      {"extract", pipeline::Stage::kExtract}, {"transform", pipeline::Stage::kTransform},
      {"merge", pipeline::Stage::kMerge},     {"audit", pipeline::Stage::kAudit},
      {"publish", pipeline::Stage::kPublish}, {"load", pipeline::Stage::kLoad}};
  const auto stage = kStages.find(arguments.command);
  const auto outcome =
      stage == kStages.end()
          ? pipeline::run(pipeline, options, world->env(), world->terminal(), signals.token())
          : pipeline::run_one_stage(stage->second, pipeline, options, world->env(),
                                    world->terminal(), signals.token());
  leave_metrics(arguments.metrics_file, outcome.report, world->terminal());
  if (arguments.json) {
    print(report::report_json(outcome.report) + "\n");
  } else if (!outcome.report.run_id.empty()) {
    print(run_text(outcome.report, arguments.command, world->env().store, pipeline));
  }
  return exit_code_of(outcome.report, signals);
}

Result<int> run_plan(const Arguments& arguments) {
  Signals signals;
  TRY(const auto pipeline, load_pipeline(arguments));
  TRY(const auto world, World::open(arguments, signals));
  TRY(const auto options, world->stage_options(arguments, pipeline));
  TRY(const auto text, pipeline::plan(pipeline, options, world->env()));
  print(text);
  return 0;
}

pipeline::AccessOptions access_options(const Arguments& arguments) {
  return {.data_folder = absolute_path(arguments.data_dir),
          .driver_folder = driver_folder(),
          .memory_bytes = arguments.memory_bytes / 2,
          .threads = arguments.threads > 0 ? arguments.threads : 1};
}

Result<int> run_answers(const Arguments& arguments) {
  TRY(const auto pipeline, load_pipeline(arguments));
  TRY(const auto destinations, destinations_of(arguments, pipeline));
  if (destinations.empty()) {
    return base::permanent("pipeline '" + pipeline.name + "' has no destination to ask")
        .with_remedy("Name one with --to.");
  }
  TRY(const auto questions, load_questions(pipeline));
  TRY(const auto answers,
      pipeline::answer(questions, destinations.front(), access_options(arguments)));
  if (arguments.answers_format == "json") {
    print(answers_json(answers));
  } else if (arguments.answers_format == "csv") {
    print(answers_csv(answers));
  } else {
    print(answers_table(answers));
  }
  return 0;
}

Result<int> run_status(const Arguments& arguments) {
  Signals signals;
  TRY(const auto pipeline, load_pipeline(arguments));
  TRY(const auto destinations, destinations_of(arguments, pipeline));
  TRY(const auto world, World::open(arguments, signals));
  TRY(const auto status,
      pipeline::read_status(pipeline, destinations, access_options(arguments), world->env()));
  print(arguments.json ? status_json(status) : status_text(status));
  return 0;
}

Result<int> run_history(const Arguments& arguments) {
  Signals signals;
  TRY(const auto world, World::open(arguments, signals));
  std::vector<std::string> warnings;
  TRY(const auto runs, report::list_past_runs(world->env().store, &warnings));
  for (const auto& warning : warnings) world->terminal().emit(base::Warned{warning});
  print(arguments.json ? history_json(runs) : history_text(runs));
  return 0;
}

// What a page shows of the questions; where they cannot be asked it does without, and says so.
std::string answers_of_page(const Arguments& arguments, const spec::Pipeline& pipeline,
                            base::EventSink& events) {
  const auto ask = [&]() -> Result<std::string> {
    TRY(const auto destinations, destinations_of(arguments, pipeline));
    if (destinations.empty()) return std::string();
    TRY(const auto questions, load_questions(pipeline));
    TRY(const auto answers,
        pipeline::answer(questions, destinations.front(), access_options(arguments)));
    return answers_for_page(answers);
  };
  auto answers = ask();
  if (answers.ok()) return std::move(answers).value();
  events.emit(base::Warned{"the page has no answers: " + answers.error().message()});
  return "";
}

Result<int> run_report(const Arguments& arguments) {
  Signals signals;
  TRY(const auto pipeline, load_pipeline(arguments));
  TRY(const auto world, World::open(arguments, signals));
  auto& store = world->env().store;
  std::vector<std::string> warnings;
  TRY(const auto runs, report::list_past_runs(store, &warnings));
  if (runs.empty()) {
    return base::not_found("no run has a report yet").with_remedy("'ashore run' makes one.");
  }
  const auto& latest = runs.back().run_id;
  auto inputs =
      pipeline::page_inputs(pipeline, arguments.run_id.empty() ? latest : arguments.run_id);
  TRY(state::check_run_id(inputs.run_id));
  if (inputs.run_id == latest) {
    inputs.answers_json = answers_of_page(arguments, pipeline, world->terminal());
  }
  TRY(report::write_page(store, inputs));
  const auto path = store.location_of(report::page_path(inputs.run_id));
  print(path + "\n");
  if (arguments.open) TRY(open_in_desktop(path));
  return 0;
}

Result<int> run_recover(const Arguments& arguments) {
  Signals signals;
  TRY(const auto world, World::open(arguments, signals));
  TRY(const auto finished,
      pipeline::recover(arguments.wait, world->env(), world->terminal(), signals.token()));
  if (arguments.json) {
    print(nlohmann::json({{"finished_run", finished}}).dump() + "\n");
  } else if (finished.empty()) {
    print("no publication was left to finish\n");
  } else {
    print("finished the publication of run " + finished +
          "; 'ashore load' brings it to the destinations\n");
  }
  return 0;
}

Result<int> run_vacuum(const Arguments& arguments) {
  Signals signals;
  TRY(const auto world, World::open(arguments, signals));
  const pipeline::VacuumOptions options{arguments.older_than, arguments.dry_run, arguments.wait};
  TRY(const auto vacuumed,
      pipeline::vacuum(options, world->env(), world->terminal(), signals.token()));
  if (arguments.json) {
    print(
        nlohmann::json(
            {{"files", vacuumed.files}, {"bytes", vacuumed.bytes}, {"dry_run", arguments.dry_run}})
            .dump() +
        "\n");
    return 0;
  }
  for (const auto& file : vacuumed.files) print(visible_text(file, false) + "\n");
  print(fmt::format("{} {} file{}, {} bytes\n", arguments.dry_run ? "would remove" : "removed",
                    vacuumed.files.size(), vacuumed.files.size() == 1 ? "" : "s", vacuumed.bytes));
  return 0;
}

Result<int> run_validate(const Arguments& arguments) {
  TRY(const auto pipeline, load_pipeline(arguments));
  print(fmt::format("{}: valid: pipeline '{}', {} table{}, {} destination{}\n", arguments.pipeline,
                    pipeline.name, pipeline.tables.size(), pipeline.tables.size() == 1 ? "" : "s",
                    pipeline.destinations.size(), pipeline.destinations.size() == 1 ? "" : "s"));
  return 0;
}

Result<int> run_serve_api(const Arguments& arguments) {
  Signals signals;
  TRY(const auto simulator, simulator::Simulator::start(arguments.simulator));
  // The first line of stdout is the url, so that scripts can read it.
  print(simulator->url() + "\n");
  const std::stop_callback stop(signals.token(), [&] { simulator->stop(); });
  simulator->wait();
  return 0;
}

Result<int> run_doctor(const Arguments& arguments) {
  TRY(const auto pipeline, load_pipeline(arguments));
  TRY(const auto destinations, destinations_of(arguments, pipeline));
  const auto findings = examine(arguments, pipeline, destinations, access_options(arguments));
  print(findings_text(findings));
  return exit_code_of(findings);
}

Result<int> dispatch(const Arguments& arguments) {
  const std::map<std::string, Result<int> (*)(const Arguments&)> kCommands = {
      {"plan", run_plan},         {"answers", run_answers},     {"status", run_status},
      {"runs", run_history},      {"validate", run_validate},   {"serve-api", run_serve_api},
      {"doctor", run_doctor},     {"recover", run_recover},     {"replay", run_replay},
      {"rollback", run_rollback}, {"reconcile", run_reconcile}, {"quarantine", run_quarantine},
      {"vacuum", run_vacuum},     {"report", run_report},
  };
  if (arguments.command == "version") {
    print(version_text());
    return 0;
  }
  if (arguments.from_raw) return run_from_raw(arguments);
  const auto command = kCommands.find(arguments.command);
  return command == kCommands.end() ? run_stages(arguments) : command->second(arguments);
}

}  // namespace

int run_command(const Arguments& arguments) { return exit_with(dispatch(arguments)); }

}  // namespace ashore::cli
