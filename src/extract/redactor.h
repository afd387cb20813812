// Redactor takes the run's secrets out of texts that people or files will see.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/secret.h"
#include "config/pipeline.h"

namespace ashore::extract {

// Holds the auth secret (as is, percent-encoded, and as basic auth sends it) and the values of
// `${UPPER}` of 6 bytes and more: a server may echo them in links, headers and error bodies.
// Threads: immutable.
class Redactor {
 public:
  explicit Redactor(const config::Pipeline& pipeline);

  // The text with every secret replaced by "***", and what urls in it keep secret too
  // (io/shown_url.h).
  [[nodiscard]] std::string redact(std::string_view text) const;
  // The same error, its texts redacted.
  [[nodiscard]] base::Error redact(const base::Error& error) const;

 private:
  void add(const std::string& secret);

  std::vector<base::Secret> secrets_;  // longest first, so that no part of one is left over
};

}  // namespace ashore::extract
