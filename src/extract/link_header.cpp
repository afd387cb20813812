// Reads `<target>; rel=next, <target> ...` headers.
// A reader of `<target>; name=value; name="value", <target> ...` that never fails, only finds less.
#include "extract/link_header.h"

#include <strings.h>  // strncasecmp

#include <algorithm>
#include <string_view>

namespace ashore::extract {

namespace {

bool equals_ignoring_case(std::string_view left, std::string_view right) {
  return left.size() == right.size() && ::strncasecmp(left.data(), right.data(), left.size()) == 0;
}

// Walks over one header value. A view: the text must outlive it.
class LinkReaderView {
 public:
  explicit LinkReaderView(std::string_view text) : rest_(text) {}

  // Moves to the next link and returns its target, or nothing at the end.
  std::optional<std::string_view> next_target() {
    const auto open = rest_.find('<');
    if (open == std::string_view::npos) return std::nullopt;
    const auto close = rest_.find('>', open);
    if (close == std::string_view::npos) return std::nullopt;
    const auto target = rest_.substr(open + 1, close - open - 1);
    rest_.remove_prefix(close + 1);
    return target;
  }

  // The next parameter of the current link, or nothing where the link ends.
  std::optional<std::pair<std::string_view, std::string>> next_parameter() {
    skip_spaces();
    if (!rest_.starts_with(';')) return std::nullopt;
    rest_.remove_prefix(1);
    skip_spaces();
    const auto name = take_until("=;, \t");
    skip_spaces();
    if (!rest_.starts_with('=')) return {{name, std::string()}};
    rest_.remove_prefix(1);
    skip_spaces();
    return {{name, take_value()}};
  }

 private:
  void skip_spaces() {
    rest_.remove_prefix(std::min(rest_.find_first_not_of(" \t"), rest_.size()));
  }

  std::string_view take_until(std::string_view stops) {
    const auto taken = rest_.substr(0, rest_.find_first_of(stops));
    rest_.remove_prefix(taken.size());
    return taken;
  }

  std::string take_value() {
    if (!rest_.starts_with('"')) return std::string(take_until(";, \t"));
    std::string value;
    std::size_t at = 1;
    for (; at < rest_.size() && rest_[at] != '"'; ++at) {
      if (rest_[at] == '\\' && at + 1 < rest_.size()) ++at;
      value += rest_[at];
    }
    rest_.remove_prefix(std::min(at + 1, rest_.size()));
    return value;
  }

  std::string_view rest_;
};

// A rel value is a list of relation types separated by spaces.
bool holds_next(std::string_view relations) {
  while (!relations.empty()) {
    const auto end = std::min(relations.find_first_of(" \t"), relations.size());
    if (equals_ignoring_case(relations.substr(0, end), "next")) return true;
    relations.remove_prefix(std::min(end + 1, relations.size()));
  }
  return false;
}

std::optional<std::string> next_link(std::string_view value) {
  LinkReaderView reader(value);
  while (const auto target = reader.next_target()) {
    bool has_relation = false;
    bool is_next = false;
    while (const auto parameter = reader.next_parameter()) {
      if (!equals_ignoring_case(parameter->first, "rel")) continue;
      if (!has_relation) is_next = holds_next(parameter->second);  // RFC 8288: the first rel counts
      has_relation = true;
    }
    if (is_next) return std::string(*target);
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::string> next_link(const io::HttpHeaders& headers) {
  for (const auto& [name, value] : headers) {
    if (!equals_ignoring_case(name, "link")) continue;
    if (auto target = next_link(std::string_view(value))) return target;
  }
  return std::nullopt;
}

}  // namespace ashore::extract
