// What every ObjectStore must do: a typed suite that each implementation instantiates.
#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "io/object_store.h"

namespace ashore::io {

// `Fixture` is default-constructible and has `ObjectStore& store()`, an empty store that lives as
// long as the fixture. A store without locks says so by kHasLocks = false.
template <typename Fixture>
class ObjectStoreConformance : public testing::Test {
 protected:
  ObjectStore& store() { return fixture_.store(); }

  void put(std::string_view path, std::string_view bytes) {
    const auto status = store().write(path, bytes);
    ASSERT_TRUE(status.ok()) << status.error().message();
  }
  // The bytes, or the message of the error.
  std::string get(std::string_view path) {
    const auto bytes = store().read(path);
    return bytes.ok() ? bytes.value() : bytes.error().message();
  }
  bool is_there(std::string_view path) {
    const auto info = store().stat(path);
    return info.ok() && info.value().has_value();
  }
  std::vector<std::string> listed(std::string_view folder) {
    std::vector<std::string> paths;
    const auto infos = store().list(folder);
    if (!infos.ok()) return {infos.error().message()};
    for (const auto& info : infos.value()) paths.push_back(info.path);
    return paths;
  }
  std::vector<std::string> names(std::string_view folder) {
    const auto result = store().list_names(folder);
    return result.ok() ? result.value() : std::vector<std::string>{result.error().message()};
  }

