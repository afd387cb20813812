// Shows what a landing is: complete, verbatim, in order, reused by its run id, or not there.
#include "extract/extract.h"

#include <gmock/gmock.h>

#include <condition_variable>

#include "base/digest.h"
#include "extract/extract_fixture.h"

namespace ashore::extract {
namespace {

using base::ErrorKind;
using testing::ElementsAre;
using testing::HasSubstr;

using ExtractTest = ExtractFixture;

TEST_F(ExtractTest, lands_every_page_verbatim_and_the_manifest) {
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

TEST_F(ExtractTest, the_manifest_says_where_each_page_came_from) {
  const auto landing = run([](const io::HttpRequest& request) -> base::Result<io::HttpResponse> {
    return answer(200, orders_page(number_in(request.url, "page"), 12),
                  {{"content-type", "application/json"}, {"set-cookie", "session=1"}});
  });
  ASSERT_TRUE(landing.ok()) << landing.error().message();
  const auto& manifest = landing.value().manifest;
  EXPECT_EQ(manifest.stage, "extract");
  EXPECT_EQ(manifest.pipeline_name, "shop");
  EXPECT_EQ(manifest.started_us, base::micros_of(clock.now()));
  ASSERT_EQ(manifest.files.size(), 2U);
  EXPECT_EQ(manifest.files[1].path, raw("page-00002.json"));
  EXPECT_EQ(manifest.files[1].rows, 2);
  EXPECT_EQ(manifest.files[1].sha256, base::to_hex(base::sha256(orders_page(2, 12))));
  const auto& origin = *manifest.files[1].origin;
  EXPECT_EQ(origin.method, "GET");
  EXPECT_EQ(origin.url, "http://a.example/orders?page=2&limit=10");
  EXPECT_EQ(origin.status, 200);
  EXPECT_EQ(origin.headers, (io::HttpHeaders{{"content-type", "application/json"}}));
  EXPECT_EQ(read(raw("manifest.json")), state::manifest_json(manifest));
}

TEST_F(ExtractTest, the_run_folder_has_the_same_manifest_and_the_summary) {
  ASSERT_TRUE(run(shop(25)).ok());
  EXPECT_EQ(read("runs/20220101T000000Z-abcdef/extract.manifest.json"), read(raw("manifest.json")));
  const auto summary = state::read_summary(store, options.run_id, "extract");
  ASSERT_TRUE(summary.ok());
  EXPECT_EQ(summary.value().extract->items, 25);
}

TEST_F(ExtractTest, pages_land_in_order_however_they_arrive) {
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

TEST_F(ExtractTest, the_rest_of_the_pages_is_fetched_at_once) {
  pipeline.extract.pages.parallel = 4;
  GatedTransport transport(4);
  const auto landing = run_over(transport);
  ASSERT_TRUE(landing.ok()) << landing.error().message();
  EXPECT_EQ(landing.value().summary.extract->items, 50);
}

TEST_F(ExtractTest, every_page_is_told_with_the_number_of_all) {
  ASSERT_TRUE(run(shop(25)).ok());
  const auto pages = events.of<base::PageLanded>();
  ASSERT_EQ(pages.size(), 3U);
  EXPECT_EQ(pages[0].page, 1);
  EXPECT_EQ(pages[0].pages_total, 3);
  EXPECT_EQ(pages[2].items, 5);
}

TEST_F(ExtractTest, a_window_without_items_is_one_empty_page) {
  const auto landing = run(shop(0));
  ASSERT_TRUE(landing.ok()) << landing.error().message();
  EXPECT_EQ(landing.value().summary.extract->items, 0);
  EXPECT_EQ(landing.value().manifest.files.size(), 1U);
}

TEST_F(ExtractTest, a_landing_is_reused_without_a_request) {
  const auto first = run(shop(25));
  ASSERT_TRUE(first.ok());
  const auto second = run(shop(99));
  ASSERT_TRUE(second.ok()) << second.error().message();
  EXPECT_TRUE(requests.empty());
  EXPECT_EQ(state::manifest_json(second.value().manifest),
            state::manifest_json(first.value().manifest));
  EXPECT_EQ(second.value().summary.extract->pages_reused, 3);
  EXPECT_EQ(second.value().summary.extract->total, 25);
  EXPECT_EQ(second.value().summary.extract->requests, 0);
}

TEST_F(ExtractTest, a_reused_landing_gets_its_copy_back) {
  ASSERT_TRUE(run(shop(25)).ok());
  ASSERT_TRUE(store.remove_folder("runs/20220101T000000Z-abcdef").ok());
  ASSERT_TRUE(run(shop(25)).ok());
  EXPECT_EQ(read("runs/20220101T000000Z-abcdef/extract.manifest.json"), read(raw("manifest.json")));
}

TEST_F(ExtractTest, a_run_id_is_not_taken_for_another_pipeline_or_window) {
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

TEST_F(ExtractTest, an_unfinished_landing_is_fetched_again) {
  ASSERT_TRUE(store.write(raw(".attempt-1/page-00001.json"), "old").ok());
  ASSERT_TRUE(store.write(raw("page-00009.json"), "old").ok());
  ASSERT_TRUE(run(shop(5)).ok());
  EXPECT_THAT(landed(), ElementsAre("manifest.json", "page-00001.json"));
}

TEST_F(ExtractTest, a_landing_that_lost_a_page_is_fetched_again) {
  ASSERT_TRUE(run(shop(25)).ok());
  ASSERT_TRUE(store.remove(raw("page-00002.json")).ok());
  ASSERT_TRUE(run(shop(25)).ok());
  EXPECT_EQ(requests.size(), 3U);
  EXPECT_EQ(events.of<base::Warned>().size(), 1U);
  EXPECT_EQ(read(raw("page-00002.json")), orders_page(2, 25));
}

TEST_F(ExtractTest, a_pipeline_without_a_window_takes_no_dates) {
  options.window.start = base::timestamp_of_micros(0);
  const auto landing = run(shop(25));
  ASSERT_FALSE(landing.ok());
  EXPECT_EQ(landing.error().kind(), ErrorKind::kPermanent);
  EXPECT_TRUE(requests.empty());
}

TEST_F(ExtractTest, an_item_that_moves_between_pages_restarts_the_reading) {
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

TEST_F(ExtractTest, a_total_that_disagrees_three_times_fails_and_lands_nothing) {
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

TEST_F(ExtractTest, a_page_past_the_end_is_named) {
  const auto landing = run([](const io::HttpRequest& request) -> base::Result<io::HttpResponse> {
    const auto page = number_in(request.url, "page");
    return answer(200, envelope(30, page < 3 ? orders((page - 1) * 10, page * 10) : ""));
  });
  ASSERT_FALSE(landing.ok());
  EXPECT_THAT(landing.error().message(),
              HasSubstr("the source says 30 items in all, its pages hold 20; page 3 is empty"));
}

TEST_F(ExtractTest, duplicates_that_stay_the_same_are_the_sources_own) {
  const auto landing = run([](const io::HttpRequest& request) -> base::Result<io::HttpResponse> {
    const auto page = number_in(request.url, "page");
    return answer(200, envelope(20, page == 1 ? orders(0, 10) : orders(9, 19)));
  });
  ASSERT_TRUE(landing.ok()) << landing.error().message();
  EXPECT_EQ(requests.size(), 4U);
  EXPECT_EQ(landing.value().summary.extract->items, 20);
  ASSERT_EQ(landing.value().summary.warnings.size(), 1U);
  EXPECT_THAT(landing.value().summary.warnings[0], HasSubstr("id 10 of page 1"));
  EXPECT_EQ(events.of<base::Warned>().size(), 1U);
}

TEST_F(ExtractTest, duplicates_in_bytes_that_change_fail) {
  int asked = 0;
  const auto landing = run([&](const io::HttpRequest& request) -> base::Result<io::HttpResponse> {
    const auto page = number_in(request.url, "page");
    ++asked;
    return answer(200, envelope(20, page == 1 ? orders(0, 10) : orders(9, 19)) +
                           std::string(static_cast<std::size_t>(asked), ' '));
  });
  ASSERT_FALSE(landing.ok());
  EXPECT_EQ(landing.error().kind(), ErrorKind::kTransient);
}

TEST_F(ExtractTest, null_ids_and_ids_of_another_type_are_no_duplicates) {
  const auto landing = run([](const io::HttpRequest&) -> base::Result<io::HttpResponse> {
    return answer(200, envelope(4, R"({"id":null},{"id":null},{"id":"1"},{"id":1})"));
  });
  ASSERT_TRUE(landing.ok()) << landing.error().message();
  EXPECT_EQ(landing.value().summary.extract->items, 4);
}

TEST_F(ExtractTest, a_stop_leaves_nothing_behind) {
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

TEST_F(ExtractTest, an_unusable_run_id_is_refused_before_anything) {
  options.run_id = "../up";
  EXPECT_EQ(run(shop(1)).error().kind(), ErrorKind::kPermanent);
  EXPECT_TRUE(requests.empty());
}

TEST_F(ExtractTest, the_source_url_may_be_replaced) {
  options.source_url = "http://127.0.0.1:8080";
  ASSERT_TRUE(run(shop(1)).ok());
  EXPECT_THAT(requests[0].url, HasSubstr("http://127.0.0.1:8080/orders"));
}

}  // namespace
}  // namespace ashore::extract
