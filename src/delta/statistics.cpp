// Reads the statistics of a file's log entry.
// Statistics are other programs' text too: whatever does not read as a range is none.
#include "delta/statistics.h"

#include <simdjson.h>

#include <chrono>
#include <string_view>

#include "delta/json_fields.h"

namespace ashore::delta {

namespace {

std::optional<base::Timestamp> instant_of(std::string_view text) {
  if (const auto date = base::parse_date(text); date.ok()) return base::Timestamp(date.value());
  if (const auto time = base::parse_timestamp(text, base::ZoneRule::kAssumeUtc); time.ok())
    return time.value();
  return std::nullopt;
}

// Valid until the next call of the same thread.
std::optional<JsonElement> parse(const AddFile& file) {
  static thread_local simdjson::dom::parser parser;
  JsonElement statistics;
  if (parser.parse(file.stats_json).get(statistics) != simdjson::SUCCESS) return std::nullopt;
  return statistics;
}

std::optional<base::Timestamp> bound_of(const JsonElement& statistics, std::string_view bounds,
                                        std::string_view column) {
  const auto values = find_field(statistics, bounds);
  if (!values) return std::nullopt;
  const auto value = find_field(*values, column);
  std::string_view text;
  if (!value || value->get(text) != simdjson::SUCCESS) return std::nullopt;
  return instant_of(text);
}

}  // namespace

std::optional<InstantRange> instant_range(const AddFile& file, const std::string& column) {
  for (const auto& [name, value] : file.partition_values) {
    if (name != column) continue;
    const auto instant = value ? instant_of(*value) : std::nullopt;
    if (!instant) return std::nullopt;
    return InstantRange{*instant, *instant};
  }
  const auto statistics = parse(file);
  if (!statistics) return std::nullopt;
  const auto least = bound_of(*statistics, "minValues", column);
  const auto greatest = bound_of(*statistics, "maxValues", column);
  if (!least || !greatest) return std::nullopt;
  // Other writers cut a maximum to the millisecond.
  return InstantRange{*least, *greatest + std::chrono::milliseconds(1)};
}

std::optional<std::int64_t> null_count(const AddFile& file, const std::string& column) {
  if (file.rows_digest().empty()) return std::nullopt;
  for (const auto& [name, value] : file.partition_values) {
    if (name == column) return value ? 0 : file.rows;
  }
  const auto statistics = parse(file);
  if (!statistics) return std::nullopt;
  const auto counts = find_field(*statistics, "nullCount");
  if (!counts) return std::nullopt;
  const auto count = find_field(*counts, column);
  std::int64_t nulls = 0;
  if (!count || count->get(nulls) != simdjson::SUCCESS) return std::nullopt;
  return nulls;
}

}  // namespace ashore::delta
