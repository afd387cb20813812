// What becomes of items: rows, children, drops, duplicates, rejections, and what is told of them.
#include "transform/transform.h"

#include <algorithm>

#include "transform/testing/window.h"

namespace ashore::transform {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

using Rows = std::vector<std::string>;

TEST(TransformTest, IntegersTakeEveryIntegralNumberInRange) {
  EXPECT_EQ(taken("int32", "7"), "7");
  EXPECT_EQ(taken("int32", "-0"), "0");
  EXPECT_EQ(taken("int32", "1.0"), "1");
  EXPECT_EQ(taken("int32", "1e3"), "1000");
  EXPECT_EQ(taken("int32", "1200e-2"), "12");
  EXPECT_EQ(taken("int32", "0e999999999999999999999"), "0");
  EXPECT_EQ(taken("int32", "-2147483648"), "-2147483648");
  EXPECT_EQ(taken("int32", "2147483648"), "rule: out_of_range");
  EXPECT_EQ(taken("int64", "9223372036854775807"), "9223372036854775807");
  EXPECT_EQ(taken("int64", "9223372036854775808"), "rule: out_of_range");
  EXPECT_EQ(taken("int64", "1e400"), "rule: out_of_range");
  EXPECT_EQ(taken("int64", "1.5"), "rule: inexact");
  EXPECT_EQ(taken("int64", "1e-1"), "rule: inexact");
  EXPECT_EQ(taken("int64", R"("7")"), "rule: wrong_type");
  EXPECT_EQ(taken("int64", "true"), "rule: wrong_type");
}

TEST(TransformTest, DoublesAreNearestButKeepWrittenIntegersWhole) {
  EXPECT_EQ(taken("float64", "0.1"), "0.1");
  EXPECT_EQ(taken("float64", "9007199254740992"), "9.007199254740992e+15");
  EXPECT_EQ(taken("float64", "9007199254740993"), "rule: inexact");
  EXPECT_EQ(taken("float64", "-36893488147419103232"), "-3.6893488147419103e+19");
  EXPECT_EQ(taken("float64", "1e-400"), "0");
  EXPECT_EQ(taken("float64", "1e400"), "rule: out_of_range");
  EXPECT_EQ(taken("float64", R"("1")"), "rule: wrong_type");
}

TEST(TransformTest, DecimalsLoseNoDigit) {
  EXPECT_EQ(taken("decimal(5,2)", "12.30"), "12.30");
  EXPECT_EQ(taken("decimal(5,2)", "12.3000"), "12.30");
  EXPECT_EQ(taken("decimal(5,2)", "1.5e2"), "150.00");
  EXPECT_EQ(taken("decimal(5,2)", "-999.99"), "-999.99");
  EXPECT_EQ(taken("decimal(5,2)", "1000"), "rule: out_of_range");
  EXPECT_EQ(taken("decimal(5,2)", "0.005"), "rule: inexact");
  EXPECT_EQ(taken("decimal(38,0)", "99999999999999999999999999999999999999"),
            "99999999999999999999999999999999999999");
}

TEST(TransformTest, BooleansTakeOnlyTrueAndFalse) {
  EXPECT_EQ(taken("boolean", "true"), "true");
  EXPECT_EQ(taken("boolean", "false"), "false");
  EXPECT_EQ(taken("boolean", "1"), "rule: wrong_type");
  EXPECT_EQ(taken("boolean", R"("true")"), "rule: wrong_type");
}

TEST(TransformTest, StringsTakeOnlyJsonStrings) {
  EXPECT_EQ(taken("string", R"("")"), "");
  EXPECT_EQ(taken("string", R"("a\"\\\/\b\n\u00e9\ud83d\ude00")"), "a\"\\/\b\n\u00e9\U0001F600");
  EXPECT_EQ(taken("string", "7"), "rule: wrong_type");
  EXPECT_EQ(taken("string", R"({"a": 1})"), "rule: wrong_type");
  EXPECT_EQ(taken("string", R"("a\u0000b")"), "rule: nul_character");
  EXPECT_EQ(taken("string", R"("\ud800")"), "rule: lone_surrogate");
  EXPECT_EQ(taken("string", R"("\ude00\ud83d")"), "rule: lone_surrogate");
  EXPECT_EQ(taken("string", R"("\ud83d\ud83d")"), "rule: lone_surrogate");
}

TEST(TransformTest, LongStringsPass) {
  const std::string text(10'000'000, 'x');
  EXPECT_EQ(taken("string", "\"" + text + "\"").size(), text.size());
}

TEST(TransformTest, DatesAndTimestampsMustExist) {
  EXPECT_EQ(taken("date", R"("2022-11-01")"), "2022-11-01");
  EXPECT_EQ(taken("date", R"("2022-13-45")"), "rule: bad_date");
  EXPECT_EQ(taken("date", "20221101"), "rule: wrong_type");
  EXPECT_EQ(taken("timestamp", R"("2022-11-01T00:00:00.123456Z")"), "2022-11-01 00:00:00.123456Z");
  EXPECT_EQ(taken("timestamp", R"("2022-11-01T02:00:00+02:00")"), "2022-11-01 00:00:00.000000Z");
  EXPECT_EQ(taken("timestamp", R"("2022-11-01T00:00:00.1234567Z")"), "rule: bad_timestamp");
  EXPECT_EQ(taken("timestamp", R"("2022-11-01T00:00:00")"), "rule: bad_timestamp");
  EXPECT_EQ(taken("timestamp", "1667260800"), "rule: wrong_type");
  auto utc = one_column("timestamp");
  utc.tables[0].columns[1].zone = base::ZoneRule::kAssumeUtc;
  EXPECT_EQ(taken(utc, R"("2022-11-01T00:00:00")"), "2022-11-01 00:00:00.000000Z");
}

TEST(TransformTest, JsonIsTheExactTextOfTheValue) {
  EXPECT_EQ(taken("json", "[ ]"), "[ ]");
  EXPECT_EQ(taken("json", R"({"a" : [1.0, {"b":null}] })"), R"({"a" : [1.0, {"b":null}] })");
  EXPECT_EQ(taken("json", "  1e3  "), "1e3");
  EXPECT_EQ(taken("json", R"("\u00e9")"), R"("\u00e9")");
  EXPECT_EQ(taken("json", R"({"a": "\\u0000"})"), R"({"a": "\\u0000"})");
  EXPECT_EQ(taken("json", R"({"a": "\u0000"})"), "rule: nul_character");
  EXPECT_EQ(taken("json", R"(["\udc00"])"), "rule: lone_surrogate");
}

TEST(TransformTest, JsonNullIsNullForEveryType) {
  for (const auto* type : {"string", "boolean", "int32", "int64", "float64", "decimal(5,2)", "date",
                           "timestamp", "json"}) {
    EXPECT_EQ(taken(type, "null"), "null") << type;
  }
}

TEST(TransformTest, TheDefaultStandsForNullAndAbsent) {
  auto pipeline = one_column("int32");
  pipeline.tables[0].columns[1].default_json = "7";
  EXPECT_EQ(taken(pipeline, "null"), "7");
  Landing landing({page_of(R"({"id": "A"})")});
  ASSERT_TRUE(landing.run(pipeline).ok());
  EXPECT_THAT(landing.rows(pipeline, "orders"), ElementsAre("A|7"));
}

TEST(TransformTest, AFieldThatStandsTwiceIsRejected) {
  EXPECT_EQ(taken("int32", R"(1, "value": 2)"), "rule: duplicate_field");
}

// --- rows -----------------------------------------------------------------------------------

config::Pipeline orders_and_lines() {
  auto orders = table_from(
      "orders",
      {required_column("order_id", "/id", "string"), path_column("placed", "/placed", "timestamp"),
       date_column("month", "placed", config::DateUnit::kMonth),
       path_column("town", "/address/town", "string"), path_column("address", "/address", "json")},
      {"order_id"});
  auto lines =
      child_table(table_from("lines",
                             {path_column("sku", "/sku", "string"), position_column("line"),
                              path_column("count", "/count", "int32"),
                              parent_column("order_id", "order_id", "string"),
                              parent_column("month", "month", "date")},
                             {"order_id", "sku"}),
                  "orders", {"/lines"});
  lines.drop_when_null = {"sku"};
  return pipeline_of({orders, lines});
}

state::TableCounts counts_of(const StagedWindow& staged, const std::string& table) {
  return *std::ranges::find(staged.summary.tables, table, &state::TableCounts::table);
}

TEST(TransformTest, ChildrenInheritWhateverTheOrderOfFields) {
  const auto pipeline = orders_and_lines();
  Landing landing({page_of(R"({"lines": [{"count": 2, "sku": "x"}, {"sku": "w", "count": 1}],
      "address": {"town": "Ulm", "zip": "1"}, "placed": "2022-11-30T23:00:00-02:00", "id": "B"},
      {"id": "A", "lines": null})")});
  const auto staged = landing.run(pipeline);
  ASSERT_TRUE(staged.ok()) << staged.error().message();
  EXPECT_THAT(landing.rows(pipeline, "orders"),
              ElementsAre("A|null|null|null|null",
                          "B|2022-12-01 01:00:00.000000Z|2022-12-01|Ulm|"
                          R"({"town": "Ulm", "zip": "1"})"));
  EXPECT_THAT(landing.rows(pipeline, "lines"),
              ElementsAre("w|1|1|B|2022-12-01", "x|0|2|B|2022-12-01"));
  EXPECT_THAT(staged.value().summary.unmapped, IsEmpty());
}

TEST(TransformTest, EmptyAbsentAndNullArraysHaveNoRows) {
  const auto pipeline = orders_and_lines();
  Landing landing(
      {page_of(R"({"id": "A", "lines": []}, {"id": "B", "lines": null}, {"id": "C"})")});
  const auto staged = landing.run(pipeline);
  ASSERT_TRUE(staged.ok());
  EXPECT_EQ(counts_of(staged.value(), "lines").rows_in, 0);
  EXPECT_EQ(counts_of(staged.value(), "orders").rows_out, 3);
}

TEST(TransformTest, RowsWithoutWhatTheyNeedAreDroppedByDesign) {
  const auto pipeline = orders_and_lines();
  Landing landing({page_of(R"({"id": "A", "lines": [{"sku": null, "count": "bad"}, {"sku": "x"},
      null, {"sku": 5}]})")});
  const auto staged = landing.run(pipeline);
  ASSERT_TRUE(staged.ok());
  const auto counts = counts_of(staged.value(), "lines");
  EXPECT_EQ(counts.rows_in, 4);
  EXPECT_EQ(counts.dropped_null, 2);
  EXPECT_EQ(counts.rejected, 1);
  EXPECT_EQ(counts.unreadable_keys, 1);
  EXPECT_THAT(landing.rows(pipeline, "lines"), ElementsAre("x|1|null|A|null"));
}

TEST(TransformTest, ARejectedParentRejectsItsChildren) {
  const auto pipeline = orders_and_lines();
  Landing landing({page_of(R"({"id": "A", "placed": "soon", "lines": [{"sku": "x"}, {"sku": null}]},
      {"id": "B", "lines": [{"sku": "y"}]})")});
  const auto staged = landing.run(pipeline);
  ASSERT_TRUE(staged.ok());
  EXPECT_EQ(counts_of(staged.value(), "orders").rejected, 1);
  EXPECT_EQ(counts_of(staged.value(), "lines").rejected, 1);
  EXPECT_EQ(counts_of(staged.value(), "lines").dropped_null, 1);
  EXPECT_THAT(landing.quarantine("lines"), HasSubstr(R"("rule":"parent_rejected")"));
  EXPECT_THAT(landing.rows(pipeline, "orders", "rejected_keys.parquet"), ElementsAre("A"));
  EXPECT_THAT(landing.rows(pipeline, "lines", "rejected_keys.parquet"), ElementsAre("x|A"));
}

TEST(TransformTest, ARejectedChildRejectsOnlyItself) {
  const auto pipeline = orders_and_lines();
  Landing landing({page_of(R"({"id": "A", "lines": [{"sku": "x", "count": 1.5}, {"sku": "y"}]})")});
  const auto staged = landing.run(pipeline);
  ASSERT_TRUE(staged.ok());
  EXPECT_EQ(counts_of(staged.value(), "orders").rejected, 0);
  EXPECT_THAT(landing.rows(pipeline, "lines"), ElementsAre("y|1|null|A|null"));
}

TEST(TransformTest, RejectionsHoldTheExactItem) {
  const auto pipeline = orders_and_lines();
  Landing landing({page_of(R"({"id": "A"}, {"id": "B",  "lines": [{"sku": "x", "count": 1.5}]})")});
  ASSERT_TRUE(landing.run(pipeline).ok());
  EXPECT_EQ(landing.quarantine("lines"),
            R"({"run_id":"run-1","source_page":"page-00001.json","item_index":1,"table":"lines",)"
            R"("column":"count","rule":"inexact","value":"1.5",)"
            R"("item":"{\"id\": \"B\",  \"lines\": [{\"sku\": \"x\", \"count\": 1.5}]}"})"
            "\n");
}

TEST(TransformTest, WhatShouldBeAnArrayAndIsNoneIsARejectionOfTheChildTable) {
  const auto pipeline = orders_and_lines();
  Landing landing({page_of(R"({"id": "A", "lines": {"sku": "x"}}, {"id": "B", "lines": "x"})")});
  const auto staged = landing.run(pipeline);
  ASSERT_TRUE(staged.ok()) << staged.error().message();
  EXPECT_EQ(counts_of(staged.value(), "lines").rejected, 2);
  EXPECT_EQ(counts_of(staged.value(), "lines").unreadable_keys, 2);
  EXPECT_EQ(counts_of(staged.value(), "orders").rows_out, 2);
  EXPECT_THAT(landing.quarantine("lines"), HasSubstr(R"("column":null,"rule":"not_an_array")"));
}

TEST(TransformTest, KeysThatAreNullAbsentOrTooLongAreRejected) {
  const auto pipeline = one_column("int32");
  const std::string fits(2'000, 'k');
  Landing landing({page_of(R"({"id": null}, {}, {"id": 5}, {"id": ")" + fits + R"("}, {"id": ")" +
                           fits + R"(x"}, 7, null)")});
  const auto staged = landing.run(pipeline);
  ASSERT_TRUE(staged.ok());
  const auto counts = counts_of(staged.value(), "orders");
  EXPECT_EQ(counts.rows_in, 7);
  EXPECT_EQ(counts.rows_out, 1);
  EXPECT_EQ(counts.rejected, 6);
  EXPECT_EQ(counts.unreadable_keys, 5);
  EXPECT_THAT(landing.quarantine("orders"), HasSubstr(R"("rule":"key_too_long")"));
}

TEST(TransformTest, ValuesThatNameNoFolderAreRejectedWhereTheyPartition) {
  auto pipeline = one_column("string");
  pipeline.tables[0].partition_by = "value";
  const std::string fits(255 - std::string("value=").size(), 'v');
  const std::string fits_encoded((255 - std::string("value=").size()) / 3, '/');
  Landing landing(
      {page_of(R"({"id": "A", "value": ")" + fits + R"("}, {"id": "B", "value": ")" + fits +
               R"(v"}, {"id": "C", "value": ")" + fits_encoded + R"("}, {"id": "D", "value": ")" +
               fits_encoded + R"(/"}, {"id": "E"})")});
  const auto staged = landing.run(pipeline);
  ASSERT_TRUE(staged.ok()) << staged.error().message();
  const auto counts = counts_of(staged.value(), "orders");
  EXPECT_EQ(counts.rows_out, 3);
  EXPECT_EQ(counts.rejected, 2);
  EXPECT_EQ(counts.unreadable_keys, 0);
  EXPECT_THAT(landing.quarantine("orders"),
              HasSubstr(R"("column":"value","rule":"partition_too_long","value":"\"vvv)"));
}

TEST(TransformTest, TheLaterItemOfAKeyWinsOrTheFirstWhereTheTableSaysSo) {
  auto pipeline = one_column("int32");
  const std::vector<std::string> pages = {
      page_of(R"({"id": "B", "value": 1}, {"id": "A", "value": 2}, {"id": "B", "value": 3})"),
      page_of(R"({"id": "A", "value": 4})")};
  Landing last(pages);
  const auto staged = last.run(pipeline);
  ASSERT_TRUE(staged.ok());
  EXPECT_THAT(last.rows(pipeline, "orders"), ElementsAre("A|4", "B|3"));
  EXPECT_EQ(counts_of(staged.value(), "orders").dropped_duplicate, 2);
  pipeline.tables[0].keep = config::Keep::kFirst;
  Landing first(pages);
  ASSERT_TRUE(first.run(pipeline).ok());
  EXPECT_THAT(first.rows(pipeline, "orders"), ElementsAre("A|2", "B|1"));
}

TEST(TransformTest, ADuplicateParentTakesItsChildrenWithIt) {
  const auto pipeline = orders_and_lines();
  Landing landing({page_of(R"({"id": "A", "lines": [{"sku": "old"}, {"sku": "both"}]})"),
                   page_of(R"({"id": "A", "lines": [{"sku": "both"}, {"sku": "both"}]})")});
  const auto staged = landing.run(pipeline);
  ASSERT_TRUE(staged.ok());
  EXPECT_THAT(landing.rows(pipeline, "lines"), ElementsAre("both|1|null|A|null"));
  const auto counts = counts_of(staged.value(), "lines");
  EXPECT_EQ(counts.rows_in, 4);
  EXPECT_EQ(counts.dropped_duplicate, 3);
}

TEST(TransformTest, ChildrenOfChildrenAndArraysInArrays) {
  auto orders = table_from("orders", {path_column("id", "/id", "string")}, {"id"});
  auto boxes = child_table(
      table_from("boxes", {path_column("box", "/no", "int32"), parent_column("id", "id", "string")},
                 {"id", "box"}),
      "orders", {"/trucks", "/boxes"});
  auto labels = child_table(
      table_from("labels",
                 {path_column("label", "", "string"), parent_column("box", "box", "int32"),
                  parent_column("id", "id", "string")},
                 {"id", "box", "label"}),
      "boxes", {"/labels"});
  const auto pipeline = pipeline_of({orders, boxes, labels});
  Landing landing({page_of(R"({"trucks": [{"boxes": [{"labels": ["b", "a"], "no": 1}]},
      {"boxes": [{"no": 2, "labels": []}, {"no": 3, "labels": ["c"]}]}], "id": "A"})")});
  const auto staged = landing.run(pipeline);
  ASSERT_TRUE(staged.ok()) << staged.error().message();
  EXPECT_THAT(landing.rows(pipeline, "boxes"), ElementsAre("1|A", "2|A", "3|A"));
  EXPECT_THAT(landing.rows(pipeline, "labels"), ElementsAre("a|1|A", "b|1|A", "c|3|A"));
}

TEST(TransformTest, APathMayNameAnElementByItsNumber) {
  const auto pipeline = pipeline_of(
      {table_from("orders",
                  {path_column("id", "/id", "string"), path_column("first", "/tags/0", "string"),
                   path_column("third", "/tags/2/name", "string")},
                  {"id"})});
  Landing landing({page_of(R"({"id": "A", "tags": ["x", "y", {"name": "z"}]})")});
  ASSERT_TRUE(landing.run(pipeline).ok());
  EXPECT_THAT(landing.rows(pipeline, "orders"), ElementsAre("A|x|z"));
}

// --- what is told ---------------------------------------------------------------------------

TEST(TransformTest, UnmappedPathsAreCountedWithAnExample) {
  const auto pipeline = orders_and_lines();
  Landing landing({page_of(R"({"id": "A", "note~/": "hi", "lines": [{"sku": "x", "gift": true}]},
      {"id": "B", "note~/": null, "address": {"zip": 1}, "lines": [{"sku": "y", "gift": false}]})")});
  const auto staged = landing.run(pipeline);
  ASSERT_TRUE(staged.ok());
  const auto& unmapped = staged.value().summary.unmapped;
  ASSERT_EQ(unmapped.size(), 2U);
  EXPECT_EQ(unmapped[0].path, "/note~0~1");
  EXPECT_EQ(unmapped[0].count, 2);
  EXPECT_EQ(unmapped[0].example, R"("hi")");
  EXPECT_EQ(unmapped[1].path, "/lines/*/gift");
  EXPECT_EQ(unmapped[1].count, 2);
}

TEST(TransformTest, APathThatNoItemHasIsAWarning) {
  const auto pipeline = orders_and_lines();
  Landing landing({page_of(R"({"id": "A", "placed": null, "address": {}})")});
  const auto staged = landing.run(pipeline);
  ASSERT_TRUE(staged.ok());
  EXPECT_THAT(staged.value().summary.warnings,
              ElementsAre("column 'town' of table 'orders': no item has its path '/address/town'",
                          "table 'lines': no item has the array '/lines'"));
}

TEST(TransformTest, DriftNamesMissingPathsAndChangedTypesOverAllPages) {
  const auto pipeline = pipeline_of(
      {table_from("orders",
                  {required_column("id", "/id", "string"), path_column("total", "/total", "int64"),
                   path_column("note", "/note", "string")},
                  {"id"})});
  Landing landing({page_of(R"({"id": "A", "total": "1"}, {"id": "B", "total": 1.5})"),
                   page_of(R"({"id": "C", "total": "3"})")});
  const auto window = landing.run(pipeline);
  ASSERT_TRUE(window.ok());
  const auto& drift = window.value().summary.drift;
  ASSERT_EQ(drift.size(), 3U);
  EXPECT_EQ(drift[0].kind + " " + drift[0].column + " " + drift[0].path, "missing note /note");
  EXPECT_EQ(drift[1].kind + " " + drift[1].expected + " " + drift[1].found, "type int64 string");
  EXPECT_EQ(drift[1].count, 2);
  EXPECT_EQ(drift[1].example, "\"1\"");
  EXPECT_EQ(drift[2].found + " " + drift[2].example, "number 1.5");
}

TEST(TransformTest, AWindowWithoutItemsHasNoFilesAndNoWarnings) {
  const auto pipeline = orders_and_lines();
  Landing landing({page_of("")});
  const auto staged = landing.run(pipeline);
  ASSERT_TRUE(staged.ok());
  EXPECT_THAT(staged.value().manifest.files, IsEmpty());
  EXPECT_THAT(staged.value().summary.warnings, IsEmpty());
  EXPECT_EQ(staged.value().manifest.schemas.size(), 2U);
}

TEST(TransformTest, TooManyRejectionsHoldTheRunAfterAllIsWritten) {
  auto pipeline = one_column("int32");
  pipeline.tables[0].rejected_rows_max = 1;
  const auto page = page_of(R"({"id": "A", "value": 1.5}, {"id": "B", "value": "x"})");
  Landing landing({page});
  const auto staged = landing.run(pipeline);
  ASSERT_FALSE(staged.ok());
  EXPECT_EQ(staged.error().kind(), base::ErrorKind::kBlockedByQuarantine);
  EXPECT_THAT(staged.error().message(),
              HasSubstr("table 'orders': 2 of 2 rows were rejected and 1 may be (first: "
                        "page-00001.json, item 0, column 'value': 1.5 is not an integer), see "
                        "quarantine/run-1/orders.jsonl"));
  EXPECT_EQ(std::ranges::count(landing.quarantine("orders"), '\n'), 2);
  EXPECT_TRUE(state::read_summary(landing.store, "run-1", "transform").ok());
  EXPECT_FALSE(state::read_manifest(landing.store, "runs/run-1/transform.manifest.json").ok());
  pipeline.tables[0].rejected_rows_max = 2;
  EXPECT_TRUE(landing.run(pipeline).ok());
  EXPECT_TRUE(state::read_manifest(landing.store, "runs/run-1/transform.manifest.json").ok());
  // Run again with the old threshold, the blocked stage takes its manifest back.
  pipeline.tables[0].rejected_rows_max = 1;
  EXPECT_FALSE(landing.run(pipeline).ok());
  EXPECT_FALSE(state::read_manifest(landing.store, "runs/run-1/transform.manifest.json").ok());
}

TEST(TransformTest, AShareOfRowsMayBeRejected) {
  auto pipeline = one_column("int32");
  pipeline.tables[0].rejected_rows_max = 0;
  pipeline.tables[0].rejected_share_max = 0.5;
  Landing landing({page_of(R"({"id": "A", "value": 1}, {"id": "B", "value": "x"})")});
  EXPECT_TRUE(landing.run(pipeline).ok());
  pipeline.tables[0].rejected_share_max = 0.4;
  EXPECT_FALSE(landing.run(pipeline).ok());
}

TEST(TransformTest, APageThatChangedSinceItLandedIsRefused) {
  Landing landing({page_of(R"({"id": "A"})")});
  ASSERT_TRUE(landing.store.write(landing.manifest.files[0].path, page_of("")).ok());
  const auto staged = landing.run(one_column("int32"));
  ASSERT_FALSE(staged.ok());
  EXPECT_EQ(staged.error().kind(), base::ErrorKind::kPermanent);
  EXPECT_THAT(staged.error().message(), HasSubstr("page-00001.json' is not as it was landed"));
}

TEST(TransformTest, AWindowThatDoesNotFitInMemorySaysWhichOptionHelps) {
  Landing landing({page_of(R"({"id": "A", "value": 1})")});
  landing.memory_bytes = 16;
  const auto staged = landing.run(one_column("int32"));
  ASSERT_FALSE(staged.ok());
  EXPECT_EQ(staged.error().kind(), base::ErrorKind::kPermanent);
  EXPECT_THAT(staged.error().message(), HasSubstr("--memory"));
}

TEST(TransformTest, BrokenPagesAreErrorsNotCrashes) {
  for (const auto* page : {"", "{", "[]", R"({"items": 7})", R"({"items": [{"id": "A")",
                           R"({"items": [{"id" "A"}]})", R"({"items": [}]})", R"({"items": [1)",
                           "{\"items\": [\"\xff\"]}", R"({"items": [{"value": [}]})"}) {
    Landing landing({page});
    const auto staged = landing.run(one_column("json"));
    ASSERT_FALSE(staged.ok()) << page;
    EXPECT_EQ(staged.error().kind(), base::ErrorKind::kPermanent) << page;
  }
}

TEST(TransformTest, PagesWithoutItemsHaveNoRowsWhereTheFileSaysSo) {
  auto pipeline = one_column("json");
  for (const auto* page : {R"({"items": null})", "{}", R"({"next": {"items": [1]}, "total": 0})"}) {
    pipeline.extract.items.absent_means_none = true;
    Landing landing({page, page_of(R"({"id": "A"})"), page});
    const auto staged = landing.run(pipeline);
    ASSERT_TRUE(staged.ok()) << page << staged.error().message();
    EXPECT_EQ(staged.value().summary.tables.at(0).rows_out, 1) << page;
    pipeline.extract.items.absent_means_none = false;
    EXPECT_FALSE(Landing({page}).run(pipeline).ok()) << page;
  }
  pipeline.extract.items.absent_means_none = true;
  for (const auto* page :
       {"[]", R"({"items": 7})", R"({"items": nul})", R"({"a": 1 "b": 2})", "{"}) {
    EXPECT_FALSE(Landing({page}).run(pipeline).ok()) << page;
  }
  // The object that should hold them is not there.
  pipeline.extract.items.at = json::Pointer::parse("/data/items").value();
  EXPECT_FALSE(Landing({R"({"data": null})"}).run(pipeline).ok());
  EXPECT_FALSE(Landing({"{}"}).run(pipeline).ok());
  EXPECT_TRUE(Landing({R"({"data": {}})"}).run(pipeline).ok());
}

// --- the same bytes -------------------------------------------------------------------------

// Everything below the data folder but the summary's seconds.
std::map<std::string, std::string> files_of(Landing& landing) {
  std::map<std::string, std::string> files;
  for (const auto& info : landing.store.list("").value()) {
    files[info.path] = landing.store.read(info.path).value();
  }
  return files;
}

TEST(TransformTest, ThreadsAndBatchesDoNotChangeAByte) {
  const auto pipeline = orders_and_lines();
  std::vector<std::string> pages;
  for (int page = 0; page < 8; ++page) {
    std::string items;
    for (int item = 0; item < 20; ++item) {
      const auto id = std::to_string((page * 7 + item * 3) % 50);
      items += (items.empty() ? "" : ",") + (R"({"id": ")" + id + R"(", "lines": [{"sku": "s)") +
               id + R"(", "count": )" + std::to_string(item % 5) + (item % 7 == 0 ? ".5" : "") +
               R"(}, {"sku": "t"}], "x)" + std::to_string(item % 3) + R"(": 1})";
    }
    pages.push_back(page_of(items));
  }
  Landing expected(pages);
  ASSERT_TRUE(expected.run(pipeline).ok());
  for (const int threads : {1, 2, 5}) {
    for (const std::int64_t batch : {1, 7, 65'536}) {
      Landing landing(pages);
      Options options;
      landing.threads = threads;
      options.batch_rows_max = batch;
      ASSERT_TRUE(landing.run(pipeline, options).ok());
      EXPECT_EQ(files_of(landing), files_of(expected)) << threads << " " << batch;
    }
  }
}

TEST(TransformTest, AStopLeavesNoManifest) {
  Landing landing({page_of(R"({"id": "A"})")});
  landing.stop.request_stop();
  const auto staged = landing.run(one_column("int32"));
  ASSERT_FALSE(staged.ok());
  EXPECT_EQ(staged.error().kind(), base::ErrorKind::kInterrupted);
  EXPECT_FALSE(state::read_manifest(landing.store, "runs/run-1/transform.manifest.json").ok());
}

// --- lookup ---------------------------------------------------------------------------------

// Orders that a lookup can ask for.
config::Pipeline asked_orders(const std::string& id_type) {
  auto pipeline = pipeline_of({table_from(
      "orders", {path_column("id", "/id", id_type), path_column("value", "/value", "int32")},
      {"id"})});
  pipeline.extract.items.id = pointer("/id");
  return pipeline;
}

TEST(TransformTest, AnswersOfALookupAreReadAfterThePagesAndNamedAsParent) {
  const auto pipeline = asked_orders("string");
  Landing landing({page_of(R"({"id": "A", "value": 1}, {"id": "C", "value": 3})")});
  landing.answer({"B", "D"}, page_of(R"({"id": "B", "value": 2})"));
  landing.answer({"E"}, page_of(R"({"id": "E", "value": "x"})"));
  const auto staged = landing.run(pipeline);
  ASSERT_TRUE(staged.ok()) << staged.error().message();
  EXPECT_THAT(landing.rows(pipeline, "orders"), ElementsAre("A|1", "B|2", "C|3"));
  EXPECT_THAT(landing.rows(pipeline, "orders", "rejected_keys.parquet"), ElementsAre("E"));
  EXPECT_THAT(landing.rows(pipeline, "orders", "asked_keys.parquet"), ElementsAre("B", "D", "E"));
  EXPECT_THAT(landing.quarantine("orders"), HasSubstr(R"("source_page":"lookup-0002.json")"));
  EXPECT_EQ(staged.value().summary.tables[0].rows_in, 4);
  const auto& parent = staged.value().manifest.parent;
  EXPECT_EQ(parent->path, "runs/run-1/lookup.manifest.json");
  EXPECT_EQ(parent->sha256, base::to_hex(base::sha256(state::manifest_json(*landing.lookup))));
}

TEST(TransformTest, AnswersJoinALandingWhosePagesAreNotReadAgain) {
  const auto pipeline = asked_orders("string");
  Landing landing({page_of(R"({"id": "A", "value": 1}, {"id": "C", "value": 3})")});
  LandingTransform transform(pipeline, landing.context());
  ASSERT_TRUE(
      transform.stage(stored(landing.manifest), {.run_id = "run-1"}, landing.context()).ok());
  EXPECT_THAT(landing.rows(pipeline, "orders"), ElementsAre("A|1", "C|3"));
  ASSERT_TRUE(landing.store.remove(landing.manifest.files[0].path).ok());
  landing.answer({"B"}, page_of(R"({"id": "B", "value": 2})"));
  ASSERT_TRUE(transform.add_answers(stored(*landing.lookup), landing.context()).ok());
  ASSERT_TRUE(landing.store.remove(landing.lookup->files[0].path).ok());
  landing.answer({"D"}, page_of(R"({"id": "D", "value": 4})"));
  const auto staged = transform.add_answers(stored(*landing.lookup), landing.context());
  ASSERT_TRUE(staged.ok()) << staged.error().message();
  EXPECT_THAT(landing.rows(pipeline, "orders"), ElementsAre("A|1", "B|2", "C|3", "D|4"));
  EXPECT_THAT(landing.rows(pipeline, "orders", "asked_keys.parquet"), ElementsAre("B", "D"));
  EXPECT_EQ(staged.value().summary.tables[0].rows_in, 4);
  EXPECT_EQ(staged.value().manifest.parent->path, "runs/run-1/lookup.manifest.json");
  landing.lookup->files[0].sha256 = std::string(64, '0');
  const auto others = transform.add_answers(stored(*landing.lookup), landing.context());
  ASSERT_FALSE(others.ok());
  EXPECT_EQ(others.error().kind(), base::ErrorKind::kTransient);
}

TEST(TransformTest, AskedKeysHaveTheTypeOfTheKey) {
  const auto pipeline = asked_orders("int64");
  Landing landing({page_of(R"({"id": 1, "value": 1})")});
  landing.answer({"9007199254740993", "no number"}, page_of(""));
  ASSERT_TRUE(landing.run(pipeline).ok());
  EXPECT_THAT(landing.rows(pipeline, "orders", "asked_keys.parquet"),
              ElementsAre("9007199254740993"));
}

TEST(TransformTest, AnAnswerThatIsNotAsItWasLandedIsNamed) {
  Landing landing({page_of(R"({"id": "A", "value": 1})")});
  landing.answer({"B"}, page_of(""));
  landing.lookup->files[0].sha256 = std::string(64, '0');
  const auto staged = landing.run(asked_orders("string"));
  ASSERT_FALSE(staged.ok());
  EXPECT_THAT(staged.error().message(), HasSubstr("raw/shop/run-1/lookup-0001.json"));
}

}  // namespace
}  // namespace ashore::transform
