// MappingReader takes a mapping's keys one by one, by the table of keys, and complains of the rest.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "config/keys.h"
#include "config/value_reader.h"

namespace ashore::config {

// Views a node and a ValueReader, both of which must outlive it. A node that is not a mapping is
// complained of once and then reads as an empty one. Each `take` names a key of the section, whose
// range and choices are the table's; finish() complains about all keys that were not taken, with
// the nearest one that was. Threads: one.
class MappingReader {
 public:
  // `what` names the mapping in messages ("table 'orders'"), "" by the section's title; `where` is
  // where missing keys are complained of: the mapping's own key, which a reader of the file finds
  // sooner than its brace.
  MappingReader(ValueReader& values, const Node& node, const Section& section, Mark where,
                std::string what = "");

  // The value, or nullptr if the key is absent.
  const Node* take(std::string_view key);
  // The value of a key that the table gives an earlier name: that one is read with a warning that
  // says the new one. Complains where both are there.
  const Node* take_renamed(std::string_view key);
  // The value; complains and returns nullptr if the key is absent.
  const Node* require(std::string_view key, std::string_view remedy);
  [[nodiscard]] bool has(std::string_view key) const { return find(key) != nullptr; }
  // Where the key stands; the mapping itself if it is absent.
  [[nodiscard]] Mark mark_of(std::string_view key) const;

  // These leave the target as it is where the key is absent or its value was complained of.
  void take_into(std::string_view key, std::int64_t& target);
  void take_into(std::string_view key, std::optional<std::int64_t>& target);
  void take_into(std::string_view key, int& target);
  void take_into(std::string_view key, std::chrono::milliseconds& target);
  void take_into(std::string_view key, std::chrono::seconds& target);
  void take_into(std::string_view key, bool& target);
  void take_into(std::string_view key, json::Pointer& target);
  void take_into(std::string_view key, std::optional<json::Pointer>& target);

  // The index of the choice, as in the table; nothing where the key is absent or was complained of.
  std::optional<std::size_t> take_choice(std::string_view key);
  // A value of a key that was taken, within the table's range; nothing where it was complained of.
  [[nodiscard]] std::optional<std::int64_t> integer(std::string_view key, const Node& node);
  [[nodiscard]] std::optional<std::size_t> choice(std::string_view key, const Node& node);

  // False if the node was no mapping, which has been complained of.
  [[nodiscard]] bool is_mapping() const { return node_.kind == NodeKind::kMapping; }
  [[nodiscard]] Mark where() const { return where_; }
  [[nodiscard]] ValueReader& values() { return values_; }
  // Complains about keys that were not taken.
  void finish();

 private:
  [[nodiscard]] const Entry* find(std::string_view key) const;
  [[nodiscard]] const Key& key_of(std::string_view key) const;

  ValueReader& values_;
  const Node& node_;
  const Section& section_;
  std::string what_;
  Mark where_;
  std::vector<std::string> taken_;
};

// Warns that a key, check or value stands under the name that it had before.
void warn_of_earlier_name(ValueReader& values, Mark mark, std::string_view earlier,
                          std::string_view name);

// Pure. "'attempts'".
std::string quoted(std::string_view key);

}  // namespace ashore::config
