// Origins decide where secrets go, so odd urls have none.
#include "io/http_url.h"

#include <gtest/gtest.h>

namespace ashore::io {
namespace {

using Secrets = std::vector<std::pair<std::string, base::Secret>>;

TEST(HttpUrlTest, AnOriginIsSchemeHostAndPort) {
  EXPECT_EQ(origin_of("https://API.host/x?y#z"), "https://api.host:443");
  EXPECT_EQ(origin_of("http://api.host"), "http://api.host:80");
  EXPECT_EQ(origin_of("HTTP://api.host:8080?x"), "http://api.host:8080");
  EXPECT_EQ(origin_of("http://[::1]/"), "http://[::1]:80");
  EXPECT_EQ(origin_of("http://[::1]:81/"), "http://[::1]:81");
  EXPECT_EQ(origin_of("http://user:pass@api.host/"), "http://api.host:80");
  EXPECT_EQ(origin_of("http://api.host/@elsewhere"), "http://api.host:80");
}

TEST(HttpUrlTest, WhatMayBeReadInTwoWaysHasNoOrigin) {
  for (const auto* url :
       {"", "api.host", "/path", "ftp://api.host", "file:///etc/hosts", "http://", "http:///x",
        "http://api.host\\@elsewhere", "http://api host/", "http://api.host\t/"}) {
    EXPECT_EQ(origin_of(url), "") << url;
  }
}

TEST(HttpUrlTest, CredentialsAndFragmentsAreTakenOut) {
  EXPECT_EQ(without_credentials("https://user:pass@Host:1/p?q=a@b#f"), "https://host:1/p?q=a@b");
  EXPECT_EQ(without_credentials("https://host/p"), "https://host/p");
}

TEST(HttpUrlTest, SecretParametersAreAddedEncodedAndTakenOut) {
  const Secrets secrets = {{"api key", base::Secret("a&b=c")}};
  EXPECT_EQ(with_parameters("http://h/p?x=1#f", secrets), "http://h/p?x=1&api%20key=a%26b%3Dc");
  EXPECT_EQ(with_parameters("http://h/p", secrets), "http://h/p?api%20key=a%26b%3Dc");
  EXPECT_EQ(without_parameters("http://h/p?api%20key=a&x=1", secrets), "http://h/p?x=1");
  EXPECT_EQ(without_parameters("http://h/p?api%20key=a", secrets), "http://h/p");
}

TEST(HttpUrlTest, PercentEncodingKeepsOnlyUnreservedBytes) {
  EXPECT_EQ(percent_encode("aZ0-._~"), "aZ0-._~");
  EXPECT_EQ(percent_encode(" /\xc3\xa9+"), "%20%2F%C3%A9%2B");
}

}  // namespace
}  // namespace ashore::io
