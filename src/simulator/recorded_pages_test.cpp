// The 21 recorded pages are answered equal as JSON, key order included.
#include <gtest/gtest.h>
#include <httplib.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "simulator/simulator.h"

namespace ashore::simulator {
namespace {

std::filesystem::path recorded_folder() {
  const char* shared = std::getenv("ASHORE_SHARED");
  return std::filesystem::path(shared != nullptr ? shared : "../shared") / "data" / "spacex";
}

nlohmann::ordered_json read_json(const std::filesystem::path& path) {
  std::ifstream file(path);
  return nlohmann::ordered_json::parse(file, nullptr, false);
}

TEST(RecordedPagesTest, AreAnsweredEqualAsJsonKeyOrderIncluded) {
  const std::filesystem::path launches = recorded_folder() / "launches_v5_final.json";
  if (!std::filesystem::exists(launches))
    GTEST_SKIP() << "recorded documents are absent: " << launches;
  auto simulator = Simulator::start(Options{.snapshot_path = launches});
  ASSERT_TRUE(simulator.ok()) << simulator.error().message();
  httplib::Client client("127.0.0.1", simulator.value()->port());
  client.set_keep_alive(true);
  client.set_tcp_nodelay(true);
  for (int page = 1; page <= 21; ++page) {
    const std::string body =
        R"({"query":{},"options":{"select":{"static_fire_date_utc":1,"static_fire_date_unix":1,"rocket":1,)"
        R"("success":1,"failures":1,"details":1,"crew":1,"ships":1,"capsules":1,"payloads":1,"flight_number":1,)"
        R"("name":1,"date_utc":1,"date_unix":1,"date_local":1,"date_precision":1,"upcoming":1,"cores":1},)"
        R"("sort":{"date_utc":"desc"},"limit":10,"page":)" +
        std::to_string(page) + "}}";
    const auto response = client.Post("/v5/launches/query", body, "application/json");
    ASSERT_TRUE(response);
    ASSERT_EQ(response->status, 200);
    const std::string name = (page < 10 ? "page_0" : "page_") + std::to_string(page) + ".json";
    const auto recorded = read_json(recorded_folder() / "query_pages" / name);
    EXPECT_EQ(nlohmann::ordered_json::parse(response->body).dump(), recorded.dump()) << name;
  }
}

}  // namespace
}  // namespace ashore::simulator
