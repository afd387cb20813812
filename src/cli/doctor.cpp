// Tries each thing that ashore needs once, in small, and says what is wrong.
#include "cli/doctor.h"

#include <arrow/config.h>
#include <curl/curlver.h>
#include <fmt/format.h>

#include <cstring>

#include "cli/data_folder.h"
#include "cli/runtime.h"
#include "extract/extract.h"
#include "io/memory_store.h"
#include "io/shown_url.h"
#include "io/system_clock.h"
#include "io/system_random.h"
#include "load/load.h"

namespace ashore::cli {

namespace {

using base::Status;

constexpr std::string_view kProbe = ".doctor";

Finding wrong(std::string what, const base::Error& error) {
  return {std::move(what), false, error.message(), base::exit_code_of(error.kind())};
}

// By the commit's own request: not every server that speaks like S3 knows it, or refuses the
// second.
Status try_commit(io::ObjectStore& store) {
  TRY(store.remove(kProbe));
  TRY(store.put_if_absent(kProbe, "ashore\n"));
  auto second = store.put_if_absent(kProbe, "another\n");
  TRY(store.remove(kProbe));
  if (!second.ok() && second.error().kind() == base::ErrorKind::kAlreadyExists) return {};
  if (!second.ok()) return second;
  return base::permanent("the store lets two writers put the same object (If-None-Match)")
      .with_remedy("Publications need a store that refuses the second, as S3 does.");
}

Finding examine_data_folder(const Arguments& arguments, io::HttpTransport& http, io::Clock& clock) {
  const std::string what = "data folder";
  auto store = open_data_folder(arguments.data_dir, http, clock);
  if (!store.ok()) return wrong(what, store.error());
  const auto tried = try_commit(*store.value());
  if (!tried.ok()) return wrong(what, tried.error());
  return {what, true, store.value()->location(), 0};
}

Finding examine_duckdb(const run::AccessOptions& access) {
  const std::string what = "DuckDB driver";
  warehouse::ConnectOptions options;
  options.driver_folder = access.driver_folder;
  options.path = ":memory:";
  auto connection = warehouse::Connection::open(options);
  if (!connection.ok()) return wrong(what, connection.error());
  return {what, true, access.driver_folder, 0};
}

Finding examine_destination(const config::DestinationSpec& destination,
                            const run::AccessOptions& access) {
  const auto what = load::destination_name(destination);
  auto connection = run::open_for_reading(destination, access);
  if (connection.ok()) return {what, true, "reachable", 0};
  // Opened for reading, so that the check itself makes no database.
  if (destination.kind == config::DestinationKind::kDuckDb &&
      connection.error().kind() == base::ErrorKind::kNotFound) {
    return {what, true, "not there yet: the first load makes it", 0};
  }
  return wrong(what, connection.error());
}

Finding examine_source(const Arguments& arguments, const config::Pipeline& pipeline) {
  const std::string what = "source";
  const auto url = arguments.source_url.value_or(pipeline.source_url);
  if (url.starts_with("embedded:")) return {what, true, "the embedded API", 0};
  // The first request of a run, with auth, once; what would be kept as evidence stays in memory.
  auto asking = pipeline;
  asking.extract.retry.attempts_max = 1;
  // Somebody waits at a terminal: a source that needs longer is reported as slow.
  asking.extract.limits.connect_timeout = std::chrono::seconds(5);
  asking.extract.limits.request_timeout = std::chrono::seconds(15);
  io::CurlTransport http(http_options());
  io::MemoryStore store;
  io::SystemClock clock;
  io::SystemRandom random;
  io::Env env{http, store, clock, random};
  base::NullEventSink events;
  extract::Options options;
  options.run_id = "doctor";
  options.source_url = arguments.source_url;
  const state::RunContext context{
      .env = env, .events = events, .stop = {}, .version = ASHORE_VERSION};
  const auto total = extract::count_items(asking, options, context);
  if (!total.ok()) return wrong(what, total.error());
  const auto came = total.value() ? fmt::format("{} items in all", *total.value())
                                  : std::string("a page as the pipeline file says");
  return {what, true, fmt::format("{} answers: {}", io::without_keys(url), came), 0};
}

}  // namespace

std::vector<Finding> examine(const Arguments& arguments, const config::Pipeline& pipeline,
                             const std::vector<config::DestinationSpec>& destinations,
                             const run::AccessOptions& access) {
  std::vector<Finding> findings;
  findings.push_back({"pipeline", true, arguments.pipeline + " is valid", 0});
  io::CurlTransport http(http_options());
  io::SystemClock clock;
  findings.push_back(examine_data_folder(arguments, http, clock));
  findings.push_back(examine_duckdb(access));
  for (const auto& destination : destinations) {
    findings.push_back(examine_destination(destination, access));
  }
  findings.push_back(examine_source(arguments, pipeline));
  return findings;
}

std::string findings_text(const std::vector<Finding>& findings) {
  std::string text;
  for (const auto& finding : findings) {
    text += fmt::format("{:<8} {}: {}\n", finding.is_well ? "ok" : "problem", finding.what,
                        finding.detail);
  }
  return text;
}

int exit_code_of(const std::vector<Finding>& findings) {
  for (const auto& finding : findings) {
    if (!finding.is_well) return finding.exit_code;
  }
  return 0;
}

std::string version_text() {
  return fmt::format("ashore {}\nArrow {}, libcurl {}, compiler {}\n", ASHORE_VERSION,
                     ARROW_VERSION_STRING, LIBCURL_VERSION, __VERSION__);
}

}  // namespace ashore::cli
