// Schemas come back from Spark's struct JSON, and foreign types are refused by name.
#include "delta/schema_string.h"

#include <gtest/gtest.h>

namespace ashore::delta {
namespace {

using base::TypeKind;

TEST(SchemaStringTest, IsSparksStructJson) {
  const base::Schema schema{
      {{.name = "order_id", .type = {}, .is_nullable = false},
       {.name = "amount", .type = {.kind = TypeKind::kDecimal, .precision = 10, .scale = 2}},
       {.name = "lines", .type = {.kind = TypeKind::kJson}}}};
  EXPECT_EQ(
      schema_string(schema),
      R"({"type":"struct","fields":[)"
      R"({"name":"order_id","type":"string","nullable":false,"metadata":{}},)"
      R"x({"name":"amount","type":"decimal(10,2)","nullable":true,"metadata":{}},)x"
      R"({"name":"lines","type":"string","nullable":true,"metadata":{"ashore.type":"json"}}]})");
}

TEST(SchemaStringTest, EveryTypeComesBack) {
  base::Schema schema;
  for (const auto kind :
       {TypeKind::kString, TypeKind::kBoolean, TypeKind::kInt32, TypeKind::kInt64,
        TypeKind::kFloat64, TypeKind::kDate, TypeKind::kTimestamp, TypeKind::kJson}) {
    schema.fields.push_back({.name = "c\"" + std::to_string(schema.fields.size()),
                             .type = {.kind = kind},
                             .is_nullable = schema.fields.size() % 2 == 0});
  }
  schema.fields.push_back(
      {.name = "d", .type = {.kind = TypeKind::kDecimal, .precision = 38, .scale = 0}});
  const auto again = parse_schema_string(schema_string(schema));
  ASSERT_TRUE(again.ok()) << again.error().message();
  EXPECT_EQ(again.value(), schema);
}

TEST(SchemaStringTest, WhatAshoreLacksIsRefusedByName) {
  const auto message = [](const std::string& type, const std::string& metadata) {
    const auto result =
        parse_schema_string(R"({"type":"struct","fields":[{"name":"x","type":)" + type +
                            R"(,"nullable":true,"metadata":)" + metadata + "}]}");
    return result.ok() ? std::string() : result.error().message();
  };
  EXPECT_EQ(message("\"string\"", "{\"comment\":\"any\"}"), "");
  EXPECT_NE(message("\"timestamp_ntz\"", "{}").find("column 'x'"), std::string::npos);
  EXPECT_NE(message("\"timestamp_ntz\"", "{}").find("'timestamp_ntz'"), std::string::npos);
  EXPECT_NE(message(R"({"type":"array"})", "{}").find("nested"), std::string::npos);
  EXPECT_NE(message("\"long\"", R"({"delta.invariants":"x > 3"})").find("invariant"),
            std::string::npos);
  EXPECT_FALSE(parse_schema_string("{").ok());
  EXPECT_FALSE(parse_schema_string("{}").ok());
}

}  // namespace
}  // namespace ashore::delta
