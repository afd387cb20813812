// Compares two places' rows of a partition by key.
// The expected rows of a partition are sorted by key once; found rows are looked up as they come.
#include "reconcile/row_differences.h"

#include <arrow/api.h>

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <utility>

#include "columnar/keys.h"

namespace ashore::reconcile {

namespace {

using base::Result;
using base::Status;

std::string key_text(const arrow::Table& rows, const std::vector<std::string>& key,
                     std::int64_t row) {
  std::string text;
  for (const auto& name : key) {
    const auto value = rows.GetColumnByName(name)->GetScalar(row);
    text += (text.empty() ? "" : ", ") + (value.ok() ? (*value)->ToString() : "?");
  }
  return text;
}

// The rows of one partition as they should be, and which of them were found.
class ExpectedRows {
 public:
  Status read(const warehouse::ComparedTable& shape, warehouse::RowSource& source,
              const warehouse::PartitionValue& value) {
    return source.read_partition(value, [&](const arrow::Table& rows) -> Status {
      auto keys = columnar::KeyColumn::encode(rows, shape.key);
      auto hashes = columnar::row_hashes(rows, shape.schema);
      auto order = keys.order();
      const auto count = hashes.size();
      pieces_.push_back({std::move(keys), std::move(hashes), std::move(order),
                         std::vector<bool>(count), rows.Slice(0)});
      return {};
    });
  }

  // "" where this is an expected row that was not found before, else what is wrong with it.
  std::string find(std::string_view key, const columnar::RowHash& hash) {
    for (auto& piece : pieces_) {
      const auto row = piece.row_of(key);
      if (!row) continue;
      const auto index = static_cast<std::size_t>(*row);
      if (piece.is_found[index]) return "twice";
      piece.is_found[index] = true;
      return piece.hashes[index] == hash ? "" : "changed";
    }
    return "added";
  }

  // The keys of rows that were not found, `rows_max` at most.
  [[nodiscard]] std::vector<std::string> missing(const std::vector<std::string>& key,
                                                 std::size_t rows_max) const {
    std::vector<std::string> texts;
    for (const auto& piece : pieces_) {
      for (std::size_t index = 0; index < piece.is_found.size(); ++index) {
        if (piece.is_found[index] || texts.size() >= rows_max) continue;
        texts.push_back(key_text(*piece.rows, key, static_cast<std::int64_t>(index)));
      }
    }
    return texts;
  }

 private:
  struct Piece {
    columnar::KeyColumn keys;
    std::vector<columnar::RowHash> hashes;
    std::vector<std::int64_t> order;
    std::vector<bool> is_found;
    std::shared_ptr<arrow::Table> rows;

    [[nodiscard]] std::optional<std::int64_t> row_of(std::string_view key) const {
      const auto at = std::lower_bound(
          order.begin(), order.end(), key,
          [&](std::int64_t row, std::string_view wanted) { return keys.at(row) < wanted; });
      if (at == order.end() || keys.at(*at) != key) return std::nullopt;
      return *at;
    }
  };
  std::vector<Piece> pieces_;
};

// A hand may have dropped what kept keys from being null.
std::shared_ptr<arrow::Table> with_keys(const arrow::Table& rows,
                                        const std::vector<std::string>& key) {
  std::vector<std::int64_t> kept;
  for (std::int64_t row = 0; row < rows.num_rows(); ++row) {
    const bool has_key = std::all_of(key.begin(), key.end(), [&](const std::string& name) {
      const auto value = rows.GetColumnByName(name)->GetScalar(row);
      return value.ok() && (*value)->is_valid;
    });
    if (has_key) kept.push_back(row);
  }
  return columnar::take_rows(rows, kept);
}

bool has_null_keys(const arrow::Table& rows, const std::vector<std::string>& key) {
  return std::any_of(key.begin(), key.end(), [&](const std::string& name) {
    return rows.GetColumnByName(name)->null_count() > 0;
  });
}

class Comparison {
 public:
  Comparison(const warehouse::ComparedTable& shape, warehouse::RowSource& expected,
             warehouse::RowSource& found, std::size_t rows_max)
      : shape_(shape), expected_(expected), found_(found), rows_max_(rows_max) {}

  Status compare(const warehouse::PartitionValue& value) {
    partition_ = warehouse::partition_name(shape_, value);
    ExpectedRows expected;
    TRY(expected.read(shape_, expected_, value));
    TRY(found_.read_partition(value, [&](const arrow::Table& rows) -> Status {
      look_up(rows, &expected);
      return {};
    }));
    for (auto& key : expected.missing(shape_.key, rows_max_)) add(std::move(key), "missing");
    return {};
  }

  [[nodiscard]] bool is_enough() const { return differences_.size() >= rows_max_; }

  // A row that is missing here and added there has moved.
  std::vector<RowDifference> finish() && {
    std::map<std::string, std::string> added;  // key -> partition
    for (const auto& one : differences_) {
      if (one.what == "added") added.emplace(one.key, one.partition);
    }
    std::map<std::string, bool> moved;
    for (auto& one : differences_) {
      const auto target = one.what == "missing" ? added.find(one.key) : added.end();
      if (target == added.end()) continue;
      one.what = "moved to " + target->second;
      moved[one.key] = true;
    }
    std::erase_if(differences_, [&](const RowDifference& one) {
      return one.what == "added" && moved.contains(one.key);
    });
    std::ranges::sort(differences_, [](const RowDifference& left, const RowDifference& right) {
      return std::tie(left.partition, left.key) < std::tie(right.partition, right.key);
    });
    return std::move(differences_);
  }

 private:
  void add(std::string key, std::string what) {
    if (is_enough()) return;
    differences_.push_back({partition_, std::move(key), std::move(what)});
  }

  void look_up(const arrow::Table& rows, ExpectedRows* expected) {
    if (has_null_keys(rows, shape_.key)) {
      const auto kept = with_keys(rows, shape_.key);
      add("null", rows_without_key(rows.num_rows() - kept->num_rows()));
      return look_up(*kept, expected);
    }
    const auto keys = columnar::KeyColumn::encode(rows, shape_.key);
    const auto hashes = columnar::row_hashes(rows, shape_.schema);
    for (std::int64_t row = 0; row < keys.size(); ++row) {
      auto what = expected->find(keys.at(row), hashes[static_cast<std::size_t>(row)]);
      if (!what.empty()) add(key_text(rows, shape_.key, row), std::move(what));
    }
  }

  static std::string rows_without_key(std::int64_t rows) {
    return "added, without a key: " + std::to_string(rows) + (rows == 1 ? " row" : " rows");
  }

  const warehouse::ComparedTable& shape_;
  warehouse::RowSource& expected_;
  warehouse::RowSource& found_;
  const std::size_t rows_max_;
  std::string partition_;
  std::vector<RowDifference> differences_;
};

}  // namespace

Result<std::vector<RowDifference>> name_differences(
    const warehouse::ComparedTable& shape, warehouse::RowSource& expected,
    warehouse::RowSource& found, const std::vector<warehouse::PartitionValue>& partitions,
    std::size_t rows_max) {
  Comparison comparison(shape, expected, found, rows_max);
  for (const auto& value : partitions) {
    if (comparison.is_enough()) break;
    TRY(comparison.compare(value));
  }
  return std::move(comparison).finish();
}

}  // namespace ashore::reconcile
