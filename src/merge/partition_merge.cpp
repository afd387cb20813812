// Makes a partition's new rows: published ones that nothing touches and staged ones, in key order.
#include "merge/partition_merge.h"

#include <arrow/api.h>

#include <algorithm>
#include <cassert>
#include <future>
#include <numeric>
#include <span>
#include <thread>
#include <utility>

#include "base/digest.h"
#include "columnar/arrow_schema.h"
#include "columnar/canonical_rows.h"
#include "columnar/keys.h"
#include "columnar/parquet_file.h"
#include "columnar/partition_value.h"
#include "columnar/rows_equal.h"
#include "columnar/spilled_rows.h"
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

// Whether the content is made on disk.
bool is_large(const PartitionContext& context, const PartitionJob& job) {
  return std::ranges::any_of(job.published, [&](const PublishedFile& published) {
    return published.file->bytes > context.large_file_bytes;
  });
}

// The rows of a published file in the candidate's schema.
Result<Rows> read_whole(const PartitionContext& context, const PublishedFile& published) {
  const auto path = context.table_folder + "/" + published.file->path;
  if (published.file->bytes > context.large_file_bytes) {
    return delta::read_rows_to_disk(context.store, {path, *published.file, context.schema});
  }
  return delta::read_rows(context.store, path, *published.file, context.schema, {});
}

Result<Rows> joined(const std::vector<Rows>& parts) {
  if (parts.size() == 1) return parts.front();
  auto whole = arrow::ConcatenateTables(parts);
  if (!whole.ok()) return columnar::arrow_error(whole.status(), "join the rows of a partition");
  return whole.MoveValueUnsafe();
}

// Puts rows into key order; those of our files are.
void order_by_key(const columnar::KeyReader& keys, std::vector<std::int64_t>* rows) {
  std::string before;
  std::string key;
  const bool is_ordered = std::ranges::all_of(*rows, [&](std::int64_t row) {
    before.swap(key);
    keys.read(row, &key);
    return before <= key;
  });
  if (is_ordered) return;
  std::ranges::stable_sort(*rows, [&](std::int64_t left, std::int64_t right) {
    keys.read(left, &before);
    keys.read(right, &key);
    return before < key;
  });
}

// Two lists of rows, each in key order, as one.
std::vector<std::int64_t> merged_by_key(const columnar::KeyReader& keys,
                                        const std::vector<std::int64_t>& left,
                                        const std::vector<std::int64_t>& right) {
  std::vector<std::int64_t> merged;
  merged.reserve(left.size() + right.size());
  std::string left_key;
  std::string right_key;
  auto from_left = left.begin();
  if (from_left != left.end()) keys.read(*from_left, &left_key);
  for (const auto row : right) {
    keys.read(row, &right_key);
    while (from_left != left.end() && left_key <= right_key) {
      merged.push_back(*from_left);
      if (++from_left != left.end()) keys.read(*from_left, &left_key);
    }
    merged.push_back(row);
  }
  merged.insert(merged.end(), from_left, left.end());
  return merged;
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
  TRY(const auto rows, joined(parts));
  if (parts.size() == 1) return rows;
  const auto order = columnar::KeyColumn::encode(*rows, context.table.key).order();
  return columnar::take_rows(*rows, order);
}

// The same, on disk. Parts are in key order, so they are merged.
Result<Rows> new_content_on_disk(const PartitionContext& context, const PartitionJob& job,
                                 const std::vector<Rows>& whole) {
  std::vector<Rows> parts;
  std::vector<std::vector<std::int64_t>> rows_of;  // by part: row numbers in it
  for (std::size_t index = 0; index < job.published.size(); ++index) {
    if (whole[index] == nullptr || kept_count(job.published[index]) == 0) continue;
    parts.push_back(whole[index]);
    rows_of.push_back(kept_rows(job.published[index]));
  }
  if (parts.empty()) return new_content(context, job, whole);
  parts.push_back(context.staged.rows().Slice(job.staged.first_row, job.staged.rows));
  rows_of.emplace_back(static_cast<std::size_t>(job.staged.rows));
  std::iota(rows_of.back().begin(), rows_of.back().end(), 0);
  TRY(const auto rows, joined(parts));
  std::int64_t first_row = parts.front()->num_rows();
  for (std::size_t part = 1; part < parts.size(); ++part) {
    for (auto& row : rows_of[part]) row += first_row;
    first_row += parts[part]->num_rows();
  }
  const columnar::KeyReader keys(*rows, context.table.key);
  for (auto& part : rows_of) order_by_key(keys, &part);
  auto order = std::move(rows_of.front());
  for (std::size_t part = 1; part < parts.size(); ++part) {
    order = merged_by_key(keys, order, rows_of[part]);
  }
  return columnar::spill_rows(context.store, *rows, order);
}

