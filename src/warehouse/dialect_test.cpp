// Names and texts are quoted so that nothing in them is read as SQL.
#include <gtest/gtest.h>

#include "warehouse/connection.h"

namespace ashore::warehouse {
namespace {

TEST(DialectTest, DoublesTheQuotesInsideNamesAndTexts) {
  EXPECT_EQ(quote_identifier("order\"s"), "\"order\"\"s\"");
  EXPECT_EQ(quote_literal("it's"), "'it''s'");
  EXPECT_EQ(quote_literal(""), "''");
}

TEST(DialectTest, NamesTypesAsTheContractDoes) {
  const base::ColumnType decimal{base::TypeKind::kDecimal, 10, 2};
  EXPECT_EQ(sql_type(decimal, Dialect::kDuckDb), "DECIMAL(10,2)");
  EXPECT_EQ(sql_type(decimal, Dialect::kPostgreSql), "numeric(10,2)");
  EXPECT_EQ(sql_type({base::TypeKind::kJson}, Dialect::kPostgreSql), "json");
  EXPECT_EQ(sql_type({base::TypeKind::kTimestamp}, Dialect::kPostgreSql),
            "timestamp with time zone");
}

}  // namespace
}  // namespace ashore::warehouse
