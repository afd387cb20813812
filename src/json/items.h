// Cuts a page into the exact texts of its items.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "json/pointer.h"

namespace ashore::json {

// Where an item lies in its body, in bytes.
struct ItemSlice {
  std::size_t offset = 0;
  std::size_t bytes = 0;

  [[nodiscard]] std::string_view of(std::string_view body) const {
    return body.substr(offset, bytes);
  }
};

// Pure. Precondition: validate() accepted the body. An object at `items` is one item. kPermanent:
// there is no array or object at `items`.
base::Result<std::vector<ItemSlice>> slice_items(std::string_view body, const Pointer& items);

}  // namespace ashore::json
