// Pipeline is the pipeline file as plain structs: what to ask, what to make of it, where it goes.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/schema.h"
#include "base/secret.h"
#include "base/timestamp.h"
#include "config/check.h"
#include "config/mark.h"
#include "json/pointer.h"

namespace ashore::config {

// A text with `${...}` in it, as written; rendered by template.h.
using TemplateText = std::string;

struct Request {
  std::string method = "GET";  // GET or POST
  TemplateText path;           // appended to the source's url
  std::vector<std::pair<std::string, TemplateText>> headers;
  std::vector<std::pair<std::string, TemplateText>> query;
  // JSON text whose strings and keys may hold `${...}`; absent: no body.
  std::optional<TemplateText> body;
};

enum class AuthKind { kNone, kBearer, kBasic, kApiKeyHeader, kApiKeyQuery };
struct Auth {
  AuthKind kind = AuthKind::kNone;
  std::string name;     // of the header or query parameter; the user for kBasic
  base::Secret secret;  // token, password or key
};

enum class PageStyle { kNumber, kOffset, kCursor, kNext, kLink, kNone };
struct Pages {
  PageStyle style = PageStyle::kNone;
  std::int64_t size = 100;  // ${limit}; 1..1,000,000
  std::int64_t first = 1;   // the number of the first page (kNumber)
  int parallel = 4;         // pages in flight at once, 1..64
  // kCursor, one of the two: where the next cursor lies in a body, or in a page's last item.
  std::optional<json::Pointer> cursor;
  std::optional<json::Pointer> last_item = {};
  std::optional<json::Pointer> next = {};  // kNext: where the next link lies in a body
  // kCursor, kNext, kLink: a first page that does not name the next one at all is the only one.
  bool absent_means_end = false;
  // The source is read until two readings in succession have the same set of ids.
  bool verify = false;
};

// What an id that comes twice in one reading says: that the source changed while it was read, or
// that this source repeats items.
enum class Repeats { kFail, kKeep };
struct Items {
  json::Pointer at;                         // the array of items; "" is the whole body
  std::optional<json::Pointer> id;          // in an item; declared: ids must be distinct
  std::optional<json::Pointer> total;       // in the body: how many items there are in all
  std::optional<json::Pointer> page_count;  // in the body: how many pages
  std::optional<json::Pointer> more = {};   // in the body: true where another page follows
  Repeats repeats = Repeats::kFail;
  // Null or nothing at `at` is an empty list.
  bool absent_means_none = false;
};

enum class WindowFormat { kIsoMillis, kIsoSeconds, kDate, kUnixSeconds, kUnixMillis };
struct WindowRule {
  std::string column;  // of the item table; by it published rows lie in a window
  WindowFormat format = WindowFormat::kIsoMillis;
  std::chrono::seconds lookback{0};   // how much --widen takes the start back
  std::chrono::seconds lookahead{0};  // and the end forward
};

struct Retry {
  int attempts_max = 5;  // of one request, the first included; 1..20
  std::chrono::milliseconds first_wait{500};
  std::chrono::milliseconds wait_max{30'000};
  std::chrono::milliseconds retry_after_max{120'000};  // a longer Retry-After fails the request
  std::vector<int> statuses = {};                      // retried besides those that always are
};
struct Rate {
  std::optional<double> requests_per_second;  // over all pages in flight
  bool is_shared = false;                     // by all shards of a landing together
};
struct Limits {
  std::optional<std::int64_t> body_bytes_max;  // default and most: memory / 8
  int redirects_max = 5;
  std::chrono::milliseconds connect_timeout{10'000};
  std::chrono::milliseconds request_timeout{60'000};
  std::chrono::milliseconds run_timeout{6 * 3'600'000};
  std::int64_t pages_max = 100'000;
  int depth_max = 512;  // of JSON nesting
};

// Asks the source for items by their id; fields that are absent are those of the extract request.
struct Lookup {
  Request request;
  std::int64_t keys_max = 100;  // per request
};

struct Extract {
  Request request;
  std::optional<WindowRule> window;
  Pages pages;
  Items items;
  std::optional<Lookup> lookup;
  Auth auth;
  Retry retry;
  Rate rate;
  Limits limits;
};

enum class ColumnSource {
  kPath,      // a JSON pointer in the item or the array element
  kParent,    // a column of the parent table
  kDateOf,    // the UTC day (or first day of its month or year) of a timestamp or date column
  kPosition,  // 0-based position of the element in its array
};
enum class DateUnit { kDay, kMonth, kYear };

// How a source writes a column's values, where it is not as JSON has them.
enum class From { kJson, kText, kNumber, kUnixSeconds, kUnixMillis, kUnixMicros };

struct Column {
  std::string name;
  base::ColumnType type;
  ColumnSource source = ColumnSource::kPath;
  json::Pointer path;                       // kPath; "" is the item or element itself
  std::string of;                           // kParent, kDateOf: that column's name
  DateUnit unit = DateUnit::kDay;           // kDateOf
  bool is_required = false;                 // null or absent rejects the row; keys always are
  std::optional<std::string> default_json;  // JSON text taken where the path is absent or null
  base::ZoneRule zone = base::ZoneRule::kRequired;  // timestamps without a zone
  From from = From::kJson;
  std::string format = {};     // timestamp and date columns: how the text is written; "": RFC 3339
  std::string time_zone = {};  // of local times: an IANA name; "": none
  std::vector<std::string> null_when = {};  // texts that stand for null
  Mark mark;
};

// Which of the rows with one key is kept: by their order, or the one with the largest value in a
// column, also against the published row.
enum class Keep { kLast, kFirst, kLatest };
enum class Missing { kKeep, kDelete };
// What a change of the source's shape does to a run.
enum class OnDrift { kReport, kBlock };
struct Table {
  std::string name;
  std::optional<std::string> parent;  // a child table's parent; absent: made from items
  // Child tables: arrays to walk from the parent's element, outermost first; each element of the
  // last is a row.
  std::vector<json::Pointer> each;
  std::vector<Column> columns;   // in the table's order
  std::vector<std::string> key;  // not empty; contains the parent's key columns
  std::vector<std::string> drop_when_null;
  Keep keep = Keep::kLast;
  std::string latest = {};  // kLatest: the column
  Missing missing = Missing::kKeep;
  OnDrift drift = OnDrift::kReport;
  std::optional<std::string> partition_by;  // a column; absent: not partitioned
  std::int64_t rejected_rows_max = 0;
  double rejected_share_max = 0.001;  // of rows_in
  std::vector<Check> checks;
  Mark mark;

  // The table's schema: keys and required columns are not nullable.
  [[nodiscard]] base::Schema schema() const;
  // A published schema with this table's json: logs of earlier releases, and of other programs,
  // call such columns text.
  [[nodiscard]] base::Schema with_json(base::Schema published) const;
  // The column of that name; asserted to exist (the reader checked it).
  [[nodiscard]] const Column& column(std::string_view column_name) const;
};

struct Publish {
  std::chrono::seconds retain{0};  // how long superseded files stay
};

enum class DestinationKind { kDuckDb, kPostgreSql };
struct DestinationSpec {
  DestinationKind kind = DestinationKind::kDuckDb;
  std::string path;  // kDuckDb: relative to the data folder unless absolute
  base::Secret url;  // kPostgreSql: postgresql://...; may hold a password; empty: PG* variables
};

struct Pipeline {
  std::string path;    // of the file, as given
  std::string text;    // the file, byte for byte
  std::string sha256;  // of text, hex
  std::int64_t version = 1;
  std::string name;
  std::string source_name;
  std::string source_url;
  Extract extract;
  std::vector<Table> tables;  // parents before children, else in the file's order
  Publish publish;
  std::vector<DestinationSpec> destinations;
  std::vector<std::string> questions;  // paths, relative to the current folder, then to the file
  // What `${UPPER}` stood for in requests; rendered only into what is sent.
  std::map<std::string, base::Secret> environment;
  // What the file should say otherwise, though it can be read: "file:3:5: 'x' is now called 'y'".
  std::vector<std::string> warnings;

  // The table of that name, or nullptr. Valid while the pipeline lives.
  [[nodiscard]] const Table* table(std::string_view table_name) const;
};

// Pure. The column by which a lookup asks for the rows of a table: the only key column of an item
// table, where it is items.id and a string, int32 or int64. Else nullptr: rows of that table cannot
// be asked for. Valid while the table lives.
const Column* lookup_column(const Items& items, const Table& table);

}  // namespace ashore::config
