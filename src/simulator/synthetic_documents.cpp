// Writes made-up launches straight to text; the shape and the share of each oddity follow the real
// ones.
#include "simulator/synthetic_documents.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <charconv>
#include <chrono>

namespace ashore::simulator {

namespace {

constexpr std::int64_t kDaySeconds = 86'400;
constexpr std::int64_t kDayMinutes = 1'440;
constexpr std::size_t kNumberDigits = 6;  // of a launch's id that are its number
// Eight cores fly ten times each in a block of 80 launches.
constexpr std::int64_t kBlockLaunches = 80;
constexpr std::int64_t kBlockCores = 8;

constexpr std::array<std::string_view, 27> kFieldNames{"fairings",
                                                       "links",
                                                       "static_fire_date_utc",
                                                       "static_fire_date_unix",
                                                       "net",
                                                       "window",
                                                       "rocket",
                                                       "success",
                                                       "failures",
                                                       "details",
                                                       "crew",
                                                       "ships",
                                                       "capsules",
                                                       "payloads",
                                                       "launchpad",
                                                       "flight_number",
                                                       "name",
                                                       "date_utc",
                                                       "date_unix",
                                                       "date_local",
                                                       "date_precision",
                                                       "upcoming",
                                                       "cores",
                                                       "auto_update",
                                                       "tbd",
                                                       "launch_library_id",
                                                       "id"};

constexpr std::array<std::string_view, 6> kSentences{
    "A made-up booster carried a made-up cargo to an orbit that nobody needs. ",
    "The countdown was held twice for weather — clouds over the pad and wind aloft. ",
    "Landing was tried on a barge; the sea was calm and the night was clear. ",
    "The fairing halves came down under parachutes and were fished out of the water. ",
    "Rideshare customers were dropped off first, the main payload after a second burn. ",
    "Observers saw a bright “jellyfish” plume shortly after stage separation. "};
constexpr std::array<std::string_view, 4> kNames{"Probe", "Wetterwarte Süd", "Station Übung",
                                                 "Relais Æther"};
constexpr std::array<std::int64_t, 4> kOffsetHours{-4, -5, -7, -8};
constexpr std::array<std::string_view, 4> kOffsets{"-04:00", "-05:00", "-07:00", "-08:00"};

// SplitMix64: every bit of the result depends on every bit of the number.
std::uint64_t mix(std::uint64_t number) {
  number += 0x9e3779b97f4a7c15U;
  number = (number ^ (number >> 30U)) * 0xbf58476d1ce4e5b9U;
  number = (number ^ (number >> 27U)) * 0x94d049bb133111ebU;
  return number ^ (number >> 31U);
}

// Whether a chance of `percent` in 100 came up; `salt` keeps chances of one document apart.
bool chance(std::uint64_t hash, std::uint64_t salt, std::uint64_t percent) {
  return mix(hash ^ (salt << 48U)) % 100 < percent;
}

template <std::size_t Size>
std::string_view pick(const std::array<std::string_view, Size>& words, std::uint64_t hash) {
  return words[hash % Size];
}

void append_number(std::int64_t number, std::string& text) {
  std::array<char, 24> buffer;
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), number).ptr;
  text.append(buffer.data(), end);
}

void append_hex(std::uint64_t number, std::size_t digits, std::string& text) {
  std::array<char, 16> buffer;
  for (std::size_t at = digits; at > 0; --at, number >>= 4U)
    buffer[at - 1] = "0123456789abcdef"[number & 15U];
  text.append(buffer.data(), digits);
}

void append_id(std::uint64_t hash, std::string& text) {
  text += "\"5e9e";
  append_hex(hash, 4, text);
  append_hex(mix(hash), 16, text);
  text += '"';
}

void append_boolean(bool value, std::string& text) { text += value ? "true" : "false"; }

void append_flag(std::string_view name, bool known, bool value, std::string& text) {
  ((text += ",\"") += name) += "\":";
  if (known) {
    append_boolean(value, text);
  } else {
    text += "null";
  }
}

void append_two_digits(std::int64_t number, std::string& text) {
  text += static_cast<char>('0' + number / 10);
  text += static_cast<char>('0' + number % 10);
}

