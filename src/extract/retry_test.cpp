// Shows which answers are retried and how long extract waits.
#include "extract/retry.h"

#include <gtest/gtest.h>

namespace ashore::extract {
namespace {

using std::chrono::milliseconds;

const base::Timestamp kNow =
    base::timestamp_of_micros(784'111'777'000'000);  // 1994-11-06T08:49:37Z

TEST(RetryTest, RetriesWhatALaterTryMayMendAndNothingElse) {
  for (const int status : {408, 425, 429, 500, 502, 503, 504, 599}) {
    EXPECT_TRUE(is_retryable(status)) << status;
  }
  for (const int status : {200, 301, 400, 401, 403, 404, 409, 410, 422, 600}) {
    EXPECT_FALSE(is_retryable(status)) << status;
  }
}

TEST(RetryTest, TheWaitIsUniformUpToABoundThatDoubles) {
  const config::Retry retry{.first_wait = milliseconds{500}, .wait_max = milliseconds{30'000}};
  EXPECT_EQ(backoff_wait(retry, 1, 0), milliseconds{0});
  EXPECT_EQ(backoff_wait(retry, 1, 500), milliseconds{500});
  EXPECT_EQ(backoff_wait(retry, 1, 501), milliseconds{0});
  EXPECT_EQ(backoff_wait(retry, 2, 1000), milliseconds{1000});
  EXPECT_EQ(backoff_wait(retry, 4, 4000), milliseconds{4000});
}

TEST(RetryTest, TheWaitNeverPassesItsLimit) {
  const config::Retry retry{.first_wait = milliseconds{500}, .wait_max = milliseconds{30'000}};
  EXPECT_EQ(backoff_wait(retry, 20, 30'000), milliseconds{30'000});
  EXPECT_EQ(backoff_wait(retry, 20, 30'001), milliseconds{0});
}

TEST(RetryTest, ReadsRetryAfterInSeconds) {
  EXPECT_EQ(parse_retry_after("120", kNow), milliseconds{120'000});
  EXPECT_EQ(parse_retry_after(" 0 ", kNow), milliseconds{0});
}

TEST(RetryTest, ARetryAfterOfAgesIsLongAndDoesNotOverflow) {
  EXPECT_GT(parse_retry_after("99999999999999999999999", kNow), std::chrono::hours{24 * 365});
}

TEST(RetryTest, ReadsAllThreeFormsOfHttpDates) {
  for (const char* date : {"Sun, 06 Nov 1994 08:50:07 GMT", "Sunday, 06-Nov-94 08:50:07 GMT",
                           "Sun Nov  6 08:50:07 1994"}) {
    EXPECT_EQ(parse_retry_after(date, kNow), milliseconds{30'000}) << date;
  }
}

TEST(RetryTest, ADateThatHasPassedIsNoWait) {
  EXPECT_EQ(parse_retry_after("Sun, 06 Nov 1994 08:00:00 GMT", kNow), milliseconds{0});
}

TEST(RetryTest, WhatIsNeitherIsNothing) {
  for (const char* text : {"", "  ", "soon", "-5", "1.5", "12 minutes"}) {
    EXPECT_EQ(parse_retry_after(text, kNow), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace ashore::extract
