// Reads fields of a parsed JSON object, each with an error that names the field.
#pragma once

#include <simdjson.h>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"

// For sources of this room only: rooms above see no simdjson. Pure, all of them. kPermanent: the
// field is missing (unless optional) or of another type.
namespace ashore::delta {

using JsonElement = simdjson::dom::element;

// The field, or nothing where it is absent or null.
std::optional<JsonElement> find_field(const JsonElement& object, std::string_view key);
base::Result<JsonElement> field(const JsonElement& object, std::string_view key);
base::Result<std::string> text_field(const JsonElement& object, std::string_view key);
base::Result<std::int64_t> integer_field(const JsonElement& object, std::string_view key);
base::Result<bool> boolean_field(const JsonElement& object, std::string_view key);
base::Result<simdjson::dom::array> array_field(const JsonElement& object, std::string_view key);
base::Result<simdjson::dom::object> object_field(const JsonElement& object, std::string_view key);
// Texts by name; absent or null gives none.
base::Result<std::map<std::string, std::string>> text_map_field(const JsonElement& object,
                                                                std::string_view key);
base::Result<std::vector<std::string>> text_list_field(const JsonElement& object,
                                                       std::string_view key);

}  // namespace ashore::delta
