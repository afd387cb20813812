// Every mistake in a pipeline file is complained of at its line and column, with a remedy.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "config/reader.h"

namespace ashore::config {
namespace {

// Line 1 to 29; each mistake replaces or adds one piece of it.
constexpr std::string_view kGood = R"(version: 1
name: shop
source: {url: "https://api.example.com"}
extract:
  request:
    path: /orders
    query: {since: "${window.start}", page: "${page}", key: "${API_KEY}"}
  window: {column: placed_at}
  pages: {by: number}
  items: {at: /orders}
tables:
  orders:
    from: items
    key: [order_id]
    columns:
      order_id: {path: /id, type: string}
      placed_at: {path: /placed_at, type: timestamp}
      amount: {path: /amount, type: float64}
      day: {date_of: placed_at}
    partition: {by: day}
  lines:
    from: orders
    each: /lines
    key: [order_id, line]
    columns:
      order_id: {parent: order_id}
      line: {position: true}
      article: {path: /article, type: string}
destinations: [{duckdb: shop.duckdb}]
)";

std::optional<std::string> environment(std::string_view name) {
  if (name == "API_KEY") return "t0p-s3cret";
  if (name == "EMPTY") return "";
  return std::nullopt;
}

std::vector<std::string> complaints(std::string_view text) {
  std::vector<std::string> messages;
  const auto reading = read_pipeline(text, "p.yaml", environment);
  for (const auto& complaint : reading.complaints) messages.push_back(complaint.message());
  EXPECT_EQ(reading.pipeline.has_value(), messages.empty());
  return messages;
}

std::string replaced(std::string_view from, std::string_view to) {
  std::string text(kGood);
  const auto at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

struct Mistake {
  std::string_view from;
  std::string_view to;
  std::string_view message;  // how the first complaint begins
  std::size_t complaints = 1;
};

class ComplaintsTest : public testing::TestWithParam<Mistake> {};

TEST_P(ComplaintsTest, AMistakeIsPlacedAndExplained) {
  const auto messages = complaints(replaced(GetParam().from, GetParam().to));
  ASSERT_FALSE(messages.empty()) << GetParam().to;
  EXPECT_EQ(messages.front().substr(0, GetParam().message.size()), GetParam().message);
  EXPECT_EQ(messages.size(), GetParam().complaints) << messages.back();
}

// `lines` with other columns.
constexpr std::string_view kArticle = "article: {path: /article, type: string}";
constexpr std::string_view kAmount = "amount: {path: /amount, type: float64}";
constexpr std::string_view kPartition = "partition: {by: day}\n";

INSTANTIATE_TEST_SUITE_P(
    TopLevel, ComplaintsTest,
    testing::Values(
        Mistake{"version: 1", "version: 2",
                "p.yaml:1:10: 'version': expected an integer from 1 to 1, found the number '2'."},
        Mistake{"version: 1\n", "",
                "p.yaml:1:1: the file: missing key 'version'. Say 'version: 1'."},
        Mistake{"version: 1", "version: 1\nversoin: 1",
                "p.yaml:2:1: unknown key 'versoin' in the file. Did you mean 'version'?"},
        Mistake{"version: 1", "version: 1\nversion: 1",
                "p.yaml:2:1: duplicate key 'version'. Remove one of the two."},
        Mistake{"name: shop", "name: 12",
                "p.yaml:2:7: 'name': expected text, found the number '12'. Put it in quotes."},
        Mistake{"name: shop", "name: a/b", "p.yaml:2:7: 'name' cannot name a folder: 'a/b'."},
        Mistake{"name: shop", "name: [shop]", "p.yaml:2:7: 'name': expected text, found a list."},
        Mistake{"{url: \"https://api.example.com\"}", "{name: shop}",
                "p.yaml:3:1: 'source': missing key 'url'."},
        Mistake{"https://api.example.com", "ftp://api.example.com",
                "p.yaml:3:15: 'url' is not an http(s) url: 'ftp://api.example.com'."},
        Mistake{"https://api.example.com", "https://me:pw@example.com",
                "p.yaml:3:15: 'url' holds credentials"},
        Mistake{"https://api.example.com", "https:///x", "p.yaml:3:15: 'url' names no host"},
        Mistake{"https://api.example.com", "http://h/?a=1", "p.yaml:3:15: 'url' holds '?' or '#'"},
        Mistake{"https://api.example.com", "${NO_URL}",
                "p.yaml:3:15: 'url': environment variable is not set: NO_URL. Set it, or give a "
                "default: ${NO_URL:-default}."},
        Mistake{"https://api.example.com", "https://h/${page}",
                "p.yaml:3:15: 'url': run values exist only in requests: ${page}."},
        Mistake{"destinations:", "rejected_max: 2\ndestinations:",
                "p.yaml:29:15: 'rejected_max': expected a share from 0 to 1 (0.001) or a "
                "percentage (0.1%), found the number '2'."},
        Mistake{"destinations:", "publish: {retain: 7 days}\ndestinations:",
                "p.yaml:29:19: 'retain': expected a duration (500ms, 30s, 10m, 12h, 400d), found "
                "the text '7 days'."},
        Mistake{"duckdb: shop", "duckbd: shop",
                "p.yaml:29:17: unknown key 'duckbd' in a destination. Did you mean 'duckdb'?"},
        Mistake{"{duckdb: shop.duckdb}", "{postgresql: \"mysql://h/d\"}",
                "p.yaml:29:29: not a PostgreSQL url: 'mysql://h/d'."},
        Mistake{"{duckdb: shop.duckdb}", "{postgresql: \"postgresql://u:pw@h/d\"}",
                "p.yaml:29:29: a password is written out in the file."},
        Mistake{"{duckdb: shop.duckdb}", "{duckdb: a}, {duckdb: a}",
                "p.yaml:29:29: this destination is named twice."},
        Mistake{"destinations:", "questions: [a/x.sql, b/x.sql]\ndestinations:",
                "p.yaml:29:22: two questions have one name: 'x.sql'."},
        Mistake{"destinations:", "questions: [x.txt]\ndestinations:",
                "p.yaml:29:13: a question is not an .sql file: 'x.txt'."}));

INSTANTIATE_TEST_SUITE_P(
    Extract, ComplaintsTest,
    testing::Values(
        Mistake{"path: /orders", "path: orders",
                "p.yaml:6:11: 'path' does not begin with '/': 'orders'."},
        Mistake{"path: /orders", "path: /orders?a=1", "p.yaml:6:11: 'path' holds '?' or '#'"},
        Mistake{"path: /orders", "path: /orders\n    methd: GET",
                "p.yaml:7:5: unknown key 'methd' in 'request'. Did you mean 'method'?"},
        Mistake{"path: /orders", "path: /orders\n    method: PUT",
                "p.yaml:7:13: 'method': unknown choice 'PUT'. Did you mean"},
        Mistake{"path: /orders", "path: /orders\n    body: {a: 1}",
                "p.yaml:7:5: a GET request has no body. Say 'method: POST'"},
        Mistake{"path: /orders", "path: /orders\n    headers: {\"a b\": c}",
                "p.yaml:7:15: not a header's name: 'a b'."},
        Mistake{"${API_KEY}", "${API_KEI}",
                "p.yaml:7:61: environment variable is not set: API_KEI."},
        Mistake{"${API_KEY}", "${limits}",
                "p.yaml:7:61: unknown name in ${limits}. Did you mean 'limit'?"},
        Mistake{"${API_KEY}", "${API_KEY", "p.yaml:7:61: '${' is not closed."},
        Mistake{"${API_KEY}", "${limit:-3}", "p.yaml:7:61: a run value has no default"},
        Mistake{"${API_KEY}", "${keys}",
                "p.yaml:7:61: ${keys} exists only in the lookup. Move it to extract.lookup."},
        Mistake{"page: \"${page}\", ", "", "p.yaml:9:3: the request never says ${page}."},
        Mistake{"by: number", "by: cursor, cursor: /next",
                "p.yaml:9:3: the request never says ${cursor}."},
        Mistake{"by: number", "by: number, verify: true",
                "p.yaml:9:23: readings cannot be compared without ids. Say where an item's id"},
        Mistake{"by: number", "by: number, absent_means_end: true",
                "p.yaml:9:23: unknown key 'absent_means_end' in 'pages'."},
        Mistake{"at: /orders}", "at: /orders, repeats: keep}",
                "p.yaml:10:24: 'repeats' without 'id'."},
        Mistake{"by: number", "by: offset", "p.yaml:9:3: the request never says ${offset}."},
        Mistake{"by: number", "by: next", "p.yaml:9:3: 'pages': missing key 'next'."},
        Mistake{"by: number", "by: numbers",
                "p.yaml:9:15: 'by': unknown choice 'numbers'. Did you mean 'number'?"},
        Mistake{"by: number", "bye: number", "p.yaml:9:3: 'pages': missing key 'by'.", 2},
        Mistake{
            "by: number", "by: number, size: 0",
            "p.yaml:9:29: 'size': expected an integer from 1 to 1000000, found the number '0'."},
        Mistake{"by: number", "by: number, parallel: 2",
                "p.yaml:9:33: pages cannot be fetched in parallel here. Say where"},
        Mistake{"since: \"${window.start}\", ", "",
                "p.yaml:8:3: the request says neither ${window.start} nor ${window.end}."},
        Mistake{"  window: {column: placed_at}\n", "",
                "p.yaml:7:20: ${window.start} without a window."},
        Mistake{"column: placed_at", "column: placed",
                "p.yaml:8:20: no item table has the window's column: 'placed'."},
        Mistake{"column: placed_at", "column: amount",
                "p.yaml:8:20: the window's column is float64: 'amount'."},
        Mistake{"column: placed_at", "column: placed_at, format: iso",
                "p.yaml:8:39: 'format': unknown choice 'iso'."},
        Mistake{"at: /orders}", "at: orders}",
                "p.yaml:10:15: 'at': not a JSON Pointer, found the text 'orders'."},
        Mistake{"  items: {at: /orders}",
                "  lookup: {path: /by-id}\n  items: {at: /orders, id: /id}",
                "p.yaml:10:3: the lookup never says ${keys}."},
        Mistake{"  items:", "  lookup: {query: {ids: \"${keys}\"}}\n  items:",
                "p.yaml:10:3: the lookup asks by items.id, which is not there. Say where"},
        Mistake{"  items: {at: /orders}",
                "  lookup: {query: {ids: \"${keys}\"}}\n  items: {at: /orders, id: /number}",
                "p.yaml:15:5: the lookup asks by items.id, which is not the key of table 'orders'. "
                "Make its key one string, int32 or int64 column of path /number"},
        Mistake{"  items:", "  auth: {bearer: abc}\n  items:",
                "p.yaml:10:18: 'bearer' is written out in the file."},
        Mistake{"  items:", "  auth: {bearer: \"${EMPTY}\"}\n  items:",
                "p.yaml:10:18: 'bearer' is empty."},
        Mistake{"  items:", "  auth: {basic: {user: me}}\n  items:",
                "p.yaml:10:10: 'basic': missing key 'password'."},
        Mistake{"  items:", "  auth: {api_key: {value: \"${API_KEY}\"}}\n  items:",
                "p.yaml:10:10: 'api_key' needs either 'header' or 'query'."},
        Mistake{"  items:", "  auth: {}\n  items:", "p.yaml:10:3: 'auth' needs exactly one kind."},
        Mistake{"  items:", "  retry: {statuses: [409, 401]}\n  items:",
                "p.yaml:10:27: this status is never retried: '401'."},
        Mistake{
            "  items:", "  retry: {attempts: many}\n  items:",
            "p.yaml:10:21: 'attempts': expected an integer from 1 to 20, found the text 'many'."},
        Mistake{"  items:", "  retry: {attempts: \"${API_KEY}\"}\n  items:",
                "p.yaml:10:21: 'attempts': expected an integer from 1 to 20, found the text "
                "'${API_KEY}'."},
        Mistake{"  items:", "  rate: {requests_per_second: 0}\n  items:",
                "p.yaml:10:31: 'requests_per_second': expected a number from 0.001 to 100000"},
        Mistake{"  items:", "  limits: {body: 64 monkeys}\n  items:",
                "p.yaml:10:18: 'body': expected a size (64MB, 1GiB, or a number of bytes)"},
        Mistake{"  items:", "  limits: {request_timeout: 0s}\n  items:",
                "p.yaml:10:12: 'request_timeout': nothing can be done in no time."}));

INSTANTIATE_TEST_SUITE_P(
    Tables, ComplaintsTest,
    testing::Values(
        Mistake{"  lines:", "  Lines:", "p.yaml:21:3: not a name for a table or column: 'Lines'."},
        Mistake{"  lines:", "  ..:", "p.yaml:21:3: not a name for a table or column: '..'."},
        Mistake{"  lines:", "  ../x:", "p.yaml:21:3: not a name for a table or column: '../x'."},
        Mistake{"  lines:", "  '':", "p.yaml:21:3: not a name for a table or column: ''."},
        Mistake{"  lines:", "  line\xc3\xa9s:", "p.yaml:21:3: not a name for a table or column"},
        Mistake{"  lines:", "  l2345678901234567890123456789012345678901234567890123456789012xx:",
                "p.yaml:21:3: not a name for a table or column: 'l2345"},
        Mistake{"  lines:", "  _ashore_x:", "p.yaml:21:3: names beginning with '_ashore'"},
        Mistake{"  lines:", "  _delta_log:", "p.yaml:21:3: '_delta_log' and names beginning with"},
        Mistake{"  lines:", "  pg_class:",
                "p.yaml:21:3: '_delta_log' and names beginning with 'pg_' are reserved: 'pg_class'."
                " Choose another name for the table."},
        Mistake{kArticle, "xmin: {path: /xmin, type: string}",
                "p.yaml:28:7: PostgreSQL has a system column of this name: 'xmin'."},
        Mistake{"  lines:", "  items:", "p.yaml:21:3: a table cannot be called 'items'."},
        Mistake{"from: orders", "from: order",
                "p.yaml:22:11: no such table: 'order'. Did you mean 'orders'?"},
        Mistake{"    each: /lines\n", "", "p.yaml:21:3: table 'lines': missing key 'each'."},
        Mistake{"    from: items\n", "    from: items\n    each: /x\n",
                "p.yaml:14:5: 'each' in a table from items."},
        Mistake{"key: [order_id, line]", "key: [line]",
                "p.yaml:24:5: the key of 'lines' lacks its parent's: 'order_id'."},
        Mistake{"key: [order_id, line]", "key: [order_id, lin]",
                "p.yaml:24:21: table 'lines' has no column 'lin'. Did you mean 'line'?"},
        Mistake{"key: [order_id, line]", "key: [order_id, order_id]",
                "p.yaml:24:21: 'key': named twice: 'order_id'."},
        Mistake{"key: [order_id]", "key: [order_id, amount]", "p.yaml:14:21: a float64 cannot", 2},
        Mistake{"    key: [order_id, line]\n", "    key: [order_id, line]\n    missing: delete\n",
                "p.yaml:25:5: 'missing' in a child table."},
        Mistake{"    key: [order_id, line]\n", "    key: [order_id, line]\n    keep: newest\n",
                "p.yaml:25:11: 'keep': unknown choice 'newest'. Valid here: last, first."},
        Mistake{"    key: [order_id, line]\n",
                "    key: [order_id, line]\n    drop_when_null: [artcle]\n",
                "p.yaml:25:22: table 'lines' has no column 'artcle'. Did you mean 'article'?"},
        Mistake{"{by: day}", "{by: placed_at}", "p.yaml:20:21: a timestamp cannot partition"},
        Mistake{"{by: day}", "day",
                "p.yaml:20:16: 'partition': expected a mapping, found the text"},
        Mistake{"type: float64", "type: float",
                "p.yaml:18:37: unknown type: float. Types: string, boolean"},
        Mistake{"type: float64", "type: \"decimal(40,2)\"",
                "p.yaml:18:37: decimal precision is outside 1..38: 40."},
        Mistake{"type: float64", "type: decimal(10,2)",
                "p.yaml:18:37: unknown type: decimal(10. Between braces it needs quotes", 2},
        Mistake{", type: float64", "", "p.yaml:18:7: column 'amount': missing key 'type'."},
        Mistake{
            kAmount, "amount: {type: int32}",
            "p.yaml:18:7: column 'amount': needs exactly one of path, parent, date_of, position."},
        Mistake{kAmount, "amount: {path: /a, type: int32, default: 1.5}",
                "p.yaml:18:48: the default is not a int32"},
        Mistake{kAmount, "amount: {path: /a, type: date, default: \"2022-13-45\"}",
                "p.yaml:18:47: the default is not a date"},
        Mistake{kAmount, "amount: {path: /a, type: int32, requird: true}",
                "p.yaml:18:39: unknown key 'requird' in column 'amount'. Did you mean 'required'?"},
        Mistake{kAmount, "amount: {path: /a, type: int32, zone: UTC}",
                "p.yaml:18:39: 'zone' belongs to a timestamp with a path."},
        Mistake{kAmount, "amount: {parent: x}", "p.yaml:18:24: 'parent' in a table from items."},
        Mistake{kAmount, "amount: {position: true}",
                "p.yaml:18:7: 'position' in a table from items."},
        Mistake{"{date_of: placed_at}", "{date_of: amount}",
                "p.yaml:19:22: 'date_of' needs a timestamp or date column"},
        Mistake{"{date_of: placed_at}", "{date_of: day}",
                "p.yaml:19:22: 'date_of' needs a timestamp or date column"},
        Mistake{"{date_of: placed_at}", "{date_of: placed_at, type: string}",
                "p.yaml:19:39: column 'day' is date: it is the date of another."},
        Mistake{"{date_of: placed_at}", "{date_of: placed_at, unit: week}",
                "p.yaml:19:39: 'unit': unknown choice 'week'."},
        Mistake{kArticle, "article: {parent: amuont}",
                "p.yaml:28:25: table 'orders' has no column 'amuont'. Did you mean 'amount'?"},
        Mistake{kArticle, "article: {parent: amount, type: string}",
                "p.yaml:28:39: column 'article' is float64: so is its parent's."},
        Mistake{kArticle, "article: text",
                "p.yaml:28:16: column 'article': expected a mapping, found the text 'text'."}));

INSTANTIATE_TEST_SUITE_P(
    Checks, ComplaintsTest,
    testing::Values(
        Mistake{kPartition, "checks: [{not_null: [x_x_x]}]\n",
                "p.yaml:20:26: table 'orders' has no column 'x_x_x'. Valid here: order_id,"},
        Mistake{kPartition, "checks: [{frehsness: {day: 1d}}]\n",
                "p.yaml:20:15: unknown check 'frehsness'. Did you mean 'freshness'? Checks: "
                "not_null, unique, references, row_count, accepted_values, range, matches, "
                "row_count_change, freshness, deleted, sql."},
        Mistake{kPartition, "checks: [{freshness: 1d}]\n",
                "p.yaml:20:15: 'freshness': expected one column and what it is held to. Write "
                "{freshness: {column: ...}}"},
        Mistake{kPartition, "checks: [{freshness: {day: 1}}]\n",
                "p.yaml:20:32: 'freshness': expected a duration"},
        Mistake{kPartition, "checks: [{freshness: {amount: 1d}}]\n",
                "p.yaml:20:27: a float64 cannot be compared in this check: 'amount'. Columns of "
                "freshness are date or timestamp."},
        Mistake{kPartition, "checks: [{accepted_values: {order_id: []}}]\n",
                "p.yaml:20:43: 'accepted_values': expected a list of values"},
        Mistake{kPartition, "checks: [{accepted_values: {order_id: [1]}}]\n",
                "p.yaml:20:44: the value is not a string: not a text: 1."},
        Mistake{kPartition, "checks: [{accepted_values: {order_id: [a], day: [b]}}]\n",
                "p.yaml:20:15: 'accepted_values': expected one column"},
        Mistake{kPartition, "checks: [{accepted_values: {amount: [1]}}]\n",
                "p.yaml:20:33: a float64 cannot be compared in this check: 'amount'."},
        Mistake{kPartition, "checks: [{range: {amount: {}}}]\n",
                "p.yaml:20:15: 'range' says neither min nor max."},
        Mistake{kPartition, "checks: [{range: {amount: {min: x}}}]\n",
                "p.yaml:20:37: the value is not a float64: not a number: \"x\"."},
        Mistake{kPartition, "checks: [{range: {amount: {min: 2, max: 1}}}]\n",
                "p.yaml:20:37: 'range': min is above max."},
        Mistake{kPartition, "checks: [{range: {day: {min: 2024-02-01, max: 2024-01-31}}}]\n",
                "p.yaml:20:34: 'range': min is above max."},
        Mistake{kPartition, "checks: [{range: {placed_at: {min: 2024-02-01}}}]\n",
                "p.yaml:20:40: the value is not a timestamp"},
        Mistake{kPartition, "checks: [{range: {order_id: {min: 2}}}]\n",
                "p.yaml:20:23: a string cannot be compared in this check: 'order_id'. Columns of "
                "range are int32"},
        Mistake{kPartition, "checks: [{range: {amount: {mim: 2}}}]\n",
                "p.yaml:20:32: unknown key 'mim' in 'range'. Did you mean 'min'?"},
        Mistake{kPartition, "checks: [{matches: {order_id: \"[a\"}}]\n",
                "p.yaml:20:35: 'matches': not a regular expression"},
        Mistake{kPartition, "checks: [{matches: {day: \".*\"}}]\n",
                "p.yaml:20:25: a date cannot be compared in this check: 'day'. Columns of matches "
                "are string."},
        Mistake{kPartition, "checks: [{row_count_change: {}}]\n",
                "p.yaml:20:15: 'row_count_change' says neither decrease_max nor increase_max."},
        Mistake{kPartition, "checks: [{row_count_change: {decrease_max: 150%}}]\n",
                "p.yaml:20:48: 'decrease_max': expected a share from 0 to 1"},
        Mistake{kPartition, "checks: [{row_count_change: {increase_max: -1}}]\n",
                "p.yaml:20:48: 'increase_max': expected a share (1.5) or a percentage"},
        Mistake{kPartition, "checks: [{deleted: {rows: 1}}]\n",
                "p.yaml:20:25: unknown key 'rows' in 'deleted'."},
        Mistake{kPartition, "checks: [{sql: [a]}]\n", "p.yaml:20:20: 'sql': expected text"},
        Mistake{kPartition, "checks: [{sql: \" ;\"}]\n", "p.yaml:20:20: 'sql': there is no query."},
        Mistake{kPartition, "checks: [{sql: a, name: x}, {sql: b, name: x}]\n",
                "p.yaml:20:33: two checks of table 'orders' are called 'x'."},
        Mistake{kPartition, "checks: [{sql: a, name: X y}]\n", "p.yaml:20:29: "},
        Mistake{kPartition, "checks: [{uniqe: [day]}]\n",
                "p.yaml:20:15: unknown check 'uniqe'. Did you mean 'unique'? Checks: not_null"},
        Mistake{kPartition, "checks: [{unique: [amount]}]\n", "p.yaml:20:24: a float64 cannot be"},
        Mistake{kPartition, "checks: [{unique: []}]\n", "p.yaml:20:23: 'unique': no column"},
        Mistake{kPartition, "checks: [{not_null: [day], unique: [day]}]\n",
                "p.yaml:20:14: a check needs exactly one kind."},
        Mistake{kPartition, "checks: [{row_count: {min: 5, max: 1}}]\n",
                "p.yaml:20:15: 'row_count': min is above max."},
        Mistake{kPartition, "checks: [{row_count: {min: -1}}]\n",
                "p.yaml:20:32: 'min': expected an integer from 0 to"},
        Mistake{kPartition, "checks: [{not_null: [day], severity: low}]\n",
                "p.yaml:20:42: 'severity': unknown choice 'low'."},
        Mistake{kPartition, "checks: [{references: {order_id: line.order_id}}]\n",
                "p.yaml:20:38: no such table: 'line'. Did you mean 'lines'?"},
        Mistake{kPartition, "checks: [{references: {day: lines.article}}]\n",
                "p.yaml:20:28: 'day' is date but 'article' is string."},
        Mistake{kPartition, "checks: {not_null: [day]}\n",
                "p.yaml:20:13: 'checks': expected a list, found a mapping."}));

TEST(ComplaintsTest, AGoodFileHasNone) { EXPECT_EQ(complaints(kGood), std::vector<std::string>()); }

TEST(ComplaintsTest, AllMistakesAreReportedInTheFilesOrder) {
  auto text = replaced("type: float64", "type: float");
  text.replace(text.find("by: number"), 10, "by: nmber");
  text.replace(text.find("version: 1"), 10, "version: 9");
  const auto messages = complaints(text);
  ASSERT_EQ(messages.size(), 3U);
  EXPECT_EQ(messages[0].substr(0, 12), "p.yaml:1:10:");
  EXPECT_EQ(messages[1].substr(0, 12), "p.yaml:9:15:");
  EXPECT_EQ(messages[2].substr(0, 13), "p.yaml:18:37:");
}

TEST(ComplaintsTest, ACircleOfParentsIsComplainedOf) {
  const auto messages =
      complaints(replaced("    from: items\n", "    from: lines\n    each: /x\n"));
  ASSERT_FALSE(messages.empty());
  EXPECT_NE(messages[1].find("no table is made from items"), std::string::npos) << messages[1];
  EXPECT_NE(messages[2].find("table 'orders' is its own ancestor"), std::string::npos);
}

TEST(ComplaintsTest, NoComplaintShowsASecret) {
  for (const auto* place :
       {"path: /orders", "version: 1", "by: number", "{by: day}", "name: shop"}) {
    const auto at = std::string_view(place).find(": ");
    const auto key = std::string(place).substr(0, at);
    for (const auto& message : complaints(replaced(place, key + ": \"${API_KEY}\""))) {
      EXPECT_EQ(message.find("t0p"), std::string::npos) << message;
    }
  }
}

TEST(ComplaintsTest, TheErrorHoldsEveryComplaintOnItsOwnLine) {
  const std::vector<Complaint> two = {{"p.yaml", {1, 2}, "a", "B."}, {"p.yaml", {3, 4}, "c", ""}};
  const auto error = complaints_error(two);
  EXPECT_EQ(error.kind(), base::ErrorKind::kPermanent);
  EXPECT_EQ(error.what(), "p.yaml:1:2: a. B.\np.yaml:3:4: c");
}

}  // namespace
}  // namespace ashore::config
