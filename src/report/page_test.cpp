// report.html shows what a run left, and no text of the data becomes markup.
#include "report/page.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "io/memory_store.h"
#include "report/run_report.h"

namespace ashore::report {
namespace {

using Json = nlohmann::json;

constexpr auto kHostile = "</script><script>alert(1)</script><!--<script>{{script}}";

RunReport hostile_report() {
  RunReport report;
  report.run_id = "one";
  report.pipeline = "orders";
  report.status = "failed";
  report.error = kHostile;
  report.warnings = {kHostile};
  state::TableCounts orders;
  orders.table = "orders";
  orders.rejected = 1;
  report.tables = {orders};
  return report;
}

// The text of the data element, as a browser would find its end.
std::string data_text(const std::string& page) {
  const std::string opening = "<script type=\"application/json\" id=\"data\">";
  const auto begin = page.find(opening) + opening.size();
  return page.substr(begin, page.find("</script", begin) - begin);
}

std::size_t count_of(const std::string& text, const std::string& what) {
  std::size_t count = 0;
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + 1)) ++count;
  return count;
}

TEST(PageTest, NoTextOfTheDataEndsOrBeginsAnElement) {
  const auto empty = page_html("", "{}");
  const auto page = page_html(kHostile, Json({{"name", kHostile}}).dump());
  EXPECT_EQ(count_of(page, "</script"), count_of(empty, "</script"));
  EXPECT_EQ(count_of(page, "<script"), count_of(empty, "<script"));
  EXPECT_EQ(count_of(page, "<!--"), count_of(empty, "<!--"));
  EXPECT_EQ(Json::parse(data_text(page))["name"], kHostile);
}

TEST(PageTest, NeedsNoNetwork) {
  const auto page = page_html("", "{}");
  EXPECT_EQ(page.find("src=\"http"), std::string::npos);
  EXPECT_EQ(page.find("@import"), std::string::npos);
  EXPECT_NE(page.find("default-src 'none'"), std::string::npos);
  EXPECT_EQ(count_of(page, "</script>"), 3U);
}

TEST(PageTest, HoldsTheReportItsRejectedRowsAndTheHistory) {
  io::MemoryStore store;
  auto report = hostile_report();
  ASSERT_TRUE(write_report(store, &report).ok());
  const Json line = {{"rule", "required"}, {"item", kHostile}, {"value", nullptr}};
  ASSERT_TRUE(store.write("quarantine/one/orders.jsonl", line.dump() + "\n").ok());
  const Json answers = {{{"name", "most"}, {"heading", "h"}, {"columns", {"n"}}, {"rows", {{1}}}}};
  ASSERT_TRUE(write_page(store, {.run_id = "one", .answers_json = answers.dump()}).ok());
  const auto data = Json::parse(data_text(store.read("runs/one/report.html").value()));
  EXPECT_EQ(data["report"]["error"], kHostile);
  EXPECT_EQ(data["quarantine"][0]["rows"][0]["item"], kHostile);
  EXPECT_EQ(data["history"][0]["folder"], "one");
  EXPECT_EQ(data["answers"], answers);
  EXPECT_EQ(data["files"][0]["path"], "runs/one/report.json");
}

TEST(PageTest, ShowsTheFirstRejectedRowsAndSaysThatThereAreMore) {
  io::MemoryStore store;
  auto report = hostile_report();
  ASSERT_TRUE(write_report(store, &report).ok());
  std::string lines;
  for (std::size_t row = 0; row <= kRejectedRowsMax; ++row) lines += "{\"item\":\"{}\"}\n";
  ASSERT_TRUE(store.write("quarantine/one/orders.jsonl", lines).ok());
  ASSERT_TRUE(write_page(store, {.run_id = "one"}).ok());
  const auto data = Json::parse(data_text(store.read("runs/one/report.html").value()));
  EXPECT_EQ(data["quarantine"][0]["rows"].size(), kRejectedRowsMax);
  EXPECT_TRUE(data["quarantine"][0]["is_cut"]);
}

TEST(PageTest, ARunWithoutAReportHasNoPage) {
  io::MemoryStore store;
  const auto written = write_page(store, {.run_id = "none"});
  ASSERT_FALSE(written.ok());
  EXPECT_EQ(written.error().kind(), base::ErrorKind::kNotFound);
}

}  // namespace
}  // namespace ashore::report
