// Sorts the rows of pages into kept ones, rejected keys and quarantine lines.
#include "transform/page_rows.h"

#include <arrow/api.h>

#include <algorithm>
#include <cassert>
#include <numeric>

#include "columnar/keys.h"
#include "columnar/spilled_rows.h"
#include "state/quarantine.h"
#include "transform/json_text.h"

namespace ashore::transform {

std::int64_t KeptRows::count() const { return rows == nullptr ? 0 : rows->num_rows(); }

namespace {

std::size_t at(std::int64_t index) { return static_cast<std::size_t>(index); }

// By row: its number among the kept ones.
std::vector<std::int64_t> kept_numbers(const DecidedRows& decided) {
  std::vector<std::int64_t> numbers(at(decided.rows), -1);
  for (std::size_t number = 0; number < decided.kept.size(); ++number) {
    numbers[at(decided.kept[number])] = static_cast<std::int64_t>(number);
  }
  return numbers;
}

KeptRows kept_rows(const DecidedRows& decided, const DecidedRows* parent) {
  KeptRows kept;
  if (decided.kept.empty()) return kept;
  const bool is_all = static_cast<std::int64_t>(decided.kept.size()) == decided.rows;
  kept.rows = is_all ? decided.all : columnar::take_rows(*decided.all, decided.kept);
  if (parent == nullptr) return kept;
  const auto numbers = kept_numbers(*parent);
  kept.parents.reserve(decided.kept.size());
  for (const auto row : decided.kept) {
    kept.parents.push_back(numbers[at(decided.parent_rows[at(row)])]);
    assert(kept.parents.back() >= 0);
  }
  return kept;
}

std::string column_name(const TablePlan& table, int column) {
  return column < 0 ? "" : table.schema.fields[static_cast<std::size_t>(column)].name;
}

const config::Column* column_of(const TablePlan& table, int column) {
  return column < 0 ? nullptr : &table.table->columns[static_cast<std::size_t>(column)];
}

// The JSON type of an exact text.
std::string_view json_type(std::string_view value) {
  switch (value.empty() ? ' ' : value.front()) {
    case '"':
      return "string";
    case '{':
      return "object";
    case '[':
      return "array";
    case 't':
    case 'f':
      return "boolean";
    default:
      return "number";
  }
}

void add_type(const Failure& failure, std::vector<TypeTally>* types) {
  const bool is_type = failure.rule == Rule::kWrongType || failure.rule == Rule::kInexact;
  if (!is_type || failure.column < 0 || !failure.value) return;
  const auto found = json_type(*failure.value);
  for (auto& tally : *types) {
    if (tally.column != failure.column || tally.found != found) continue;
    ++tally.rows;
    return;
  }
  types->push_back({failure.column, std::string(found), 1, example_of(*failure.value)});
}

// One table's rejections of one batch.
class Quarantine {
 public:
  Quarantine(const TablePlan& table, const std::string& run_id, TablePage* page)
      : table_(table), run_id_(run_id), page_(*page) {}

  void add(const Failure& failure, const ItemView& item) {
    ++page_.rejected;
    auto& tally = page_.rules[static_cast<std::size_t>(failure.rule)];
    if (tally.rows++ == 0) tally.example = example(failure, item);
    add_type(failure, &page_.types);
    if (page_.first_example.empty()) page_.first_example = tally.example;
    append_line(failure, item);
  }

 private:
  [[nodiscard]] std::string example(const Failure& failure, const ItemView& item) const {
    std::string text = std::string(item.page) + ", item " + std::to_string(item.index);
    if (failure.column >= 0) text += ", column '" + column_name(table_, failure.column) + "'";
    return text + ": " +
           explain(failure.rule, column_of(table_, failure.column), failure.value.value_or(""));
  }

  void append_line(const Failure& failure, const ItemView& item) {
    const auto column = column_name(table_, failure.column);
    state::RejectionView rejection{.run_id = run_id_,
                                   .source_page = item.page,
                                   .item_index = item.index,
                                   .table = table_.table->name,
                                   .column = {},
                                   .rule = rule_name(failure.rule),
                                   .value = {},
                                   .item = item.text};
    if (failure.column >= 0) rejection.column = column;
    if (failure.value) rejection.value = *failure.value;
    state::append_rejection(rejection, &page_.quarantine);
    page_.quarantine += '\n';
  }

