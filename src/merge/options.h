// What merge may be told besides the pipeline.
#pragma once

#include <arrow/type_fwd.h>

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "delta/table_logs.h"

namespace ashore::merge {

struct Options {
  std::string run_id;
  std::vector<std::string> taken_tables = {};  // written though they are another pipeline's
  // Where the pipeline has a lookup: name the missing keys that the source was not asked for
  // instead of merging. Else such rows are kept, or deleted, as the table says.
  bool names_pending = false;
  // A run whose staged window has the very files of this one's; "": none is known.
  std::string equal_window_of = {};
  // Keys of up to so many published files are read outright; past it the key index is asked, and
  // written again when a quarter as many had to be read to bring it up to date. Any number gives
  // the same candidate.
  std::size_t files_read_outright = 256;
  // Rows of tables that this process has just staged, as their files hold them (by table): they are
  // not read back. nullptr: none. Outlives the call.
  const std::map<std::string, std::shared_ptr<arrow::Table>>* rows = nullptr;
  // What this process knows of the tables' logs already; nullptr: nothing. Outlives the call.
  delta::TableLogs* logs = nullptr;
};

}  // namespace ashore::merge
