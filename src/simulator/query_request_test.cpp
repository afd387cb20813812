// Requests are read as the API reads them, and refused with a reason.
#include "simulator/query_request.h"

#include <gtest/gtest.h>

namespace ashore::simulator {
namespace {

std::string refusal_of(std::string_view body) {
  const auto read = read_query_request(body);
  return read.ok() ? "accepted" : read.error().what();
}

Paging paging_of(std::string_view options) {
  const auto read = read_query_request("{\"options\":" + std::string(options) + "}");
  return read.ok() ? read.value().paging : Paging{.limit = -1, .page = {}, .offset = {}};
}

TEST(QueryRequestTest, AnEmptyBodyAsksForTheFirstTen) {
  const auto read = read_query_request(" \n");
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(read.value().paging.limit, 10);
  EXPECT_TRUE(read.value().paging.paginate);
}

TEST(QueryRequestTest, WhatIsNotAnObjectOfKnownOperatorsIsRefused) {
  EXPECT_NE(refusal_of("{"), "accepted");
  EXPECT_NE(refusal_of("[]"), "accepted");
  EXPECT_NE(refusal_of(R"({"query":[]})"), "accepted");
  EXPECT_NE(refusal_of(R"({"options":7})"), "accepted");
  EXPECT_EQ(refusal_of(R"({"query":{"name":{"$near":1}}})"), "unknown operator: $near");
  EXPECT_EQ(refusal_of(R"({"query":{"$nor":[]}})"), "unknown operator: $nor");
  EXPECT_NE(refusal_of(R"({"query":{"$or":[]}})"), "accepted");
  EXPECT_NE(refusal_of(R"({"query":{"name":{"$in":"a"}}})"), "accepted");
  EXPECT_NE(refusal_of(R"({"options":{"sort":{"name":"up"}}})"), "accepted");
}

TEST(QueryRequestTest, IdsAreTwentyFourHexDigits) {
  EXPECT_NE(refusal_of(R"({"query":{"_id":"5eb87cd9ffd86e000604b32"}})"), "accepted");
  EXPECT_NE(refusal_of(R"({"query":{"_id":{"$in":["5eb87cd9ffd86e000604b32g"]}}})"), "accepted");
  EXPECT_NE(refusal_of(R"({"query":{"_id":{"$in":[7]}}})"), "accepted");
  EXPECT_EQ(refusal_of(R"({"query":{"_id":{"$in":["5EB87CD9FFD86E000604B32A"]}}})"), "accepted");
}

TEST(QueryRequestTest, DeepNestingIsRefused) {
  std::string query;
  for (int depth = 0; depth < 100'000; ++depth) query += R"({"$or":[)";
  EXPECT_EQ(refusal_of(R"({"query":)" + query), "the body is nested too deeply");
  EXPECT_EQ(refusal_of(R"({"query":{"name":"[[[[\"[[["}})"), "accepted");
}

TEST(QueryRequestTest, PagesBelowOneAreTheFirstAndTextCountsAsNumber) {
  EXPECT_EQ(paging_of(R"({"page":0})").page, 1);
  EXPECT_EQ(paging_of(R"({"page":-1})").page, 1);
  EXPECT_EQ(paging_of(R"({"page":"3"})").page, 3);
  EXPECT_EQ(paging_of(R"({"limit":-5})").limit, 0);
  EXPECT_EQ(paging_of(R"({"limit":1e99})").limit, 2'000'000'000);
  EXPECT_FALSE(paging_of(R"({"pagination":false})").paginate);
  EXPECT_NE(refusal_of(R"({"options":{"page":"x"}})"), "accepted");
  EXPECT_NE(refusal_of(R"({"options":{"offset":-1}})"), "accepted");
}

TEST(QueryRequestTest, SortIsAnObjectInOrderOrAString) {
  const auto object =
      read_query_request(R"({"options":{"sort":{"b":"desc","a":1,"c":"ascending"}}})");
  ASSERT_TRUE(object.ok());
  ASSERT_EQ(object.value().sort.size(), 3U);
  EXPECT_EQ(object.value().sort[0].field, "b");
  EXPECT_TRUE(object.value().sort[0].descending);
  EXPECT_FALSE(object.value().sort[2].descending);
  const auto text = read_query_request(R"({"options":{"sort":"-a  b"}})");
  ASSERT_TRUE(text.ok());
  ASSERT_EQ(text.value().sort.size(), 2U);
  EXPECT_TRUE(text.value().sort[0].descending);
  EXPECT_EQ(text.value().sort[1].field, "b");
}

TEST(QueryRequestTest, SelectKeepsOrLeavesOutButNotBoth) {
  EXPECT_EQ(refusal_of(R"({"options":{"select":{"a":1,"b":1,"_id":0}}})"), "accepted");
  EXPECT_EQ(refusal_of(R"({"options":{"select":"-a -b"}})"), "accepted");
  EXPECT_NE(refusal_of(R"({"options":{"select":{"a":1,"b":0}}})"), "accepted");
}

}  // namespace
}  // namespace ashore::simulator
