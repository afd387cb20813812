// Random sources with random faults: what is landed is what the source had at one instant.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "extract/extract.h"
#include "extract/testing/extract_fixture.h"

namespace ashore::extract {
namespace {

using Json = nlohmann::ordered_json;
using Ids = std::vector<int>;

enum class Fault {
  kNone,
  kMovedItem,     // an item moves to the end while pages are read
  kStalePage,     // a cache gives a page of before a move, until it forgets
  kLostCursor,    // an answer names no next page though one follows
  kDeletedItem,   // an item goes while pages are read
  kRepeatedItem,  // an answer repeats the item before its first
  kReplacedItem,  // one item goes and another comes: the total stays
};
constexpr int kFaults = 7;

// What the pipeline file says, and how the source really works.
struct Plan {
  config::PageStyle style = config::PageStyle::kNumber;
  bool by_last_item = false;
  bool has_id = false, has_total = false, has_page_count = false, has_more = false;
  bool verifies = false;
  bool leaves_end_out = false;  // the last answer lacks the key, instead of null
  int size = 3;
  int parallel = 1;
  Fault fault = Fault::kNone;
  int at = 0;      // the request at which it happens, from 1
  int victim = 0;  // the place of the item that it happens to

  // Whether the file names what reveals the fault.
  [[nodiscard]] bool reveals() const {
    switch (fault) {
      case Fault::kNone:
        return true;
      case Fault::kMovedItem:
      case Fault::kStalePage:
      case Fault::kRepeatedItem:
        return has_id && has_total;
      case Fault::kDeletedItem:
        return has_total || verifies;
      case Fault::kLostCursor:
        return has_total || has_more;
      case Fault::kReplacedItem:
        return verifies;
    }
    return false;
  }
};

// A source that pages over its items as they are when it is asked.
class Source {
 public:
  Source(const Plan& plan, Ids items, io::FakeClock& clock)
      : plan_(plan), states_{std::move(items)}, clock_(clock) {}

  io::HttpResponse answer_to(const io::HttpRequest& request) {
    ++asked_;
    const bool is_due = asked_ == plan_.at;
    if (is_due) change();
    const int offset = offset_of(request.url);
    const bool is_stale = plan_.fault == Fault::kStalePage && asked_ >= plan_.at && offset > 0 &&
                          offset % (2 * plan_.size) == 0 && is_cached();
    const Ids& items = is_stale ? states_.front() : states_.back();
    return page(items, offset, is_due);
  }

  // The sets of items that the source had, one after another.
  [[nodiscard]] bool had(const std::set<int>& ids) const {
    return std::ranges::any_of(states_, [&](const Ids& items) {
      return std::set<int>(items.begin(), items.end()) == ids;
    });
  }
  [[nodiscard]] std::string text() const {
    std::string text;
    for (const auto& items : states_) {
      text += "state:";
      for (const int id : items) text += " " + std::to_string(id);
      text += "\n";
    }
    return text;
  }

 private:
  static constexpr std::chrono::seconds kCacheTime{20};

  bool is_cached() {
    if (!cached_since_) cached_since_ = clock_.steady_now();
    return clock_.steady_now() - *cached_since_ < kCacheTime;
  }

  void change() {
    Ids items = states_.back();
    if (items.empty()) return;
    const auto victim = items.begin() + plan_.victim % static_cast<int>(items.size());
    switch (plan_.fault) {
      case Fault::kMovedItem:
      case Fault::kStalePage:
        std::rotate(victim, victim + 1, items.end());
        break;
      case Fault::kDeletedItem:
        items.erase(victim);
        break;
      case Fault::kReplacedItem:
        items.erase(victim);
        items.push_back(1000);
        break;
      default:
        return;
    }
    states_.push_back(std::move(items));
  }

  [[nodiscard]] int offset_of(const std::string& url) const {
    const auto number = [&](const char* name) {
      return static_cast<int>(std::max<std::int64_t>(number_in(url, name), 0));
    };
    if (plan_.by_last_item) return offset_behind(static_cast<int>(number_in(url, "after")));
    if (plan_.style == config::PageStyle::kNumber) return (number("page") - 1) * plan_.size;
    return number(plan_.style == config::PageStyle::kOffset ? "offset" : "at");
  }
  // A keyset: behind the item of that id, wherever it is now.
  [[nodiscard]] int offset_behind(int id) const {
    if (id < 0) return 0;
    const auto& items = states_.back();
    const auto behind = std::ranges::find_if(items, [&](int item) { return item > id; });
    return static_cast<int>(behind - items.begin());
  }

