// Cuts texts for messages and examples between characters (UTF-8), never inside one.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace ashore::base {

// Pure. The longest beginning of at most `bytes_max` bytes that ends between characters. Of bytes
// that are not UTF-8 it may be shorter than needed, never longer.
std::string_view whole_characters(std::string_view text, std::size_t bytes_max);

// Pure. The text where it has at most `bytes_max` bytes, else its beginning and "...".
std::string shortened(std::string_view text, std::size_t bytes_max);

}  // namespace ashore::base
