// The loop of the Lambda function: each invocation is answered once, with what came of it, in time.
#include "cloud/lambda.h"

#include <gtest/gtest.h>

#include <deque>
#include <nlohmann/json.hpp>
#include <thread>

#include "io/system_clock.h"
#include "io/testing/fake_clock.h"
#include "io/testing/scripted_transport.h"

namespace ashore::cloud {
namespace {

using base::Result;
using io::HttpResponse;

HttpResponse invocation_of(const std::string& id, const std::string& event,
                           base::Timestamp deadline) {
  HttpResponse response;
  response.status = 200;
  response.headers = {
      {"lambda-runtime-aws-request-id", id},
      {"lambda-runtime-deadline-ms", std::to_string(base::micros_of(deadline) / 1000)}};
  response.body = event;
  return response;
}

HttpResponse accepted() {
  HttpResponse response;
  response.status = 202;
  return response;
}

TEST(LambdaTest, EveryInvocationIsAnsweredWithItsOwnOutcome) {
  io::FakeClock clock;
  const auto deadline = clock.now() + std::chrono::minutes(1);
  std::deque<Result<HttpResponse>> script = {
      invocation_of("one", "{\"index\":1}", deadline),   accepted(),
      invocation_of("two", "{\"index\":2}", deadline),   accepted(),
      invocation_of("three", "{\"index\":3}", deadline), accepted()};
  io::ScriptedTransport http(std::move(script));
  LambdaRuntime runtime("127.0.0.1:9001", http, clock);
  const auto status = runtime.serve(
      [](const Invocation& invocation, const std::stop_token&) -> Result<std::string> {
        if (invocation.id == "two") return base::permanent("no \"such\" shard");
        if (invocation.id == "three") return base::transient("no answer");
        return "{\"saw\":" + invocation.event + "}";
      },
      {}, 3);
  ASSERT_TRUE(status.ok()) << status.error().message();
  const auto requests = http.requests();
  ASSERT_EQ(requests.size(), 6U);
  EXPECT_EQ(requests[0].url, "http://127.0.0.1:9001/2018-06-01/runtime/invocation/next");
  EXPECT_EQ(requests[1].url, "http://127.0.0.1:9001/2018-06-01/runtime/invocation/one/response");
  EXPECT_EQ(requests[1].body, "{\"saw\":{\"index\":1}}");
  EXPECT_EQ(requests[3].url, "http://127.0.0.1:9001/2018-06-01/runtime/invocation/two/error");
  const auto error = nlohmann::json::parse(requests[3].body);
  EXPECT_EQ(error["errorType"], "ashore.permanent");
  EXPECT_EQ(error["errorMessage"], "no \"such\" shard");
  EXPECT_TRUE(error["stackTrace"].empty());
  EXPECT_EQ(nlohmann::json::parse(requests[5].body)["errorType"], "ashore.transient");
}

TEST(LambdaTest, TheHandlerIsToldToStopBeforeTheDeadline) {
  io::SystemClock clock;
  io::ScriptedTransport http([&](const io::HttpRequest& request) -> Result<HttpResponse> {
    if (!request.url.ends_with("/next")) return accepted();
    return invocation_of("late", "{}",
                         clock.now() + LambdaRuntime::kMargin + std::chrono::milliseconds(20));
  });
  LambdaRuntime runtime("127.0.0.1:9001", http, clock);
  base::Timestamp stopped{};
  const auto status = runtime.serve(
      [&](const Invocation& invocation, const std::stop_token& stop) -> Result<std::string> {
        while (clock.sleep(std::chrono::seconds(60), stop)) {
        }
        stopped = clock.now();
        EXPECT_LT(stopped, invocation.deadline);
        return base::Error(base::ErrorKind::kInterrupted, "shard 3 of 8 is not landed");
      },
      {}, 1);
  ASSERT_TRUE(status.ok());
  const auto answer = nlohmann::json::parse(http.requests().at(1).body);
  EXPECT_EQ(answer["errorType"], "ashore.transient");
  EXPECT_EQ(answer["errorMessage"], "shard 3 of 8 is not landed");
}

TEST(LambdaTest, ARuntimeThatGoesAwayEndsTheFunction) {
  io::FakeClock clock;
  io::ScriptedTransport http(
      [](const io::HttpRequest&) -> Result<HttpResponse> { return base::transient("refused"); });
  LambdaRuntime runtime("127.0.0.1:9001", http, clock);
  const auto status = runtime.serve(
      [](const Invocation&, const std::stop_token&) -> Result<std::string> { return ""; }, {});
  EXPECT_EQ(status.error().kind(), base::ErrorKind::kTransient);
}

TEST(LambdaTest, WhatCannotBeginIsToldOnce) {
  io::FakeClock clock;
  io::ScriptedTransport http(std::deque<Result<HttpResponse>>{accepted()});
  LambdaRuntime runtime("127.0.0.1:9001", http, clock);
  ASSERT_TRUE(runtime.refuse(base::permanent("no pipeline")).ok());
  EXPECT_EQ(http.requests().at(0).url, "http://127.0.0.1:9001/2018-06-01/runtime/init/error");
}

}  // namespace
}  // namespace ashore::cloud
