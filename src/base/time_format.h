// TimeFormat reads dates and times that a source writes in a form of its own.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/timestamp.h"

namespace ashore::base {

// What a text says by a format. Without a zone `time` is the local time, given as if it were UTC.
struct ReadTime {
  Timestamp time{};
  bool has_zone = false;
};

// A pattern of letters as strftime and strptime have them, always in the C locale:
//   %Y year, 4 digits   %y year, 2 digits: 69-99 are 1969-1999, 00-68 are 2000-2068
//   %m month, 1 or 2 digits   %b %B month's name, short or long, in any case
//   %d %e day, 1 or 2 digits   %j day of the year, 1 to 3 digits
//   %H hour, 0-23   %I hour, 1-12, with %p AM or PM   %M minute   %S second, 0-59
//   %f fraction of a second, 1 digit and more; digits past microseconds must be zeros
//   %z +hh:mm, +hhmm, +hh or Z   %a %A day's name (it must be the right one)
//   %F %Y-%m-%d   %T %H:%M:%S   %R %H:%M   %% a percent sign   %n %t white space
// White space in the pattern is any white space, also none; all else stands for itself.
// A value type, immutable. Threads: any.
class TimeFormat {
 public:
  // kPermanent: a letter that is not in the list, or given twice; no year, month or day (or %j);
  // %I without %p or the reverse. A pattern without times is midnight.
  static Result<TimeFormat> parse(std::string_view pattern);

  // The whole of the text. kPermanent: it is not so written, a day or time that does not exist, a
  // time outside the years 0001 to 9999.
  [[nodiscard]] Result<ReadTime> read(std::string_view text) const;

 private:
  std::string letters_;  // "Y-m-d H:M:S", letters of fields escaped by '%'
};

}  // namespace ashore::base
