// PageRows is what some pages gave: rows of every table, what was rejected, what no column names.
#pragma once

#include <arrow/type_fwd.h>

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "state/summary.h"
#include "transform/plan.h"
#include "transform/rule.h"
#include "transform/table_rows.h"

namespace ashore::transform {

// Distinct unmapped paths that are told of a page and of a window, the first met; objects used as
// maps have many.
inline constexpr std::size_t kUnmappedPathsMax = 1'000;

// How often a rule struck a table, and the first example in words.
struct RuleTally {
  std::int64_t rows = 0;
  std::string example;  // "page-00003.json, item 17, column 'amount': 1.5 is not an integer"
};
using RuleTallies = std::array<RuleTally, static_cast<std::size_t>(Rule::kParentRejected) + 1>;

// Values of another JSON type than their column takes.
struct TypeTally {
  int column = 0;
  std::string found;  // string, number, boolean, object, array
  std::int64_t rows = 0;
  std::string example;  // at most 100 bytes of exact text
};

// Rows of one table that were kept, a batch of whole items.
struct KeptRows {
  std::shared_ptr<arrow::Table> rows;  // nullptr: none
  // Child tables, by kept row: the number of the parent's row among this batch's kept ones.
  std::vector<std::int64_t> parents;

  [[nodiscard]] std::int64_t count() const;
};

struct TablePage {
  std::vector<KeptRows> batches;  // as many in every table of the same pages
  std::int64_t rows_in = 0;
  std::int64_t dropped_null = 0;
  std::int64_t rejected = 0;
  std::int64_t unreadable_keys = 0;
  std::vector<std::shared_ptr<arrow::Table>> rejected_keys;  // key columns only
  std::string quarantine;                                    // JSON lines
  RuleTallies rules;
  std::vector<TypeTally> types;  // in the order met
  std::string first_example;     // of a rejection of its own, in words
};

struct PageRows {
  std::vector<TablePage> tables;              // as in the plan
  std::vector<std::int64_t> seen;             // by node: how often there was a value
  std::vector<state::UnmappedPath> unmapped;  // in the order met
  std::int64_t items = 0;
  std::int64_t bytes = 0;  // of memory that all of this holds
};

// An item, for messages and the quarantine: its exact text, and where it came from.
struct ItemView {
  std::string_view text;
  std::string_view page;   // the file's name: "page-00003.json"
  std::int64_t index = 0;  // in its page
};

// The items of one batch.
struct ItemsOfRun {
  const std::string& run_id;
  const std::vector<ItemView>& items;
};

// Adds what pages counted to `sum`, in the order of pages: tallies and examples, of its rows and
// their rejected keys nothing. A `sum` without tables takes the page's shape.
void add_counts(const PageRows& page, PageRows* sum);

// Adds a batch's decided rows of every table (as in the plan) to `page`.
void add_batch(const Plan& plan, const ItemsOfRun& items, const std::vector<DecidedRows>& decided,
               PageRows* page);

}  // namespace ashore::transform
