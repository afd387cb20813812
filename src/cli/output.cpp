// The only writes to stdout.
#include "cli/output.h"

#include <cstdio>

namespace ashore::cli {

void print(const std::string& text) {
  (void)std::fwrite(text.data(), 1, text.size(), stdout);
  (void)std::fflush(stdout);
}

int exit_code_of(const report::RunReport& report, const Signals& signals) {
  if (report.exit_code == 130 && signals.received() != 0) return 128 + signals.received();
  return report.exit_code;
}

}  // namespace ashore::cli
