// Shows every page style from the first request to the landing, and where it fails.
#include <gmock/gmock.h>

#include "extract/extract_fixture.h"

namespace ashore::extract {
namespace {

using base::ErrorKind;
using io::HttpRequest;
using io::HttpResponse;
using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;

class PageStyleTest : public ExtractFixture {
 protected:
  // A source without totals.
  void use(spec::PageStyle style, std::vector<std::pair<std::string, std::string>> query) {
    pipeline.extract.pages.style = style;
    pipeline.extract.pages.size = 2;
    pipeline.extract.pages.cursor = pointer("/next");
    pipeline.extract.pages.next = pointer("/next");
    pipeline.extract.request.query = std::move(query);
    pipeline.extract.items.total.reset();
  }
  static std::string page(const std::string& items, const std::string& next = "null") {
    return "{\"items\":[" + items + "],\"next\":" + next + "}";
  }
  std::vector<std::string> urls() const {
    std::vector<std::string> found;
    for (const auto& request : requests) found.push_back(request.url);
    return found;
  }
  base::Result<Landing> run_pages(const std::vector<std::string>& bodies) {
    std::size_t index = 0;
    return run([&](const HttpRequest&) -> base::Result<HttpResponse> {
      if (index >= bodies.size()) return base::permanent("asked for more pages than there are");
      return answer(200, bodies[index++]);
    });
  }
};

TEST_F(PageStyleTest, numbers_without_totals_end_after_an_empty_page) {
  use(spec::PageStyle::kNumber, {{"page", "${page}"}});
  ASSERT_TRUE(run_pages({page(orders(0, 2)), page(orders(2, 3)), page("")}).ok());
  EXPECT_THAT(urls(), ElementsAre(EndsWith("page=1"), EndsWith("page=2"), EndsWith("page=3")));
}

TEST_F(PageStyleTest, a_source_that_ignores_the_page_number_is_found_out) {
  use(spec::PageStyle::kNumber, {{"page", "${page}"}});
  pipeline.extract.items.id.reset();
  const auto landing = run([](const HttpRequest&) -> base::Result<HttpResponse> {
    return answer(200, page(orders(0, 2)));
  });
  ASSERT_FALSE(landing.ok());
  EXPECT_THAT(landing.error().message(), HasSubstr("page 2 is the same as the page before it"));
  EXPECT_EQ(requests.size(), 6U);
}

TEST_F(PageStyleTest, offsets_step_by_what_came) {
  use(spec::PageStyle::kOffset, {{"offset", "${offset}"}, {"limit", "${limit}"}});
  ASSERT_TRUE(run_pages({page(orders(0, 2)), page(orders(2, 3)), page("")}).ok());
  EXPECT_THAT(urls(), ElementsAre(EndsWith("offset=0&limit=2"), EndsWith("offset=2&limit=2"),
                                  EndsWith("offset=3&limit=2")));
}

TEST_F(PageStyleTest, offsets_with_a_total_are_planned) {
  use(spec::PageStyle::kOffset, {{"offset", "${offset}"}});
  pipeline.extract.items.total = pointer("/total");
  ASSERT_TRUE(run([](const HttpRequest& request) -> base::Result<HttpResponse> {
                const auto offset = number_in(request.url, "offset");
                return answer(200,
                              envelope(5, orders(offset, std::min<std::int64_t>(offset + 2, 5))));
              }).ok());
  EXPECT_THAT(urls(),
              ElementsAre(EndsWith("offset=0"), EndsWith("offset=2"), EndsWith("offset=4")));
}

TEST_F(PageStyleTest, a_cursor_leads_from_page_to_page) {
  use(spec::PageStyle::kCursor, {{"after", "${cursor}"}});
  ASSERT_TRUE(run_pages({page(orders(0, 2), "\"a b\""), page(orders(2, 3), "17"), page("")}).ok());
  EXPECT_THAT(urls(),
              ElementsAre(Not(HasSubstr("after")), EndsWith("after=a%20b"), EndsWith("after=17")));
}

TEST_F(PageStyleTest, a_cursor_that_leads_back_fails) {
  use(spec::PageStyle::kCursor, {{"after", "${cursor}"}});
  std::int64_t order = 0;
  const auto landing = run([&](const HttpRequest&) -> base::Result<HttpResponse> {
    ++order;
    return answer(200, page(orders(order, order + 1), order % 2 == 0 ? "\"x\"" : "\"y\""));
  });
  ASSERT_FALSE(landing.ok());
  EXPECT_EQ(landing.error().kind(), ErrorKind::kTransient);
  EXPECT_THAT(landing.error().message(), HasSubstr("leads back to a page that was read before"));
  EXPECT_TRUE(landed().empty());
}

TEST_F(PageStyleTest, next_links_may_be_relative_or_absolute) {
  use(spec::PageStyle::kNext, {});
  ASSERT_TRUE(
      run_pages({page(orders(0, 2), "\"?from=2\""),
                 page(orders(2, 4), "\"http://a.example/orders?from=4\""), page(orders(4, 5))})
          .ok());
  EXPECT_THAT(urls(), ElementsAre("http://a.example/orders", "http://a.example/orders?from=2",
                                  "http://a.example/orders?from=4"));
}

TEST_F(PageStyleTest, a_next_link_to_another_host_is_refused_and_not_asked) {
  use(spec::PageStyle::kNext, {});
  const auto landing = run_pages({page(orders(0, 2), "\"http://b.example/orders\"")});
  ASSERT_FALSE(landing.ok());
  EXPECT_EQ(landing.error().kind(), ErrorKind::kPermanent);
  EXPECT_THAT(landing.error().message(), HasSubstr("page 1: the link to the next page"));
  EXPECT_EQ(requests.size(), 1U);
  EXPECT_TRUE(landed().empty());
}

TEST_F(PageStyleTest, a_key_that_the_source_repeats_in_its_links_is_taken_out) {
  use(spec::PageStyle::kNext, {});
  pipeline.extract.auth = {
      .kind = spec::AuthKind::kApiKeyQuery, .name = "key", .secret = base::Secret("k-123")};
  ASSERT_TRUE(run_pages({page(orders(0, 2), "\"/orders?from=2&key=k-123\""), page("")}).ok());
  EXPECT_EQ(requests[1].url, "http://a.example/orders?from=2");
  EXPECT_EQ(requests[1].secret_query.size(), 1U);
  EXPECT_THAT(read(raw("manifest.json")), Not(HasSubstr("k-123")));
}

TEST_F(PageStyleTest, link_headers_lead_from_page_to_page) {
  use(spec::PageStyle::kLink, {});
  int asked = 0;
  ASSERT_TRUE(run([&](const HttpRequest&) -> base::Result<HttpResponse> {
                ++asked;
                io::HttpHeaders headers;
                if (asked == 1) headers = {{"link", "</orders?page=2>; rel=\"next\""}};
                return answer(200, page(orders(asked, asked + 1)), headers);
              }).ok());
  EXPECT_THAT(urls(), ElementsAre("http://a.example/orders", "http://a.example/orders?page=2"));
}

TEST_F(PageStyleTest, a_total_is_compared_in_every_style) {
  use(spec::PageStyle::kNext, {});
  pipeline.extract.items.total = pointer("/total");
  const auto landing = run([](const HttpRequest&) -> base::Result<HttpResponse> {
    return answer(200, envelope(9, orders(0, 2)));
  });
  ASSERT_FALSE(landing.ok());
  EXPECT_THAT(landing.error().message(), HasSubstr("9 items in all, its pages hold 2"));
}

TEST_F(PageStyleTest, one_body_may_be_the_array_itself) {
  use(spec::PageStyle::kNone, {});
  pipeline.extract.items.at = pointer("");
  const auto landing = run_pages({"[" + orders(0, 3) + "]"});
  ASSERT_TRUE(landing.ok()) << landing.error().message();
  EXPECT_EQ(landing.value().summary.extract->items, 3);
}

TEST_F(PageStyleTest, an_empty_array_is_no_error) {
  use(spec::PageStyle::kNone, {});
  pipeline.extract.items.at = pointer("");
  ASSERT_TRUE(run_pages({"[]"}).ok());
}

TEST_F(PageStyleTest, pages_in_sequence_are_limited_too) {
  use(spec::PageStyle::kNumber, {{"page", "${page}"}});
  pipeline.extract.limits.pages_max = 3;
  std::int64_t order = 0;
  const auto landing = run([&](const HttpRequest&) -> base::Result<HttpResponse> {
    ++order;
    return answer(200, page(orders(order, order + 1)));
  });
  ASSERT_FALSE(landing.ok());
  EXPECT_THAT(landing.error().message(), HasSubstr("limits.pages_max allows: 3"));
  EXPECT_EQ(requests.size(), 3U);
}

TEST_F(PageStyleTest, the_window_is_rendered_in_its_format) {
  use(spec::PageStyle::kNone, {{"from", "${window.start}"}, {"to", "${window.end}"}});
  pipeline.extract.window = spec::WindowRule{
      .column = "day", .format = spec::WindowFormat::kDate, .lookback = {}, .lookahead = {}};
  options.window.start = base::timestamp_of_micros(1'640'995'200'000'000);
  ASSERT_TRUE(run_pages({page("")}).ok());
  EXPECT_THAT(urls(), ElementsAre("http://a.example/orders?from=2022-01-01"));
}

}  // namespace
}  // namespace ashore::extract
