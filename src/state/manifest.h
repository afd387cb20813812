// A manifest lists the immutable files that a stage made; stages hand each other nothing else.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/schema.h"
#include "base/window.h"
#include "io/object_store.h"
#include "io/spill_buffer.h"

namespace ashore::state {

// Where a landed page came from. Nothing secret: rendered with `${UPPER}` left as written.
struct PageOrigin {
  std::string method;
  std::string url;
  std::optional<std::string> body;
  int status = 0;
  std::vector<std::pair<std::string, std::string>> headers;  // of the answer, names in lower case,
                                                             // without set-cookie
  base::Timestamp started_at{};
  double seconds = 0;
};

struct ManifestFile {
  std::string path;       // relative to the data folder
  std::int64_t rows = 0;  // items, for a page
  std::int64_t bytes = 0;
  std::string sha256;                             // hex
  std::optional<std::int64_t> schema;             // index into Manifest::schemas
  std::shared_ptr<const PageOrigin> origin = {};  // raw pages only, where it was not left out
  std::vector<std::string> keys = {};  // answers of a lookup only: what was asked for, as text
};

// What a parent manifest was, so that a chain can be verified.
struct ManifestParent {
  std::string path;
  std::string sha256;
};

struct NamedSchema {
  std::string table;
  base::Schema schema;
};

// Format "ashore.manifest/1" (docs/formats/manifest.md).
struct Manifest {
  std::string stage;  // extract, transform, merge, audit, publish, load
  std::string run_id;
  std::string pipeline_name;
  std::string pipeline_sha256;
  std::string version;  // of ashore
  base::Window window;
  std::int64_t started_us = 0;  // when the landing began, in all stages of a run
  std::optional<ManifestParent> parent;
  // Landings only: how the source said that there are no further pages (null, empty, absent, total,
  // more, link), and the digest of the pipeline's pages section; "" for none and in landings of
  // earlier releases.
  std::string end = {};
  std::string pages_sha256 = {};
  // Staged windows that depend on it: the version of the time zone data.
  std::string time_zones = {};
  std::vector<NamedSchema> schemas;
  std::vector<ManifestFile> files;
};

// Pure. JSON with keys in the contract's order, two-space indented, ends with a newline.
std::string manifest_json(const Manifest& manifest);
// Pure. The part of that text that tells of a page where it came from.
std::string origin_text(const PageOrigin& origin);

// ManifestText puts the text of a manifest together file by file: what a landing's origins take
// lies in the text only, which is in memory while it is short, then on disk. Threads: one. The
// store outlives this.
class ManifestText {
 public:
  // Begins with what `head` says besides its files.
  ManifestText(io::ObjectStore& store, const Manifest& head);

  // The next file, whose own origin is not looked at: `origin` is its origin_text(), "" for none.
  // Errors: those of ObjectStore::spill().
  base::Status add(const ManifestFile& file, std::string_view origin = {});
  // What manifest_json() gives of the manifest with these files; said once. Valid while this lives
  // where it is. Errors as add().
  base::Result<std::string_view> finish();

 private:
  std::string head_;
  io::SpillBuffer text_;
  bool has_files_ = false;
};
// Pure. kPermanent: not JSON, another format, a missing key, a path that leaves the data folder.
base::Result<Manifest> parse_manifest(std::string_view text);

// Whether the origins of pages are kept: they take a kilobyte or more a page, and who only reads
// the pages does not need them.
enum class Origins { kKept, kLeftOut };

// Reads and parses. kNotFound when there is none; else as parse_manifest(), with the path named.
base::Result<Manifest> read_manifest(io::ObjectStore& store, const std::string& path,
                                     Origins origins = Origins::kLeftOut);
// The same without its files: of a landing of thousands of pages they are nearly all of it. A text
// that manifest_json() did not write to its end is read whole.
base::Result<Manifest> read_manifest_head(io::ObjectStore& store, const std::string& path);

// A manifest as it lies in a store, and what its children name as their parent.
struct StoredManifest {
  Manifest manifest;  // without the origins of its pages
  ManifestParent as_parent;
};
// As read_manifest(); the digest is of the very bytes that were parsed.
base::Result<StoredManifest> read_stored_manifest(io::ObjectStore& store, const std::string& path);
// Writes the manifest (atomically; durable when it returns) and returns what a child names as
// its parent.
base::Result<ManifestParent> write_manifest(io::ObjectStore& store, const std::string& path,
                                            const Manifest& manifest);

}  // namespace ashore::state
