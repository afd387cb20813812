// Reads integers of our own small documents, exactly or not at all.
#pragma once

#include <cstdint>
#include <limits>
#include <utility>

#include <nlohmann/json.hpp>

namespace ashore::state {

// Pure. Throws the library's type_error, as its own readers do, unless the value is an integer that
// Integer holds: get<std::int64_t>() would take any number, 1e30 too. Its callers catch.
template <typename Integer = std::int64_t, typename Json>
Integer integer_of(const Json& json) {
  if (json.is_number_unsigned()) {
    const auto value = json.template get<std::uint64_t>();
    if (std::in_range<Integer>(value)) return static_cast<Integer>(value);
  } else if (json.is_number_integer()) {
    const auto value = json.template get<std::int64_t>();
    if (std::in_range<Integer>(value)) return static_cast<Integer>(value);
  }
  throw nlohmann::detail::type_error::create(302, "type must be an integer in range", &json);
}

}  // namespace ashore::state
