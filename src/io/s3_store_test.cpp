// The store on S3 keeps ObjectStore's promises against a server that checks signatures and
// conditional writes (scripts/with_s3), and says what is wrong with a request that is refused.
#include "io/s3_store.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <thread>
#include <vector>

#include "io/curl_transport.h"
#include "io/system_clock.h"
#include "io/testing/fake_clock.h"
#include "io/testing/object_store_conformance.h"

namespace ashore::io {
namespace {

std::string variable(const char* name) {
  const char* const value = std::getenv(name);
  EXPECT_NE(value, nullptr) << name << " is not set: scripts/with_s3 sets it";
  return value == nullptr ? "" : value;
}

AwsKeys good_keys() {
  return {.access_key = variable("AWS_ACCESS_KEY_ID"),
          .secret_key = base::Secret(variable("AWS_SECRET_ACCESS_KEY")),
          .session_token = {},
          .expires = {}};
}

S3Options options_for(std::string prefix) {
  return {.bucket = variable("ASHORE_TEST_S3_BUCKET"),
          .prefix = std::move(prefix),
          .region = variable("AWS_REGION"),
          .endpoint = variable("AWS_ENDPOINT_URL_S3"),
          .credentials = fixed_credentials(good_keys()),
          .spill_folder = testing::TempDir()};
}

// Each store has a prefix of its own.
std::string new_prefix() {
  static std::atomic<int> count = 0;
  return "test-" + std::to_string(::getpid()) + "/store " + std::to_string(++count);
}

class S3Fixture {
 public:
  static constexpr bool kHasLocks = false;
  ObjectStore& store() { return store_; }

 private:
  CurlTransport http_{"ashore-test"};
  SystemClock clock_;
  S3Store store_{options_for(new_prefix()), http_, clock_};
};

INSTANTIATE_TYPED_TEST_SUITE_P(S3, ObjectStoreConformance, S3Fixture);

class S3StoreTest : public testing::Test {
 protected:
  base::Error error_of(const S3Options& options) {
    S3Store store(options, http_, clock_);
    const auto status = store.write("a/file", "x");
    return status.ok() ? base::bug("accepted") : status.error();
  }

