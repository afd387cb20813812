// The shipped pipeline and the manual's example are read without a complaint and say what they did.
#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

#include "config/reader.h"
#include "config/template.h"

namespace ashore::config {
namespace {

// Tests run in the repository's root.
std::string contents(const std::string& path) {
  const std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

Pipeline read(const std::string& text, const std::string& path) {
  auto reading = read_pipeline(text, path, [](std::string_view name) {
    return name == "SHOP_TOKEN" ? std::optional<std::string>("token") : std::nullopt;
  });
  for (const auto& complaint : reading.complaints) ADD_FAILURE() << complaint.message();
  return std::move(reading.pipeline).value_or(Pipeline{});
}

Pipeline shipped() { return read(contents("pipelines/spacex.yaml"), "pipelines/spacex.yaml"); }

std::string columns_of(const Table& table) {
  std::string text;
  for (const auto& column : table.columns) {
    text += (text.empty() ? "" : ", ") + column.name + " " + base::type_name(column.type);
  }
  return text;
}

TEST(ShippedTest, TheTwoTablesHaveThePromisedColumnsInOrder) {
  const auto pipeline = shipped();
  ASSERT_EQ(pipeline.tables.size(), 2U);
  EXPECT_EQ(columns_of(*pipeline.table("launches")),
            "launch_id string, success boolean, flight_number int32, name string, "
            "date_utc timestamp, date_local string, date_precision string, p_creation_date date, "
            "upcoming boolean, rocket string, launchpad string, details string, webcast string, "
            "wikipedia string, failures json, date_unix int64, static_fire_date_utc timestamp, "
            "static_fire_date_unix int64, tbd boolean, net boolean, window_seconds int64, "
            "auto_update boolean, launch_library_id string, fairings json, links json, crew json, "
            "ships json, capsules json, payloads json");
  EXPECT_EQ(columns_of(*pipeline.table("cores")),
            "core_id string, flight int32, gridfins boolean, legs boolean, reused boolean, "
            "landing_attempt boolean, landing_success boolean, landing_type string, "
            "landpad string, launch_id string, p_creation_date date");
  const std::vector<std::string> key = {"core_id", "launch_id"};
  EXPECT_EQ(pipeline.table("cores")->key, key);
}

TEST(ShippedTest, WithoutDatesEverythingIsAskedFor) {
  const auto pipeline = shipped();
  RunValues values;
  values.page = 2;
  values.limit = pipeline.extract.pages.size;
  const auto request = render_request(pipeline.extract.request, pipeline.source_url, values, {});
  ASSERT_TRUE(request.ok());
  EXPECT_EQ(request.value().url, "https://api.spacexdata.com/v5/launches/query");
  EXPECT_EQ(request.value().body, R"({"query":{},"options":{"sort":{"date_utc":"asc","_id":"asc"},)"
                                  R"("pagination":true,"page":2,"limit":100}})");
}

TEST(ShippedTest, AWindowIsAskedForWithMilliseconds) {
  const auto pipeline = shipped();
  const base::Window window{base::timestamp_of_micros(1'667'260'800'000'000), std::nullopt};
  const auto request = render_request(pipeline.extract.request, pipeline.source_url,
                                      window_values(window, *pipeline.extract.window), {});
  ASSERT_TRUE(request.ok());
  EXPECT_TRUE(request.value().body->starts_with(
      R"({"query":{"date_utc":{"$gte":"2022-11-01T00:00:00.000Z"}},)"))
      << *request.value().body;
}

TEST(ShippedTest, EveryQuestionIsThere) {
  const auto pipeline = shipped();
  ASSERT_EQ(pipeline.questions.size(), 3U);
  for (const auto& question : pipeline.questions) EXPECT_FALSE(contents(question).empty());
}

// The first example in a document.
Pipeline example_in(const std::string& document) {
  const auto manual = contents(document);
  const std::string opening = "```yaml\n";
  const auto begin = manual.find(opening) + opening.size();
  return read(manual.substr(begin, manual.find("```", begin) - begin), document);
}

TEST(ShippedTest, TheManualsExamplesAreGoodFiles) {
  EXPECT_EQ(example_in("docs/pipeline.md").tables.size(), 2U);
  EXPECT_EQ(example_in("README.md").tables.size(), 1U);
}

}  // namespace
}  // namespace ashore::config
