// Shows how links between pages are resolved and which of them are followed.
#include "extract/url.h"

#include <gtest/gtest.h>

namespace ashore::extract {
namespace {

std::string resolved(std::string_view reference) {
  auto url = resolve_url("http://a.example/b/c/d;p?q", reference);
  return url.ok() ? url.value() : "error: " + url.error().what();
}

TEST(UrlTest, resolves_the_normal_examples_of_rfc_3986) {
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
  EXPECT_EQ(resolved("."), "http://a.example/b/c/");
  EXPECT_EQ(resolved(".."), "http://a.example/b/");
  EXPECT_EQ(resolved("../g"), "http://a.example/b/g");
  EXPECT_EQ(resolved("../../g"), "http://a.example/g");
  EXPECT_EQ(resolved("../../../g"), "http://a.example/g");
  EXPECT_EQ(resolved("https://other.example:8443/x?y=1"), "https://other.example:8443/x?y=1");
}

TEST(UrlTest, a_colon_in_a_query_is_no_scheme) {
  EXPECT_EQ(resolved("?since=10:30"), "http://a.example/b/c/d;p?since=10:30");
  EXPECT_EQ(resolved("/orders?at=x:y"), "http://a.example/orders?at=x:y");
}

TEST(UrlTest, refuses_links_that_are_not_http_or_hold_credentials) {
  EXPECT_EQ(resolved("file:///etc/hosts").substr(0, 6), "error:");
  EXPECT_EQ(resolved("javascript:alert(1)").substr(0, 6), "error:");
  EXPECT_EQ(resolved("https:///orders").substr(0, 6), "error:");
  EXPECT_EQ(resolved("http://user:word@a.example/").substr(0, 6), "error:");
  EXPECT_EQ(resolved("http://user:hunter2@a.example/").find("hunter2"), std::string::npos);
}

TEST(UrlTest, follows_links_on_the_same_scheme_host_and_port_only) {
  EXPECT_TRUE(may_follow("http://a.example/x", "http://A.EXAMPLE:80/y?z"));
  EXPECT_TRUE(may_follow("https://a.example:443", "https://a.example/y"));
  EXPECT_TRUE(may_follow("http://[::1]:8080/", "http://[::1]:8080/y"));
  EXPECT_FALSE(may_follow("http://[::1]:8080/", "http://[::1]/y"));
  EXPECT_FALSE(may_follow("http://a.example/", "http://a.example:8080/"));
  EXPECT_FALSE(may_follow("http://a.example/", "http://b.example/"));
  EXPECT_FALSE(may_follow("http://a.example/", "http://a.example.evil.example/"));
}

TEST(UrlTest, follows_from_http_up_to_https_but_not_down) {
  EXPECT_TRUE(may_follow("http://a.example/", "https://a.example/"));
  EXPECT_FALSE(may_follow("https://a.example/", "http://a.example/"));
}

TEST(UrlTest, takes_parameters_and_queries_out) {
  EXPECT_EQ(without_query("http://a/b?c=d#e"), "http://a/b");
  EXPECT_EQ(without_parameter("http://a/b?key=1&page=2&key=3", "key"), "http://a/b?page=2");
  EXPECT_EQ(without_parameter("http://a/b?key=1", "key"), "http://a/b");
  EXPECT_EQ(without_parameter("http://a/b?monkey=1", "key"), "http://a/b?monkey=1");
  EXPECT_EQ(without_parameter("http://a/b?api%20key=1&x", "api key"), "http://a/b?x");
  EXPECT_EQ(without_parameter("http://a/b", "key"), "http://a/b");
}

}  // namespace
}  // namespace ashore::extract
