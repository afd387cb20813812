// Shows what a landing is: complete, verbatim, in order, reused by its run id, or not there.
#include "extract/extract.h"

#include <gmock/gmock.h>

#include <condition_variable>

#include "base/digest.h"
#include "extract/testing/extract_fixture.h"

namespace ashore::extract {
namespace {

using base::ErrorKind;
using testing::ElementsAre;
using testing::HasSubstr;

using ExtractTest = ExtractFixture;

TEST_F(ExtractTest, LandsEveryPageVerbatimAndTheManifest) {
  const auto landing = run(shop(25));
  ASSERT_TRUE(landing.ok()) << landing.error().message();
  EXPECT_THAT(landed(), ElementsAre("manifest.json", "page-00001.json", "page-00002.json",
                                    "page-00003.json"));
  for (std::int64_t page = 1; page <= 3; ++page) {
    EXPECT_EQ(read(raw("page-0000" + std::to_string(page) + ".json")), orders_page(page, 25));
  }
  const auto& counts = *landing.value().summary.extract;
  EXPECT_EQ(counts.requests, 3);
  EXPECT_EQ(counts.retries, 0);
  EXPECT_EQ(counts.pages, 3);
  EXPECT_EQ(counts.items, 25);
  EXPECT_EQ(counts.total, 25);
  const auto bytes_of = [](std::int64_t page) { return orders_page(page, 25).size(); };
  EXPECT_EQ(counts.bytes, static_cast<std::int64_t>(bytes_of(1) + bytes_of(2) + bytes_of(3)));
}

TEST_F(ExtractTest, TheManifestSaysWhereEachPageCameFrom) {
  const auto landing = run([](const io::HttpRequest& request) -> base::Result<io::HttpResponse> {
    return answer(200, orders_page(number_in(request.url, "page"), 12),
                  {{"content-type", "application/json"}, {"set-cookie", "session=1"}});
  });
  ASSERT_TRUE(landing.ok()) << landing.error().message();
  const auto manifest = state::parse_manifest(read(raw("manifest.json"))).value();
  EXPECT_EQ(manifest.stage, "extract");
  EXPECT_EQ(manifest.pipeline_name, "shop");
  EXPECT_EQ(manifest.started_us, base::micros_of(clock.now()));
  ASSERT_EQ(manifest.files.size(), 2U);
  EXPECT_EQ(manifest.files[1].path, raw("page-00002.json"));
  EXPECT_EQ(manifest.files[1].rows, 2);
  EXPECT_EQ(manifest.files[1].sha256, base::to_hex(base::sha256(orders_page(2, 12))));
  ASSERT_TRUE(manifest.files[1].origin);
  const auto& origin = *manifest.files[1].origin;
  EXPECT_EQ(origin.method, "GET");
  EXPECT_EQ(origin.url, "http://a.example/orders?page=2&limit=10");
  EXPECT_EQ(origin.status, 200);
  EXPECT_EQ(origin.headers, (io::HttpHeaders{{"content-type", "application/json"}}));
  EXPECT_EQ(read(raw("manifest.json")), state::manifest_json(manifest));
}

TEST_F(ExtractTest, TheRunFolderHasTheSameManifestAndTheSummary) {
  ASSERT_TRUE(run(shop(25)).ok());
  EXPECT_EQ(read("runs/20220101T000000Z-abcdef/extract.manifest.json"), read(raw("manifest.json")));
  const auto summary = state::read_summary(store, options.run_id, "extract");
  ASSERT_TRUE(summary.ok());
  EXPECT_EQ(summary.value().extract->items, 25);
}

TEST_F(ExtractTest, PagesLandInOrderHoweverTheyArrive) {
  pipeline.extract.pages.parallel = 4;
  const auto landing = run(shop(205));
  ASSERT_TRUE(landing.ok()) << landing.error().message();
  ASSERT_EQ(landing.value().manifest.files.size(), 21U);
  for (std::int64_t page = 1; page <= 21; ++page) {
    EXPECT_EQ(read(landing.value().manifest.files[static_cast<std::size_t>(page - 1)].path),
              orders_page(page, 205));
  }
}

// Answers pages after the first only when `together` of them are being asked for at once.
class GatedTransport final : public io::HttpTransport {
 public:
  explicit GatedTransport(int together) : together_(together) {}
  base::Result<io::HttpResponse> send(const io::HttpRequest& request,
                                      const std::stop_token&) override {
    const auto page = number_in(request.url, "page");
    if (page > 1) {
      std::unique_lock lock(mutex_);
      ++waiting_;
      arrived_.notify_all();
      const bool came =
          arrived_.wait_for(lock, std::chrono::seconds(20), [&] { return waiting_ >= together_; });
      if (!came) return base::permanent("the pages were not asked for together");
    }
    return answer(200, orders_page(page, 50));
  }

