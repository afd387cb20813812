// Checks places that the command line names, before anything is read or written.
#include "cli/places.h"

#include <algorithm>
#include <cctype>

#include "config/reader.h"
#include "io/shown_url.h"

namespace ashore::cli {

base::Status check_source_url(const std::string& url) {
  const auto fault = config::source_url_fault(url);
  if (fault.empty()) return {};
  return base::permanent("--source-url " + fault + ": " + io::without_keys(url))
      .with_remedy(std::string(config::kSourceUrlRemedy));
}

// "s3://bucket" is no folder called "s3:".
base::Status check_data_dir(const std::string& path) {
  const auto end = path.find("://");
  const bool has_scheme =
      end != std::string::npos && end > 0 &&
      std::all_of(path.begin(), path.begin() + static_cast<std::ptrdiff_t>(end),
                  [](char character) {
                    return std::isalnum(static_cast<unsigned char>(character)) != 0 ||
                           character == '+' || character == '-' || character == '.';
                  });
  if (!has_scheme) return {};
  return base::permanent("--data-dir is on a store that this release does not know: " +
                         path.substr(0, end + 3))
      .with_remedy("Give a folder of this machine; one whose name has '://' in it as ./" +
                   path.substr(0, end + 3) + "...");
}

}  // namespace ashore::cli
