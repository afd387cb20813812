// Reads ahead by blocks of files, so that memory holds a block and not the table.
#include "audit/candidate_table.h"

#include <arrow/api.h>

#include <algorithm>
#include <utility>

#include "base/parallel.h"
#include "delta/rows.h"

namespace ashore::audit {

namespace {

using base::Result;
using base::Status;

// A block is what is in memory at once: many small files, or one large.
constexpr std::size_t kBlockFilesMax = 64;
constexpr std::int64_t kBlockBytesMax = std::int64_t{16} << 20;
constexpr std::size_t kRowBytesMax = 200;

std::size_t block_end(const std::vector<delta::CandidateFile>& files,
                      const std::vector<std::size_t>& chosen, std::size_t begin) {
  std::size_t end = begin;
  std::int64_t bytes = 0;
  while (end < chosen.size() && end - begin < kBlockFilesMax && bytes < kBlockBytesMax) {
    bytes += files[chosen[end++]].file.bytes;
  }
  return end;
}

}  // namespace

Result<CandidateTable> CandidateTable::open(io::ObjectStore& store, const std::string& run_id,
                                            const delta::TableCandidate& table) {
  CandidateTable opened(table);
  TRY(opened.files_, delta::candidate_files(store, run_id, table));
  for (const auto& file : opened.files_) {
    opened.first_rows_.push_back(opened.first_rows_.back() + file.file.rows);
  }
  return opened;
}

std::int64_t CandidateTable::published_rows() const {
  std::int64_t published = rows();
  for (const auto& file : table_->add) published -= file.rows;
  for (const auto& file : table_->remove) published += file.rows;
  return published;
}

Status CandidateTable::scan(io::ObjectStore& store, const Part& wanted, int threads,
                            const std::stop_token& stop, const Sink& sink) const {
  std::vector<std::size_t> chosen;
  for (std::size_t index = 0; index < files_.size(); ++index) {
    if (wanted.is_needed(files_[index].file)) chosen.push_back(index);
  }
  for (std::size_t begin = 0; begin < chosen.size();) {
    const auto end = block_end(files_, chosen, begin);
    std::vector<std::shared_ptr<arrow::Table>> parts(end - begin);
    TRY(base::for_each_index(
        parts.size(), threads,
        [&](std::size_t index) -> Status {
          const auto& file = files_[chosen[begin + index]];
          TRY(parts[index],
              delta::read_rows(store, file.path, file.file, table_->schema, wanted.columns));
          return {};
        },
        stop));
    for (std::size_t index = 0; index < parts.size(); ++index) {
      sink(*parts[index], first_rows_[chosen[begin + index]]);
      parts[index].reset();
    }
    begin = end;
  }
  return {};
}

Result<std::string> CandidateTable::rows_text(io::ObjectStore& store,
                                              std::span<const std::int64_t> rows,
                                              const std::vector<std::string>& columns) const {
  std::string text;
  for (const auto row : rows) {
    const auto after = std::ranges::upper_bound(first_rows_, row);
    const auto index = static_cast<std::size_t>(after - first_rows_.begin()) - 1;
    const auto& file = files_[index];
    TRY(const auto part, delta::read_rows(store, file.path, file.file, table_->schema, columns));
    text += (text.empty() ? "" : "; ") + row_text(*part, row - first_rows_[index]);
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
  if (text.size() >= kRowBytesMax) text = text.substr(0, kRowBytesMax - 4) + "...";
  return text + ")";
}

}  // namespace ashore::audit
