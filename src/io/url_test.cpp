// How urls are read, resolved and compared; origins decide where secrets go, so odd urls have none.
#include "io/url.h"

#include <gtest/gtest.h>

namespace ashore::io {
namespace {

using Secrets = std::vector<std::pair<std::string, base::Secret>>;

Url url_of(std::string_view text) { return Url::parse(text).value(); }
std::string origin_of(std::string_view text) { return url_of(text).origin(); }

std::string resolved(std::string_view reference) {
  const auto url = url_of("http://a.example/b/c/d;p?q").resolve(reference);
  return url.ok() ? url.value().text() : "error: " + url.error().what();
}

TEST(UrlTest, AnOriginIsSchemeHostAndPort) {
  EXPECT_EQ(origin_of("https://API.host/x?y#z"), "https://api.host:443");
  EXPECT_EQ(origin_of("http://api.host"), "http://api.host:80");
  EXPECT_EQ(origin_of("HTTP://api.host:8080?x"), "http://api.host:8080");
  EXPECT_EQ(origin_of("http://[::1]/"), "http://[::1]:80");
  EXPECT_EQ(origin_of("http://[::1]:81/"), "http://[::1]:81");
  EXPECT_EQ(origin_of("http://user:pass@api.host/"), "http://api.host:80");
  EXPECT_EQ(origin_of("http://api.host/@elsewhere"), "http://api.host:80");
}

TEST(UrlTest, AnEmptyPortIsTheDefaultOne) {
  EXPECT_EQ(origin_of("http://h:/x"), "http://h:80");
  EXPECT_EQ(origin_of("https://h:/x"), "https://h:443");
  EXPECT_EQ(origin_of("http://h:0080/x"), "http://h:80");
  EXPECT_TRUE(url_of("http://h/").may_lead_to(url_of("http://h:/x")));
}

TEST(UrlTest, WhatMayBeReadInTwoWaysIsRefused) {
  for (const auto* text :
       {"", "api.host", "/path", "ftp://api.host", "file:///etc/hosts", "http://", "http:///x",
        "http:/h", "http:h", "http://api.host\\@elsewhere", "http://api host/",
        "http://api.host\t/", "http://a@b@c/", "http://h:port/", "http://h:99999/", "http://@/",
        "http://?x"}) {
    EXPECT_FALSE(Url::parse(text).ok()) << text << ": " << url_of(text).origin();
  }
}

TEST(UrlTest, CredentialsAndFragmentsAreNotKept) {
  EXPECT_EQ(url_of("https://user:pass@Host:1/p?q=a@b#f").text(), "https://host:1/p?q=a@b");
  EXPECT_TRUE(url_of("https://user:pass@Host:1/p?q=a@b#f").has_credentials());
  EXPECT_TRUE(url_of("https://@host/p").has_credentials());
  EXPECT_EQ(url_of("https://host/p").text(), "https://host/p");
  EXPECT_FALSE(url_of("https://host/p@q").has_credentials());
}

TEST(UrlTest, PathAndQueryStayAsWritten) {
  for (const auto* text : {"http://h/a/../b//c?x=%7e&y=a+b&&z", "http://h/%2F/;p=1?x=[1]"}) {
    EXPECT_EQ(url_of(text).text(), text);
  }
}

TEST(UrlTest, TheNormalExamplesOfRfc3986AreResolved) {
  EXPECT_EQ(resolved("g"), "http://a.example/b/c/g");
  EXPECT_EQ(resolved("./g"), "http://a.example/b/c/g");
  EXPECT_EQ(resolved("g/"), "http://a.example/b/c/g/");
  EXPECT_EQ(resolved("/g"), "http://a.example/g");
  EXPECT_EQ(resolved("//g"), "http://g/");
  EXPECT_EQ(resolved("?y"), "http://a.example/b/c/d;p?y");
  EXPECT_EQ(resolved("g?y"), "http://a.example/b/c/g?y");
  EXPECT_EQ(resolved("g?y#s"), "http://a.example/b/c/g?y");
  EXPECT_EQ(resolved("g;x?y#s"), "http://a.example/b/c/g;x?y");
  EXPECT_EQ(resolved(""), "http://a.example/b/c/d;p?q");
  EXPECT_EQ(resolved("#s"), "http://a.example/b/c/d;p?q");
  EXPECT_EQ(resolved("."), "http://a.example/b/c/");
  EXPECT_EQ(resolved(".."), "http://a.example/b/");
  EXPECT_EQ(resolved("../g"), "http://a.example/b/g");
  EXPECT_EQ(resolved("../../g"), "http://a.example/g");
  EXPECT_EQ(resolved("../../../g"), "http://a.example/g");
  EXPECT_EQ(resolved("https://other.example:8443/x?y=1"), "https://other.example:8443/x?y=1");
}

TEST(UrlTest, AColonInAQueryIsNoScheme) {
  EXPECT_EQ(resolved("?since=10:30"), "http://a.example/b/c/d;p?since=10:30");
  EXPECT_EQ(resolved("/orders?at=x:y"), "http://a.example/orders?at=x:y");
}

TEST(UrlTest, SpacesAndBytesPastAsciiOfALinkAreEncoded) {
  EXPECT_EQ(resolved("/a b?q=\xc3\xa9"), "http://a.example/a%20b?q=%c3%a9");
}

TEST(UrlTest, LinksThatAreNotHttpOrHoldCredentialsAreRefused) {
  for (const auto* reference :
       {"file:///etc/hosts", "javascript:alert(1)", "https:///orders",
        "http://user:hunter2@a.example/", "http://a.example\\@b.example/"}) {
    EXPECT_EQ(resolved(reference).substr(0, 6), "error:") << resolved(reference);
    EXPECT_EQ(resolved(reference).find("hunter2"), std::string::npos);
  }
}

TEST(UrlTest, LinksAreFollowedOnTheSameOriginAndUpToHttpsOnly) {
  const auto follows = [](std::string_view source, std::string_view target) {
    return url_of(source).may_lead_to(url_of(target));
  };
  EXPECT_TRUE(follows("http://a.example/x", "http://A.EXAMPLE:80/y?z"));
  EXPECT_TRUE(follows("https://a.example:443", "https://a.example/y"));
  EXPECT_TRUE(follows("http://[::1]:8080/", "http://[::1]:8080/y"));
  EXPECT_TRUE(follows("http://a.example/", "https://a.example/"));
  EXPECT_FALSE(follows("https://a.example/", "http://a.example/"));
  EXPECT_FALSE(follows("http://[::1]:8080/", "http://[::1]/y"));
  EXPECT_FALSE(follows("http://a.example/", "http://a.example:8080/"));
  EXPECT_FALSE(follows("http://a.example/", "https://a.example:8443/"));
  EXPECT_FALSE(follows("http://a.example/", "http://b.example/"));
  EXPECT_FALSE(follows("http://a.example/", "http://a.example.evil.example/"));
}

TEST(UrlTest, SecretParametersAreAddedEncodedAndTakenOut) {
  const Secrets secrets = {{"api key", base::Secret("a&b=c")}};
  EXPECT_EQ(url_of("http://h/p?x=1#f").text_with(secrets), "http://h/p?x=1&api%20key=a%26b%3Dc");
  EXPECT_EQ(url_of("http://h/p").text_with(secrets), "http://h/p?api%20key=a%26b%3Dc");
  const auto without = [](std::string_view text, std::string_view name) {
    auto url = url_of(text);
    url.remove_parameters(name);
    return url.text();
  };
  EXPECT_EQ(without("http://h/p?api%20key=a&x=1", "api key"), "http://h/p?x=1");
  EXPECT_EQ(without("http://h/p?api%20key=a", "api key"), "http://h/p");
  EXPECT_EQ(without("http://a/b?key=1&page=2&key=3", "key"), "http://a/b?page=2");
  EXPECT_EQ(without("http://a/b?monkey=1", "key"), "http://a/b?monkey=1");
  EXPECT_EQ(without("http://a/b?k%65y=1&x", "key"), "http://a/b?x");
  EXPECT_EQ(url_of("http://a/b?c=d#e").without_query(), "http://a/b");
}

}  // namespace
}  // namespace ashore::io
