// What one pass finds is what the reader finds that looks for each field.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
// rapidcheck/gtest.h needs gtest.h before it.
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "json/envelope_scan.h"
#include "json/scanner.h"
#include "json/validate.h"

namespace ashore::json {
namespace {

std::string text_of(const base::Result<Envelope>& read) {
  if (!read.ok()) return "error: " + read.error().message();
  const auto& envelope = read.value();
  std::string text = std::to_string(envelope.items_count) + " items, ids";
  for (const auto& id : envelope.ids) text += " " + id;
  if (envelope.total) text += ", total " + std::to_string(*envelope.total);
  if (envelope.page_count) text += ", pages " + std::to_string(*envelope.page_count);
  text += ", next " + std::to_string(static_cast<int>(envelope.next_kind)) + " " +
          envelope.next.value_or("none");
  if (envelope.more) text += *envelope.more ? ", more" : ", no more";
  return text;
}

// Nothing where it takes two passes.
std::optional<Envelope> in_one_pass(std::string_view body, const EnvelopePaths& paths) {
  EnvelopeScan scan(paths);
  Scanner scanner(body, 512, &scan);
  EXPECT_TRUE(scanner.scan()) << body;
  return std::move(scan).finish();
}

Pointer at(std::string_view text) { return Pointer::parse(text).value(); }

// The sides must agree, and the common shapes must take one pass.
void expect_one_pass(std::string_view body, const EnvelopePaths& paths) {
  ASSERT_TRUE(validate(body, {}).ok()) << body;
  const auto found = in_one_pass(body, paths);
  ASSERT_TRUE(found) << body;
  EXPECT_EQ(text_of(*found), text_of(read_envelope(body, paths))) << body;
}
void expect_two_passes(std::string_view body, const EnvelopePaths& paths) {
  EXPECT_FALSE(in_one_pass(body, paths)) << body;
  EXPECT_EQ(text_of(scan_page(body, {}, paths)), text_of(read_envelope(body, paths))) << body;
}

TEST(EnvelopeScanTest, CommonShapesTakeOnePass) {
  const EnvelopePaths docs{at("/docs"),     at("/id"),   at("/count"), at("/pageCount"),
                           at("/nextPage"), at("/more"), std::nullopt};
  expect_one_pass(R"({"docs":[{"id":"a","n":[1,{"id":2}]},{"x":{"id":9},"id":7}],"count":2,
                      "pageCount":1,"nextPage":null,"more":false,"other":[[{}]]})",
                  docs);
  expect_one_pass(R"({"count":0,"docs":[],"pageCount":0,"nextPage":"p2","more":true})", docs);
  expect_one_pass(R"({"count":3,"docs":[{},{"id":null},5],"pageCount":1,"nextPage":""})", docs);
  const EnvelopePaths root{Pointer(), at("/id"), {}, {}, {}, {}, {}};
  expect_one_pass(R"( [ {"id" : 1 } , {"id": "b" } ] )", root);
  expect_one_pass(R"({"id": 1, "docs": [1, 2]})", root);
  const EnvelopePaths ids{
      at("/data/list"), Pointer(), at("/data/meta/n"), {}, at("/links/next"), {}, {}};
  expect_one_pass(R"({"links":{"self":1,"next":17},"data":{"meta":{"n":3},"list":["a",2,null]}})",
                  ids);
  const EnvelopePaths last{at("/items"), at("/id"), {}, {}, {}, {}, at("/id")};
  expect_one_pass(R"({"items":[{"id":1},{"id":2}]})", last);
  expect_one_pass(R"({"items":[{"id":1},{"x":2}]})", last);
  expect_one_pass(R"({"items":[]})", last);
}

TEST(EnvelopeScanTest, AbsentItemsAreReadAgain) {
  EnvelopePaths docs{at("/docs"), at("/id"), at("/n"), {}, {}, {}, {}};
  docs.absent_items_are_none = true;
  for (const auto* const body :
       {R"({"docs":null,"n":0})", R"({"n":0})", R"({})", R"({"n":0,"error":"slow down"})"}) {
    expect_two_passes(body, docs);
  }
  expect_one_pass(R"({"docs":[],"n":0,"error":"odd"})", docs);
}

