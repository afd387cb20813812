// The SQL that makes a destination's table equal to staged rows, in both dialects.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/schema.h"
#include "warehouse/connection.h"

namespace ashore::load {

inline constexpr std::string_view kStage = "_ashore_stage";      // the published rows in scope
inline constexpr std::string_view kTouched = "_ashore_touched";  // partition values in scope
inline constexpr std::string_view kKept = "_ashore_kept";        // keys published out of scope
inline constexpr std::string_view kGone = "_ashore_gone";        // keys that are deleted

// What the statements are about.
struct Target {
  warehouse::Dialect dialect = warehouse::Dialect::kDuckDb;
  std::string name;  // qualified and quoted
  base::Schema schema;
  std::vector<std::string> key;
};

// All pure. In conditions the target is `t` and the stage `s`.

// Creates a temporary table of some of the target's columns; json is staged as text. It goes with
// the transaction on PostgreSQL and must be dropped on DuckDB.
std::string create_temporary(const Target& target, std::string_view name,
                             const std::vector<std::string>& columns);
std::string drop_temporary(std::string_view name);
// Counts keys that a table of the target's columns holds more than once.
std::string count_repeated_keys(const Target& target, std::string_view table);
// Counts the target's rows whose key is staged.
std::string count_staged_rows(const Target& target);
// Inserts all staged rows: for an empty target that was there before.
std::string insert_all(const Target& target);
// Inserts the staged rows whose key the target lacks.
std::string insert_missing(const Target& target);
// Updates the rows that differ from the staged row of their key; "" where all columns are key.
std::string update_changed(const Target& target);
// A few keys, each column as text, in order of those texts: of rows that would be inserted, updated
// ("" where all columns are key) or deleted; and of rows whose key the target has more than once.
std::string sample_missing(const Target& target);
std::string sample_changed(const Target& target);
std::string sample_absent(const Target& target);
std::string sample_repeated(const Target& target);
// Deletes all rows of the target whose key it has more than once.
std::string delete_repeated(const Target& target);
// Deletes the target's rows whose key is in kGone.
std::string delete_listed(const Target& target);
// What may vanish: rows whose key is not staged and that meet `condition` ("" for all).
std::string count_absent(const Target& target, std::string_view condition);
// Deletes those; with `is_kept_staged` only where their key is not in kKept either.
std::string delete_absent(const Target& target, std::string_view condition, bool is_kept_staged);

}  // namespace ashore::load
