// A handover is the rows of the files that a merge made, once more, in one file a table: later
// stages read it in place of thousands of small Parquet files. It is a cache.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <arrow/type_fwd.h>

#include "base/result.h"
#include "base/schema.h"
#include "delta/snapshot.h"
#include "io/object_store.h"

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

// Writes runs/<run id>/handover/<table>.arrow and its description, not durable. `rows` are those of
// `files` one after another. Errors as ObjectStore::write.
base::Status write_handover(io::ObjectStore& store, const std::string& run_id,
                            const std::string& table, const std::vector<AddFile>& files,
                            const arrow::Table& rows);

// Nothing where there is none, or one that is damaged, of other columns or types, or larger than
// `bytes_max`: then the files are read. kTransient: I/O.
base::Result<std::optional<Handover>> read_handover(io::ObjectStore& store,
                                                    const std::string& run_id,
                                                    const std::string& table,
                                                    const base::Schema& schema,
                                                    std::int64_t bytes_max);

// A handover takes at most this share of --memory: the stages hold other rows beside it.
inline constexpr std::int64_t kHandoverShare = 8;

// Removes all handovers of a run: once its destinations are loaded nobody needs them.
base::Status remove_handover(io::ObjectStore& store, const std::string& run_id);

}  // namespace ashore::delta
