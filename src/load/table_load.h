// Makes one table of a destination equal to its published version, inside an open transaction.
#pragma once

#include <optional>
#include <stop_token>
#include <string>

#include "base/event.h"
#include "base/result.h"
#include "io/object_store.h"
#include "load/bookkeeping.h"
#include "load/options.h"
#include "load/published_table.h"
#include "load/scope.h"
#include "state/summary.h"
#include "warehouse/connection.h"

namespace ashore::load {

// What a table's load needs besides the table; all outlive it.
struct TableContext {
  warehouse::Connection& connection;
  const std::string& qualifier;
  io::ObjectStore& store;
  base::EventSink& events;
  const std::stop_token& stop;
};

// What is asked of one table.
struct TableRequest {
  const PublishedTable& table;
  bool is_there = false;       // among table_names()
  std::optional<Held> held;    // the destination's bookkeeping row
  bool full = false;           // compare every row, whatever is held
  std::optional<Scope> range;  // only this part; the recorded version stays
  bool adopt = false;          // take it over where it is not ours
  bool fixes_repeated_keys = false;
};

struct TableOutcome {
  state::DestinationTableCounts counts;
  bool changed_rows = false;
  bool changed_shape = false;           // the table was made or got columns
  std::optional<AdoptedTable> adopted;  // it was not ours
  std::optional<Held> bookkeeping;      // the row to write, where it is another than before
};

// Precondition: a transaction is open. kPermanent: a table of another shape or that ashore did not
// load (another id, or rows without bookkeeping) unless adopted, a key that is there twice;
// kInterrupted: stopped; else as Connection and delta::read_rows(). After an Error the transaction
// must be undone.
base::Result<TableOutcome> load_table(const TableContext& context, const TableRequest& request);

}  // namespace ashore::load
