// One small function per command; printing is done here and nowhere else.
#include "cli/commands.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <iterator>
#include <map>
#include <nlohmann/json.hpp>

#include "cli/adoption.h"
#include "cli/answer_text.h"
#include "cli/doctor.h"
#include "cli/embed_commands.h"
#include "cli/lineage_receiver.h"
#include "cli/open_page.h"
#include "cli/output.h"
#include "cli/pipeline_file.h"
#include "cli/places.h"
#include "cli/replay_commands.h"
#include "cli/run_text.h"
#include "cli/runtime.h"
#include "cli/shard_commands.h"
#include "cli/visible_text.h"
#include "config/nearest_name.h"
#include "config/reader.h"
#include "inspect/plan.h"
#include "inspect/status.h"
#include "io/disk_store.h"
#include "report/page.h"
#include "run/recover.h"
#include "run/run.h"
#include "run/session.h"
#include "run/vacuum.h"
#include "state/run_folder.h"

namespace ashore::cli {

namespace {

using base::Result;

// Complaints about a pipeline file come one per line, each with its place in front.
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

run::AccessOptions access_options(const Arguments& arguments) {
  return {.data_folder = data_location(arguments.data_dir),
          .driver_folder = driver_folder(),
          .memory_bytes = arguments.memory_bytes / 2,
          .threads = arguments.threads > 0 ? arguments.threads : 1};
}

// Rows of an answer in a page: more than anybody reads, few enough for a browser.
constexpr std::int64_t kPageRowsMax = 2'000;

// What a page shows of the questions; where they cannot be asked it does without, and says so.
std::string answers_of_page(const Arguments& arguments, const config::Pipeline& pipeline,
                            base::EventSink& events, warehouse::DuckDbInstance* duckdb) {
  auto access = access_options(arguments);
  access.duckdb = duckdb;
  const auto ask = [&]() -> Result<std::string> {
    TRY(const auto destinations, destinations_of(arguments, pipeline));
    if (destinations.empty()) return std::string();
    TRY(const auto questions, load_questions(pipeline));
    TRY(const auto answers, inspect::answer(questions, destinations.front(), access, kPageRowsMax));
    return answers_for_page(answers);
  };
  auto answers = ask();
  if (answers.ok()) return std::move(answers).value();
  events.emit(base::Warned{"the page has no answers: " + answers.error().message()});
  return "";
}

// A run that loaded a destination shows its answers; whatever hinders that is a warning, for the
// run itself is done.
void add_answers_to_page(const Arguments& arguments, const config::Pipeline& pipeline,
                         const report::RunReport& report, Runtime& runtime,
                         warehouse::DuckDbInstance* duckdb) {
  const bool is_loaded = !report.destinations.empty() && report.destinations.front().error.empty();
  const bool is_good = report.exit_code == 0 || report.exit_code == 99;
  if (!is_loaded || !is_good || pipeline.questions.empty()) return;
  auto inputs = run::page_inputs(pipeline, report.run_id);
  inputs.answers_json = answers_of_page(arguments, pipeline, runtime.terminal(), duckdb);
  const auto written = report::write_page(runtime.env().store, inputs);
  if (!written.ok()) {
    runtime.terminal().emit(base::Warned{"the page has no answers: " + written.error().message()});
  }
}

Result<int> run_stages(const Arguments& arguments) {
  Signals signals;
  TRY(const auto pipeline, load_pipeline(arguments));
  TRY(const auto runtime, Runtime::open(arguments, signals));
  TRY(auto options, runtime->stage_options(arguments, pipeline));
  options.load.adopt = adoption_question(arguments);
  const auto duckdb = run::shared_duckdb();
  options.load.duckdb = duckdb.get();
  const std::map<std::string, state::Stage> kStages = {{"extract", state::Stage::kExtract},
                                                       {"join", state::Stage::kExtract},
                                                       {"transform", state::Stage::kTransform},
                                                       {"merge", state::Stage::kMerge},
                                                       {"audit", state::Stage::kAudit},
                                                       {"publish", state::Stage::kPublish},
                                                       {"load", state::Stage::kLoad}};
  TRY(const auto lineage, open_lineage(arguments, pipeline, *runtime));
  const auto plain = runtime->context(arguments, signals);
  const auto context = lineage ? plain.with(runtime->env(), *lineage) : plain;
  const auto stage = kStages.find(arguments.command);
  const auto outcome = stage == kStages.end()
                           ? run::run(pipeline, options, context)
                           : run::run_one_stage(stage->second, pipeline, options, context);
  if (lineage) lineage->finish(outcome.report);
  leave_metrics(arguments.metrics_file, outcome.report, runtime->terminal());
  add_answers_to_page(arguments, pipeline, outcome.report, *runtime, duckdb.get());
  const bool has_printed = print_emf(arguments.log_format, outcome.report);
  if (arguments.json) {
    print(report::report_json(outcome.report) + "\n");
  } else if (!outcome.report.run_id.empty() && !has_printed) {
    print(run_text(outcome.report, arguments.command, runtime->env().store, pipeline));
  }
  return exit_code_of(outcome.report, signals);
}

// Folders that are not there: takes them away again, where they are empty, when destroyed.
class MissingFolders {
 public:
  explicit MissingFolders(std::filesystem::path folder) {
    std::error_code code;
    for (; !folder.empty() && !std::filesystem::exists(folder, code);
         folder = folder.parent_path()) {
      folders_.push_back(folder);
    }
  }
  ~MissingFolders() {
    std::error_code code;
    for (const auto& folder : folders_) std::filesystem::remove(folder, code);
  }
  MissingFolders(const MissingFolders&) = delete;
  MissingFolders& operator=(const MissingFolders&) = delete;