  [[nodiscard]] io::HttpResponse page(const Ids& items, int offset, bool is_due) const {
    const int count = static_cast<int>(items.size());
    const bool is_all = plan_.style == config::PageStyle::kNone;
    const int end = is_all ? count : std::min(offset + plan_.size, count);
    Json body;
    body["items"] = Json::array();
    if (is_due && plan_.fault == Fault::kRepeatedItem && offset > 0 && offset < end) {
      body["items"].push_back({{"id", items[static_cast<std::size_t>(offset - 1)]}});
      ++offset;
    }
    for (int index = offset; index < end; ++index) {
      body["items"].push_back({{"id", items[static_cast<std::size_t>(index)]}});
    }
    if (plan_.has_total) body["total"] = count;
    if (plan_.has_page_count) body["pages"] = (count + plan_.size - 1) / plan_.size;
    const bool follows = end < count;
    if (plan_.has_more) body["more"] = follows;
    const bool loses = is_due && plan_.fault == Fault::kLostCursor;
    const std::string link = "/orders?at=" + std::to_string(end);
    io::HttpHeaders headers = {{"cache-control", "max-age=20"}};
    if (plan_.style == config::PageStyle::kCursor && !plan_.by_last_item) {
      name_next(&body, follows && !loses, Json(end));
    }
    if (plan_.style == config::PageStyle::kNext) name_next(&body, follows && !loses, Json(link));
    if (plan_.style == config::PageStyle::kLink) {
      const bool is_named = follows && !loses;
      headers.emplace_back("link", is_named ? "<" + link + ">; rel=\"next\""
                                            : std::string("</orders>; rel=\"first\""));
    }
    return answer(200, body.dump(), headers);
  }

  void name_next(Json* body, bool follows, const Json& next) const {
    if (follows) {
      (*body)["next"] = next;
    } else if (!plan_.leaves_end_out) {
      (*body)["next"] = nullptr;
    }
  }

  const Plan& plan_;
  std::vector<Ids> states_;
  io::FakeClock& clock_;
  int asked_ = 0;
  std::optional<std::chrono::steady_clock::time_point> cached_since_;
};

config::Pipeline pipeline_of(const Plan& plan) {
  config::Pipeline pipeline;
  pipeline.name = "shop";
  pipeline.sha256 = std::string(64, 'a');
  pipeline.source_name = "shop";
  pipeline.source_url = "http://a.example";
  auto& extract = pipeline.extract;
  extract.request.path = "/orders";
  extract.pages.style = plan.style;
  extract.pages.size = plan.size;
  extract.pages.parallel = plan.parallel;
  extract.pages.verify = plan.verifies;
  extract.items.at = pointer("/items");
  if (plan.has_id) extract.items.id = pointer("/id");
  if (plan.has_total) extract.items.total = pointer("/total");
  if (plan.has_page_count) extract.items.page_count = pointer("/pages");
  if (plan.has_more) extract.items.more = pointer("/more");
  switch (plan.style) {
    case config::PageStyle::kNumber:
      extract.request.query = {{"page", "${page}"}};
      break;
    case config::PageStyle::kOffset:
      extract.request.query = {{"offset", "${offset}"}};
      break;
    case config::PageStyle::kCursor:
      extract.request.query = {{plan.by_last_item ? "after" : "at", "${cursor}"}};
      (plan.by_last_item ? extract.pages.last_item : extract.pages.cursor) =
          pointer(plan.by_last_item ? "/id" : "/next");
      break;
    case config::PageStyle::kNext:
      extract.pages.next = pointer("/next");
      break;
    default:
      break;
  }
  // What the first answer does not name at all is said to be the end.
  extract.pages.absent_means_end = plan.leaves_end_out;
  return pipeline;
}

class Chance {
 public:
  explicit Chance(std::uint64_t seed) : engine_(seed) {}
  int below(int count) { return static_cast<int>(engine_() % static_cast<std::uint64_t>(count)); }
  bool coin() { return below(2) == 0; }

