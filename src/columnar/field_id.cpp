// Numbers columns by their names.
#include "columnar/field_id.h"

#include <arrow/util/crc32.h>

namespace ashore::columnar {

std::int32_t field_id(std::string_view name) {
  const auto number = arrow::internal::crc32(0, name.data(), name.size()) & 0x3fff'ffffU;
  return number == 0 ? 1 : static_cast<std::int32_t>(number);
}

}  // namespace ashore::columnar
