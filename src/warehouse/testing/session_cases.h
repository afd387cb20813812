// What every dialect's session must do: included by the tests of each
// (conformance).
#pragma once

#include <arrow/api.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "warehouse/connection.h"

namespace ashore::warehouse {

// Two rows of every column type; the second is all null but for its key.
inline std::shared_ptr<arrow::RecordBatch> sample_rows() {
  const auto array = [](arrow::ArrayBuilder& builder) { return builder.Finish().ValueOrDie(); };
  arrow::StringBuilder names;
  (void)names.AppendValues({"caf\xc3\xa9 \xf0\x9f\x9a\x80 'quoted'", ""});
  arrow::BooleanBuilder flags;
  (void)flags.Append(true);
  (void)flags.AppendNull();
  arrow::Int32Builder small;
  (void)small.Append(-7);
  (void)small.AppendNull();
  arrow::Int64Builder large;
  (void)large.Append(std::int64_t{1} << 62);
  (void)large.AppendNull();
  arrow::DoubleBuilder doubles;
  (void)doubles.Append(0.1);
  (void)doubles.AppendNull();
  arrow::Decimal128Builder decimals(arrow::decimal128(38, 2));
  (void)decimals.Append(
      arrow::Decimal128::FromString("123456789012345678901234567890123456.78").ValueOrDie());
  (void)decimals.AppendNull();
  arrow::Date32Builder days;
  (void)days.Append(19297);
  (void)days.AppendNull();
  const auto timestamp = arrow::timestamp(arrow::TimeUnit::MICRO, "UTC");
  arrow::TimestampBuilder times(timestamp, arrow::default_memory_pool());
  (void)times.Append(1667260800123456);
  (void)times.AppendNull();
  arrow::StringBuilder texts;
  (void)texts.Append("{\"b\": 1.0,  \"a\": [\"\\u00e9\"]}");
  (void)texts.AppendNull();
  const auto schema = arrow::schema(
      {arrow::field("json_text", arrow::utf8()), arrow::field("name", arrow::utf8()),
       arrow::field("flag", arrow::boolean()), arrow::field("small", arrow::int32()),
       arrow::field("large", arrow::int64()), arrow::field("double", arrow::float64()),
       arrow::field("amount", arrow::decimal128(38, 2)), arrow::field("day", arrow::date32()),
       arrow::field("time", timestamp)});
  return arrow::RecordBatch::Make(
      schema, 2,
      {array(texts), array(names), array(flags), array(small), array(large), array(doubles),
       array(decimals), array(days), array(times)});
}

inline std::string create_sample(Dialect dialect, const std::string& name, bool temporary) {
  const auto type = [dialect](base::TypeKind kind) {
    return sql_type(base::ColumnType{kind, 0, 0}, dialect);
  };
  return std::string("CREATE ") + (temporary ? "TEMP " : "") + "TABLE " + quote_identifier(name) +
         "(name " + type(base::TypeKind::kString) + ", flag " + type(base::TypeKind::kBoolean) +
         ", small " + type(base::TypeKind::kInt32) + ", large " + type(base::TypeKind::kInt64) +
         ", \"double\" " + type(base::TypeKind::kFloat64) + ", amount " +
         sql_type({base::TypeKind::kDecimal, 38, 2}, dialect) + ", \"day\" " +
         type(base::TypeKind::kDate) + ", \"time\" " + type(base::TypeKind::kTimestamp) +
         ", json_text " + type(base::TypeKind::kString) + ")";
}

// The values as text, by SQL alone, so that both dialects answer alike.
inline std::string sample_as_text(Dialect dialect, const std::string& name) {
  const std::string json = sql_type({base::TypeKind::kJson}, dialect);
  const std::string text = sql_type({base::TypeKind::kString}, dialect);
  return "SELECT concat_ws('|', name, CAST(flag AS " + text +
         "), small, large, \"double\","
         " CAST(amount AS " +
         text +
         "), \"day\","
         " CAST(\"time\" AT TIME ZONE 'UTC' AS " +
         text +
         "),"
         " CAST(CAST(json_text AS " +
         json + ") AS " + text + ")) FROM " + quote_identifier(name) + " ORDER BY small NULLS LAST";
}

inline std::string text_at(const arrow::Table& table, int column, std::int64_t row) {
  const auto scalar = table.column(column)->GetScalar(row).ValueOrDie();
  return scalar->is_valid ? scalar->ToString() : "null";
}

inline std::int64_t number_of(Connection& connection, const std::string& sql) {
  const auto table = connection.query(sql);
  EXPECT_TRUE(table.ok()) << table.error().message();
  return std::stoll(text_at(*table.value(), 0, 0));
}

inline void expect_every_type_round_trips(Connection& connection, bool temporary) {
  const std::string name = temporary ? "a stage" : "a table";
  ASSERT_TRUE(connection.execute(create_sample(connection.dialect(), name, temporary)).ok());
  auto rows = arrow::RecordBatchReader::Make({sample_rows()}).ValueOrDie();
  const auto appended = connection.append(name, temporary, rows);
  ASSERT_TRUE(appended.ok()) << appended.error().message();
  const auto answer = connection.query(sample_as_text(connection.dialect(), name));
  ASSERT_TRUE(answer.ok()) << answer.error().message();
  ASSERT_EQ(answer.value()->num_rows(), 2);
  EXPECT_EQ(text_at(*answer.value(), 0, 0),
            "caf\xc3\xa9 \xf0\x9f\x9a\x80 'quoted'|true|-7|4611686018427387904|0.1|"
            "123456789012345678901234567890123456.78|2022-11-01|2022-11-01 "
            "00:00:00.123456|"
            "{\"b\": 1.0,  \"a\": [\"\\u00e9\"]}");
  EXPECT_EQ(text_at(*answer.value(), 0, 1), "");
}

inline void expect_affected_rows_are_counted(Connection& connection) {
  ASSERT_TRUE(connection.execute("CREATE TABLE counted(n integer)").ok());
  EXPECT_EQ(connection.execute("INSERT INTO counted VALUES (1),(2),(3)").value(), 3);
  EXPECT_EQ(connection.execute("UPDATE counted SET n = 5 WHERE n > 1").value(), 2);
  EXPECT_EQ(connection.execute("DELETE FROM counted WHERE n > 7").value(), 0);
}

inline void expect_rollback_undoes_all(Connection& connection) {
  ASSERT_TRUE(connection.execute("CREATE TABLE kept(n integer)").ok());
  ASSERT_TRUE(connection.begin().ok());
  ASSERT_TRUE(connection.execute("INSERT INTO kept VALUES (1)").ok());
  ASSERT_TRUE(connection.execute("CREATE TABLE dropped(n integer)").ok());
  ASSERT_TRUE(connection.rollback().ok());
  EXPECT_EQ(number_of(connection, "SELECT count(*) FROM kept"), 0);
  EXPECT_FALSE(connection.query("SELECT count(*) FROM dropped").ok());
  ASSERT_TRUE(connection.begin().ok());
  ASSERT_TRUE(connection.execute("INSERT INTO kept VALUES (1)").ok());
  ASSERT_TRUE(connection.commit().ok());
  EXPECT_EQ(number_of(connection, "SELECT count(*) FROM kept"), 1);
}

inline void expect_empty_answers_have_columns(Connection& connection) {
  const auto answer = connection.query("SELECT 1 AS one, 'x' AS two WHERE 1 = 0");
  ASSERT_TRUE(answer.ok()) << answer.error().message();
  EXPECT_EQ(answer.value()->num_rows(), 0);
  EXPECT_EQ(answer.value()->ColumnNames(), (std::vector<std::string>{"one", "two"}));
}

inline void expect_wrong_sql_is_permanent(Connection& connection) {
  const auto answer = connection.query("SELECT * FROM no_such_table");
  ASSERT_FALSE(answer.ok());
  EXPECT_EQ(answer.error().kind(), base::ErrorKind::kPermanent);
  EXPECT_NE(answer.error().message().find("no_such_table"), std::string::npos);
  EXPECT_FALSE(connection.execute("DROP TABLE no_such_table").ok());
}

}  // namespace ashore::warehouse
