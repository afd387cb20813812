// Lets the server hash and sum its rows; the same is computed here for the rows of files.
#include "warehouse/server_sums.h"

#include <arrow/api.h>
#include <arrow/util/decimal.h>

#include <array>
#include <charconv>
#include <string_view>

#include "columnar/arrow_schema.h"
#include "columnar/partition_value.h"
#include "warehouse/postgres_hash.h"

namespace ashore::warehouse {

namespace {

using base::Result;
using base::Status;

// A column as it is hashed: json has no hash in PostgreSQL, and that of numeric is intricate.
std::string hashed(const base::Field& field) {
  const auto kind = field.type.kind;
  const bool is_text = kind == base::TypeKind::kString || kind == base::TypeKind::kJson ||
                       kind == base::TypeKind::kDecimal;
  const auto type = is_text ? base::ColumnType{base::TypeKind::kString} : field.type;
  const auto value =
      "CAST(" + quote_identifier(field.name) + " AS " + sql_type(type, Dialect::kPostgreSql) + ")";
  return is_text ? value + " COLLATE \"C\"" : value;
}

std::string row_hash(const base::Schema& schema) {
  std::string columns;
  for (const auto& field : schema.fields) columns += (columns.empty() ? "" : ", ") + hashed(field);
  return "hashtextextended(CAST(hash_record_extended(ROW(" + columns + "), " +
         std::to_string(kRecordSeed) + ") AS text) COLLATE \"C\", 0)";
}

std::string sum_query(const std::string& name, const ComparedTable& shape) {
  std::string query =
      "SELECT count(*) AS rows, CAST(sum(" + row_hash(shape.schema) + ") AS text) AS sum";
  if (shape.partition_column) query += ", " + quote_identifier(*shape.partition_column);
  query += " FROM " + name;
  return shape.partition_column ? query + " GROUP BY 3" : query;
}

// A number of 128 bits, a negative one as its complement.
columnar::RowHash wide(const arrow::Decimal128& value) {
  return {value.low_bits(), static_cast<std::uint64_t>(value.high_bits())};
}

Status add_sums(const ComparedTable& shape, const arrow::RecordBatch& batch, PartitionSums* sums) {
  const bool is_expected = batch.column(0)->type_id() == arrow::Type::INT64 &&
                           batch.column(1)->type_id() == arrow::Type::STRING;
  if (!is_expected) return base::bug("driver gives sums of rows as " + batch.schema()->ToString());
  const auto& rows = static_cast<const arrow::Int64Array&>(*batch.column(0));
  const auto& texts = static_cast<const arrow::StringArray&>(*batch.column(1));
  for (std::int64_t row = 0; row < batch.num_rows(); ++row) {
    if (rows.Value(row) == 0) continue;  // an empty table without partitions
    const auto value =
        shape.partition_column ? columnar::partition_text(*batch.column(2), row) : PartitionValue();
    // A sum of bigint is a numeric, and comes as text.
    const auto sum = arrow::Decimal128::FromString(texts.GetView(row));
    if (!sum.ok()) return columnar::arrow_error(sum.status(), "read a sum of rows");
    (*sums)[value].add(columnar::RowSum{rows.Value(row), wide(*sum)});
  }
  return {};
}

columnar::RowHash row_hash_here(std::uint64_t record_hash) {
  std::array<char, 24> text{};
  const auto number = static_cast<std::int64_t>(record_hash);
  const auto* end = std::to_chars(text.data(), text.data() + text.size(), number).ptr;
  const auto hash = postgres_text_hash({text.data(), static_cast<std::size_t>(end - text.data())});
  return wide(arrow::Decimal128(static_cast<std::int64_t>(hash)));
}

// Rows with values of each type, usual and unusual ones.
constexpr std::string_view kSample = R"((SELECT * FROM (VALUES
  (CAST('a "text" of more than 12 bytes, Größe' AS text), true, CAST(7 AS integer),
   CAST(-5000000000 AS bigint), CAST(0.1 AS double precision), CAST(-0.05 AS numeric(9,3)),
   DATE '1969-07-20', TIMESTAMPTZ '2022-11-01 00:00:00.000001+00', CAST('{"a": 1}' AS json)),
  ('', false, -7, 9007199254740993, '-0', CAST(12345.5 AS numeric(9,3)),
   DATE '2022-11-01', TIMESTAMPTZ '1969-07-20 20:17:40+00', '[]'),
  ('Ω', NULL, 0, 0, 'NaN', CAST(0 AS numeric(9,3)), DATE '2000-01-01',
   TIMESTAMPTZ '2000-01-01 00:00:00+00', 'null'),
  (NULL, true, NULL, NULL, NULL, NULL, NULL, NULL, NULL)
) AS v(a, b, c, d, e, f, g, h, i)) AS sample)";