 private:
  Fixture fixture_;
};

using Paths = std::vector<std::string>;

template <typename Fixture>
constexpr bool has_locks() {
  if constexpr (requires { Fixture::kHasLocks; }) return Fixture::kHasLocks;
  return true;
}

TYPED_TEST_SUITE_P(ObjectStoreConformance);

TYPED_TEST_P(ObjectStoreConformance, ReadsWhatWasWritten) {
  const std::string bytes("a\0b\xff\n", 5);
  this->put("deep/er/file", bytes);
  this->put("empty", "");
  EXPECT_EQ(this->get("deep/er/file"), bytes);
  EXPECT_EQ(this->get("empty"), "");
  const std::string large(3'000'000, 'x');
  this->put("large", large);
  EXPECT_EQ(this->get("large"), large);
}

TYPED_TEST_P(ObjectStoreConformance, SpilledBytesAreReadAsMemoryAndAreNoObject) {
  auto opened = this->store().spill();
  ASSERT_TRUE(opened.ok()) << opened.error().message();
  const auto file = std::move(opened).value();
  std::string all;
  for (const std::size_t size : {1U, 300'000U, 0U, 7U, 255'000U, 1'000U, 900'000U}) {
    const std::string bytes(size, static_cast<char>('a' + all.size() % 26));
    ASSERT_TRUE(file->append(bytes).ok());
    all += bytes;
  }
  const auto mapped = file->map();
  ASSERT_TRUE(mapped.ok()) << mapped.error().message();
  EXPECT_TRUE(mapped.value() == all);
  EXPECT_EQ(this->listed(""), Paths());
  EXPECT_EQ(this->names(""), Paths());
  const auto temporaries = this->store().list_temporaries();
  ASSERT_TRUE(temporaries.ok());
  EXPECT_TRUE(temporaries.value().empty());
  const auto empty = this->store().spill().value()->map();
  EXPECT_TRUE(empty.ok() && empty.value().empty());
}

TYPED_TEST_P(ObjectStoreConformance, MappedBytesStayWhenTheObjectIsReplaced) {
  const std::string large(300'000, 'x');
  this->put("a/large", large);
  this->put("empty", "");
  auto mapped = this->store().map("a/large");
  ASSERT_TRUE(mapped.ok()) << mapped.error().message();
  this->put("a/large", "another");
  EXPECT_TRUE(mapped.value()->bytes() == large);
  ASSERT_TRUE(this->store().remove("a/large").ok());
  EXPECT_TRUE(mapped.value()->bytes() == large);
  EXPECT_EQ(this->store().map("empty").value()->bytes(), "");
  EXPECT_EQ(this->store().map("a/large").error().kind(), base::ErrorKind::kNotFound);
}

TYPED_TEST_P(ObjectStoreConformance, WhatIsNotThereIsNotFound) {
  EXPECT_EQ(this->store().read("a/b").error().kind(), base::ErrorKind::kNotFound);
  EXPECT_EQ(this->store().open("a/b").error().kind(), base::ErrorKind::kNotFound);
  EXPECT_EQ(this->store().rename("a/b", "c/d").error().kind(), base::ErrorKind::kNotFound);
  EXPECT_EQ(this->store().link("a/b", "c/d").error().kind(), base::ErrorKind::kNotFound);
  EXPECT_EQ(this->store().rename_folder("a", "c").error().kind(), base::ErrorKind::kNotFound);
  EXPECT_NE(this->store().read("a/b").error().message().find("a/b"), std::string::npos);
  EXPECT_FALSE(this->is_there("a/b"));
  EXPECT_EQ(this->listed("a"), Paths());
  EXPECT_EQ(this->names("a"), Paths());
  EXPECT_EQ(this->names(""), Paths());
}

TYPED_TEST_P(ObjectStoreConformance, WritesReplaceTheWholeObject) {
  for (const bool is_new : {false, true}) {
    this->put("a/file", "a longer text");
    const auto status = is_new ? this->store().write_new("a/file", "short")
                               : this->store().write("a/file", "short");
    ASSERT_TRUE(status.ok());
    EXPECT_EQ(this->get("a/file"), "short");
  }
  EXPECT_EQ(this->names("a"), Paths{"file"});
}

TYPED_TEST_P(ObjectStoreConformance, AReaderReadsAnyPartAndOutlivesTheObject) {
  this->put("a/file", "0123456789");
  auto reader = this->store().open("a/file");
  ASSERT_TRUE(reader.ok());
  EXPECT_EQ(reader.value()->bytes(), 10);
  this->put("a/file", "another");
  ASSERT_TRUE(this->store().remove("a/file").ok());
  std::string part(4, ' ');
  ASSERT_TRUE(reader.value()->read_at(3, part).ok());
  EXPECT_EQ(part, "3456");
  ASSERT_TRUE(reader.value()->read_at(10, {}).ok());
}

TYPED_TEST_P(ObjectStoreConformance, StatTellsTheSizeAndSeesNoFolders) {
  this->put("a/b/file", "12345");
  const auto info = this->store().stat("a/b/file");
  ASSERT_TRUE(info.ok());
  ASSERT_TRUE(info.value().has_value());
  EXPECT_EQ(info.value()->bytes, 5);
  EXPECT_EQ(info.value()->path, "a/b/file");
  EXPECT_FALSE(this->is_there("a/b"));
}

TYPED_TEST_P(ObjectStoreConformance, ListsObjectsInBytewiseOrderOfPath) {
  for (const auto* path : {"a/b/x", "a/b-c", "a/b.d", "a/\xc3\xa9", "a/B", "z", "ab/x"}) {
    this->put(path, path);
  }
  EXPECT_EQ(this->listed("a"), (Paths{"a/B", "a/b-c", "a/b.d", "a/b/x", "a/\xc3\xa9"}));
  EXPECT_EQ(this->listed("").size(), 7U);
  EXPECT_EQ(this->names("a"), (Paths{"B", "b", "b-c", "b.d", "\xc3\xa9"}));
  EXPECT_EQ(this->names(""), (Paths{"a", "ab", "z"}));
}

TYPED_TEST_P(ObjectStoreConformance, PutIfAbsentNeverReplaces) {
  ASSERT_TRUE(this->store().put_if_absent("log/0.json", "first").ok());
  const auto second = this->store().put_if_absent("log/0.json", "second");
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.error().kind(), base::ErrorKind::kAlreadyExists);
  EXPECT_EQ(this->get("log/0.json"), "first");
  EXPECT_EQ(this->names("log"), Paths{"0.json"});
}

TYPED_TEST_P(ObjectStoreConformance, OneOfManyPutsAtOnceSucceeds) {
  for (int round = 0; round < 10; ++round) {
    const auto path = "log/" + std::to_string(round);
    std::atomic<int> winners{0};
    std::atomic<int> winner{-1};
    {
      std::vector<std::jthread> threads;
      for (int thread = 0; thread < 4; ++thread) {
        threads.emplace_back([&, thread] {
          if (!this->store().put_if_absent(path, std::to_string(thread)).ok()) return;
          ++winners;
          winner = thread;
        });
      }
    }
    EXPECT_EQ(winners, 1);
    EXPECT_EQ(this->get(path), std::to_string(winner));
  }
}

TYPED_TEST_P(ObjectStoreConformance, ManyThreadsWriteAndRemoveBesideEachOther) {
  std::atomic<int> failures{0};
  {
    std::vector<std::jthread> threads;
    for (int thread = 0; thread < 4; ++thread) {
      threads.emplace_back([&, thread] {
        for (int round = 0; round < 100; ++round) {
          const auto path = "shared/folder/" + std::to_string(thread);
          for (const auto& status : {this->store().write(path, "x"), this->store().remove(path)}) {
            if (!status.ok()) ++failures;
            EXPECT_TRUE(status.ok()) << status.error().message();
          }
        }
      });
    }
  }
  EXPECT_EQ(failures, 0);
  EXPECT_EQ(this->listed(""), Paths());
}

TYPED_TEST_P(ObjectStoreConformance, AppendAddsAtTheEnd) {
  ASSERT_TRUE(this->store().append("runs/events", "one\n").ok());
  ASSERT_TRUE(this->store().append("runs/events", "two\n").ok());
  EXPECT_EQ(this->get("runs/events"), "one\ntwo\n");
}

TYPED_TEST_P(ObjectStoreConformance, RenameMovesAndReplaces) {
  this->put("a/file", "new");
  this->put("c/d/file", "old");
  ASSERT_TRUE(this->store().rename("a/file", "c/d/file").ok());
  EXPECT_EQ(this->get("c/d/file"), "new");
  EXPECT_FALSE(this->is_there("a/file"));
  ASSERT_TRUE(this->store().rename("c/d/file", "c/d/file").ok());
  EXPECT_EQ(this->get("c/d/file"), "new");
}

TYPED_TEST_P(ObjectStoreConformance, RenameLeavesNothingBehindWhereBothAreLinksOfOneObject) {
  this->put("a", "same");
  ASSERT_TRUE(this->store().link("a", "b").ok());
  ASSERT_TRUE(this->store().rename("a", "b").ok());
  EXPECT_FALSE(this->is_there("a"));
  EXPECT_EQ(this->get("b"), "same");
}

TYPED_TEST_P(ObjectStoreConformance, RenamesAFolderOnlyWhereNothingIs) {
  this->put("runs/.attempt-1/page", "1");
  this->put("runs/.attempt-1/deep/page", "2");
  ASSERT_TRUE(this->store().rename_folder("runs/.attempt-1", "landed/one").ok());
  EXPECT_EQ(this->listed(""), (Paths{"landed/one/deep/page", "landed/one/page"}));
  this->put("runs/.attempt-2/page", "3");
  const auto second = this->store().rename_folder("runs/.attempt-2", "landed/one");
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.error().kind(), base::ErrorKind::kAlreadyExists);
  EXPECT_EQ(this->get("landed/one/page"), "1");
}

