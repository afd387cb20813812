// The command line as plain values; CLI11 is called from arguments.cpp, serve_api_options.cpp and
// command_docs.cpp only.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/window.h"
#include "simulator/options.h"

namespace ashore::cli {

enum class LogFormat { kText, kJson, kEmf };
enum class Progress { kAuto, kPlain, kNone };

// Of one command each; the names are those of the options.
struct RunOptions {
  bool from_raw = false;  // publish every landing that is not published yet, without network
};
// Of run, merge, publish and load: what may be written.
struct PublishOptions {
  bool force = false;                     // a landing that is older than the published one
  std::vector<std::string> taken_tables;  // though another pipeline published them
  std::vector<std::string> overrides;     // publish: failed checks that do not block
  std::string override_reason;
};
// Of run and load.
struct LoadOptions {
  bool full = false;            // compare every row
  bool skip_unchanged = false;  // exit 99 where nothing was new
  bool adopt = false;           // load: take over tables that ashore did not load
  bool dry_run = false;         // load --adopt: only show what it would change
  bool yes = false;             // load --adopt: do not ask
};
struct ReplayOptions {
  bool rebuild = false;  // publish what was built
  bool force = false;    // with rebuild: also where landings are not whole
};
struct ReconcileOptions {
  bool repair = false;   // make destinations right
  bool deep = false;     // build the tables again from raw, too
  bool offline = false;  // do not ask the source
};
struct RollbackOptions {
  std::string run_id;  // to which
  bool pin = false;    // keep the tables there
  bool unpin = false;  // let them go
};
struct QuarantineOptions {
  std::string action;  // list, show, replay
  std::string table;   // only its rows; "": all
};
struct AnswersOptions {
  std::string format = "table";        // table, json, csv
  std::vector<std::string> questions;  // only these; none: all
  std::string output_folder;           // where CSV files go; "": stdout
};
struct EmbedOptions {
  std::string action;                   // transform, table
  std::string table;                    // table: its name
  std::vector<std::string> columns;     // table: only these; none: all
  std::optional<std::int64_t> version;  // table: as it was; nothing: the newest
};
struct RunsOptions {
  std::int64_t limit = 0;  // the newest so many; 0: all
};
struct ReportOptions {
  bool open = false;  // show the page
};
struct RecoverOptions {
  bool from_log = false;  // make the folders equal to the logs
};
struct VacuumOptions {
  std::chrono::milliseconds older_than = std::chrono::days(7);
  bool dry_run = false;  // only list
};

// Of shards, extract and join.
struct ShardOptions {
  std::string by;                           // day, month, pages; "": count
  std::optional<std::int64_t> count;        // of shards
  std::optional<std::int64_t> concurrency;  // shards in flight at once
  std::string plan;         // extract: the file of the plan, "-" for stdin; "": none
  std::int64_t index = -1;  // extract: which shard
  bool offline = false;     // join: do not ask the source
};

// What the user asked for: what several commands take, then what one command takes.
struct Arguments {
  std::string command;  // "run", "extract", ...; "" where help or a version was asked for
  std::string pipeline = ASHORE_DEFAULT_PIPELINE;  // set by the build: see CMakeLists.txt
  base::Window window;
  bool widen = false;
  std::optional<std::string> source_url;
  std::string data_dir = "resources";
  std::vector<std::string> to;
  std::string run_id;
  int threads = 0;  // 0: as many as the machine has
  std::int64_t memory_bytes = std::int64_t{512} << 20;
  LogFormat log_format = LogFormat::kText;
  std::string log_level = "info";
  Progress progress = Progress::kAuto;
  bool json = false;
  std::string metrics_file;  // "" for none
  std::chrono::milliseconds wait{0};
  std::int64_t batch_rows_max = 65'536;

  RunOptions run;
  PublishOptions publish;
  LoadOptions load;
  ReplayOptions replay;
  ReconcileOptions reconcile;
  RollbackOptions rollback;
  QuarantineOptions quarantine;
  AnswersOptions answers;
  EmbedOptions embed;
  RunsOptions runs;
  ReportOptions report;
  RecoverOptions recover;
  VacuumOptions vacuum;
  ShardOptions shards;
  simulator::Options serve_api;
};

struct Parsed {
  Arguments arguments;
  // Set where nothing is left to do but to print this and exit: help (0) or a wrong line (2).
  std::optional<std::string> text;
  bool text_is_error = false;
  int exit_code = 0;
};

// Reads the command line and the ASHORE_* variables. Never throws. `version` is printed by
// --version.
Parsed parse_arguments(int argc, const char* const* argv, const std::string& version);

}  // namespace ashore::cli
