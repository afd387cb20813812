// Reconcile proves that raw, the published tables, the destinations and the source agree, or names
// what does not.
#pragma once

#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/event.h"
#include "base/result.h"
#include "columnar/row_sum.h"
#include "config/pipeline.h"
#include "run/options.h"
#include "state/run_context.h"
#include "warehouse/row_source.h"

namespace ashore::reconcile {

struct ReconcileOptions {
  bool repair = false;   // make destinations that differ right
  bool deep = false;     // build the tables again from raw, too
  bool offline = false;  // do not ask the source
};

// One thing that is not as it should be; fields that do not apply are "".
struct Finding {
  std::string place;  // "published", "raw", "source", or a destination's name
  std::string table;
  std::string partition;  // "day=2022-11-01"
  std::string file;       // a data file of the table, a page, a manifest
  std::string key;        // of the row, for people: "A-1, 17"
  std::string what;
};

// A published table, by which the others are measured.
struct TableSums {
  std::string table;
  std::int64_t version = -1;
  columnar::RowSum total;
  std::vector<std::pair<std::string, columnar::RowSum>>
      partitions;  // by warehouse::partition_name()
};

// One table of one place that was compared with the published one.
struct TableComparison {
  std::string place;
  std::string table;
  columnar::RowSum found;
  std::vector<std::string> differing;  // warehouse::partition_name()s; "": the table
};

struct RawCheck {
  std::int64_t landings = 0;
  std::int64_t pages = 0;
  std::int64_t bytes = 0;
};

// The source's total over the windows that the published tables were landed from.
struct SourceTotal {
  std::string table;
  std::string window;
  std::int64_t total = 0;      // as the source says now
  std::int64_t set_aside = 0;  // of the landing: rejected, dropped or repeated, less stale rows
  std::int64_t published = 0;  // rows of the table in the window
};

// What could not be compared, and why.
struct NotCompared {
  std::string place;
  std::string why;  // Error::message()
  base::ErrorKind kind = base::ErrorKind::kTransient;
};

struct Reconciled {
  std::vector<TableSums> tables;
  std::vector<TableComparison> comparisons;
  std::optional<RawCheck> raw;
  std::vector<SourceTotal> source;
  std::vector<Finding> findings;  // none: equal
  std::vector<NotCompared> not_compared;
  std::vector<Finding> repaired;  // what was so before the repair

  [[nodiscard]] bool is_equal() const { return findings.empty() && not_compared.empty(); }
  // 0: equal; 1: differs; else of the first thing that could not be compared.
  [[nodiscard]] int exit_code() const;
};

// At most this many rows are named, of each table of each place.
inline constexpr std::size_t kNamedRowsMax = 20;

// Takes the lock. Sums the rows of each published file, checks each against its log entry and name,
// sums each destination's rows, checks every landed page against its manifest, and asks the source
// for its totals. Rows of partitions that differ are compared by key. Changes nothing without
// `repair`; with it, destinations that differ are loaded, every row compared, and looked at again;
// never from published files that are not as they were written. Memory is bounded by the largest
// data file. kNotFound: nothing is published; else as read_history(), delta::read_snapshot() and
// the store. A place that cannot be reached is no Error but Reconciled::not_compared.
base::Result<Reconciled> reconcile(const config::Pipeline& pipeline, const run::Options& options,
                                   const ReconcileOptions& reconcile_options,
                                   const state::RunContext& context);

}  // namespace ashore::reconcile
