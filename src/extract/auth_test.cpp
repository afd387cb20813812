// Shows what each kind of auth adds to a request, and that it adds secrets only.
#include "extract/auth.h"

#include <gtest/gtest.h>

#include "extract/redactor.h"

namespace ashore::extract {
namespace {

config::Auth auth_of(config::AuthKind kind, const std::string& name, const std::string& secret) {
  return {.kind = kind, .name = name, .secret = base::Secret(secret)};
}

TEST(AuthTest, ABearerTokenIsASecretHeader) {
  io::HttpRequest request;
  add_auth(auth_of(config::AuthKind::kBearer, "", "tok"), &request);
  ASSERT_EQ(request.secret_headers.size(), 1U);
  EXPECT_EQ(request.secret_headers[0].first, "Authorization");
  EXPECT_EQ(request.secret_headers[0].second.reveal(), "Bearer tok");
  EXPECT_TRUE(request.headers.empty());
}

TEST(AuthTest, BasicAuthIsBase64OfAnyLength) {
  const auto credentials = [](const char* user, const char* password) {
    return basic_credentials(auth_of(config::AuthKind::kBasic, user, password)).reveal();
  };
  EXPECT_EQ(credentials("Aladdin", "open sesame"), "QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
  EXPECT_EQ(credentials("a", "b"), "YTpi");
  EXPECT_EQ(credentials("a", "bc"), "YTpiYw==");
  EXPECT_EQ(credentials("a", "bcd"), "YTpiY2Q=");
  EXPECT_EQ(credentials("a", "\xc3\xbf\xc3\xbf"), "YTrDv8O/");
}

TEST(AuthTest, AnApiKeyGoesInAHeaderOrTheQuery) {
  io::HttpRequest request;
  add_auth(auth_of(config::AuthKind::kApiKeyHeader, "X-Key", "k1"), &request);
  add_auth(auth_of(config::AuthKind::kApiKeyQuery, "api_key", "k2"), &request);
  EXPECT_EQ(request.secret_headers[0].first, "X-Key");
  EXPECT_EQ(request.secret_headers[0].second.reveal(), "k1");
  EXPECT_EQ(request.secret_query[0].first, "api_key");
  EXPECT_EQ(request.secret_query[0].second.reveal(), "k2");
}

TEST(RedactorTest, TakesOutSecretsHoweverTheyAreWritten) {
  config::Pipeline pipeline;
  pipeline.extract.auth = auth_of(config::AuthKind::kBasic, "me", "pass word");
  pipeline.environment["TOKEN"] = base::Secret("token-123");
  pipeline.environment["REGION"] = base::Secret("eu");
  const Redactor redactor(pipeline);
  EXPECT_EQ(redactor.redact("a pass word, pass%20word, bWU6cGFzcyB3b3Jk, token-123 in eu"),
            "a ***, ***, ***, *** in eu");
}

TEST(RedactorTest, HidesWhatUrlsKeepSecretThoughItIsNobodysVariable) {
  const Redactor redactor{config::Pipeline()};
  EXPECT_EQ(redactor.redact("<https://me:pw@h/o?page=2&api_key=abc>; rel=\"next\""),
            "<https://***@h/o?page=2&api_key=***>; rel=\"next\"");
}

TEST(RedactorTest, KeepsKindAndRemedyOfAnError) {
  config::Pipeline pipeline;
  pipeline.extract.auth = auth_of(config::AuthKind::kBearer, "", "tok");
  const auto error = Redactor(pipeline).redact(
      base::permanent("said tok").with_remedy("drop tok").within("page tok"));
  EXPECT_EQ(error.kind(), base::ErrorKind::kPermanent);
  EXPECT_EQ(error.message(), "page ***: said ***. drop ***");
}

}  // namespace
}  // namespace ashore::extract
