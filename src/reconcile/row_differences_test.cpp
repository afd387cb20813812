// Which rows are named where two places differ.
#include "reconcile/row_differences.h"

#include <arrow/api.h>
#include <gtest/gtest.h>

#include "columnar/testing/tables.h"

namespace ashore::reconcile {
namespace {

warehouse::ComparedTable orders() {
  return {.name = "orders",
          .schema = {{columnar::field_of("order_id", "string"),
                      columnar::field_of("amount", "int64"), columnar::field_of("day", "string")}},
          .key = {"order_id"},
          .partition_column = "day"};
}

struct Row {
  const char* order_id;
  std::int64_t amount;
  const char* day;
};

// Gives each row as a piece of its own.
class ListedRows final : public warehouse::RowSource {
 public:
  explicit ListedRows(std::vector<Row> rows) : rows_(std::move(rows)) {}
  base::Status read_all(const warehouse::RowSink& sink) override {
    for (const auto& row : rows_) TRY(give(row, sink));
    return {};
  }
  base::Status read_partition(const warehouse::PartitionValue& value,
                              const warehouse::RowSink& sink) override {
    for (const auto& row : rows_) {
      if (value == row.day) TRY(give(row, sink));
    }
    return {};
  }

 private:
  static base::Status give(const Row& row, const warehouse::RowSink& sink) {
    const auto quoted = [](const char* text) {
      return text == nullptr ? std::string("[null]") : "[\"" + std::string(text) + "\"]";
    };
    return sink(*columnar::table_of(
        orders().schema,
        {quoted(row.order_id), "[" + std::to_string(row.amount) + "]", quoted(row.day)}));
  }
  std::vector<Row> rows_;
};

std::string differences(std::vector<Row> expected, std::vector<Row> found,
                        std::size_t rows_max = 10) {
  const auto shape = orders();
  ListedRows left(std::move(expected));
  ListedRows right(std::move(found));
  const auto left_sums = warehouse::sum_rows(shape, left).value();
  const auto right_sums = warehouse::sum_rows(shape, right).value();
  const auto named = name_differences(
      shape, left, right, warehouse::differing_partitions(left_sums, right_sums), rows_max);
  EXPECT_TRUE(named.ok());
  std::string text;
  for (const auto& one : named.value()) {
    text += one.partition + " " + one.key + " " + one.what + "\n";
  }
  return text;
}

TEST(RowDifferencesTest, EqualRowsInAnotherOrderDoNotDiffer) {
  EXPECT_EQ(differences({{"a", 1, "1"}, {"b", 2, "1"}}, {{"b", 2, "1"}, {"a", 1, "1"}}), "");
}

TEST(RowDifferencesTest, ChangedAddedAndMissingRowsAreNamed) {
  EXPECT_EQ(differences({{"a", 1, "1"}, {"b", 2, "1"}, {"c", 3, "2"}},
                        {{"a", 7, "1"}, {"b", 2, "1"}, {"d", 3, "3"}}),
            "day=1 a changed\nday=2 c missing\nday=3 d added\n");
}

TEST(RowDifferencesTest, ARowInAnotherPartitionHasMoved) {
  EXPECT_EQ(differences({{"a", 1, "1"}}, {{"a", 1, "2"}}), "day=1 a moved to day=2\n");
}

TEST(RowDifferencesTest, ARowThatIsThereTwiceIsNamed) {
  EXPECT_EQ(differences({{"a", 1, "1"}}, {{"a", 1, "1"}, {"a", 1, "1"}}), "day=1 a twice\n");
}

TEST(RowDifferencesTest, ARowWithoutAKeyIsAdded) {
  EXPECT_EQ(differences({{"a", 1, "1"}}, {{"a", 1, "1"}, {nullptr, 1, "1"}}),
            "day=1 null added, without a key: 1 row\n");
}

TEST(RowDifferencesTest, NoMoreRowsAreNamedThanAskedFor) {
  EXPECT_EQ(differences({{"a", 1, "1"}, {"b", 2, "1"}, {"c", 3, "2"}}, {}, 1), "day=1 a missing\n");
}

}  // namespace
}  // namespace ashore::reconcile
