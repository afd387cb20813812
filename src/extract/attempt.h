// Attempt is the folder of one reading until it is complete: then its pages are the landing.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "io/env.h"
#include "io/object_store.h"

namespace ashore::extract {

// How the files of an attempt are called.
struct PageNames {
  std::string_view prefix = "page-";  // of static storage
  int digits = 5;
};
inline constexpr PageNames kLookupNames{"lookup-", 4};

// Pure. "page-00001.json", from 1; longer numbers are not cut.
std::string page_name(std::int64_t number, const PageNames& names = {});

// Writes below `raw_folder`/.attempt-N/ and takes it all away when destroyed, unless move_up()
// succeeded and kept() was said. On an object storage, where nothing moves, pages lie in
// `raw_folder`/reading-N/ from the beginning. Evidence stays. `store` must outlive it. Threads:
// write_page(), link_page() and keep_evidence() may be called from any thread at once; errors are
// those of the store.
class Attempt {
 public:
  Attempt(io::ObjectStore& store, std::string raw_folder, std::int64_t number,
          PageNames names = {});
  ~Attempt();
  Attempt(const Attempt&) = delete;
  Attempt& operator=(const Attempt&) = delete;

  base::Status write_page(std::int64_t page, std::string_view body);
  // Like write_page(), for a body that is whole in the store already: a second name for it.
  base::Status link_page(std::int64_t page, const std::string& same);

  // Keeps a body that is not the promised JSON, verbatim, as
  // evidence/attempt-N/page-00003-try-1.body. Returns where it is, for messages.
  base::Result<std::string> keep_evidence(std::int64_t page, int request_try,
                                          std::string_view body);

  // Renames pages first..first+count-1 into the raw folder (on a disk), makes them durable and
  // returns their paths. Said once.
  base::Result<std::vector<std::string>> move_up(std::int64_t count, std::int64_t first = 1);
  // The manifest that names the pages is written: they stay.
  void kept() { is_kept_ = true; }

 private:
  [[nodiscard]] std::string folder() const;

  io::ObjectStore& store_;
  std::string raw_folder_;
  std::int64_t number_;
  PageNames names_;
  std::vector<std::string> moved_;
  bool is_kept_ = false;
};

// Where a reading's attempts are made: on a disk the raw folder itself, whose run is locked; on an
// object storage a folder of its own in it, since another process may read the same run.
std::string reading_folder(io::Env& env, const std::string& raw_folder);

// Removes, on a disk, what a broken-off extract left in a raw folder: attempts, pages without a
// manifest, and the answers of a lookup, which belong to a landing. Evidence stays.
base::Status discard_unfinished(io::ObjectStore& store, const std::string& raw_folder);

// The number of the first attempt in a raw folder: one more than those with evidence, so that the
// evidence of an earlier extract of the same run id is not overwritten.
base::Result<std::int64_t> first_attempt_number(io::ObjectStore& store,
                                                const std::string& raw_folder);

}  // namespace ashore::extract
