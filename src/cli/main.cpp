// The process: arguments in, an exit code out, and nothing thrown past here.
#include <cstdio>
#include <exception>

#include "cli/arguments.h"
#include "cli/commands.h"
#include "cli/freed_memory.h"
#include "cli/signals.h"

int main(int argc, char** argv) {
  ashore::cli::explain_aborts();
  ashore::cli::give_back_freed_memory();
  try {
    const auto parsed = ashore::cli::parse_arguments(argc, argv, ASHORE_VERSION);
    if (parsed.text) {
      (void)std::fputs(parsed.text->c_str(), parsed.text_is_error ? stderr : stdout);
      return parsed.exit_code;
    }
    return ashore::cli::run_command(parsed.arguments);
  } catch (const std::exception& exception) {
    (void)std::fprintf(stderr, "ashore: a bug in ashore: %s. Please report it with the command.\n",
                       exception.what());
  } catch (...) {
    (void)std::fputs("ashore: a bug in ashore. Please report it with the command.\n", stderr);
  }
  return 70;
}
