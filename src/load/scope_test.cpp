// Ranges cover the partitions that overlap a window.
#include "load/scope.h"

#include <gtest/gtest.h>

namespace ashore::load {
namespace {

config::Pipeline pipeline_by(config::DateUnit unit) {
  config::Column at;
  at.name = "at";
  at.type = {base::TypeKind::kTimestamp};
  config::Column day;
  day.name = "period";
  day.type = {base::TypeKind::kDate};
  day.source = config::ColumnSource::kDateOf;
  day.of = "at";
  day.unit = unit;
  config::Table table;
  table.name = "readings";
  table.columns = {at, day};
  table.key = {"at"};
  table.partition_by = "period";
  config::Pipeline pipeline;
  pipeline.tables = {table};
  return pipeline;
}

base::Result<Scope> scope_for(const config::Pipeline& pipeline, const char* start,
                              const char* end) {
  PublishedTable table{&pipeline.tables.front(), "stage/readings", {}, {}};
  delta::Snapshot snapshot;
  snapshot.partition_columns = {"period"};
  table.snapshot = std::make_shared<const delta::Snapshot>(snapshot);
  base::Window window;
  window.start = base::parse_timestamp(start, base::ZoneRule::kRequired).value();
  window.end = base::parse_timestamp(end, base::ZoneRule::kRequired).value();
  return scope_of_range(pipeline, table, window);
}

TEST(ScopeTest, ADayIsInTheRangeIfAnyOfItIs) {
  const auto pipeline = pipeline_by(config::DateUnit::kDay);
  const auto scope = scope_for(pipeline, "2022-11-01T12:00:00Z", "2022-11-03T00:00:00Z").value();
  EXPECT_FALSE(scope.contains("2022-10-31"));
  EXPECT_TRUE(scope.contains("2022-11-01"));
  EXPECT_TRUE(scope.contains("2022-11-02"));
  EXPECT_FALSE(scope.contains("2022-11-03"));
  EXPECT_FALSE(scope.contains(std::nullopt));
}

TEST(ScopeTest, AMonthIsInTheRangeIfAnyOfItIs) {
  const auto pipeline = pipeline_by(config::DateUnit::kMonth);
  const auto scope = scope_for(pipeline, "2022-10-31T00:00:00Z", "2022-11-01T00:00:01Z").value();
  EXPECT_FALSE(scope.contains("2022-09-01"));
  EXPECT_TRUE(scope.contains("2022-10-01"));
  EXPECT_TRUE(scope.contains("2022-11-01"));
  EXPECT_FALSE(scope.contains("2022-12-01"));
}

TEST(ScopeTest, ATableWithoutDatePartitionsHasNoRange) {
  auto pipeline = pipeline_by(config::DateUnit::kDay);
  pipeline.tables[0].columns[1].source = config::ColumnSource::kPath;
  pipeline.tables[0].columns[1].type = {base::TypeKind::kString};
  const auto scope = scope_for(pipeline, "2022-10-31T00:00:00Z", "2022-11-01T00:00:01Z");
  ASSERT_FALSE(scope.ok());
  EXPECT_EQ(scope.error().kind(), base::ErrorKind::kPermanent);
}

}  // namespace
}  // namespace ashore::load
