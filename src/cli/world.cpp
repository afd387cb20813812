// Builds the seams once and hands them down.
#include "cli/world.h"

#include <unistd.h>

#include <filesystem>
#include <thread>

#include "cli/environment.h"
#include "cli/pipeline_file.h"
#include "io/fake_clock.h"
#include "io/seeded_random.h"

namespace ashore::cli {

namespace {

TerminalOptions terminal_options(const Arguments& arguments) {
  const bool is_terminal = ::isatty(STDERR_FILENO) == 1;
  return {.format = arguments.log_format,
          .level = level_of(arguments.log_level),
          .progress = arguments.progress,
          .is_terminal = is_terminal,
          .has_color = is_terminal && !environment_variable("NO_COLOR")};
}

std::filesystem::path binary_folder() {
  std::error_code code;
  return std::filesystem::read_symlink("/proc/self/exe", code).parent_path();
}

constexpr std::string_view kEmbedded = "embedded:";

}  // namespace

std::string driver_folder() {
  if (const auto folder = environment_variable("ASHORE_DRIVERS")) return *folder;
  const auto beside = binary_folder() / "lib";
  std::error_code code;
  if (std::filesystem::exists(beside / "libduckdb.so", code)) return beside.string();
  return (binary_folder().parent_path() / "lib" / "ashore").string();
}

std::string absolute_path(const std::string& path) {
  return std::filesystem::absolute(path).lexically_normal().string();
}

io::CurlOptions http_options() {
  return {.user_agent = "ashore/" ASHORE_VERSION,
          .authorities_file = environment_variable("SSL_CERT_FILE").value_or("")};
}

World::World(const Arguments& arguments, Stead stead, std::unique_ptr<io::DiskStore> store)
    : stead_(std::move(stead)),
      store_(std::move(store)),
      http_(http_options()),
      faulty_http_(stead_.faults
                       ? std::optional<io::FaultyTransport>(std::in_place, http_, *stead_.faults)
                       : std::nullopt),
      terminal_(terminal_options(arguments), stderr, stead_.clock ? *stead_.clock : clock_),
      env_{faulty_http_ ? static_cast<io::HttpTransport&>(*faulty_http_) : http_, *store_,
           stead_.clock ? *stead_.clock : clock_,
           stead_.random ? *stead_.random : static_cast<io::Random&>(random_)} {}

base::Result<World::Stead> World::read_stead() {
  Stead stead;
  if (const auto plan = environment_variable("ASHORE_TEST_FAULTS")) {
    TRY(stead.faults, io::NumberedFaults::parse(*plan).within("ASHORE_TEST_FAULTS"));
  }
  if (const auto time = environment_variable("ASHORE_TEST_TIME")) {
    const auto instant = base::parse_timestamp(*time, base::ZoneRule::kRequired);
    if (!instant.ok()) return instant.error();
    stead.clock = std::make_unique<io::FakeClock>(instant.value());
    stead.random = std::make_unique<io::SeededRandom>();
  }
  return stead;
}

base::Result<std::unique_ptr<World>> World::open(const Arguments& arguments, Signals&) {
  TRY(auto stead, read_stead());
  auto folder = absolute_path(arguments.data_dir);
  while (folder.size() > 1 && folder.ends_with('/')) folder.pop_back();
  TRY(auto store, io::DiskStore::open(folder, stead.faults.get()));
  return std::unique_ptr<World>(new World(arguments, std::move(stead), std::move(store)));
}

base::Result<pipeline::Options> World::stage_options(const Arguments& arguments,
                                                     const spec::Pipeline& pipeline) {
  pipeline::Options options;
  options.command = arguments.command;
  options.run_id = arguments.run_id;
  options.window = arguments.window;
  options.widen = arguments.widen;
  options.source_url = arguments.source_url;
  TRY(options.destinations, destinations_of(arguments, pipeline));
  options.data_folder = store_->location();
  options.driver_folder = driver_folder();
  const int cores = static_cast<int>(std::thread::hardware_concurrency());
  options.threads = arguments.threads > 0 ? arguments.threads : std::max(1, cores);
  options.memory_bytes = arguments.memory_bytes;
  options.wait = arguments.wait;
  options.force = arguments.force;
  options.overrides = arguments.overrides;
  options.override_reason = arguments.override_reason;
  options.full = arguments.full;
  options.skip_unchanged = arguments.skip_unchanged;
  options.batch_rows_max = arguments.batch_rows_max;
  options.version = ASHORE_VERSION;
  options.environment = environment_variable;
  options.faults = stead_.faults.get();

  const auto url = arguments.source_url.value_or(pipeline.source_url);
  // Whoever merges may have to look for vanished rows.
  const bool may_look_up =
      pipeline.extract.lookup && (arguments.command == "run" || arguments.command == "merge" ||
                                  arguments.command == "publish");
  const bool asks_source = (arguments.command == "run" && !arguments.from_raw) ||
                           arguments.command == "extract" || may_look_up ||
                           (arguments.command == "reconcile" && !arguments.offline);
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
