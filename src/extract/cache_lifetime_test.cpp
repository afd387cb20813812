// Shows how long an answer may come from a cache.
#include "extract/cache_lifetime.h"

#include <gtest/gtest.h>

namespace ashore::extract {
namespace {

using std::chrono::seconds;

const base::Timestamp kNow = base::timestamp_of_micros(1'667'260'800'000'000);  // 2022-11-01

TEST(CacheLifetimeTest, MaxAgeLessAge) {
  EXPECT_EQ(cache_lifetime({{"cache-control", "public, max-age=20"}}, kNow), seconds{20});
  EXPECT_EQ(cache_lifetime({{"cache-control", "max-age=20"}, {"age", "15"}}, kNow), seconds{5});
  EXPECT_EQ(cache_lifetime({{"cache-control", "max-age=20"}, {"age", "60"}}, kNow), seconds{0});
  EXPECT_EQ(cache_lifetime({{"Cache-Control", "MAX-AGE=\"20\""}}, kNow), seconds{20});
}

TEST(CacheLifetimeTest, SharedCachesKeepBySMaxage) {
  EXPECT_EQ(cache_lifetime({{"cache-control", "max-age=0, s-maxage=30"}}, kNow), seconds{30});
}

TEST(CacheLifetimeTest, WhatMayNotBeKeptIsNotWaitedFor) {
  EXPECT_EQ(cache_lifetime({{"cache-control", "no-store, max-age=20"}}, kNow), seconds{0});
  EXPECT_EQ(cache_lifetime({{"cache-control", "no-cache"}}, kNow), seconds{0});
  EXPECT_EQ(cache_lifetime({}, kNow), seconds{0});
  EXPECT_EQ(cache_lifetime({{"cache-control", "max-age=soon"}}, kNow), seconds{0});
}

TEST(CacheLifetimeTest, ExpiresIsADate) {
  EXPECT_EQ(cache_lifetime({{"expires", "Tue, 01 Nov 2022 00:00:10 GMT"}}, kNow), seconds{10});
  EXPECT_EQ(cache_lifetime({{"expires", "0"}}, kNow), seconds{0});
}

}  // namespace
}  // namespace ashore::extract
