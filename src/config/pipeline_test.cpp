// A good file becomes the structs it describes, with every default that docs/pipeline.md names.
#include "config/pipeline.h"

#include <gtest/gtest.h>

#include "config/reader.h"

namespace ashore::config {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;

constexpr std::string_view kFull = R"yaml(
version: 1
name: shop
source: {name: shop-api, url: "${SHOP_URL:-https://api.example.com/v1}"}
extract:
  request:
    method: POST
    path: /orders
    headers: {X-Client: "${CLIENT}"}
    query: {tag: [a, b], n: 5}
    body: {a: "${window.start}", b: [1.50, true, ~, 'true'], page: "${page}", "c d": 1e3}
  window: {column: placed_at, format: date, lookback: 400d, lookahead: 12h}
  pages: {by: number, size: 50, first: 0, parallel: 8}
  items: {at: /docs, id: /id, total: /total, page_count: /pages}
  lookup: {body: {ids: "${keys}"}, keys_max: 20}
  auth: {api_key: {header: X-Api-Key, value: "${CLIENT}"}}
  retry: {attempts: 3, first_wait: 1s, wait_max: 2s, retry_after_max: 5s}
  rate: {requests_per_second: 2.5}
  limits: {body: 64MB, redirects: 1, connect_timeout: 1s, request_timeout: 2s, run_timeout: 1h, pages: 7, depth: 9}
rejected_max_rows: 3
rejected_max: 1%
missing: delete
tables:
  parts:
    from: orders
    each: [/lines, /parts]
    key: [order_id, part]
    rejected_max_rows: 0
    columns: {part: {position: true}, order_id: {parent: order_id}, at: {parent: placed_at}}
    checks: [{references: {order_id: orders.order_id}}]
  orders:
    from: items
    key: order_id
    keep: first
    drift: block
    drop_when_null: [order_id]
    columns:
      order_id: {path: /id, type: string}
      placed_at: {path: /placed, type: timestamp, required: true, zone: UTC}
      month: {date_of: placed_at, unit: month}
      price: {path: /price, type: "decimal(10, 2)", default: 1.50}
    partition: {by: month}
    checks: [{row_count: {min: 1}, severity: warn}, {not_null: price}]
publish: {retain: 7d}
destinations:
  - {duckdb: a.duckdb}
  - {duckdb: {path: b.duckdb}}
  - {postgresql: "${DATABASE_URL}"}
  - {postgresql: {url: "postgresql://h/d"}}
questions: [q/one.sql]
)yaml";

std::optional<std::string> only_client(std::string_view name) {
  return name == "CLIENT" ? std::optional<std::string>("me") : std::nullopt;
}

Pipeline read(std::string_view text) {
  const auto reading = read_pipeline(text, "p.yaml", only_client);
  for (const auto& complaint : reading.complaints) ADD_FAILURE() << complaint.message();
  return reading.pipeline.value_or(Pipeline{});
}

TEST(PipelineTest, RequestsKeepTheirTemplatesAndTheEnvironmentIsCaptured) {
  const auto pipeline = read(kFull);
  const auto& request = pipeline.extract.request;
  EXPECT_EQ(request.method, "POST");
  EXPECT_EQ(request.body,
            R"({"a":"${window.start}","b":[1.50,true,null,"true"],"page":"${page}","c d":1e3})");
  const std::vector<std::pair<std::string, std::string>> query = {
      {"tag", "a"}, {"tag", "b"}, {"n", "5"}};
  EXPECT_EQ(request.query, query);
  EXPECT_EQ(request.headers.front().second, "${CLIENT}");
  EXPECT_EQ(pipeline.environment.at("CLIENT").reveal(), "me");
  EXPECT_EQ(pipeline.environment.size(), 1U);
}

TEST(PipelineTest, ALookupInheritsWhatItDoesNotSay) {
  const auto lookup = read(kFull).extract.lookup;
  ASSERT_TRUE(lookup);
  EXPECT_EQ(lookup->request.method, "POST");
  EXPECT_EQ(lookup->request.path, "/orders");
  EXPECT_EQ(lookup->request.body, R"({"ids":"${keys}"})");
  EXPECT_EQ(lookup->keys_max, 20);
}