 private:
  std::vector<std::filesystem::path> folders_;  // innermost first
};

Result<int> run_plan(const Arguments& arguments) {
  Signals signals;
  TRY(const auto pipeline, load_pipeline(arguments));
  const MissingFolders missing(is_on_s3(arguments.data_dir)
                                   ? std::filesystem::path()
                                   : std::filesystem::path(absolute_path(arguments.data_dir)));
  TRY(const auto runtime, Runtime::open(arguments, signals));
  TRY(const auto options, runtime->stage_options(arguments, pipeline));
  TRY(const auto text, inspect::plan(pipeline, options, runtime->env()));
  print(text);
  return 0;
}

// Leaves the questions that --question names.
base::Status choose_questions(const Arguments& arguments,
                              std::vector<inspect::Question>* questions) {
  if (arguments.answers.questions.empty()) return {};
  std::vector<std::string> names;
  for (const auto& question : *questions) names.push_back(question.name);
  for (const auto& wanted : arguments.answers.questions) {
    if (std::ranges::find(names, wanted) != names.end()) continue;
    return base::permanent("--question: the pipeline has no question '" + wanted + "'")
        .with_remedy(config::suggestion(wanted, names));
  }
  std::erase_if(*questions, [&](const inspect::Question& question) {
    return std::ranges::find(arguments.answers.questions, question.name) ==
           arguments.answers.questions.end();
  });
  return {};
}

// One CSV file a question.
Result<int> write_answers(const std::vector<inspect::Answer>& answers, const std::string& folder) {
  TRY(const auto store, io::DiskStore::open(absolute_path(folder)));
  for (const auto& answer : answers) {
    TRY(store->write(answer.name + ".csv", answer_csv(answer)));
    print(store->location_of(answer.name + ".csv") + "\n");
  }
  return 0;
}

Result<int> run_answers(const Arguments& arguments) {
  TRY(const auto pipeline, load_pipeline(arguments));
  TRY(const auto destinations, destinations_of(arguments, pipeline));
  if (destinations.empty()) {
    return base::permanent("pipeline '" + pipeline.name + "' has no destination to ask")
        .with_remedy("Name one with --to.");
  }
  TRY(auto questions, load_questions(pipeline));
  TRY(choose_questions(arguments, &questions));
  if (!arguments.answers.output_folder.empty() && arguments.answers.format != "csv") {
    return base::permanent("--output: only CSV is written to files")
        .with_remedy("Say --format csv.");
  }
  TRY(const auto answers,
      inspect::answer(questions, destinations.front(), access_options(arguments)));
  if (!arguments.answers.output_folder.empty())
    return write_answers(answers, arguments.answers.output_folder);
  if (arguments.answers.format == "json") {
    print(answers_json(answers));
  } else if (arguments.answers.format == "csv") {
    // One alone is a CSV file; several are told apart by a line of their own.
    print(answers.size() == 1 ? answer_csv(answers.front()) : answers_csv(answers));
  } else {
    print(answers_table(answers));
  }
  return 0;
}

Result<int> run_status(const Arguments& arguments) {
  Signals signals;
  TRY(const auto pipeline, load_pipeline(arguments));
  TRY(const auto destinations, destinations_of(arguments, pipeline));
  TRY(const auto runtime, Runtime::open(arguments, signals));
  TRY(const auto status,
      inspect::read_status(pipeline, destinations, access_options(arguments), runtime->env()));
  print(arguments.json ? status_json(status) : status_text(status));
  return 0;
}

Result<int> run_history(const Arguments& arguments) {
  Signals signals;
  TRY(const auto runtime, Runtime::open(arguments, signals));
  std::vector<std::string> warnings;
  TRY(auto runs, report::list_past_runs(runtime->env().store, &warnings));
  for (const auto& warning : warnings) runtime->terminal().emit(base::Warned{warning});
  std::ranges::reverse(runs);  // the newest first
  const auto limit = static_cast<std::size_t>(arguments.runs.limit);
  if (limit > 0 && runs.size() > limit) runs.resize(limit);
  print(arguments.json ? history_json(runs) : history_text(runs));
  return 0;
}

// `report shop.yaml` names the pipeline, `report ID` the run.
Arguments with_pipeline_first(Arguments arguments) {
  const auto& first = arguments.run_id;
  if (!first.ends_with(".yaml") && !first.ends_with(".yml")) return arguments;
  arguments.pipeline = first;
  arguments.run_id.clear();
  return arguments;
}

Result<int> run_report(const Arguments& given) {
  const auto arguments = with_pipeline_first(given);
  Signals signals;
  TRY(const auto pipeline, load_pipeline(arguments));
  TRY(const auto runtime, Runtime::open(arguments, signals));
  auto& store = runtime->env().store;
  std::vector<std::string> warnings;
  TRY(auto runs, report::list_past_runs(store, &warnings));
  std::erase_if(runs, [](const report::PastRun& run) { return run.kind == "load"; });
  if (runs.empty()) {
    return base::not_found("no run has a report yet").with_remedy("'ashore run' makes one.");
  }
  const auto& latest = runs.back().run_id;
  auto inputs = run::page_inputs(pipeline, arguments.run_id.empty() ? latest : arguments.run_id);
  TRY(state::check_run_id(inputs.run_id));
  if (inputs.run_id == latest) {
    inputs.answers_json = answers_of_page(arguments, pipeline, runtime->terminal(), nullptr);
  }
  TRY(report::write_page(store, inputs));
  const auto path = store.location_of(report::page_path(inputs.run_id));
  print(path + "\n");
  if (arguments.report.open) TRY(open_in_desktop(path));
  return 0;
}

Result<int> run_recover(const Arguments& arguments) {
  Signals signals;
  TRY(const auto runtime, Runtime::open(arguments, signals));
  if (arguments.recover.from_log) {
    TRY(run::recover_from_log(arguments.wait, runtime->context(arguments, signals)));
    print("the tables' folders are as their logs say\n");
    return 0;
  }
  TRY(const auto finished, run::recover(arguments.wait, runtime->context(arguments, signals)));
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
  TRY(const auto runtime, Runtime::open(arguments, signals));
  const run::VacuumOptions options{arguments.vacuum.older_than, arguments.vacuum.dry_run,
                                   arguments.wait};
  TRY(const auto vacuumed, run::vacuum(options, runtime->context(arguments, signals)));
  if (arguments.json) {
    print(nlohmann::json({{"files", vacuumed.files},
                          {"bytes", vacuumed.bytes},
                          {"dry_run", arguments.vacuum.dry_run}})
              .dump() +
          "\n");
    return 0;
  }
  for (const auto& file : vacuumed.files) print(visible_text(file, false) + "\n");
  print(fmt::format("{} {} file{}, {} bytes\n",
                    arguments.vacuum.dry_run ? "would remove" : "removed", vacuumed.files.size(),
                    vacuumed.files.size() == 1 ? "" : "s", vacuumed.bytes));
  return 0;
}

nlohmann::json complaints_json(const std::vector<config::Complaint>& complaints) {
  auto list = nlohmann::json::array();
  for (const auto& complaint : complaints) {
    list.push_back({{"file", complaint.file},
                    {"line", complaint.mark.line},
                    {"column", complaint.mark.column},
                    {"what", complaint.what},
                    {"remedy", complaint.remedy}});
  }
  return list;
}

Result<int> run_validate(const Arguments& arguments) {
  TRY(const auto reading, read_pipeline_file(arguments, config::UnsetVariables::kWarn));
  const bool is_valid = reading.pipeline.has_value();
  if (arguments.json) {
    const nlohmann::json json = {{"valid", is_valid},
                                 {"complaints", complaints_json(reading.complaints)},
                                 {"warnings", complaints_json(reading.warnings)}};
    print(json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n");
    return is_valid ? 0 : 2;
  }
  for (const auto& warning : reading.warnings) {
    std::fputs(("warning: " + visible_text(warning.message(), false) + "\n").c_str(), stderr);
  }
  if (!is_valid) return config::complaints_error(reading.complaints);
  const auto& pipeline = *reading.pipeline;
  print(fmt::format("{}: valid: pipeline '{}', {} table{}, {} destination{}\n", arguments.pipeline,
                    pipeline.name, pipeline.tables.size(), pipeline.tables.size() == 1 ? "" : "s",
                    pipeline.destinations.size(), pipeline.destinations.size() == 1 ? "" : "s"));
  return 0;
}

Result<int> run_serve_api(const Arguments& arguments) {
  Signals signals;
  TRY(const auto simulator, simulator::Simulator::start(arguments.serve_api));
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
      {"vacuum", run_vacuum},     {"report", run_report},       {"embed", run_embed},
      {"shards", run_shards},
  };
  if (arguments.command == "version") {
    print(version_text());
    return 0;
  }
  if (arguments.run.from_raw) return run_from_raw(arguments);
  if (!arguments.shards.plan.empty()) return run_shard(arguments);
  const auto command = kCommands.find(arguments.command);
  return command == kCommands.end() ? run_stages(arguments) : command->second(arguments);
}

}  // namespace

int run_command(const Arguments& arguments) { return exit_with(dispatch(arguments)); }

}  // namespace ashore::cli
