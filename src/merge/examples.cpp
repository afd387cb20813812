// Collects rows by what became of them, then reads the few published rows that they are compared
// with.
#include "merge/examples.h"

#include <arrow/api.h>

#include <algorithm>
#include <map>
#include <utility>

#include "base/short_text.h"
#include "delta/rows.h"
#include "state/run_folder.h"

namespace ashore::merge {

namespace {

using base::Result;
using Text = std::optional<std::string>;

// A report shows examples, not rows: enough of a text to know it, and a table as wide as a screen.
constexpr std::size_t kTextBytesMax = 200;
constexpr std::size_t kColumnsMax = 8;

void keep_smallest(std::vector<ChangedRow>* rows) {
  std::ranges::sort(*rows, {}, [](const ChangedRow& row) { return row.match.staged_row; });
  if (rows->size() > kExamplesMax) rows->resize(kExamplesMax);
}

Result<Text> text_of(const arrow::Table& rows, const std::string& column, std::int64_t row) {
  const auto values = rows.GetColumnByName(column);
  if (values == nullptr) return Text();  // a column that the published version does not have yet
  const auto scalar = values->GetScalar(row);
  if (!scalar.ok()) return base::bug("read an example: " + scalar.status().message());
  if (!(*scalar)->is_valid) return Text();
  return Text(base::shortened((*scalar)->ToString(), kTextBytesMax));
}

// The rows of published files, each file read once.
class PublishedFiles {
 public:
  PublishedFiles(const TableInput& input, io::ObjectStore& store) : input_(input), store_(store) {}

  Result<std::shared_ptr<arrow::Table>> rows(const delta::AddFile& file) {
    auto& rows = read_[file.path];
    if (rows == nullptr) {
      const auto folder = state::table_folder(input_.lineage.table->name);
      TRY(rows,
          delta::read_rows(store_, folder + "/" + file.path, file, input_.published->schema, {}));
    }
    return rows;
  }

 private:
  const TableInput& input_;
  io::ObjectStore& store_;
  std::map<std::string, std::shared_ptr<arrow::Table>> read_;
};

bool is_key(const config::Table& table, const std::string& column) {
  return std::ranges::find(table.key, column) != table.key.end();
}

Result<state::RowExample> whole_row(const config::Table& table, const arrow::Table& rows,
                                    std::int64_t row) {
  state::RowExample example;
  for (const auto& column : table.key) {
    TRY(auto text, text_of(rows, column, row));
    example.key.emplace_back(column, std::move(text));
  }
  for (const auto& column : table.columns) {
    if (is_key(table, column.name)) continue;
    if (example.row.size() == kColumnsMax) break;
    TRY(auto text, text_of(rows, column.name, row));
    example.row.emplace_back(column.name, std::move(text));
  }
  return example;
}

Result<std::vector<state::RowExample>> changed_rows(const TableInput& input,
                                                    const std::vector<ChangedRow>& changed,
                                                    PublishedFiles* files) {
  const auto& table = *input.lineage.table;
  const auto& staged = input.lineage.staged->rows();
  std::vector<state::RowExample> examples;
  for (const auto& [file, match] : changed) {
    TRY(const auto published, files->rows(*file));
    state::RowExample example;
    for (const auto& column : table.columns) {
      TRY(auto after, text_of(staged, column.name, match.staged_row));
      if (is_key(table, column.name)) {
        example.key.emplace_back(column.name, std::move(after));
        continue;
      }
      TRY(auto before, text_of(*published, column.name, match.published_row));
      if (before != after) {
        example.changes.push_back({column.name, std::move(before), std::move(after)});
      }
    }
    examples.push_back(std::move(example));
  }
  return examples;
}

// Staged rows of the jobs that match no published row: the first ones. Jobs are in the order of
// staged rows.
std::vector<std::int64_t> inserted_rows(const TableInput& input,
                                        const std::vector<FileOutcome>& file_outcomes,
                                        const std::vector<PartitionJob>& jobs) {
  std::vector<bool> is_matched(static_cast<std::size_t>(input.lineage.staged->rows().num_rows()));
  for (const auto& outcome : file_outcomes) {
    for (const auto& match : outcome.matches) {
      is_matched[static_cast<std::size_t>(match.staged_row)] = true;
    }
  }
  std::vector<std::int64_t> rows;
  for (const auto& job : jobs) {
    const auto end = job.staged.first_row + job.staged.rows;
    for (auto row = job.staged.first_row; row < end; ++row) {
      if (rows.size() == kExamplesMax) return rows;
      if (!is_matched[static_cast<std::size_t>(row)]) rows.push_back(row);
    }
  }
  return rows;
}

Result<std::vector<state::RowExample>> deleted_rows(const TableInput& input,
                                                    const std::vector<FileOutcome>& file_outcomes,
                                                    PublishedFiles* files) {
  std::vector<state::RowExample> examples;
  for (std::size_t index = 0; index < file_outcomes.size(); ++index) {
    for (const auto row : file_outcomes[index].removed) {
      if (examples.size() == kExamplesMax) return examples;
      TRY(const auto published, files->rows(input.published->files[index]));
      TRY(auto example, whole_row(*input.lineage.table, *published, row));
      examples.push_back(std::move(example));
    }
  }
  return examples;
}

}  // namespace

Result<state::TableExamples> find_examples(const TableInput& input,
                                           const std::vector<FileOutcome>& file_outcomes,
                                           const std::vector<PartitionJob>& jobs,
                                           const std::vector<PartitionOutcome>& outcomes,
                                           io::ObjectStore& store) {
  state::TableExamples examples;
  examples.table = input.lineage.table->name;
  std::vector<ChangedRow> updated;
  std::vector<ChangedRow> moved;
  for (const auto& outcome : outcomes) {
    updated.insert(updated.end(), outcome.updated_rows.begin(), outcome.updated_rows.end());
    moved.insert(moved.end(), outcome.moved_rows.begin(), outcome.moved_rows.end());
  }
  keep_smallest(&updated);
  keep_smallest(&moved);
  PublishedFiles files(input, store);
  for (const auto row : inserted_rows(input, file_outcomes, jobs)) {
    TRY(auto example, whole_row(*input.lineage.table, input.lineage.staged->rows(), row));
    examples.inserted.push_back(std::move(example));
  }
  TRY(examples.updated, changed_rows(input, updated, &files));
  TRY(examples.moved, changed_rows(input, moved, &files));
  TRY(examples.deleted, deleted_rows(input, file_outcomes, &files));
  return examples;
}

}  // namespace ashore::merge
