// Replaces secrets by plain search: the texts are short and the secrets few.
#include "extract/redactor.h"

#include <algorithm>

#include "base/percent_encoding.h"
#include "extract/auth.h"
#include "io/shown_url.h"

namespace ashore::extract {

namespace {
// Shorter environment values are words like "1" or "eu"; hiding them would garble messages.
constexpr std::size_t kEnvironmentBytesMin = 6;
}  // namespace

Redactor::Redactor(const config::Pipeline& pipeline) {
  const config::Auth& auth = pipeline.extract.auth;
  if (auth.kind != config::AuthKind::kNone) add(auth.secret.reveal());
  if (auth.kind == config::AuthKind::kBasic) add(basic_credentials(auth).reveal());
  for (const auto& [name, value] : pipeline.environment) {
    if (value.reveal().size() >= kEnvironmentBytesMin) add(value.reveal());
  }
  std::ranges::sort(secrets_, [](const base::Secret& left, const base::Secret& right) {
    return left.reveal().size() > right.reveal().size();
  });
}

void Redactor::add(const std::string& secret) {
  if (secret.empty()) return;
  secrets_.emplace_back(secret);
  const std::string encoded = base::percent_encoded(secret);
  if (encoded != secret) secrets_.emplace_back(encoded);
}

std::string Redactor::redact(std::string_view text) const {
  std::string clean(text);
  for (const auto& secret : secrets_) {
    const std::string& word = secret.reveal();
    for (auto at = clean.find(word); at != std::string::npos; at = clean.find(word, at + 3)) {
      clean.replace(at, word.size(), "***");
    }
  }
  return io::without_keys(clean);
}

base::Error Redactor::redact(const base::Error& error) const {
  base::Error clean(error.kind(), redact(error.what()));
  if (!error.remedy().empty()) clean = std::move(clean).with_remedy(redact(error.remedy()));
  if (!error.steps().empty()) clean = std::move(clean).within(redact(error.steps()));
  return clean;
}

}  // namespace ashore::extract
