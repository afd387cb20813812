// Pointers, validation, envelopes and slices on small bodies.
#include <gtest/gtest.h>

#include <string>

#include "json/envelope.h"
#include "json/pointer.h"
#include "json/validate.h"

namespace ashore::json {
namespace {

using base::ErrorKind;

Pointer at(std::string_view text) { return Pointer::parse(text).value(); }

TEST(PointerTest, ReadsAndWritesEscapes) {
  EXPECT_EQ(at("/a~1b/c~0d").tokens(), (std::vector<std::string>{"a/b", "c~d"}));
  EXPECT_EQ(at("/a~1b/c~0d").to_string(), "/a~1b/c~0d");
  EXPECT_TRUE(at("").is_root());
  EXPECT_FALSE(Pointer::parse("a").ok());
  EXPECT_FALSE(Pointer::parse("/a~2").ok());
}

TEST(ValidateTest, AcceptsEveryKindOfText) {
  for (const auto* body : {"{}", "[]", " null ", "1", "\"a\"", "[1,2,{\"a\":[]}]", "1e400",
                           "[123456789012345678901234567890]", R"([-1.5e+999, "\ud800", "1e5\"9"])",
                           R"(["\u0000"])", R"(["\ud800"])", R"(["\udc00\ud83d\ude00 \\ud800"])"}) {
    EXPECT_TRUE(validate(body, {}).ok()) << body;
  }
}

TEST(ValidateTest, SaysWhereABodyIsNotJson) {
  for (const auto* body :
       {"", "  ", "{", "[1,]", "{\"a\":}", "<html></html>", "[1] x", "nul", "\"abc", "[\"\xff\"]",
        R"(["\x"])", R"(["\ud8"])", "[01]", "[1.]", "[99999999999999999999,01]"}) {
    const auto status = validate(body, {});
    ASSERT_FALSE(status.ok()) << body;
    EXPECT_EQ(status.error().kind(), ErrorKind::kTransient) << body;
    EXPECT_NE(status.error().what().find("line 1"), std::string::npos) << status.error().what();
  }
}