 private:
  std::mt19937_64 engine_;
};

Plan random_plan(Chance& chance) {
  Plan plan;
  constexpr std::array kStyles = {config::PageStyle::kNumber, config::PageStyle::kOffset,
                                  config::PageStyle::kCursor, config::PageStyle::kNext,
                                  config::PageStyle::kLink,   config::PageStyle::kNone};
  do {
    plan = Plan{};
    plan.style = kStyles[static_cast<std::size_t>(chance.below(6))];
    plan.by_last_item = plan.style == config::PageStyle::kCursor && chance.coin();
    plan.has_id = chance.below(4) > 0;
    plan.has_total = chance.coin();
    plan.has_page_count = plan.style == config::PageStyle::kNumber && chance.below(4) == 0;
    plan.has_more = chance.below(3) == 0;
    plan.verifies = plan.has_id && chance.below(3) == 0;
    plan.leaves_end_out = chance.coin();
    plan.size = 1 + chance.below(5);
    plan.parallel = 1 + chance.below(2);
    plan.fault = static_cast<Fault>(chance.below(kFaults));
    plan.at = 1 + chance.below(12);
    plan.victim = chance.below(64);
  } while (!plan.reveals());
  return plan;
}

std::string text_of(const Plan& plan) {
  return "style " + std::to_string(static_cast<int>(plan.style)) +
         (plan.by_last_item ? " last item" : "") + (plan.has_id ? " id" : "") +
         (plan.has_total ? " total" : "") + (plan.has_page_count ? " page_count" : "") +
         (plan.has_more ? " more" : "") + (plan.verifies ? " verify" : "") +
         (plan.leaves_end_out ? " leaves-end-out" : "") + " size " + std::to_string(plan.size) +
         " parallel " + std::to_string(plan.parallel) + " fault " +
         std::to_string(static_cast<int>(plan.fault)) + " at " + std::to_string(plan.at) +
         " victim " + std::to_string(plan.victim);
}

std::set<int> landed_ids(io::ObjectStore& store, const state::Manifest& manifest) {
  std::set<int> ids;
  for (const auto& file : manifest.files) {
    const auto body = Json::parse(store.read(file.path).value());
    for (const auto& item : body["items"]) ids.insert(item["id"].get<int>());
  }
  return ids;
}

TEST(CompletenessPropertyTest, WhatLandsIsWhatTheSourceHadAtOneInstant) {
  const char* const given = std::getenv("ASHORE_TEST_SEED");
  const std::uint64_t seed = given == nullptr ? 20221101 : std::stoull(given);
  int landed = 0;
  int refused = 0;
  for (std::uint64_t round = 0; round < 10'000; ++round) {
    Chance chance(seed + round);
    const Plan plan = random_plan(chance);
    Ids items(static_cast<std::size_t>(chance.below(18)));
    for (std::size_t index = 0; index < items.size(); ++index)
      items[index] = static_cast<int>(index);
    io::FakeClock clock;
    Source source(plan, items, clock);
    io::ScriptedTransport transport(
        [&](const io::HttpRequest& request) -> base::Result<io::HttpResponse> {
          return source.answer_to(request);
        });
    io::MemoryStore store;
    io::SeededRandom random{seed};
    io::Env env{.http = transport, .store = store, .clock = clock, .random = random};
    base::NullEventSink events;
    const auto pipeline = pipeline_of(plan);
    Options options;
    options.run_id = "run";
    const auto landing = extract(pipeline, options, {env, events, {}});
    SCOPED_TRACE("seed " + std::to_string(seed + round) + ": " + text_of(plan) + "\n" +
                 source.text());
    if (!landing.ok()) {
      ++refused;
      // A source without faults is never refused.
      ASSERT_NE(plan.fault, Fault::kNone) << landing.error().message();
      continue;
    }
    ++landed;
    const auto ids = landed_ids(store, landing.value().manifest);
    std::string text;
    for (const int id : ids) text += " " + std::to_string(id);
    ASSERT_TRUE(source.had(ids)) << "landed:" << text;
  }
  EXPECT_GT(landed, 6'500);
  EXPECT_GT(refused, 0);
}

}  // namespace
}  // namespace ashore::extract
