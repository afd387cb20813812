// Shows the ways in which a source may write the values of a column.
#include <functional>

#include "transform/testing/window.h"

namespace ashore::transform {
namespace {

// A pipeline whose column is written in the way that `change` says.
std::string written(const std::string& type, const std::function<void(config::Column&)>& change,
                    const std::string& json) {
  auto pipeline = one_column(type);
  change(pipeline.tables[0].columns[1]);
  return taken(pipeline, json);
}

TEST(WrittenValuesTest, NumbersMayBeWrittenAsTexts) {
  const auto text = [](config::Column& column) { column.from = config::From::kText; };
  EXPECT_EQ(written("decimal(5,2)", text, R"("12.50")"), "12.50");
  EXPECT_EQ(written("decimal(5,2)", text, "12.5"), "12.50");
  EXPECT_EQ(written("decimal(5,2)", text, R"("12.505")"), "rule: inexact");
  EXPECT_EQ(written("float64", text, R"("13.733")"), "13.733");
  EXPECT_EQ(written("int32", text, R"("7")"), "7");
  EXPECT_EQ(written("int32", text, R"("2147483648")"), "rule: out_of_range");
  for (const char* wrong : {R"("")", R"(" 7")", R"("7 ")", R"("+7")", R"("1,000")", R"("0x1")",
                            R"("NaN")", "true", "[7]"}) {
    EXPECT_EQ(written("int64", text, wrong), "rule: wrong_type") << wrong;
  }
  EXPECT_EQ(written("int64", text, R"("\u0037")"), "7");
}

TEST(WrittenValuesTest, BooleansMayBeWrittenAsNumbers) {
  const auto number = [](config::Column& column) { column.from = config::From::kNumber; };
  EXPECT_EQ(written("boolean", number, "1"), "true");
  EXPECT_EQ(written("boolean", number, "0"), "false");
  EXPECT_EQ(written("boolean", number, "true"), "true");
  EXPECT_EQ(written("boolean", number, "2"), "rule: wrong_type");
  EXPECT_EQ(written("boolean", number, R"("1")"), "rule: wrong_type");
}

TEST(WrittenValuesTest, TimestampsMayBeUnixTimes) {
  const auto from = [](config::From way) {
    return [way](config::Column& column) { column.from = way; };
  };
  const auto seconds = from(config::From::kUnixSeconds);
  EXPECT_EQ(written("timestamp", seconds, "1667260800"), "2022-11-01 00:00:00.000000Z");
  EXPECT_EQ(written("timestamp", seconds, "-0.5"), "1969-12-31 23:59:59.500000Z");
  EXPECT_EQ(written("timestamp", seconds, "1.6672608e9"), "2022-11-01 00:00:00.000000Z");
  EXPECT_EQ(written("timestamp", seconds, "0.0000001"), "rule: inexact");
  EXPECT_EQ(written("timestamp", seconds, "1e15"), "rule: out_of_range");
  EXPECT_EQ(written("timestamp", seconds, R"("1667260800")"), "rule: wrong_type");
  EXPECT_EQ(written("timestamp", from(config::From::kUnixMillis), "1667260800001"),
            "2022-11-01 00:00:00.001000Z");
  EXPECT_EQ(written("timestamp", from(config::From::kUnixMicros), "1667260800000001"),
            "2022-11-01 00:00:00.000001Z");
}

TEST(WrittenValuesTest, TimesMayBeWrittenInAFormOfTheirOwnAndInAZone) {
  const auto local = [](config::Column& column) {
    column.format = "%Y-%m-%d %H:%M:%S";
    column.time_zone = "Europe/Berlin";
  };
  EXPECT_EQ(written("timestamp", local, R"("2022-11-01 01:00:00")"), "2022-11-01 00:00:00.000000Z");
  EXPECT_EQ(written("timestamp", local, R"("2022-07-01 02:00:00")"), "2022-07-01 00:00:00.000000Z");
  EXPECT_EQ(written("timestamp", local, R"("2022-03-27 02:30:00")"), "rule: bad_local_time");
  EXPECT_EQ(written("timestamp", local, R"("2022-10-30 02:30:00")"), "rule: bad_local_time");
  EXPECT_EQ(written("timestamp", local, R"("2022-11-01T01:00:00")"), "rule: bad_timestamp");
  const auto zone = [](config::Column& column) { column.time_zone = "America/New_York"; };
  EXPECT_EQ(written("timestamp", zone, R"("2022-11-01T00:00:00")"), "2022-11-01 04:00:00.000000Z");
  EXPECT_EQ(written("timestamp", zone, R"("2022-11-01T00:00:00Z")"), "2022-11-01 00:00:00.000000Z");
  const auto bare = [](config::Column& column) { column.format = "%d.%m.%Y"; };
  EXPECT_EQ(written("timestamp", bare, R"("01.11.2022")"), "rule: bad_timestamp");
  EXPECT_EQ(written("date", bare, R"("01.11.2022")"), "2022-11-01");
  EXPECT_EQ(written("date", bare, R"("32.11.2022")"), "rule: bad_date");
}

TEST(WrittenValuesTest, TextsMayStandForNull) {
  const auto empty = [](config::Column& column) { column.null_when = {"", "n/a"}; };
  for (const char* type : {"string", "int64", "timestamp", "json"}) {
    EXPECT_EQ(written(type, empty, R"("")"), "null") << type;
    EXPECT_EQ(written(type, empty, R"("n\/a")"), "null") << type;
  }
  EXPECT_EQ(written("string", empty, R"("a")"), "a");
  const auto with_default = [](config::Column& column) {
    column.null_when = {""};
    column.default_json = "7";
  };
  EXPECT_EQ(written("int64", with_default, R"("")"), "7");
}

}  // namespace
}  // namespace ashore::transform
