// Shows every page style from the first request to the landing, and where it fails.
#include <gmock/gmock.h>

#include "extract/testing/extract_fixture.h"

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
  void use(config::PageStyle style, std::vector<std::pair<std::string, std::string>> query) {
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

TEST_F(PageStyleTest, NumbersWithoutTotalsEndAfterAnEmptyPage) {
  use(config::PageStyle::kNumber, {{"page", "${page}"}});
  ASSERT_TRUE(run_pages({page(orders(0, 2)), page(orders(2, 3)), page("")}).ok());
  EXPECT_THAT(urls(), ElementsAre(EndsWith("page=1"), EndsWith("page=2"), EndsWith("page=3")));
}

TEST_F(PageStyleTest, ASourceThatIgnoresThePageNumberIsFoundOut) {
  use(config::PageStyle::kNumber, {{"page", "${page}"}});
  pipeline.extract.items.id.reset();
  const auto landing = run([](const HttpRequest&) -> base::Result<HttpResponse> {
    return answer(200, page(orders(0, 2)));
  });
  ASSERT_FALSE(landing.ok());
  EXPECT_THAT(landing.error().message(), HasSubstr("page 2 is the same as the page before it"));
  EXPECT_EQ(requests.size(), 6U);
}

TEST_F(PageStyleTest, OffsetsStepByWhatCame) {
  use(config::PageStyle::kOffset, {{"offset", "${offset}"}, {"limit", "${limit}"}});
  ASSERT_TRUE(run_pages({page(orders(0, 2)), page(orders(2, 3)), page("")}).ok());
  EXPECT_THAT(urls(), ElementsAre(EndsWith("offset=0&limit=2"), EndsWith("offset=2&limit=2"),
                                  EndsWith("offset=3&limit=2")));
}

TEST_F(PageStyleTest, OffsetsWithATotalArePlanned) {
  use(config::PageStyle::kOffset, {{"offset", "${offset}"}});
  pipeline.extract.items.total = pointer("/total");
  ASSERT_TRUE(run([](const HttpRequest& request) -> base::Result<HttpResponse> {
                const auto offset = number_in(request.url, "offset");
                return answer(200,
                              envelope(5, orders(offset, std::min<std::int64_t>(offset + 2, 5))));
              }).ok());
  EXPECT_THAT(urls(),
              ElementsAre(EndsWith("offset=0"), EndsWith("offset=2"), EndsWith("offset=4")));
}

TEST_F(PageStyleTest, ACursorLeadsFromPageToPage) {
  use(config::PageStyle::kCursor, {{"after", "${cursor}"}});
  ASSERT_TRUE(run_pages({page(orders(0, 2), "\"a b\""), page(orders(2, 3), "17"), page("")}).ok());
  EXPECT_THAT(urls(),
              ElementsAre(Not(HasSubstr("after")), EndsWith("after=a%20b"), EndsWith("after=17")));
}

TEST_F(PageStyleTest, ACursorThatComesAgainFailsWhereItBringsNothingNew) {
  for (const bool has_ids : {true, false}) {
    use(config::PageStyle::kCursor, {{"after", "${cursor}"}});
    if (!has_ids) pipeline.extract.items.id.reset();
    const auto landing = run([](const HttpRequest& request) -> base::Result<HttpResponse> {
      const bool is_second = request.url.ends_with("after=x");
      return answer(
          200, page(orders(is_second ? 2 : 0, is_second ? 4 : 2), is_second ? "\"y\"" : "\"x\""));
    });
    ASSERT_FALSE(landing.ok());
    EXPECT_THAT(landing.error().message(), HasSubstr("leads back to a page that was read before"));
    EXPECT_EQ(landing.error().kind(), has_ids ? ErrorKind::kTransient : ErrorKind::kPermanent);
    EXPECT_TRUE(landed().empty());
  }
}

TEST_F(PageStyleTest, AScrollIdMayStayTheSame) {
  use(config::PageStyle::kCursor, {{"scroll", "${cursor}"}});
  ASSERT_TRUE(run_pages({page(orders(0, 2), "\"s\""), page(orders(2, 4), "\"s\""),
                         page(orders(4, 5), "\"s\""), page("", "null")})
                  .ok());
  pipeline.extract.items.total = pointer("/total");
  options.run_id = "20220101T000000Z-000001";
  int asked = 0;
  const auto landing = run([&](const HttpRequest&) -> base::Result<HttpResponse> {
    const std::int64_t first = 2 * asked++;
    return answer(200, "{\"total\":4,\"next\":\"s\",\"items\":[" +
                           orders(first, std::min<std::int64_t>(first + 2, 4)) + "]}");
  });
  ASSERT_TRUE(landing.ok()) << landing.error().message();
  EXPECT_EQ(requests.size(), 2U);
  EXPECT_EQ(landing.value().manifest.end, "total");
}

TEST_F(PageStyleTest, EmptyPagesInTheMiddleAreNoEnd) {
  use(config::PageStyle::kCursor, {{"after", "${cursor}"}});
  const auto landing = run_pages(
      {page("", "\"a\""), page(orders(0, 2), "\"b\""), page("", "\"c\""), page(orders(2, 3))});
  ASSERT_TRUE(landing.ok()) << landing.error().message();
  EXPECT_EQ(landing.value().summary.extract->items, 3);
}

TEST_F(PageStyleTest, APlaceThatWasNeverThereIsNoEnd) {
  use(config::PageStyle::kCursor, {{"after", "${cursor}"}});
  pipeline.extract.pages.cursor = pointer("/nxt");
  auto landing = run_pages({page(orders(0, 2), "\"a\"")});
  ASSERT_FALSE(landing.ok());
  EXPECT_EQ(landing.error().kind(), ErrorKind::kPermanent);
  EXPECT_THAT(landing.error().message(), HasSubstr("nothing lies at '/nxt' (pages.cursor)"));
  EXPECT_THAT(landing.error().message(), HasSubstr("Did you mean 'next'?"));
  EXPECT_THAT(landing.error().message(), HasSubstr("absent_means_end: true"));
  pipeline.extract.pages.absent_means_end = true;
  landing = run_pages({page(orders(0, 2), "\"a\"")});
  ASSERT_TRUE(landing.ok()) << landing.error().message();
  EXPECT_EQ(landing.value().manifest.end, "absent");
}

TEST_F(PageStyleTest, APlaceThatEarlierPagesOrLandingsHadMayBeAbsentAtTheEnd) {
  use(config::PageStyle::kNext, {});
  const std::string last = "{\"items\":[" + orders(2, 3) + "]}";
  auto landing = run_pages({page(orders(0, 2), "\"?from=2\""), last});
  ASSERT_TRUE(landing.ok()) << landing.error().message();
  EXPECT_EQ(landing.value().manifest.end, "absent");
  options.run_id = "20220102T000000Z-000001";
  EXPECT_TRUE(run_pages({last}).ok());
  options.run_id = "20220102T000000Z-000002";
  pipeline.extract.pages.next = pointer("/nextPage");
  EXPECT_EQ(run_pages({last}).error().kind(), ErrorKind::kPermanent);
}

TEST_F(PageStyleTest, WhereATotalIsNamedItDecides) {
  use(config::PageStyle::kNext, {});
  pipeline.extract.items.total = pointer("/total");
  pipeline.extract.pages.next = pointer("/nxt");
  ASSERT_TRUE(run_pages({envelope(2, orders(0, 2))}).ok());
  options.run_id = "20220102T000000Z-000001";
  const auto landing = run([](const HttpRequest&) -> base::Result<HttpResponse> {
    return answer(200, "{\"total\":5,\"next\":\"?page=2\",\"items\":[" + orders(0, 2) + "]}");
  });
  ASSERT_FALSE(landing.ok());
  EXPECT_EQ(landing.error().kind(), ErrorKind::kPermanent);
  EXPECT_THAT(landing.error().message(), HasSubstr("5 items in all, its pages hold 2"));
  EXPECT_THAT(landing.error().message(),
              HasSubstr("nothing lies at '/nxt', there are: total next items"));
}

TEST_F(PageStyleTest, MoreSaysWhetherAnotherPageFollows) {
  use(config::PageStyle::kNumber, {{"page", "${page}"}});
  pipeline.extract.items.more = pointer("/has_more");
  const auto body = [](const std::string& items, const std::string& more) {
    return "{\"items\":[" + items + "],\"has_more\":" + more + "}";
  };
  const auto landing = run_pages({body(orders(0, 2), "true"), body(orders(2, 4), "false")});
  ASSERT_TRUE(landing.ok()) << landing.error().message();
  EXPECT_EQ(landing.value().manifest.end, "more");
  options.run_id = "20220102T000000Z-000001";
  EXPECT_EQ(run_pages({body(orders(0, 2), "\"true\"")}).error().kind(), ErrorKind::kPermanent);
  const auto missing = run_pages({page(orders(0, 2))});
  ASSERT_FALSE(missing.ok());
  EXPECT_THAT(missing.error().message(), HasSubstr("nothing lies at '/has_more' (items.more)"));
}

TEST_F(PageStyleTest, MoreWithoutACursorIsAContradiction) {
  use(config::PageStyle::kCursor, {{"after", "${cursor}"}});
  pipeline.extract.items.more = pointer("/has_more");
  const auto landing = run([](const HttpRequest&) -> base::Result<HttpResponse> {
    return answer(200, "{\"items\":[" + orders(0, 2) + "],\"has_more\":true}");
  });
  ASSERT_FALSE(landing.ok());
  EXPECT_EQ(landing.error().kind(), ErrorKind::kPermanent);
  EXPECT_THAT(landing.error().message(),
              HasSubstr("page 1 says that another page follows, but not which; nothing lies at"));
}

TEST_F(PageStyleTest, TheLastItemMayBeTheCursor) {
  use(config::PageStyle::kCursor, {{"after", "${cursor}"}});
  pipeline.extract.pages.cursor.reset();
  pipeline.extract.pages.last_item = pointer("/id");
  ASSERT_TRUE(run_pages({page(orders(0, 2)), page(orders(2, 3)), page("")}).ok());
  EXPECT_THAT(urls(),
              ElementsAre(Not(HasSubstr("after")), EndsWith("after=o1"), EndsWith("after=o2")));
  options.run_id = "20220102T000000Z-000001";
  pipeline.extract.items.more = pointer("/has_more");
  const auto landing = run([](const HttpRequest&) -> base::Result<HttpResponse> {
    return answer(200, "{\"items\":[],\"has_more\":true}");
  });
  ASSERT_FALSE(landing.ok());
  EXPECT_THAT(landing.error().message(), HasSubstr("is empty and says that more items follow"));
}

TEST_F(PageStyleTest, AFullFirstPageWithoutALinkHeaderIsNoEnd) {
  use(config::PageStyle::kLink, {});
  const auto landing = run_pages({page(orders(0, 2))});
  ASSERT_FALSE(landing.ok());
  EXPECT_EQ(landing.error().kind(), ErrorKind::kPermanent);
  EXPECT_THAT(landing.error().message(), HasSubstr("has no Link header"));
  EXPECT_TRUE(run_pages({page(orders(0, 1))}).ok());
  options.run_id = "20220102T000000Z-000001";
  pipeline.extract.pages.absent_means_end = true;
  EXPECT_TRUE(run_pages({page(orders(0, 2))}).ok());
}

TEST_F(PageStyleTest, NextLinksMayBeRelativeOrAbsolute) {
  use(config::PageStyle::kNext, {});
  ASSERT_TRUE(
      run_pages({page(orders(0, 2), "\"?from=2\""),
                 page(orders(2, 4), "\"http://a.example/orders?from=4\""), page(orders(4, 5))})
          .ok());
  EXPECT_THAT(urls(), ElementsAre("http://a.example/orders", "http://a.example/orders?from=2",
                                  "http://a.example/orders?from=4"));
}

TEST_F(PageStyleTest, ANextLinkToAnotherHostIsRefusedAndNotAsked) {
  use(config::PageStyle::kNext, {});
  const auto landing = run_pages({page(orders(0, 2), "\"http://b.example/orders\"")});
  ASSERT_FALSE(landing.ok());
  EXPECT_EQ(landing.error().kind(), ErrorKind::kPermanent);
  EXPECT_THAT(landing.error().message(), HasSubstr("page 1: the link to the next page"));
  EXPECT_EQ(requests.size(), 1U);
  EXPECT_TRUE(landed().empty());
}

TEST_F(PageStyleTest, AKeyThatTheSourceRepeatsInItsLinksIsTakenOut) {
  use(config::PageStyle::kNext, {});
  pipeline.extract.auth = {
      .kind = config::AuthKind::kApiKeyQuery, .name = "key", .secret = base::Secret("k-123")};
  ASSERT_TRUE(run_pages({page(orders(0, 2), "\"/orders?from=2&key=k-123\""), page("")}).ok());
  EXPECT_EQ(requests[1].url, "http://a.example/orders?from=2");
  EXPECT_EQ(requests[1].secret_query.size(), 1U);
  EXPECT_THAT(read(raw("manifest.json")), Not(HasSubstr("k-123")));
}

TEST_F(PageStyleTest, LinkHeadersLeadFromPageToPage) {
  use(config::PageStyle::kLink, {});
  int asked = 0;
  ASSERT_TRUE(run([&](const HttpRequest&) -> base::Result<HttpResponse> {
                ++asked;
                io::HttpHeaders headers;
                if (asked == 1) headers = {{"link", "</orders?page=2>; rel=\"next\""}};
                return answer(200, page(orders(asked, asked + 1)), headers);
              }).ok());
  EXPECT_THAT(urls(), ElementsAre("http://a.example/orders", "http://a.example/orders?page=2"));
}

TEST_F(PageStyleTest, ATotalIsComparedInEveryStyle) {
  use(config::PageStyle::kNext, {});
  pipeline.extract.items.total = pointer("/total");
  const auto landing = run([](const HttpRequest&) -> base::Result<HttpResponse> {
    return answer(200, envelope(9, orders(0, 2)));
  });
  ASSERT_FALSE(landing.ok());
  EXPECT_THAT(landing.error().message(), HasSubstr("9 items in all, its pages hold 2"));
}

TEST_F(PageStyleTest, OneBodyMayBeTheArrayItself) {
  use(config::PageStyle::kNone, {});
  pipeline.extract.items.at = pointer("");
  const auto landing = run_pages({"[" + orders(0, 3) + "]"});
  ASSERT_TRUE(landing.ok()) << landing.error().message();
  EXPECT_EQ(landing.value().summary.extract->items, 3);
}

TEST_F(PageStyleTest, AnEmptyArrayIsNoError) {
  use(config::PageStyle::kNone, {});
  pipeline.extract.items.at = pointer("");
  ASSERT_TRUE(run_pages({"[]"}).ok());
}

TEST_F(PageStyleTest, PagesInSequenceAreLimitedToo) {
  use(config::PageStyle::kNumber, {{"page", "${page}"}});
  pipeline.extract.limits.pages_max = 3;
  std::int64_t order = 0;
  const auto landing = run([&](const HttpRequest&) -> base::Result<HttpResponse> {
    ++order;
    return answer(200, page(orders(order, order + 1)));
  });
  ASSERT_FALSE(landing.ok());
  EXPECT_THAT(landing.error().message(), HasSubstr("limits.pages allows: 3"));
  EXPECT_EQ(requests.size(), 3U);
}

TEST_F(PageStyleTest, TheWindowIsRenderedInItsFormat) {
  use(config::PageStyle::kNone, {{"from", "${window.start}"}, {"to", "${window.end}"}});
  pipeline.extract.window = config::WindowRule{
      .column = "day", .format = config::WindowFormat::kDate, .lookback = {}, .lookahead = {}};
  options.window.start = base::timestamp_of_micros(1'640'995'200'000'000);
  ASSERT_TRUE(run_pages({page("")}).ok());
  EXPECT_THAT(urls(), ElementsAre("http://a.example/orders?from=2022-01-01"));
}

}  // namespace
}  // namespace ashore::extract
