// A merge opens only the files that its window can touch.
#include "merge/files_to_read.h"

#include <gtest/gtest.h>

#include "merge/testing/shop.h"

namespace ashore::merge {
namespace {

// An order a day, each in a region of its own, with a line.
Orders orders_of_days(std::int64_t days) {
  Orders orders;
  for (std::int64_t day = 0; day < days; ++day) {
    orders[day] = {
        .day = day, .region = "region-" + std::to_string(day), .note = "a", .lines = {{1, "pen"}}};
  }
  return orders;
}

base::Window days(std::int64_t first, std::int64_t end) {
  return {base::Timestamp(std::chrono::days(first)), base::Timestamp(std::chrono::days(end))};
}

// Every file but that of one region is gone: a merge that reads another fails.
void keep_only(Shop& shop, const std::string& region) {
  for (const auto* table : {"orders", "lines"}) {
    for (const auto& path : shop.files(table)) {
      if (path.starts_with("region=" + region + "/")) continue;
      ASSERT_TRUE(shop.store.remove(std::string("stage/") + table + "/" + path).ok());
    }
  }
}

// A window of one order, changed: it decides nothing and the index is asked for the rest.
TEST(FilesToReadTest, AChangedRowOpensItsPartitionAlone) {
  Shop shop;
  shop.files_read_outright = 0;
  shop.load({.orders = orders_of_days(9)});
  auto changed = orders_of_days(9);
  std::erase_if(changed, [](const auto& entry) { return entry.first != 4; });
  changed[4].note = "b";
  changed[4].lines = {{1, "ink"}, {2, "pen"}};
  ASSERT_TRUE(shop.merge({.orders = changed, .window = days(4, 5)}).ok());  // makes the index
  keep_only(shop, "region-4");
  const auto counts = shop.load({.orders = changed, .window = days(4, 5)});
  EXPECT_EQ(counts.at("orders").updated, 1);
  EXPECT_EQ(counts.at("lines").updated, 1);
  EXPECT_EQ(counts.at("lines").inserted, 1);
}

TEST(FilesToReadTest, TheSameRowsOpenNothing) {
  Shop shop;
  shop.load({.orders = orders_of_days(9)});
  keep_only(shop, "none");
  const auto counts = shop.load({.orders = orders_of_days(9)});
  EXPECT_EQ(counts.at("orders").unchanged, 9);
  EXPECT_EQ(counts.at("lines").unchanged, 9);
}

// Its old partition is found by the index, though the window says nothing of it.
TEST(FilesToReadTest, AMovedRowOpensBothPartitions) {
  Shop shop;
  shop.files_read_outright = 0;
  shop.load({.orders = orders_of_days(9)});
  Orders moved = {{4, {.day = 20, .region = "region-5", .note = "a", .lines = {{1, "pen"}}}}};
  const auto counts = shop.load({.orders = moved, .window = days(20, 21)});
  EXPECT_EQ(counts.at("orders").moved, 1);
  EXPECT_EQ(counts.at("lines").moved, 1);
  EXPECT_EQ(shop.files("orders").size(), 8U);
  EXPECT_EQ(shop.files("lines").size(), 8U);
}

}  // namespace
}  // namespace ashore::merge
