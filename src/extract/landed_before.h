// Knows the pages of the source's newest landing, so that equal bytes are kept once.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>

#include "base/result.h"
#include "io/object_store.h"

namespace ashore::extract {

// Threads: page_like() may be called from any thread at once. `store` must outlive it.
class LandedBefore {
 public:
  // Looks through the landings of a source ("raw/<source>"), but for that in `own_folder`, and
  // remembers the pages of the one that was finished last; none is no error, nor is a manifest that
  // cannot be read. kTransient: I/O.
  static base::Result<LandedBefore> find(io::ObjectStore& store, const std::string& source_folder,
                                         const std::string& own_folder);

  // A page with exactly this body, whose digest the caller knows: it is compared, since a file may
  // have been changed by hand. "" where there is none, or it cannot be read.
  [[nodiscard]] std::string page_like(std::string_view body, const std::string& sha256) const;

 private:
  explicit LandedBefore(io::ObjectStore& store) : store_(&store) {}

  io::ObjectStore* store_;
  std::unordered_map<std::string, std::string> paths_;  // by sha256
};

}  // namespace ashore::extract
