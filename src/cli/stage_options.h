// The options that several commands take, each declared once.
#pragma once

#include <string>

#include "cli/arguments.h"
#include "cli/serve_api_options.h"

namespace CLI {  // NOLINT(readability-identifier-naming): the name is the library's
class App;
}

namespace ashore::cli {

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
  std::string shell;
  ServeApiTexts serve_api;
};

// All targets must outlive the parsing.
CLI::App* add_command(CLI::App* app, const char* name, const char* description);
void add_pipeline(CLI::App* command, Arguments* arguments);
void add_window(CLI::App* command, Arguments* arguments, RawTexts* raw);
void add_source_url(CLI::App* command, RawTexts* raw);
void add_data_dir(CLI::App* command, Arguments* arguments);
void add_to(CLI::App* command, Arguments* arguments);
void add_output(CLI::App* command, Arguments* arguments, RawTexts* raw);
void add_resources(CLI::App* command, Arguments* arguments, RawTexts* raw);
void add_wait(CLI::App* command, RawTexts* raw);
// What every stage takes.
void add_stage_options(CLI::App* command, Arguments* arguments, RawTexts* raw);

}  // namespace ashore::cli
