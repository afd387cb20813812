// Reads the files of a table as it would be, a block of files at a time.
#include "audit/candidate_table.h"

#include <arrow/api.h>

#include <algorithm>
#include <cassert>
#include <utility>

#include "base/parallel.h"
#include "base/short_text.h"
#include "delta/rows.h"
#include "io/reads_at_once.h"

namespace ashore::audit {

namespace {

using base::Result;
using base::Status;

// A block is what is in memory at once: many small files, or one large.
constexpr std::size_t kBlockFilesMax = 64;
constexpr std::int64_t kBlockBytesMax = std::int64_t{16} << 20;
// Rows that are handed over are given on so many at once.
constexpr std::int64_t kStepRows = 65'536;
// An example in a message: a line of a terminal or two.
constexpr std::size_t kRowBytesMax = 200;

std::size_t block_end(const std::vector<delta::CandidateFile>& files,
                      const std::vector<std::size_t>& chosen, std::size_t begin) {
  std::size_t end = begin;
  std::int64_t bytes = 0;
  while (end < chosen.size() && end - begin < kBlockFilesMax && bytes < kBlockBytesMax) {
    bytes += files[chosen[end++]].file->bytes;
  }
  return end;
}

}  // namespace

Result<CandidateTable> CandidateTable::open(io::ObjectStore& store, delta::TableLogs& logs,
                                            const std::string& run_id,
                                            const delta::TableCandidate& table,
                                            delta::HandoverBytes handover) {
  CandidateTable opened(table);
  TRY(auto files, delta::candidate_files(store, logs, run_id, table));
  opened.base_ = std::move(files.base);
  opened.files_ = std::move(files.files);
  for (const auto& file : opened.files_) {
    opened.first_rows_.push_back(opened.first_rows_.back() + file.file->rows);
  }
  TRY(opened.handover_, delta::read_handover(store, run_id, table.table, table.schema, handover));
  return opened;
}

std::int64_t CandidateTable::published_rows() const {
  std::int64_t published = rows();
  for (const auto& file : table_->add) published -= file.rows;
  for (const auto& file : table_->remove) published += file.rows;
  return published;
}

std::size_t CandidateTable::handed_over(const std::vector<std::size_t>& chosen,
                                        std::size_t begin) const {
  if (!handover_) return 0;
  const auto first = handover_->find(*files_[chosen[begin]].file);
  if (!first) return 0;
  std::size_t count = 1;
  auto next_row = first->first_row + first->rows;
  for (; begin + count < chosen.size(); ++count) {
    const bool is_next = chosen[begin + count] == chosen[begin + count - 1] + 1;
    const auto place = handover_->find(*files_[chosen[begin + count]].file);
    if (!is_next || !place || place->first_row != next_row) break;
    next_row += place->rows;
  }
  return count;
}

Result<std::vector<std::shared_ptr<arrow::Table>>> CandidateTable::read_block(
    io::ObjectStore& store, const Part& wanted, std::span<const std::size_t> block, int threads,
    const std::stop_token& stop) const {
  std::vector<std::shared_ptr<arrow::Table>> parts(block.size());
  const auto bytes_of = [this](std::size_t index) { return files_[index].file->bytes; };
  TRY(base::for_each_index(
      parts.size(), io::reads_at_once(store, block, bytes_of, threads),
      [&](std::size_t index) -> Status {
        const auto& file = files_[block[index]];
        TRY(parts[index],
            delta::read_rows(store, file.path, *file.file, table_->schema, wanted.columns));
        return {};
      },
      stop));
  return parts;
}

Status CandidateTable::give_handed_over(const delta::Handover::Place& place, std::int64_t first_row,
                                        const std::vector<std::string>& columns, const Sink& sink,
                                        const std::stop_token& stop) const {
  for (std::int64_t row = 0; row < place.rows; row += kStepRows) {
    if (stop.stop_requested()) return base::Error(base::ErrorKind::kInterrupted, "interrupted");
    const auto rows = std::min(kStepRows, place.rows - row);
    TRY(sink(*handover_->slice({place.first_row + row, rows}, columns), first_row + row));
  }
  return {};
}

Status CandidateTable::scan(io::ObjectStore& store, const Part& wanted, int threads,
                            const std::stop_token& stop, const Sink& sink) const {
  std::vector<std::size_t> chosen;
  for (std::size_t index = 0; index < files_.size(); ++index) {
    if (wanted.is_needed(*files_[index].file)) chosen.push_back(index);
  }
  for (std::size_t begin = 0; begin < chosen.size();) {
    const auto count = handed_over(chosen, begin);
    if (count > 0) {
      const auto first = handover_->find(*files_[chosen[begin]].file)->first_row;
      const auto last = *handover_->find(*files_[chosen[begin + count - 1]].file);
      TRY(give_handed_over({first, last.first_row + last.rows - first}, first_rows_[chosen[begin]],
                           wanted.columns, sink, stop));
      begin += count;
      continue;
    }
    auto end = block_end(files_, chosen, begin);
    for (auto next = begin + 1; next < end; ++next) {
      if (handed_over(chosen, next) > 0) end = next;
    }
    const auto block = std::span(chosen).subspan(begin, end - begin);
    TRY(auto parts, read_block(store, wanted, block, threads, stop));
    for (std::size_t index = 0; index < parts.size(); ++index) {
      // Read in parallel, given on in order: results do not depend on the number of threads.
      TRY(sink(*parts[index], first_rows_[block[index]]));
      parts[index].reset();
    }
    begin = end;
  }
  return {};
}

Result<std::shared_ptr<arrow::Table>> CandidateTable::row_of(
    io::ObjectStore& store, const delta::CandidateFile& file, std::int64_t row,
    const std::vector<std::string>& columns) const {
  const auto place = handover_ ? handover_->find(*file.file) : std::nullopt;
  if (place) return handover_->slice({place->first_row + row, 1}, columns);
  std::shared_ptr<arrow::Table> found;
  TRY(delta::visit_rows(store, {file.path, *file.file, table_->schema}, columns,
                        [&](const std::shared_ptr<arrow::Table>& rows, std::int64_t first_row) {
                          const bool is_here =
                              row >= first_row && row < first_row + rows->num_rows();
                          if (is_here) found = rows->Slice(row - first_row, 1);
                          return Status();
                        }));
  assert(found != nullptr);  // the file has as many rows as its log entry says
  return found;
}

Result<std::string> CandidateTable::rows_text(io::ObjectStore& store,
                                              std::span<const std::int64_t> rows,
                                              const std::vector<std::string>& columns) const {
  std::string text;
  for (const auto row : rows) {
    // first_rows_ has one entry more than there are files; row lies in the last that begins at or
    // before.
    const auto after = std::ranges::upper_bound(first_rows_, row);
    const auto index = static_cast<std::size_t>(after - first_rows_.begin()) - 1;
    const auto& file = files_[index];
    TRY(const auto one, row_of(store, file, row - first_rows_[index], columns));
    text += (text.empty() ? "" : "; ") + row_text(*one, 0);
  }
  return text;
}

std::string row_text(const arrow::Table& rows, std::int64_t row) {
  std::string text = "(";
  for (int index = 0; index < rows.num_columns(); ++index) {
    const auto scalar = rows.column(index)->GetScalar(row);
    text += (index == 0 ? "" : ", ") + rows.field(index)->name() + "=" +
            (scalar.ok() ? (*scalar)->ToString() : "?");
  }
  return base::shortened(text, kRowBytesMax) + ")";
}

}  // namespace ashore::audit