 private:
  const int together_;
  std::mutex mutex_;
  std::condition_variable arrived_;
  int waiting_ = 0;  // guarded by mutex_
};

TEST_F(ExtractTest, TheRestOfThePagesIsFetchedAtOnce) {
  pipeline.extract.pages.parallel = 4;
  GatedTransport transport(4);
  const auto landing = run_over(transport);
  ASSERT_TRUE(landing.ok()) << landing.error().message();
  EXPECT_EQ(landing.value().summary.extract->items, 50);
}

TEST_F(ExtractTest, EveryPageIsToldWithTheNumberOfAll) {
  ASSERT_TRUE(run(shop(25)).ok());
  const auto pages = events.of<base::PageLanded>();
  ASSERT_EQ(pages.size(), 3U);
  EXPECT_EQ(pages[0].page, 1);
  EXPECT_EQ(pages[0].pages_total, 3);
  EXPECT_EQ(pages[2].items, 5);
}

TEST_F(ExtractTest, AWindowWithoutItemsIsOneEmptyPage) {
  const auto landing = run(shop(0));
  ASSERT_TRUE(landing.ok()) << landing.error().message();
  EXPECT_EQ(landing.value().summary.extract->items, 0);
  EXPECT_EQ(landing.value().manifest.files.size(), 1U);
}

TEST_F(ExtractTest, ALandingIsReusedWithoutARequest) {
  const auto first = run(shop(25));
  ASSERT_TRUE(first.ok());
  const auto landed = read(raw("manifest.json"));
  const auto second = run(shop(99));
  ASSERT_TRUE(second.ok()) << second.error().message();
  EXPECT_TRUE(requests.empty());
  EXPECT_EQ(read(raw("manifest.json")), landed);
  EXPECT_EQ(read("runs/20220101T000000Z-abcdef/extract.manifest.json"), landed);
  EXPECT_EQ(second.value().manifest.files.size(), first.value().manifest.files.size());
  EXPECT_EQ(second.value().summary.extract->pages_reused, 3);
  EXPECT_EQ(second.value().summary.extract->total, 25);
  EXPECT_EQ(second.value().summary.extract->requests, 0);
}

TEST_F(ExtractTest, AReusedLandingGetsItsCopyBack) {
  ASSERT_TRUE(run(shop(25)).ok());
  ASSERT_TRUE(store.remove_folder("runs/20220101T000000Z-abcdef").ok());
  ASSERT_TRUE(run(shop(25)).ok());
  EXPECT_EQ(read("runs/20220101T000000Z-abcdef/extract.manifest.json"), read(raw("manifest.json")));
}

TEST_F(ExtractTest, ARunIdIsNotTakenForAnotherPipelineOrWindow) {
  ASSERT_TRUE(run(shop(25)).ok());
  pipeline.sha256 = std::string(64, 'b');
  auto second = run(shop(25));
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.error().kind(), ErrorKind::kPermanent);
  EXPECT_THAT(second.error().message(), HasSubstr("20220101T000000Z-abcdef"));
  pipeline.sha256 = std::string(64, 'a');
  pipeline.extract.window.emplace();
  options.window.start = base::timestamp_of_micros(0);
  second = run(shop(25));
  ASSERT_FALSE(second.ok());
  EXPECT_THAT(second.error().message(), HasSubstr("another window"));
  EXPECT_TRUE(requests.empty());
}

TEST_F(ExtractTest, AnUnfinishedLandingIsFetchedAgain) {
  ASSERT_TRUE(store.write(raw(".attempt-1/page-00001.json"), "old").ok());
  ASSERT_TRUE(store.write(raw("page-00009.json"), "old").ok());
  ASSERT_TRUE(run(shop(5)).ok());
  EXPECT_THAT(landed(), ElementsAre("manifest.json", "page-00001.json"));
}

TEST_F(ExtractTest, ALandingThatLostAPageIsFetchedAgain) {
  ASSERT_TRUE(run(shop(25)).ok());
  ASSERT_TRUE(store.remove(raw("page-00002.json")).ok());
  ASSERT_TRUE(run(shop(25)).ok());
  EXPECT_EQ(requests.size(), 3U);
  EXPECT_EQ(events.of<base::Warned>().size(), 1U);
  EXPECT_EQ(read(raw("page-00002.json")), orders_page(2, 25));
}

TEST_F(ExtractTest, APipelineWithoutAWindowTakesNoDates) {
  options.window.start = base::timestamp_of_micros(0);
  const auto landing = run(shop(25));
  ASSERT_FALSE(landing.ok());
  EXPECT_EQ(landing.error().kind(), ErrorKind::kPermanent);
  EXPECT_TRUE(requests.empty());
}

TEST_F(ExtractTest, AnItemThatMovesBetweenPagesRestartsTheReading) {
  int asked = 0;
  const auto landing = run([&](const io::HttpRequest& request) -> base::Result<io::HttpResponse> {
    const auto page = number_in(request.url, "page");
    // In the first reading order 9 has moved to page 2 before that is read; 10 is lost.
    if (++asked == 2) return answer(200, envelope(20, orders(9, 10) + "," + orders(11, 20)));
    return answer(200, orders_page(page, 20));
  });
  ASSERT_TRUE(landing.ok()) << landing.error().message();
  EXPECT_EQ(requests.size(), 4U);
  EXPECT_EQ(landing.value().summary.extract->requests, 4);
  EXPECT_EQ(read(raw("page-00002.json")), orders_page(2, 20));
  const auto restarts = events.of<base::ReadingRestarted>();
  ASSERT_EQ(restarts.size(), 1U);
  EXPECT_EQ(restarts[0].reading, 2);
  EXPECT_EQ(restarts[0].why, "an id comes twice: id 10 of page 1 and id 1 of page 2");
  EXPECT_THAT(landed(), ElementsAre("manifest.json", "page-00001.json", "page-00002.json"));
}

TEST_F(ExtractTest, ATotalThatDisagreesThreeTimesFailsAndLandsNothing) {
  const auto landing = run([](const io::HttpRequest& request) -> base::Result<io::HttpResponse> {
    const auto page = number_in(request.url, "page");
    return answer(200, envelope(page == 2 ? 21 : 20, orders((page - 1) * 10, page * 10)));
  });
  ASSERT_FALSE(landing.ok());
  EXPECT_EQ(landing.error().kind(), ErrorKind::kTransient);
  EXPECT_THAT(landing.error().message(),
              HasSubstr("3 readings: page 2 says 21 items in all where page 1 said 20"));
  EXPECT_EQ(requests.size(), 6U);
  EXPECT_EQ(events.of<base::ReadingRestarted>().size(), 2U);
  EXPECT_TRUE(landed().empty());
}

TEST_F(ExtractTest, APagePastTheEndIsNamed) {
  const auto landing = run([](const io::HttpRequest& request) -> base::Result<io::HttpResponse> {
    const auto page = number_in(request.url, "page");
    return answer(200, envelope(30, page < 3 ? orders((page - 1) * 10, page * 10) : ""));
  });
  ASSERT_FALSE(landing.ok());
  EXPECT_THAT(landing.error().message(),
              HasSubstr("the source says 30 items in all, its pages hold 20; page 3 is empty"));
}

// Page 2 is shifted by one: order 9 comes twice, order 19 not at all, and the total stays 20.
ExtractTest::Source shifted_shop(const std::string& cache_control, bool varies) {
  auto asked = std::make_shared<int>(0);
  return [=](const io::HttpRequest& request) -> base::Result<io::HttpResponse> {
    const auto page = number_in(request.url, "page");
    const std::string spaces(varies ? static_cast<std::size_t>(++*asked) : 0, ' ');
    return answer(200, envelope(20, page == 1 ? orders(0, 10) : orders(9, 19)) + spaces,
                  {{"cache-control", cache_control}, {"age", "5"}});
  };
}

TEST_F(ExtractTest, AnIdThatComesTwiceIsNeverLandedHoweverEqualTheReadings) {
  for (const bool varies : {false, true}) {
    const auto landing = run(shifted_shop("no-store", varies));
    ASSERT_FALSE(landing.ok());
    EXPECT_EQ(landing.error().kind(), ErrorKind::kTransient);
    EXPECT_THAT(landing.error().message(), HasSubstr("id 10 of page 1 and id 1 of page 2"));
    EXPECT_THAT(landing.error().message(), HasSubstr("items: {repeats: keep}"));
    EXPECT_EQ(requests.size(), 6U);
    EXPECT_TRUE(landed().empty());
  }
}

TEST_F(ExtractTest, ASourceThatRepeatsItemsSaysSoInThePipeline) {
  pipeline.extract.items.repeats = config::Repeats::kKeep;
  const auto landing = run(shifted_shop("no-store", false));
  ASSERT_TRUE(landing.ok()) << landing.error().message();
  EXPECT_EQ(requests.size(), 2U);
  EXPECT_EQ(landing.value().summary.extract->items, 20);
}

TEST_F(ExtractTest, AFurtherReadingAsksPastCachesAndWaitsUntilTheyForget) {
  pipeline.extract.request.headers = {{"Cache-Control", "max-stale"}};
  ASSERT_FALSE(run(shifted_shop("public, max-age=20", false)).ok());
  EXPECT_THAT(clock.slept(),
              ElementsAre(std::chrono::milliseconds(15'000), std::chrono::milliseconds(15'000)));
  ASSERT_EQ(requests.size(), 6U);
  const auto asked = [&](std::size_t index) {
    std::string found;
    for (const auto& [name, value] : requests[index].headers) {
      if (name == "Cache-Control") found += value + ";";
    }
    return found;
  };
  EXPECT_EQ(asked(1), "max-stale;");
  EXPECT_EQ(asked(2), "no-cache;");
  EXPECT_EQ(asked(5), "no-cache;");
  EXPECT_THAT(base::event_text(events.of<base::ReadingRestarted>()[0]),
              HasSubstr("in 15 s, when no cache holds what was read"));
}

TEST_F(ExtractTest, TheWaitForCachesIsLimited) {
  ASSERT_FALSE(run(shifted_shop("max-age=86400", false)).ok());
  EXPECT_THAT(clock.slept(),
              ElementsAre(std::chrono::milliseconds(60'000), std::chrono::milliseconds(60'000)));
}

TEST_F(ExtractTest, EqualReadingsWithAWrongSumAreThePipelinesFault) {
  pipeline.extract.pages.style = config::PageStyle::kNone;
  const auto landing = run([](const io::HttpRequest&) -> base::Result<io::HttpResponse> {
    return answer(200, envelope(338, orders(0, 10)));
  });
  ASSERT_FALSE(landing.ok());
  EXPECT_EQ(landing.error().kind(), ErrorKind::kPermanent);
  EXPECT_THAT(landing.error().message(), HasSubstr("338 items in all, its pages hold 10"));
  EXPECT_THAT(landing.error().message(), HasSubstr("extract.pages"));
  EXPECT_EQ(requests.size(), 3U);
}

TEST_F(ExtractTest, ReadingsThatDifferWithAWrongSumMayBeBetterLater) {
  pipeline.extract.pages.style = config::PageStyle::kNone;
  int asked = 0;
  const auto landing = run([&](const io::HttpRequest&) -> base::Result<io::HttpResponse> {
    return answer(200, envelope(338, orders(0, 10 + ++asked)));
  });
  ASSERT_FALSE(landing.ok());
  EXPECT_EQ(landing.error().kind(), ErrorKind::kTransient);
}

TEST_F(ExtractTest, IdsOfAnotherTypeAreNoDuplicates) {
  const auto landing = run([](const io::HttpRequest&) -> base::Result<io::HttpResponse> {
    return answer(200, envelope(2, R"({"id":"1"},{"id":1})"));
  });
  ASSERT_TRUE(landing.ok()) << landing.error().message();
  EXPECT_EQ(landing.value().summary.extract->items, 2);
}

TEST_F(ExtractTest, AnIdThatNoItemHasIsNamedWithTheKeysThatTheyHave) {
  pipeline.extract.items.id = pointer("/order_id");
  const auto landing = run([](const io::HttpRequest&) -> base::Result<io::HttpResponse> {
    return answer(200, envelope(2, R"({"orderid":1,"a":2},{"orderid":2,"a":1})"));
  });
  ASSERT_FALSE(landing.ok());
  EXPECT_EQ(landing.error().kind(), ErrorKind::kPermanent);
  EXPECT_THAT(landing.error().message(), HasSubstr("items.id"));
  EXPECT_THAT(landing.error().message(), HasSubstr("Did you mean 'orderid'?"));
  EXPECT_EQ(requests.size(), 1U);
}

TEST_F(ExtractTest, SomeItemsWithoutAnIdAreReadAgainAndThenFail) {
  const auto landing = run([](const io::HttpRequest&) -> base::Result<io::HttpResponse> {
    return answer(200, envelope(3, R"({"id":1},{"id":null},{})"));
  });
  ASSERT_FALSE(landing.ok());
  EXPECT_EQ(landing.error().kind(), ErrorKind::kTransient);
  EXPECT_THAT(landing.error().message(), HasSubstr("2 of 3 items have no id"));
  EXPECT_EQ(requests.size(), 3U);
}

TEST_F(ExtractTest, NoItemsNeedNoIds) {
  pipeline.extract.items.id = pointer("/order_id");
  EXPECT_TRUE(run(shop(0)).ok());
}

TEST_F(ExtractTest, AReadingMayBeVerifiedByASecondOne) {
  pipeline.extract.pages.verify = true;
  ASSERT_TRUE(run(shop(25)).ok());
  EXPECT_EQ(requests.size(), 6U);
}

TEST_F(ExtractTest, ARowLostWithTotalAndIdsInOrderIsFoundByVerify) {
  pipeline.extract.pages.verify = true;
  int asked = 0;
  // Between pages 1 and 2 of the first reading o0 goes and o20 comes: o10 is on neither page.
  const auto landing = run([&](const io::HttpRequest& request) -> base::Result<io::HttpResponse> {
    const auto page = number_in(request.url, "page");
    const bool is_before = ++asked == 1;
    const auto first = (page - 1) * 10 + (is_before ? 0 : 1);
    return answer(200, envelope(20, orders(first, first + 10)));
  });
  ASSERT_TRUE(landing.ok()) << landing.error().message();
  EXPECT_EQ(requests.size(), 6U);
  EXPECT_EQ(read(raw("page-00001.json")), envelope(20, orders(1, 11)));
}

TEST_F(ExtractTest, IdsThatDifferInEveryReadingFailWhereTheyAreVerified) {
  pipeline.extract.pages.verify = true;
  int asked = 0;
  const auto landing = run([&](const io::HttpRequest&) -> base::Result<io::HttpResponse> {
    ++asked;
    return answer(200, envelope(1, orders(asked, asked + 1)));
  });
  ASSERT_FALSE(landing.ok());
  EXPECT_EQ(landing.error().kind(), ErrorKind::kTransient);
  EXPECT_THAT(landing.error().message(), HasSubstr("pages.verify"));
}

TEST_F(ExtractTest, AStopLeavesNothingBehind) {
  std::stop_source stop;
  const auto landing = run(
      [&](const io::HttpRequest& request) -> base::Result<io::HttpResponse> {
        if (number_in(request.url, "page") == 2) stop.request_stop();
        return answer(200, orders_page(number_in(request.url, "page"), 95));
      },
      stop.get_token());
  ASSERT_FALSE(landing.ok());
  EXPECT_EQ(landing.error().kind(), ErrorKind::kInterrupted);
  EXPECT_TRUE(landed().empty());
  EXPECT_TRUE(store.list("runs").value().empty());
}

TEST_F(ExtractTest, AnUnusableRunIdIsRefusedBeforeAnything) {
  options.run_id = "../up";
  EXPECT_EQ(run(shop(1)).error().kind(), ErrorKind::kPermanent);
  EXPECT_TRUE(requests.empty());
}

TEST_F(ExtractTest, TheSourceUrlMayBeReplaced) {
  options.source_url = "http://127.0.0.1:8080";
  ASSERT_TRUE(run(shop(1)).ok());
  EXPECT_THAT(requests[0].url, HasSubstr("http://127.0.0.1:8080/orders"));
}

}  // namespace
}  // namespace ashore::extract
