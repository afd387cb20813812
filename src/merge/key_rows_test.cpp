// The table of rows finds what a map would find, in rows of one chunk or several.
#include "merge/key_rows.h"

#include <arrow/api.h>
#include <gtest/gtest.h>

#include <map>
#include <random>

namespace ashore::merge {
namespace {

// Keys of a text and a number, each once.
std::map<std::pair<std::string, std::int64_t>, std::int64_t> draw(std::uint64_t seed) {
  std::mt19937_64 engine(seed);
  std::map<std::pair<std::string, std::int64_t>, std::int64_t> keys;
  const auto rows = seed % 7 == 0 ? seed % 3 : engine() % 3'000;
  while (keys.size() < rows) keys[{std::to_string(engine() % 1'000), engine() % 50}] = 0;
  std::int64_t row = 0;
  for (auto& [key, number] : keys) number = row++;
  return keys;
}

std::shared_ptr<arrow::Table> table_of(
    const std::map<std::pair<std::string, std::int64_t>, std::int64_t>& keys) {
  arrow::StringBuilder texts;
  arrow::Int64Builder numbers;
  for (const auto& [key, row] : keys) {
    EXPECT_TRUE(texts.Append(key.first).ok() && numbers.Append(key.second).ok());
  }
  return arrow::Table::Make(
      arrow::schema({arrow::field("t", arrow::utf8()), arrow::field("n", arrow::int64())}),
      {texts.Finish().ValueOrDie(), numbers.Finish().ValueOrDie()});
}

TEST(KeyRowsTest, FindsEachRowAndNoOther) {
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    const auto keys = draw(seed);
    auto rows = table_of(keys);
    if (rows->num_rows() > 3) {
      const auto third = rows->num_rows() / 3;
      rows = arrow::ConcatenateTables({rows->Slice(0, third), rows->Slice(third)}).ValueOrDie();
    }
    const KeyRows found(*rows, {"t", "n"});
    for (std::int64_t text = 0; text < 1'000; ++text) {
      const auto all =
          table_of({{{std::to_string(text), static_cast<std::int64_t>(seed) % 50}, 0}});
      const auto key = columnar::KeyColumn::encode(*all, {"t", "n"});
      const auto expected = keys.find({std::to_string(text), static_cast<std::int64_t>(seed) % 50});
      ASSERT_EQ(found.find(key.at(0)), expected == keys.end() ? -1 : expected->second);
    }
    for (const auto& [key, row] : keys) {
      const auto one = columnar::KeyColumn::encode(*rows->Slice(row, 1), {"t", "n"});
      ASSERT_EQ(found.find(one.at(0)), row);
    }
  }
}

}  // namespace
}  // namespace ashore::merge
