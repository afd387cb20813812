// Reads a pipeline file; every complaint says file:line:column, what is wrong and what to do.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "config/pipeline.h"

namespace ashore::config {

// One thing wrong with the file. `message()` is "file:3:5: unknown key 'colums'. Did you mean
// 'columns'?".
struct Complaint {
  std::string file;
  Mark mark;
  std::string what;
  std::string remedy;

  [[nodiscard]] std::string message() const;
};

// Looks up an environment variable; cli hands down the real one (with NAME_FILE resolved).
using EnvironmentLookup = std::function<std::optional<std::string>(std::string_view name)>;

struct Reading {
  std::optional<Pipeline> pipeline;   // there exactly when complaints is empty
  std::vector<Complaint> complaints;  // in the file's order, all of them, not only the first
  std::vector<Complaint>
      warnings;  // earlier names; with UnsetVariables::kWarn: variables that are not set
};

// What a variable that is not set and has no default means.
enum class UnsetVariables {
  kComplain,
  kWarn,  // only a run needs it: a pipeline that is there has no values in their places
};

// Pure but for `lookup`. Reads the text of a file called `path` in messages.
Reading read_pipeline(std::string_view text, const std::string& path,
                      const EnvironmentLookup& lookup,
                      UnsetVariables unset = UnsetVariables::kComplain);

// Pure. Why a text is no source url: another scheme than http(s), no host, user information, a
// query or fragment, white space; never with the text itself. Empty if it is one, or "embedded:".
std::string source_url_fault(std::string_view url);
inline constexpr std::string_view kSourceUrlRemedy =
    "Write scheme, host and a path at most, or 'embedded:'; credentials belong under extract.auth, "
    "parameters under extract.request.query.";

// Pure. The digest of all that a pipeline file says but for its tables' checks, whatever its
// comments and form: files with one digest make the same candidates. Hex.
std::string sha256_without_checks(std::string_view text);

// Pure. The complaints as one kPermanent Error, one per line.
base::Error complaints_error(const std::vector<Complaint>& complaints);

}  // namespace ashore::config
