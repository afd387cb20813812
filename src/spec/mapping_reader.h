// MappingReader takes a mapping's keys one by one and complains about those nobody took.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "spec/value_reader.h"

namespace ashore::spec {

// Views a node and a ValueReader, both of which must outlive it. A node that is not a mapping is
// complained of once and then reads as an empty one. Each `take` names a valid key; finish()
// complains about all other keys with the nearest valid one. Threads: one.
class MappingReader {
 public:
  // `what` names the mapping in messages ("table 'orders'"); `where` is where missing keys are
  // complained of: the mapping's own key, which a reader of the file finds sooner than its brace.
  MappingReader(ValueReader& values, const Node& node, std::string what, Mark where);

  // The value, or nullptr if the key is absent.
  const Node* take(std::string_view key);
  // The value; complains and returns nullptr if the key is absent.
  const Node* require(std::string_view key, std::string_view remedy);
  // Where the key stands; the mapping itself if it is absent.
  [[nodiscard]] Mark mark_of(std::string_view key) const;

  // These leave the target as it is where the key is absent or its value was complained of.
  void take_into(std::string_view key, Range range, std::int64_t& target);
  void take_into(std::string_view key, Range range, int& target);
  void take_into(std::string_view key, std::chrono::milliseconds& target);
  void take_into(std::string_view key, std::chrono::seconds& target);
  void take_into(std::string_view key, bool& target);
  void take_into(std::string_view key, json::Pointer& target);
  void take_into(std::string_view key, std::optional<json::Pointer>& target);

  // False if the node was no mapping, which has been complained of.
  [[nodiscard]] bool is_mapping() const { return node_.kind == NodeKind::kMapping; }
  [[nodiscard]] Mark where() const { return where_; }
  [[nodiscard]] ValueReader& values() { return values_; }
  // Complains about keys that were not taken.
  void finish();

 private:
  [[nodiscard]] const Entry* find(std::string_view key) const;

  ValueReader& values_;
  const Node& node_;
  std::string what_;
  Mark where_;
  std::vector<std::string> taken_;
};

// Pure. "'attempts'".
std::string quoted(std::string_view key);

}  // namespace ashore::spec
