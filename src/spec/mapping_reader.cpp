// Keys are valid because somebody takes them: there is no second list to keep up to date.
#include "spec/mapping_reader.h"

#include <algorithm>
#include <utility>

#include "spec/nearest_name.h"

namespace ashore::spec {

std::string quoted(std::string_view key) { return "'" + std::string(key) + "'"; }

MappingReader::MappingReader(ValueReader& values, const Node& node, std::string what, Mark where)
    : values_(values), node_(node), what_(std::move(what)), where_(where) {
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

const Node* MappingReader::take(std::string_view key) {
  if (std::find(taken_.begin(), taken_.end(), key) == taken_.end()) taken_.emplace_back(key);
  const auto* const entry = find(key);
  return entry == nullptr ? nullptr : &entry->value;
}

const Node* MappingReader::require(std::string_view key, std::string_view remedy) {
  const auto* const value = take(key);
  if (value == nullptr && is_mapping()) {
    values_.complain(where_, what_ + ": missing key " + quoted(key), std::string(remedy));
  }
  return value;
}

void MappingReader::take_into(std::string_view key, Range range, std::int64_t& target) {
  const auto* const node = take(key);
  if (node == nullptr) return;
  if (const auto value = values_.integer(*node, quoted(key), range)) target = *value;
}

void MappingReader::take_into(std::string_view key, Range range, int& target) {
  std::int64_t wide = target;
  take_into(key, range, wide);
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
    values_.complain(entry.mark, "unknown key " + shown(entry.key) + " in " + what_,
                     suggestion(entry.key, taken_));
  }
}

}  // namespace ashore::spec
