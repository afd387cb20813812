// Finds the published files that may hold some keys without opening every file of the table.
#pragma once

#include <cstdint>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "delta/snapshot.h"
#include "io/object_store.h"

namespace ashore::merge {

// A key in brief: two of a million keys may well share one, so what it finds is verified.
using ShortHash = std::uint32_t;

// Pure. The same in every release: FNV-1a of 64 bits by Fowler, Noll and Vo (RFC 9923), its halves
// folded together.
ShortHash hash_of_key(std::string_view key);

// The columns by which rows are found: a row is under the hash of each of these keys.
using KeyColumns = std::vector<std::vector<std::string>>;

// What the search is about and how it may be done.
struct KeySearch {
  io::ObjectStore& store;
  const std::string& table;  // its name
  const delta::Snapshot& published;
  const KeyColumns& keys;
  int threads = 1;
  std::size_t files_behind_max = 0;  // so many files are rather read again than the cache written
};

// For each of the snapshot's files, whether it may hold a row with one of these hashes: never a
// false "no", now and then a false "yes".
//
// Looks into the cache stage/.index/<table>/keys (docs/formats/key-index.md). One that is damaged,
// or of another table or other keys, is made anew; one that is behind is caught up by reading the
// keys of the files it lacks, and is written again when these were more than `files_behind_max`.
// Errors: as delta::read_rows and ObjectStore::write; kInterrupted.
base::Result<std::vector<bool>> files_with_keys(const KeySearch& search,
                                                std::span<const ShortHash> hashes,
                                                const std::stop_token& stop);

}  // namespace ashore::merge
