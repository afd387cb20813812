// Finds the nearest name by optimal string alignment distance.
#include "config/nearest_name.h"

#include <algorithm>
#include <cstddef>

namespace ashore::config {
namespace {

constexpr std::size_t kWordBytesMax = 64;

std::size_t distance(std::string_view left, std::string_view right) {
  const std::size_t width = right.size() + 1;
  std::vector<std::size_t> edits((left.size() + 1) * width);
  const auto at = [&](std::size_t row, std::size_t column) -> std::size_t& {
    return edits[row * width + column];
  };
  for (std::size_t row = 0; row <= left.size(); ++row) at(row, 0) = row;
  for (std::size_t column = 0; column < width; ++column) at(0, column) = column;
  for (std::size_t row = 1; row <= left.size(); ++row) {
    for (std::size_t column = 1; column < width; ++column) {
      const std::size_t replaced =
          at(row - 1, column - 1) + (left[row - 1] == right[column - 1] ? 0 : 1);
      auto best = std::min({at(row - 1, column) + 1, at(row, column - 1) + 1, replaced});
      if (row > 1 && column > 1 && left[row - 1] == right[column - 2] &&
          left[row - 2] == right[column - 1]) {
        best = std::min(best, at(row - 2, column - 2) + 1);
      }
      at(row, column) = best;
    }
  }
  return edits.back();
}

}  // namespace

std::optional<std::string> nearest_name(std::string_view word,
                                        const std::vector<std::string>& candidates) {
  if (word.size() > kWordBytesMax) return std::nullopt;
  const std::size_t edits_max = std::max<std::size_t>(2, word.size() / 3);
  std::optional<std::string> nearest;
  std::size_t fewest = edits_max + 1;
  for (const auto& candidate : candidates) {
    if (candidate.size() > kWordBytesMax) continue;
    const auto edits = distance(word, candidate);
    // A word of which nothing is left is not a misspelling.
    if (edits < fewest && edits < candidate.size()) {
      fewest = edits;
      nearest = candidate;
    }
  }
  return nearest;
}

std::string suggestion(std::string_view word, const std::vector<std::string>& candidates) {
  if (const auto nearest = nearest_name(word, candidates)) {
    return "Did you mean '" + *nearest + "'?";
  }
  if (candidates.empty()) return "Nothing is valid here; remove it.";
  constexpr std::size_t kListedMax = 40;
  std::string text = "Valid here: ";
  for (std::size_t index = 0; index < std::min(candidates.size(), kListedMax); ++index) {
    if (index > 0) text += ", ";
    text += candidates[index];
  }
  return text + (candidates.size() > kListedMax ? ", ..." : ".");
}

}  // namespace ashore::config
