// Options that several commands take.
#include "cli/stage_options.h"

#include <CLI/CLI.hpp>

namespace ashore::cli {

// Without fallthrough: an option behind the command is the command's or a mistake, never the
// program's.
CLI::App* add_command(CLI::App* app, const char* name, const char* description) {
  auto* command = app->add_subcommand(name, description);
  command->fallthrough(false);
  return command;
}

void add_pipeline(CLI::App* command, Arguments* arguments) {
  command->add_option("pipeline", arguments->pipeline, "The pipeline file")->capture_default_str();
}

// Airflow's templates and older scripts write the names with underscores.
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

void add_source_url(CLI::App* command, RawTexts* raw) {
  command
      ->add_option("--source-url", raw->source_url,
                   "Replaces the source's url; 'embedded:' starts the stand-in API in-process")
      ->envname("ASHORE_SOURCE_URL");
}

void add_data_dir(CLI::App* command, Arguments* arguments) {
  command
      ->add_option("--data-dir", arguments->data_dir,
                   "Where raw, stage and runs lie: a folder, or s3://BUCKET/PREFIX")
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
  command
      ->add_option("--log-format", raw->log_format,
                   "Logs on stderr; emf: as json, and the run's metrics on stdout in CloudWatch's "
                   "embedded metric format")
      ->check(CLI::IsMember({"text", "json", "emf"}))
      ->envname("ASHORE_LOG_FORMAT")
      ->capture_default_str();
  command
      ->add_option("--log-level", arguments->log_level,
                   "The least level that is logged; debug tells of every page")
      ->check(CLI::IsMember({"debug", "info", "warn", "error"}))
      ->envname("ASHORE_LOG_LEVEL")
      ->capture_default_str();
  command
      ->add_option("--progress", raw->progress,
                   "auto: a bar where stderr is a terminal; plain: a line every 5 s; none")
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
  command
      ->add_option("--threads", arguments->threads,
                   "Threads for decoding, merging and checking; default as the machine has cores. "
                   "Any number gives the same files")
      ->check(CLI::Range(1, 256))
      ->envname("ASHORE_THREADS");
  command
      ->add_option(
          "--memory", raw->memory,
          "Bound on memory: 512MB (default), 2GiB. A window may be larger: what does not fit lies "
          "in the data folder while it is sorted")
      ->envname("ASHORE_MEMORY");
}

void add_wait(CLI::App* command, RawTexts* raw) {
  command
      ->add_option("--wait", raw->wait,
                   "How long to wait for another ashore on the same data: 30s; default not at all. "
                   "For schedules: as long as a run may take")
      ->envname("ASHORE_WAIT");
}

void add_stage_options(CLI::App* command, Arguments* arguments, RawTexts* raw) {
  add_pipeline(command, arguments);
  add_window(command, arguments, raw);
  add_source_url(command, raw);
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

}  // namespace ashore::cli
