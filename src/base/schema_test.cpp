// Type names read back as the types they name, and wrong ones are refused.
#include "base/schema.h"

#include <gtest/gtest.h>

namespace ashore::base {
namespace {

TEST(SchemaTest, EveryTypeNameReadsBackAsItsType) {
  for (const auto* name : {"string", "boolean", "int32", "int64", "float64", "date", "timestamp",
                           "json", "decimal(1,0)", "decimal(38,38)"}) {
    const auto type = parse_type(name);
    ASSERT_TRUE(type.ok()) << name;
    EXPECT_EQ(type_name(type.value()), name);
  }
}

TEST(SchemaTest, SpacesInsideDecimalAreAllowed) {
  const auto type = parse_type("decimal( 10 , 2 )");
  ASSERT_TRUE(type.ok());
  EXPECT_EQ(type.value(), (ColumnType{TypeKind::kDecimal, 10, 2}));
}

TEST(SchemaTest, ADecimalWithoutScaleHasScaleZero) {
  const auto type = parse_type("decimal(9)");
  ASSERT_TRUE(type.ok());
  EXPECT_EQ(type_name(type.value()), "decimal(9,0)");
}

TEST(SchemaTest, WrongTypeNamesAreRefused) {
  for (const auto* name :
       {"", "int", "INT32", "decimal", "decimal()", "decimal(0,0)", "decimal(39,1)", "decimal(5,6)",
        "decimal(5,-1)", "decimal(5,1,2)", "decimal(99999999999,1)", "string "}) {
    const auto type = parse_type(name);
    ASSERT_FALSE(type.ok()) << name;
    EXPECT_EQ(type.error().kind(), ErrorKind::kPermanent);
  }
}

TEST(SchemaTest, AFieldIsFoundByItsExactName) {
  const Schema schema{{{"order_id", {}, false}, {"amount", {}, true}}};
  EXPECT_EQ(schema.index_of("amount"), 1U);
  EXPECT_EQ(schema.index_of("Amount"), std::nullopt);
}

}  // namespace
}  // namespace ashore::base
