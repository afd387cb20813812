// CandidateTable reads a table as it would be, a few columns and a few files at a time.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include <arrow/type_fwd.h>

#include "base/result.h"
#include "delta/candidate.h"
#include "delta/handover.h"
#include "io/object_store.h"

namespace ashore::audit {

// Views a candidate's table, which must outlive it. Its rows are those of its files one after
// another; a row's number is its place among them. Threads: one.
class CandidateTable {
 public:
  // kTransient: I/O; kPermanent: the base version is not readable.
  // Rows that the merge handed over, if they are `handover`, are not read from their files.
  static base::Result<CandidateTable> open(io::ObjectStore& store, delta::TableLogs& logs,
                                           const std::string& run_id,
                                           const delta::TableCandidate& table,
                                           delta::HandoverBytes handover);

  [[nodiscard]] const delta::TableCandidate& candidate() const { return *table_; }
  [[nodiscard]] std::int64_t rows() const { return first_rows_.back(); }
  // Of the version that the candidate builds on; 0 where there is none.
  [[nodiscard]] std::int64_t published_rows() const;

  using Sink = std::function<base::Status(const arrow::Table& part, std::int64_t first_row)>;
  // What is looked at: at least one column, and the files of which the predicate says so.
  struct Part {
    const std::vector<std::string>& columns;
    const std::function<bool(const delta::AddFile&)>& is_needed;
  };
  // Gives those files' rows in turn, with only these columns, a file's or 65,536 at once. Files are
  // read ahead on `threads` threads, a bounded number at once. Errors as delta::read_rows and those
  // of the sink, which end it; kInterrupted.
  base::Status scan(io::ObjectStore& store, const Part& wanted, int threads,
                    const std::stop_token& stop, const Sink& sink) const;

  // "(order_id=17, amount=null); (order_id=18, ...)": these rows, in these columns.
  base::Result<std::string> rows_text(io::ObjectStore& store, std::span<const std::int64_t> rows,
                                      const std::vector<std::string>& columns) const;

 private:
  explicit CandidateTable(const delta::TableCandidate& table) : table_(&table) {}

  // A row of a file.
  [[nodiscard]] base::Result<std::shared_ptr<arrow::Table>> row_of(
      io::ObjectStore& store, const delta::CandidateFile& file, std::int64_t row,
      const std::vector<std::string>& columns) const;
  // How many files from chosen[begin] on are handed over one after another; 0: that one is not.
  [[nodiscard]] std::size_t handed_over(const std::vector<std::size_t>& chosen,
                                        std::size_t begin) const;
  // Gives rows of the handover; the first is row `first_row` of the table.
  base::Status give_handed_over(const delta::Handover::Place& place, std::int64_t first_row,
                                const std::vector<std::string>& columns, const Sink& sink,
                                const std::stop_token& stop) const;
  [[nodiscard]] base::Result<std::vector<std::shared_ptr<arrow::Table>>> read_block(
      io::ObjectStore& store, const Part& wanted, std::span<const std::size_t> block, int threads,
      const std::stop_token& stop) const;

  const delta::TableCandidate* table_;
  std::optional<delta::Handover> handover_;
  std::shared_ptr<const delta::Snapshot> base_;  // files_ points into it
  std::vector<delta::CandidateFile> files_;
  std::vector<std::int64_t> first_rows_ = {0};  // of each file, then of what follows the last
};

// Pure. "(order_id=17, amount=null)", at most 200 bytes.
std::string row_text(const arrow::Table& rows, std::int64_t row);

}  // namespace ashore::audit
