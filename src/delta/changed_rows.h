// ChangedRows are the rows that a run changes in a published table, with what it does to each: a
// destination that holds the version before needs no others. Kept beside the handover; a cache.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <arrow/type_fwd.h>

#include "base/result.h"
#include "base/schema.h"
#include "io/object_store.h"

namespace ashore::delta {

// The last column of ChangedRows::rows. A table may have a column of that name, too: it is another.
inline constexpr std::string_view kChangeColumn = "_change";
inline constexpr std::string_view kInsert = "insert";
inline constexpr std::string_view kUpdate = "update";
inline constexpr std::string_view kDelete = "delete";

struct ChangedRows {
  std::string table;
  std::string table_id;
  std::int64_t base_version = -1;  // the version that they change
  // All columns of the table, each nullable, then kChangeColumn. First rows that are inserted or
  // updated, as they become; then those that are deleted, of which only the key is told.
  std::shared_ptr<arrow::Table> rows;
  std::int64_t upserted = 0;
};

// Writes runs/<run id>/handover/<table>.changes.arrow and its description
// (docs/formats/handover.md), not durable. kTransient: I/O, out of memory.
base::Status write_changed_rows(io::ObjectStore& store, const std::string& run_id,
                                const ChangedRows& changes);

// What is asked for: the rows that `run_id` changed in version `version` - 1 of the table.
struct ChangesWanted {
  const std::string& run_id;
  const std::string& table;
  const std::string& table_id;
  std::int64_t version = 0;
  const base::Schema& schema;
};
// Nothing where there are none, or where they are damaged, of another version, or of other columns
// or types. The rows are read where they lie. kTransient: I/O.
base::Result<std::optional<ChangedRows>> read_changed_rows(io::ObjectStore& store,
                                                           const ChangesWanted& wanted);

}  // namespace ashore::delta
