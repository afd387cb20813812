// Secret holds a credential that no log, report or message can print by accident.
#pragma once

#include <string>
#include <utility>

namespace ashore::base {

// No formatter and no stream operator on purpose: whoever needs the text says reveal() where a
// reviewer can see it. Threads: a value type.
class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string text) : text_(std::move(text)) {}

  [[nodiscard]] bool empty() const { return text_.empty(); }
  // The credential itself; never pass it to an Event, an Error or a file.
  [[nodiscard]] const std::string& reveal() const { return text_; }

  bool operator==(const Secret&) const = default;

 private:
  std::string text_;
};

}  // namespace ashore::base
