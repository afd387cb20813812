// DuckDB's failures as Errors.
#pragma once

#include <string_view>

#include "base/error.h"

namespace ashore::warehouse {

// Pure. kTransient: the file is held by another process (is_file_held()), I/O,
// a full disk, a conflict of transactions; kNotFound: the file of a session that only reads is not
// there; kPermanent: all else, with a remedy where there is one.
base::Error duckdb_error(std::string_view message);

}  // namespace ashore::warehouse