// `YYYY-MM-DDTHH:MM:SS`.
void append_date_time(std::int64_t seconds, std::string& text) {
  const std::int64_t day = (seconds >= 0 ? seconds : seconds - kDaySeconds + 1) / kDaySeconds;
  const std::int64_t rest = seconds - day * kDaySeconds;
  const std::chrono::year_month_day date{std::chrono::sys_days(std::chrono::days(day))};
  const auto year = static_cast<std::int64_t>(static_cast<int>(date.year()));
  append_two_digits(year / 100 % 100, text);
  append_two_digits(year % 100, text);
  text += '-';
  append_two_digits(static_cast<unsigned>(date.month()), text);
  text += '-';
  append_two_digits(static_cast<unsigned>(date.day()), text);
  text += 'T';
  append_two_digits(rest / 3'600, text);
  text += ':';
  append_two_digits(rest / 60 % 60, text);
  text += ':';
  append_two_digits(rest % 60, text);
}

std::string date_utc_of(std::int64_t seconds) {
  std::string text;
  append_date_time(seconds, text);
  return text + ".000Z";
}

void append_link(std::string_view before, std::uint64_t hash, std::string_view after,
                 std::string& text) {
  (text += before) += "\"https://example.org/made-up/";
  append_hex(hash, 12, text);
  (text += after) += '"';
}

}  // namespace

SyntheticDocuments::SyntheticDocuments(std::int64_t count, std::uint64_t seed, std::int64_t per_day)
    : count_(count),
      seed_(mix(seed)),
      per_day_(per_day),
      field_names_(kFieldNames.begin(), kFieldNames.end()) {
  assert(count >= 0 && count <= kCountMax && per_day >= 1 && per_day <= kPerDayMax);
}

SyntheticDocuments::Facts SyntheticDocuments::facts_of(std::int64_t index) const {
  const std::int64_t day = index / per_day_;
  const std::int64_t turn = index % per_day_;
  const std::uint64_t hash = mix(seed_ ^ static_cast<std::uint64_t>(index));
  const bool placeholder = mix(seed_ + 1 + static_cast<std::uint64_t>(day)) % 16 == 0;
  // Each launch of a day has a share of it for itself, so dates ascend with numbers.
  const std::int64_t minute =
      (turn * kDayMinutes + static_cast<std::int64_t>(hash % kDayMinutes)) / per_day_;
  return {.index = index,
          .hash = hash,
          .seconds = day * kDaySeconds + (placeholder ? 0 : minute * 60),
          .placeholder = placeholder,
          .upcoming = placeholder || chance(hash, 1, 2)};
}

void SyntheticDocuments::append(std::int64_t index, std::string& text) const {
  assert(index >= 0 && index < count_);
  const Facts facts = facts_of(index);
  append_fairings(facts, text);
  append_links(facts, text);
  append_outcome(facts, text);
  append_relations(facts, text);
  append_dates(facts, text);
  append_cores(facts, text);
  text += ",\"auto_update\":true,\"tbd\":false,\"launch_library_id\":";
  if (chance(facts.hash, 2, 35)) {
    text += '"';
    append_hex(mix(facts.hash + 1), 8, text);
    text += "-5e9e-4c0d-8a11-";
    append_hex(mix(facts.hash + 2), 12, text);
    text += '"';
  } else {
    text += "null";
  }
  ((text += ",\"id\":\"") += id(index)) += "\"}";
}

void SyntheticDocuments::append_fairings(const Facts& facts, std::string& text) const {
  text += "{\"fairings\":";
  if (chance(facts.hash, 3, 18)) {
    text += "null";
    return;
  }
  text += "{\"reused\":";
  append_boolean(chance(facts.hash, 4, 50), text);
  append_flag("recovery_attempt", chance(facts.hash, 5, 80), true, text);
  append_flag("recovered", chance(facts.hash, 5, 80), chance(facts.hash, 6, 70), text);
  text += ",\"ships\":[";
  if (chance(facts.hash, 7, 40)) append_id(mix(facts.hash % 29), text);
  text += "]}";
}

void SyntheticDocuments::append_links(const Facts& facts, std::string& text) const {
  const std::uint64_t hash = facts.hash;
  append_link(",\"links\":{\"patch\":{\"small\":", hash, "_small.png", text);
  append_link(",\"large\":", hash, "_large.png", text);
  append_link("},\"reddit\":{\"campaign\":", hash, "/campaign", text);
  text +=
      ",\"launch\":null,\"media\":null,\"recovery\":null},\"flickr\":{\"small\":[],\"original\":[";
  const std::uint64_t pictures = mix(hash + 3) % 3;
  for (std::uint64_t picture = 0; picture < pictures; ++picture) {
    append_link(picture == 0 ? "" : ",", hash + picture, "_o.jpg", text);
  }
  append_link("]},\"presskit\":null,\"webcast\":", hash, "/webcast", text);
  text += ",\"youtube_id\":\"";
  append_hex(mix(hash + 4), 11, text);
  append_link("\",\"article\":", hash, "/article.html", text);
  append_link(",\"wikipedia\":", hash, "/wiki", text);
  text += '}';
}

