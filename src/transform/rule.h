// Rule names why a row was rejected; the names are part of the quarantine's format.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "config/pipeline.h"

namespace ashore::transform {

// docs/formats/quarantine.md lists them.
enum class Rule : std::uint8_t {
  kNone,
  kRequired,          // a key or required column is null or absent
  kWrongType,         // another kind of JSON value than the column takes
  kOutOfRange,        // a number too large for the type, a decimal with too many digits
  kInexact,           // a number that the type cannot hold exactly
  kBadDate,           // not YYYY-MM-DD, or a day that does not exist
  kBadTimestamp,      // not RFC 3339 or the column's format, no zone, finer than microseconds
  kBadLocalTime,      // a local time that the column's zone skips or shows twice
  kNulCharacter,      // \u0000 in a text
  kLoneSurrogate,     // half of a surrogate pair in a text
  kDuplicateField,    // the object names the field twice
  kKeyTooLong,        // the key is over kKeyBytesMax bytes
  kPartitionEmpty,    // "" partitions the table: its folder would mean null
  kPartitionTooLong,  // the partition's folder name would be over columnar::kFolderBytesMax bytes
  kNotAnArray,        // the value that should hold a child table's rows is no array
  kParentRejected,    // the parent's row was rejected
};

// So that every destination can index the key.
inline constexpr std::int64_t kKeyBytesMax = 2'000;

// Pure. "inexact", "parent_rejected"; "" for kNone.
std::string_view rule_name(Rule rule);
// Pure. What is wrong, for people: "1.5 is not an integer". `value` is exact JSON text and is cut.
// Where a `from` of the pipeline file would take such values it is named. `column`: nullptr where
// the row as a whole is at fault.
std::string explain(Rule rule, const config::Column* column, std::string_view value);

}  // namespace ashore::transform
