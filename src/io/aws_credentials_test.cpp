// Keys come from the first provider that is set up, are got anew before they end, and no secret is
// ever told.
#include "io/aws_credentials.h"

#include <gtest/gtest.h>

#include <fstream>
#include <string>

#include "io/testing/fake_clock.h"
#include "io/testing/scripted_transport.h"

namespace ashore::io {
namespace {

using base::ErrorKind;

HttpResponse answer_with(std::string body, int status = 200) {
  HttpResponse response;
  response.status = status;
  response.body = std::move(body);
  return response;
}

std::string keys_json(const std::string& key, const std::string& expiration) {
  return R"({"Code":"Success","AccessKeyId":")" + key +
         R"(","SecretAccessKey":"hush","Token":"session","Expiration":")" + expiration + "\"}";
}

class AwsCredentialsTest : public testing::Test {
 protected:
  AwsCredentialsTest() {
    settings_.shared_credentials_file = file("credentials", "");
    settings_.config_file = file("config", "");
    settings_.ec2_metadata_disabled = true;
  }

  static std::string file(const std::string& name, const std::string& text) {
    const auto path = testing::TempDir() + "aws-" + std::to_string(::getpid()) + "-" +
                      testing::UnitTest::GetInstance()->current_test_info()->name() + "-" + name;
    std::ofstream(path) << text;
    return path;
  }

  base::Result<AwsKeys> keys(ScriptedTransport::Answer answer = {}) {
    if (!answer) answer = [](const HttpRequest& request) { return base::bug(request.url); };
    http_ = std::make_unique<ScriptedTransport>(std::move(answer));
    credentials_ = chained_credentials(settings_, *http_, clock_);
    return credentials_->keys({});
  }

