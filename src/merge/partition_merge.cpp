// Makes a partition's new rows: published ones that nothing touches and staged ones, in key order.
#include "merge/partition_merge.h"

#include <arrow/api.h>

#include <algorithm>
#include <cassert>
#include <utility>

#include "base/digest.h"
#include "columnar/arrow_schema.h"
#include "columnar/canonical_rows.h"
#include "columnar/keys.h"
#include "columnar/parquet_file.h"
#include "columnar/partition_value.h"
#include "columnar/rows_equal.h"
#include "delta/rows.h"
#include "io/spill_buffer.h"

namespace ashore::merge {

namespace {

using base::Result;
using base::Status;
using Rows = std::shared_ptr<arrow::Table>;

std::int64_t kept_count(const PublishedFile& published) {
  const auto gone = published.file_outcome->matches.size() + published.file_outcome->removed.size();
  assert(static_cast<std::int64_t>(gone) <= published.file->rows);  // each row goes once
  return published.file->rows - static_cast<std::int64_t>(gone);
}

// The row numbers of a file that nothing touches, ascending.
std::vector<std::int64_t> kept_rows(const PublishedFile& published) {
  std::vector<bool> is_gone(static_cast<std::size_t>(published.file->rows), false);
  for (const auto& match : published.file_outcome->matches) {
    is_gone[static_cast<std::size_t>(match.published_row)] = true;
  }
  for (const auto row : published.file_outcome->removed)
    is_gone[static_cast<std::size_t>(row)] = true;
  std::vector<std::int64_t> kept;
  for (std::int64_t row = 0; row < published.file->rows; ++row) {
    if (!is_gone[static_cast<std::size_t>(row)]) kept.push_back(row);
  }
  assert(static_cast<std::int64_t>(kept.size()) == kept_count(published));
  return kept;
}

// The rows of a published file in the candidate's schema.
Result<Rows> read_whole(const PartitionContext& context, const PublishedFile& published) {
  const auto path = context.table_folder + "/" + published.file->path;
  return delta::read_rows(context.store, path, *published.file, context.schema, {});
}

Result<Rows> in_key_order(const std::vector<Rows>& parts, const std::vector<std::string>& key) {
  if (parts.size() == 1) return parts.front();
  auto joined = arrow::ConcatenateTables(parts);
  if (!joined.ok()) return columnar::arrow_error(joined.status(), "join the rows of a partition");
  const auto order = columnar::KeyColumn::encode(**joined, key).order();
  return columnar::take_rows(**joined, order);
}

// The partition's content as it would be, in key order. `whole` holds the published files' rows
// where they were needed, else null.
Result<Rows> new_content(const PartitionContext& context, const PartitionJob& job,
                         const std::vector<Rows>& whole) {
  std::vector<Rows> parts;
  for (std::size_t index = 0; index < job.published.size(); ++index) {
    if (whole[index] == nullptr || kept_count(job.published[index]) == 0) continue;
    parts.push_back(columnar::take_rows(*whole[index], kept_rows(job.published[index])));
  }
  if (job.staged.rows > 0 || parts.empty()) {
    parts.push_back(context.staged.rows().Slice(job.staged.first_row, job.staged.rows));
  }
  return in_key_order(parts, context.table.key);
}

// Matches whose staged row stays in this partition.
std::vector<Match> matches_within(const PublishedFile& published, const PartitionJob& job) {
  std::vector<Match> within;
  for (const auto& match : published.file_outcome->matches) {
    if (job.staged.contains(match.staged_row)) within.push_back(match);
  }
  return within;
}

// Counts how many staged rows differ from the rows that they replace in this partition.
void count_updates(const PartitionContext& context, const PartitionJob& job,
                   const std::vector<Rows>& whole, PartitionOutcome* outcome) {
  for (std::size_t index = 0; index < job.published.size(); ++index) {
    const auto within = matches_within(job.published[index], job);
    if (within.empty()) continue;
    std::vector<std::int64_t> published_rows;
    std::vector<std::int64_t> staged_rows;
    for (const auto& match : within) {
      published_rows.push_back(match.published_row);
      staged_rows.push_back(match.staged_row);
    }
    const auto before = columnar::take_rows(*whole[index], published_rows);
    const auto after = columnar::take_rows(context.staged.rows(), staged_rows);
    const auto equal = columnar::rows_equal(*before, *after, context.schema);
    const auto same = std::ranges::count(equal, true);
    const auto known = outcome->updated_rows.size();
    for (std::size_t row = 0; row < equal.size(); ++row) {
      if (equal[row] || outcome->updated_rows.size() - known == kExamplesMax) continue;
      outcome->updated_rows.push_back({job.published[index].file, within[row]});
    }
    outcome->unchanged += same;
    outcome->updated += static_cast<std::int64_t>(equal.size()) - same;
  }
}

void list_moved(const PartitionJob& job, PartitionOutcome* outcome) {
  for (const auto& published : job.published) {
    std::size_t listed = 0;
    for (const auto& match : published.file_outcome->matches) {
      if (listed == kExamplesMax) break;
      if (job.staged.contains(match.staged_row)) continue;
      outcome->moved_rows.push_back({published.file, match});
      ++listed;
    }
  }
}

base::Schema stored_schema(const PartitionContext& context) {
  base::Schema stored;
  for (const auto& field : context.schema.fields) {
    if (field.name != context.table.partition_by) stored.fields.push_back(field);
  }
  return stored;
}

Result<Rows> without_partition_column(const PartitionContext& context, const Rows& content) {
  if (!context.table.partition_by) return content;
  const int index = content->schema()->GetFieldIndex(*context.table.partition_by);
  assert(index >= 0);  // the reader of the pipeline file checked it
  auto stored = content->RemoveColumn(index);
  if (!stored.ok()) return columnar::arrow_error(stored.status(), "leave out a column");
  return stored.MoveValueUnsafe();
}

struct NewFile {
  delta::AddFile add;
  std::string_view bytes;  // lies in what it was encoded into
  std::string sha256;
};

// Encodes the content into `encoded` and describes the file.
Result<NewFile> encode_file(const PartitionContext& context, const PartitionJob& job,
                            const Rows& content, const std::string& rows_digest,
                            io::SpillBuffer* encoded) {
  TRY(const auto stored, without_partition_column(context, content));
  base::Sha256Stream digest;
  TRY(auto file,
      columnar::encode_parquet(*stored, stored_schema(context), [&](std::string_view piece) {
        digest.update(piece);
        return encoded->append(piece);
      }));
  NewFile fresh;
  TRY(fresh.bytes, encoded->finish());
  fresh.sha256 = base::to_hex(std::move(digest).finish());
  auto& add = fresh.add;
  add.path = "part-" + fresh.sha256.substr(0, 32) + ".parquet";
  if (context.table.partition_by) {
    add.path = columnar::partition_folder(*context.table.partition_by, job.value) + "/" + add.path;
    add.partition_values.emplace_back(*context.table.partition_by, job.value);
  }
  add.bytes = static_cast<std::int64_t>(fresh.bytes.size());
  add.rows = file.rows;
  add.modified_ms = context.modified_ms;
  add.stats_json = std::move(file.stats_json);
  add.tags["ashore.rows"] = rows_digest;
  return fresh;
}

// Reads the published files that have rows to keep, and, for a comparison, those with matches.
Status read_needed(const PartitionContext& context, const PartitionJob& job, bool for_comparison,
                   std::vector<Rows>* whole) {
  for (std::size_t index = 0; index < job.published.size(); ++index) {
    if ((*whole)[index] != nullptr) continue;
    const auto& published = job.published[index];
    const bool is_needed =
        kept_count(published) > 0 || (for_comparison && !matches_within(published, job).empty());
    if (!is_needed) continue;
    TRY((*whole)[index], read_whole(context, published));
  }
  return {};
}

// True when the partition already is one file with exactly these rows.
bool is_same(const PartitionContext& context, const PartitionJob& job,
             const std::string& rows_digest) {
  return !context.rewrites && job.published.size() == 1 &&
         job.published.front().file->rows_digest() == rows_digest;
}

// Stages the new file and lists what it supersedes. Equal bytes have equal names: a published file
// that already is the new one stays (no path is both added and removed).
Status replace_files(const PartitionContext& context, const PartitionJob& job, const Rows& content,
                     const std::string& rows_digest, PartitionOutcome* outcome) {
  // Of a file's bytes: more are kept on disk until they are written under their name.
  constexpr std::size_t kEncodedBytesMax = std::size_t{8} << 20;
  io::SpillBuffer encoded(context.store, kEncodedBytesMax);
  std::optional<NewFile> fresh;
  if (content->num_rows() > 0) {
    TRY(fresh, encode_file(context, job, content, rows_digest, &encoded));
  }
  for (const auto& published : job.published) {
    if (fresh && published.file->path == fresh->add.path) {
      fresh.reset();
    } else {
      outcome->remove.push_back(*published.file);
    }
  }
  if (!fresh) return {};
  // The log's numbers are what readers plan by: they must be those of the file.
  assert(fresh->add.rows == content->num_rows());
  assert(fresh->add.bytes == static_cast<std::int64_t>(fresh->bytes.size()));
  TRY(context.store.write_new(context.staged_folder + "/" + fresh->add.path, fresh->bytes));
  outcome->add = std::move(fresh->add);
  outcome->add_sha256 = std::move(fresh->sha256);
  outcome->content = content;
  outcome->is_staged = std::ranges::all_of(
      job.published, [](const PublishedFile& published) { return kept_count(published) == 0; });
  return {};
}

}  // namespace

Result<PartitionOutcome> merge_partition(const PartitionContext& context, const PartitionJob& job) {
  PartitionOutcome outcome;
  std::vector<Rows> whole(job.published.size());
  TRY(read_needed(context, job, false, &whole));
  TRY(const auto content, new_content(context, job, whole));
  const auto digest = base::to_hex(columnar::canonical_digest(*content, context.schema));
  if (is_same(context, job, digest)) {
    outcome.unchanged =
        static_cast<std::int64_t>(job.published.front().file_outcome->matches.size());
    return outcome;
  }
  TRY(read_needed(context, job, true, &whole));
  count_updates(context, job, whole, &outcome);
  list_moved(job, &outcome);
  TRY(replace_files(context, job, content, digest, &outcome));
  return outcome;
}

}  // namespace ashore::merge
