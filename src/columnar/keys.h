// Row keys: comparable byte strings of the key columns, sort orders and sets
// over them.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <arrow/type_fwd.h>

#include "base/result.h"

namespace ashore::columnar {

// The keys of a table's rows, back to back in one buffer. Bytewise order of two
// keys is key order: strings by UTF-8 bytes, numbers, dates and timestamps by
// value, false before true; no key is a prefix of another. Owns its bytes;
// movable; views stay valid while it lives.
class KeyColumn {
 public:
  // Encodes the named columns of `table`, in that order. Precondition: they
  // exist and hold no null.
  static KeyColumn encode(const arrow::Table& table, const std::vector<std::string>& columns);

  // Encodes a row's partition (as partition_text(): nothing first, then bytewise) and then its key:
  // the order of rows in a staged window. Without a partition column as encode().
  static KeyColumn encode_in_partitions(const arrow::Table& table,
                                        const std::optional<std::string>& partition_column,
                                        const std::vector<std::string>& key);

  [[nodiscard]] std::int64_t size() const { return static_cast<std::int64_t>(ends_.size()); }
  [[nodiscard]] std::string_view at(std::int64_t row) const;
  // Row numbers in key order; equal keys keep the table's order.
  [[nodiscard]] std::vector<std::int64_t> order() const;

 private:
  std::string bytes_;
  std::vector<std::uint64_t> ends_;
};

// Encodes the keys of a table some thousand rows at a time: for tables whose keys are too many for
// memory. `visit` gets each row's number and key, in order; the view is valid during the call.
void visit_keys(const arrow::Table& table, const std::vector<std::string>& columns,
                const std::function<void(std::int64_t row, std::string_view key)>& visit);

// Reads the keys of single rows. The table must outlive it. Threads: any at once.
class KeyReader {
 public:
  // Precondition: as KeyColumn::encode().
  KeyReader(const arrow::Table& table, const std::vector<std::string>& columns);

  // Puts the row's key, as KeyColumn encodes it, into `key`.
  void read(std::int64_t row, std::string* key) const;

 private:
  struct Column {
    std::vector<const arrow::Array*> chunks;
    std::vector<std::int64_t> ends;  // of the chunks, as row numbers
  };
  std::vector<Column> columns_;
};

// The rows of `table` at `rows`, in that order.
std::shared_ptr<arrow::Table> take_rows(const arrow::Table& table,
                                        std::span<const std::int64_t> rows);

}  // namespace ashore::columnar