ComparedTable sample_shape() {
  using base::TypeKind;
  ComparedTable shape;
  shape.schema.fields = {
      {"a", {TypeKind::kString}}, {"b", {TypeKind::kBoolean}},   {"c", {TypeKind::kInt32}},
      {"d", {TypeKind::kInt64}},  {"e", {TypeKind::kFloat64}},   {"f", {TypeKind::kDecimal, 9, 3}},
      {"g", {TypeKind::kDate}},   {"h", {TypeKind::kTimestamp}}, {"i", {TypeKind::kJson}}};
  return shape;
}

// The hashes of records came with PostgreSQL 14. Texts are hashed as the database encodes them, and
// another encoding could not even take the sample.
Result<bool> may_sum(Connection& connection) {
  TRY(const auto found,
      connection.query("SELECT count(*) AS found FROM pg_catalog.pg_proc WHERE oid ="
                       " to_regprocedure('pg_catalog.hash_record_extended(record, bigint)')"
                       " AND current_setting('server_encoding') = 'UTF8'"));
  return static_cast<const arrow::Int64Array&>(*found->column(0)->chunk(0)).Value(0) > 0;
}

}  // namespace

Result<bool> sums_on_server(Connection& connection) {
  if (connection.dialect() != Dialect::kPostgreSql) return false;
  TRY(const bool may, may_sum(connection));
  if (!may) return false;
  const auto shape = sample_shape();
  const std::string name(kSample);
  TRY(const auto theirs, sum_on_server(connection, name, shape, {}));
  const std::stop_token never;
  PartitionSums ours;
  TRY(DatabaseRows(connection, name, shape, never)
          .read_all([&](const arrow::Table& rows) -> Status {
            add_as_server(shape, rows, &ours);
            return {};
          }));
  return ours == theirs;
}

Result<PartitionSums> sum_on_server(Connection& connection, const std::string& name,
                                    const ComparedTable& shape, const std::stop_token& stop) {
  PartitionSums sums;
  TRY(connection.stream(sum_query(name, shape), [&](const arrow::RecordBatch& batch) -> Status {
    if (stop.stop_requested()) {
      return base::Error(base::ErrorKind::kInterrupted, "summing rows was stopped");
    }
    return add_sums(shape, batch, &sums);
  }));
  return sums;
}

void add_as_server(const ComparedTable& shape, const arrow::Table& rows, PartitionSums* sums) {
  const auto hashes = postgres_record_hashes(rows, shape.schema);
  if (hashes.empty()) return;
  if (!shape.partition_column) {
    auto& sum = (*sums)[std::nullopt];
    for (const auto hash : hashes) sum.add(row_hash_here(hash));
    return;
  }
  for (const auto& group : columnar::group_by_partition(rows, *shape.partition_column)) {
    auto& sum = (*sums)[group.value];
    for (const auto row : group.rows) sum.add(row_hash_here(hashes[static_cast<std::size_t>(row)]));
  }
}

}  // namespace ashore::warehouse
