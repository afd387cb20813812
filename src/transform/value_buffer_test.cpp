// Arrays made of collected values are those that Arrow's own builders make.
#include "transform/value_buffer.h"

#include <arrow/api.h>
#include <arrow/util/decimal.h>
#include <gtest/gtest.h>

#include <random>

#include "columnar/arrow_schema.h"

namespace ashore::transform {
namespace {

using base::TypeKind;

class Values {
 public:
  explicit Values(base::ColumnType type) : type_(type), buffer_(type) {
    builder_ = arrow::MakeBuilder(columnar::arrow_type(type)).ValueOrDie();
  }

  void append_null() {
    buffer_.append_null();
    ASSERT_TRUE(builder_->AppendNull().ok());
  }

  void append(std::int64_t number) {
    switch (type_.kind) {
      case TypeKind::kString:
      case TypeKind::kJson: {
        std::string text(static_cast<std::size_t>(number & 127),
                         static_cast<char>('a' + (number & 15)));
        ASSERT_TRUE(as<arrow::StringBuilder>().Append(text).ok());
        if (number % 2 == 0) return buffer_.append_own_text(text);
        return buffer_.append_text(kept_.emplace_back(std::move(text)));
      }
      case TypeKind::kBoolean:
        ASSERT_TRUE(as<arrow::BooleanBuilder>().Append(number % 2 == 0).ok());
        return buffer_.append_boolean(number % 2 == 0);
      case TypeKind::kInt32:
        ASSERT_TRUE(as<arrow::Int32Builder>().Append(static_cast<std::int32_t>(number)).ok());
        return buffer_.append_integer(static_cast<std::int32_t>(number));
      case TypeKind::kInt64:
        ASSERT_TRUE(as<arrow::Int64Builder>().Append(number).ok());
        return buffer_.append_integer(number);
      case TypeKind::kFloat64:
        ASSERT_TRUE(as<arrow::DoubleBuilder>().Append(static_cast<double>(number) / 3).ok());
        return buffer_.append_double(static_cast<double>(number) / 3);
      case TypeKind::kDecimal: {
        const arrow::Decimal128 value(number, static_cast<std::uint64_t>(number) * 31);
        ASSERT_TRUE(as<arrow::Decimal128Builder>().Append(value).ok());
        return buffer_.append_decimal(value);
      }
      case TypeKind::kDate:
        ASSERT_TRUE(as<arrow::Date32Builder>().Append(static_cast<std::int32_t>(number)).ok());
        return buffer_.append_integer(static_cast<std::int32_t>(number));
      case TypeKind::kTimestamp:
        ASSERT_TRUE(as<arrow::TimestampBuilder>().Append(number).ok());
        return buffer_.append_integer(number);
    }
  }

  void expect_same() {
    const auto rows = builder_->length();
    EXPECT_EQ(buffer_.length(), rows);
    auto made = buffer_.finish();
    ASSERT_TRUE(made.ok()) << made.error().message();
    const auto wanted = builder_->Finish().ValueOrDie();
    EXPECT_TRUE(made.value()->Validate().ok());
    EXPECT_TRUE(made.value()->Equals(*wanted)) << rows << " rows of " << wanted->type()->ToString();
    EXPECT_EQ(made.value()->null_count(), wanted->null_count());
    EXPECT_EQ(buffer_.length(), 0);
  }

 private:
  template <typename Builder>
  Builder& as() {
    return static_cast<Builder&>(*builder_);
  }

  base::ColumnType type_;
  ValueBuffer buffer_;
  std::unique_ptr<arrow::ArrayBuilder> builder_;
  std::deque<std::string> kept_;
};

TEST(ValueBuffer, ArraysAreThoseOfArrowsBuilders) {
  std::mt19937_64 random(3);  // NOLINT(cert-msc32-c,cert-msc51-cpp): the same values every time
  for (const base::ColumnType type :
       {base::ColumnType{TypeKind::kString}, base::ColumnType{TypeKind::kBoolean},
        base::ColumnType{TypeKind::kInt32}, base::ColumnType{TypeKind::kInt64},
        base::ColumnType{TypeKind::kFloat64}, base::ColumnType{TypeKind::kDecimal, 38, 5},
        base::ColumnType{TypeKind::kDate}, base::ColumnType{TypeKind::kTimestamp},
        base::ColumnType{TypeKind::kJson}}) {
    Values values(type);
    for (const std::uint64_t nulls_in_8 : {0U, 3U, 8U}) {
      for (const int rows : {0, 1, 7, 8, 9, 100}) {
        for (int row = 0; row < rows; ++row) {
          if (random() % 8 < nulls_in_8) {
            values.append_null();
          } else {
            values.append(static_cast<std::int64_t>(random()) >> (random() % 60));
          }
        }
        values.expect_same();
      }
    }
  }
}

}  // namespace
}  // namespace ashore::transform