  const TablePlan& table_;
  const std::string& run_id_;
  TablePage& page_;
};

bool has_readable_key(const TablePlan& table, const arrow::Table& rows, std::int64_t row) {
  return std::ranges::all_of(
      table.key, [&](int column) { return rows.column(column)->chunk(0)->IsValid(row); });
}

// Keeps the keys of rejected rows, so that merge knows the source still has them.
void add_rejected_keys(const TablePlan& table, const DecidedRows& decided, TablePage* page) {
  std::vector<std::int64_t> readable;
  for (const auto& failure : decided.rejections) {
    if (has_readable_key(table, *decided.all, failure.row)) readable.push_back(failure.row);
  }
  const auto unreadable = decided.rejections.size() - readable.size();
  page->unreadable_keys += static_cast<std::int64_t>(unreadable);
  if (readable.empty()) return;
  auto keys = decided.all->SelectColumns(table.key);
  assert(keys.ok());
  page->rejected_keys.push_back(columnar::take_rows(**keys, readable));
}

void add_types(const std::vector<TypeTally>& types, std::vector<TypeTally>* sums) {
  for (const auto& tally : types) {
    const auto found = std::ranges::find_if(*sums, [&](const TypeTally& sum) {
      return sum.column == tally.column && sum.found == tally.found;
    });
    if (found == sums->end()) {
      sums->push_back(tally);
    } else {
      found->rows += tally.rows;
    }
  }
}

void add_table_counts(const TablePage& page, TablePage* sum) {
  sum->rows_in += page.rows_in;
  sum->dropped_null += page.dropped_null;
  sum->rejected += page.rejected;
  sum->unreadable_keys += page.unreadable_keys;
  for (std::size_t rule = 0; rule < page.rules.size(); ++rule) {
    auto& tally = sum->rules[rule];
    if (tally.rows == 0) tally.example = page.rules[rule].example;
    tally.rows += page.rules[rule].rows;
  }
  add_types(page.types, &sum->types);
  if (sum->first_example.empty()) sum->first_example = page.first_example;
}

void add_unmapped(const std::vector<state::UnmappedPath>& paths,
                  std::vector<state::UnmappedPath>* sums) {
  for (std::size_t index = 0; index < paths.size(); ++index) {
    const auto& path = paths[index];
    // Most pages have the paths of the first one, in its order.
    const bool is_at_index = index < sums->size() && (*sums)[index].path == path.path;
    const auto found = is_at_index
                           ? sums->begin() + static_cast<std::ptrdiff_t>(index)
                           : std::ranges::find(*sums, path.path, &state::UnmappedPath::path);
    if (found != sums->end()) {
      found->count += path.count;
    } else if (sums->size() < kUnmappedPathsMax) {
      sums->push_back(path);
    }
  }
}

// A batch's rows of all tables, and where its items came from.
struct Batch {
  const ItemsOfRun& items;
  const std::vector<DecidedRows>& decided;
};

void add_table(const TablePlan& table, const Batch& batch, std::size_t index, PageRows* rows) {
  const auto& decided = batch.decided[index];
  auto& page = rows->tables[index];
  const auto* parent = table.parent < 0 ? nullptr : &batch.decided[at(table.parent)];
  page.rows_in += decided.rows;
  page.dropped_null += std::ranges::count(decided.outcomes, RowOutcome::kDropped);
  page.batches.push_back(kept_rows(decided, parent));
  const auto& kept = page.batches.back();
  if (kept.rows != nullptr) rows->bytes += columnar::bytes_of(*kept.rows);
  rows->bytes += static_cast<std::int64_t>(kept.parents.size() * sizeof(std::int64_t));
  if (decided.rejections.empty()) return;
  const auto before = page.quarantine.size();
  Quarantine quarantine(table, batch.items.run_id, &page);
  for (const auto& failure : decided.rejections) {
    quarantine.add(failure, batch.items.items[decided.items[at(failure.row)]]);
  }
  rows->bytes += static_cast<std::int64_t>(page.quarantine.size() - before);
  add_rejected_keys(table, decided, &page);
}

}  // namespace

void add_counts(const PageRows& page, PageRows* sum) {
  sum->tables.resize(page.tables.size());
  for (std::size_t index = 0; index < page.tables.size(); ++index) {
    add_table_counts(page.tables[index], &sum->tables[index]);
  }
  sum->seen.resize(page.seen.size(), 0);
  for (std::size_t node = 0; node < page.seen.size(); ++node) sum->seen[node] += page.seen[node];
  add_unmapped(page.unmapped, &sum->unmapped);
  sum->items += page.items;
}

void add_batch(const Plan& plan, const ItemsOfRun& items, const std::vector<DecidedRows>& decided,
               PageRows* page) {
  for (std::size_t index = 0; index < plan.tables.size(); ++index) {
    add_table(plan.tables[index], {items, decided}, index, page);
  }
}

}  // namespace ashore::transform