  CurlTransport http_{"ashore-test"};
  SystemClock clock_;
};

TEST_F(S3StoreTest, KeysOfAnyBytesAreSignedAsTheyAreSent) {
  S3Store store(options_for(new_prefix()), http_, clock_);
  const std::vector<std::string> paths = {"day=2022-11-01/part.parquet", "a b/c+d&e;f",
                                          "caf\xc3\xa9/100%25", "quote'\"<>&amp;", "t~.-_/x"};
  for (const auto& path : paths) {
    ASSERT_TRUE(store.write(path, path).ok()) << path;
    EXPECT_EQ(store.read(path).value(), path);
    EXPECT_EQ(store.stat(path).value()->bytes, static_cast<std::int64_t>(path.size()));
  }
  std::vector<std::string> listed;
  const auto objects = store.list("");
  ASSERT_TRUE(objects.ok()) << objects.error().message();
  for (const auto& object : objects.value()) {
    listed.push_back(object.path);
    EXPECT_GT(object.modified.time_since_epoch().count(), 0);
  }
  auto expected = paths;
  std::ranges::sort(expected);
  EXPECT_EQ(listed, expected);
  for (const auto& path : paths) {
    EXPECT_TRUE(store.rename(path, "moved/" + path).ok()) << path;
    EXPECT_EQ(store.read("moved/" + path).value(), path);
    EXPECT_TRUE(store.remove("moved/" + path).ok());
  }
  EXPECT_TRUE(store.list("").value().empty());
}

TEST_F(S3StoreTest, ListingsOfSeveralPagesAreWhole) {
  S3Store store(options_for(new_prefix()), http_, clock_);
  constexpr int kObjects = 1'203;  // a page holds a thousand
  std::atomic<int> next = 0;
  {
    std::vector<std::jthread> writers;
    for (int thread = 0; thread < 8; ++thread) {
      writers.emplace_back([&] {
        for (int index = next++; index < kObjects; index = next++) {
          EXPECT_TRUE(
              store.write_new("many/" + std::to_string(index % 3) + "/" + std::to_string(index), "")
                  .ok());
        }
      });
    }
  }
  EXPECT_EQ(store.list("many").value().size(), std::size_t{kObjects});
  EXPECT_EQ(store.list_names("many").value(), (std::vector<std::string>{"0", "1", "2"}));
  EXPECT_EQ(store.list_names("many/1").value().size(), std::size_t{kObjects / 3});
  EXPECT_TRUE(store.remove_folder("many").ok());
  EXPECT_TRUE(store.list("many").value().empty());
}

TEST_F(S3StoreTest, LargeObjectsAreMappedFromDisk) {
  S3Store store(options_for(new_prefix()), http_, clock_);
  std::string bytes(40'000'003, 'x');
  for (std::size_t index = 0; index < bytes.size(); index += 4'099) {
    bytes[index] = static_cast<char>('a' + index % 26);
  }
  ASSERT_TRUE(store.write("large", bytes).ok());
  EXPECT_TRUE(store.map("large").value()->bytes() == bytes);
  const auto reader = store.open("large").value();
  EXPECT_EQ(reader->bytes(), static_cast<std::int64_t>(bytes.size()));
}

TEST_F(S3StoreTest, OneOfSixteenProcessesCommits) {
  for (int round = 0; round < 5; ++round) {
    const auto options = options_for(new_prefix());
    std::atomic<int> won = 0;
    std::atomic<int> lost = 0;
    {
      std::vector<std::jthread> racers;
      for (int racer = 0; racer < 16; ++racer) {
        racers.emplace_back([&, racer] {
          CurlTransport own("ashore-test");  // connections of its own
          S3Store store(options, own, clock_);
          const auto put = store.put_if_absent("_delta_log/00000000000000000001.json",
                                               "by " + std::to_string(racer));
          if (put.ok()) {
            ++won;
          } else if (put.error().kind() == base::ErrorKind::kAlreadyExists) {
            ++lost;
          }
        });
      }
    }
    EXPECT_EQ(won, 1);
    EXPECT_EQ(lost, 15);
  }
}

TEST_F(S3StoreTest, RefusalsSayWhatToDo) {
  const auto good = options_for(new_prefix());
  const auto expect = [&](const S3Options& options, const std::string& what) {
    const auto error = error_of(options);
    EXPECT_EQ(error.kind(), base::ErrorKind::kPermanent) << error.message();
    EXPECT_NE(error.message().find(what), std::string::npos) << error.message();
    EXPECT_FALSE(error.remedy().empty()) << error.message();
    EXPECT_EQ(error.message().find(good_keys().secret_key.reveal()), std::string::npos);
  };
  auto options = good;
  auto keys = good_keys();
  keys.secret_key = base::Secret("another");
  options.credentials = fixed_credentials(keys);
  expect(options, "AWS_SECRET_ACCESS_KEY");
  options = good;
  keys = good_keys();
  keys.access_key = "nobody";
  options.credentials = fixed_credentials(keys);
  expect(options, "AWS_ACCESS_KEY_ID");
  options = good;
  options.bucket = "no-such-bucket";
  expect(options, "NoSuchBucket");
  options = good;
  options.region = "eu-central-1";
  expect(options, "AWS_REGION");
  options = good;
  keys = good_keys();
  keys.session_token = base::Secret("of nobody");
  options.credentials = fixed_credentials(keys);
  const auto error = error_of(options);
  EXPECT_EQ(error.message().find("of nobody"), std::string::npos);
}

// Fails as told, then asks the server.
class FailingTransport final : public HttpTransport {
 public:
  explicit FailingTransport(HttpTransport& transport) : transport_(transport) {}
  base::Result<HttpResponse> send(const HttpRequest& request,
                                  const std::stop_token& stop) override {
    ++requests;
    if (lost_answers > 0) {
      --lost_answers;
      (void)transport_.send(request, stop);
      return base::transient("no answer");
    }
    if (failures > 0) {
      --failures;
      HttpResponse response;
      response.status = status;
      response.body = "<Error><Code>SlowDown</Code><Message>less</Message></Error>";
      return response;
    }
    return transport_.send(request, stop);
  }
  int requests = 0;
  int failures = 0;
  int lost_answers = 0;
  int status = 503;

