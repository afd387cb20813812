// Finding, ordering, selecting and paging follow the API's rules on a handful of documents.
#include "simulator/collection.h"

#include <gtest/gtest.h>

#include "simulator/stored_documents.h"

namespace ashore::simulator {
namespace {

constexpr const char* kDocuments = R"([
  {"name":"b","n":2,"when":"2022-11-01T00:00:00.000Z","tags":["x","y"],"id":"000000000000000000000003"},
  {"name":"a","n":2,"when":null,"tags":[],"id":"000000000000000000000001"},
  {"name":"\u00e9 \"quoted\" }","n":10,"when":"2022-11-01T00:00:00.000Z","tags":["y"],"id":"000000000000000000000002"},
  {"name":"B","n":"2","when":"2022-12-01T00:00:00.000Z","tags":null,"id":"00000000000000000000000a"}
])";

class CollectionTest : public testing::Test {
 protected:
  // The last digits of the ids of the answer, in order.
  std::string ids(const std::string& query, const std::string& options = "{}") {
    const auto read = read_query_request("{\"query\":" + query + ",\"options\":" + options + "}");
    if (!read.ok()) return read.error().what();
    std::string digits;
    for (const std::int64_t index : *collection_.find(read.value())) {
      digits += collection_.source().id(index).back();
    }
    return digits;
  }

  std::string body(const std::string& options) {
    const auto read = read_query_request("{\"options\":" + options + "}");
    if (!read.ok()) return read.error().what();
    const Indexes found = collection_.find(read.value());
    const Answer answer = cut_page(found, read.value(), std::ssize(*found));
    std::string text = "{\"docs\":[";
    collection_.append_all(answer, answer.begin, answer.end, text);
    return text + answer.tail;
  }

  Collection collection_{StoredDocuments::make(kDocuments).value()};
};

TEST_F(CollectionTest, WithoutAnOrderDocumentsStandById) { EXPECT_EQ(ids("{}"), "123a"); }

TEST_F(CollectionTest, TextComparesAsTextBytewise) {
  EXPECT_EQ(ids(R"({"name":{"$gte":"a"}})"), "123");
  EXPECT_EQ(ids(R"({"name":{"$gt":"a","$lt":"c"}})"), "3");
  EXPECT_EQ(ids(R"({"name":"é \"quoted\" }"})"), "2");
  EXPECT_EQ(ids(R"({"when":{"$gte":"2022-11-01T00:00:00Z"}})"), "a");
  EXPECT_EQ(ids(R"({"when":{"$gte":"2022-11-01T00:00:00.000Z","$lt":"2022-12-01T00:00:00.000Z"}})"),
            "23");
}

TEST_F(CollectionTest, DifferentTypesDoNotMatch) {
  EXPECT_EQ(ids(R"({"n":2})"), "13");
  EXPECT_EQ(ids(R"({"n":{"$gte":2}})"), "123");
  EXPECT_EQ(ids(R"({"n":"2"})"), "a");
  EXPECT_EQ(ids(R"({"when":null})"), "1");
  EXPECT_EQ(ids(R"({"when":{"$lte":5}})"), "");
}

TEST_F(CollectionTest, ListsAndAlternativesAndArrays) {
  EXPECT_EQ(ids(R"({"n":{"$in":[10,"2"]}})"), "2a");
  EXPECT_EQ(ids(R"({"_id":{"$in":["00000000000000000000000A","000000000000000000000001"]}})"),
            "1a");
  EXPECT_EQ(ids(R"({"_id":{"$gt":"000000000000000000000002"}})"), "3a");
  EXPECT_EQ(ids(R"({"$or":[{"name":"a"},{"n":10}]})"), "12");
  EXPECT_EQ(ids(R"({"$or":[{"name":"a"},{"n":10}],"when":null})"), "1");
  EXPECT_EQ(ids(R"({"tags":"y"})"), "23");
}

