// Shows whose a published table is.
#include "delta/ownership.h"

#include <gtest/gtest.h>

namespace ashore::delta {
namespace {

Snapshot snapshot_of(const std::string& named, const std::string& last) {
  Snapshot snapshot;
  if (!named.empty()) snapshot.configuration["ashore.pipeline"] = named;
  snapshot.last_pipeline = last;
  return snapshot;
}

TEST(OwnershipTest, TheMetadataNamesThePipelineElseTheNewestTransaction) {
  EXPECT_EQ(owner_of(snapshot_of("shop", "old")), "shop");
  EXPECT_EQ(owner_of(snapshot_of("", "old")), "old");
  EXPECT_EQ(owner_of(snapshot_of("", "")), "");
}

TEST(OwnershipTest, OnlyItsPipelineMayWriteATableOrOneThatTakesIt) {
  EXPECT_TRUE(check_owner(snapshot_of("shop", ""), "orders", "shop", {}).ok());
  EXPECT_TRUE(check_owner(snapshot_of("", ""), "orders", "shop", {}).ok());
  EXPECT_TRUE(check_owner(snapshot_of("other", ""), "orders", "shop", {"orders"}).ok());
  const auto refused = check_owner(snapshot_of("other", ""), "orders", "shop", {"lines"});
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().kind(), base::ErrorKind::kPermanent);
  EXPECT_NE(refused.error().message().find("--take-table orders"), std::string::npos);
}

}  // namespace
}  // namespace ashore::delta
