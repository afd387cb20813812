// The only place that reads environment variables; NAME_FILE gives a value from a file.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace ashore::cli {

// The variable's value; where it is unset and NAME_FILE names a readable file, that file's text
// without its last line break. An empty variable counts as set.
std::optional<std::string> environment_variable(std::string_view name);

}  // namespace ashore::cli
