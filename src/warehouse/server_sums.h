// Sums of rows that a PostgreSQL server computes itself, so that none of its rows travels.
#pragma once

#include <stop_token>
#include <string>

#include "base/result.h"
#include "warehouse/connection.h"
#include "warehouse/row_source.h"

namespace ashore::warehouse {

// The hash of a row here: hash_record_extended() of its columns, then hashtextextended() of that
// number as text, a signed number of 64 bits. Equal sums are taken for equal rows.

// Whether the server computes these hashes as this program does: it is asked for the hash of one
// row with a value of each type. False for DuckDB. Errors as Connection::query().
base::Result<bool> sums_on_server(Connection& connection);

// The sums of a whole table by the server, `name` as in statements. Precondition: sums_on_server().
// Errors as Connection::stream(); kInterrupted.
base::Result<PartitionSums> sum_on_server(Connection& connection, const std::string& name,
                                          const ComparedTable& shape, const std::stop_token& stop);

// Adds some rows of a table, summed here, to what the server's sums are compared with.
void add_as_server(const ComparedTable& shape, const arrow::Table& rows, PartitionSums* sums);

}  // namespace ashore::warehouse
