// Reads HTTP dates by curl_getdate.
// curl_getdate gives -1 for what it cannot read; one second before 1970 is no date of a header.
#include "io/http_date.h"

#include <curl/curl.h>

namespace ashore::io {

namespace {

constexpr std::int64_t kSecondsMax = 253'402'300'799;  // 9999-12-31T23:59:59Z

}  // namespace

std::optional<base::Timestamp> http_date(const std::string& text) {
  const auto seconds = curl_getdate(text.c_str(), nullptr);
  if (seconds < 0 || seconds > kSecondsMax) return std::nullopt;
  return base::timestamp_of_micros(std::int64_t{seconds} * 1'000'000);
}

}  // namespace ashore::io
