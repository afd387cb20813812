// Examples of what a run changes: some rows of each kind and table, for its report.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "io/object_store.h"

namespace ashore::state {

// A column and its value as text; nothing for null. Long texts are cut.
using ExampleValue = std::pair<std::string, std::optional<std::string>>;

struct ValueChange {
  std::string column;
  std::optional<std::string> before;
  std::optional<std::string> after;
};

struct RowExample {
  std::vector<ExampleValue> key;
  std::vector<ExampleValue> row;  // of a row that is new or goes: its first columns besides the key
  std::vector<ValueChange> changes;  // of a row that changes: the columns that differ
};

struct TableExamples {
  std::string table;
  std::vector<RowExample> inserted;
  std::vector<RowExample> updated;  // in their partition
  std::vector<RowExample> moved;    // to another partition
  std::vector<RowExample> deleted;  // or replaced with the set of their parent
};

// Pure. docs/formats/examples.md.
std::string examples_json(const std::vector<TableExamples>& tables);

// Writes runs/<run id>/examples.json, not durable. Errors as ObjectStore::write.
base::Status write_examples(io::ObjectStore& store, std::string_view run_id,
                            const std::vector<TableExamples>& tables);

}  // namespace ashore::state
