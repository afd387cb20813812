// Reads times by a pattern, in one pass over pattern and text.
// One pass over pattern and text; strptime() would follow the locale and stop at whole seconds.
#include "base/time_format.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>

namespace ashore::base {

namespace {

constexpr std::array<std::string_view, 12> kMonths = {
    "january", "february", "march",     "april",   "may",      "june",
    "july",    "august",   "september", "october", "november", "december"};
constexpr std::array<std::string_view, 7> kDays = {"sunday",   "monday", "tuesday", "wednesday",
                                                   "thursday", "friday", "saturday"};

bool is_space(char character) { return std::isspace(static_cast<unsigned char>(character)) != 0; }
bool is_digit(char character) { return character >= '0' && character <= '9'; }

struct Fields {
  std::optional<int> year, month, day, day_of_year, hour, hour_12, minute, second, weekday;
  std::optional<bool> is_afternoon;
  std::optional<std::chrono::minutes> offset;
  std::chrono::microseconds fraction{0};
};

// Takes fields off the front of a text.
class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) {}

  [[nodiscard]] bool is_at_end() const { return rest_.empty(); }

  void skip_space() {
    while (!rest_.empty() && is_space(rest_.front())) rest_.remove_prefix(1);
  }

  bool take(char expected) {
    if (rest_.empty() || rest_.front() != expected) return false;
    rest_.remove_prefix(1);
    return true;
  }

  // From `least` to `most` digits, and a value between `min` and `max`.
  bool take_number(std::size_t least, std::size_t most, std::pair<int, int> range,
                   std::optional<int>* field) {
    int value = 0;
    std::size_t count = 0;
    for (; count < most && count < rest_.size() && is_digit(rest_[count]); ++count) {
      value = value * 10 + (rest_[count] - '0');
    }
    if (count < least || value < range.first || value > range.second) return false;
    rest_.remove_prefix(count);
    *field = value;
    return true;
  }

  // A name in whole or its first three letters; the index in `names`.
  template <std::size_t Count>
  bool take_name(const std::array<std::string_view, Count>& names, std::optional<int>* field) {
    std::size_t length = 0;
    std::string word;
    while (length < rest_.size() && std::isalpha(static_cast<unsigned char>(rest_[length])) != 0) {
      word += static_cast<char>(std::tolower(static_cast<unsigned char>(rest_[length++])));
    }
    for (std::size_t index = 0; index < Count; ++index) {
      if (word != names[index] && word != names[index].substr(0, 3)) continue;
      rest_.remove_prefix(length);
      *field = static_cast<int>(index);
      return true;
    }
    return false;
  }

  bool take_half(std::optional<bool>* is_afternoon) {
    if (rest_.size() < 2 || std::toupper(static_cast<unsigned char>(rest_[1])) != 'M') return false;
    const int first = std::toupper(static_cast<unsigned char>(rest_[0]));
    if (first != 'A' && first != 'P') return false;
    *is_afternoon = first == 'P';
    rest_.remove_prefix(2);
    return true;
  }

  bool take_fraction(std::chrono::microseconds* fraction) {
    constexpr int kDigitsMax = 6;
    std::int64_t micros = 0;
    int count = 0;
    for (; !rest_.empty() && is_digit(rest_.front()); ++count) {
      const int digit = rest_.front() - '0';
      if (count >= kDigitsMax && digit != 0) return false;
      if (count < kDigitsMax) micros = micros * 10 + digit;
      rest_.remove_prefix(1);
    }
    if (count == 0) return false;
    for (; count < kDigitsMax; ++count) micros *= 10;
    *fraction = std::chrono::microseconds(micros);
    return true;
  }

  bool take_offset(std::optional<std::chrono::minutes>* offset) {
    *offset = std::chrono::minutes(0);
    if (take('Z') || take('z')) return true;
    const int sign = take('-') ? -1 : 1;
    if (sign == 1 && !take('+')) return false;
    std::optional<int> hours;
    std::optional<int> minutes = 0;
    if (!take_number(2, 2, {0, 23}, &hours)) return false;
    const bool has_colon = take(':');
    const bool has_minutes = has_colon || (!rest_.empty() && is_digit(rest_.front()));
    if (has_minutes && !take_number(2, 2, {0, 59}, &minutes)) return false;
    *offset = std::chrono::minutes(sign * (*hours * 60 + *minutes));
    return true;
  }

 private:
  std::string_view rest_;
};

bool take_field(char letter, Reader* reader, Fields* fields) {
  switch (letter) {
    case 'Y':
      return reader->take_number(4, 4, {1, 9999}, &fields->year);
    case 'y':
      if (!reader->take_number(2, 2, {0, 99}, &fields->year)) return false;
      *fields->year += *fields->year < 69 ? 2000 : 1900;
      return true;
    case 'm':
      return reader->take_number(1, 2, {1, 12}, &fields->month);
    case 'b':
      if (!reader->take_name(kMonths, &fields->month)) return false;
      ++*fields->month;
      return true;
    case 'd':
      return reader->take_number(1, 2, {1, 31}, &fields->day);
    case 'j':
      return reader->take_number(1, 3, {1, 366}, &fields->day_of_year);
    case 'H':
      return reader->take_number(1, 2, {0, 23}, &fields->hour);
    case 'I':
      return reader->take_number(1, 2, {1, 12}, &fields->hour_12);
    case 'p':
      return reader->take_half(&fields->is_afternoon);
    case 'M':
      return reader->take_number(1, 2, {0, 59}, &fields->minute);
    case 'S':
      return reader->take_number(1, 2, {0, 59}, &fields->second);
    case 'f':
      return reader->take_fraction(&fields->fraction);
    case 'z':
      return reader->take_offset(&fields->offset);
    case 'a':
      return reader->take_name(kDays, &fields->weekday);
    default:
      return false;
  }
}

