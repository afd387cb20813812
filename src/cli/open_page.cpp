// Calls xdg-open without a shell, so that no character of a path means anything.
#include "cli/open_page.h"

#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

namespace ashore::cli {

base::Status open_in_desktop(const std::string& path) {
  std::string program = "xdg-open";
  std::string argument = path;
  char* const arguments[] = {program.data(), argument.data(), nullptr};
  pid_t process = 0;
  int status = 0;
  const bool started =
      ::posix_spawnp(&process, program.c_str(), nullptr, nullptr, arguments, environ) == 0;
  if (started && ::waitpid(process, &status, 0) == process && status == 0) return {};
  return base::permanent("the page was written but could not be opened by xdg-open")
      .with_remedy("Open it in a browser: " + path);
}

}  // namespace ashore::cli
