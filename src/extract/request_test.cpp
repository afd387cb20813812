// Shows how one request is sent, tried again, limited and given up, through the door of extract.
#include <gmock/gmock.h>

#include "extract/rate_limiter.h"
#include "extract/retry.h"
#include "extract/testing/extract_fixture.h"

namespace ashore::extract {
namespace {

using base::ErrorKind;
using io::HttpRequest;
using io::HttpResponse;
using std::chrono::milliseconds;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

class RequestTest : public ExtractFixture {
 protected:
  using Script = std::deque<base::Result<HttpResponse>>;

  base::Result<Landing> run_script(Script script) {
    io::ScriptedTransport transport(std::move(script));
    auto landing = run_over(transport);
    requests = transport.requests();
    return landing;
  }
  static HttpResponse good() { return answer(200, orders_page(1, 5)); }
  // The error of a run that must fail.
  base::Error failure(Script script) {
    auto landing = run_script(std::move(script));
    EXPECT_FALSE(landing.ok());
    return landing.ok() ? base::bug("it went well") : landing.error();
  }
};

TEST_F(RequestTest, WaitsAsChanceSaysAndTriesAgain) {
  const auto landing =
      run_script({answer(500, "x"), base::transient("connection reset"), answer(429, ""), good()});
  ASSERT_TRUE(landing.ok()) << landing.error().message();
  io::SeededRandom same(7);
  const config::Retry& retry = pipeline.extract.retry;
  std::vector<milliseconds> waits;
  for (int attempt = 1; attempt <= 3; ++attempt) {
    waits.push_back(backoff_wait(retry, attempt, same.next()));
  }
  EXPECT_EQ(clock.slept(), waits);
  EXPECT_EQ(landing.value().summary.extract->requests, 4);
  EXPECT_EQ(landing.value().summary.extract->retries, 3);
}

TEST_F(RequestTest, EveryRetryIsToldWithoutTheQuery) {
  ASSERT_TRUE(run_script({answer(503, "busy"), good()}).ok());
  const auto retries = events.of<base::RequestRetried>();
  ASSERT_EQ(retries.size(), 1U);
  EXPECT_EQ(retries[0].url, "http://a.example/orders");
  EXPECT_EQ(retries[0].attempt, 1);
  EXPECT_EQ(retries[0].wait, clock.slept()[0]);
  EXPECT_THAT(retries[0].why, HasSubstr("503"));
}

TEST_F(RequestTest, GivesUpAfterTheLastTryAndSaysWhatItSaw) {
  pipeline.extract.retry.attempts_max = 3;
  const auto error = failure({answer(500, "oops"), answer(500, "oops"), answer(500, "oops")});
  EXPECT_EQ(error.kind(), ErrorKind::kTransient);
  EXPECT_EQ(error.message(),
            "page 1: the source answered 500: GET http://a.example/orders?page=1&limit=10: oops; "
            "gave up after 3 tries. The source is in trouble: run again later.");
  EXPECT_EQ(requests.size(), 3U);
  EXPECT_TRUE(landed().empty());
}

TEST_F(RequestTest, RetryAfterIsHonouredToTheSecond) {
  ASSERT_TRUE(run_script({answer(429, "", {{"retry-after", "7"}}), good()}).ok());
  EXPECT_THAT(clock.slept(), ElementsAre(milliseconds{7000}));
}

TEST_F(RequestTest, RetryAfterMayBeADate) {
  // The fake clock stands at 2022-11-01T00:00:00Z.
  const io::HttpHeaders later = {{"retry-after", "Tue, 01 Nov 2022 00:01:30 GMT"}};
  ASSERT_TRUE(run_script({answer(503, "", later), good()}).ok());
  EXPECT_THAT(clock.slept(), ElementsAre(milliseconds{90'000}));
}

TEST_F(RequestTest, ARetryAfterOverItsLimitFailsAtOnce) {
  const auto error = failure({answer(429, "", {{"retry-after", "121"}}), good()});
  EXPECT_EQ(error.kind(), ErrorKind::kTransient);
  EXPECT_THAT(error.message(), HasSubstr("asks to wait 121 s"));
  EXPECT_THAT(error.message(), HasSubstr("raise retry.retry_after_max"));
  EXPECT_TRUE(clock.slept().empty());
}

TEST_F(RequestTest, A403ThatIsARateLimitIsAskedAgain) {
  ASSERT_TRUE(run_script({answer(403, "slow down", {{"retry-after", "7"}}), good()}).ok());
  EXPECT_THAT(clock.slept(), ElementsAre(milliseconds{7000}));
  // The fake clock stands 7 s behind 2022-11-01T00:00:00Z, which is 1667260800.
  options.run_id = "20220101T000000Z-000001";
  ASSERT_TRUE(
      run_script(
          {answer(403, "", {{"x-ratelimit-remaining", "0"}, {"x-ratelimit-reset", "1667260827"}}),
           good()})
          .ok());
  EXPECT_THAT(clock.slept(), ElementsAre(milliseconds{7000}, milliseconds{20'000}));
  options.run_id = "20220101T000000Z-000002";
  ASSERT_TRUE(run_script({answer(429, "", {{"ratelimit-reset", "30"}}), good()}).ok());
  EXPECT_EQ(clock.slept().back(), milliseconds{30'000});
}

TEST_F(RequestTest, ALimitThatEndsTooLateFailsAndNamesTheTime) {
  const auto error = failure(
      {answer(403, "", {{"x-ratelimit-remaining", "0"}, {"x-ratelimit-reset", "1667264400"}}),
       good()});
  EXPECT_EQ(error.kind(), ErrorKind::kTransient);
  EXPECT_THAT(error.message(), HasSubstr("asks to wait 3600 s, until 2022-11-01T01:00:00"));
}

TEST_F(RequestTest, A403WithRequestsLeftIsARefusal) {
  const auto error = failure(
      {answer(403, "", {{"x-ratelimit-remaining", "10"}, {"x-ratelimit-reset", "1667260827"}}),
       good()});
  EXPECT_EQ(error.kind(), ErrorKind::kPermanent);
  EXPECT_EQ(requests.size(), 1U);
}

TEST_F(RequestTest, AResetInAnAnswerThatIsNoLimitIsNotWaitedFor) {
  ASSERT_TRUE(
      run_script(
          {answer(500, "", {{"x-ratelimit-remaining", "10"}, {"x-ratelimit-reset", "1667260827"}}),
           good()})
          .ok());
  EXPECT_LE(clock.slept().front(), milliseconds{500});
}

TEST_F(RequestTest, ThePipelineMayNameMoreStatusesToRetry) {
  EXPECT_EQ(failure({answer(409, ""), good()}).kind(), ErrorKind::kPermanent);
  pipeline.extract.retry.statuses = {409};
  EXPECT_TRUE(run_script({answer(409, ""), good()}).ok());
}

TEST_F(RequestTest, Other4xxFailAtOnceWithStatusUrlAndTheBodySBeginning) {
  const std::string body = "no such thing" + std::string(600, '.');
  const auto error = failure({answer(404, body), good()});
  EXPECT_EQ(error.kind(), ErrorKind::kPermanent);
  EXPECT_EQ(error.what(), "the source answered 404: GET http://a.example/orders?page=1&limit=10: " +
                              body.substr(0, 500));
  EXPECT_EQ(requests.size(), 1U);
}

TEST_F(RequestTest, CredentialsThatAreRefusedSayWhereToLook) {
  for (const int status : {401, 403}) {
    const auto error = failure({answer(status, "")});
    EXPECT_EQ(error.kind(), ErrorKind::kPermanent);
    EXPECT_THAT(error.remedy(), HasSubstr("extract.auth"));
  }
}

TEST_F(RequestTest, WhatTheTransportCallsPermanentIsNotTriedAgain) {
  const auto error = failure({base::permanent("TLS certificate is not trusted"), good()});
  EXPECT_EQ(error.kind(), ErrorKind::kPermanent);
  EXPECT_THAT(error.message(), HasSubstr("page 1: TLS certificate"));
  EXPECT_EQ(requests.size(), 1U);
}

TEST_F(RequestTest, HtmlWith200IsKeptAsEvidenceAndAskedForAgain) {
  ASSERT_TRUE(run_script({answer(200, "<html>Be right back</html>"), good()}).ok());
  EXPECT_THAT(landed(), ElementsAre("evidence/attempt-1/page-00001-try-1.body", "manifest.json",
                                    "page-00001.json"));
  EXPECT_EQ(read(raw("evidence/attempt-1/page-00001-try-1.body")), "<html>Be right back</html>");
}

TEST_F(RequestTest, JsonThatStaysCutShortFailsAndLeavesEvidenceOnly) {
  pipeline.extract.retry.attempts_max = 2;
  const auto half = orders_page(1, 5).substr(0, 20);
  const auto error = failure({answer(200, half), answer(200, half)});
  EXPECT_EQ(error.kind(), ErrorKind::kTransient);
  EXPECT_THAT(error.message(), HasSubstr("page-00001-try-2.body"));
  EXPECT_THAT(landed(), ElementsAre("evidence/attempt-1/page-00001-try-1.body",
                                    "evidence/attempt-1/page-00001-try-2.body"));
  EXPECT_TRUE(store.list("runs").value().empty());
}

TEST_F(RequestTest, EvidenceOfAnEarlierTryOfTheRunStays) {
  pipeline.extract.retry.attempts_max = 1;
  (void)failure({answer(200, "first")});
  (void)failure({answer(200, "second")});
  EXPECT_EQ(read(raw("evidence/attempt-1/page-00001-try-1.body")), "first");
  EXPECT_EQ(read(raw("evidence/attempt-2/page-00001-try-1.body")), "second");
}

TEST_F(RequestTest, AMissingEnvelopeFieldNamesItsPointerAndPage) {
  const auto error = failure({answer(200, R"({"items":[]})"), good()});
  EXPECT_EQ(error.kind(), ErrorKind::kPermanent);
  EXPECT_THAT(error.message(), HasSubstr("page 1"));
  EXPECT_THAT(error.message(), HasSubstr("/total"));
  EXPECT_EQ(requests.size(), 1U);
}

constexpr std::string_view kRefusal = R"({"error":"too many requests, token=s3cret"})";

TEST_F(RequestTest, AnAnswerOfAnotherShapeShowsItsBodyAndWhereItLies) {
  const auto error = failure({answer(200, std::string(kRefusal)), good()});
  EXPECT_EQ(error.kind(), ErrorKind::kPermanent);
  EXPECT_THAT(error.message(), HasSubstr("no array or object of items at '/items'"));
  EXPECT_THAT(error.message(), HasSubstr(R"({"error":"too many requests)"));
  EXPECT_THAT(error.message(), HasSubstr("Set extract.items.at"));
  EXPECT_THAT(error.message(), HasSubstr("evidence/attempt-1/page-00001-try-1.body"));
}

TEST_F(RequestTest, ALongAnswerOfAnotherShapeShowsItsKeys) {
  const auto error =
      failure({answer(200, R"({"data":")" + std::string(600, 'x') + R"(","next":null})"), good()});
  EXPECT_THAT(error.message(), HasSubstr("there are: data next"));
  EXPECT_THAT(error.message(), Not(HasSubstr("xxxx")));
}

// Sources that refuse by a body of their own, with status 200.
TEST_F(RequestTest, AnAnswerOfAnotherShapeBehindGoodOnesIsAskedForAgain) {
  const auto landing =
      run_script({answer(200, orders_page(1, 15)), answer(200, std::string(kRefusal)),
                  answer(200, orders_page(2, 15))});
  ASSERT_TRUE(landing.ok()) << landing.error().message();
  EXPECT_EQ(landing.value().summary.extract->items, 15);
  EXPECT_EQ(landing.value().summary.extract->retries, 1);
  EXPECT_EQ(read(raw("evidence/attempt-1/page-00002-try-1.body")), kRefusal);
}

TEST_F(RequestTest, AnAnswerOfAnotherShapeThatStaysAndIsNoErrorIsThePipelineFilesFault) {
  pipeline.extract.retry.attempts_max = 2;
  const auto error = failure({answer(200, orders_page(1, 15)), answer(200, R"({"rows":[]})"),
                              answer(200, R"({"rows":[],"error":null})")});
  EXPECT_EQ(error.kind(), ErrorKind::kPermanent);
  EXPECT_THAT(error.message(), HasSubstr("gave up after 2 tries"));
  // With items it is not asked for again.
  const auto missing = failure({answer(200, orders_page(1, 15)), answer(200, R"({"items":[]})")});
  EXPECT_EQ(missing.kind(), ErrorKind::kPermanent);
  EXPECT_THAT(missing.message(), Not(HasSubstr("gave up")));
}

// 202 says that the answer is still being made (RFC 9110, 15.3.3).
TEST_F(RequestTest, AnAnswerThatIsNotReadyIsAskedForAgain) {
  pipeline.extract.retry.attempts_max = 3;
  ASSERT_TRUE(run_script({answer(202, R"({"status":"pending"})"), answer(202, ""), good()}).ok());
  options.run_id = "20220101T000000Z-000001";
  const auto error = failure({answer(202, "{}"), answer(202, "{}"), answer(202, "{}")});
  EXPECT_EQ(error.kind(), ErrorKind::kTransient);
  EXPECT_THAT(error.message(), HasSubstr("answered 202, which says that it is not ready"));
  EXPECT_THAT(error.message(), HasSubstr("gave up after 3 tries"));
  // Some say 202 and mean 200.
  options.run_id = "20220101T000000Z-000002";
  EXPECT_TRUE(run_script({answer(202, orders_page(1, 5))}).ok());
}

TEST_F(RequestTest, AnObjectIsNoAnswerThatIsReadyWhereTheBodyIsTheArray) {
  pipeline.extract.items = {.at = {}, .id = {}, .total = {}, .page_count = {}};
  pipeline.extract.pages.style = config::PageStyle::kNone;
  const auto landing = run_script({answer(202, " {}"), answer(200, "[" + orders(0, 5) + "]")});
  ASSERT_TRUE(landing.ok()) << landing.error().message();
  EXPECT_EQ(landing.value().summary.extract->items, 5);
}

TEST_F(RequestTest, AnAnswerOfAnotherShapeMaySayWhenToAskAgain) {
  ASSERT_TRUE(run_script({answer(200, orders_page(1, 15)),
                          answer(200, std::string(kRefusal), {{"retry-after", "7"}}),
                          answer(200, "<html>Be right back</html>", {{"retry-after", "9"}}),
                          answer(200, orders_page(2, 15))})
                  .ok());
  EXPECT_THAT(clock.slept(), ElementsAre(milliseconds{7000}, milliseconds{9000}));
}

TEST_F(RequestTest, AnAnswerOfAnotherShapeBehindGoodOnesThatStaysMayHelpAnotherTime) {
  pipeline.extract.retry.attempts_max = 2;
  const auto error = failure({answer(200, orders_page(1, 15)), answer(200, std::string(kRefusal)),
                              answer(200, std::string(kRefusal))});
  EXPECT_EQ(error.kind(), ErrorKind::kTransient);
  EXPECT_THAT(error.message(), HasSubstr("page 2"));
  EXPECT_THAT(error.message(), HasSubstr("too many requests"));
  EXPECT_THAT(error.message(), HasSubstr("gave up after 2 tries"));
  EXPECT_THAT(error.message(), HasSubstr("page-00002-try-2.body"));
}

TEST_F(RequestTest, AnAnswerOfAnotherShapeWhereOneLandedByTheSameFileIsAskedForAgain) {
  ASSERT_TRUE(run_script({good()}).ok());
  options.run_id = "20220101T000000Z-000001";
  ASSERT_TRUE(run_script({answer(200, std::string(kRefusal)), good()}).ok());
  // By another file nothing has landed yet: it may name the wrong place.
  options.run_id = "20220101T000000Z-000002";
  pipeline.sha256 = std::string(64, 'b');
  EXPECT_EQ(failure({answer(200, std::string(kRefusal)), good()}).kind(), ErrorKind::kPermanent);
}

TEST_F(RequestTest, ANegativeTotalIsNoTotal) {
  EXPECT_EQ(failure({answer(200, envelope(-1, ""))}).kind(), ErrorKind::kPermanent);
}

TEST_F(RequestTest, JsonNestedPastTheLimitIsRefused) {
  const std::string deep = std::string(10'000, '[') + std::string(10'000, ']');
  const auto error = failure({answer(200, deep), good()});
  EXPECT_EQ(error.kind(), ErrorKind::kPermanent);
  EXPECT_EQ(requests.size(), 1U);
}

TEST_F(RequestTest, ThePipelinesLimitsGoWithTheRequest) {
  pipeline.extract.limits.redirects_max = 2;
  pipeline.extract.limits.connect_timeout = milliseconds{1234};
  ASSERT_TRUE(run_script({good()}).ok());
  EXPECT_EQ(requests[0].redirects_max, 2);
  EXPECT_EQ(requests[0].connect_timeout, milliseconds{1234});
  EXPECT_EQ(requests[0].total_timeout, pipeline.extract.limits.request_timeout);
}

TEST_F(RequestTest, ABodyTakesAnEighthOfTheMemoryOrLess) {
  memory_bytes = 80'000;
  ASSERT_TRUE(run_script({good()}).ok());
  EXPECT_EQ(requests[0].body_bytes_max, 10'000);
  options.run_id = "second";
  pipeline.extract.limits.body_bytes_max = 500;
  ASSERT_TRUE(run_script({good()}).ok());
  EXPECT_EQ(requests[0].body_bytes_max, 500);
}

TEST_F(RequestTest, TheTimeOfTheRunIsLimited) {
  pipeline.extract.limits.run_timeout = milliseconds{10'000};
  const auto landing = run([&](const HttpRequest&) -> base::Result<HttpResponse> {
    clock.advance(milliseconds{6'000});
    return answer(200, orders_page(1, 25));
  });
  ASSERT_FALSE(landing.ok());
  EXPECT_EQ(landing.error().kind(), ErrorKind::kTransient);
  EXPECT_THAT(landing.error().message(), HasSubstr("limits.run_timeout allows: 10 s"));
  ASSERT_EQ(requests.size(), 2U);
  EXPECT_EQ(requests[1].total_timeout, milliseconds{4'000});
}

TEST_F(RequestTest, ItDoesNotWaitPastTheTimeOfTheRun) {
  pipeline.extract.limits.run_timeout = milliseconds{10'000};
  const auto error = failure({answer(429, "", {{"retry-after", "11"}}), good()});
  EXPECT_THAT(error.message(), HasSubstr("limits.run_timeout"));
  EXPECT_TRUE(clock.slept().empty());
}

TEST_F(RequestTest, MorePagesThanAllowedAreRefusedAfterTheFirst) {
  pipeline.extract.limits.pages_max = 2;
  const auto landing = run(shop(25));
  ASSERT_FALSE(landing.ok());
  EXPECT_EQ(landing.error().kind(), ErrorKind::kPermanent);
  EXPECT_THAT(landing.error().message(), HasSubstr("limits.pages allows: 2"));
  EXPECT_EQ(requests.size(), 1U);
  EXPECT_TRUE(landed().empty());
}

TEST_F(RequestTest, RequestsBeginNoFasterThanTheRate) {
  pipeline.extract.rate.requests_per_second = 4.0;
  ASSERT_TRUE(run(shop(35)).ok());
  EXPECT_THAT(clock.slept(), ElementsAre(milliseconds{250}, milliseconds{250}, milliseconds{250}));
}

// The clock begins at a multiple of all rounds here.
TEST_F(RequestTest, AShareOfARateBeginsInItsOwnSlots) {
  const auto waits = [](std::int64_t of, std::int64_t index) {
    io::FakeClock own;
    RateLimiter limiter(own, 10.0, {of, index});
    for (int request = 0; request < 3; ++request) {
      EXPECT_TRUE(limiter.acquire({}));
      own.advance(std::chrono::milliseconds(7));  // the answer takes its time
    }
    return own.slept();
  };
  EXPECT_THAT(waits(4, 0), ElementsAre(milliseconds{393}, milliseconds{393}));
  EXPECT_THAT(waits(4, 1), ElementsAre(milliseconds{100}, milliseconds{393}, milliseconds{393}));
  EXPECT_THAT(waits(4, 3), ElementsAre(milliseconds{300}, milliseconds{393}, milliseconds{393}));
  EXPECT_THAT(waits(1, 0), ElementsAre(milliseconds{93}, milliseconds{93}));
}

TEST_F(RequestTest, AnAnswerThatTakesLongerThanARoundLeavesOutSlots) {
  io::FakeClock own;
  RateLimiter limiter(own, 10.0, {4, 1});
  EXPECT_TRUE(limiter.acquire({}));
  own.advance(std::chrono::milliseconds(950));  // 1050: the slots at 500 and 900 are over
  EXPECT_TRUE(limiter.acquire({}));
  EXPECT_THAT(own.slept(), ElementsAre(milliseconds{100}, milliseconds{250}));
}

TEST_F(RequestTest, NoSecretIsInTheManifestAnEventOrAnError) {
  pipeline.extract.auth = {
      .kind = config::AuthKind::kBearer, .name = {}, .secret = base::Secret("s3cr3t-token")};
  pipeline.environment["TENANT"] = base::Secret("tenant-4711");
  pipeline.extract.request.headers = {{"X-Tenant", "${TENANT}"}, {"X-Plain", "yes"}};
  const auto echo = "you sent s3cr3t-token and tenant-4711";
  ASSERT_TRUE(
      run_script({answer(500, echo), answer(200, orders_page(1, 5), {{"x-echo", echo}})}).ok());
  EXPECT_THAT(read(raw("manifest.json")), HasSubstr("you sent *** and ***"));
  EXPECT_THAT(events.of<base::RequestRetried>()[0].why, HasSubstr("you sent *** and ***"));
  EXPECT_EQ(requests[0].secret_headers.size(), 2U);
  EXPECT_EQ(requests[0].headers[0].first, "X-Plain");
  options.run_id = "second";
  const auto error = failure({answer(400, std::string(490, '.') + "s3cr3t-token")});
  EXPECT_THAT(error.message(), Not(HasSubstr("s3cr3t")));
}

TEST_F(RequestTest, SaysWhoAsksAndWhatItWants) {
  pipeline.extract.request.method = "POST";
  pipeline.extract.request.body = R"({"page":"${page}"})";
  ASSERT_TRUE(run_script({good()}).ok());
  EXPECT_THAT(requests[0].headers, ElementsAre(testing::Pair("Accept", "application/json"),
                                               testing::Pair("User-Agent", "ashore/0.1.0"),
                                               testing::Pair("Content-Type", "application/json")));
  EXPECT_EQ(requests[0].body, R"({"page":1})");
}

}  // namespace
}  // namespace ashore::extract
