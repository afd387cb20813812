// Events as lines for people and as JSON for programs.
#include "base/event.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace ashore::base {
namespace {

using Json = nlohmann::json;

TEST(EventTest, AnEventIsOneLineOfJsonWithItsFields) {
  PageLanded landed{.page = 3, .pages_total = 21, .bytes = 11'000, .items = 10};
  EXPECT_EQ(event_json(landed),
            R"({"event":"PageLanded","page":3,"pages_total":21,"bytes":11000,"items":10})");
  landed.pages_total.reset();
  EXPECT_EQ(event_json(landed), R"({"event":"PageLanded","page":3,"bytes":11000,"items":10})");
}

TEST(EventTest, HostileTextStaysJson) {
  const auto line = event_json(Warned{.what = "a\"b\\c\nd\x01 \xff \xc3\xa9"});
  EXPECT_EQ(line.find('\n'), std::string::npos);
  EXPECT_EQ(Json::parse(line)["what"], "a\"b\\c\nd\x01 \xef\xbf\xbd \xc3\xa9");
}

// One of each kind, with its defaults.
template <std::size_t... Indices>
std::vector<Event> one_of_each(std::index_sequence<Indices...>) {
  return {Event(std::in_place_index<Indices>)...};
}

TEST(EventTest, EveryEventHasItsNameAndItsFieldsInItsJson) {
  std::set<std::string> names;
  for (const auto& event : one_of_each(std::make_index_sequence<std::variant_size_v<Event>>())) {
    const auto json = Json::parse(event_json(event));
    EXPECT_EQ(json["event"], event_name(event));
    EXPECT_GT(json.size(), 1U) << event_name(event);
    EXPECT_EQ(event_text(event).find('\n'), std::string::npos);
    names.insert(std::string(event_name(event)));
  }
  EXPECT_EQ(names.size(), std::variant_size_v<Event>);
}

TEST(EventTest, TextsAreForPeople) {
  EXPECT_EQ(event_text(PageLanded{.page = 3, .pages_total = 21, .bytes = 11'000, .items = 10}),
            "page 3 of 21 landed, 10 items, 11000 bytes");
  EXPECT_EQ(event_text(TablePublished{
                .table = "orders", .version = 1, .rows = 1, .files_added = 3, .files_removed = 4}),
            "table 'orders' published: version 1, 1 row, 3 files added, 4 removed");
}

TEST(EventTest, LevelsSayWhoMustAct) {
  EXPECT_EQ(event_level(Failed{}), Level::kError);
  EXPECT_EQ(event_level(CheckFailed{}), Level::kError);
  CheckFailed warning;
  warning.is_warning = true;
  EXPECT_EQ(event_level(warning), Level::kWarn);
  EXPECT_EQ(event_level(RequestRetried{}), Level::kWarn);
  EXPECT_EQ(event_level(TablePublished{}), Level::kInfo);
  EXPECT_EQ(event_level(PageLanded{}), Level::kDebug);
}

}  // namespace
}  // namespace ashore::base
