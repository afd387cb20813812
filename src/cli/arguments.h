// The command line as plain values; CLI11 is called from arguments.cpp only.
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

enum class LogFormat { kText, kJson };
enum class Progress { kAuto, kPlain, kNone };

// What the user asked for. Names are those of the options.
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
  bool force = false;
  std::vector<std::string> overrides;
  std::string override_reason;
  bool full = false;
  bool adopt = false;
  bool dry_run = false;  // load --adopt, vacuum: only show what it would change
  bool yes = false;      // load --adopt: do not ask
  bool skip_unchanged = false;
  std::int64_t batch_rows_max = 65'536;
  bool from_raw = false;                                        // run: publish what was landed
  std::chrono::milliseconds older_than = std::chrono::days(7);  // vacuum
  bool rebuild = false;                                         // replay: publish what was built
  bool repair = false;            // reconcile: make destinations right
  bool deep = false;              // reconcile: build the tables again from raw, too
  bool offline = false;           // reconcile: do not ask the source
  std::string roll_back_to;       // rollback: a run
  std::string quarantine_action;  // list, show, replay
  std::string table;              // quarantine: only its rows
  bool open = false;              // report: show the page
  std::string answers_format = "table";
  simulator::Options simulator;
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
