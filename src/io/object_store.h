// ObjectStore is the files of a data folder behind one seam: on a disk, in memory, on S3.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/timestamp.h"
#include "io/mapped_bytes.h"
#include "io/spill_file.h"

namespace ashore::io {

// What is known of one object without reading it.
struct ObjectInfo {
  std::string path;  // relative to the store, '/' between parts
  std::int64_t bytes = 0;
  base::Timestamp modified{};
};

// Reads one object at random. Threads: read_at() may be called from any thread at once.
class ObjectReader {
 public:
  virtual ~ObjectReader() = default;
  [[nodiscard]] virtual std::int64_t bytes() const = 0;
  // Fills `target` from `offset`. Precondition: the range lies within the object.
  // kTransient: an I/O error.
  virtual base::Status read_at(std::int64_t offset, std::span<char> target) = 0;
};

// A lock held until it is destroyed or its process dies.
class StoreLock {
 public:
  virtual ~StoreLock() = default;
};

// Paths are relative, '/'-separated, without "." or ".." or empty parts (asserted); the parts'
// bytes are otherwise free and at most 255 long. Folders exist by being used. Threads: all methods
// may be called at once; two writers of the same path are the caller's mistake except where said.
// Errors, unless said otherwise: kTransient for EIO, ENOSPC, EMFILE; kPermanent for EACCES, EROFS,
// a file where a folder should be; messages hold the full name and the cause.
class ObjectStore {
 public:
  virtual ~ObjectStore() = default;

  // For messages: "/data/resources" or "s3://bucket/prefix".
  [[nodiscard]] virtual std::string location() const = 0;
  // For messages and other programs: where this object is.
  [[nodiscard]] virtual std::string location_of(std::string_view path) const = 0;
  // Whether a rename moves at once and a lock holds others off, as on a disk. Where they do not
  // (S3), files are written where they will be read and writers meet at put_if_absent().
  [[nodiscard]] virtual bool is_file_system() const { return true; }

  // The whole object. kNotFound.
  virtual base::Result<std::string> read(std::string_view path) = 0;
  // A reader that stays valid if the object is removed meanwhile. kNotFound.
  virtual base::Result<std::unique_ptr<ObjectReader>> open(std::string_view path) = 0;
  // The whole object for reading in place; from a store that has no disk as read(). kNotFound.
  virtual base::Result<std::unique_ptr<MappedBytes>> map(std::string_view path) {
    TRY(auto bytes, read(path));
    return std::make_unique<OwnedBytes>(std::move(bytes));
  }
  // Size and time, or nothing if there is no such object.
  virtual base::Result<std::optional<ObjectInfo>> stat(std::string_view path) = 0;
  // All objects below a folder, at any depth, in bytewise order of path. A folder that does not
  // exist is empty. Lists objects, never folders.
  virtual base::Result<std::vector<ObjectInfo>> list(std::string_view folder) = 0;
  // The names directly below a folder (objects and folders), in bytewise order.
  virtual base::Result<std::vector<std::string>> list_names(std::string_view folder) = 0;

  // What writers that died left of objects they had not finished: such files are in no other
  // listing. remove() takes them away. In bytewise order of path; none where a store has no such.
  virtual base::Result<std::vector<ObjectInfo>> list_temporaries() {
    return std::vector<ObjectInfo>();
  }

  // Makes an object of these bytes; makes its folders. An object that exists is replaced whole or
  // not at all (written under a temporary name, then renamed). Not durable before sync().
  virtual base::Status write(std::string_view path, std::string_view bytes) = 0;
  // Like write(), and durable when it returns: after a loss of power the object is the old or the
  // new one, never a part.
  virtual base::Status write_durable(std::string_view path, std::string_view bytes) = 0;
  // Like write() for a path that the caller knows to be new (immutable, named by run or content):
  // one create, no rename. An object that exists already is replaced.
  virtual base::Status write_new(std::string_view path, std::string_view bytes) = 0;
  // Makes an object only if there is none, whole and durable when it returns: the commit.
  // kAlreadyExists if somebody was first; exactly one of many callers at once succeeds.
  virtual base::Status put_if_absent(std::string_view path, std::string_view bytes) = 0;
  // Adds a line or more at the end; makes the object if need be. Only for logs.
  virtual base::Status append(std::string_view path, std::string_view bytes) = 0;
  // Moves an object; an object at `target` is replaced; makes the folders. kNotFound.
  virtual base::Status rename(std::string_view source, std::string_view target) = 0;
  // Renames a folder with all in it. kNotFound; kAlreadyExists if the target folder exists.
  virtual base::Status rename_folder(std::string_view source, std::string_view target) = 0;
  // A second name for the same immutable object (hard link; a copy where there is none). kNotFound;
  // kAlreadyExists.
  virtual base::Status link(std::string_view source, std::string_view target) = 0;
  // Removes an object; absent is success. Folders left empty go too, up to the store's root.
  virtual base::Status remove(std::string_view path) = 0;
  // Removes a folder and all in it; absent is success.
  virtual base::Status remove_folder(std::string_view folder) = 0;

  // A file for rows that do not fit in memory, beside the objects and in no listing; a store that
  // has no disk keeps it in memory.
  virtual base::Result<std::unique_ptr<SpillFile>> spill() { return spill_to_memory(); }
  // A folder of this machine for what a library spills by itself; whoever has it made removes it.
  // On a disk it is the folder `path` of the store, elsewhere one of this process; "": there is
  // none.
  [[nodiscard]] virtual std::string local_folder(std::string_view path) const {
    return location().starts_with('/') ? location_of(path) : std::string();
  }

  // Makes the bytes and the names of these objects survive a loss of power, with as few calls as
  // the store can (one syncfs for many files). Also the removals in their folders.
  virtual base::Status sync(std::span<const std::string> paths) = 0;

  // How many requests were made so far, by kind ("get", "put", …), those that were sent again too;
  // nothing where none cost anything.
  [[nodiscard]] virtual std::vector<std::pair<std::string, std::int64_t>> requests() const {
    return {};
  }

  // Takes the lock at `path` without waiting; `holder` is one line that says who and since when,
  // for others to read. Released when the lock is destroyed or the process dies.
  // kTransient with the holder's line in the message if another holds it.
  virtual base::Result<std::unique_ptr<StoreLock>> lock(std::string_view path,
                                                        std::string_view holder) = 0;
};

}  // namespace ashore::io