TEST(PipelineTest, TheExtractSectionIsReadWhole) {
  const auto pipeline = read(kFull);
  const auto& extract = pipeline.extract;
  EXPECT_EQ(pipeline.source_name, "shop-api");
  EXPECT_EQ(pipeline.source_url, "https://api.example.com/v1");
  EXPECT_EQ(extract.window->format, WindowFormat::kDate);
  EXPECT_EQ(extract.window->lookback, hours(9600));
  EXPECT_EQ(extract.window->lookahead, hours(12));
  EXPECT_EQ(extract.pages.style, PageStyle::kNumber);
  EXPECT_EQ(extract.pages.size, 50);
  EXPECT_EQ(extract.pages.first, 0);
  EXPECT_EQ(extract.pages.parallel, 8);
  EXPECT_EQ(extract.items.at.to_string(), "/docs");
  EXPECT_EQ(extract.items.page_count->to_string(), "/pages");
  EXPECT_EQ(extract.auth.kind, AuthKind::kApiKeyHeader);
  EXPECT_EQ(extract.auth.name, "X-Api-Key");
  EXPECT_EQ(extract.auth.secret.reveal(), "me");
  EXPECT_EQ(extract.retry.attempts_max, 3);
  EXPECT_EQ(extract.retry.retry_after_max, milliseconds(5000));
  EXPECT_EQ(extract.rate.requests_per_second, 2.5);
  EXPECT_EQ(extract.limits.body_bytes_max, 64'000'000);
  EXPECT_EQ(extract.limits.run_timeout, hours(1));
  EXPECT_EQ(extract.limits.depth_max, 9);
}

TEST(PipelineTest, ParentsComeBeforeChildrenAndGiveThemTheirTypes) {
  const auto pipeline = read(kFull);
  ASSERT_EQ(pipeline.tables.size(), 2U);
  EXPECT_EQ(pipeline.tables[0].name, "orders");
  const auto& parts = *pipeline.table("parts");
  EXPECT_EQ(parts.parent, "orders");
  EXPECT_EQ(parts.each.size(), 2U);
  EXPECT_EQ(base::type_name(parts.column("at").type), "timestamp");
  EXPECT_EQ(base::type_name(parts.column("part").type), "int32");
  EXPECT_EQ(parts.missing, Missing::kDelete);
  EXPECT_EQ(parts.drift, OnDrift::kReport);
  EXPECT_EQ(pipeline.table("orders")->drift, OnDrift::kBlock);
  EXPECT_EQ(parts.rejected_rows_max, 0);
  EXPECT_EQ(std::get<ReferencesCheck>(parts.checks.front().rule).other_table, "orders");
  EXPECT_EQ(std::get<ReferencesCheck>(parts.checks.front().rule).other_columns,
            std::vector<std::string>{"order_id"});
  EXPECT_EQ(pipeline.table("nobody"), nullptr);
}

TEST(PipelineTest, ATableIsReadWhole) {
  const auto pipeline = read(kFull);
  const auto& orders = *pipeline.table("orders");
  EXPECT_EQ(orders.key, std::vector<std::string>{"order_id"});
  EXPECT_EQ(orders.keep, Keep::kFirst);
  EXPECT_EQ(orders.rejected_rows_max, 3);
  EXPECT_DOUBLE_EQ(orders.rejected_share_max, 0.01);
  EXPECT_EQ(orders.partition_by, "month");
  EXPECT_EQ(orders.column("month").unit, DateUnit::kMonth);
  EXPECT_EQ(base::type_name(orders.column("month").type), "date");
  EXPECT_EQ(orders.column("price").default_json, "1.50");
  EXPECT_EQ(base::type_name(orders.column("price").type), "decimal(10,2)");
  EXPECT_EQ(orders.column("placed_at").zone, base::ZoneRule::kAssumeUtc);
  EXPECT_TRUE(orders.column("order_id").is_required);
  EXPECT_EQ(orders.checks[0].severity, Severity::kWarn);
  EXPECT_EQ(orders.checks[0].text, "row_count: {min: 1}");
  EXPECT_EQ(orders.checks[1].text, "not_null: price");
  const auto schema = orders.schema();
  EXPECT_FALSE(schema.fields[0].is_nullable);
  EXPECT_FALSE(schema.fields[1].is_nullable);
  EXPECT_TRUE(schema.fields[3].is_nullable);
}

