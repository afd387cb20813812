// Declares every command and option once: --help, the environment and the parser agree by
// construction.
#include "cli/arguments.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <map>
#include <optional>
#include <span>
#include <sstream>

#include "spec/nearest_name.h"
#include "spec/quantity.h"

namespace ashore::cli {

namespace {

using base::Result;

// Texts that become values only after CLI11 has seen the whole line.
struct RawTexts {
  std::string start;
  std::string end;
  std::string memory;
  std::string wait;
  std::string older_than;
  std::string log_format = "text";
  std::string progress = "auto";
  std::string source_url;
  std::string latency;
  std::string timeout_hold;
  std::int64_t retry_after_seconds = 1;
  std::int64_t synthetic = -1;
};

Result<base::Timestamp> parse_instant(const std::string& text, const char* option) {
  if (const auto date = base::parse_date(text); date.ok()) return base::Timestamp(date.value());
  auto timestamp = base::parse_timestamp(text, base::ZoneRule::kRequired);
  if (timestamp.ok()) return timestamp;
  return std::move(timestamp).error().within(option).with_remedy(
      "Give a date as YYYY-MM-DD or a time with its zone as 2022-11-01T00:00:00Z.");
}

base::Error wrong_quantity(const char* option, const std::string& text, const char* remedy) {
  return base::permanent(std::string(option) + ": cannot be read: '" + text + "'")
      .with_remedy(remedy);
}

base::Status read_duration(const std::string& text, const char* option,
                           std::chrono::milliseconds* target) {
  if (text.empty()) return {};
  const auto duration = spec::parse_duration(text);
  if (!duration) return wrong_quantity(option, text, "Give a number and a unit, as in 30s or 5m.");
  *target = *duration;
  return {};
}

base::Status resolve_window(const RawTexts& raw, Arguments* arguments) {
  if (!raw.start.empty()) {
    TRY(arguments->window.start, parse_instant(raw.start, "--start-date"));
  }
  if (!raw.end.empty()) {
    TRY(arguments->window.end, parse_instant(raw.end, "--end-date"));
  }
  return {};
}

base::Status resolve(const RawTexts& raw, Arguments* arguments) {
  TRY(resolve_window(raw, arguments));
  if (!raw.memory.empty()) {
    const auto bytes = spec::parse_bytes(raw.memory);
    if (!bytes || *bytes < (std::int64_t{16} << 20)) {
      return wrong_quantity("--memory", raw.memory, "Give at least 16MB, as in 512MB or 2GiB.");
    }
    arguments->memory_bytes = *bytes;
  }
  TRY(read_duration(raw.wait, "--wait", &arguments->wait));
  TRY(read_duration(raw.older_than, "--older-than", &arguments->older_than));
  TRY(read_duration(raw.latency, "--latency", &arguments->simulator.faults.latency));
  TRY(read_duration(raw.timeout_hold, "--timeout-hold", &arguments->simulator.faults.timeout_hold));
  arguments->log_format = raw.log_format == "json" ? LogFormat::kJson : LogFormat::kText;
  arguments->progress = raw.progress == "none"    ? Progress::kNone
                        : raw.progress == "plain" ? Progress::kPlain
                                                  : Progress::kAuto;
  if (!raw.source_url.empty()) arguments->source_url = raw.source_url;
  arguments->simulator.faults.retry_after = std::chrono::seconds(raw.retry_after_seconds);
  if (raw.synthetic >= 0) arguments->simulator.synthetic_count = raw.synthetic;
  return {};
}

void add_pipeline(CLI::App* command, Arguments* arguments) {
  command->add_option("pipeline", arguments->pipeline, "The pipeline file")->capture_default_str();
}

void add_window(CLI::App* command, Arguments* arguments, RawTexts* raw) {
  command
      ->add_option("--start-date,--start_date", raw->start,
                   "First instant of the window: YYYY-MM-DD (midnight UTC) or RFC 3339")
      ->envname("ASHORE_START_DATE");
  command
      ->add_option("--end-date,--end_date", raw->end,
                   "First instant after the window; left out with the start: all the source has")
      ->envname("ASHORE_END_DATE");
  command
      ->add_flag("--widen", arguments->widen,
                 "Widen the window by the pipeline's lookback and lookahead (scheduled runs)")
      ->envname("ASHORE_WIDEN");
}

void add_data_dir(CLI::App* command, Arguments* arguments) {
  command->add_option("--data-dir", arguments->data_dir, "Where raw, stage and runs lie")
      ->envname("ASHORE_DATA_DIR")
      ->capture_default_str();
}

void add_to(CLI::App* command, Arguments* arguments) {
  command
      ->add_option("--to", arguments->to,
                   "Destination instead of the pipeline's, may be repeated: duckdb:PATH or "
                   "postgresql://...")
      ->envname("ASHORE_TO");
}

void add_output(CLI::App* command, Arguments* arguments, RawTexts* raw) {
  command->add_option("--log-format", raw->log_format, "Logs on stderr")
      ->check(CLI::IsMember({"text", "json"}))
      ->envname("ASHORE_LOG_FORMAT")
      ->capture_default_str();
  command->add_option("--log-level", arguments->log_level, "The least level that is logged")
      ->check(CLI::IsMember({"debug", "info", "warn", "error"}))
      ->envname("ASHORE_LOG_LEVEL")
      ->capture_default_str();
  command->add_option("--progress", raw->progress, "Progress bar on a terminal")
      ->check(CLI::IsMember({"auto", "plain", "none"}))
      ->envname("ASHORE_PROGRESS")
      ->capture_default_str();
  command->add_flag("--json", arguments->json, "The last line of stdout is the report as JSON")
      ->envname("ASHORE_JSON");
}

void add_resources(CLI::App* command, Arguments* arguments, RawTexts* raw) {
  // For tests: any number gives the same rows and files.
  command->add_option("--batch-rows", arguments->batch_rows_max, "Rows decoded at once")
      ->check(CLI::Range(1, 1 << 20))
      ->envname("ASHORE_BATCH_ROWS")
      ->group("");
  command->add_option("--threads", arguments->threads, "Threads; default as the machine has")
      ->check(CLI::Range(1, 256))
      ->envname("ASHORE_THREADS");
  command->add_option("--memory", raw->memory, "Bound on memory: 512MB (default), 2GiB")
      ->envname("ASHORE_MEMORY");
}

void add_wait(CLI::App* command, RawTexts* raw) {
  command
      ->add_option("--wait", raw->wait, "How long to wait for another ashore on the same data: 30s")
      ->envname("ASHORE_WAIT");
}

void add_stage_options(CLI::App* command, Arguments* arguments, RawTexts* raw) {
  add_pipeline(command, arguments);
  add_window(command, arguments, raw);
  command
      ->add_option("--source-url", raw->source_url,
                   "Replaces the source's url; 'embedded:' starts the stand-in API in-process")
      ->envname("ASHORE_SOURCE_URL");
  add_data_dir(command, arguments);
  add_to(command, arguments);
  command->add_option("--run-id", arguments->run_id, "The run; default a new one, or the latest")
      ->envname("ASHORE_RUN_ID");
  command
      ->add_option(
          "--metrics-file", arguments->metrics_file,
          "Where to leave the run's metrics for Prometheus's textfile collector: FILE.prom")
      ->envname("ASHORE_METRICS_FILE");
  add_resources(command, arguments, raw);
  add_wait(command, raw);
  add_output(command, arguments, raw);
}

void add_load_options(CLI::App* command, Arguments* arguments) {
  command->add_flag("--full", arguments->full, "Compare every row of every destination");
  command->add_flag("--skip-unchanged", arguments->skip_unchanged,
                    "Exit with 99 instead of 0 where nothing was new");
}

void add_adopt(CLI::App* command, Arguments* arguments) {
  auto* const adopt = command->add_flag(
      "--adopt", arguments->adopt,
      "Take over tables that ashore did not load: print what changes, ask where stdin is a "
      "terminal, then make them equal");
  for (const auto* dates : {"--start-date", "--end-date"}) {
    adopt->excludes(command->get_option(dates));
  }
  auto* const dry_run = command->add_flag("--dry-run", arguments->dry_run,
                                          "With --adopt: print what would change, change nothing");
  dry_run->needs(adopt);
  command->add_flag("--yes", arguments->yes, "With --adopt: do not ask")
      ->needs(adopt)
      ->excludes(dry_run);
}

void add_force(CLI::App* command, Arguments* arguments) {
  command->add_flag("--force", arguments->force,
                    "Publish a landing that is older than the published one");
}

void add_override(CLI::App* command, Arguments* arguments) {
  auto* const reason =
      command->add_option("--reason", arguments->override_reason,
                          "Why the overridden checks do not matter; kept for ever");
  auto* const checks =
      command->add_option("--override", arguments->overrides,
                          "Publish although this check failed, may be repeated: its name, its "
                          "kind, or as the verdict prints it");
  checks->allow_extra_args(false)->needs(reason);
  reason->needs(checks);
}

CLI::App* add_command(CLI::App* app, const char* name, const char* description) {
  auto* command = app->add_subcommand(name, description);
  command->fallthrough(false);
  return command;
}

void add_stages(CLI::App* app, Arguments* arguments, RawTexts* raw) {
  auto* run = add_command(app, "run", "All stages: API to published tables to databases");
  add_stage_options(run, arguments, raw);
  add_load_options(run, arguments);
  add_force(run, arguments);
  auto* from_raw = run->add_flag("--from-raw", arguments->from_raw,
                                 "Publish every landing not yet published, without network");
  for (const auto* other : {"--run-id", "--start-date", "--end-date", "--widen"}) {
    from_raw->excludes(run->get_option(other));
  }
  const std::pair<const char*, const char*> kStages[] = {
      {"extract", "Fetch every page of a window and land it verbatim"},
      {"transform", "Make typed rows of a landing, set aside what does not fit"},
      {"merge", "Compare the rows with the published tables, by key"},
      {"audit", "Put the pipeline's checks to the merged tables"},
      {"publish", "Publish what passed, one atomic commit a table"},
      {"load", "Make the destinations equal to the published tables"}};
  for (const auto& [name, description] : kStages) {
    auto* command = add_command(app, name, description);
    add_stage_options(command, arguments, raw);
    if (std::string_view(name) == "load") {
      add_load_options(command, arguments);
      add_adopt(command, arguments);
    }
    if (std::string_view(name) == "publish") {
      add_force(command, arguments);
      add_override(command, arguments);
    }
  }
}

void add_report(CLI::App* app, Arguments* arguments, RawTexts* raw) {
  auto* report = add_command(app, "report", "Write the page of a run anew and print its path");
  report->add_option("run", arguments->run_id,
                     "The run, default the latest; only the latest is shown with the answers");
  add_pipeline(report, arguments);
  add_data_dir(report, arguments);
  add_to(report, arguments);
  add_resources(report, arguments, raw);
  report->add_flag("--open", arguments->open, "Open the page, by xdg-open");
}

void add_readers(CLI::App* app, Arguments* arguments, RawTexts* raw) {
  auto* plan = add_command(app, "plan", "What run would do; touches nothing");
  add_stage_options(plan, arguments, raw);
  auto* answers = add_command(app, "answers", "Answer the pipeline's questions");
  add_pipeline(answers, arguments);
  add_data_dir(answers, arguments);
  add_to(answers, arguments);
  add_resources(answers, arguments, raw);
  answers->add_option("--format", arguments->answers_format, "How answers are printed")
      ->check(CLI::IsMember({"table", "json", "csv"}))
      ->capture_default_str();
  auto* status = add_command(app, "status", "What is published and what is loaded");
  add_pipeline(status, arguments);
  add_data_dir(status, arguments);
  add_to(status, arguments);
  status->add_flag("--json", arguments->json, "One JSON object");
  auto* runs = add_command(app, "runs", "The history of runs");
  add_data_dir(runs, arguments);
  runs->add_flag("--json", arguments->json, "One JSON array");
  add_report(app, arguments, raw);
  auto* recover = add_command(app, "recover", "Heal what a crash left; running anything does too");
  add_data_dir(recover, arguments);
  add_wait(recover, raw);
  add_output(recover, arguments, raw);
  auto* vacuum = add_command(app, "vacuum", "Remove files that no version needs");
  add_data_dir(vacuum, arguments);
  vacuum->add_option("--older-than", raw->older_than,
                     "Only what was superseded or left behind this long ago (default 7d)");
  vacuum->add_flag("--dry-run", arguments->dry_run, "Only list what would be removed");
  add_wait(vacuum, raw);
  add_output(vacuum, arguments, raw);
  auto* validate = add_command(app, "validate", "Read the pipeline file and say all that is wrong");
  add_pipeline(validate, arguments);
  auto* doctor = add_command(app, "doctor", "What is installed and reachable");
  add_pipeline(doctor, arguments);
  add_data_dir(doctor, arguments);
  add_to(doctor, arguments);
  doctor->add_option("--source-url", raw->source_url, "Replaces the source's url")
      ->envname("ASHORE_SOURCE_URL");
  add_command(app, "version", "What this is");
}

// Of commands that go back to raw: they ask no source.
void add_raw_options(CLI::App* command, Arguments* arguments, RawTexts* raw) {
  add_pipeline(command, arguments);
  add_data_dir(command, arguments);
  add_to(command, arguments);
  add_resources(command, arguments, raw);
  add_wait(command, raw);
  add_output(command, arguments, raw);
}

void add_quarantine(CLI::App* app, Arguments* arguments, RawTexts* raw) {
  auto* quarantine = add_command(app, "quarantine", "The rows that were set aside, and why");
  quarantine->require_subcommand(1);
  const auto add = [&](const char* name, const char* description) {
    auto* action = add_command(quarantine, name, description);
    add_raw_options(action, arguments, raw);
    action->add_option("--run-id", arguments->run_id, "Only rows of this run");
    return action;
  };
  for (auto* action : {add("list", "How many rows of which run and table, by rule"),
                       add("show", "Each row: its place, the rule, the value and the item")}) {
    action->add_option("--table", arguments->table, "Only rows of this table");
  }
  add("replay",
      "Land the rows that the corrected pipeline file lets pass; no newer row is overwritten");
}

void add_raw_commands(CLI::App* app, Arguments* arguments, RawTexts* raw) {
  auto* replay = add_command(app, "replay",
                             "Build the published tables again from raw, without network, and "
                             "compare: exit 1 where they differ");
  add_raw_options(replay, arguments, raw);
  replay->add_flag("--rebuild", arguments->rebuild,
                   "Publish what was built, with the pipeline file as it is now, and load it");
  auto* reconcile = add_command(app, "reconcile",
                                "Compare raw, the published tables, the destinations and the "
                                "source's totals: exit 1 and what differs, by key, file or page");
  add_raw_options(reconcile, arguments, raw);
  reconcile
      ->add_option("--source-url", raw->source_url,
                   "Replaces the source's url; 'embedded:' starts the stand-in API in-process")
      ->envname("ASHORE_SOURCE_URL");
  reconcile->add_flag("--repair", arguments->repair,
                      "Make destinations that differ equal to the published tables");
  reconcile->add_flag("--deep", arguments->deep,
                      "Build the tables again from raw, too, and compare row by row");
  reconcile->add_flag("--offline", arguments->offline, "Do not ask the source for its totals");
  auto* rollback = add_command(app, "rollback",
                               "Publish the tables as they were after a run, as a new version, "
                               "and load them");
  rollback->add_option("run", arguments->roll_back_to, "The run; 'ashore runs' lists them")
      ->required();
  add_raw_options(rollback, arguments, raw);
  add_quarantine(app, arguments, raw);
}

void add_faults(CLI::App* command, simulator::Faults* faults, RawTexts* raw) {
  command->add_option("--latency", raw->latency, "Every answer waits this long: 20ms");
  command->add_option("--fail-429", faults->too_many_requests_first, "429 on the first N requests");
  command->add_option("--fail-429-every", faults->too_many_requests_every, "429 on every Nth");
  command->add_option("--retry-after", raw->retry_after_seconds, "Seconds in Retry-After of a 429");
  command->add_option("--fail-5xx", faults->server_error_first, "5xx on the first N requests");
  command->add_option("--fail-status", faults->server_error_status, "The status of --fail-5xx")
      ->check(CLI::Range(500, 599));
  command->add_option("--fail-timeout", faults->timeout_first, "No answer to the first N requests");
  command->add_option("--timeout-hold", raw->timeout_hold, "How long --fail-timeout holds: 60s");
  command->add_option("--fail-cut", faults->cut_body_first, "Half a body on the first N requests");
  command->add_option("--fail-html", faults->html_first, "HTML with 200 on the first N requests");
  command->add_option("--wrong-total", faults->wrong_total_page, "A wrong total on this page");
  command->add_option("--wrong-total-times", faults->wrong_total_times, "How often; 0: always");
  command->add_option("--move-after", faults->move_after_page,
                      "An item moves between pages after this page was served");
  command->add_option("--move-times", faults->move_times, "How often; 0: always");
  command->add_option("--faults-until", faults->until_request,
                      "No faults after this many requests");
}

void add_serve_api(CLI::App* app, Arguments* arguments, RawTexts* raw) {
  auto* serve = add_command(app, "serve-api", "A stand-in for the source, with faults on request");
  auto& options = arguments->simulator;
  serve->add_option("--snapshot", options.snapshot_path,
                    "A JSON array of documents, or a folder; default the facts in this binary");
  serve->add_option("--synthetic", raw->synthetic, "Serve N made-up documents");
  serve->add_option("--seed", options.seed, "Of the made-up documents")->capture_default_str();
  serve->add_option("--per-day", options.synthetic_per_day, "Made-up documents a day")
      ->capture_default_str();
  serve->add_option("--host", options.host, "Address to listen on")->capture_default_str();
  serve->add_option("--port", options.port, "Port; 0 takes a free one")->capture_default_str();
  serve->add_option("--connections", options.threads, "Connections served at once")
      ->check(CLI::Range(1, 1024))
      ->capture_default_str();
  serve->add_flag("--compress", options.compress, "Compress bodies when the client takes that");
  add_faults(serve, &options.faults, raw);
}

Parsed refused(const std::string& message) {
  Parsed parsed;
  parsed.text = "ashore: " + message + "\nRun 'ashore --help' or 'ashore COMMAND --help'.\n";
  parsed.text_is_error = true;
  parsed.exit_code = 2;
  return parsed;
}

Parsed failed(const CLI::App& app, const CLI::ParseError& error) {
  std::ostringstream out;
  std::ostringstream err;
  if (app.exit(error, out, err) != 0) return refused(error.what());
  Parsed parsed;
  parsed.text = out.str();
  return parsed;
}

// CLI11 says no more than that a command, or what it shall do, is missing.
std::optional<Parsed> wrong_command(const CLI::App& app, int argc, const char* const* argv) {
  const CLI::App* parent = &app;
  for (int index = 1;; ++index) {
    std::vector<std::string> names;
    for (const auto* command : parent->get_subcommands({})) names.push_back(command->get_name());
    if (names.empty()) return std::nullopt;
    const auto place = parent == &app ? std::string() : parent->get_name() + ": ";
    if (index >= argc) {
      return refused(place + "no command given. " + spec::suggestion("", names));
    }
    const std::string_view word = argv[index];
    if (word.starts_with('-')) return std::nullopt;
    if (std::ranges::find(names, word) == names.end()) {
      return refused(place + "there is no command '" + std::string(word) + "'. " +
                     spec::suggestion(word, names));
    }
    parent = parent->get_subcommand(std::string(word));
  }
}

// CLI11 reads the variables of every command, named or not, after the line. Commands share their
// targets here, so that the variable would win over the line.
void leave_variables_to(std::span<const char* const> words, CLI::App* parent) {
  for (auto* command : parent->get_subcommands([](const CLI::App*) { return true; })) {
    const bool is_named = !words.empty() && command->get_name() == words.front();
    leave_variables_to(is_named ? words.subspan(1) : std::span<const char* const>(), command);
    if (is_named) continue;
    for (auto* option : command->get_options()) option->envname("");
  }
}

// CLI11 names the words that nobody took, but not what was meant.
Parsed unexpected(const CLI::App& command, const CLI::ExtrasError& error) {
  std::vector<std::string> names;
  for (const auto* option : command.get_options()) {
    for (const auto& name : option->get_lnames()) names.push_back("--" + name);
  }
  for (const auto& word : command.remaining(true)) {
    if (!word.starts_with("--")) continue;
    const auto option = word.substr(0, word.find('='));
    const auto nearest = spec::nearest_name(option, names);
    return refused(command.get_name() + ": there is no option '" + option + "'." +
                   (nearest ? " Did you mean '" + *nearest + "'?" : ""));
  }
  return refused(error.what());
}

// The command that was named, or its action.
const CLI::App& named_command(const CLI::App& app) {
  const CLI::App* command = &app;
  while (!command->get_subcommands().empty()) command = command->get_subcommands().front();
  return *command;
}

// A value left empty is mostly a variable that was not set; a window without its start is
// everything.
std::optional<Parsed> empty_value(const CLI::App& command) {
  for (const auto* option : command.get_options()) {
    const auto& values = option->results();
    if (std::ranges::find(values, "") == values.end()) continue;
    return refused(option->get_name() + ": the value is empty. Leave the option out, or say more.");
  }
  return std::nullopt;
}

Parsed parse(int argc, const char* const* argv, const std::string& version) {
  Parsed parsed;
  RawTexts raw;
  CLI::App app(
      "ashore brings JSON APIs into your warehouse: every page of an HTTP API, kept as it came,\n"
      "as typed Parquet in Delta tables, checked, published atomically, loaded into DuckDB or "
      "PostgreSQL.",
      "ashore");
  app.set_version_flag("--version", "ashore " + version);
  app.require_subcommand(1);
  app.footer(
      "Exit codes: 0 done, 1 failed and running again may help, 2 a retry can't mend it,\n"
      "3 held by a check, 4 held by quarantine, 99 nothing new (--skip-unchanged), 70 a bug in "
      "ashore.");
  add_stages(&app, &parsed.arguments, &raw);
  add_raw_commands(&app, &parsed.arguments, &raw);
  add_readers(&app, &parsed.arguments, &raw);
  add_serve_api(&app, &parsed.arguments, &raw);
  if (auto wrong = wrong_command(app, argc, argv)) return *std::move(wrong);
  leave_variables_to(std::span(argv, static_cast<std::size_t>(argc)).subspan(1), &app);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ExtrasError& error) {
    return unexpected(named_command(app), error);
  } catch (const CLI::ParseError& error) {
    return failed(app, error);
  }
  if (auto empty = empty_value(named_command(app))) return *std::move(empty);
  parsed.arguments.command = app.get_subcommands().front()->get_name();
  const auto actions = app.get_subcommands().front()->get_subcommands();
  if (!actions.empty()) parsed.arguments.quarantine_action = actions.front()->get_name();
  const auto status = resolve(raw, &parsed.arguments);
  if (!status.ok()) {
    parsed.text = "ashore: " + status.error().message() + "\n";
    parsed.text_is_error = true;
    parsed.exit_code = 2;
  }
  return parsed;
}

}  // namespace

Parsed parse_arguments(int argc, const char* const* argv, const std::string& version) {
  try {
    return parse(argc, argv, version);
  } catch (const std::exception& exception) {
    // CLI11 throws for mistakes in the declarations above: ours, not the user's.
    Parsed parsed;
    parsed.text = std::string("ashore: a bug in the command line: ") + exception.what() + "\n";
    parsed.text_is_error = true;
    parsed.exit_code = 70;
    return parsed;
  }
}

}  // namespace ashore::cli
