// Small answers of a database as texts: catalogs, counts and bookkeeping, never a table's rows.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "warehouse/connection.h"

namespace ashore::load {

using TextRow = std::vector<std::string>;

// The rows of a query whose columns are all texts; null is "". Errors as Connection::query();
// kBug: a column that is no text.
base::Result<std::vector<TextRow>> query_texts(warehouse::Connection& connection,
                                               std::string_view sql);

// The one number of a query that answers one bigint. Errors as Connection::query().
base::Result<std::int64_t> query_number(warehouse::Connection& connection, std::string_view sql);

}  // namespace ashore::load
