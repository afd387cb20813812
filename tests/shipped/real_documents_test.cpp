// Real documents of the source go through the shipped pipeline without a rejection.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>
#include <vector>

#include "base/digest.h"
#include "config/reader.h"
#include "io/memory_store.h"
#include "io/testing/fake_clock.h"
#include "io/testing/scripted_transport.h"
#include "io/testing/seeded_random.h"
#include "transform/transform.h"

namespace ashore {
namespace {

namespace fs = std::filesystem;

fs::path recorded_folder() {
  const char* shared = std::getenv("ASHORE_SHARED");
  return fs::path(shared != nullptr ? shared : "../shared") / "data" / "spacex";
}

std::string read_file(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

config::Pipeline shipped_pipeline() {
  const std::string path = "pipelines/spacex.yaml";
  auto reading = config::read_pipeline(
      read_file(path), path, [](std::string_view) { return std::optional<std::string>(); });
  return *std::move(reading.pipeline);
}

// Transforms files as the pages of one landing; `items_at` is where their items lie.
base::Result<transform::StagedWindow> transform_files(const std::vector<fs::path>& files,
                                                      const std::string& items_at) {
  auto pipeline = shipped_pipeline();
  pipeline.extract.items.at = json::Pointer::parse(items_at).value();
  io::MemoryStore store;
  state::Manifest landing;
  landing.stage = "extract";
  landing.run_id = "real";
  for (const auto& path : files) {
    const auto bytes = read_file(path);
    state::ManifestFile file;
    file.path = "raw/spacex/real/" + path.filename().string();
    file.sha256 = base::to_hex(base::sha256(bytes));
    TRY(store.write_new(file.path, bytes));
    landing.files.push_back(file);
  }
  io::FakeClock clock;
  io::SeededRandom random;
  io::ScriptedTransport http{std::deque<base::Result<io::HttpResponse>>{}};
  io::Env env{http, store, clock, random};
  base::NullEventSink events;
  transform::Options options;
  options.run_id = "real";
  return transform::transform(pipeline, {landing, {}}, options,
                              {.env = env, .events = events, .stop = {}, .threads = 2});
}

std::vector<fs::path> query_pages() {
  std::vector<fs::path> pages;
  for (const auto& entry : fs::directory_iterator(recorded_folder() / "query_pages")) {
    pages.push_back(entry.path());
  }
  std::sort(pages.begin(), pages.end());
  return pages;
}

class RealDocumentsTest : public testing::Test {
 protected:
  void SetUp() override {
    if (fs::exists(recorded_folder())) return;
    GTEST_SKIP() << "recorded documents are absent: " << recorded_folder();
  }

  // The rows of both tables that are staged, none rejected.
  static void expect_rows(const base::Result<transform::StagedWindow>& staged,
                          std::int64_t launches, std::int64_t cores) {
    ASSERT_TRUE(staged.ok()) << staged.error().message();
    const auto& tables = staged.value().summary.tables;
    EXPECT_EQ(tables[0].rows_out, launches);
    EXPECT_EQ(tables[0].rejected, 0);
    EXPECT_EQ(tables[1].rows_out, cores);
    EXPECT_EQ(tables[1].rejected, 0);
  }
};

TEST_F(RealDocumentsTest, TheFinalStateIsMappedInFull) {
  const auto staged = transform_files({recorded_folder() / "launches_v5_final.json"}, "");
  expect_rows(staged, 205, 196);
  EXPECT_EQ(staged.value().summary.tables[1].dropped_null, 19);
  EXPECT_TRUE(staged.value().summary.unmapped.empty());
  EXPECT_TRUE(staged.value().summary.warnings.empty());
}

TEST_F(RealDocumentsTest, TheEarlierStateGoesThrough) {
  expect_rows(transform_files({recorded_folder() / "launches_v4_2022-09-17.json"}, ""), 193, 193);
}

TEST_F(RealDocumentsTest, TheRecordedPagesLackTwoFieldsAndGoThrough) {
  const auto staged = transform_files(query_pages(), "/docs");
  expect_rows(staged, 205, 196);
  EXPECT_THAT(staged.value().summary.warnings, testing::Not(testing::IsEmpty()));
}

TEST_F(RealDocumentsTest, EveryOtherFileOfLaunchesGoesThrough) {
  for (const auto& entry : fs::directory_iterator(recorded_folder() / "recorded")) {
    const auto name = entry.path().filename().string();
    if (name.find("launches") == std::string::npos || name.find(".meta.") != std::string::npos) {
      continue;
    }
    const auto staged = transform_files({entry.path()}, "");
    ASSERT_TRUE(staged.ok()) << name << ": " << staged.error().message();
    EXPECT_GT(staged.value().summary.tables[0].rows_out, 0) << name;
    EXPECT_EQ(staged.value().summary.tables[0].rejected, 0) << name;
    EXPECT_EQ(staged.value().summary.tables[1].rejected, 0) << name;
  }
}

}  // namespace
}  // namespace ashore
