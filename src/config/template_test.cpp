// Requests are rendered with types kept, nothing dropped in silence, and secrets never shown.
#include "config/template.h"

#include <gtest/gtest.h>

namespace ashore::config {
namespace {

using Environment = std::map<std::string, base::Secret>;

RenderedRequest rendered(const Request& request, const RunValues& values = {},
                         const Environment& environment = {}) {
  auto result = render_request(request, "https://h/v1/", values, environment);
  EXPECT_TRUE(result.ok()) << (result.ok() ? "" : result.error().message());
  return result.ok() ? std::move(result).value() : RenderedRequest{};
}

Request post(std::string body) {
  Request request;
  request.method = "POST";
  request.path = "/orders";
  request.body = std::move(body);
  return request;
}

std::string body_of(std::string body, const RunValues& values = {}) {
  return rendered(post(std::move(body)), values).body.value_or("none");
}

std::string error_of(const Request& request, const RunValues& values = {},
                     const Environment& environment = {}) {
  const auto result = render_request(request, "http://h", values, environment);
  return result.ok() ? "ok" : result.error().what();
}

constexpr const char* kWindowed =
    R"({"query":{"at":{"$gte":"${window.start}","$lt":"${window.end}"}},"limit":"${limit}"})";

TEST(TemplateTest, AScalarThatIsOneNameKeepsItsType) {
  RunValues values;
  values.page = 3;
  values.keys = {"a", "b\"c"};
  values.cursor = "7";
  EXPECT_EQ(
      body_of(R"({"z":"${page}","a":{"$in":"${keys}"},"c":"${cursor}","t":"p${page}"})", values),
      R"({"z":3,"a":{"$in":["a","b\"c"]},"c":"7","t":"p3"})");
}

TEST(TemplateTest, KeysThatAreNumbersAreNumbersInABody) {
  RunValues values;
  values.keys = {"7", "-9007199254740993"};
  values.keys_are_numbers = true;
  EXPECT_EQ(body_of(R"({"ids":"${keys}","t":"in ${keys}"})", values),
            R"({"ids":[7,-9007199254740993],"t":"in 7,-9007199254740993"})");
}

TEST(TemplateTest, WithoutDatesTheMappingOfTheWindowIsDroppedAndTheOneAroundItStays) {
  EXPECT_EQ(body_of(kWindowed), R"({"query":{}})");
  RunValues values;
  values.limit = 10;
  EXPECT_EQ(body_of(kWindowed, values), R"({"query":{},"limit":10})");
  values.window_end = "2022";
  EXPECT_EQ(body_of(kWindowed, values), R"({"query":{"at":{"$lt":"2022"}},"limit":10})");
}

TEST(TemplateTest, OnlyNothingIsDropped) {
  EXPECT_EQ(body_of(R"({"a":{},"b":null,"c":"","d":[],"e":{"x":"${page}"}})"),
            R"({"a":{},"b":null,"c":"","d":[]})");
  EXPECT_EQ(body_of(R"({"list":["${page}",1,{"x":"${page}"}]})"), R"({"list":[1]})");
  EXPECT_EQ(body_of(R"({"page":"${page}"})"), "{}");
  EXPECT_EQ(body_of(R"({"q":"after ${cursor} only","r":1})"), R"({"r":1})");
}

TEST(TemplateTest, ADoubledDollarIsLiteral) {
  EXPECT_EQ(body_of(R"({"a":"$${page}","b":"$5","c":"${X:-y}"})"),
            R"({"a":"${page}","b":"$5","c":"y"})");
}

TEST(TemplateTest, KeysOfMappingsAreRenderedToo) {
  RunValues values;
  values.cursor = "k";
  EXPECT_EQ(body_of(R"({"${cursor}":1})", values), R"({"k":1})");
}