TEST(ValidateTest, NestingIsBounded) {
  const std::string deep = std::string(10'000, '[') + std::string(10'000, ']');
  const auto status = validate(deep, {.depth_max = 512});
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().kind(), ErrorKind::kPermanent);
  EXPECT_TRUE(validate(deep, {.depth_max = 10'000}).ok());
}

TEST(ValidateTest, NamesTheLineTheColumnAndTheCause) {
  const auto why = [](std::string_view body) { return validate(body, {}).error().what(); };
  EXPECT_EQ(why("{\n  \"a\": 1,\n  \"b\" 2\n}"),
            "not JSON: ':' is missing after a key (line 3, column 7)");
  EXPECT_EQ(why("[1, 2"), "not JSON: the body was cut short (line 1, column 6)");
  EXPECT_EQ(why("[\"ab"), "not JSON: the body was cut short (line 1, column 5)");
  EXPECT_EQ(why("[1] x"), "not JSON: something follows the end of the document (line 1, column 5)");
  EXPECT_EQ(why("<!DOCTYPE html>"), "not JSON: it looks like HTML or XML (line 1, column 1)");
  EXPECT_EQ(why("[\"\xc3\xa9\xff\"]"), "not JSON: bytes that are not UTF-8 (line 1, column 5)");
  EXPECT_EQ(why("\xef\xbb\xbf{}"), "not JSON: a byte order mark comes first (line 1, column 1)");
  EXPECT_EQ(why("NaN"), "not JSON: no JSON value (line 1, column 1)");
  EXPECT_EQ(why("[007]"), "not JSON: a number begins with 0 (line 1, column 3)");
}

TEST(ValidateTest, ASpecialByteIsSeenWhereverItStandsInALongString) {
  for (std::size_t place = 0; place < 70; ++place) {
    std::string text = "\"" + std::string(70, 'a') + "\"";
    EXPECT_TRUE(validate(text, {}).ok());
    text[place + 1] = '\x1f';
    EXPECT_FALSE(validate(text, {}).ok()) << place;
    text[place + 1] = '"';
    EXPECT_FALSE(validate(text, {}).ok()) << place;
  }
}

TEST(ValidateTest, AStringOfTenMegabytesIsJson) {
  EXPECT_TRUE(validate("[\"" + std::string(10 << 20, 'x') + "\"]", {}).ok());
}

TEST(EnvelopeTest, ReadsPastDeepItems) {
  const std::string deep = std::string(10'000, '[') + std::string(10'000, ']');
  const std::string body = "{\"rows\":[" + deep + ",{\"a\":" + deep + ",\"id\":1}]}";
  EnvelopePaths paths;
  paths.items = at("/rows");
  paths.id = at("/id");
  EXPECT_EQ(read_envelope(body, paths).value().ids, (std::vector<std::string>{"1"}));
}

TEST(EnvelopeTest, TellsHowNextIsThere) {
  const auto kind_in = [](std::string_view body) {
    EnvelopePaths paths{
        .items = at("/items"), .id = {}, .total = {}, .page_count = {}, .next = at("/next")};
    return read_envelope(body, paths).value().next_kind;
  };
  EXPECT_EQ(kind_in(R"({"items":[]})"), NextKind::kAbsent);
  EXPECT_EQ(kind_in(R"({"items":[],"next":null})"), NextKind::kNull);
  EXPECT_EQ(kind_in(R"({"items":[],"next":""})"), NextKind::kEmpty);
  EXPECT_EQ(kind_in(R"({"items":[],"next":7})"), NextKind::kValue);
}

TEST(EnvelopeTest, ReadsMoreAndAValueOfTheLastItem) {
  EnvelopePaths paths{.items = at("/items"),
                      .id = at("/id"),
                      .total = {},
                      .page_count = {},
                      .next = {},
                      .more = at("/more"),
                      .last_item = at("/at/id")};
  const auto envelope = read_envelope(
      R"({"items":[{"id":1,"at":{"id":"a"}},{"at":{"id":"b"},"id":2}],"more":true})", paths);
  ASSERT_TRUE(envelope.ok()) << envelope.error().message();
  EXPECT_EQ(envelope.value().next, "b");
  EXPECT_EQ(envelope.value().more, true);
  EXPECT_EQ(read_envelope(R"({"items":[]})", paths).value().next, std::nullopt);
  EXPECT_EQ(read_envelope(R"({"items":[]})", paths).value().more, std::nullopt);
  EXPECT_FALSE(read_envelope(R"({"items":[],"more":1})", paths).ok());
}

TEST(EnvelopeTest, AKeyThatComesTwiceIsNoAnswer) {
  EnvelopePaths paths{.items = at("/a/items"),
                      .id = {},
                      .total = at("/a/total"),
                      .page_count = {},
                      .next = at("/next")};
  for (const char* body :
       {R"({"a":{"items":[],"total":1,"total":1}})", R"({"a":{"items":[],"total":1},"a":{}})",
        R"({"next":1,"a":{"items":[],"total":1},"next":1})",
        R"({"next":1,"a":{"items":[],"total":1},"n\u0065xt":1})"}) {
    const auto envelope = read_envelope(body, paths);
    ASSERT_FALSE(envelope.ok()) << body;
    EXPECT_EQ(envelope.error().kind(), base::ErrorKind::kTransient);
  }
  EXPECT_TRUE(
      read_envelope(R"({"x":1,"x":2,"a":{"items":[{"b":1,"b":2}],"total":1}})", paths).ok());
}

TEST(EnvelopeTest, FieldsMayLieInArraysInItemsAndInOnePlace) {
  EnvelopePaths paths{.items = at("/rows"),
                      .id = at("/id"),
                      .total = at("/meta/0/total"),
                      .page_count = at("/meta/0/total"),
                      .next = at("/rows/next")};
  const auto one = read_envelope(
      R"({"meta":[{"total":2}],"rows":{"id":7,"next":"b","lines":[1]},"end":{}})", paths);
  ASSERT_TRUE(one.ok()) << one.error().message();
  EXPECT_EQ(one.value().items_count, 1);
  EXPECT_EQ(one.value().ids, (std::vector<std::string>{"7"}));
  EXPECT_EQ(one.value().total, 2);
  EXPECT_EQ(one.value().page_count, 2);
  EXPECT_EQ(one.value().next, "b");
  paths.total = paths.page_count = at("/n");
  const auto two = read_envelope(R"({"n":3,"rows":[{"id":1},{"id":2}]})", paths);
  ASSERT_TRUE(two.ok()) << two.error().message();
  EXPECT_EQ(two.value().total, 3);
  EXPECT_EQ(two.value().page_count, 3);
  EXPECT_EQ(two.value().items_count, 2);
  EXPECT_EQ(two.value().next_kind, NextKind::kAbsent);
}

TEST(EnvelopeTest, WhatLiesBehindAScalarIsNamed) {
  EnvelopePaths paths;
  paths.items = at("/rows");
  paths.total = at("/meta/total");
  const auto behind = read_envelope(R"({"meta":4,"rows":[]})", paths);
  ASSERT_FALSE(behind.ok());
  EXPECT_NE(behind.error().what().find("'/meta/total' cannot be reached"), std::string::npos)
      << behind.error().what();
  paths.total.reset();
  paths.more = at("/meta/more");
  EXPECT_FALSE(read_envelope(R"({"meta":4,"rows":[]})", paths).ok());
  EXPECT_TRUE(read_envelope(R"({"meta":{},"rows":[]})", paths).ok());
  paths.items = at("/meta/rows");
  EXPECT_NE(read_envelope(R"({"meta":4})", paths).error().what().find("no array or object"),
            std::string::npos);
}

TEST(EnvelopeTest, NamesTheKeysThatLieNearAMissingOne) {
  const std::string_view body = R"({"a":{"b":1,"c d":2},"items":[{"x":1,"y":2}]})";
  EXPECT_EQ(keys_near(body, at("/a/d")), (std::vector<std::string>{"b", "c d"}));
  EXPECT_EQ(keys_near(body, at("/z/d")), (std::vector<std::string>{"a", "items"}));
  EXPECT_EQ(keys_near("[1]", at("/z")), (std::vector<std::string>{}));
  EXPECT_EQ(keys_of_first_item(body, at("/items")), (std::vector<std::string>{"x", "y"}));
  EXPECT_EQ(keys_of_first_item(R"([{"x":1}])", at("")), (std::vector<std::string>{"x"}));
}

TEST(EnvelopeTest, ReadsTotalsIdsAndNext) {
  const std::string body =
      R"({"rows":[{"id":"a"},{"id":7},{"id":null},{}],"meta":{"total":4,"pages":1,"next":"c1"}})";
  const EnvelopePaths paths{.items = at("/rows"),
                            .id = at("/id"),
                            .total = at("/meta/total"),
                            .page_count = at("/meta/pages"),
                            .next = at("/meta/next")};
  const auto envelope = read_envelope(body, paths);
  ASSERT_TRUE(envelope.ok()) << envelope.error().message();
  EXPECT_EQ(envelope.value().items_count, 4);
  EXPECT_EQ(envelope.value().ids, (std::vector<std::string>{R"("a")", "7"}));
  EXPECT_EQ(envelope.value().total, 4);
  EXPECT_EQ(envelope.value().page_count, 1);
  EXPECT_EQ(envelope.value().next, "c1");
}

TEST(EnvelopeTest, AnObjectIsOneItemAndItemsMayBeTheirOwnIds) {
  EnvelopePaths paths;
  paths.id = at("/id");
  const auto one = read_envelope(R"({"id": 5, "name": "a"})", paths);
  ASSERT_TRUE(one.ok());
  EXPECT_EQ(one.value().items_count, 1);
  EXPECT_EQ(one.value().ids, (std::vector<std::string>{"5"}));
  paths.id = at("");
  EXPECT_EQ(read_envelope(R"(["a", "b", null])", paths).value().ids,
            (std::vector<std::string>{R"("a")", R"("b")"}));
}

TEST(EnvelopeTest, AbsentItemsAreNoneWhereThatIsSaid) {
  EnvelopePaths paths{.items = at("/data/rows"),
                      .id = at("/id"),
                      .total = at("/data/total"),
                      .page_count = at("/pages"),
                      .next = {}};
  const auto read = [&](std::string_view body) { return read_envelope(body, paths); };
  constexpr std::string_view kNull = R"({"data":{"rows":null,"total":0},"pages":0})";
  EXPECT_FALSE(read(kNull).ok());
  paths.absent_items_are_none = true;
  for (const auto body : {kNull, std::string_view(R"({"data":{"total":0},"pages":0})"),
                          std::string_view(R"({"data":{}})"),
                          std::string_view(R"({"data":{"rows":null},"errors":[ ],"error":null})"),
                          std::string_view(R"({"error":0,"data":{},"errors":{ }})")}) {
    const auto envelope = read(body);
    ASSERT_TRUE(envelope.ok()) << body << ": " << envelope.error().message();
    EXPECT_TRUE(envelope.value().are_items_absent) << body;
    EXPECT_EQ(envelope.value().items_count, 0) << body;
    EXPECT_EQ(envelope.value().total, 0) << body;
    EXPECT_EQ(envelope.value().page_count, 0) << body;
  }
  // A total that says otherwise is not for this function to doubt.
  EXPECT_EQ(read(R"({"data":{"total":7}})").value().total, 7);
  // The object is not there, or there is an error, or something else, or items without a total.
  for (const auto* const body :
       {R"({})", R"({"data":null})", R"({"data":[]})", R"([])",
        R"({"data":{},"error":"slow down"})",
        R"({"data":{"rows":null},"errors":[{"message":"slow down"}]})",
        R"({"data":{"rows":"none"}})", R"({"data":{"rows":0}})", R"({"data":{"rows":false}})",
        R"({"data":{"rows":[]}})", R"({"data":{"total":"0"}})"}) {
    const auto envelope = read(body);
    EXPECT_FALSE(envelope.ok()) << body;
    if (envelope.ok()) continue;
    EXPECT_EQ(envelope.error().kind(), base::ErrorKind::kPermanent) << body;
  }
  const auto there = read(R"({"data":{"rows":[{"id":1}],"total":1},"pages":1,"error":"odd"})");
  ASSERT_TRUE(there.ok()) << there.error().message();
  EXPECT_FALSE(there.value().are_items_absent);
}

TEST(EnvelopeTest, ABodyThatIsNullHasNoItemsWhereThatIsSaid) {
  EnvelopePaths paths{.items = at(""), .id = {}, .total = {}, .page_count = {}, .next = {}};
  EXPECT_FALSE(read_envelope("null", paths).ok());
  paths.absent_items_are_none = true;
  const auto envelope = read_envelope(" null ", paths);
  ASSERT_TRUE(envelope.ok()) << envelope.error().message();
  EXPECT_TRUE(envelope.value().are_items_absent);
  for (const auto* const body : {"0", "false", "\"\""}) {
    EXPECT_FALSE(read_envelope(body, paths).ok()) << body;
  }
}

TEST(EnvelopeTest, AnIdThatIsNoScalarIsAnError) {
  EnvelopePaths paths;
  paths.items = at("/rows");
  paths.id = at("/id");
  const auto envelope = read_envelope(R"({"rows":[{"id":{"$oid":"1"}}]})", paths);
  ASSERT_FALSE(envelope.ok());
  EXPECT_NE(envelope.error().what().find("'/id'"), std::string::npos);
}

TEST(EnvelopeTest, AMissingFieldIsNamed) {
  EnvelopePaths paths;
  paths.items = at("/rows");
  paths.total = at("/total");
  const auto envelope = read_envelope(R"({"rows":[]})", paths);
  ASSERT_FALSE(envelope.ok());
  EXPECT_EQ(envelope.error().kind(), ErrorKind::kPermanent);
  EXPECT_NE(envelope.error().what().find("/total"), std::string::npos);
  EXPECT_FALSE(read_envelope(R"({"rows":[],"total":"4"})", paths).ok());
  EXPECT_FALSE(read_envelope(R"({"rows":[],"total":-1})", paths).ok());
}

TEST(EnvelopeTest, NoNextIsNullAbsentOrEmpty) {
  EnvelopePaths paths;
  paths.items = at("/rows");
  paths.next = at("/next");
  for (const auto* body :
       {R"({"rows":[]})", R"({"rows":[],"next":null})", R"({"rows":[],"next":""})"}) {
    EXPECT_EQ(read_envelope(body, paths).value().next, std::nullopt) << body;
  }
  EXPECT_EQ(read_envelope(R"({"rows":[],"next":12})", paths).value().next, "12");
}

}  // namespace
}  // namespace ashore::json
