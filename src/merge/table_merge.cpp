// Scans published keys and groups rows by partition, then merges each partition, adds up the
// counts.
#include "merge/table_merge.h"

#include <arrow/api.h>

#include <algorithm>
#include <atomic>
#include <cassert>
#include <map>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "base/digest.h"
#include "base/parallel.h"
#include "columnar/canonical_rows.h"
#include "columnar/keys.h"
#include "columnar/ordered_values.h"
#include "columnar/partition_value.h"
#include "columnar/spilled_rows.h"
#include "delta/handover.h"
#include "delta/rows.h"
#include "io/reads_at_once.h"
#include "merge/examples.h"
#include "merge/files_to_read.h"
#include "merge/partition_merge.h"
#include "merge/row_changes.h"
#include "merge/schema_change.h"
#include "state/run_folder.h"

namespace ashore::merge {

namespace {

using base::Result;
using base::Status;
using Jobs = std::map<std::optional<std::string>, PartitionJob>;

const KeySet kNoItems;

Result<std::vector<FileOutcome>> decide_files(const TableInput& input,
                                              const std::vector<bool>& is_decided,
                                              const Options& options,
                                              const state::RunContext& context) {
  if (!input.published) return std::vector<FileOutcome>();
  const auto& files = input.published->files;
  assert(is_decided.size() == files.size());
  const auto folder = state::table_folder(input.lineage.table->name);
  std::vector<FileOutcome> file_outcomes(files.size());
  const auto& deleted = input.deleted_items == nullptr ? kNoItems : *input.deleted_items;
  const FileChoice choice{
      context.env.store,           *input.published, input.lineage, deleted, is_decided,
      options.files_read_outright, context.threads,
  };
  TRY(const auto is_read, files_to_read(choice, context.stop));
  TRY(base::for_each_index(
      files.size(),
      io::reads_at_once(context.env.store, files, &delta::AddFile::bytes, context.threads),
      [&](std::size_t index) -> Status {
        if (!is_read[index]) return {};
        TRY(file_outcomes[index],
            decide_file(context.env.store, {folder, files[index], input.published->schema},
                        input.lineage, deleted));
        return {};
      },
      context.stop));
  return file_outcomes;
}

std::vector<std::string> take_pending(std::vector<FileOutcome>* file_outcomes) {
  std::vector<std::string> pending;
  for (auto& file_outcome : *file_outcomes)
    std::ranges::move(file_outcome.pending, std::back_inserter(pending));
  std::ranges::sort(pending);
  return pending;
}

const std::optional<std::string>& partition_of(const delta::AddFile& file) {
  static const std::optional<std::string> kNone;
  return file.partition_values.empty() ? kNone : file.partition_values.front().second;
}

// The staged rows of each partition; all in one job for a table that is not partitioned.
Jobs jobs_of_staged_rows(const TableInput& input) {
  Jobs jobs;
  const auto& rows = input.lineage.staged->rows();
  if (rows.num_rows() == 0) return jobs;
  if (!input.lineage.table->partition_by) {
    jobs[std::nullopt].staged = {0, rows.num_rows()};
    return jobs;
  }
  for (auto& range : columnar::partition_ranges(rows, *input.lineage.table->partition_by)) {
    const StagedRange staged{range.first_row, range.rows};
    auto value = range.value;
    jobs.emplace_hint(jobs.end(), std::move(range.value),
                      PartitionJob{std::move(value), staged, {}});
  }
  return jobs;
}

// Which published files hold the very rows that are staged for their partition: nothing is left to
// decide about them, and their jobs go. Adds up their rows.
Result<std::vector<bool>> decide_by_digest(const TableInput& input, int threads,
                                           const std::stop_token& stop, Jobs* jobs,
                                           std::int64_t* rows) {
  if (!input.published) return std::vector<bool>();
  const auto& files = input.published->files;
  std::unordered_map<const PartitionJob*, std::vector<std::size_t>> files_of;
  for (std::size_t index = 0; index < files.size(); ++index) {
    const auto found = jobs->find(partition_of(files[index]));
    if (found != jobs->end()) files_of[&found->second].push_back(index);
  }
  std::vector<std::pair<std::size_t, const PartitionJob*>> pairs;
  for (const auto& [job, places] : files_of) {
    const bool may_be_equal = places.size() == 1 && files[places.front()].rows == job->staged.rows;
    if (may_be_equal) pairs.emplace_back(places.front(), job);
  }
  std::vector<char> is_equal(pairs.size());  // written by several threads, so no vector<bool>
  TRY(base::for_each_index(
      pairs.size(), threads,
      [&](std::size_t place) -> Status {
        const auto& [index, job] = pairs[place];
        const auto staged =
            input.lineage.staged->rows().Slice(job->staged.first_row, job->staged.rows);
        const auto digest = columnar::canonical_digest(*staged, input.lineage.table->schema());
        is_equal[place] = base::to_hex(digest) == files[index].rows_digest() ? 1 : 0;
        return {};
      },
      stop));
  std::vector<bool> is_decided(files.size());
  for (std::size_t place = 0; place < pairs.size(); ++place) {
    if (is_equal[place] == 0) continue;
    const auto index = pairs[place].first;
    is_decided[index] = true;
    *rows += files[index].rows;
    jobs->erase(partition_of(files[index]));
  }
  return is_decided;
}

std::vector<PartitionJob> make_jobs(const TableInput& input,
                                    const std::vector<FileOutcome>& file_outcomes, bool rewrites,
                                    Jobs jobs) {
  for (std::size_t index = 0; index < file_outcomes.size(); ++index) {
    const auto& value = partition_of(input.published->files[index]);
    if (rewrites || file_outcomes[index].is_touched())
      jobs.try_emplace(value).first->second.value = value;
  }
  for (std::size_t index = 0; index < file_outcomes.size(); ++index) {
    const auto& file = input.published->files[index];
    const auto found = jobs.find(partition_of(file));
    if (found != jobs.end()) found->second.published.push_back({&file, &file_outcomes[index]});
  }
  // A partition is written again for its staged rows or for its published files; else nobody made
  // it.
  assert(std::ranges::none_of(jobs, [](const auto& entry) {
    return entry.second.staged.rows == 0 && entry.second.published.empty();
  }));
  std::vector<PartitionJob> result;
  result.reserve(jobs.size());
  for (auto& [value, job] : jobs) result.push_back(std::move(job));
  return result;
}

// Where each staged row's published row lies: how many rows are new, and how many change partition.
void count_rows(const TableInput& input, std::int64_t decided,
                const std::vector<FileOutcome>& file_outcomes,
                const std::vector<PartitionOutcome>& outcomes, state::TableCounts* counts) {
  std::int64_t matched = decided;
  for (const auto& file_outcome : file_outcomes) {
    matched += static_cast<std::int64_t>(file_outcome.matches.size());
    counts->stale += file_outcome.stale;
    counts->missing += file_outcome.missing;
    counts->deleted += file_outcome.deleted;
    counts->replaced += file_outcome.replaced;
  }
  counts->unchanged = decided + counts->older;
  std::int64_t stayed = decided;
  for (const auto& outcome : outcomes) {
    counts->updated += outcome.updated;
    counts->unchanged += outcome.unchanged;
    stayed += outcome.updated + outcome.unchanged;
    if (!outcome.changed()) continue;
    ++counts->partitions_touched;
    if (outcome.add) {
      ++counts->files_added;
      counts->bytes_added += outcome.add->bytes;
    }
  }
  counts->moved = matched - stayed;
  assert(counts->moved >= 0);  // what stays in its partition was matched
  counts->updated += counts->moved;
  counts->inserted = input.lineage.staged->rows().num_rows() - matched;
  assert(counts->inserted >= 0);  // a staged row matches one published row at most
}

std::int64_t count_partitions(const TableInput& input, const delta::TableCandidate& candidate) {
  std::unordered_set<std::string_view> partitions;
  bool has_null = false;
  const auto count = [&](const delta::AddFile& file) {
    const auto& value = partition_of(file);
    if (value) partitions.insert(*value);
    has_null = has_null || !value;
  };
  std::unordered_set<std::string_view> removed;
  for (const auto& file : candidate.remove) removed.insert(file.path);
  if (input.published) {
    for (const auto& file : input.published->files) {
      if (!removed.contains(file.path)) count(file);
    }
  }
  std::ranges::for_each(candidate.add, count);
  return std::ssize(partitions) + (has_null ? 1 : 0);
}

delta::TableCandidate empty_candidate(const TableInput& input, bool rewrites) {
  delta::TableCandidate candidate;
  candidate.table = input.lineage.table->name;
  candidate.schema = input.lineage.table->schema();
  if (input.lineage.table->partition_by) {
    candidate.partition_columns = {*input.lineage.table->partition_by};
  }
  if (input.published) {
    candidate.table_id = input.published->table_id;
    candidate.base_version = input.published->version;
  }
  candidate.changes_schema = rewrites;
  candidate.counts = input.lineage.staged->counts();
  candidate.counts.table = candidate.table;
  return candidate;
}

// What the files say: rows that the candidate adds less those that it removes.
std::int64_t rows_gained(const delta::TableCandidate& candidate) {
  std::int64_t rows = 0;
  for (const auto& file : candidate.add) rows += file.rows;
  for (const auto& file : candidate.remove) rows -= file.rows;
  return rows;
}

// What the decisions say: rows that are new less those that go.
std::int64_t rows_decided(const state::TableCounts& counts,
                          const std::vector<FileOutcome>& file_outcomes) {
  std::int64_t rows = counts.inserted;
  for (const auto& outcome : file_outcomes)
    rows -= static_cast<std::int64_t>(outcome.removed.size());
  return rows;
}

Result<bool> is_rewritten(const TableInput& input) {
  if (!input.published) return false;
  TRY(const auto change, compare_schemas(*input.published, *input.lineage.table));
  return change == SchemaChange::kNewNullableColumns;
}

// Of the memory: a published file of more bytes is merged on disk.
constexpr std::int64_t kLargeFileShare = 64;
// Contents that are kept to be handed over take at most this share of the memory; staged rows are
// at hand.
constexpr std::int64_t kContentsShare = 8;

// How many rows that is. They are as long as staged ones are on average: measuring thousands of
// small tables takes longer than writing them.
std::int64_t kept_rows_max(const arrow::Table& staged, const state::RunContext& context) {
  const auto staged_rows = std::max<std::int64_t>(staged.num_rows(), 1);
  const auto row_bytes = columnar::bytes_of(staged) / staged_rows + 1;
  return context.memory_bytes / kContentsShare / row_bytes;
}

// A job reads the published files of its partition.
int jobs_at_once(const std::vector<PartitionJob>& jobs, const state::RunContext& context) {
  std::vector<const delta::AddFile*> files;
  for (const auto& job : jobs) {
    for (const auto& published : job.published) files.push_back(published.file);
  }
  return io::reads_at_once(context.env.store, files, &delta::AddFile::bytes, context.threads);
}

// Contents of new files are kept for the stages to come, as long as they are small.
Result<std::vector<PartitionOutcome>> run_jobs(const PartitionContext& partitions,
                                               const std::vector<PartitionJob>& jobs,
                                               std::int64_t rows_max,
                                               const state::RunContext& context) {
  std::vector<PartitionOutcome> outcomes(jobs.size());
  std::atomic<std::int64_t> kept_rows = 0;
  TRY(base::for_each_index(
      jobs.size(), jobs_at_once(jobs, context),
      [&](std::size_t index) -> Status {
        TRY(outcomes[index], merge_partition(partitions, jobs[index]));
        auto& content = outcomes[index].content;
        if (content == nullptr) return {};
        // Staged rows are at hand.
        if (outcomes[index].is_staged) {
          content.reset();
          return {};
        }
        if (outcomes[index].is_on_disk) return {};
        kept_rows += content->num_rows();
        if (kept_rows > rows_max) content.reset();
        return {};
      },
      context.stop));
  return outcomes;
}

// The indices of jobs that add a file, in the order of the files' paths.
std::vector<std::size_t> jobs_by_path(const std::vector<PartitionOutcome>& outcomes) {
  std::vector<std::size_t> indices;
  for (std::size_t index = 0; index < outcomes.size(); ++index) {
    if (outcomes[index].add) indices.push_back(index);
  }
  std::ranges::sort(indices, {}, [&](std::size_t index) -> const std::string& {
    return outcomes[index].add->path;
  });
  return indices;
}

// Writes the rows of all added files, in the order of the candidate, once more for the stages to
// come; nothing where a file's content was not kept.
Status hand_over(const PartitionContext& partitions, const std::vector<PartitionJob>& jobs,
                 const std::vector<PartitionOutcome>& outcomes, const std::string& run_id,
                 const state::RunContext& context) {
  const auto order = jobs_by_path(outcomes);
  if (order.empty()) return {};
  for (const auto index : order) {
    if (!outcomes[index].is_staged && outcomes[index].content == nullptr) return {};
  }
  const auto bytes_max = static_cast<std::size_t>(context.memory_bytes / kContentsShare);
  TRY(auto writer, delta::HandoverWriter::open(context.env.store, partitions.schema, bytes_max));
  StagedRange staged;
  const auto append_staged = [&]() -> Status {
    const auto range = std::exchange(staged, {});
    if (range.rows == 0) return {};
    return writer.append(partitions.staged.rows().Slice(range.first_row, range.rows));
  };
  std::vector<delta::HandedFile> files;
  for (const auto index : order) {
    files.push_back({outcomes[index].add->path, outcomes[index].add->rows});
    if (outcomes[index].is_staged) {
      // Staged rows of one file after another are written at once.
      const auto& of_job = jobs[index].staged;
      if (staged.first_row + staged.rows != of_job.first_row) TRY(append_staged());
      if (staged.rows == 0) staged.first_row = of_job.first_row;
      staged.rows += of_job.rows;
      continue;
    }
    TRY(append_staged());
    TRY(writer.append(outcomes[index].content));
  }
  TRY(append_staged());
  return writer.finish(run_id, partitions.table.name, files);
}

void collect_files(std::vector<PartitionOutcome>* outcomes, TableMerge* merged) {
  auto* candidate = &merged->candidate;
  for (auto& outcome : *outcomes) {
    if (outcome.add) {
      merged->digests[outcome.add->path] = std::move(outcome.add_sha256);
      candidate->add.push_back(std::move(*outcome.add));
    }
    std::ranges::move(outcome.remove, std::back_inserter(candidate->remove));
  }
  const auto by_path = [](const delta::AddFile& a, const delta::AddFile& b) {
    return a.path < b.path;
  };
  std::ranges::sort(candidate->add, by_path);
  std::ranges::sort(candidate->remove, by_path);
}

}  // namespace

Result<std::vector<std::int64_t>> find_older(const TableInput& input, const Options& options,
                                             const state::RunContext& context) {
  const auto& table = *input.lineage.table;
  std::vector<std::int64_t> older;
  const bool may_be_older = input.published && table.keep == config::Keep::kLatest &&
                            input.published->schema.index_of(table.latest);
  if (!may_be_older) return older;
  auto jobs = jobs_of_staged_rows(input);
  std::int64_t decided = 0;
  TRY(const auto is_decided,
      decide_by_digest(input, context.threads, context.stop, &jobs, &decided));
  TRY(const auto file_outcomes, decide_files(input, is_decided, options, context));
  const columnar::OrderedValues staged(*input.lineage.staged->rows().GetColumnByName(table.latest));
  const auto folder = state::table_folder(table.name);
  for (std::size_t index = 0; index < file_outcomes.size(); ++index) {
    if (file_outcomes[index].matches.empty()) continue;
    const auto& file = input.published->files[index];
    TRY(const auto rows, delta::read_rows(context.env.store, folder + "/" + file.path, file,
                                          input.published->schema, {table.latest}));
    const columnar::OrderedValues published(*rows->column(0));
    for (const auto& match : file_outcomes[index].matches) {
      if (staged.is_less(match.staged_row, published, match.published_row)) {
        older.push_back(match.staged_row);
      }
    }
  }
  std::ranges::sort(older);
  return older;
}

Result<DecidedTable> decide_table(TableInput input, const Options& options,
                                  const state::RunContext& context) {
  DecidedTable decided;
  TRY(decided.rewrites, is_rewritten(input));
  auto staged_jobs = jobs_of_staged_rows(input);
  std::vector<bool> is_decided(input.published ? input.published->files.size() : 0);
  if (!decided.rewrites) {
    TRY(is_decided,
        decide_by_digest(input, context.threads, context.stop, &staged_jobs, &decided.equal_rows));
  }
  TRY(decided.file_outcomes, decide_files(input, is_decided, options, context));
  decided.pending = take_pending(&decided.file_outcomes);
  if (!decided.pending.empty()) return decided;
  decided.jobs = make_jobs(input, decided.file_outcomes, decided.rewrites, std::move(staged_jobs));
  for (const auto& file_outcome : decided.file_outcomes) {
    decided.deleted_items.insert(file_outcome.deleted_items.begin(),
                                 file_outcome.deleted_items.end());
  }
  decided.input = std::move(input);
  return decided;
}

Result<TableMerge> write_table(const DecidedTable& decided, const Options& options,
                               const state::RunContext& context) {
  assert(decided.pending.empty());
  const auto& [input, pending, rewrites, equal_rows, file_outcomes, jobs, deleted_items] = decided;
  const auto& table = *input.lineage.table;
  const auto rows_max = kept_rows_max(input.lineage.staged->rows(), context);
  const PartitionContext partitions{
      .store = context.env.store,
      .table_folder = state::table_folder(table.name),
      .staged_folder = state::staged_table_folder(context.env.store, options.run_id, table.name),
      .table = table,
      .staged = *input.lineage.staged,
      .schema = table.schema(),
      .rewrites = rewrites,
      .modified_ms = input.modified_ms,
      .listed_rows_max = rows_max + 1,  // one more tells that there are too many
      .large_file_bytes = context.memory_bytes / kLargeFileShare,
      .has_spare_thread = std::ssize(jobs) < context.threads,
  };
  TRY(auto outcomes, run_jobs(partitions, jobs, rows_max, context));
  TableMerge merged;
  merged.candidate = empty_candidate(input, rewrites);
  count_rows(input, equal_rows, file_outcomes, outcomes, &merged.candidate.counts);
  TRY(merged.examples, find_examples(input, file_outcomes, jobs, outcomes, context.env.store));
  TRY(hand_over(partitions, jobs, outcomes, options.run_id, context));
  if (!rewrites) {
    TRY(const auto changes,
        changed_rows(input, {file_outcomes, jobs, outcomes}, rows_max, context.env.store));
    const auto& counts = merged.candidate.counts;
    assert(!changes || changes->upserted == counts.inserted + counts.updated);
    (void)counts;
    if (changes) TRY(delta::write_changed_rows(context.env.store, options.run_id, *changes));
  }
  collect_files(&outcomes, &merged);
  // No row is lost or doubled between the decisions and the files.
  assert(rows_gained(merged.candidate) == rows_decided(merged.candidate.counts, file_outcomes));
  merged.candidate.counts.partitions_total = count_partitions(input, merged.candidate);
  return merged;
}

}  // namespace ashore::merge
