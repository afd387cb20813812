// One Event per fact of a run; terminal, JSON log, events file and report are its readers.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/timestamp.h"

namespace ashore::base {

// INFO = a step ended well; WARN = handled, nothing lost; ERROR = data lost or somebody must act.
enum class Level { kDebug, kInfo, kWarn, kError };

struct RunStarted {
  std::string run_id;
  std::string pipeline;
  std::string window;      // "2022-01-01T00:00:00Z .. 2022-02-01T00:00:00Z", "everything"
  std::string source_url;  // without credentials
};
struct StageStarted {
  std::string stage;
};
struct StageEnded {
  std::string stage;
  double seconds = 0;
  std::string summary;  // one line for people: "21 pages, 205 items, 430 kB"
};
struct PageLanded {
  std::int64_t page = 0;  // from 1
  std::optional<std::int64_t> pages_total;
  std::int64_t bytes = 0;
  std::int64_t items = 0;
};
struct RequestRetried {
  std::string url;           // without credentials and query
  std::int64_t attempt = 0;  // the attempt that failed, from 1
  std::string why;
  std::chrono::milliseconds wait{0};
};
struct ReadingRestarted {
  std::int64_t reading = 0;  // the one that begins, from 2
  std::string why;
  std::chrono::milliseconds wait{0};  // before it begins: until caches forget what was read
};
struct RowsDecoded {  // at most a few a second: progress, not accounting
  std::string table;
  std::int64_t rows = 0;
  std::optional<std::int64_t> rows_total;
};
struct RowsRejected {  // once a table and rule
  std::string table;
  std::string rule;
  std::int64_t rows = 0;
  std::string example;  // "page 3, item 17, column 'amount': 1.5 is not an integer"
};
struct CheckFailed {
  std::string table;
  std::string check;
  bool is_warning = false;
  std::string observed;
  std::string expected;
};
struct TablePublished {
  std::string table;
  std::int64_t version = 0;
  std::int64_t rows = 0;
  std::int64_t files_added = 0;
  std::int64_t files_removed = 0;
};
struct TableUnchanged {
  std::string table;
  std::int64_t version = 0;
};
struct DestinationLoaded {
  std::string destination;  // without credentials
  std::string table;
  std::int64_t version = 0;
  std::int64_t inserted = 0;
  std::int64_t updated = 0;
  std::int64_t deleted = 0;
};
struct Noted {  // something a person should know though all is well
  std::string what;
};
struct Warned {  // something handled that a person should know; never a row
  std::string what;
};
struct Failed {
  std::string message;  // Error::message()
  int exit_code = 0;
};
struct RunEnded {
  std::string status;  // published | unchanged | blocked | failed
  int exit_code = 0;
  double seconds = 0;
};

// No Secret ever enters an Event.
using Event = std::variant<RunStarted, StageStarted, StageEnded, PageLanded, RequestRetried,
                           ReadingRestarted, RowsDecoded, RowsRejected, CheckFailed, TablePublished,
                           TableUnchanged, DestinationLoaded, Noted, Warned, Failed, RunEnded>;

// Pure. The event's name in logs: "PageLanded".
std::string_view event_name(const Event& event);
// Pure. The level at which it is shown.
Level event_level(const Event& event);
// Pure. One line for people, without level or time: "page 3 of 21 landed, 10 items, 11 kB".
std::string event_text(const Event& event);
// A name and its text: when an event was, and which run and stage it belongs to.
using EventField = std::pair<std::string_view, std::string>;
// Pure. One JSON object on one line: {the first fields, "event": name, every field by its name}. Of
// a name in both the event's counts, in its first place. Absent optionals are left out; text is
// escaped, bytes that are not UTF-8 become U+FFFD.
std::string event_json(const Event& event, const std::vector<EventField>& first = {});

// Takes events as they happen. Threads: emit() may be called from any thread at once.
class EventSink {
 public:
  virtual ~EventSink() = default;
  virtual void emit(const Event& event) = 0;
};

// Drops everything. For callers that do not watch.
class NullEventSink final : public EventSink {
 public:
  void emit(const Event&) override {}
};

}  // namespace ashore::base
