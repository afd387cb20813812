// Makes the seams, the terminal and the options of one command.
#include "cli/runtime.h"

#include <unistd.h>

#include <filesystem>
#include <thread>

#include "cli/data_folder.h"
#include "cli/environment.h"
#include "cli/pipeline_file.h"
#include "io/testing/fake_clock.h"
#include "io/testing/seeded_random.h"

namespace ashore::cli {

namespace {

TerminalOptions terminal_options(const Arguments& arguments) {
  const bool is_terminal = ::isatty(STDERR_FILENO) == 1;
  return {.format = arguments.log_format,
          .level = level_of(arguments.log_level),
          .progress = arguments.progress,
          .is_terminal = is_terminal,
          .has_color = is_terminal && !environment_variable("NO_COLOR"),
          .trace_id = trace_id_of(environment_variable("TRACEPARENT").value_or(""))};
}

std::filesystem::path binary_folder() {
  std::error_code code;
  return std::filesystem::read_symlink("/proc/self/exe", code).parent_path();
}

constexpr std::string_view kEmbedded = "embedded:";

// DuckDB takes what follows a '?' for parameters and looks for its log file beside what is before.
base::Status check_duckdb_paths(const std::vector<config::DestinationSpec>& destinations,
                                const std::string& data_folder) {
  for (const auto& destination : destinations) {
    if (destination.kind != config::DestinationKind::kDuckDb) continue;
    const auto& path = destination.path;
    const auto whole = path.starts_with('/') ? path : data_folder + "/" + path;
    if (path == ":memory:" || whole.find('?') == std::string::npos) continue;
    return base::permanent("DuckDB cannot keep a file whose path holds a '?': " + whole)
        .with_remedy("Give --data-dir, or --to duckdb:PATH, a path without it.");
  }
  return {};
}

// What a run of this command is called in the history.
std::string kind_of(const std::string& command) {
  if (command == "rollback" || command == "replay") return command;
  return command == "quarantine" ? "quarantine replay" : "run";
}

}  // namespace

std::string driver_folder() {
  if (const auto folder = environment_variable("ASHORE_DRIVERS")) return *folder;
  const auto beside = binary_folder() / "lib";
  std::error_code code;
  if (std::filesystem::exists(beside / "libduckdb.so", code)) return beside.string();
  return (binary_folder().parent_path() / "lib" / "ashore").string();
}

io::CurlOptions http_options() {
  return {.user_agent = "ashore/" ASHORE_VERSION,
          .authorities_file = environment_variable("SSL_CERT_FILE").value_or("")};
}

Runtime::Runtime(const Arguments& arguments, TestDoubles doubles)
    : test_doubles_(std::move(doubles)),
      http_(http_options()),
      faulty_http_(test_doubles_.faults ? std::optional<io::FaultyTransport>(std::in_place, http_,
                                                                             *test_doubles_.faults)
                                        : std::nullopt),
      terminal_(terminal_options(arguments), stderr,
                test_doubles_.clock ? *test_doubles_.clock : clock_) {}

io::HttpTransport& Runtime::http() {
  return faulty_http_ ? static_cast<io::HttpTransport&>(*faulty_http_) : http_;
}

io::Clock& Runtime::clock() {
  return test_doubles_.clock ? *test_doubles_.clock : static_cast<io::Clock&>(clock_);
}

base::Result<Runtime::TestDoubles> Runtime::read_test_doubles() {
  TestDoubles doubles;
  if (const auto plan = environment_variable("ASHORE_TEST_FAULTS")) {
    TRY(doubles.faults, io::NumberedFaults::parse(*plan).within("ASHORE_TEST_FAULTS"));
  }
  if (const auto time = environment_variable("ASHORE_TEST_TIME")) {
    const auto instant = base::parse_timestamp(*time, base::ZoneRule::kRequired);
    if (!instant.ok()) return instant.error();
    doubles.clock = std::make_unique<io::FakeClock>(instant.value());
    doubles.random = std::make_unique<io::SeededRandom>();
  }
  return doubles;
}

base::Result<std::unique_ptr<Runtime>> Runtime::open(const Arguments& arguments, Signals& signals) {
  TRY(auto doubles, read_test_doubles());
  std::unique_ptr<Runtime> runtime(new Runtime(arguments, std::move(doubles)));
  // By a clock that goes on, whatever a test makes the others show: S3 compares it with its own.
  TRY(runtime->store_, open_data_folder(arguments.data_dir, runtime->http(), runtime->clock_,
                                        signals.token(), runtime->test_doubles_.faults.get()));
  auto& random = runtime->test_doubles_.random ? *runtime->test_doubles_.random
                                               : static_cast<io::Random&>(runtime->random_);
  runtime->env_.emplace(io::Env{runtime->http(), *runtime->store_, runtime->clock(), random});
  return runtime;
}

state::RunContext Runtime::context(const Arguments& arguments, const Signals& signals) {
  const int cores = static_cast<int>(std::thread::hardware_concurrency());
  return {.env = *env_,
          .events = terminal_,
          .stop = signals.token(),
          .threads = arguments.threads > 0 ? arguments.threads : std::max(1, cores),
          .memory_bytes = arguments.memory_bytes,
          .version = ASHORE_VERSION,
          .driver_folder = driver_folder(),
          .faults = test_doubles_.faults.get()};
}

base::Result<run::Options> Runtime::stage_options(const Arguments& arguments,
                                                  const config::Pipeline& pipeline) {
  for (const auto& warning : pipeline.warnings) terminal_.emit(base::Warned{warning});
  run::Options options;
  options.command = arguments.command;
  options.kind = kind_of(arguments.command);
  options.run_id = arguments.run_id;
  options.window = arguments.window;
  options.widen = arguments.widen;
  options.source_url = arguments.source_url;
  TRY(options.load.destinations, destinations_of(arguments, pipeline));
  options.load.data_folder = store_->location();
  TRY(check_duckdb_paths(options.load.destinations, options.load.data_folder));
  options.load.full = arguments.load.full;
  if (arguments.wait.count() > 0) options.load.busy_wait = arguments.wait;
  if (arguments.command == "load" && !arguments.window.is_unbounded()) {
    options.load.range = arguments.window;
  }
  options.wait = arguments.wait;
  options.force = arguments.publish.force || arguments.replay.force;
  options.taken_tables = arguments.publish.taken_tables;
  options.overrides = arguments.publish.overrides;
  options.override_reason = arguments.publish.override_reason;
  options.skip_unchanged = arguments.load.skip_unchanged;
  options.joins_shards = arguments.command == "join";
  options.offline = arguments.shards.offline;
  options.batch_rows_max = arguments.batch_rows_max;
  options.environment = environment_variable;

  const auto url = arguments.source_url.value_or(pipeline.source_url);
  // Whoever merges may have to look for missing rows.
  const bool may_look_up =
      pipeline.extract.lookup && (arguments.command == "run" || arguments.command == "merge" ||
                                  arguments.command == "publish");
  const bool asks_source = (arguments.command == "run" && !arguments.run.from_raw) ||
                           arguments.command == "extract" || may_look_up ||
                           arguments.command == "shards" ||
                           (arguments.command == "join" && !arguments.shards.offline) ||
                           (arguments.command == "reconcile" && !arguments.reconcile.offline);
  if (url.starts_with(kEmbedded) && asks_source) {
    TRY(simulator_, simulator::Simulator::start({}));
    options.source_url = simulator_->url();
    const bool has_live_url = !pipeline.source_url.starts_with(kEmbedded);
    terminal_.emit(base::Noted{"source: the embedded API at " + simulator_->url() +
                               " (facts only); the live one: ashore " + arguments.command +
                               " --source-url " + (has_live_url ? pipeline.source_url : "URL")});
  }
  return options;
}

}  // namespace ashore::cli
