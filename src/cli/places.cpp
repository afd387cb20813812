// Checks places that the command line names, before anything is read or written.
#include "cli/places.h"

#include <algorithm>
#include <cctype>
#include <filesystem>

#include "config/reader.h"
#include "io/shown_url.h"

namespace ashore::cli {

namespace {

constexpr std::string_view kS3 = "s3://";

}  // namespace

base::Status check_source_url(const std::string& url) {
  const auto fault = config::source_url_fault(url);
  if (fault.empty()) return {};
  return base::permanent("--source-url " + fault + ": " + io::without_keys(url))
      .with_remedy(std::string(config::kSourceUrlRemedy));
}

bool is_on_s3(std::string_view data_dir) { return data_dir.starts_with(kS3); }

base::Result<S3Place> s3_place_of(std::string_view data_dir) {
  const auto wrong = [&](const std::string& why) {
    return base::permanent("--data-dir " + std::string(data_dir) + ": " + why)
        .with_remedy("Give s3://BUCKET or s3://BUCKET/PREFIX.");
  };
  auto rest = data_dir.substr(kS3.size());
  const auto slash = rest.find('/');
  S3Place place{.bucket = std::string(rest.substr(0, slash)), .prefix = {}};
  const bool is_name = place.bucket.size() >= 3 && place.bucket.size() <= 63 &&
                       std::ranges::all_of(place.bucket, [](char character) {
                         return (character >= 'a' && character <= 'z') ||
                                (character >= '0' && character <= '9') || character == '-' ||
                                character == '.';
                       });
  if (!is_name) {
    return wrong("no bucket is called '" + place.bucket +
                 "': 3 to 63 lower case letters, digits, '-' and '.'");
  }
  if (slash == std::string_view::npos) return place;
  rest.remove_prefix(slash + 1);
  while (rest.ends_with('/')) rest.remove_suffix(1);
  place.prefix = rest;
  for (std::size_t begin = 0; begin < place.prefix.size();) {
    const auto end = std::min(place.prefix.find('/', begin), place.prefix.size());
    const auto part = std::string_view(place.prefix).substr(begin, end - begin);
    if (part.empty() || part == "." || part == "..") {
      return wrong("the prefix has a part '" + std::string(part) + "'");
    }
    begin = end + 1;
  }
  return place;
}

base::Status check_data_dir(const std::string& path) {
  if (is_on_s3(path)) {
    TRY([[maybe_unused]] const auto place, s3_place_of(path));
    return {};
  }
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
      .with_remedy(
          "Give s3://BUCKET/PREFIX, or a folder of this machine; one whose name has '://' "
          "in it as ./" +
          path.substr(0, end + 3) + "...");
}

std::string absolute_path(const std::string& path) {
  return std::filesystem::absolute(path).lexically_normal().string();
}

std::string data_location(const std::string& data_dir) {
  auto location = is_on_s3(data_dir) ? data_dir : absolute_path(data_dir);
  while (location.size() > 1 && location.ends_with('/')) location.pop_back();
  return location;
}

}  // namespace ashore::cli
