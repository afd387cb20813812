// SpillFile holds bytes that are too many for memory; it has no name and is gone with the process.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "io/fault_points.h"

namespace ashore::io {

// Written once from the beginning to the end, then read as if it lay in memory. Threads: one while
// it is written; the view may be read from any thread.
class SpillFile {
 public:
  virtual ~SpillFile() = default;

  // Adds bytes at the end. kTransient: no space is left, I/O.
  virtual base::Status append(std::string_view bytes) = 0;
  // Ends the writing. The view is valid while the file lives; reading it may fail only as reading
  // memory does that the machine has lost (SIGBUS, where a disk breaks). kTransient: as append().
  virtual base::Result<std::string_view> map() = 0;
};

// Keeps the bytes in memory: for stores that have no disk.
std::unique_ptr<SpillFile> spill_to_memory();

// A file without a name in the file system of `folder`, an absolute path: nothing is left of it
// however the process ends (where a file system makes none without a name it has one for an
// instant, such as list_temporaries() finds). What is read of it is the file's own memory, not the
// process's (the system may drop it and read it again). `faults` as DiskStore. kTransient,
// kPermanent: as ObjectStore.
base::Result<std::unique_ptr<SpillFile>> spill_to_disk(const std::string& folder,
                                                       FaultPoints* faults);

}  // namespace ashore::io
