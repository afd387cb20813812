// Reads and writes RFC 3339 by hand.
// Reads and writes RFC 3339 by hand: the formats are fixed and the hot path of decoding.
#include "base/timestamp.h"

#include <cstdio>
#include <optional>

#include "base/short_text.h"

namespace ashore::base {

namespace {

bool is_digit(char character) { return character >= '0' && character <= '9'; }

// Eats a fixed text form from the front of a view.
class TextCursor {
 public:
  explicit TextCursor(std::string_view text) : rest_(text) {}

  [[nodiscard]] bool is_at_end() const { return rest_.empty(); }
  [[nodiscard]] char peek() const { return rest_.empty() ? '\0' : rest_.front(); }

  bool take(char expected) {
    if (peek() != expected || rest_.empty()) return false;
    rest_.remove_prefix(1);
    return true;
  }
  // Exactly `count` digits as a number.
  std::optional<int> take_digits(std::size_t count) {
    if (rest_.size() < count) return std::nullopt;
    int value = 0;
    for (std::size_t index = 0; index < count; ++index) {
      if (!is_digit(rest_[index])) return std::nullopt;
      value = value * 10 + (rest_[index] - '0');
    }
    rest_.remove_prefix(count);
    return value;
  }

 private:
  std::string_view rest_;
};

Error not_a(std::string_view noun, std::string_view text, std::string_view why) {
  constexpr std::size_t kShownBytesMax = 60;
  return permanent("not a " + std::string(noun) + " (" + std::string(why) + "): '" +
                   shortened(text, kShownBytesMax) + "'");
}

std::optional<Date> take_date(TextCursor* cursor) {
  const auto year = cursor->take_digits(4);
  if (!year || !cursor->take('-')) return std::nullopt;
  const auto month = cursor->take_digits(2);
  if (!month || !cursor->take('-')) return std::nullopt;
  const auto day = cursor->take_digits(2);
  if (!day) return std::nullopt;
  const std::chrono::year_month_day date(std::chrono::year(*year),
                                         std::chrono::month(static_cast<unsigned>(*month)),
                                         std::chrono::day(static_cast<unsigned>(*day)));
  if (!date.ok() || *year < 1) return std::nullopt;
  return Date(date);
}

// hh:mm[:ss], as time since midnight.
std::optional<std::chrono::seconds> take_time(TextCursor* cursor, bool* has_seconds) {
  const auto hour = cursor->take_digits(2);
  if (!hour || *hour > 23 || !cursor->take(':')) return std::nullopt;
  const auto minute = cursor->take_digits(2);
  if (!minute || *minute > 59) return std::nullopt;
  int second = 0;
  *has_seconds = cursor->take(':');
  if (*has_seconds) {
    const auto digits = cursor->take_digits(2);
    if (!digits || *digits > 59) return std::nullopt;
    second = *digits;
  }
  return std::chrono::hours(*hour) + std::chrono::minutes(*minute) + std::chrono::seconds(second);
}

enum class Fraction { kNone, kRead, kWrong, kTooFine };

// .ffffff; further digits must be zeros.
Fraction take_fraction(TextCursor* cursor, std::chrono::microseconds* fraction) {
  if (!cursor->take('.')) return Fraction::kNone;
  std::int64_t micros = 0;
  int digits = 0;
  for (; is_digit(cursor->peek()); ++digits) {
    const int digit = *cursor->take_digits(1);
    if (digits < 6) {
      micros = micros * 10 + digit;
    } else if (digit != 0) {
      return Fraction::kTooFine;
    }
  }
  if (digits == 0) return Fraction::kWrong;
  for (int index = digits; index < 6; ++index) micros *= 10;
  *fraction = std::chrono::microseconds(micros);
  return Fraction::kRead;
}

struct Zone {
  bool is_given = false;
  std::chrono::minutes offset{0};
};

// Z, +hh:mm, -hh:mm or nothing.
std::optional<Zone> take_zone(TextCursor* cursor) {
  if (cursor->is_at_end()) return Zone{};
  if (cursor->take('Z') || cursor->take('z')) return Zone{true, std::chrono::minutes(0)};
  const int sign = cursor->take('-') ? -1 : 1;
  if (sign == 1 && !cursor->take('+')) return std::nullopt;
  const auto hours = cursor->take_digits(2);
  if (!hours || *hours > 23 || !cursor->take(':')) return std::nullopt;
  const auto minutes = cursor->take_digits(2);
  if (!minutes || *minutes > 59) return std::nullopt;
  return Zone{true, sign * std::chrono::minutes(*hours * 60 + *minutes)};
}

// Two digits at a place; over 99 where they are none.
unsigned two_digits(std::string_view text, std::size_t at) {
  const auto tens = static_cast<unsigned char>(text[at]) - unsigned{'0'};
  const auto ones = static_cast<unsigned char>(text[at + 1]) - unsigned{'0'};
  return tens > 9 || ones > 9 ? 100 : tens * 10 + ones;
}

// The usual form, "2022-11-01T00:00:00.000Z", at once. Nothing: another form, or no instant.
std::optional<Timestamp> read_usual(std::string_view text) {
  constexpr std::string_view kForm = "0000-00-00T00:00:00.000Z";
  if (text.size() != kForm.size()) return std::nullopt;
  for (const std::size_t at : {4U, 7U, 10U, 13U, 16U, 19U, 23U}) {
    if (text[at] != kForm[at]) return std::nullopt;
  }
  const auto year = two_digits(text, 0) * 100 + two_digits(text, 2);
  const auto month = two_digits(text, 5);
  const auto day = two_digits(text, 8);
  const auto hour = two_digits(text, 11);
  const auto minute = two_digits(text, 14);
  const auto second = two_digits(text, 17);
  const auto tens = two_digits(text, 20);
  const auto thousandth = static_cast<unsigned char>(text[22]) - unsigned{'0'};
  const bool is_time = hour < 24 && minute < 60 && second < 60 && tens < 100 && thousandth < 10;
  if (!is_time || two_digits(text, 0) > 99 || two_digits(text, 2) > 99) return std::nullopt;
  const std::chrono::year_month_day date(std::chrono::year(static_cast<int>(year)),
                                         std::chrono::month(month), std::chrono::day(day));
  if (!date.ok() || year == 0) return std::nullopt;
  return Timestamp(Date(date)) + std::chrono::hours(hour) + std::chrono::minutes(minute) +
         std::chrono::seconds(second) + std::chrono::milliseconds(tens * 10 + thousandth);
}

const Timestamp kFirst{Date(std::chrono::year(1) / 1 / 1)};
const Timestamp kPastLast{Date(std::chrono::year(10'000) / 1 / 1)};

}  // namespace

Result<Date> parse_date(std::string_view text) {
  TextCursor cursor(text);
  const auto date = take_date(&cursor);
  if (!date || !cursor.is_at_end()) return not_a("date", text, "expected YYYY-MM-DD");
  return *date;
}

Result<Timestamp> parse_timestamp(std::string_view text, ZoneRule zone_rule) {
  constexpr std::string_view kNoun = "date-time";
  if (const auto usual = read_usual(text)) return *usual;
  TextCursor cursor(text);
  const auto date = take_date(&cursor);
  if (!date) return not_a(kNoun, text, "expected YYYY-MM-DDThh:mm:ssZ, a day that exists");
  if (!cursor.take('T') && !cursor.take('t') && !cursor.take(' ')) {
    return not_a(kNoun, text, "expected 'T' and a time after the date");
  }
  bool has_seconds = false;
  const auto time = take_time(&cursor, &has_seconds);
  if (!time) return not_a(kNoun, text, "expected a time hh:mm:ss that exists");
  std::chrono::microseconds fraction{0};
  const auto read = has_seconds ? take_fraction(&cursor, &fraction) : Fraction::kNone;
  if (read == Fraction::kTooFine) return not_a(kNoun, text, "digits past microseconds");
  if (read == Fraction::kWrong) return not_a(kNoun, text, "no digits after the point");
  const auto zone = take_zone(&cursor);
  if (!zone || !cursor.is_at_end()) return not_a(kNoun, text, "expected Z or an offset +hh:mm");
  if (!zone->is_given && zone_rule == ZoneRule::kRequired) {
    return not_a(kNoun, text, "it has no zone");
  }
  const Timestamp timestamp = Timestamp(*date) + *time + fraction - zone->offset;
  if (timestamp < kFirst || timestamp >= kPastLast) {
    return not_a(kNoun, text, "outside the years 0001 to 9999 in UTC");
  }
  return timestamp;
}

namespace {

struct Fields {
  int year;
  unsigned month, day;
  int hour, minute, second, micros;
};

Fields fields_of(Timestamp timestamp) {
  const auto day = std::chrono::floor<std::chrono::days>(timestamp);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss time(timestamp - day);
  return {static_cast<int>(date.year()),
          static_cast<unsigned>(date.month()),
          static_cast<unsigned>(date.day()),
          static_cast<int>(time.hours().count()),
          static_cast<int>(time.minutes().count()),
          static_cast<int>(time.seconds().count()),
          static_cast<int>(time.subseconds().count())};
}

std::string format_with(Timestamp timestamp, int fraction_digits) {
  const auto fields = fields_of(timestamp);
  char buffer[64];
  int length = std::snprintf(buffer, sizeof buffer, "%04d-%02u-%02uT%02d:%02d:%02d", fields.year,
                             fields.month, fields.day, fields.hour, fields.minute, fields.second);
  std::string text(buffer, static_cast<std::size_t>(length));
  if (fraction_digits == 3) {
    length = std::snprintf(buffer, sizeof buffer, ".%03d", fields.micros / 1000);
    text.append(buffer, static_cast<std::size_t>(length));
  } else if (fraction_digits == 6) {
    length = std::snprintf(buffer, sizeof buffer, ".%06d", fields.micros);
    text.append(buffer, static_cast<std::size_t>(length));
  }
  return text + "Z";
}

}  // namespace

std::string format_timestamp(Timestamp timestamp) {
  const int micros = fields_of(timestamp).micros;
  if (micros == 0) return format_with(timestamp, 0);
  return format_with(timestamp, micros % 1000 == 0 ? 3 : 6);
}

std::string format_timestamp_millis(Timestamp timestamp) { return format_with(timestamp, 3); }

std::string format_date(Date date) { return format_with(Timestamp(date), 0).substr(0, 10); }

std::string format_timestamp_compact(Timestamp timestamp) {
  std::string compact;
  for (const char character : format_with(timestamp, 0)) {
    if (character != '-' && character != ':') compact += character;
  }
  return compact;
}

}  // namespace ashore::base
