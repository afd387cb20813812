// The only writes to stdout.
#include "cli/output.h"

#include <cstdio>

namespace ashore::cli {

void print(const std::string& text) {
  (void)std::fwrite(text.data(), 1, text.size(), stdout);
  (void)std::fflush(stdout);
}

}  // namespace ashore::cli
