// The index never misses a key, whatever happened to its cache or to the table since.
#include "merge/key_index.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "columnar/keys.h"
#include "merge/testing/shop.h"

namespace ashore::merge {
namespace {

using testing::ElementsAre;

constexpr auto kIndex = "stage/.index/orders/keys";

Orders two_orders() {
  return {{1, {.day = 1, .region = "east", .note = "a"}},
          {2, {.day = 1, .region = "west", .note = "b"}}};
}

ShortHash hash_of(std::int64_t id) {
  arrow::Int64Builder ids;
  EXPECT_TRUE(ids.Append(id).ok());
  const std::vector<std::shared_ptr<arrow::Array>> columns = {ids.Finish().ValueOrDie()};
  const auto rows =
      arrow::Table::Make(arrow::schema({arrow::field("id", arrow::int64())}), columns);
  return hash_of_key(columnar::KeyColumn::encode(*rows, {"id"}).at(0));
}

// Which of the orders' files may hold these orders.
std::vector<bool> find(Shop& shop, const std::vector<std::int64_t>& ids,
                       std::size_t files_behind_max = 0) {
  const auto published = shop.snapshot("orders");
  const KeyColumns keys = {{"id"}};
  std::vector<ShortHash> hashes;
  for (const auto id : ids) hashes.push_back(hash_of(id));
  auto found = files_with_keys({shop.store, "orders", published, keys, 1, files_behind_max}, hashes,
                               std::stop_token());
  EXPECT_TRUE(found.ok()) << found.error().message();
  return found.ok() ? found.value() : std::vector<bool>();
}

// Takes the files away, so that whoever reads one fails.
void remove_files(Shop& shop) {
  for (const auto& path : shop.files("orders")) {
    ASSERT_TRUE(shop.store.remove("stage/orders/" + path).ok());
  }
}

TEST(KeyIndexTest, NamesTheFilesThatMayHoldAKey) {
  Shop shop;
  shop.load({.orders = two_orders()});
  EXPECT_THAT(find(shop, {1}), ElementsAre(true, false));
  EXPECT_THAT(find(shop, {2}), ElementsAre(false, true));
  EXPECT_THAT(find(shop, {1, 2}), ElementsAre(true, true));
  EXPECT_THAT(find(shop, {3}), ElementsAre(false, false));
  EXPECT_THAT(find(shop, {}), ElementsAre(false, false));
}

TEST(KeyIndexTest, OpensNoFileThatTheCacheKnows) {
  Shop shop;
  shop.load({.orders = two_orders()});
  find(shop, {1});
  remove_files(shop);
  EXPECT_THAT(find(shop, {1}), ElementsAre(true, false));
}

TEST(KeyIndexTest, OpensOnlyFilesThatCameSince) {
  Shop shop;
  shop.files_read_outright = 0;
  shop.load({.orders = two_orders()});
  find(shop, {1});
  remove_files(shop);
  shop.load({.orders = {{3, {.day = 9, .region = "north", .note = "c"}}},
             .window = {base::Timestamp(std::chrono::days(9)), std::nullopt}});
  EXPECT_THAT(find(shop, {3}), ElementsAre(false, true, false));
}

TEST(KeyIndexTest, WritesTheCacheOnlyWhereItWasFarBehind) {
  Shop shop;
  shop.load({.orders = two_orders()});
  find(shop, {1}, 2);
  EXPECT_FALSE(shop.store.stat(kIndex).value().has_value());
  find(shop, {1}, 1);
  EXPECT_TRUE(shop.store.stat(kIndex).value().has_value());
  const auto before = shop.store.read(kIndex).value();
  find(shop, {1});
  EXPECT_EQ(shop.store.read(kIndex).value(), before);
}

TEST(KeyIndexTest, ADamagedCacheIsMadeAnew) {
  Shop shop;
  shop.load({.orders = two_orders()});
  find(shop, {1});
  const auto whole = shop.store.read(kIndex).value();
  for (std::size_t size = 0; size < whole.size(); size += 7) {
    ASSERT_TRUE(shop.store.write(kIndex, whole.substr(0, size)).ok());
    ASSERT_THAT(find(shop, {2}), ElementsAre(false, true)) << "cut to " << size;
    auto changed = whole;
    changed[size] = static_cast<char>(changed[size] ^ 1);
    ASSERT_TRUE(shop.store.write(kIndex, changed).ok());
    ASSERT_THAT(find(shop, {2}), ElementsAre(false, true)) << "changed at " << size;
  }
  EXPECT_EQ(shop.store.read(kIndex).value(), whole);
}

// Delta's writers never use a name twice; one that did would be noticed by size and time.
TEST(KeyIndexTest, AFileThatIsAnotherByNowIsReadAgain) {
  Shop shop;
  shop.load({.orders = two_orders()});
  find(shop, {1});
  remove_files(shop);
  const KeyColumns keys = {{"id"}};
  for (const auto change : {&delta::AddFile::bytes, &delta::AddFile::modified_ms}) {
    auto published = shop.snapshot("orders");
    EXPECT_TRUE(files_with_keys({shop.store, "orders", published, keys, 1, 0}, {}, {}).ok());
    published.files.front().*change += 1;
    const auto found = files_with_keys({shop.store, "orders", published, keys, 1, 0}, {}, {});
    ASSERT_FALSE(found.ok());
    EXPECT_EQ(found.error().kind(), base::ErrorKind::kNotFound);
  }
}

TEST(KeyIndexTest, ACacheOfAnotherTableIsMadeAnew) {
  Shop shop;
  shop.load({.orders = two_orders()});
  find(shop, {1});
  remove_files(shop);
  auto published = shop.snapshot("orders");
  published.table_id = "another";
  const KeyColumns keys = {{"id"}};
  EXPECT_FALSE(files_with_keys({shop.store, "orders", published, keys, 1, 0}, {}, {}).ok());
}

TEST(KeyIndexTest, ACacheByOtherKeyColumnsIsMadeAnew) {
  Shop shop;
  shop.load({.orders = two_orders()});
  find(shop, {1});
  remove_files(shop);
  const auto published = shop.snapshot("orders");
  const KeyColumns keys = {{"note"}};
  EXPECT_FALSE(files_with_keys({shop.store, "orders", published, keys, 1, 0}, {}, {}).ok());
}

}  // namespace
}  // namespace ashore::merge
