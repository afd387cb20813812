// The options of serve-api.
#include "cli/serve_api_options.h"

#include <CLI/CLI.hpp>
#include <utility>

#include "cli/option_values.h"

namespace ashore::cli {

namespace {

void add_faults(CLI::App* command, simulator::Faults* faults, ServeApiTexts* texts) {
  command->add_option("--latency", texts->latency, "Every answer waits this long: 20ms");
  command->add_option("--fail-429", faults->too_many_requests_first, "429 on the first N requests");
  command->add_option("--fail-429-every", faults->too_many_requests_every, "429 on every Nth");
  command->add_option("--retry-after", texts->retry_after_seconds,
                      "Seconds in Retry-After of a 429");
  command->add_option("--fail-5xx", faults->server_error_first, "5xx on the first N requests");
  command->add_option("--fail-status", faults->server_error_status, "The status of --fail-5xx")
      ->check(CLI::Range(500, 599));
  command->add_option("--fail-timeout", faults->timeout_first, "No answer to the first N requests");
  command->add_option("--timeout-hold", texts->timeout_hold, "How long --fail-timeout holds: 60s");
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

}  // namespace

void add_serve_api(CLI::App* app, simulator::Options* options, ServeApiTexts* texts) {
  auto* serve =
      app->add_subcommand("serve-api", "A stand-in for the source, with faults on request");
  serve->fallthrough(false);
  serve->add_option("--snapshot", options->snapshot_path,
                    "A JSON array of documents, or a folder; default the facts in this binary");
  serve->add_option("--synthetic", texts->synthetic, "Serve N made-up documents");
  serve->add_option("--seed", options->seed, "Of the made-up documents")->capture_default_str();
  serve->add_option("--per-day", options->synthetic_per_day, "Made-up documents a day")
      ->capture_default_str();
  serve->add_option("--host", options->host, "Address to listen on")->capture_default_str();
  serve->add_option("--port", options->port, "Port; 0 takes a free one")->capture_default_str();
  serve->add_option("--connections", options->threads, "Connections served at once")
      ->check(CLI::Range(1, 1024))
      ->capture_default_str();
  serve->add_flag("--compress", options->compress, "Compress bodies when the client takes that");
  add_faults(serve, &options->faults, texts);
}

base::Status resolve_serve_api(const ServeApiTexts& texts, simulator::Options* options) {
  auto& faults = options->faults;
  TRY(read_duration(texts.latency, "--latency", &faults.latency));
  TRY(read_duration(texts.timeout_hold, "--timeout-hold", &faults.timeout_hold));
  faults.retry_after = std::chrono::seconds(texts.retry_after_seconds);
  if (texts.synthetic >= 0) options->synthetic_count = texts.synthetic;
  return {};
}

}  // namespace ashore::cli
