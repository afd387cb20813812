// Takes keys from a mapping by the table of keys.
// A key that the table has and nobody takes here is as unknown as any other: it belongs elsewhere.
#include "config/mapping_reader.h"

#include <algorithm>
#include <cassert>
#include <utility>

#include "config/nearest_name.h"

namespace ashore::config {

void warn_of_earlier_name(ValueReader& values, Mark mark, std::string_view earlier,
                          std::string_view name) {
  values.warn(mark, quoted(earlier) + " is now called " + quoted(name),
              "Write " + quoted(name) + "; the earlier name is still read.");
}

std::string quoted(std::string_view key) { return "'" + std::string(key) + "'"; }

MappingReader::MappingReader(ValueReader& values, const Node& node, const Section& section,
                             Mark where, std::string what)
    : values_(values),
      node_(node),
      section_(section),
      what_(what.empty() ? std::string(section.title) : std::move(what)),
      where_(where) {
  if (!is_mapping()) values_.complain_type(node_, what_, "a mapping");
}

const Entry* MappingReader::find(std::string_view key) const {
  for (const auto& entry : node_.entries) {
    if (entry.key == key) return &entry;
  }
  return nullptr;
}

Mark MappingReader::mark_of(std::string_view key) const {
  const auto* const entry = find(key);
  return entry == nullptr ? where_ : entry->mark;
}

const Key& MappingReader::key_of(std::string_view key) const {
  const auto* const found = find_key(section_, key);
  assert(found != nullptr);  // what is read and not in the table would be in no document
  return *found;
}

const Node* MappingReader::take(std::string_view key) {
  (void)key_of(key);
  if (std::find(taken_.begin(), taken_.end(), key) == taken_.end()) taken_.emplace_back(key);
  const auto* const entry = find(key);
  return entry == nullptr ? nullptr : &entry->value;
}

const Node* MappingReader::take_renamed(std::string_view key) {
  const auto earlier = key_of(key).earlier;
  assert(!earlier.empty());
  const auto* const value = take(key);
  const auto* const entry = find(earlier);
  if (entry == nullptr) return value;
  taken_.emplace_back(earlier);
  // Both names: which one counts would be a guess.
  if (value != nullptr) {
    values_.complain(entry->mark, quoted(earlier) + " is the earlier name of " + quoted(key),
                     "Write " + quoted(key) + " alone.");
    return value;
  }
  warn_of_earlier_name(values_, entry->mark, earlier, key);
  return &entry->value;
}

const Node* MappingReader::require(std::string_view key, std::string_view remedy) {
  const auto* const value = take(key);
  if (value == nullptr && is_mapping()) {
    values_.complain(where_, what_ + ": missing key " + quoted(key), std::string(remedy));
  }
  return value;
}

std::optional<std::int64_t> MappingReader::integer(std::string_view key, const Node& node) {
  const auto& known = key_of(key);
  return values_.integer(node, quoted(key), {known.min, known.max});
}

std::optional<std::size_t> MappingReader::take_choice(std::string_view key) {
  const auto* const node = take(key);
  if (node == nullptr) return std::nullopt;
  return choice(key, *node);
}

std::optional<std::size_t> MappingReader::choice(std::string_view key, const Node& node) {
  return values_.choice(node, quoted(key), key_of(key).choices);
}

void MappingReader::take_into(std::string_view key, std::optional<std::int64_t>& target) {
  const auto* const node = take(key);
  if (node != nullptr) target = integer(key, *node);
}

void MappingReader::take_into(std::string_view key, std::int64_t& target) {
  const auto* const node = take(key);
  if (node == nullptr) return;
  if (const auto value = integer(key, *node)) target = *value;
}

void MappingReader::take_into(std::string_view key, int& target) {
  std::int64_t wide = target;
  take_into(key, wide);
  target = static_cast<int>(wide);  // all ranges of ints are
}

void MappingReader::take_into(std::string_view key, std::chrono::milliseconds& target) {
  const auto* const node = take(key);
  if (node == nullptr) return;
  if (const auto value = values_.duration(*node, quoted(key))) target = *value;
}

void MappingReader::take_into(std::string_view key, std::chrono::seconds& target) {
  const auto* const node = take(key);
  if (node == nullptr) return;
  const auto value = values_.duration(*node, quoted(key));
  if (!value) return;
  target = std::chrono::floor<std::chrono::seconds>(*value);
  if (target != *value) values_.complain_type(*node, quoted(key), "whole seconds");
}

void MappingReader::take_into(std::string_view key, bool& target) {
  const auto* const node = take(key);
  if (node == nullptr) return;
  if (const auto value = values_.boolean(*node, quoted(key))) target = *value;
}

void MappingReader::take_into(std::string_view key, json::Pointer& target) {
  const auto* const node = take(key);
  if (node == nullptr) return;
  if (auto value = values_.pointer(*node, quoted(key))) target = *std::move(value);
}

void MappingReader::take_into(std::string_view key, std::optional<json::Pointer>& target) {
  const auto* const node = take(key);
  if (node == nullptr) return;
  if (auto value = values_.pointer(*node, quoted(key))) target = *std::move(value);
}

void MappingReader::finish() {
  for (const auto& entry : node_.entries) {
    if (std::find(taken_.begin(), taken_.end(), entry.key) != taken_.end()) continue;
    values_.complain(
        entry.mark, "unknown key " + shown(entry.key) + " in " + what_,
        // Suggested are the keys that were asked for here, so never one of another section.
        suggestion(entry.key, taken_));
  }
}

}  // namespace ashore::config