// Matches whose staged row stays in this partition.
std::vector<Match> matches_within(const PublishedFile& published, const PartitionJob& job) {
  std::vector<Match> within;
  for (const auto& match : published.file_outcome->matches) {
    if (job.staged.contains(match.staged_row)) within.push_back(match);
  }
  return within;
}

// Rows that are compared at once.
constexpr std::size_t kComparedRows = 8'192;

// Compares some staged rows with those that they replace; returns those that differ.
std::vector<Match> differing_rows(const PartitionContext& context, const arrow::Table& whole,
                                  std::span<const Match> matches) {
  std::vector<std::int64_t> published_rows;
  std::vector<std::int64_t> staged_rows;
  for (const auto& match : matches) {
    published_rows.push_back(match.published_row);
    staged_rows.push_back(match.staged_row);
  }
  const auto before = columnar::take_rows(whole, published_rows);
  const auto after = columnar::take_rows(context.staged.rows(), staged_rows);
  const auto equal = columnar::rows_equal(*before, *after, context.schema);
  std::vector<Match> differing;
  for (std::size_t row = 0; row < equal.size(); ++row) {
    if (!equal[row]) differing.push_back(matches[row]);
  }
  return differing;
}

// Counts and lists the staged rows that differ from the rows that they replace in this partition.
void count_updates(const PartitionContext& context, const PartitionJob& job,
                   const std::vector<Rows>& whole, PartitionOutcome* outcome) {
  for (std::size_t index = 0; index < job.published.size(); ++index) {
    const auto within = matches_within(job.published[index], job);
    std::size_t examples = 0;  // of this file
    for (std::size_t first = 0; first < within.size(); first += kComparedRows) {
      const auto some =
          std::span(within).subspan(first, std::min(kComparedRows, within.size() - first));
      const auto differing = differing_rows(context, *whole[index], some);
      outcome->updated += static_cast<std::int64_t>(differing.size());
      outcome->unchanged += static_cast<std::int64_t>(some.size() - differing.size());
      for (const auto& match : differing) {
        if (examples++ < kExamplesMax) {
          outcome->updated_rows.push_back({job.published[index].file, match});
        }
        const auto listed = static_cast<std::int64_t>(outcome->updated_staged.size());
        if (listed < context.listed_rows_max) outcome->updated_staged.push_back(match.staged_row);
      }
    }
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

// The digest of the partition's rows. Where it only names them it is taken beside their encoding.
class RowsDigest {
 public:
  RowsDigest(const PartitionContext& context, const PartitionJob& job, const Rows& content) {
    std::packaged_task<std::string()> task([&context, content] {
      return base::to_hex(columnar::canonical_digest(*content, context.schema));
    });
    digest_ = task.get_future().share();
    if (context.has_spare_thread && job.published.empty()) {
      thread_ = std::jthread(std::move(task));
    } else {
      task();
    }
  }
  // Waits for it.
  [[nodiscard]] const std::string& get() const { return digest_.get(); }

 private:
  std::shared_future<std::string> digest_;
  std::jthread thread_;
};

// Encodes the content into `encoded` and describes the file.
Result<NewFile> encode_file(const PartitionContext& context, const PartitionJob& job,
                            const Rows& content, const RowsDigest& rows_digest,
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
  add.tags["ashore.rows"] = rows_digest.get();
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
             const RowsDigest& rows_digest) {
  return !context.rewrites && job.published.size() == 1 &&
         job.published.front().file->rows_digest() == rows_digest.get();
}

// Stages the new file and lists what it supersedes. Equal bytes have equal names: a published file
// that already is the new one stays (no path is both added and removed).
Status replace_files(const PartitionContext& context, const PartitionJob& job, const Rows& content,
                     const RowsDigest& rows_digest, PartitionOutcome* outcome) {
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
  const bool is_on_disk = is_large(context, job);
  TRY(const auto content,
      is_on_disk ? new_content_on_disk(context, job, whole) : new_content(context, job, whole));
  const RowsDigest digest(context, job, content);
  if (is_same(context, job, digest)) {
    outcome.unchanged =
        static_cast<std::int64_t>(job.published.front().file_outcome->matches.size());
    return outcome;
  }
  TRY(read_needed(context, job, true, &whole));
  count_updates(context, job, whole, &outcome);
  list_moved(job, &outcome);
  TRY(replace_files(context, job, content, digest, &outcome));
  outcome.is_on_disk = is_on_disk;
  return outcome;
}

}  // namespace ashore::merge
