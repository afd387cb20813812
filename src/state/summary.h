// A stage's summary: the counters of docs/formats/report.md, kept beside its manifest for the run's
// report.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "io/object_store.h"

namespace ashore::state {

struct ExtractCounts {
  std::int64_t requests = 0;
  std::int64_t retries = 0;
  std::int64_t pages = 0;
  std::int64_t pages_reused = 0;
  std::int64_t bytes = 0;
  std::int64_t items = 0;
  std::optional<std::int64_t> total;  // as the envelope said
};

// rows_in = dropped_null + dropped_duplicate + rejected + inserted + updated +
// unchanged.
struct TableCounts {
  std::string table;
  std::int64_t rows_in = 0;
  std::int64_t rows_out = 0;  // staged by transform
  std::int64_t dropped_null = 0;
  std::int64_t dropped_duplicate = 0;
  std::int64_t rejected = 0;
  // Of the rejected: rows whose key could not be read. Where there is one, nothing is missing.
  std::int64_t unreadable_keys = 0;
  std::int64_t stale = 0;
  std::int64_t missing = 0;
  std::int64_t deleted = 0;
  std::int64_t moved = 0;
  std::int64_t replaced = 0;
  std::int64_t inserted = 0;
  std::int64_t updated = 0;
  std::int64_t unchanged = 0;
  std::int64_t older = 0;  // of the unchanged: the published row is newer (keep: {latest: ...})
  std::int64_t partitions_total = 0;
  std::int64_t partitions_touched = 0;
  std::int64_t files_added = 0;
  std::int64_t bytes_added = 0;
  std::optional<std::int64_t> version;  // after publish
};

struct UnmappedPath {
  std::string path;  // a JSON pointer; arrays as "/*"
  std::int64_t count = 0;
  std::string example;  // at most 100 bytes of exact text
};

// What the source does otherwise than the pipeline file says.
struct Drift {
  std::string table;
  std::string column;      // "" where the table's array is meant
  std::string path;        // in the item; arrays as "/*"
  std::string kind;        // missing: no item has it; type: values of another type
  std::string expected;    // the column's type; "array"
  std::string found;       // type: what came instead: string, number, boolean, object, array
  std::int64_t count = 0;  // type: rows
  std::string example;     // type: at most 100 bytes of exact text
};

// Why a run was published although a check failed.
struct CheckOverride {
  std::string reason;
  std::string at;  // when it was overridden: RFC 3339

  bool operator==(const CheckOverride&) const = default;
};

struct CheckResult {
  std::string table;
  std::string check;     // as written: "not_null: [order_id]"; "sql: <name>" for one with a name
  std::string severity;  // fail | warn
  bool passed = true;
  std::string observed;
  std::string expected;
  std::optional<CheckOverride> overridden = {};  // only of a failed check
  // Of freshness: how old the newest value was at the landing.
  std::optional<double> age_seconds = {};
};

struct DestinationTableCounts {
  std::string table;
  std::int64_t inserted = 0;
  std::int64_t updated = 0;
  std::int64_t deleted = 0;
  std::int64_t unchanged = 0;
  std::int64_t version = -1;
};
struct DestinationResult {
  std::string name;   // "duckdb:warehouse.duckdb", "postgresql://host:port/db" without credentials
  std::string error;  // empty when it went well
  std::vector<DestinationTableCounts> tables;
};

// One stage's part of the run's report; a stage fills what it knows and leaves the rest empty.
struct Summary {
  std::string stage;
  double seconds = 0;
  std::optional<ExtractCounts> extract;
  std::vector<TableCounts> tables;
  std::vector<UnmappedPath> unmapped;
  std::vector<Drift> drift;
  std::vector<CheckResult> checks;
  std::vector<DestinationResult> destinations;
  std::vector<std::string> warnings;
  bool nothing_new = false;  // publish: no table changed; load: no destination changed
};

// Pure. One check as a JSON object: in summaries, verdicts and reports alike.
std::string check_json(const CheckResult& check);
// Pure. JSON with the field names above.
std::string summary_json(const Summary& summary);
// Pure. kPermanent: not such JSON.
base::Result<Summary> parse_summary(std::string_view text);
// runs/<id>/<stage>.summary.json
base::Status write_summary(io::ObjectStore& store, std::string_view run_id, const Summary& summary);
// kNotFound.
base::Result<Summary> read_summary(io::ObjectStore& store, std::string_view run_id,
                                   std::string_view stage);

}  // namespace ashore::state
