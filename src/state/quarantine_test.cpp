// Rejected rows are found, counted and refused where it cannot be read.
#include "state/quarantine.h"

#include <gtest/gtest.h>

#include "io/memory_store.h"

namespace ashore::state {
namespace {

std::string line(const std::string& run, const std::string& table, const std::string& rule) {
  return R"({"run_id":")" + run + R"(","source_page":"page-00001.json","item_index":3,"table":")" +
         table + R"(","column":null,"rule":")" + rule + R"(","value":"1.5","item":"{\"id\": 1}"})" +
         "\n";
}

class QuarantineTest : public testing::Test {
 protected:
  void put(const std::string& path, const std::string& text) {
    ASSERT_TRUE(store_.write(path, text).ok());
  }
  io::MemoryStore store_;
};

TEST_F(QuarantineTest, AnEmptyOneHasNoCounts) {
  const auto counts = count_quarantine(store_, {});
  ASSERT_TRUE(counts.ok());
  EXPECT_TRUE(counts.value().empty());
}

TEST_F(QuarantineTest, RowsAreCountedByRunTableAndRule) {
  put("quarantine/a/orders.jsonl", line("a", "orders", "inexact") + line("a", "orders", "inexact") +
                                       line("a", "orders", "required"));
  put("quarantine/b/lines.jsonl", line("b", "lines", "inexact"));
  const auto counts = count_quarantine(store_, {});
  ASSERT_TRUE(counts.ok());
  ASSERT_EQ(counts.value().size(), 3U);
  EXPECT_EQ(counts.value()[0].rows, 2);
  const auto of_run = count_quarantine(store_, {.run_id = "b", .table = ""});
  ASSERT_TRUE(of_run.ok());
  ASSERT_EQ(of_run.value().size(), 1U);
  EXPECT_EQ(of_run.value()[0].table, "lines");
}

TEST_F(QuarantineTest, ARowKeepsItsPlaceValueAndItem) {
  put("quarantine/a/orders.jsonl", line("a", "orders", "inexact"));
  std::vector<Rejection> rows;
  const auto take = [&](const Rejection& rejection) { rows.push_back(rejection); };
  ASSERT_TRUE(read_quarantine(store_, {.run_id = "a", .table = "orders"}, take).ok());
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows[0].source_page, "page-00001.json");
  EXPECT_EQ(rows[0].item_index, 3);
  EXPECT_FALSE(rows[0].column);
  EXPECT_EQ(rows[0].value, "1.5");
  EXPECT_EQ(rows[0].item, R"({"id": 1})");
}

TEST_F(QuarantineTest, ANamedRunWithoutRowsIsAMistake) {
  const auto counts = count_quarantine(store_, {.run_id = "nobody", .table = ""});
  ASSERT_FALSE(counts.ok());
  EXPECT_EQ(counts.error().kind(), base::ErrorKind::kPermanent);
}

TEST_F(QuarantineTest, ANameThatNoRunCanHaveIsRefusedBeforeItIsAFolder) {
  for (const auto* run : {"..", ".", "../..", "a/b", ".lock"}) {
    const auto counts = count_quarantine(store_, {.run_id = run, .table = ""});
    ASSERT_FALSE(counts.ok()) << run;
    EXPECT_EQ(counts.error().kind(), base::ErrorKind::kPermanent);
    EXPECT_NE(counts.error().message().find("run id is not allowed"), std::string::npos) << run;
  }
}

TEST_F(QuarantineTest, ALineThatIsNoRowIsNamed) {
  put("quarantine/a/orders.jsonl", line("a", "orders", "inexact") + "{}\n");
  const auto counts = count_quarantine(store_, {});
  ASSERT_FALSE(counts.ok());
  EXPECT_NE(counts.error().message().find("orders.jsonl, line 2"), std::string::npos);
}

}  // namespace
}  // namespace ashore::state