TYPED_TEST_P(ObjectStoreConformance, WritingToOneNameOfALinkLeavesTheOther) {
  this->put("first/page", "kept");
  ASSERT_TRUE(this->store().link("first/page", "second/page").ok());
  EXPECT_EQ(this->get("second/page"), "kept");
  EXPECT_EQ(this->store().link("first/page", "second/page").error().kind(),
            base::ErrorKind::kAlreadyExists);
  ASSERT_TRUE(this->store().write_new("second/page", "other").ok());
  EXPECT_EQ(this->get("first/page"), "kept");
  ASSERT_TRUE(this->store().remove("first/page").ok());
  EXPECT_EQ(this->get("second/page"), "other");
}

TYPED_TEST_P(ObjectStoreConformance, RemovingTakesEmptyFoldersAlong) {
  this->put("a/b/c/file", "1");
  this->put("a/other", "2");
  ASSERT_TRUE(this->store().remove("a/b/c/file").ok());
  ASSERT_TRUE(this->store().remove("a/b/c/file").ok());
  EXPECT_EQ(this->names("a"), Paths{"other"});
  ASSERT_TRUE(this->store().remove("a/other").ok());
  EXPECT_EQ(this->names(""), Paths());
  this->put("a/b/c/file", "again");
  EXPECT_EQ(this->get("a/b/c/file"), "again");
}

