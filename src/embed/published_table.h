// A published table's rows, as the Python package's table() gives them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "columnar/row_stream.h"
#include "io/object_store.h"
#include "state/run_context.h"

namespace ashore::embed {

struct TableToWrite {
  std::string table;
  std::vector<std::string> columns;     // none: all, in the table's order
  std::optional<std::int64_t> version;  // of the table; nothing: the newest
};

// Writes the rows of a published table as one Arrow IPC stream: files in the order of their paths,
// each read and verified whole, as many at once as `context` has threads. No lock is needed: a
// version's files stay for a week after they are superseded. kNotFound: no such table, with those
// that there are, or no such version; kPermanent: no such column, a damaged file (named);
// kTransient: I/O; kInterrupted. And what `take` gives.
base::Status write_table(const TableToWrite& request, const state::RunContext& context,
                         const columnar::TakeBytes& take);

}  // namespace ashore::embed
