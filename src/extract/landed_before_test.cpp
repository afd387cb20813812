// Pages whose bytes were landed before are kept once, and only when they really are the same.
#include "extract/landed_before.h"

#include <gmock/gmock.h>

#include "base/digest.h"
#include "extract/testing/extract_fixture.h"

namespace ashore::extract {
namespace {

class LandedBeforeTest : public ExtractFixture {
 protected:
  // A run of its own id over so many orders; how many of its pages were there before.
  std::int64_t reused(const std::string& run_id, std::int64_t orders) {
    options.run_id = run_id;
    const auto landing = run(shop(orders));
    EXPECT_TRUE(landing.ok()) << landing.error().message();
    if (!landing.ok()) return -1;
    const auto& counts = *landing.value().summary.extract;
    for (const auto& file : landing.value().manifest.files) {
      EXPECT_EQ(base::to_hex(base::sha256(read(file.path))), file.sha256) << file.path;
    }
    EXPECT_EQ(counts.requests, counts.pages);
    return counts.pages_reused;
  }
};

TEST_F(LandedBeforeTest, ASecondLandingOfTheSamePagesReusesAll) {
  EXPECT_EQ(reused("run-1", 25), 0);
  EXPECT_EQ(reused("run-2", 25), 3);
  EXPECT_EQ(reused("run-3", 25), 3);
}

// The total is in every page, so a page is the same only where nothing came; one order more changes
// all of them.
TEST_F(LandedBeforeTest, ChangedPagesAreWritten) {
  EXPECT_EQ(reused("run-1", 25), 0);
  EXPECT_EQ(reused("run-2", 26), 0);
}

TEST_F(LandedBeforeTest, APageThatWasChangedByHandIsNotTaken) {
  EXPECT_EQ(reused("run-1", 25), 0);
  auto body = read("raw/orders_api/run-1/page-00002.json");
  body.back() = ' ';
  ASSERT_TRUE(store.write("raw/orders_api/run-1/page-00002.json", body).ok());
  ASSERT_TRUE(store.remove("raw/orders_api/run-1/page-00003.json").ok());
  EXPECT_EQ(reused("run-2", 25), 1);
}

TEST_F(LandedBeforeTest, AManifestThatCannotBeReadIsNoHindrance) {
  EXPECT_EQ(reused("run-1", 25), 0);
  ASSERT_TRUE(store.write("raw/orders_api/run-1/manifest.json", "{").ok());
  EXPECT_EQ(reused("run-2", 25), 0);
}

TEST_F(LandedBeforeTest, ALandingWithoutItsManifestIsNone) {
  EXPECT_EQ(reused("run-1", 25), 0);
  ASSERT_TRUE(store.remove("raw/orders_api/run-1/manifest.json").ok());
  EXPECT_EQ(reused("run-2", 25), 0);
}

}  // namespace
}  // namespace ashore::extract