TEST_F(CollectionTest, UnknownFieldsAreIgnored) {
  EXPECT_EQ(ids(R"({"nothing":{"$gte":"a"}})"), "123a");
  EXPECT_EQ(ids(R"({"id":"000000000000000000000001"})"), "123a");
}

TEST_F(CollectionTest, OrderGoesByKeysThenById) {
  EXPECT_EQ(ids("{}", R"({"sort":{"when":"desc"}})"), "a231");
  EXPECT_EQ(ids("{}", R"({"sort":{"when":"asc","name":-1}})"), "123a");
  EXPECT_EQ(ids("{}", R"({"sort":"-_id"})"), "a321");
  EXPECT_EQ(ids("{}", R"({"sort":{"n":1}})"), "132a");
  EXPECT_EQ(ids("{}", R"({"sort":{"nothing":-1}})"), "123a");
}

TEST_F(CollectionTest, SelectKeepsStoredOrderAndAddsTheId) {
  EXPECT_EQ(
      body(R"({"select":{"when":1,"name":1},"limit":1,"page":1})"),
      R"({"docs":[{"name":"a","when":null,"id":"000000000000000000000001"}],"totalDocs":4,"limit":1,)"
      R"("totalPages":4,"page":1,"pagingCounter":1,"hasPrevPage":false,"hasNextPage":true,)"
      R"("prevPage":null,"nextPage":2})");
  EXPECT_NE(
      body(R"({"select":"-name -when -tags"})").find(R"({"n":2,"id":"000000000000000000000001"})"),
      std::string::npos);
  EXPECT_NE(body(R"({"select":"_id"})").find(R"([{"id":"000000000000000000000001"},)"),
            std::string::npos);
}

TEST_F(CollectionTest, WithoutAPageTheEnvelopeSaysTheOffset) {
  EXPECT_EQ(
      body(R"({"limit":3,"offset":3,"select":"id"})"),
      R"({"docs":[{"id":"00000000000000000000000a"}],"totalDocs":4,"offset":3,"limit":3,"totalPages":2,)"
      R"("page":2,"pagingCounter":4,"hasPrevPage":true,"hasNextPage":false,"prevPage":1,"nextPage":null})");
}

TEST_F(CollectionTest, WithoutPaginationAllDocumentsStandOnOnePage) {
  EXPECT_TRUE(
      body(R"({"pagination":false,"limit":2})")
          .ends_with(
              R"(],"totalDocs":4,"offset":0,"limit":4,"totalPages":1,"page":1,"pagingCounter":1,)"
              R"("hasPrevPage":false,"hasNextPage":false,"prevPage":null,"nextPage":null})"));
}

TEST_F(CollectionTest, APagePastTheEndIsEmpty) {
  EXPECT_EQ(body(R"({"page":9,"limit":2})"),
            R"({"docs":[],"totalDocs":4,"limit":2,"totalPages":2,"page":9,"pagingCounter":17,)"
            R"("hasPrevPage":true,"hasNextPage":false,"prevPage":8,"nextPage":null})");
  EXPECT_TRUE(body(R"({"page":2000000000,"limit":2000000000})").starts_with(R"({"docs":[],)"));
  EXPECT_TRUE(
      body(R"({"limit":0})").starts_with(R"({"docs":[],"totalDocs":4,"offset":0,"limit":0,)"));
}

TEST(StoredDocumentsTest, RefusesWhatIsNoCollection) {
  EXPECT_FALSE(StoredDocuments::make("{}").ok());
  EXPECT_FALSE(StoredDocuments::make("[1]").ok());
  EXPECT_FALSE(StoredDocuments::make("[{\"id\":\"x\"}]").ok());
  EXPECT_FALSE(StoredDocuments::make("[{").ok());
  EXPECT_TRUE(StoredDocuments::make("[]").ok());
}

}  // namespace
}  // namespace ashore::simulator
