// Where results go: stdout, at once, so that a reader of a pipe sees them as they come.
#pragma once

#include <string>

namespace ashore::cli {

void print(const std::string& text);

}  // namespace ashore::cli
