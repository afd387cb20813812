// Rows of a file are what its log entry says, or an error.
#include "delta/rows.h"

#include <arrow/api.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "columnar/arrow_schema.h"
#include "columnar/parquet_file.h"
#include "io/memory_store.h"

namespace ashore::delta {
namespace {

using testing::HasSubstr;

class RowsTest : public testing::Test {
 protected:
  RowsTest() {
    schema.fields = {{"id", {base::TypeKind::kInt64}, false}};
    arrow::Int64Builder builder;
    EXPECT_TRUE(builder.AppendValues({1, 2, 3}).ok());
    const auto table =
        arrow::Table::Make(columnar::arrow_schema(schema), {builder.Finish().ValueOrDie()});
    EXPECT_TRUE(store.write(kPath, columnar::encode_parquet(*table, schema).value().bytes).ok());
    file.path = "part-1.parquet";
    file.rows = 3;
  }

  static constexpr const char* kPath = "stage/orders/part-1.parquet";
  io::MemoryStore store;
  base::Schema schema;
  AddFile file;
};

TEST_F(RowsTest, AreReadAsTheLogSays) {
  EXPECT_EQ(read_rows(store, kPath, file, schema, {}).value()->num_rows(), 3);
}

TEST_F(RowsTest, MoreOrFewerThanTheLogSaysAreDamage) {
  for (const auto rows : {2, 4}) {
    file.rows = rows;
    const auto read = read_rows(store, kPath, file, schema, {"id"});
    ASSERT_FALSE(read.ok()) << rows;
    EXPECT_EQ(read.error().kind(), base::ErrorKind::kPermanent);
    EXPECT_THAT(read.error().message(), HasSubstr("stage/orders/part-1.parquet"));
    EXPECT_THAT(read.error().message(),
                HasSubstr("has 3 rows and its log entry says " + std::to_string(rows)));
    EXPECT_THAT(read.error().message(), HasSubstr("replay"));
  }
}

}  // namespace
}  // namespace ashore::delta
