// What reconcile found, as people read it.
#include "cli/reconcile_text.h"

#include <gtest/gtest.h>

namespace ashore::cli {
namespace {

reconcile::Reconciled compared() {
  reconcile::Reconciled result;
  columnar::RowSum sum;
  sum.add(columnar::RowHash{1, 0});
  result.tables.push_back({"orders", 3, sum, {{"day=2022-11-01", sum}}});
  result.comparisons.push_back({"published", "orders", sum, {}});
  result.raw = {1, 2, 30};
  return result;
}

TEST(ReconcileTextTest, WhatIsEqualIsSaidWithItsSums) {
  EXPECT_EQ(reconcile_text(compared()),
            "equal\n"
            "  place     table  rows sum                              partitions that differ\n"
            "  --------- ------ ---- -------------------------------- ----------------------\n"
            "  published orders    1 00000000000000000000000000000001                 0 of 1\n"
            "raw: 1 landing, 2 pages, 30 bytes\n");
}

TEST(ReconcileTextTest, EachFindingIsALineAndEachRemedyIsSaidOnce) {
  auto result = compared();
  const std::string destination = "duckdb:shop.duckdb";
  result.findings = {
      {destination, "orders", "day=2022-11-01", "", "A-1", "changed"},
      {destination, "orders", "day=2022-11-01", "", "A\n2", "added"},
      {"published", "orders", "day=2022-11-01", "day=2022-11-01/part.parquet", "", "gone"},
      {"raw", "", "", "raw/shop/first/page-00001.json", "", "gone"}};
  const auto text = reconcile_text(result);
  EXPECT_EQ(text.rfind("different: 4 findings\n", 0), 0U);
  EXPECT_EQ(text.substr(text.find("not as published")),
            "not as published:\n"
            "  duckdb:shop.duckdb: orders/day=2022-11-01: A-1: changed\n"
            "  duckdb:shop.duckdb: orders/day=2022-11-01: A\\n2: added\n"
            "  published: orders/day=2022-11-01/part.parquet: gone\n"
            "  raw: raw/shop/first/page-00001.json: gone\n"
            "'ashore reconcile --repair' makes destinations equal to the published tables.\n"
            "'ashore replay --rebuild' publishes what the landings make and puts files back.\n"
            "Bring pages and manifests back from a backup, or land the window again.\n");
}

TEST(ReconcileTextTest, WhatCouldNotBeComparedIsNotEqual) {
  auto result = compared();
  result.not_compared.push_back({"source", "no route", base::ErrorKind::kTransient});
  const auto text = reconcile_text(result);
  EXPECT_EQ(text.rfind("equal as far as it could be compared\n", 0), 0U);
  EXPECT_NE(text.find("not compared: source: no route\n"), std::string::npos);
  EXPECT_NE(reconcile_json(result).find(R"("equal":false,"exit_code":1)"), std::string::npos);
}

TEST(ReconcileTextTest, TheJsonIsOneLine) {
  const auto text = reconcile_json(compared());
  EXPECT_EQ(text.find('\n'), text.size() - 1);
  EXPECT_NE(text.find(R"("partitions":{"day=2022-11-01":{"rows":1,"sum":"00)"), std::string::npos);
}

}  // namespace
}  // namespace ashore::cli
