// Made-up texts: validate(), envelopes and slices agree with a second JSON library.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <nlohmann/json.hpp>

#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "json/envelope.h"
#include "json/pointer.h"
#include "json/validate.h"

namespace ashore::json {
namespace {

using Json = nlohmann::ordered_json;
using Engine = std::mt19937_64;

std::size_t pick(Engine& engine, std::size_t count) {
  return static_cast<std::size_t>(engine() % count);
}

// Pieces that are JSON, and pieces that nearly are. Lone surrogates, numbers past a double and a
// byte order mark are left out: there the libraries differ on purpose.
const std::vector<std::string> kPieces = {
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "\"a\"",
    "\"\"",
    "1",
    "-0",
    "01",
    "-",
    "1.5",
    "1.",
    "2e-3",  // exponents that more digits follow are kept negative or closed: within a double
    "[2E+3]",
    "[2e]",
    "true",
    "false",
    "null",
    "nul",
    " ",
    "\n",
    "\t",
    "\"\\n\"",
    "\"\\x\"",
    "\"\\u00e9\"",
    "\"\\u12\"",
    "\"\xc3\xa9\"",
    "\"\xc3\"",
    "\"\xf0\x9f\x98\x80\"",
    "\"\xed\xa0\x80\"",
    "\"\x01\"",
    "\"\x7f\"",
    "\"",
    "\\",
    "\"0123456789abcdef\"",
    "\"0123456789abcde\\\"\"",
    "\"a\":1",
    "\xff",
    "\f",
    "'a'",
    "/"};

std::string random_pieces(Engine& engine) {
  std::string text;
  const auto count = 1 + pick(engine, 8);
  for (std::size_t index = 0; index < count; ++index) text += kPieces[pick(engine, kPieces.size())];
  return text;
}

std::string random_text(Engine& engine) {
  static const std::vector<std::string> kParts = {
      "a", "é", "日", "😀", "\"", "\\", "\n", "/", "~", "plain words of some length "};
  std::string text;
  const auto count = pick(engine, 6);
  for (std::size_t index = 0; index < count; ++index) text += kParts[pick(engine, kParts.size())];
  return text;
}

Json random_value(Engine& engine, int depth) {
  switch (pick(engine, depth > 0 ? 8 : 6)) {
    case 0:
      return nullptr;
    case 1:
      return pick(engine, 2) == 0;
    case 2:
      return static_cast<std::int64_t>(engine());
    case 3:
      return static_cast<double>(static_cast<std::int64_t>(engine())) / 1024.0;
    case 4:
    case 5:
      return random_text(engine);
    case 6: {
      Json array = Json::array();
      for (auto left = pick(engine, 5); left > 0; --left) {
        array.push_back(random_value(engine, depth - 1));
      }
      return array;
    }
    default: {
      Json object = Json::object();
      for (auto left = pick(engine, 5); left > 0; --left) {
        object[random_text(engine)] = random_value(engine, depth - 1);
      }
      return object;
    }
  }
}

void expect_same_verdict(const std::string& text) {
  const auto status = validate(text, {});
  RC_LOG() << "text: " << text << '\n';
  RC_ASSERT(status.ok() == Json::accept(text));
  if (!status.ok()) RC_ASSERT(status.error().what().find("line ") != std::string::npos);
}

TEST(JsonPropertyTest, ValidTextsAreAcceptedHoweverTheyAreIndented) {
  EXPECT_TRUE(rc::check([](std::uint64_t seed) {
    Engine engine(seed);
    const auto value = random_value(engine, 5);
    const auto text = value.dump(static_cast<int>(pick(engine, 4)) - 1, ' ', pick(engine, 2) == 0);
    RC_ASSERT(validate(text, {}).ok());
  }));
}

TEST(JsonPropertyTest, PiecesOfJsonGetTheVerdictOfTheOtherLibrary) {
  EXPECT_TRUE(rc::check([](std::uint64_t seed) {
    Engine engine(seed);
    for (int round = 0; round < 200; ++round) expect_same_verdict(random_pieces(engine));
  }));
}

TEST(JsonPropertyTest, ATextWithOneByteChangedGetsTheVerdictOfTheOtherLibrary) {
  EXPECT_TRUE(rc::check([](std::uint64_t seed) {
    Engine engine(seed);
    auto text = random_value(engine, 4).dump();
    static constexpr std::string_view kBytes = "{}[],:\"\\ 0a-.\n\x01\x80\xe9";
    text[pick(engine, text.size())] = kBytes[pick(engine, kBytes.size())];
    expect_same_verdict(text);
  }));
}

TEST(JsonPropertyTest, ATextCutShortIsNeverAccepted) {
  EXPECT_TRUE(rc::check([](std::uint64_t seed) {
    Engine engine(seed);
    const auto text = "[" + random_value(engine, 4).dump() + "]";
    RC_ASSERT(!validate(text.substr(0, pick(engine, text.size())), {}).ok());
  }));
}

// An item with an id of any kind, among fields that may be deep.
Json random_item(Engine& engine, std::vector<std::string>* ids) {
  if (pick(engine, 10) == 0) return random_text(engine);
  Json item = Json::object();
  item["before"] = random_value(engine, 3);
  switch (pick(engine, 4)) {
    case 0:
      item["meta"]["id"] = nullptr;
      break;
    case 1:
      item["meta"] = random_text(engine);
      break;
    case 2:
      item["meta"]["other"] = random_value(engine, 2);
      break;
    default:
      item["meta"]["id"] = random_text(engine);
      ids->push_back(item["meta"]["id"].dump());
  }
  item["after"] = random_value(engine, 3);
  return item;
}

TEST(JsonPropertyTest, EnvelopesAndSlicesAreThoseOfTheOtherLibrary) {
  EXPECT_TRUE(rc::check([](std::uint64_t seed) {
    Engine engine(seed);
    std::vector<std::string> ids;
    Json items = Json::array();
    for (auto left = pick(engine, 6); left > 0; --left) items.push_back(random_item(engine, &ids));
    const Json body = {{"noise", random_value(engine, 3)}, {"rows", items}, {"total", 7}};
    const auto text = body.dump(pick(engine, 2) == 0 ? -1 : 2);

    EnvelopePaths paths;
    paths.items = Pointer::parse("/rows").value();
    paths.id = Pointer::parse("/meta/id").value();
    paths.total = Pointer::parse("/total").value();
    const auto envelope = read_envelope(text, paths);
    RC_ASSERT(envelope.ok());
    RC_ASSERT(envelope.value().items_count == static_cast<std::int64_t>(items.size()));
    RC_ASSERT(envelope.value().ids == ids);
    RC_ASSERT(envelope.value().total == 7);
  }));
}

TEST(JsonPropertyTest, PointersSurviveARoundTrip) {
  EXPECT_TRUE(rc::check([](const std::vector<std::string>& tokens) {
    std::string text;
    for (const auto& token : tokens) {
      text += '/';
      for (const char character : token) {
        text += character == '~' ? "~0" : character == '/' ? "~1" : std::string(1, character);
      }
    }
    const auto pointer = Pointer::parse(text);
    RC_ASSERT(pointer.ok());
    RC_ASSERT(pointer.value().tokens() == tokens);
    RC_ASSERT(pointer.value().to_string() == text);
  }));
}

}  // namespace
}  // namespace ashore::json
