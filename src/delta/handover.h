// A handover is the rows of the files that a merge made, once more, in one file a table: later
// stages read it in place of thousands of small Parquet files. It is a cache.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <arrow/type_fwd.h>

#include "base/digest.h"
#include "base/result.h"
#include "base/schema.h"
#include "columnar/row_stream.h"
#include "delta/snapshot.h"
#include "io/object_store.h"
#include "io/spill_buffer.h"

namespace ashore::delta {

// The rows of some files of one table, file after file. Read-only; threads: any.
class Handover {
 public:
  struct Place {
    std::int64_t first_row = 0;
    std::int64_t rows = 0;
  };

  Handover(std::shared_ptr<arrow::Table> rows, std::map<std::string, Place> places)
      : rows_(std::move(rows)), places_(std::move(places)) {}

  // Where the rows of a file lie; nothing where it is not among them. The path is as in
  // AddFile::path: it holds the digest of the file's bytes, so equal paths are equal rows.
  [[nodiscard]] std::optional<Place> find(const AddFile& file) const;
  // Rows of that range, these columns in this order: the columns of the table, partition columns
  // too. Copies nothing.
  [[nodiscard]] std::shared_ptr<arrow::Table> slice(const Place& place,
                                                    const std::vector<std::string>& columns) const;

 private:
  std::shared_ptr<arrow::Table> rows_;
  std::map<std::string, Place> places_;
};

// A file of a handover.
struct HandedFile {
  std::string path;  // as AddFile::path
  std::int64_t rows = 0;
};

// Writes runs/<run id>/handover/<table>.arrow and its description, not durable. Threads: one.
class HandoverWriter {
 public:
  // Up to `bytes_max` bytes are held in memory until all are written. Errors: those of
  // ObjectStore::spill().
  static base::Result<HandoverWriter> open(io::ObjectStore& store, const base::Schema& schema,
                                           std::size_t bytes_max);

  // Takes the next rows: whole tables of the schema's columns, by name. Small ones are joined, so
  // that a reader has no batch for each. Errors as open(); kTransient: out of memory.
  base::Status append(const std::shared_ptr<arrow::Table>& rows);
  // `files`: whose rows were appended, one after another. Errors as ObjectStore::write.
  base::Status finish(const std::string& run_id, const std::string& table,
                      const std::vector<HandedFile>& files);

 private:
  HandoverWriter(io::ObjectStore& store, const base::Schema& schema, std::size_t bytes_max);
  base::Status write_pending();

  io::ObjectStore& store_;
  std::shared_ptr<arrow::Schema> schema_;
  std::unique_ptr<io::SpillBuffer> bytes_;
  std::unique_ptr<base::Sha256Stream> digest_;
  std::unique_ptr<columnar::RowStream> stream_;
  std::vector<std::shared_ptr<arrow::Table>> pending_;
  std::int64_t pending_rows_ = 0;
  std::int64_t rows_ = 0;
};

// Whether a handover's bytes are compared with their digest: not where this process wrote them.
enum class HandoverBytes { kToBeVerified, kWrittenHere };

// Nothing where there is none, or one that is damaged or of other columns or types: then the files
// are read. The rows are read where they lie. kTransient: I/O.
base::Result<std::optional<Handover>> read_handover(io::ObjectStore& store,
                                                    const std::string& run_id,
                                                    const std::string& table,
                                                    const base::Schema& schema,
                                                    HandoverBytes bytes);

// Where all of a run's lie.
std::string handover_folder(const std::string& run_id);

// Removes all handovers of a run: once its destinations are loaded nobody needs them.
base::Status remove_handover(io::ObjectStore& store, const std::string& run_id);

}  // namespace ashore::delta
