// A scan is what one check remembers of a table whose columns pass by file after file.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <arrow/type_fwd.h>

#include "base/schema.h"
#include "config/pipeline.h"
#include "delta/snapshot.h"
#include "io/record_sorter.h"

namespace ashore::audit {

// How many rows break a check, and the first few of them.
struct Finding {
  static constexpr std::size_t kRowsMax = 3;

  std::int64_t count = 0;
  std::vector<std::int64_t> rows;  // the lowest row numbers, ascending; at most kRowsMax

  void add(std::int64_t row);
};

// Threads: one at a time.
class Scan {
 public:
  explicit Scan(std::vector<std::string> columns) : columns_(std::move(columns)) {}
  virtual ~Scan() = default;
  Scan(const Scan&) = delete;
  Scan& operator=(const Scan&) = delete;

  // What it needs of the table.
  [[nodiscard]] const std::vector<std::string>& columns() const { return columns_; }
  // Whether a file's log entry says that none of its rows matters to this scan: it may then be left
  // out. Pure.
  [[nodiscard]] virtual bool is_answered_by(const delta::AddFile& /*file*/) const { return false; }
  // Rows in order; `part` has at least columns().
  virtual void take(const arrow::Table& part, std::int64_t first_row) = 0;

 private:
  std::vector<std::string> columns_;
};

// Counts nulls; a row with two of them counts twice.
class NullScan final : public Scan {
 public:
  using Scan::Scan;
  [[nodiscard]] bool is_answered_by(const delta::AddFile& file) const override;
  void take(const arrow::Table& part, std::int64_t first_row) override;
  [[nodiscard]] const Finding& finding() const { return finding_; }

 private:
  Finding finding_;
};

// Adds to the finding each row of the column whose value is not null and breaks the rule.
using ValueRule =
    std::function<void(const arrow::Array& column, std::int64_t first_row, Finding* finding)>;

// Pure. The rule of an accepted_values, range or matches check on a column of that type, which the
// reader of the pipeline file found fitting.
ValueRule value_rule(const config::AcceptedValuesCheck& check, base::ColumnType type);
ValueRule value_rule(const config::RangeCheck& check, base::ColumnType type);
ValueRule value_rule(const config::MatchesCheck& check, base::ColumnType type);

class ValueScan final : public Scan {
 public:
  ValueScan(const std::string& column, ValueRule rule) : Scan({column}), rule_(std::move(rule)) {}
  void take(const arrow::Table& part, std::int64_t first_row) override;
  [[nodiscard]] const Finding& finding() const { return finding_; }

 private:
  ValueRule rule_;
  Finding finding_;
};

// Finds the newest value of a date or timestamp column, as microseconds since 1970.
class NewestScan final : public Scan {
 public:
  explicit NewestScan(const std::string& column) : Scan({column}) {}
  void take(const arrow::Table& part, std::int64_t first_row) override;
  // Nothing where all are null or there are none.
  [[nodiscard]] std::optional<std::int64_t> newest_us() const { return newest_us_; }

 private:
  std::optional<std::int64_t> newest_us_;
};

// 128 bits of a key's SHA-256, and its row: 24 bytes, however long the key is. Among 10^12 keys two
// different ones look equal with a chance of 10^-15.
struct KeyHash {
  std::array<std::uint64_t, 2> key{};
  std::int64_t row = 0;
  auto operator<=>(const KeyHash&) const = default;
};

// Remembers the keys of all rows in which none of the columns is null (nulls are equal to nothing
// and refer to nothing).
class KeyScan final : public Scan {
 public:
  KeyScan(std::vector<std::string> columns, const io::RecordStorage& storage)
      : Scan(std::move(columns)), hashes_(storage) {}
  void take(const arrow::Table& part, std::int64_t first_row) override;

  // Rows whose key an earlier row has. Errors: those of keeping keys on disk.
  base::Result<Finding> duplicates();
  // Rows whose key `targets` has not. Errors as duplicates().
  base::Result<Finding> missing_in(KeyScan& targets);

 private:
  io::RecordSorter<KeyHash> hashes_;
  base::Status status_;
};

}  // namespace ashore::audit
