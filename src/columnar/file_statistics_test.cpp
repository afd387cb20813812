// Delta statistics never claim a narrower range than the values have.
#include "columnar/file_statistics.h"

#include "columnar/testing/tables.h"

namespace ashore::columnar {
namespace {

std::string statistics_of(const std::string& type, const std::string& values) {
  const base::Schema schema{{field_of("c", type)}};
  return delta_statistics(*table_of(schema, {values}), schema);
}

// What a column with bounds and no nulls says.
std::string bounded(const std::string& rows, const std::string& least,
                    const std::string& greatest) {
  return R"({"numRecords":)" + rows + R"(,"minValues":{"c":)" + least + R"(},"maxValues":{"c":)" +
         greatest + R"(},"nullCount":{"c":0}})";
}

TEST(FileStatisticsTest, NumbersDatesAndDecimalsAreExact) {
  EXPECT_EQ(statistics_of("int64", "[3, -9223372036854775808, 9223372036854775807]"),
            bounded("3", "-9223372036854775808", "9223372036854775807"));
  EXPECT_EQ(statistics_of("decimal(10,2)", R"(["12.30", "-0.05"])"),
            bounded("2", "-0.05", "12.30"));
  EXPECT_EQ(statistics_of("date", "[19297, -1]"),
            bounded("2", R"("1969-12-31")", R"("2022-11-01")"));
  EXPECT_EQ(statistics_of("float64", "[0.5, 2.0]"), bounded("2", "0.5", "2.0"));
}

TEST(FileStatisticsTest, TimestampBoundsAreRoundedOutwards) {
  EXPECT_EQ(statistics_of("timestamp", "[1667260800000001, 1667260800123456]"),
            bounded("2", R"("2022-11-01T00:00:00.000Z")", R"("2022-11-01T00:00:00.124Z")"));
  EXPECT_EQ(statistics_of("timestamp", "[-1]"),
            bounded("1", R"("1969-12-31T23:59:59.999Z")", R"("1970-01-01T00:00:00.000Z")"));
}

TEST(FileStatisticsTest, AnInstantBehindTheLastMillisecondHasNoBounds) {
  EXPECT_EQ(statistics_of("timestamp", "[253402300799999999]"),
            R"({"numRecords":1,"minValues":{},"maxValues":{},"nullCount":{"c":0}})");
}

TEST(FileStatisticsTest, SmallDecimalsHaveNoExponent) {
  EXPECT_EQ(statistics_of("decimal(38,9)", R"(["0.000000001", "-0.000000001"])"),
            bounded("2", "-0.000000001", "0.000000001"));
  EXPECT_EQ(statistics_of("decimal(5,0)", R"(["0", "12345"])"), bounded("2", "0", "12345"));
}

TEST(FileStatisticsTest, LongTextsAreCutAndTheMaximumRaised) {
  const std::string umlauts = "üüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüü";  // 32 characters
  EXPECT_EQ(statistics_of("string", "[\"" + umlauts + "\"]"),
            bounded("1", "\"" + umlauts + "\"", "\"" + umlauts + "\""));
  EXPECT_EQ(statistics_of("string", "[\"" + umlauts + "x\"]"),
            bounded("1", "\"" + umlauts + "\"", "\"" + umlauts + "\xf4\x8f\xbf\xbf\""));
  EXPECT_EQ(statistics_of("string", R"(["a\"b\\\n"])"),
            bounded("1", R"("a\"b\\\n")", R"("a\"b\\\n")"));
}

TEST(FileStatisticsTest, NullsAreCountedAndHaveNoBounds) {
  EXPECT_EQ(statistics_of("int32", "[null, null]"),
            R"({"numRecords":2,"minValues":{},"maxValues":{},"nullCount":{"c":2}})");
  EXPECT_EQ(statistics_of("boolean", "[true, null]"),
            R"({"numRecords":2,"minValues":{},"maxValues":{},"nullCount":{"c":1}})");
}

}  // namespace
}  // namespace ashore::columnar
