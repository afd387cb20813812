// Bearer, basic and API keys; credentials never leave the type Secret.
#include "extract/auth.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace ashore::extract {

namespace {

std::string base64(std::string_view bytes) {
  constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  for (std::size_t at = 0; at < bytes.size(); at += 3) {
    std::uint32_t bits = 0;
    for (std::size_t index = 0; index < 3; ++index) {
      const bool is_there = at + index < bytes.size();
      bits = (bits << 8) | (is_there ? static_cast<unsigned char>(bytes[at + index]) : 0U);
    }
    for (std::size_t digit = 0; digit < 4; ++digit) {
      const bool is_padding = at + digit > bytes.size();
      text += is_padding ? '=' : kDigits[(bits >> (18 - 6 * digit)) & 63];
    }
  }
  return text;
}

}  // namespace

base::Secret basic_credentials(const spec::Auth& auth) {
  return base::Secret(base64(auth.name + ":" + auth.secret.reveal()));
}

void add_auth(const spec::Auth& auth, io::HttpRequest* request) {
  switch (auth.kind) {
    case spec::AuthKind::kNone:
      return;
    case spec::AuthKind::kBearer:
      request->secret_headers.emplace_back("Authorization",
                                           base::Secret("Bearer " + auth.secret.reveal()));
      return;
    case spec::AuthKind::kBasic:
      request->secret_headers.emplace_back(
          "Authorization", base::Secret("Basic " + basic_credentials(auth).reveal()));
      return;
    case spec::AuthKind::kApiKeyHeader:
      request->secret_headers.emplace_back(auth.name, auth.secret);
      return;
    case spec::AuthKind::kApiKeyQuery:
      request->secret_query.emplace_back(auth.name, auth.secret);
      return;
  }
}

}  // namespace ashore::extract