 private:
  HttpTransport& transport_;
};

TEST_F(S3StoreTest, WhatPassesIsAskedAgain) {
  FailingTransport failing(http_);
  FakeClock clock;
  S3Store store(options_for(new_prefix()), failing, clock);
  for (const int status : {503, 500, 429}) {
    failing.status = status;
    failing.failures = 3;
    EXPECT_TRUE(store.write("file", "x").ok()) << status;
  }
  failing.failures = 100;
  failing.requests = 0;
  const auto error = store.write("file", "y").error();
  EXPECT_EQ(error.kind(), base::ErrorKind::kTransient);
  EXPECT_NE(error.message().find("SlowDown"), std::string::npos) << error.message();
  EXPECT_EQ(failing.requests, 6);
  failing.failures = 0;
  EXPECT_EQ(store.read("file").value(), "x");
}

TEST_F(S3StoreTest, ACommitWhoseAnswerWasLostIsOnesOwn) {
  FailingTransport failing(http_);
  FakeClock clock;
  S3Store store(options_for(new_prefix()), failing, clock);
  failing.lost_answers = 1;
  EXPECT_TRUE(store.put_if_absent("commit", "mine").ok());
  // Another's bytes are another's commit, and so are equal ones that no try of ours can have put.
  failing.lost_answers = 1;
  EXPECT_EQ(store.put_if_absent("commit", "yours").error().kind(), base::ErrorKind::kAlreadyExists);
  EXPECT_EQ(store.put_if_absent("commit", "mine").error().kind(), base::ErrorKind::kAlreadyExists);
  EXPECT_EQ(store.read("commit").value(), "mine");
}

// Keys that a server calls over, and others where it was told so.
class EndingCredentials final : public AwsCredentials {
 public:
  base::Result<AwsKeys> keys(const std::stop_token&) override {
    auto keys = good_keys();
    if (!is_renewed) keys.access_key = "ASIA-ended";
    return keys;
  }
  bool renew(const AwsKeys&) override { return is_renewed = true; }
  bool is_renewed = false;
};

TEST_F(S3StoreTest, KeysThatEndWhileARunIsUnderWayAreGotAnew) {
  class Ending final : public HttpTransport {
   public:
    explicit Ending(HttpTransport& transport) : transport_(transport) {}
    base::Result<HttpResponse> send(const HttpRequest& request,
                                    const std::stop_token& stop) override {
      if (request.aws_signer->access_key != "ASIA-ended") return transport_.send(request, stop);
      HttpResponse response;
      response.status = 400;
      response.body = "<Error><Code>ExpiredToken</Code><Message>over</Message></Error>";
      return response;
    }

   private:
    HttpTransport& transport_;
  } ending(http_);
  FakeClock clock;
  auto options = options_for(new_prefix());
  options.credentials = std::make_shared<EndingCredentials>();
  S3Store store(options, ending, clock);
  EXPECT_TRUE(store.write("file", "x").ok());
  auto keys = good_keys();
  keys.access_key = "ASIA-ended";
  options.credentials = fixed_credentials(keys);
  S3Store fixed(options, ending, clock);
  const auto error = fixed.write("file", "x").error();
  EXPECT_EQ(error.kind(), base::ErrorKind::kPermanent);
  EXPECT_NE(error.remedy().find("get new ones"), std::string::npos) << error.message();
}

TEST_F(S3StoreTest, AStopEndsTheWaiting) {
  FailingTransport failing(http_);
  SystemClock clock;
  std::stop_source stop;
  S3Store store(options_for(new_prefix()), failing, clock, stop.get_token());
  failing.failures = 100;
  stop.request_stop();
  EXPECT_EQ(store.write("file", "x").error().kind(), base::ErrorKind::kInterrupted);
}

}  // namespace
}  // namespace ashore::io