void SyntheticDocuments::append_outcome(const Facts& facts, std::string& text) const {
  const bool has_fire = !facts.upcoming && !chance(facts.hash, 8, 37);
  const std::int64_t fire =
      facts.seconds - static_cast<std::int64_t>(facts.hash % 14) * kDaySeconds;
  text += ",\"static_fire_date_utc\":";
  text += has_fire ? '"' + date_utc_of(fire) + '"' : "null";
  text += ",\"static_fire_date_unix\":";
  text += has_fire ? std::to_string(fire) : "null";
  text += ",\"net\":false,\"window\":";
  text += chance(facts.hash, 9, 43) ? "null" : std::to_string(facts.hash % 8 * 900);
  text += ",\"rocket\":";
  append_id(facts.hash % 4, text);
  const bool failed = chance(facts.hash, 10, 3);
  text += ",\"success\":";
  text += facts.upcoming ? "null" : failed ? "false" : "true";
  text += ",\"failures\":[";
  if (!facts.upcoming && failed) {
    text += "{\"time\":";
    append_number(static_cast<std::int64_t>(facts.hash % 600) - 60, text);
    text += facts.hash % 5 == 0 ? ",\"altitude\":null" : ",\"altitude\":40";
    text += ",\"reason\":\"a made-up valve stuck\"}";
  }
  text += "],\"details\":";
  if (facts.upcoming || chance(facts.hash, 11, 29)) {
    text += "null";
    return;
  }
  text += '"';
  const std::uint64_t sentences = 1 + mix(facts.hash + 5) % 4;
  for (std::uint64_t at = 0; at < sentences; ++at) text += pick(kSentences, facts.hash + at);
  text += facts.hash % 97 == 0 ? "End.\\nSecond line.\"" : "End.\"";
}

void SyntheticDocuments::append_relations(const Facts& facts, std::string& text) const {
  text += ",\"crew\":[";
  if (chance(facts.hash, 12, 5)) {
    text += "{\"crew\":";
    append_id(mix(facts.hash % 31), text);
    text += ",\"role\":\"Commander\"}";
  }
  text += "],\"ships\":[";
  if (chance(facts.hash, 13, 60)) append_id(mix(facts.hash % 29), text);
  text += "],\"capsules\":[";
  if (chance(facts.hash, 14, 18)) append_id(mix(facts.hash % 25), text);
  text += "],\"payloads\":[";
  const std::uint64_t draw = mix(facts.hash + 6) % 100;
  const std::uint64_t payloads = draw < 6 ? 0 : draw < 94 ? 1 : draw < 99 ? 2 : 16;
  for (std::uint64_t at = 0; at < payloads; ++at) {
    if (at != 0) text += ',';
    append_id(mix(facts.hash + 7 + at), text);
  }
  text += "],\"launchpad\":";
  append_id(100 + facts.hash % 6, text);
  text += ",\"flight_number\":";
  append_number(facts.index + 1, text);
  (text += ",\"name\":\"") += pick(kNames, facts.hash);
  text += ' ';
  append_number(facts.index + 1, text);
  text += '"';
}

