// Run ids are checked and become folder names that never meet.
#include "state/run_folder.h"

#include <gtest/gtest.h>

namespace ashore::state {
namespace {

// Says one fixed time and never waits.
class FixedClock final : public io::Clock {
 public:
  base::Timestamp now() override { return base::timestamp_of_micros(1767322245000001); }
  std::chrono::steady_clock::time_point steady_now() override { return {}; }
  bool sleep(std::chrono::milliseconds, const std::stop_token&) override { return true; }
};

class FixedRandom final : public io::Random {
 public:
  std::uint64_t next() override { return 0x0a1b2c3d4e5f6071; }
};

TEST(RunFolderTest, ARunIdIsTheTimeAndSixHexDigits) {
  FixedClock clock;
  FixedRandom random;
  EXPECT_EQ(make_run_id(clock, random), "20260102T025045Z-0a1b2c");
}

TEST(RunFolderTest, RunIdsOutsideTheRuleAreRefused) {
  for (const auto* good : {"a", "scheduled__2022-01-01T00:00:00+00:00", "1.2_3"}) {
    EXPECT_TRUE(check_run_id(good).ok()) << good;
  }
  for (const auto* bad : {"", ".", "..", "-a", "_a", "a/b", "a b", "a%b", "\xc3\xa9"}) {
    const auto status = check_run_id(bad);
    ASSERT_FALSE(status.ok()) << bad;
    EXPECT_EQ(status.error().kind(), base::ErrorKind::kPermanent);
  }
  EXPECT_TRUE(check_run_id(std::string(200, 'a')).ok());
  EXPECT_FALSE(check_run_id(std::string(201, 'a')).ok());
}

TEST(RunFolderTest, FolderNamesEscapeWhatFileSystemsDislike) {
  EXPECT_EQ(run_folder_name("20260102T030405Z-0a1b2c"), "20260102T030405Z-0a1b2c");
  EXPECT_EQ(run_folder_name("manual__2022-01-01T00:00:00+00:00"),
            "manual__2022-01-01T00%3A00%3A00%2B00%3A00");
}

TEST(RunFolderTest, LongIdsAreCutAndStayDistinct) {
  const std::string id(200, ':');
  const auto name = run_folder_name(id);
  EXPECT_EQ(name.size(), 200U);
  EXPECT_NE(name, run_folder_name(std::string(199, ':') + "a"));
  EXPECT_NE(name.find("%-"), std::string::npos);
  EXPECT_EQ(run_folder_name(std::string(200, 'a')), std::string(200, 'a'));
}

TEST(RunFolderTest, EverythingHasItsPlace) {
  EXPECT_EQ(raw_folder("shop", "a:b"), "raw/shop/a%3Ab");
  EXPECT_EQ(stage_manifest_path("r", "merge"), "runs/r/merge.manifest.json");
  EXPECT_EQ(window_folder("r", "orders"), "runs/r/window/orders");
  EXPECT_EQ(quarantine_path("r", "orders"), "quarantine/r/orders.jsonl");
  EXPECT_EQ(staged_folder("r"), "stage/.staged/r");
  EXPECT_EQ(table_folder("orders"), "stage/orders");
}

}  // namespace
}  // namespace ashore::state
