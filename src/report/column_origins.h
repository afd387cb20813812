// Says which places of a source's items each column of a table is made of.
#pragma once

#include <string>
#include <vector>

#include "config/pipeline.h"

namespace ashore::report {

struct ColumnOrigin {
  std::string column;
  // In an item, arrays as "/*": "/cores/*/landpad"; "" is the item itself.
  std::string place;
  // False where the value is kept as it is, but for its type.
  bool is_derived = false;
};

// Pure. One entry per column, in the table's order. Precondition: the pipeline is as its reader
// leaves it (names exist, parents come first).
std::vector<ColumnOrigin> column_origins(const config::Pipeline& pipeline,
                                         const config::Table& table);

}  // namespace ashore::report