constexpr std::string_view kChecks = R"yaml([
      {accepted_values: {order_id: [a, "1"]}},
      {range: {price: {min: -0.5, max: 1e2}}, severity: warn},
      {matches: {order_id: "[0-9]+"}, name: numbered},
      {row_count_change: {decrease_max: 10%, increase_max: 150%}},
      {freshness: {placed_at: 2d}},
      {deleted: {max_rows: 3, max: 0.5}},
      {sql: "SELECT 1", name: never}])yaml";

std::string with_checks(std::string_view checks) {
  std::string text(kFull);
  const std::string_view written = "[{row_count: {min: 1}, severity: warn}, {not_null: price}]";
  text.replace(text.find(written), written.size(), checks);
  return text;
}

TEST(PipelineTest, EveryCheckIsReadWhole) {
  auto text = with_checks(kChecks);
  text.replace(text.find("1e2"), 3, "100");
  const auto pipeline = read(text);
  const auto& checks = pipeline.table("orders")->checks;
  ASSERT_EQ(checks.size(), 7U);
  EXPECT_EQ(std::get<AcceptedValuesCheck>(checks[0].rule).accepted_json,
            (std::vector<std::string>{"\"a\"", "\"1\""}));
  EXPECT_EQ(std::get<AcceptedValuesCheck>(checks[0].rule).column, "order_id");
  EXPECT_EQ(std::get<RangeCheck>(checks[1].rule).min_json, "-0.5");
  EXPECT_EQ(std::get<RangeCheck>(checks[1].rule).max_json, "100");
  EXPECT_EQ(checks[1].severity, Severity::kWarn);
  EXPECT_EQ(std::get<MatchesCheck>(checks[2].rule).pattern, "[0-9]+");
  EXPECT_EQ(checks[2].text, "matches: numbered");
  EXPECT_EQ(std::get<RowCountChangeCheck>(checks[3].rule).decrease_max, 0.1);
  EXPECT_EQ(std::get<RowCountChangeCheck>(checks[3].rule).increase_max, 1.5);
  EXPECT_EQ(std::get<FreshnessCheck>(checks[4].rule).age_max, hours(48));
  EXPECT_EQ(std::get<DeletedCheck>(checks[5].rule).rows_max, 3);
  EXPECT_EQ(std::get<DeletedCheck>(checks[5].rule).share_max, 0.5);
  EXPECT_EQ(std::get<SqlCheck>(checks[6].rule).query, "SELECT 1");
  EXPECT_EQ(checks[6].name, "never");
}

TEST(PipelineTest, TheDigestWithoutChecksSeesEverythingElse) {
  const auto digest = sha256_without_checks(kFull);
  EXPECT_EQ(sha256_without_checks(with_checks("[]")), digest);
  EXPECT_EQ(sha256_without_checks(with_checks(kChecks) + "# a comment\n"), digest);
  auto other = std::string(kFull);
  other.replace(other.find("keep: first"), 11, "keep: last");
  EXPECT_NE(sha256_without_checks(other), digest);
  EXPECT_NE(sha256_without_checks("{"), sha256_without_checks("}"));
}

TEST(PipelineTest, AnAbsentVariableLeavesAPostgreSqlDestinationWithoutAUrl) {
  const auto destinations = read(kFull).destinations;
  ASSERT_EQ(destinations.size(), 4U);
  EXPECT_EQ(destinations[1].path, "b.duckdb");
  EXPECT_EQ(destinations[2].kind, DestinationKind::kPostgreSql);
  EXPECT_TRUE(destinations[2].url.empty());
  EXPECT_EQ(destinations[3].url.reveal(), "postgresql://h/d");
}

