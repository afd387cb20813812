// Streams are read back as they were written, one after another; who takes bytes may fail.
#include "columnar/row_stream.h"

#include <arrow/api.h>
#include <arrow/io/memory.h>
#include <arrow/ipc/api.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ashore::columnar {
namespace {

std::shared_ptr<arrow::Table> numbers(std::vector<std::int64_t> values) {
  arrow::Int64Builder builder;
  EXPECT_TRUE(builder.AppendValues(values).ok());
  return arrow::Table::Make(arrow::schema({arrow::field("n", arrow::int64())}),
                            {builder.Finish().ValueOrDie()});
}

void write(const std::vector<std::shared_ptr<arrow::Table>>& tables, const TakeBytes& take) {
  const auto stream = RowStream::open(tables.front()->schema(), take).value();
  for (const auto& table : tables) ASSERT_TRUE(stream->write(*table).ok());
  ASSERT_TRUE(stream->close().ok());
}

TEST(RowStreamTest, StreamsFollowOneAnother) {
  std::string bytes;
  const TakeBytes take = [&](std::string_view some) -> base::Status {
    bytes += some;
    return {};
  };
  write({numbers({1, 2}), numbers({3})}, take);
  write({numbers({4})}, take);
  write({numbers({})}, take);

  auto source = std::make_shared<arrow::io::BufferReader>(arrow::Buffer::FromString(bytes));
  for (const auto& expected : {numbers({1, 2, 3}), numbers({4}), numbers({})}) {
    auto reader = arrow::ipc::RecordBatchStreamReader::Open(source).ValueOrDie();
    EXPECT_TRUE(reader->ToTable().ValueOrDie()->Equals(*expected));
  }
}

TEST(RowStreamTest, TheTakersErrorIsTheStreams) {
  int calls = 0;
  const TakeBytes take = [&](std::string_view) -> base::Status {
    if (++calls < 4) return {};
    return base::Error(base::ErrorKind::kInterrupted, "nobody reads");
  };
  const auto rows = numbers({1});
  auto stream = RowStream::open(rows->schema(), take);
  base::Status status;
  for (int time = 0; time < 9 && stream.ok() && status.ok(); ++time) {
    status = stream.value()->write(*rows);
  }
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().kind(), base::ErrorKind::kInterrupted);
  EXPECT_THAT(status.error().message(), testing::HasSubstr("nobody reads"));
}

}  // namespace
}  // namespace ashore::columnar
