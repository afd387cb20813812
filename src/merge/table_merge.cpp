// Scans published keys, groups rows by partition, merges each partition, adds up the counts.
#include "merge/table_merge.h"

#include <arrow/api.h>

#include <algorithm>
#include <map>
#include <numeric>
#include <set>
#include <utility>
#include <vector>

#include "base/digest.h"
#include "base/parallel.h"
#include "columnar/canonical_rows.h"
#include "columnar/keys.h"
#include "columnar/partition_value.h"
#include "merge/files_to_read.h"
#include "merge/partition_merge.h"
#include "merge/schema_change.h"
#include "state/run_folder.h"

namespace ashore::merge {

namespace {

using base::Result;
using base::Status;
using Jobs = std::map<std::optional<std::string>, PartitionJob>;

const KeySet kNoItems;

Result<std::vector<FileFate>> decide_files(const TableInput& input,
                                           const std::vector<bool>& is_settled,
                                           const Options& options, io::Env& env,
                                           const std::stop_token& stop) {
  if (!input.published) return std::vector<FileFate>();
  const auto& files = input.published->files;
  const auto folder = state::table_folder(input.lineage.table->name);
  std::vector<FileFate> fates(files.size());
  const auto& deleted = input.deleted_items == nullptr ? kNoItems : *input.deleted_items;
  const FileChoice choice{
      env.store,       *input.published, input.lineage,
      deleted,         is_settled,       options.files_read_outright,
      options.threads,
  };
  TRY(const auto is_read, files_to_read(choice, stop));
  TRY(base::for_each_index(
      files.size(), options.threads,
      [&](std::size_t index) -> Status {
        if (!is_read[index]) return {};
        TRY(fates[index], decide_file(env.store, folder, files[index], input.published->schema,
                                      input.lineage, deleted));
        return {};
      },
      stop));
  return fates;
}

std::vector<std::string> take_unasked(std::vector<FileFate>* fates) {
  std::vector<std::string> unasked;
  for (auto& fate : *fates) std::ranges::move(fate.unasked, std::back_inserter(unasked));
  std::ranges::sort(unasked);
  return unasked;
}

std::optional<std::string> partition_of(const delta::AddFile& file) {
  return file.partition_values.empty() ? std::nullopt : file.partition_values.front().second;
}

// The staged rows of each partition; all in one job for a table that is not partitioned.
Jobs jobs_of_staged_rows(const TableInput& input) {
  Jobs jobs;
  const auto& rows = input.lineage.staged->rows();
  if (rows.num_rows() == 0) return jobs;
  if (input.lineage.table->partition_by) {
    for (auto& group : columnar::group_by_partition(rows, *input.lineage.table->partition_by)) {
      jobs[group.value] = {group.value, std::move(group.rows), {}};
    }
  } else {
    auto& job = jobs[std::nullopt];
    job.staged_rows.resize(static_cast<std::size_t>(rows.num_rows()));
    std::iota(job.staged_rows.begin(), job.staged_rows.end(), 0);
  }
  return jobs;
}

// Which published files hold the very rows that are staged for their partition: nothing is left to
// decide about them, and their jobs go. Adds up their rows.
Result<std::vector<bool>> settle(const TableInput& input, int threads, const std::stop_token& stop,
                                 Jobs* jobs, std::int64_t* rows) {
  if (!input.published) return std::vector<bool>();
  const auto& files = input.published->files;
  std::map<std::optional<std::string>, std::vector<std::size_t>> files_of;
  for (std::size_t index = 0; index < files.size(); ++index) {
    files_of[partition_of(files[index])].push_back(index);
  }
  std::vector<std::pair<std::size_t, const PartitionJob*>> pairs;
  for (const auto& [value, job] : *jobs) {
    const auto found = files_of.find(value);
    if (found == files_of.end() || found->second.size() != 1) continue;
    const auto index = found->second.front();
    if (files[index].rows != static_cast<std::int64_t>(job.staged_rows.size())) continue;
    pairs.emplace_back(index, &job);
  }
  std::vector<char> is_equal(pairs.size());  // written by several threads, so no vector<bool>
  TRY(base::for_each_index(
      pairs.size(), threads,
      [&](std::size_t place) -> Status {
        const auto& [index, job] = pairs[place];
        const auto staged = columnar::take_rows(input.lineage.staged->rows(), job->staged_rows);
        const auto digest = columnar::canonical_digest(*staged, input.lineage.table->schema());
        is_equal[place] = base::to_hex(digest) == files[index].rows_digest() ? 1 : 0;
        return {};
      },
      stop));
  std::vector<bool> is_settled(files.size());
  for (std::size_t place = 0; place < pairs.size(); ++place) {
    if (is_equal[place] == 0) continue;
    const auto index = pairs[place].first;
    is_settled[index] = true;
    *rows += files[index].rows;
    jobs->erase(partition_of(files[index]));
  }
  return is_settled;
}

std::vector<PartitionJob> make_jobs(const TableInput& input, const std::vector<FileFate>& fates,
                                    bool rewrites, Jobs jobs) {
  for (std::size_t index = 0; index < fates.size(); ++index) {
    const auto value = partition_of(input.published->files[index]);
    if (rewrites || fates[index].is_touched()) jobs.try_emplace(value).first->second.value = value;
  }
  for (std::size_t index = 0; index < fates.size(); ++index) {
    const auto& file = input.published->files[index];
    const auto found = jobs.find(partition_of(file));
    if (found != jobs.end()) found->second.published.push_back({&file, &fates[index]});
  }
  std::vector<PartitionJob> result;
  result.reserve(jobs.size());
  for (auto& [value, job] : jobs) result.push_back(std::move(job));
  return result;
}

// Where each staged row's published row lies: how many rows are new, and how many change partition.
void count_rows(const TableInput& input, std::int64_t settled, const std::vector<FileFate>& fates,
                const std::vector<PartitionOutcome>& outcomes, state::TableCounts* counts) {
  std::int64_t matched = settled;
  for (const auto& fate : fates) {
    matched += static_cast<std::int64_t>(fate.matches.size());
    counts->stale += fate.stale;
    counts->vanished += fate.vanished;
    counts->withdrawn += fate.withdrawn;
    counts->replaced += fate.replaced;
  }
  counts->unchanged = settled;
  std::int64_t stayed = settled;
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
  counts->updated += counts->moved;
  counts->inserted = input.lineage.staged->rows().num_rows() - matched;
}

std::int64_t count_partitions(const TableInput& input, const delta::TableCandidate& candidate) {
  std::set<std::optional<std::string>> partitions;
  std::set<std::string> removed;
  for (const auto& file : candidate.remove) removed.insert(file.path);
  if (input.published) {
    for (const auto& file : input.published->files) {
      if (!removed.contains(file.path)) partitions.insert(partition_of(file));
    }
  }
  for (const auto& file : candidate.add) partitions.insert(partition_of(file));
  return static_cast<std::int64_t>(partitions.size());
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

Result<bool> is_rewritten(const TableInput& input) {
  if (!input.published) return false;
  TRY(const auto change, compare_schemas(*input.published, *input.lineage.table));
  return change == SchemaChange::kNewNullableColumns;
}

Result<std::vector<PartitionOutcome>> run_jobs(const PartitionContext& context,
                                               const std::vector<PartitionJob>& jobs, int threads,
                                               const std::stop_token& stop) {
  std::vector<PartitionOutcome> outcomes(jobs.size());
  TRY(base::for_each_index(
      jobs.size(), threads,
      [&](std::size_t index) -> Status {
        TRY(outcomes[index], merge_partition(context, jobs[index]));
        return {};
      },
      stop));
  return outcomes;
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

Result<TableMerge> merge_table(const TableInput& input, const Options& options, io::Env& env,
                               const std::stop_token& stop) {
  const auto& table = *input.lineage.table;
  TRY(const bool rewrites, is_rewritten(input));
  auto staged_jobs = jobs_of_staged_rows(input);
  std::int64_t settled = 0;
  std::vector<bool> is_settled(input.published ? input.published->files.size() : 0);
  if (!rewrites) {
    TRY(is_settled, settle(input, options.threads, stop, &staged_jobs, &settled));
  }
  TRY(auto fates, decide_files(input, is_settled, options, env, stop));
  TableMerge merged;
  merged.unasked = take_unasked(&fates);
  if (!merged.unasked.empty()) return merged;
  const auto jobs = make_jobs(input, fates, rewrites, std::move(staged_jobs));
  const PartitionContext context{
      .store = env.store,
      .table_folder = state::table_folder(table.name),
      .staged_folder = state::staged_folder(options.run_id) + "/" + table.name,
      .table = table,
      .staged = *input.lineage.staged,
      .schema = table.schema(),
      .rewrites = rewrites,
      .modified_ms = input.modified_ms,
  };
  TRY(auto outcomes, run_jobs(context, jobs, options.threads, stop));
  merged.candidate = empty_candidate(input, rewrites);
  count_rows(input, settled, fates, outcomes, &merged.candidate.counts);
  collect_files(&outcomes, &merged);
  merged.candidate.counts.partitions_total = count_partitions(input, merged.candidate);
  for (const auto& fate : fates) {
    merged.deleted_items.insert(fate.deleted_items.begin(), fate.deleted_items.end());
  }
  return merged;
}

}  // namespace ashore::merge