std::optional<Date> date_of_fields(const Fields& fields) {
  const std::chrono::year year(*fields.year);
  if (fields.day_of_year) {
    const Date date = Date(year / 1 / 1) + std::chrono::days(*fields.day_of_year - 1);
    const bool is_there = date < Date((year + std::chrono::years(1)) / 1 / 1);
    return is_there ? std::optional(date) : std::nullopt;
  }
  const std::chrono::year_month_day date(year,
                                         std::chrono::month(static_cast<unsigned>(*fields.month)),
                                         std::chrono::day(static_cast<unsigned>(*fields.day)));
  return date.ok() ? std::optional(Date(date)) : std::nullopt;
}

Error not_so_written(std::string_view text, std::string_view why) {
  return permanent("not written by the format (" + std::string(why) + "): '" +
                   std::string(text.substr(0, 60)) + "'");
}

// Letters that stand for others, so that the reader knows one of each.
std::string expanded(std::string_view pattern) {
  std::string letters;
  for (std::size_t at = 0; at < pattern.size(); ++at) {
    if (pattern[at] != '%' || at + 1 == pattern.size()) {
      letters += pattern[at];
      continue;
    }
    const char letter = pattern[++at];
    switch (letter) {
      case 'F':
        letters += "%Y-%m-%d";
        break;
      case 'T':
        letters += "%H:%M:%S";
        break;
      case 'R':
        letters += "%H:%M";
        break;
      case 'B':
        letters += "%b";
        break;
      case 'e':
        letters += "%d";
        break;
      case 'A':
        letters += "%a";
        break;
      case 'n':
      case 't':
        letters += ' ';
        break;
      default:
        letters += '%';
        letters += letter;
    }
  }
  return letters;
}

}  // namespace

Result<TimeFormat> TimeFormat::parse(std::string_view pattern) {
  TimeFormat format;
  format.letters_ = expanded(pattern);
  std::string seen;
  for (std::size_t at = 0; at < format.letters_.size(); ++at) {
    if (format.letters_[at] != '%') continue;
    const char letter = ++at < format.letters_.size() ? format.letters_[at] : '\0';
    if (letter == '%') continue;
    constexpr std::string_view kLetters = "YymbdjHIpMSfza";
    if (letter == '\0' || kLetters.find(letter) == std::string_view::npos) {
      return permanent("unknown letter in the format: '%" +
                       std::string(letter == '\0' ? 0 : 1, letter) + "'")
          .with_remedy("Letters: %Y %y %m %b %B %d %e %j %H %I %p %M %S %f %z %a %A %F %T %R %%.");
    }
    const char field = letter == 'y' ? 'Y' : letter == 'b' ? 'm' : letter;
    if (seen.find(field) != std::string::npos) {
      return permanent("the format says a part twice: '%" + std::string(1, letter) + "'");
    }
    seen += field;
  }
  const auto has = [&](char field) { return seen.find(field) != std::string::npos; };
  if (!has('Y') || !(has('j') || (has('m') && has('d')))) {
    return permanent("the format has no whole date")
        .with_remedy("It needs a year, and a month and day or the day of the year.");
  }
  if (has('I') != has('p') || (has('I') && has('H'))) {
    return permanent("the format's hour is not clear").with_remedy("Say %H, or %I with %p.");
  }
  return format;
}

Result<ReadTime> TimeFormat::read(std::string_view text) const {
  Reader reader(text);
  Fields fields;
  for (std::size_t at = 0; at < letters_.size(); ++at) {
    const char character = letters_[at];
    if (is_space(character)) {
      reader.skip_space();
      continue;
    }
    const bool is_field = character == '%' && letters_[at + 1] != '%';
    if (character == '%') ++at;
    if (is_field ? !take_field(letters_[at], &reader, &fields) : !reader.take(character)) {
      return not_so_written(
          text, is_field ? std::string("%") + letters_[at] : "'" + std::string(1, character) + "'");
    }
  }
  if (!reader.is_at_end()) return not_so_written(text, "something follows");
  const auto date = date_of_fields(fields);
  if (!date) return not_so_written(text, "no such day");
  const auto weekday = static_cast<int>(std::chrono::weekday(*date).c_encoding());
  if (fields.weekday && *fields.weekday != weekday) {
    return not_so_written(text, "another day of the week");
  }
  int hour = fields.hour.value_or(0);
  if (fields.hour_12) hour = *fields.hour_12 % 12 + (*fields.is_afternoon ? 12 : 0);
  ReadTime read;
  read.has_zone = fields.offset.has_value();
  read.time = Timestamp(*date) + std::chrono::hours(hour) +
              std::chrono::minutes(fields.minute.value_or(0)) +
              std::chrono::seconds(fields.second.value_or(0)) + fields.fraction -
              fields.offset.value_or(std::chrono::minutes(0));
  static const Timestamp kFirst{Date(std::chrono::year(1) / 1 / 1)};
  static const Timestamp kPastLast{Date(std::chrono::year(10'000) / 1 / 1)};
  if (read.time < kFirst || read.time >= kPastLast)
    return not_so_written(text, "outside 0001-9999");
  return read;
}

}  // namespace ashore::base
