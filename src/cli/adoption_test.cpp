// What is shown before tables are taken over.
#include "cli/adoption.h"

#include <gtest/gtest.h>

namespace ashore::cli {
namespace {

load::Adoption orders() {
  load::AdoptedTable table;
  table.table = "orders";
  table.why = "it has rows that ashore did not load";
  table.inserted = 1;
  table.inserted_keys = {"A-1"};
  table.deleted = 7;
  table.deleted_keys = {"A-2", "A\x1b-3"};
  table.statements = {"ALTER TABLE orders ADD PRIMARY KEY (order_id)"};
  load::AdoptedTable equal;
  equal.table = "lines";
  equal.why = "it was loaded from another published table";
  return {"duckdb:shop.duckdb", {table, equal}};
}

TEST(AdoptionTest, RowsAreCountedAndAFewKeysShown) {
  EXPECT_EQ(adoption_text(orders()),
            "taking over tables of duckdb:shop.duckdb\n"
            "  orders: it has rows that ashore did not load\n"
            "    ALTER TABLE orders ADD PRIMARY KEY (order_id)\n"
            "    inserts  1: A-1\n"
            "    deletes  7: A-2; A\\x1b-3; ...\n"
            "  lines: it was loaded from another published table\n"
            "    every row is equal\n");
}

TEST(AdoptionTest, TheJsonIsOneLine) {
  const auto text = adoption_json(orders());
  EXPECT_EQ(text.find('\n'), text.size() - 1);
  EXPECT_NE(text.find(R"({"adoption":{"destination":"duckdb:shop.duckdb","tables":{"orders":{)"),
            std::string::npos);
}

TEST(AdoptionTest, NothingIsAskedWhereAdoptWasNotSaid) {
  EXPECT_FALSE(adoption_question(Arguments{}));
}

TEST(AdoptionTest, ADryRunSaysNoAndYesSaysYes) {
  Arguments arguments;
  arguments.load.adopt = true;
  arguments.load.dry_run = true;
  testing::internal::CaptureStdout();
  EXPECT_FALSE(adoption_question(arguments)(orders()));
  EXPECT_NE(testing::internal::GetCapturedStdout().find("nothing was changed"), std::string::npos);
  arguments.load.dry_run = false;
  arguments.load.yes = true;
  testing::internal::CaptureStdout();
  EXPECT_TRUE(adoption_question(arguments)(orders()));
  EXPECT_EQ(testing::internal::GetCapturedStdout(), adoption_text(orders()));
}

}  // namespace
}  // namespace ashore::cli
