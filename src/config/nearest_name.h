// nearest_name() finds what a misspelt word was meant to be.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ashore::config {

// Pure. The candidate with the fewest edits (insert, remove, replace, swap of neighbours) from
// `word`, the first of several; nothing if all are further away than a third of the word, at
// least 2 edits, or the word is longer than 64 bytes.
std::optional<std::string> nearest_name(std::string_view word,
                                        const std::vector<std::string>& candidates);

// Pure. "Did you mean 'columns'?", or "Valid here: a, b, c." where nothing is near.
std::string suggestion(std::string_view word, const std::vector<std::string>& candidates);

}  // namespace ashore::config