TEST(PipelineTest, WhatAFileDoesNotSayHasADefault) {
  const auto pipeline = read(R"(
version: 1
name: shop
source: {url: "embedded:"}
extract: {request: {path: /orders}}
tables: {orders: {from: items, key: id, columns: {id: {path: /id, type: int64}}}}
)");
  EXPECT_EQ(pipeline.source_name, "shop");
  EXPECT_EQ(pipeline.extract.request.method, "GET");
  EXPECT_EQ(pipeline.extract.request.body, std::nullopt);
  EXPECT_EQ(pipeline.extract.pages.style, PageStyle::kNone);
  EXPECT_TRUE(pipeline.extract.items.at.is_root());
  EXPECT_EQ(pipeline.extract.auth.kind, AuthKind::kNone);
  EXPECT_EQ(pipeline.extract.retry.attempts_max, 5);
  EXPECT_EQ(pipeline.extract.limits.body_bytes_max, std::nullopt);
  EXPECT_EQ(pipeline.tables[0].rejected_rows_max, 0);
  EXPECT_DOUBLE_EQ(pipeline.tables[0].rejected_share_max, 0.001);
  EXPECT_EQ(pipeline.tables[0].partition_by, std::nullopt);
  EXPECT_EQ(pipeline.publish.retain, std::chrono::seconds(0));
  EXPECT_TRUE(pipeline.destinations.empty());
}

std::string with_replaced(std::string_view text, std::string_view now, std::string_view other) {
  std::string changed(text);
  changed.replace(changed.find(now), now.size(), other);
  return changed;
}

TEST(PipelineTest, EarlierNamesAreReadWithAWarningThatSaysTheNewOne) {
  auto text = with_replaced(kFull, "missing: delete", "vanished: delete");
  text = with_replaced(text, "drift: block", "drift: hold");
  text = with_replaced(text, "{not_null: price}", "{not_null: price}, {withdrawn: {max_rows: 3}}");
  const auto reading = read_pipeline(text, "p.yaml", only_client);
  ASSERT_TRUE(reading.pipeline.has_value()) << reading.complaints.front().message();
  const auto& pipeline = *reading.pipeline;
  EXPECT_EQ(pipeline.table("orders")->missing, Missing::kDelete);
  EXPECT_EQ(pipeline.table("orders")->drift, OnDrift::kBlock);
  const auto& check = pipeline.table("orders")->checks.back();
  EXPECT_EQ(std::get<DeletedCheck>(check.rule).rows_max, 3);
  EXPECT_EQ(check.text, "deleted: {max_rows: 3}");
  ASSERT_EQ(pipeline.warnings.size(), 3U);
  EXPECT_NE(pipeline.warnings[0].find("'vanished' is now called 'missing'"), std::string::npos);
  EXPECT_NE(pipeline.warnings[1].find("'drift: block'"), std::string::npos);
  EXPECT_NE(pipeline.warnings[2].find("'withdrawn' is now called 'deleted'"), std::string::npos);
}

TEST(PipelineTest, AQueryFromAVariableThatIsNotSetIsOnlyWarnedOfWhereNobodyRuns) {
  const auto text = with_replaced(kFull, "{not_null: price}", "{sql: \"${NO_SUCH_QUERY}\"}");
  const auto reading = read_pipeline(text, "p.yaml", only_client, UnsetVariables::kWarn);
  ASSERT_TRUE(reading.pipeline.has_value()) << reading.complaints.front().message();
  EXPECT_FALSE(reading.warnings.empty());
  EXPECT_TRUE(std::holds_alternative<SqlCheck>(reading.pipeline->table("orders")->checks[1].rule));
}

TEST(PipelineTest, AKeyUnderBothItsNamesIsComplainedOf) {
  const auto text = with_replaced(kFull, "missing: delete", "missing: delete\nvanished: keep");
  const auto reading = read_pipeline(text, "p.yaml", only_client);
  ASSERT_EQ(reading.complaints.size(), 1U);
  EXPECT_NE(reading.complaints[0].message().find("'vanished' is the earlier name of 'missing'"),
            std::string::npos);
}

}  // namespace
}  // namespace ashore::config