TEST(TemplateTest, QueryParametersAreEncodedAndDroppedWhenAbsent) {
  Request request;
  request.path = "/a b/${cursor}/c%2Fd";
  request.query = {{"q&", "x y/\xc3\xa9+~"}, {"page", "${page}"}, {"ids", "${keys}"}};
  RunValues values;
  values.cursor = "e/f?";
  values.keys = {"1", "2"};
  values.keys_are_numbers = true;
  EXPECT_EQ(rendered(request, values).url,
            "https://h/v1/a%20b/e%2Ff%3F/c%2Fd?q%26=x%20y%2F%C3%A9%2B~&ids=1%2C2");
}

TEST(TemplateTest, WhatIsShownLeavesTheEnvironmentAsWritten) {
  Request request = post(R"({"k":"${KEY}"})");
  request.query = {{"k", "${KEY}"}};
  request.headers = {{"X-Key", "v ${KEY}"}};
  const auto both = rendered(request, {}, {{"KEY", base::Secret("s3 cret")}});
  EXPECT_EQ(both.url, "https://h/v1/orders?k=s3%20cret");
  EXPECT_EQ(both.shown_url, "https://h/v1/orders?k=${KEY}");
  EXPECT_EQ(both.headers.front().second, "v s3 cret");
  EXPECT_EQ(both.shown_headers.front().second, "v ${KEY}");
  EXPECT_EQ(both.body, R"({"k":"s3 cret"})");
  EXPECT_EQ(both.shown_body, R"({"k":"${KEY}"})");
}

TEST(TemplateTest, WhatCannotBeSentIsAnError) {
  Request request;
  request.path = "/a/${cursor}";
  EXPECT_EQ(error_of(request), "a run value in the path is absent: /a/${cursor}");
  RunValues dots;
  dots.cursor = "..";
  EXPECT_EQ(error_of(request, dots), "the path has a segment '.' or '..': /a/${cursor}");
  request.path = "/${nothing}";
  EXPECT_EQ(error_of(request), "unknown name in ${nothing}");
  request.path = "/${NOTHING}";
  EXPECT_EQ(error_of(request), "environment variable is not set: NOTHING");
  request.path = "";
  request.headers = {{"X-Key", "${KEY}"}};
  EXPECT_EQ(error_of(request, {}, {{"KEY", base::Secret("a\r\nb")}}),
            "a header's value holds a control character: X-Key");
  EXPECT_EQ(error_of(post("{")), "the request's body is not JSON");
}

TEST(TemplateTest, WindowEndsAreRoundedOutwards) {
  const base::Window window{base::timestamp_of_micros(1'667'260'800'000'001),
                            base::timestamp_of_micros(1'667'347'200'000'001)};
  const auto ends = [&](WindowFormat format) {
    const auto values = window_values(window, {.column = "at", .format = format});
    return *values.window_start + " " + *values.window_end;
  };
  EXPECT_EQ(ends(WindowFormat::kIsoMillis), "2022-11-01T00:00:00.000Z 2022-11-02T00:00:00.001Z");
  EXPECT_EQ(ends(WindowFormat::kIsoSeconds), "2022-11-01T00:00:00Z 2022-11-02T00:00:01Z");
  EXPECT_EQ(ends(WindowFormat::kDate), "2022-11-01 2022-11-03");
  EXPECT_EQ(ends(WindowFormat::kUnixSeconds), "1667260800 1667347201");
  EXPECT_EQ(ends(WindowFormat::kUnixMillis), "1667260800000 1667347200001");
}

TEST(TemplateTest, UnixTimesAreNumbersInABody) {
  const base::Window window{base::timestamp_of_micros(5'000'000), std::nullopt};
  const auto values = window_values(window, {.column = "at", .format = WindowFormat::kUnixSeconds});
  EXPECT_EQ(body_of(R"({"at":{"from":"${window.start}","to":"${window.end}"}})", values),
            R"({"at":{"from":5}})");
}

}  // namespace
}  // namespace ashore::config