  AwsSettings settings_;
  FakeClock clock_;  // 2022-11-01T00:00:00Z
  std::unique_ptr<ScriptedTransport> http_;
  std::unique_ptr<AwsCredentials> credentials_;
};

TEST_F(AwsCredentialsTest, VariablesComeFirst) {
  settings_.access_key_id = "AKIA1";
  settings_.secret_access_key = base::Secret("hush");
  settings_.session_token = base::Secret("session");
  settings_.web_identity_token_file = "/nowhere";
  const auto found = keys();
  ASSERT_TRUE(found.ok()) << found.error().message();
  EXPECT_EQ(found.value().access_key, "AKIA1");
  EXPECT_EQ(found.value().secret_key.reveal(), "hush");
  EXPECT_EQ(found.value().session_token.reveal(), "session");
}

TEST_F(AwsCredentialsTest, HalfAPairIsNoPair) {
  settings_.access_key_id = "AKIA1";
  EXPECT_NE(keys().error().message().find("AWS_SECRET_ACCESS_KEY is not"), std::string::npos);
  settings_.access_key_id = "";
  settings_.secret_access_key = base::Secret("hush");
  EXPECT_NE(keys().error().message().find("AWS_ACCESS_KEY_ID is not"), std::string::npos);
}

TEST_F(AwsCredentialsTest, AProfileIsReadFromBothFiles) {
  settings_.config_file = file("config",
                               "# comment\n[default]\nregion = eu-west-1\ns3 =\n  region = no\n"
                               "[profile work]\nregion=eu-north-1\naws_access_key_id = AKIAC\n"
                               "aws_secret_access_key = of the config\n");
  settings_.shared_credentials_file =
      file("credentials", "[default]\naws_access_key_id=AKIAD\r\naws_secret_access_key=a=b=\r\n");
  auto found = keys();
  ASSERT_TRUE(found.ok()) << found.error().message();
  EXPECT_EQ(found.value().access_key, "AKIAD");
  EXPECT_EQ(found.value().secret_key.reveal(), "a=b=");
  EXPECT_EQ(aws_region(settings_).value(), "eu-west-1");
  settings_.profile = "work";
  found = keys();
  ASSERT_TRUE(found.ok()) << found.error().message();
  EXPECT_EQ(found.value().access_key, "AKIAC");
  EXPECT_EQ(aws_region(settings_).value(), "eu-north-1");
  settings_.region = "us-east-2";
  EXPECT_EQ(aws_region(settings_).value(), "us-east-2");
  settings_.profile = "absent";
  EXPECT_NE(keys().error().message().find("no profile 'absent'"), std::string::npos);
}

TEST_F(AwsCredentialsTest, AProfileThatPointsElsewhereSaysWhatToDo) {
  for (const auto* line : {"role_arn = arn:aws:iam::1:role/x\nsource_profile = default",
                           "sso_session = corp", "credential_process = /bin/keys"}) {
    settings_.config_file = file("config", std::string("[default]\n") + line + "\n");
    const auto error = keys().error();
    EXPECT_EQ(error.kind(), ErrorKind::kPermanent);
    EXPECT_NE(error.remedy().find("export-credentials"), std::string::npos) << error.message();
  }
}

TEST_F(AwsCredentialsTest, AWebIdentityIsTradedForKeys) {
  settings_.web_identity_token_file = file("token", "to+ken\n");
  settings_.role_arn = "arn:aws:iam::1:role/ashore";
  settings_.endpoint_url_sts = "https://sts.test/";
  const auto found = keys([](const HttpRequest&) {
    return answer_with(
        "<AssumeRoleWithWebIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">"
        "<AssumeRoleWithWebIdentityResult><Credentials><AccessKeyId>ASIA1</AccessKeyId>"
        "<SecretAccessKey>hush</SecretAccessKey><SessionToken>session</SessionToken>"
        "<Expiration>2022-11-01T01:00:00Z</Expiration></Credentials>"
        "</AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>");
  });
  ASSERT_TRUE(found.ok()) << found.error().message();
  EXPECT_EQ(found.value().access_key, "ASIA1");
  EXPECT_EQ(found.value().session_token.reveal(), "session");
  const auto request = http_->requests().at(0);
  EXPECT_EQ(request.url, "https://sts.test/");
  EXPECT_TRUE(request.is_body_secret);
  EXPECT_NE(request.body.find("&WebIdentityToken=to%2Bken"), std::string::npos);
  EXPECT_NE(request.body.find("&RoleArn=arn%3Aaws%3Aiam%3A%3A1%3Arole%2Fashore"),
            std::string::npos);
}

TEST_F(AwsCredentialsTest, AContainerGivesKeysAndTheyAreGotAnewBeforeTheyEnd) {
  settings_.container_credentials_full_uri = "http://127.0.0.1:1/keys";
  settings_.container_authorization_token_file = file("token", "let me in\n");
  int calls = 0;
  const auto found = keys([&](const HttpRequest&) {
    ++calls;
    return answer_with(keys_json("ASIA" + std::to_string(calls),
                                 calls == 1 ? "2022-11-01T01:00:00Z" : "2022-11-01T02:00:00Z"));
  });
  ASSERT_TRUE(found.ok()) << found.error().message();
  EXPECT_EQ(http_->requests().at(0).secret_headers.at(0).second.reveal(), "let me in");
  clock_.advance(std::chrono::minutes(54));
  EXPECT_EQ(credentials_->keys({}).value().access_key, "ASIA1");
  clock_.advance(std::chrono::minutes(2));
  EXPECT_EQ(credentials_->keys({}).value().access_key, "ASIA2");
  // A server knows better.
  EXPECT_TRUE(credentials_->renew(credentials_->keys({}).value()));
  EXPECT_EQ(credentials_->keys({}).value().access_key, "ASIA3");
}

TEST_F(AwsCredentialsTest, KeysThatStillHoldOutliveAnEndpointThatIsDown) {
  settings_.container_credentials_full_uri = "http://127.0.0.1:1/keys";
  bool is_down = false;
  (void)keys([&](const HttpRequest&) -> base::Result<HttpResponse> {
    if (is_down) return base::transient("refused");
    return answer_with(keys_json("ASIA1", "2022-11-01T01:00:00Z"));
  });
  is_down = true;
  clock_.advance(std::chrono::minutes(57));
  EXPECT_EQ(credentials_->keys({}).value().access_key, "ASIA1");
  clock_.advance(std::chrono::minutes(4));
  EXPECT_EQ(credentials_->keys({}).error().kind(), ErrorKind::kTransient);
}

TEST_F(AwsCredentialsTest, AnInstanceIsAskedWithAToken) {
  settings_.ec2_metadata_disabled = false;
  settings_.ec2_metadata_service_endpoint = "http://127.0.0.1:2";
  const auto found = keys([](const HttpRequest& request) {
    if (request.method == "PUT") return answer_with("imds token");
    if (request.secret_headers.at(0).second.reveal() != "imds token") return answer_with("", 401);
    if (request.url.ends_with("/security-credentials/")) return answer_with("the-role\n");
    return answer_with(
        keys_json(request.url.ends_with("/the-role") ? "ASIA1" : "", "2022-11-01T06:00:00Z"));
  });
  ASSERT_TRUE(found.ok()) << found.error().message();
  EXPECT_EQ(found.value().access_key, "ASIA1");
}

TEST_F(AwsCredentialsTest, NoneAtAllSaysWhereTheyWereLookedFor) {
  const auto error = keys().error();
  EXPECT_EQ(error.kind(), ErrorKind::kPermanent);
  EXPECT_NE(error.remedy().find("AWS_ACCESS_KEY_ID"), std::string::npos);
  EXPECT_EQ(aws_region(settings_).value(), "");
}

TEST_F(AwsCredentialsTest, AnswersThatHoldNoKeysTellNoSecret) {
  settings_.container_credentials_full_uri = "http://127.0.0.1:1/keys";
  settings_.container_authorization_token = base::Secret("let me in");
  for (const auto* body : {"", "[]", "{\"SecretAccessKey\":\"hush\"}", "{\"AccessKeyId\":7}",
                           R"({"AccessKeyId":"A","SecretAccessKey":"hush","Expiration":"soon"})"}) {
    const auto found = keys([&](const HttpRequest&) { return answer_with(body); });
    ASSERT_FALSE(found.ok()) << body;
    EXPECT_EQ(found.error().message().find("hush"), std::string::npos);
    EXPECT_EQ(found.error().message().find("let me in"), std::string::npos);
  }
  const auto refused = keys([](const HttpRequest&) { return answer_with("", 403); });
  EXPECT_EQ(refused.error().kind(), ErrorKind::kPermanent);
}

}  // namespace
}  // namespace ashore::io
