// Gives simdjson the readable bytes past the end of a body that it wants.
#pragma once

#include <simdjson.h>

#include <string_view>

namespace ashore::json {

// A copy of a body with padding behind it. The view lives as long as this.
class PaddedBody {
 public:
  explicit PaddedBody(std::string_view body) : bytes_(body.data(), body.size()) {}

  [[nodiscard]] simdjson::padded_string_view view() const { return bytes_; }
  [[nodiscard]] char* data() { return bytes_.data(); }
  [[nodiscard]] std::size_t size() const { return bytes_.size(); }

 private:
  simdjson::padded_string bytes_;
};

}  // namespace ashore::json
