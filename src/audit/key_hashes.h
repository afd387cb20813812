// KeyHashes are the keys of rows in brief, sorted; on disk once they are too many for memory.
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "io/object_store.h"

namespace ashore::audit {

// 128 bits of a key's SHA-256, and its row: 24 bytes, however long the key is. Among 10^12 keys two
// different ones look equal with a chance of 10^-15.
struct KeyHash {
  std::array<std::uint64_t, 2> key{};
  std::int64_t row = 0;
  auto operator<=>(const KeyHash&) const = default;
};

// Where they lie, and how many of one scan lie in memory.
struct KeyStorage {
  io::ObjectStore& store;
  std::size_t hashes_max = 0;
};

// Threads: one.
class KeyHashes {
 public:
  explicit KeyHashes(const KeyStorage& storage) : storage_(storage) {}

  // Errors: those of ObjectStore::spill().
  base::Status add(std::string_view key, std::int64_t row);
  // Sorts what is left; after it nothing is added.
  void sort();

  // Gives all of them in order of key, then row. They must outlive it and be sorted.
  class Reader {
   public:
    explicit Reader(const KeyHashes& hashes);
    // The next one, or nullptr after the last. Valid until the next call.
    const KeyHash* next();

   private:
    struct Head {
      KeyHash hash;
      std::size_t run;
      bool operator>(const Head& other) const { return hash > other.hash; }
    };
    void push(std::size_t run);

    const KeyHashes& hashes_;
    std::vector<std::size_t> next_;  // by run
    std::vector<Head> heads_;        // a heap, the smallest first
    KeyHash current_;
  };

 private:
  // Sorted, on disk.
  struct Run {
    std::shared_ptr<io::SpillFile> file;
    std::string_view bytes;
  };

  base::Status spill();
  [[nodiscard]] std::size_t count_of(std::size_t run) const;
  [[nodiscard]] KeyHash at(std::size_t run, std::size_t index) const;

  KeyStorage storage_;
  std::vector<Run> runs_;
  std::vector<KeyHash> hashes_;  // the last run, in memory
};

}  // namespace ashore::audit
