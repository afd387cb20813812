// Streams of pages: one per table and one of rejections, the same for any number of threads.
#include "embed/pages.h"

#include <arrow/api.h>
#include <arrow/io/memory.h>
#include <arrow/ipc/api.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>

#include "config/testing/pipeline_of.h"
#include "io/curl_transport.h"
#include "io/memory_store.h"
#include "io/system_clock.h"
#include "io/system_random.h"

namespace ashore::embed {
namespace {

using testing::HasSubstr;

constexpr const char* kShop = R"yaml(
version: 1
name: shop
source: {name: shop, url: "http://127.0.0.1:1"}
extract:
  request: {method: GET, path: /orders}
  pages: {by: none}
  items: {at: /orders, id: /id}
tables:
  orders:
    from: items
    key: [id]
    columns:
      id: {path: /id, type: int64, required: true}
      sum: {path: /sum, type: "decimal(9,2)"}
  lines:
    from: orders
    each: /lines
    key: [id, sku]
    columns:
      id: {parent: id}
      sku: {path: /sku, type: string}
destinations: [{duckdb: warehouse.duckdb}]
)yaml";

config::Pipeline shop() { return config::pipeline_of(kShop); }

base::Result<std::string> transformed(const config::Pipeline& pipeline,
                                      const std::vector<std::string_view>& pages, int threads = 1) {
  io::CurlTransport http{io::CurlOptions{}};
  io::MemoryStore store;
  io::SystemClock clock;
  io::SystemRandom random;
  io::Env env{http, store, clock, random};
  base::NullEventSink events;
  std::string bytes;
  const auto status = write_transformed(
      pipeline, pages, {.env = env, .events = events, .stop = {}, .threads = threads},
      [&](std::string_view some) -> base::Status {
        bytes += some;
        return {};
      });
  EXPECT_TRUE(store.list("").value().empty());
  if (!status.ok()) return status.error();
  return bytes;
}

std::map<std::string, std::string> tables_in(const std::string& bytes) {
  std::map<std::string, std::string> tables;
  auto source = std::make_shared<arrow::io::BufferReader>(arrow::Buffer::FromString(bytes));
  while (source->Tell().ValueOrDie() < static_cast<std::int64_t>(bytes.size())) {
    auto reader = arrow::ipc::RecordBatchStreamReader::Open(source).ValueOrDie();
    auto table = reader->ToTable().ValueOrDie();
    const auto name = table->schema()->metadata()->Get("ashore.table").ValueOrDie();
    std::string text;
    for (std::int64_t row = 0; row < table->num_rows(); ++row) {
      for (int column = 0; column < table->num_columns(); ++column) {
        const auto scalar = table->column(column)->GetScalar(row).ValueOrDie();
        text += (column == 0 ? "" : ",") + (scalar->is_valid ? scalar->ToString() : "-");
      }
      text += "\n";
    }
    tables[name] = text;
  }
  return tables;
}

TEST(PagesTest, GiveOneStreamPerTableAndOneOfRejections) {
  const auto pages = std::vector<std::string_view>{
      R"({"orders": [{"id": 2, "sum": 1.5, "lines": [{"sku": "b"}, {"sku": "a"}]}]})",
      R"({"orders": [{"id": 1, "sum": 0.125}, {"id": 2, "sum": 3, "lines": [{"sku": "c"}]}]})"};
  auto pipeline = shop();
  const auto bytes = transformed(pipeline, pages).value();
  const auto tables = tables_in(bytes);
  ASSERT_EQ(tables.size(), 3U);
  EXPECT_EQ(tables.at("orders"), "2,3.00\n");  // the last of a key
  EXPECT_EQ(tables.at("lines"), "2,c\n");
  EXPECT_EQ(tables.at("rejected"),
            "page-00002.json,0,orders,sum,inexact,0.125,{\"id\": 1, \"sum\": 0.125}\n");
  EXPECT_EQ(transformed(pipeline, pages, 4).value(), bytes);
}

TEST(PagesTest, NoPagesGiveTablesWithoutRows) {
  const auto tables = tables_in(transformed(shop(), {}).value());
  EXPECT_THAT(tables,
              testing::UnorderedElementsAre(testing::Pair("orders", ""), testing::Pair("lines", ""),
                                            testing::Pair("rejected", "")));
}

TEST(PagesTest, APageThatIsNotJsonIsNamed) {
  const auto failed = transformed(shop(), {R"({"orders": []})", "<html>"});
  ASSERT_FALSE(failed.ok());
  EXPECT_EQ(failed.error().kind(), base::ErrorKind::kPermanent);
  EXPECT_THAT(failed.error().message(), HasSubstr("page-00002.json"));
}

TEST(PagesTest, ATableMayNotBeCalledAsTheRejectionsAre) {
  auto pipeline = shop();
  pipeline.tables.back().name = "rejected";
  const auto failed = transformed(pipeline, {});
  ASSERT_FALSE(failed.ok());
  EXPECT_THAT(failed.error().message(), HasSubstr("rejected"));
}

}  // namespace
}  // namespace ashore::embed
