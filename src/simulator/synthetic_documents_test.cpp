// Made-up launches are the same each time, valid, ordered, and about as large as real ones.
#include "simulator/synthetic_documents.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <set>

#include "simulator/collection.h"

namespace ashore::simulator {
namespace {

std::string text_of(const SyntheticDocuments& documents, std::int64_t index) {
  std::string text;
  documents.append(index, text);
  return text;
}

TEST(SyntheticDocumentsTest, ADocumentDependsOnSeedAndNumberOnly) {
  const SyntheticDocuments few(10, 7, 3);
  const SyntheticDocuments many(1'000'000, 7, 3);
  const SyntheticDocuments others(10, 8, 3);
  EXPECT_EQ(text_of(few, 9), text_of(many, 9));
  EXPECT_NE(text_of(few, 9), text_of(others, 9));
}

TEST(SyntheticDocumentsTest, DocumentsAreValidWithAllKeysAndAscend) {
  const SyntheticDocuments documents(20'000, 1, 3);
  std::set<std::string> days;
  std::string last_date;
  std::int64_t bytes = 0;
  for (std::int64_t index = 0; index < documents.count(); ++index) {
    const std::string text = text_of(documents, index);
    const auto json = nlohmann::json::parse(text, nullptr, false);
    ASSERT_FALSE(json.is_discarded()) << text;
    ASSERT_EQ(json.size(), 27U);
    const auto date = json["date_utc"].get<std::string>();
    ASSERT_LE(last_date, date);
    last_date = date;
    days.insert(date.substr(0, 10));
    bytes += std::ssize(text);
    ASSERT_EQ(documents.find(json["id"].get<std::string>()), index);
  }
  EXPECT_EQ(days.size(), 6'667U);
  EXPECT_NEAR(static_cast<double>(bytes) / 20'000, 1'600, 60);
}

TEST(SyntheticDocumentsTest, OddShapesComeAboutAsOftenAsInTheRealOnes) {
  const SyntheticDocuments documents(5'000, 1, 3);
  int null_cores = 0;
  int triples = 0;
  int placeholders = 0;
  for (std::int64_t index = 0; index < documents.count(); ++index) {
    const auto json = nlohmann::json::parse(text_of(documents, index));
    null_cores += json["cores"][0]["core"].is_null() ? 1 : 0;
    triples += json["cores"].size() == 3 ? 1 : 0;
    placeholders += json["date_precision"] != "hour" ? 1 : 0;
  }
  EXPECT_NEAR(null_cores, 400, 150);
  EXPECT_NEAR(triples, 122, 40);
  EXPECT_NEAR(placeholders, 312, 100);
}

TEST(SyntheticDocumentsTest, WindowsFoundByArithmeticEqualThoseFoundByReading) {
  Collection collection(std::make_unique<SyntheticDocuments>(3'000, 1, 3));
  const std::string window =
      R"("date_utc":{"$gte":"1970-02-01T00:00:00.000Z","$lt":"1970-03-01T00:00:00.000Z"})";
  const auto fast = read_query_request(R"({"query":{)" + window + "}}").value();
  const auto slow =
      read_query_request(R"({"query":{"$or":[{)" + window + R"(}]},"options":{"sort":"name"}})")
          .value();
  EXPECT_EQ(collection.find(fast)->size(), 28U * 3U);
  EXPECT_EQ(collection.find(slow)->size(), 28U * 3U);
}

TEST(SyntheticDocumentsTest, UnknownIdsAreNotFound) {
  const SyntheticDocuments documents(10, 1, 3);
  EXPECT_FALSE(documents.find("5eb87cd9ffd86e000604b32a"));
  EXPECT_FALSE(documents.find(SyntheticDocuments(11, 1, 3).id(10)));
}

}  // namespace
}  // namespace ashore::simulator
