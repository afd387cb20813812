// Applies the rows that one version changed to a destination's table that holds the version before.
#pragma once

#include <cstdint>

#include "base/result.h"
#include "delta/changed_rows.h"
#include "load/statements.h"
#include "load/table_load.h"

namespace ashore::load {

struct RowCounts {
  std::int64_t inserted = 0;
  std::int64_t updated = 0;
  std::int64_t deleted = 0;
};

// Precondition: a transaction is open; the changes have the target's columns. Rows that the
// destination has already are not written. kPermanent: a key that is there twice; kInterrupted:
// stopped; else as Connection.
base::Result<RowCounts> apply_changes(const TableContext& context, const Target& target,
                                      const delta::ChangedRows& changes);

// DuckDB's tables have no primary key: the transaction itself asserts that the keys of what is
// staged are unique. Errors as apply_changes().
base::Status check_unique(warehouse::Connection& connection, const Target& target);

}  // namespace ashore::load
