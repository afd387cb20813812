// Shows that a store which fails at any point leaves a whole landing or none.
#include "extract/landing.h"

#include <gmock/gmock.h>

#include "extract/testing/extract_fixture.h"

namespace ashore::extract {
namespace {

using base::Result;
using base::Status;

// A store in memory whose disk is full for paths that hold a certain text.
class FullStore final : public io::ObjectStore {
 public:
  FullStore(io::MemoryStore& store, std::string full_for)
      : store_(store), full_for_(std::move(full_for)) {}

  std::string location() const override { return store_.location(); }
  std::string location_of(std::string_view path) const override { return store_.location_of(path); }
  Result<std::string> read(std::string_view path) override { return store_.read(path); }
  Result<std::unique_ptr<io::ObjectReader>> open(std::string_view path) override {
    return store_.open(path);
  }
  Result<std::optional<io::ObjectInfo>> stat(std::string_view path) override {
    return store_.stat(path);
  }
  Result<std::vector<io::ObjectInfo>> list(std::string_view folder) override {
    return store_.list(folder);
  }
  Result<std::vector<std::string>> list_names(std::string_view folder) override {
    return store_.list_names(folder);
  }
  Status write(std::string_view path, std::string_view bytes) override {
    TRY(room_for(path));
    return store_.write(path, bytes);
  }
  Status write_new(std::string_view path, std::string_view bytes) override {
    TRY(room_for(path));
    return store_.write_new(path, bytes);
  }
  Status write_durable(std::string_view path, std::string_view bytes) override {
    TRY(room_for(path));
    return store_.write_durable(path, bytes);
  }
  Status put_if_absent(std::string_view path, std::string_view bytes) override {
    TRY(room_for(path));
    return store_.put_if_absent(path, bytes);
  }
  Status append(std::string_view path, std::string_view bytes) override {
    return store_.append(path, bytes);
  }
  Status rename(std::string_view source, std::string_view target) override {
    TRY(room_for(target));
    return store_.rename(source, target);
  }
  Status rename_folder(std::string_view source, std::string_view target) override {
    return store_.rename_folder(source, target);
  }
  Status link(std::string_view source, std::string_view target) override {
    return store_.link(source, target);
  }
  Status remove(std::string_view path) override { return store_.remove(path); }
  Status remove_folder(std::string_view folder) override { return store_.remove_folder(folder); }
  Status sync(std::span<const std::string> paths) override { return store_.sync(paths); }
  Result<std::unique_ptr<io::StoreLock>> lock(std::string_view path,
                                              std::string_view holder) override {
    return store_.lock(path, holder);
  }

 private:
  Status room_for(std::string_view path) const {
    if (path.find(full_for_) == std::string_view::npos) return {};
    return base::transient("cannot write file: " + std::string(path) + ": No space left on device");
  }

  io::MemoryStore& store_;
  const std::string full_for_;
};

class LandingTest : public ExtractFixture {
 protected:
  Result<Landing> run_full(const std::string& full_for) {
    FullStore full(store, full_for);
    io::ScriptedTransport transport(shop(25));
    io::Env env{.http = transport, .store = full, .clock = clock, .random = random};
    return extract(pipeline, options, {env, events, {}});
  }
};

TEST_F(LandingTest, AFullDiskUnderWayLeavesNothing) {
  for (const char* place : {".attempt-1/page-00001", ".attempt-1/page-00003", "abcdef/page-00002",
                            "raw/orders_api/20220101T000000Z-abcdef/manifest.json"}) {
    const auto landing = run_full(place);
    ASSERT_FALSE(landing.ok()) << place;
    EXPECT_EQ(landing.error().kind(), base::ErrorKind::kTransient);
    EXPECT_THAT(landing.error().message(), testing::HasSubstr("No space left"));
    EXPECT_TRUE(store.list("").value().empty()) << place;
  }
}

TEST_F(LandingTest, ALandingWhoseCopyFailedIsFinishedWithoutARequest) {
  ASSERT_FALSE(run_full("extract.manifest.json").ok());
  ASSERT_TRUE(run(shop(25)).ok());
  EXPECT_TRUE(requests.empty());
  EXPECT_EQ(read("runs/20220101T000000Z-abcdef/extract.manifest.json"), read(raw("manifest.json")));
}

}  // namespace
}  // namespace ashore::extract
