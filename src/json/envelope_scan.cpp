// Follows the keys that lead to declared fields; everything else is counted and passed over.
#include "json/envelope_scan.h"

#include <algorithm>
#include <charconv>

namespace ashore::json {

namespace {

// A frame remembers in so many bits which children it has seen.
constexpr std::size_t kChildrenMax = 64;

std::optional<std::int64_t> count_of(std::string_view text) {
  std::int64_t count = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), count);
  const bool is_count = failure == std::errc() && end == text.data() + text.size() && count >= 0;
  return is_count ? std::optional(count) : std::nullopt;
}

// Takes a text without escapes, a number or null; false for what is none of them.
bool take_next(std::string_view text, Envelope* envelope) {
  if (text.data() == nullptr) return true;
  envelope->next_kind = NextKind::kNull;
  if (text == "null") return true;
  envelope->next_kind = NextKind::kValue;
  const char first = text.front();
  if (first == '-' || (first >= '0' && first <= '9')) {
    envelope->next = std::string(text);
    return true;
  }
  if (first != '"' || text.find('\\') != std::string_view::npos) return false;
  const auto inner = text.substr(1, text.size() - 2);
  if (inner.empty()) {
    envelope->next_kind = NextKind::kEmpty;
  } else {
    envelope->next = std::string(inner);
  }
  return true;
}

}  // namespace

EnvelopeScan::EnvelopeScan(const EnvelopePaths& paths) : paths_(paths) {
  add_node(false);
  is_common_ = declare_all();
}

int EnvelopeScan::add_node(bool is_in_item) {
  nodes_.emplace_back().is_in_item = is_in_item;
  return static_cast<int>(nodes_.size()) - 1;
}

bool EnvelopeScan::declare(int from, const Pointer& pointer, std::string_view* target) {
  int at = from;
  for (const auto& token : pointer.tokens()) {
    const auto index = static_cast<std::size_t>(at);
    if (!nodes_[index].targets.empty() || nodes_[index].is_items) return false;
    const auto& children = nodes_[index].children;
    const auto found = std::ranges::find(children, token, &std::pair<std::string_view, int>::first);
    if (found != children.end()) {
      at = found->second;
      continue;
    }
    if (children.size() == kChildrenMax) return false;
    at = add_node(nodes_[index].is_in_item);
    nodes_[index].children.emplace_back(token, at);
  }
  auto& node = nodes_[static_cast<std::size_t>(at)];
  if (!node.children.empty() || node.is_items) return false;
  if (target != nullptr) {
    node.targets.push_back(target);
    return true;
  }
  node.is_items = true;
  return node.targets.empty();
}

bool EnvelopeScan::declare_all() {
  if (paths_.next && paths_.last_item) return false;
  const auto declare_one = [this](const std::optional<Pointer>& pointer, std::string_view* target) {
    return !pointer || declare(0, *pointer, target);
  };
  if (!declare(0, paths_.items, nullptr) || !declare_one(paths_.total, &total_) ||
      !declare_one(paths_.page_count, &page_count_) || !declare_one(paths_.next, &next_) ||
      !declare_one(paths_.more, &more_)) {
    return false;
  }
  if (!paths_.id && !paths_.last_item) return true;
  item_ = add_node(true);
  return (!paths_.id || declare(item_, *paths_.id, &id_)) &&
         (!paths_.last_item || declare(item_, *paths_.last_item, &item_next_));
}

void EnvelopeScan::begin(const char* at) {
  begin_ = at;
  is_item_ = false;
  if (frames_.empty()) {
    node_ = 0;
    return;
  }
  const auto& frame = frames_.back();
  if (!frame.is_array) return;  // its key has said what the value is
  node_ = frame.has_items ? item_ : kNone;
  if (!frame.has_items) return;
  is_item_ = true;
  ++envelope_.items_count;
}

void EnvelopeScan::enter(char bracket) {
  if (node_ == kNone && !is_item_) {
    skipped_ = 1;
    return;
  }
  Frame frame{.node = node_, .is_array = bracket == '[', .is_item = is_item_};
  if (node_ != kNone) {
    const auto& node = nodes_[static_cast<std::size_t>(node_)];
    if (node.is_items) {
      has_items_ = true;
      frame.has_items = frame.is_array;
      frame.is_item = !frame.is_array;  // an object is one item
      if (frame.is_item) {
        envelope_.items_count = 1;
        frame.node = item_;
        if (paths_.last_item || (paths_.id && paths_.id->is_root())) is_common_ = false;
      }
    } else if (!node.targets.empty() || frame.is_array) {
      is_common_ = false;
    }
  }
  frames_.push_back(frame);
}

void EnvelopeScan::take_key(std::string_view raw) {
  auto& frame = frames_.back();
  node_ = kNone;
  if (frame.node == kNone) return;
  if (raw.find('\\') != std::string_view::npos) is_common_ = false;
  const auto& children = nodes_[static_cast<std::size_t>(frame.node)].children;
  for (std::size_t index = 0; index < children.size(); ++index) {
    if (children[index].first != raw) continue;
    const auto bit = std::uint64_t{1} << index;
    if ((frame.seen & bit) != 0) is_common_ = false;
    frame.seen |= bit;
    node_ = children[index].second;
    return;
  }
}

void EnvelopeScan::end_scalar(const char* end) {
  if (node_ != kNone) {
    const auto& node = nodes_[static_cast<std::size_t>(node_)];
    const std::string_view text(begin_, static_cast<std::size_t>(end - begin_));
    for (auto* const target : node.targets) *target = text;
    // An item that is no object has no id; anywhere else a field cannot be reached.
    const bool is_way = node.is_items || !node.children.empty();
    if (is_way && !node.is_in_item) is_common_ = false;
  }
  if (is_item_) end_item();
}

void EnvelopeScan::leave() {
  const auto frame = frames_.back();
  frames_.pop_back();
  if (frame.is_item) end_item();
}

void EnvelopeScan::end_item() {
  if (id_.data() != nullptr && id_ != "null") envelope_.ids.emplace_back(id_);
  id_ = {};
  if (paths_.last_item) next_ = std::exchange(item_next_, {});
}

std::optional<Envelope> EnvelopeScan::finish() && {
  if (!is_common_ || !has_items_) return std::nullopt;
  if (paths_.total) {
    envelope_.total = count_of(total_);
    if (!envelope_.total) return std::nullopt;
  }
  if (paths_.page_count) {
    envelope_.page_count = count_of(page_count_);
    if (!envelope_.page_count) return std::nullopt;
  }
  if (more_.data() != nullptr) {
    if (more_ != "true" && more_ != "false") return std::nullopt;
    envelope_.more = more_ == "true";
  }
  if (!take_next(next_, &envelope_)) return std::nullopt;
  return std::move(envelope_);
}

}  // namespace ashore::json
