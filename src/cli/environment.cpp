// Reads environment variables, and files that NAME_FILE names, as container platforms hand over
// secrets.
#include "cli/environment.h"

#include <cstdlib>
#include <fstream>
#include <sstream>

namespace ashore::cli {

std::optional<std::string> environment_variable(std::string_view name) {
  const std::string key(name);
  if (const char* value = std::getenv(key.c_str())) return std::string(value);
  const char* path = std::getenv((key + "_FILE").c_str());
  if (path == nullptr) return std::nullopt;
  std::ifstream file(path, std::ios::binary);
  if (!file) return std::nullopt;
  std::ostringstream bytes;
  bytes << file.rdbuf();
  auto text = bytes.str();
  if (text.ends_with('\n')) text.pop_back();
  if (text.ends_with('\r')) text.pop_back();
  return text;
}

}  // namespace ashore::cli
