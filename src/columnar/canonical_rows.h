// Canonical rows: one byte string a row, the same on every machine
// (docs/formats/canonical-rows.md).
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <arrow/type_fwd.h>

#include "base/digest.h"
#include "base/result.h"
#include "base/schema.h"

namespace ashore::columnar {

// The sha256 over the schema, then the rows in the table's order: the caller
// has sorted them by key. `schema` names all columns of the rows, the partition
// column included.
base::Sha256 canonical_digest(const arrow::Table& table, const base::Schema& schema);

// Appends each row's canonical bytes to `rows` (one entry a row). For comparisons.
void canonical_rows(const arrow::Table& table, const base::Schema& schema,
                    std::vector<std::string>* rows);

}  // namespace ashore::columnar
