// The stand-in is asked over real sockets on a free port.
#include "simulator/simulator.h"

#include <gtest/gtest.h>
#include <httplib.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <thread>
#include <utility>

namespace ashore::simulator {
namespace {

class SimulatorTest : public testing::Test {
 protected:
  void start(Options options) {
    auto started = Simulator::start(std::move(options));
    ASSERT_TRUE(started.ok()) << started.error().message();
    simulator_ = std::move(started).value();
    client_ = std::make_unique<httplib::Client>("127.0.0.1", simulator_->port());
    client_->set_keep_alive(true);
    client_->set_tcp_nodelay(true);
  }

  void start_with(const Faults& faults) { start(Options{.synthetic_count = 40, .faults = faults}); }

  nlohmann::json ask(const std::string& body, const std::string& path = "/v5/launches/query") {
    const auto response = client_->Post(path, body, "application/json");
    if (!response) return "no answer";
    const auto json = nlohmann::json::parse(response->body, nullptr, false);
    return json.is_discarded() ? nlohmann::json(response->status) : json;
  }

  int status() {
    const auto response = client_->Post("/v5/launches/query", "{}", "application/json");
    return response ? response->status : -1;
  }

  std::unique_ptr<Simulator> simulator_;
  std::unique_ptr<httplib::Client> client_;
};

TEST_F(SimulatorTest, ServesTheSnapshotOfFactsFromTheBinary) {
  start({});
  EXPECT_EQ(ask("{}")["totalDocs"], 205);
  EXPECT_EQ(ask("{}", "/v4/launches/query")["totalDocs"], 205);
  EXPECT_EQ(ask("{}", "/v4/cores/query")["totalDocs"], 83);
  EXPECT_EQ(ask("{}", "/v4/rockets/query")["totalDocs"], 4);
  EXPECT_EQ(ask("{}", "/v4/launchpads/query")["totalDocs"], 6);
  const auto all = nlohmann::json::parse(client_->Get("/v5/launches")->body);
  ASSERT_EQ(all.size(), 205U);
  const std::string id = all[3]["id"];
  EXPECT_EQ(nlohmann::json::parse(client_->Get("/v5/launches/" + id)->body), all[3]);
}

TEST_F(SimulatorTest, OtherRoutesAreNotFound) {
  start({});
  for (const char* path :
       {"/", "/v5", "/v5/cores", "/v4/ships", "/v3/launches", "/v5/launches/query",
        "/v5/launches/latest", "/v5/launches/000000000000000000000000", "/v5/launches/a/b"}) {
    const auto response = client_->Get(path);
    ASSERT_TRUE(response);
    EXPECT_EQ(response->status, 404) << path;
    EXPECT_EQ(response->body, "Not Found");
  }
  EXPECT_EQ(client_->Post("/v5/launches", "{}", "application/json")->status, 404);
}

TEST_F(SimulatorTest, BadQueriesAreToldWhy) {
  start({});
  for (const char* body :
       {"{", "[]", R"({"query":{"name":{"$near":1}}})", R"({"query":{"_id":"x"}})"}) {
    const auto response = client_->Post("/v5/launches/query", body, "application/json");
    ASSERT_TRUE(response);
    EXPECT_EQ(response->status, 400) << body;
    EXPECT_EQ(response->get_header_value("Content-Type"), "text/plain; charset=utf-8");
    EXPECT_FALSE(response->body.empty());
  }
}

TEST_F(SimulatorTest, AnETagThatIsKnownGetsNoBody) {
  start({});
  const auto first = client_->Get("/v5/launches");
  const std::string etag = first->get_header_value("ETag");
  EXPECT_EQ(first->get_header_value("Cache-Control"), "max-age=20");
  const auto second = client_->Get("/v5/launches", {{"If-None-Match", "W/" + etag}});
  EXPECT_EQ(second->status, 304);
  EXPECT_TRUE(second->body.empty());
  EXPECT_EQ(client_->Get("/v5/launches", {{"If-None-Match", "\"other\""}})->status, 200);
}

TEST_F(SimulatorTest, ManyMadeUpDocumentsAreStreamed) {
  start(Options{.synthetic_count = 30'000});
  const auto all = ask(R"({"options":{"pagination":false}})");
  EXPECT_EQ(all["docs"].size(), 30'000U);
  EXPECT_EQ(all["totalDocs"], 30'000);
  EXPECT_EQ(
      ask(R"({"options":{"page":300,"limit":100,"sort":{"date_utc":"asc","_id":"asc"}}})")["docs"]
                                                                                          [99],
      all["docs"][29'999]);
}

TEST_F(SimulatorTest, FaultsHealAfterTheirCount) {
  start_with({.too_many_requests_first = 1, .server_error_first = 1, .html_first = 1});
  const auto limited = client_->Post("/v5/launches/query", "{}", "application/json");
  EXPECT_EQ(limited->status, 429);
  EXPECT_EQ(limited->get_header_value("Retry-After"), "1");
  EXPECT_EQ(status(), 503);
  EXPECT_TRUE(client_->Post("/v5/launches/query", "{}", "application/json")
                  ->body.starts_with("<!DOCTYPE html>"));
  EXPECT_EQ(ask("{}")["totalDocs"], 40);
}

TEST_F(SimulatorTest, ACutBodyEndsTheConnection) {
  start_with({.cut_body_first = 1});
  EXPECT_EQ(status(), -1);
  EXPECT_EQ(status(), 200);
}

TEST_F(SimulatorTest, SilenceEndsTheConnectionAfterItsTime) {
  start_with({.timeout_first = 1, .timeout_hold = std::chrono::milliseconds(1)});
  EXPECT_EQ(status(), -1);
  EXPECT_EQ(status(), 200);
}

TEST_F(SimulatorTest, AWrongTotalAndAMovedItemHealOnTheNextReading) {
  start_with({.wrong_total_page = 2, .move_after_page = 1});
  const auto page = [&](int number) {
    return ask(R"({"options":{"limit":10,"page":)" + std::to_string(number) + "}}");
  };
  const auto first = page(1);
  const auto second = page(2);
  EXPECT_EQ(second["totalDocs"], 41);
  EXPECT_EQ(second["docs"][0], first["docs"][9]) << "doubled";
  const auto again = page(1);
  EXPECT_NE(again["docs"][0], first["docs"][0]) << "the lost item came to the front";
  EXPECT_EQ(page(2)["totalDocs"], 40);
  EXPECT_EQ(page(2), page(2));
}

TEST_F(SimulatorTest, StopsAtOnceWithConnectionsOpenAndSilent) {
  start_with({.timeout_first = 1});
  // Whoever asks first waits in vain for a minute; stopping must not wait for that.
  std::jthread other([port = simulator_->port()] {
    httplib::Client client("127.0.0.1", port);
    (void)client.Post("/v5/launches/query", "{}", "application/json");
  });
  client_->set_read_timeout(0, 10'000);
  while (status() != 200) std::this_thread::yield();
  simulator_->stop();
  simulator_->stop();
  EXPECT_EQ(status(), -1);
}

TEST(SimulatorOptionsTest, OptionsOutOfRangeAreRefused) {
  EXPECT_FALSE(Simulator::start(Options{.synthetic_count = -1}).ok());
  EXPECT_FALSE(Simulator::start(Options{.synthetic_per_day = 0}).ok());
  EXPECT_FALSE(Simulator::start(Options{.threads = 0}).ok());
  EXPECT_FALSE(Simulator::start(Options{.snapshot_path = "does/not/exist.json"}).ok());
  const auto taken = Simulator::start({});
  ASSERT_TRUE(taken.ok());
  const auto second = Simulator::start(Options{.port = taken.value()->port()});
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.error().kind(), base::ErrorKind::kTransient);
}

}  // namespace
}  // namespace ashore::simulator