TEST(EnvelopeScanTest, UncommonShapesAreReadAgain) {
  const EnvelopePaths docs{at("/docs"), at("/id"), at("/n"), {}, at("/next"), {}, {}};
  expect_two_passes(R"({"docs":[],"n":1,"n":1})", docs);           // twice
  expect_two_passes(R"({"docs":[],"\u006e":1})", docs);            // escaped
  expect_two_passes(R"({"docs":[]})", docs);                       // missing
  expect_two_passes(R"({"docs":[],"n":-1})", docs);                // no count
  expect_two_passes(R"({"docs":[],"n":[1]})", docs);               // no scalar
  expect_two_passes(R"({"docs":[],"n":1,"next":"a\/b"})", docs);   // to be unescaped
  expect_two_passes(R"({"docs":[],"n":1,"next":true})", docs);     // no cursor
  expect_two_passes(R"({"docs":[{"id":[1]}],"n":1})", docs);       // no id
  expect_two_passes(R"({"docs":[{"id":1,"id":2}],"n":1})", docs);  // two ids
  expect_two_passes(R"({"docs":5,"n":1})", docs);
  expect_two_passes(R"([{"docs":[],"n":1}])", docs);
  const EnvelopePaths in_array{at("/0/docs"), {}, {}, {}, {}, {}, {}};
  expect_two_passes(R"([{"docs":[1,2]}])", in_array);
  const EnvelopePaths nested{at("/docs"), {}, at("/docs/0"), {}, {}, {}, {}};
  expect_two_passes(R"({"docs":[1,2]})", nested);
}

// Documents whose keys are few, so that paths are met often, twice, and by other kinds of values.
std::string random_value(std::mt19937_64& random, int depth) {
  const auto pick = [&](int count) {
    return static_cast<int>(random() % static_cast<unsigned>(count));
  };
  static const std::vector<std::string> kScalars = {"1",
                                                    "0",
                                                    "-3",
                                                    "12.5",
                                                    "null",
                                                    "true",
                                                    "false",
                                                    R"("")",
                                                    R"("a")",
                                                    R"("b c")",
                                                    R"("\u0061")",
                                                    R"("x\/y")",
                                                    "9223372036854775808",
                                                    R"("7")"};
  const int kind = depth == 0 ? 0 : pick(4);
  if (kind < 2) return kScalars[static_cast<std::size_t>(pick(static_cast<int>(kScalars.size())))];
  static const std::vector<std::string> kKeys = {"a", "b", "c", "0", R"(\u0061)", "d"};
  const int count = pick(5);
  std::string text = kind == 2 ? "{" : "[";
  for (int index = 0; index < count; ++index) {
    if (index > 0) text += pick(2) == 0 ? "," : " , ";
    if (kind == 2) text += '"' + kKeys[static_cast<std::size_t>(pick(6))] + "\": ";
    text += random_value(random, depth - 1);
  }
  return text + (kind == 2 ? "}" : "]");
}

Pointer random_pointer(std::mt19937_64& random, int length_min) {
  static const std::vector<std::string> kTokens = {"a", "b", "c", "0"};
  std::string text;
  const auto length = length_min + static_cast<int>(random() % 2);
  for (int index = 0; index < length; ++index) text += "/" + kTokens[random() % kTokens.size()];
  return at(text);
}

TEST(EnvelopeScanTest, AgreesWithTheReaderOnAnyDocument) {
  std::mt19937_64 random(20261201);
  int common = 0;
  for (int round = 0; round < 200'000; ++round) {
    const auto body = random_value(random, 5);
    EnvelopePaths paths;
    paths.items = random_pointer(random, 0);
    const auto maybe = [&](int length_min) {
      return random() % 2 == 0 ? std::optional(random_pointer(random, length_min)) : std::nullopt;
    };
    paths.id = maybe(0);
    if (random() % 3 == 0) paths.total = random_pointer(random, 1);
    if (random() % 3 == 0) paths.page_count = random_pointer(random, 1);
    paths.next = maybe(1);
    if (random() % 3 == 0) paths.more = random_pointer(random, 1);
    if (random() % 4 == 0) paths.last_item = random_pointer(random, 1);
    const auto expected = text_of(read_envelope(body, paths));
    if (const auto found = in_one_pass(body, paths)) {
      ++common;
      ASSERT_EQ(text_of(*found), expected)
          << body << " items " << paths.items.to_string() << " id "
          << (paths.id ? paths.id->to_string() : "-") << " next "
          << (paths.next ? paths.next->to_string() : "-") << " last "
          << (paths.last_item ? paths.last_item->to_string() : "-");
    }
  }
  EXPECT_GT(common, 3'000);  // else little was compared
}

}  // namespace
}  // namespace ashore::json
