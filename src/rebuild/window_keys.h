// The keys of staged windows and tables, as sets that can be asked.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <unordered_set>

#include "base/result.h"
#include "config/pipeline.h"
#include "io/object_store.h"

namespace ashore::rebuild {

using KeySet = std::unordered_set<std::string>;

// Gets each row's encoded key and its key for people: "r1, 17".
using KeyVisitor =
    std::function<void(std::string_view key, const std::function<std::string()>& text)>;

// Visits the rows that `run_id` staged for a table, by key. A run without a staged window has none.
// Errors as columnar::read_parquet.
base::Status visit_window(io::ObjectStore& store, const std::string& run_id,
                          const config::Table& table, const KeyVisitor& visit);

// The keys of the newest version of a table. Errors as delta::read_rows.
base::Result<KeySet> table_keys(io::ObjectStore& store, const config::Table& table);

}  // namespace ashore::rebuild
