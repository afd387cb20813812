// Load makes each destination equal to the published tables, in one transaction each.
#pragma once

#include <stop_token>
#include <string>

#include "base/event.h"
#include "base/result.h"
#include "config/pipeline.h"
#include "load/options.h"
#include "state/run_context.h"
#include "state/summary.h"
#include "warehouse/connection.h"

namespace ashore::load {

struct Loaded {
  // One result a destination, its `error` set where it failed; nothing_new when no row and no
  // bookkeeping was written anywhere. One whose adoption was declined has no tables.
  state::Summary summary;
  // The first failure, after all destinations were tried; the kinds of warehouse/connection.h, and
  // kPermanent: a table that ashore did not load, another table id (unless adopted), a key that is
  // there twice, a column of another type.
  base::Status status;
};

// Precondition: the caller holds the lock. Reads the published snapshot of every table. An Error is
// returned only where nothing could be tried (nothing is published: kNotFound).
base::Result<Loaded> load(const config::Pipeline& pipeline, const Options& options,
                          const state::RunContext& context);

// Begins to make the instance options.duckdb on a thread of its own, if load() will attach a file
// to it, and with two threads and 512 MB at least: an instance that waits takes memory. Returns at
// once; load() gets the errors.
void open_ahead(const Options& options, const state::RunContext& context);

// Pure. The statement by which load makes a table that a destination lacks.
std::string table_definition(const config::Table& table, warehouse::Dialect dialect);

// Pure. The destination's name in reports: "duckdb:warehouse.duckdb",
// "postgresql://host:5432/database", without user and password.
std::string destination_name(const config::DestinationSpec& destination);

}  // namespace ashore::load
