// Declares every command and option once, with CLI11.
#include "cli/arguments.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <map>
#include <optional>
#include <span>
#include <sstream>

#include "cli/command_docs.h"
#include "cli/option_values.h"
#include "cli/places.h"
#include "cli/serve_api_options.h"
#include "cli/shard_options.h"
#include "cli/stage_options.h"
#include "config/nearest_name.h"
#include "config/quantity.h"

namespace ashore::cli {

namespace {

using base::Result;

Result<base::Timestamp> parse_instant(const std::string& text, const char* option) {
  if (const auto date = base::parse_date(text); date.ok()) return base::Timestamp(date.value());
  auto timestamp = base::parse_timestamp(text, base::ZoneRule::kRequired);
  if (timestamp.ok()) return timestamp;
  return std::move(timestamp).error().within(option).with_remedy(
      "Give a date as YYYY-MM-DD or a time with its zone as 2022-11-01T00:00:00Z.");
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
  TRY(check_data_dir(arguments->data_dir));
  if (!raw.memory.empty()) {
    const auto bytes = config::parse_bytes(raw.memory);
    if (!bytes || *bytes < 16'000'000) {
      return wrong_quantity("--memory", raw.memory, "Give at least 16MB, as in 512MB or 2GiB.");
    }
    arguments->memory_bytes = *bytes;
  }
  TRY(read_duration(raw.wait, "--wait", &arguments->wait));
  TRY(read_duration(raw.older_than, "--older-than", &arguments->vacuum.older_than));
  TRY(resolve_serve_api(raw.serve_api, &arguments->serve_api));
  arguments->log_format = raw.log_format == "json"  ? LogFormat::kJson
                          : raw.log_format == "emf" ? LogFormat::kEmf
                                                    : LogFormat::kText;
  arguments->progress = raw.progress == "none"    ? Progress::kNone
                        : raw.progress == "plain" ? Progress::kPlain
                                                  : Progress::kAuto;
  if (!raw.source_url.empty()) {
    TRY(check_source_url(raw.source_url));
    arguments->source_url = raw.source_url;
  }
  return {};
}

void add_load_options(CLI::App* command, Arguments* arguments) {
  command->add_flag("--full", arguments->load.full,
                    "Compare every row of every destination, where others may have changed some");
  command->add_flag("--skip-unchanged", arguments->load.skip_unchanged,
                    "Exit with 99 instead of 0 where nothing was new");
}

void add_adopt(CLI::App* command, Arguments* arguments) {
  auto* const adopt = command->add_flag(
      "--adopt", arguments->load.adopt,
      "Take over tables that ashore did not load: print what changes, ask where stdin is a "
      "terminal, then make them equal");
  for (const auto* dates : {"--start-date", "--end-date"}) {
    adopt->excludes(command->get_option(dates));
  }
  auto* const dry_run = command->add_flag("--dry-run", arguments->load.dry_run,
                                          "With --adopt: print what would change, change nothing");
  dry_run->needs(adopt);
  command->add_flag("--yes", arguments->load.yes, "With --adopt: do not ask")
      ->needs(adopt)
      ->excludes(dry_run);
}

void add_force(CLI::App* command, Arguments* arguments) {
  command->add_flag("--force", arguments->publish.force,
                    "Publish a landing that is older than the published one");
}

void add_take_table(CLI::App* command, Arguments* arguments) {
  command
      ->add_option(
          "--take-table", arguments->publish.taken_tables,
          "Write this table though another pipeline published it, may be repeated: after a "
          "pipeline was renamed")
      ->allow_extra_args(false);
}

void add_override(CLI::App* command, Arguments* arguments) {
  auto* const reason = command->add_option("--reason", arguments->publish.override_reason,
                                           "Why the overridden checks do not matter; kept forever");
  auto* const checks =
      command->add_option("--override", arguments->publish.overrides,
                          "Publish although this check failed, may be repeated: its name, its "
                          "kind, or as the verdict prints it");
  checks->allow_extra_args(false)->needs(reason);
  reason->needs(checks);
}

// Every stage takes the options of all; its help lists those that it uses.
void hide_unused(CLI::App* command, std::string_view stage) {
  const bool asks = stage == "extract" || stage == "merge" || stage == "publish";
  const bool locks = stage != "transform" && stage != "audit";
  const std::pair<const char*, bool> kUses[] = {
      {"--start-date", stage == "extract" || stage == "load"},
      {"--end-date", stage == "extract" || stage == "load"},
      {"--widen", stage == "extract"},
      {"--source-url", asks},
      {"--to", stage == "load"},
      {"--threads", stage != "extract"},
      {"--wait", locks}};
  for (const auto& [option, is_used] : kUses) {
    if (!is_used) command->get_option(option)->group("");
  }
}

void add_stages(CLI::App* app, Arguments* arguments, RawTexts* raw) {
  auto* run = add_command(app, "run", "All stages: API to published tables to databases");
  add_stage_options(run, arguments, raw);
  add_load_options(run, arguments);
  add_force(run, arguments);
  add_take_table(run, arguments);
  auto* from_raw = run->add_flag("--from-raw", arguments->run.from_raw,
                                 "Publish every landing not yet published, without network");
  for (const auto* other : {"--run-id", "--start-date", "--end-date", "--widen"}) {
    from_raw->excludes(run->get_option(other));
  }
  const std::pair<const char*, const char*> kStages[] = {
      {"extract", "Fetch every page of a window and land it verbatim"},
      {"transform", "Make typed rows of a landing, reject what does not fit"},
      {"merge", "Compare the rows with the published tables, by key"},
      {"audit", "Put the pipeline's checks to the merged tables"},
      {"publish", "Publish what passed, one atomic commit per table"},
      {"load", "Make the destinations equal to the published tables"}};
  for (const auto& [name, description] : kStages) {
    auto* command = add_command(app, name, description);
    add_stage_options(command, arguments, raw);
    hide_unused(command, name);
    if (std::string_view(name) == "extract") add_shard(command, arguments);
    if (std::string_view(name) == "load") {
      add_load_options(command, arguments);
      add_adopt(command, arguments);
    }
    const bool writes_tables = std::string_view(name) == "merge" ||
                               std::string_view(name) == "publish" ||
                               std::string_view(name) == "load";
    if (writes_tables) add_take_table(command, arguments);
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
  report->add_flag("--open", arguments->report.open, "Open the page, by xdg-open");
}

void add_readers(CLI::App* app, Arguments* arguments, RawTexts* raw) {
  auto* plan = add_command(app, "plan", "What run would do; touches nothing");
  add_stage_options(plan, arguments, raw);
  auto* answers = add_command(app, "answers", "Answer the pipeline's questions");
  add_pipeline(answers, arguments);
  add_data_dir(answers, arguments);
  add_to(answers, arguments);
  add_resources(answers, arguments, raw);
  answers->add_option("--format", arguments->answers.format, "How answers are printed")
      ->check(CLI::IsMember({"table", "json", "csv"}))
      ->capture_default_str();
  answers->add_option(
      "--question", arguments->answers.questions,
      "Answer only this question, may be repeated: the name of its file without .sql");
  answers->add_option("--output", arguments->answers.output_folder,
                      "With --format csv: a folder to write one file per question to");
  auto* status = add_command(app, "status", "What is published and what is loaded");
  add_pipeline(status, arguments);
  add_data_dir(status, arguments);
  add_to(status, arguments);
  status->add_flag("--json", arguments->json, "One JSON object");
  auto* runs = add_command(app, "runs", "The history of runs");
  add_data_dir(runs, arguments);
  runs->add_flag("--json", arguments->json, "One JSON array");
  runs->add_option("--limit", arguments->runs.limit, "Only so many, the newest")
      ->check(CLI::Range(1, 1'000'000));
  add_report(app, arguments, raw);
  auto* recover = add_command(app, "recover", "Heal what a crash left; running anything does too");
  add_data_dir(recover, arguments);
  recover->add_flag("--from-log", arguments->recover.from_log,
                    "Make the tables' folders equal to their logs, where the record of an "
                    "interrupted publication is damaged");
  add_wait(recover, raw);
  add_output(recover, arguments, raw);
  auto* vacuum = add_command(app, "vacuum", "Remove files that no version needs");
  add_data_dir(vacuum, arguments);
  vacuum->add_option("--older-than", raw->older_than,
                     "Only what was superseded or left behind this long ago (default 7d)");
  vacuum->add_flag("--dry-run", arguments->vacuum.dry_run, "Only list what would be removed");
  add_wait(vacuum, raw);
  add_output(vacuum, arguments, raw);
  auto* validate = add_command(app, "validate", "Read the pipeline file and say all that is wrong");
  add_pipeline(validate, arguments);
  validate->add_flag("--json", arguments->json, "Complaints and warnings as one JSON object");
  auto* doctor = add_command(app, "doctor", "What is installed and reachable");
  add_pipeline(doctor, arguments);
  add_data_dir(doctor, arguments);
  add_to(doctor, arguments);
  doctor->add_option("--source-url", raw->source_url, "Replaces the source's url")
      ->envname("ASHORE_SOURCE_URL");
  add_command(app, "version", "What this is");
}

// For programs: rows as Arrow IPC streams on stdout.
void add_embed(CLI::App* app, Arguments* arguments, RawTexts* raw) {
  auto* embed =
      add_command(app, "embed", "For programs, as the Python package: rows as Arrow IPC on stdout");
  embed->require_subcommand(1);
  auto* transform = add_command(
      embed, "transform", "The rows and rejections of pages that come on stdin; touches no folder");
  transform->add_option("pipeline", arguments->pipeline,
                        "What messages call the pipeline file, whose text comes before the pages");
  auto* table = add_command(embed, "table", "The rows of a published table");
  table->add_option("table", arguments->embed.table, "Its name")->required();
  add_data_dir(table, arguments);
  table
      ->add_option("--column", arguments->embed.columns,
                   "Only this column, may be repeated; default all")
      ->allow_extra_args(false);
  table
      ->add_option("--version", arguments->embed.version,
                   "As it was at this version of the table; default the newest")
      ->check(CLI::NonNegativeNumber);
  for (auto* action : {transform, table}) add_resources(action, arguments, raw);
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
  auto* quarantine = add_command(app, "quarantine", "The rejected rows, and why");
  quarantine->require_subcommand(1);
  const auto add = [&](const char* name, const char* description) {
    auto* action = add_command(quarantine, name, description);
    add_raw_options(action, arguments, raw);
    action->add_option("--run-id", arguments->run_id, "Only rows of this run");
    return action;
  };
  for (auto* action : {add("list", "How many rows of which run and table, by rule"),
                       add("show", "Each row: its place, the rule, the value and the item")}) {
    action->add_option("--table", arguments->quarantine.table, "Only rows of this table");
  }
  add("replay",
      "Land the rows that the corrected pipeline file lets pass; no newer row is overwritten");
}

void add_raw_commands(CLI::App* app, Arguments* arguments, RawTexts* raw) {
  auto* replay = add_command(app, "replay",
                             "Build the published tables again from raw, without network, and "
                             "compare: exit 1 where they differ");
  add_raw_options(replay, arguments, raw);
  replay->add_flag("--rebuild", arguments->replay.rebuild,
                   "Publish what was built, with the pipeline file as it is now, and load it");
  replay->add_flag("--force", arguments->replay.force,
                   "With --rebuild: also where other programs committed or landings are not whole; "
                   "what no landing holds is lost");
  auto* reconcile = add_command(app, "reconcile",
                                "Compare raw, the published tables, the destinations and the "
                                "source's totals: exit 1 and what differs, by key, file or page");
  add_raw_options(reconcile, arguments, raw);
  add_source_url(reconcile, raw);
  reconcile->add_flag("--repair", arguments->reconcile.repair,
                      "Make destinations that differ equal to the published tables");
  reconcile->add_flag("--deep", arguments->reconcile.deep,
                      "Build the tables again from raw, too, and compare row by row");
  reconcile->add_flag("--offline", arguments->reconcile.offline,
                      "Do not ask the source for its totals");
  auto* rollback = add_command(app, "rollback",
                               "Publish the tables as they were after a run, as a new version, "
                               "and load them");
  rollback->add_option("run", arguments->rollback.run_id, "The run; 'ashore runs' lists them");
  add_raw_options(rollback, arguments, raw);
  auto* const pin = rollback->add_flag("--pin", arguments->rollback.pin,
                                       "Keep the tables there: runs land, and publish nothing "
                                       "(exit 3), until --unpin");
  rollback->add_flag("--unpin", arguments->rollback.unpin, "Let the tables go; takes no run")
      ->excludes(pin);
  add_quarantine(app, arguments, raw);
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

// CLI11 says no more than that a command, or what it must do, is missing.
std::optional<Parsed> wrong_command(const CLI::App& app, int argc, const char* const* argv) {
  const CLI::App* parent = &app;
  for (int index = 1;; ++index) {
    std::vector<std::string> names;
    for (const auto* command : parent->get_subcommands({})) names.push_back(command->get_name());
    if (names.empty()) return std::nullopt;
    const auto place = parent == &app ? std::string() : parent->get_name() + ": ";
    if (index >= argc) {
      return refused(place + "no command given. " + config::suggestion("", names));
    }
    const std::string_view word = argv[index];
    if (word.starts_with('-')) return std::nullopt;
    if (std::ranges::find(names, word) == names.end()) {
      return refused(place + "there is no command '" + std::string(word) + "'. " +
                     config::suggestion(word, names));
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
    const auto nearest = config::nearest_name(option, names);
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

// The manual and the completions are made of what is declared here, so they are answered here.
void add_docs(CLI::App* app, RawTexts* raw) {
  add_command(app, "completion", "Print completions to be sourced by a shell")
      ->add_option("shell", raw->shell, "bash, zsh or fish")
      ->check(CLI::IsMember({"bash", "zsh", "fish"}))
      ->required();
  add_command(app, "man", "Print the manual page, for man -l -");
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
      "Exit codes: 0 done, 1 failed and running again may help, 2 a retry can't fix it,\n"
      "3 blocked by a check, 4 blocked by quarantine, 99 nothing new (--skip-unchanged), 70 a bug "
      "in "
      "ashore.");
  add_stages(&app, &parsed.arguments, &raw);
  add_shard_commands(&app, &parsed.arguments, &raw);
  add_raw_commands(&app, &parsed.arguments, &raw);
  add_readers(&app, &parsed.arguments, &raw);
  add_embed(&app, &parsed.arguments, &raw);
  add_serve_api(&app, &parsed.arguments.serve_api, &raw.serve_api);
  add_docs(&app, &raw);
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
  parsed.text = documents(app, parsed.arguments.command, raw.shell, version);
  if (parsed.text) return parsed;
  const auto actions = app.get_subcommands().front()->get_subcommands();
  if (!actions.empty()) {
    parsed.arguments.quarantine.action = actions.front()->get_name();
    parsed.arguments.embed.action = actions.front()->get_name();
  }
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
