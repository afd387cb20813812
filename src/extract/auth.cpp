// Adds credentials to requests: bearer, basic, API keys; they never leave the type Secret.
#include "extract/auth.h"

#include <openssl/evp.h>

#include <string>
#include <string_view>

namespace ashore::extract {

namespace {

// Without line breaks, as HTTP wants it.
std::string base64(std::string_view bytes) {
  std::string text((bytes.size() + 2) / 3 * 4 + 1, '\0');  // and the library's final null
  const int written = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                                      reinterpret_cast<const unsigned char*>(bytes.data()),
                                      static_cast<int>(bytes.size()));
  text.resize(static_cast<std::size_t>(written));
  return text;
}

}  // namespace

base::Secret basic_credentials(const config::Auth& auth) {
  return base::Secret(base64(auth.name + ":" + auth.secret.reveal()));
}

void add_auth(const config::Auth& auth, io::HttpRequest* request) {
  switch (auth.kind) {
    case config::AuthKind::kNone:
      return;
    case config::AuthKind::kBearer:
      request->secret_headers.emplace_back("Authorization",
                                           base::Secret("Bearer " + auth.secret.reveal()));
      return;
    case config::AuthKind::kBasic:
      request->secret_headers.emplace_back(
          "Authorization", base::Secret("Basic " + basic_credentials(auth).reveal()));
      return;
    case config::AuthKind::kApiKeyHeader:
      request->secret_headers.emplace_back(auth.name, auth.secret);
      return;
    case config::AuthKind::kApiKeyQuery:
      request->secret_query.emplace_back(auth.name, auth.secret);
      return;
  }
}

}  // namespace ashore::extract