void SyntheticDocuments::append_dates(const Facts& facts, std::string& text) const {
  const std::size_t zone = facts.hash % kOffsets.size();
  text += ",\"date_utc\":\"";
  append_date_time(facts.seconds, text);
  text += ".000Z\",\"date_unix\":";
  append_number(facts.seconds, text);
  text += ",\"date_local\":\"";
  append_date_time(facts.seconds + kOffsetHours[zone] * 3'600, text);
  ((text += kOffsets[zone]) += "\",\"date_precision\":\"");
  text += !facts.placeholder     ? "hour"
          : facts.hash % 13 < 8  ? "month"
          : facts.hash % 13 < 12 ? "day"
                                 : "quarter";
  text += "\",\"upcoming\":";
  append_boolean(facts.upcoming, text);
}

void SyntheticDocuments::append_cores(const Facts& facts, std::string& text) const {
  const bool three = mix(facts.hash + 8) % 41 == 0;
  text += ",\"cores\":[";
  append_core(facts, 0, text);
  for (std::int64_t place = 1; three && place < 3; ++place) {
    text += ',';
    append_core(facts, place, text);
  }
  text += ']';
}

void SyntheticDocuments::append_core(const Facts& facts, std::int64_t place,
                                     std::string& text) const {
  if (facts.placeholder || (facts.upcoming && chance(facts.hash, 15, 50))) {
    text +=
        "{\"core\":null,\"flight\":null,\"gridfins\":null,\"legs\":null,\"reused\":null,\"landing_"
        "attempt\":null,"
        "\"landing_success\":null,\"landing_type\":null,\"landpad\":null}";
    return;
  }
  const std::int64_t block = facts.index / kBlockLaunches;
  const std::int64_t turn = facts.index % kBlockLaunches;
  const std::int64_t flight = place == 0 ? turn / kBlockCores + 1 : 1;
  // Side cores fly once: they are numbered by their launch, above all first cores.
  const std::int64_t core =
      place == 0 ? block * kBlockCores + turn % kBlockCores : kCountMax + facts.index * 2 + place;
  text += "{\"core\":";
  append_id(mix(seed_ + 2 + static_cast<std::uint64_t>(core)), text);
  text += ",\"flight\":";
  append_number(flight, text);
  const bool tries = chance(facts.hash, 16, 85);
  const bool known = !facts.upcoming;
  append_flag("gridfins", chance(facts.hash, 17, 97), chance(facts.hash, 18, 90), text);
  append_flag("legs", chance(facts.hash, 17, 97), chance(facts.hash, 18, 90), text);
  append_flag("reused", chance(facts.hash, 17, 97), flight > 1, text);
  append_flag("landing_attempt", known, tries, text);
  append_flag("landing_success", known && tries, chance(facts.hash, 19, 92), text);
  text += !tries                       ? ",\"landing_type\":null"
          : chance(facts.hash, 20, 80) ? ",\"landing_type\":\"ASDS\""
                                       : ",\"landing_type\":\"RTLS\"";
  text += ",\"landpad\":";
  if (tries) {
    append_id(200 + facts.hash % 7, text);
  } else {
    text += "null";
  }
  text += '}';
}

const std::vector<FieldView>& SyntheticDocuments::fields(std::int64_t index,
                                                         Scratch& scratch) const {
  scratch.text.clear();
  append(index, scratch.text);
  split_fields(scratch.text, scratch.fields);
  return scratch.fields;
}

std::string SyntheticDocuments::id(std::int64_t index) const {
  std::string text = "5eb8";
  append_hex(seed_, 14, text);
  append_hex(static_cast<std::uint64_t>(index), kNumberDigits, text);
  return text;
}

std::optional<std::int64_t> SyntheticDocuments::find(std::string_view id_text) const {
  if (!is_id(id_text)) return std::nullopt;
  const std::string_view digits = id_text.substr(id_text.size() - kNumberDigits);
  std::int64_t index = 0;
  (void)std::from_chars(digits.data(), digits.data() + digits.size(), index, 16);
  if (index >= count_ || id(index) != id_text) return std::nullopt;
  return index;
}

bool SyntheticDocuments::knows(std::string_view field) const {
  return std::ranges::find(field_names_, field) != field_names_.end();
}

std::int64_t SyntheticDocuments::first_from(std::string_view date, bool after) const {
  std::int64_t begin = 0;
  std::int64_t end = count_;
  while (begin < end) {
    const std::int64_t middle = begin + (end - begin) / 2;
    const int order = date_utc_of(facts_of(middle).seconds).compare(date);
    const bool before = after ? order <= 0 : order < 0;
    (before ? begin : end) = before ? middle + 1 : middle;
  }
  return begin;
}

Candidates SyntheticDocuments::narrow(const Filter& filter) const {
  Candidates range{.begin = 0, .end = count_, .all_match = filter.any_of.empty()};
  for (const Condition& condition : filter.conditions) {
    const bool by_date = condition.field == "date_utc" && condition.comparison != Comparison::kIn &&
                         condition.operands.front().kind == ValueKind::kText;
    if (!by_date) {
      range.all_match = false;
      continue;
    }
    const std::string& date = condition.operands.front().text;
    const Comparison comparison = condition.comparison;
    const bool from = comparison == Comparison::kGreaterOrEqual || comparison == Comparison::kEqual;
    const bool to = comparison == Comparison::kLessOrEqual || comparison == Comparison::kEqual;
    if (from) range.begin = std::max(range.begin, first_from(date, false));
    if (comparison == Comparison::kGreater)
      range.begin = std::max(range.begin, first_from(date, true));
    if (to) range.end = std::min(range.end, first_from(date, true));
    if (comparison == Comparison::kLess) range.end = std::min(range.end, first_from(date, false));
  }
  range.end = std::max(range.begin, range.end);
  return range;
}

bool SyntheticDocuments::is_numbered_by(const std::vector<SortKey>& sort) const {
  return std::ranges::all_of(sort, [](const SortKey& key) {
    return !key.descending && (key.field == "_id" || key.field == "date_utc" ||
                               key.field == "date_unix" || key.field == "flight_number");
  });
}

Value SyntheticDocuments::value(std::int64_t index, std::string_view field,
                                Scratch& scratch) const {
  if (field == "date_utc") {
    return {.kind = ValueKind::kText, .number = 0, .text = date_utc_of(facts_of(index).seconds)};
  }
  return DocumentSource::value(index, field, scratch);
}

}  // namespace ashore::simulator
