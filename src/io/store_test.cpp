// The stores on a disk and in memory keep ObjectStore's promises; and what only a disk can do.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "io/disk_store.h"
#include "io/memory_store.h"
#include "io/testing/object_store_conformance.h"

namespace ashore::io {
namespace {

// A folder of its own, removed at the end.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string name = testing::TempDir() + "ashore-store-XXXXXX";
    path_ = ::mkdtemp(name.data());
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_;
};

class DiskFixture {
 public:
  DiskFixture() : store_(DiskStore::open(folder_.path() + "/made/data").value()) {}
  ObjectStore& store() { return *store_; }

 private:
  TemporaryFolder folder_;
  std::unique_ptr<DiskStore> store_;
};

class MemoryFixture {
 public:
  ObjectStore& store() { return store_; }

 private:
  MemoryStore store_;
};

using Fixtures = testing::Types<DiskFixture, MemoryFixture>;
INSTANTIATE_TYPED_TEST_SUITE_P(Store, ObjectStoreConformance, Fixtures);

class DiskStoreTest : public testing::Test {
 protected:
  DiskStore& store() { return *store_; }
  [[nodiscard]] std::string name_of(std::string_view path) const {
    return folder_.path() + "/" + std::string(path);
  }

 private:
  TemporaryFolder folder_;
  std::unique_ptr<DiskStore> store_ = DiskStore::open(folder_.path()).value();
};

TEST_F(DiskStoreTest, AFileWhereTheDataFolderShouldBeIsNamed) {
  std::ofstream(name_of("file")) << "x";
  for (const auto* root : {"file", "file/data"}) {
    const auto opened = DiskStore::open(name_of(root));
    ASSERT_FALSE(opened.ok());
    EXPECT_EQ(opened.error().kind(), base::ErrorKind::kPermanent);
    EXPECT_NE(opened.error().message().find(name_of(root)), std::string::npos);
    EXPECT_FALSE(opened.error().remedy().empty());
  }
}

TEST_F(DiskStoreTest, AFileWhereAFolderShouldBeIsPermanent) {
  ASSERT_TRUE(store().write("stage", "x").ok());
  for (const auto& status : {store().write("stage/a", "1"), store().write_new("stage/a/b", "1"),
                             store().put_if_absent("stage/a", "1"), store().append("stage/a", "1"),
                             store().link("stage", "stage/a")}) {
    ASSERT_FALSE(status.ok());
    EXPECT_EQ(status.error().kind(), base::ErrorKind::kPermanent) << status.error().message();
    EXPECT_NE(status.error().message().find(name_of("stage")), std::string::npos);
    EXPECT_NE(status.error().message().find("Not a directory"), std::string::npos);
  }
}

TEST_F(DiskStoreTest, AFolderIsNoObject) {
  ASSERT_TRUE(store().write("a/b", "x").ok());
  EXPECT_FALSE(store().read("a").ok());
  EXPECT_FALSE(store().open(std::string_view("a")).ok());
  EXPECT_FALSE(store().write("a", "x").ok());
  EXPECT_EQ(store().list("").value().size(), 1U);
}

TEST_F(DiskStoreTest, AFailedRenameLeavesNoEmptyFolders) {
  EXPECT_FALSE(store().rename("missing", "new/folder/file").ok());
  EXPECT_FALSE(store().link("missing", "new/folder/file").ok());
  EXPECT_FALSE(std::filesystem::exists(name_of("new")));
}

// A process of the same number died between making a log file and removing its other name.
TEST_F(DiskStoreTest, WhatADeadProcessLeftBehindIsNeverWrittenTo) {
  ASSERT_TRUE(store().write("log/0.json", "committed").ok());
  for (int count = 0; count < 20; ++count) {
    const auto left = ".tmp-" + std::to_string(::getpid()) + "-" + std::to_string(count);
    std::filesystem::create_hard_link(name_of("log/0.json"), name_of("log/" + left));
  }
  ASSERT_TRUE(store().put_if_absent("log/1.json", "next").ok());
  ASSERT_TRUE(store().write("log/2.json", "more").ok());
  EXPECT_EQ(store().read("log/0.json").value(), "committed");
  EXPECT_EQ(store().read("log/1.json").value(), "next");
  EXPECT_EQ(store().list_names("log").value(), (Paths{"0.json", "1.json", "2.json"}));
}

TEST_F(DiskStoreTest, LinksShareTheirBytesOnTheDisk) {
  ASSERT_TRUE(store().write("a", "x").ok());
  ASSERT_TRUE(store().link("a", "b/c").ok());
  EXPECT_TRUE(std::filesystem::equivalent(name_of("a"), name_of("b/c")));
}

TEST_F(DiskStoreTest, ALockIsSharedByAllStoresOfAFolder) {
  const auto other = DiskStore::open(name_of("")).value();
  const auto held = store().lock("lock", "run A");
  ASSERT_TRUE(held.ok());
  const auto refused = other->lock("lock", "run B");
  ASSERT_FALSE(refused.ok());
  EXPECT_NE(refused.error().message().find("run A"), std::string::npos);
}

// The lock file of a process that died still has its line, but nobody holds it.
TEST_F(DiskStoreTest, ADeadHoldersLineIsReplaced) {
  ASSERT_TRUE(store().write("lock", "a much longer line of run A, killed\n").ok());
  const auto held = store().lock("lock", "run B");
  ASSERT_TRUE(held.ok());
  EXPECT_EQ(store().read("lock").value(), "run B\n");
}

TEST_F(DiskStoreTest, AFullDiskIsTransientAndLeavesNothing) {
  if (::access("/dev/full", W_OK) != 0) GTEST_SKIP() << "no /dev/full here";
  std::filesystem::create_symlink("/dev/full", name_of("events"));
  const auto status = store().append("events", "line\n");
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().kind(), base::ErrorKind::kTransient);
  EXPECT_NE(status.error().message().find("No space left on device"), std::string::npos);
  EXPECT_FALSE(status.error().remedy().empty());
}

}  // namespace
}  // namespace ashore::io