TYPED_TEST_P(ObjectStoreConformance, RemovesAFolderWithAllInIt) {
  this->put("x/a/1", "1");
  this->put("x/a/b/2", "2");
  this->put("x/ab", "3");
  ASSERT_TRUE(this->store().remove_folder("x/a").ok());
  ASSERT_TRUE(this->store().remove_folder("x/a").ok());
  EXPECT_EQ(this->listed(""), Paths{"x/ab"});
}

TYPED_TEST_P(ObjectStoreConformance, SyncTakesFewAndManyAndThoseRemoved) {
  Paths paths;
  for (int index = 0; index < 40; ++index) {
    paths.push_back("a/" + std::to_string(index % 3) + "/" + std::to_string(index));
    this->put(paths.back(), "x");
  }
  EXPECT_TRUE(this->store().sync(paths).ok());
  ASSERT_TRUE(this->store().remove(paths[0]).ok());
  paths.resize(2);
  EXPECT_TRUE(this->store().sync(paths).ok());
  EXPECT_TRUE(this->store().sync({}).ok());
}

TYPED_TEST_P(ObjectStoreConformance, ALockIsHeldByOneAndNamesItsHolder) {
  auto first = this->store().lock("locks/data", "run A since noon");
  ASSERT_TRUE(first.ok());
  const auto second = this->store().lock("locks/data", "run B");
  if constexpr (!has_locks<TypeParam>()) {
    // Writers meet elsewhere: see OneOfManyPutsAtOnceSucceeds.
    EXPECT_TRUE(second.ok());
    return;
  }
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.error().kind(), base::ErrorKind::kTransient);
  EXPECT_NE(second.error().message().find("run A since noon"), std::string::npos);
  std::move(first).value().reset();
  EXPECT_TRUE(this->store().lock("locks/data", "run B").ok());
}

REGISTER_TYPED_TEST_SUITE_P(ObjectStoreConformance, ReadsWhatWasWritten,
                            SpilledBytesAreReadAsMemoryAndAreNoObject,
                            MappedBytesStayWhenTheObjectIsReplaced, WhatIsNotThereIsNotFound,
                            WritesReplaceTheWholeObject, AReaderReadsAnyPartAndOutlivesTheObject,
                            StatTellsTheSizeAndSeesNoFolders, ListsObjectsInBytewiseOrderOfPath,
                            PutIfAbsentNeverReplaces, OneOfManyPutsAtOnceSucceeds,
                            ManyThreadsWriteAndRemoveBesideEachOther, AppendAddsAtTheEnd,
                            RenameMovesAndReplaces,
                            RenameLeavesNothingBehindWhereBothAreLinksOfOneObject,
                            RenamesAFolderOnlyWhereNothingIs, WritingToOneNameOfALinkLeavesTheOther,
                            RemovingTakesEmptyFoldersAlong, RemovesAFolderWithAllInIt,
                            SyncTakesFewAndManyAndThoseRemoved, ALockIsHeldByOneAndNamesItsHolder);

}  // namespace ashore::io
