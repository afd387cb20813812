// Pointer is a JSON Pointer (RFC 6901): the way to one value inside a document.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace ashore::json {

// A value type. The empty pointer "" is the whole document.
class Pointer {
 public:
  Pointer() = default;

  // Pure. kPermanent: does not begin with '/', or a '~' that is not ~0 or ~1.
  static base::Result<Pointer> parse(std::string_view text);

  [[nodiscard]] bool is_root() const { return tokens_.empty(); }
  // Unescaped, outermost first.
  [[nodiscard]] const std::vector<std::string>& tokens() const { return tokens_; }
  // The reverse of parse().
  [[nodiscard]] std::string to_string() const;

  bool operator==(const Pointer&) const = default;

 private:
  std::vector<std::string> tokens_;
};

}  // namespace ashore::json
