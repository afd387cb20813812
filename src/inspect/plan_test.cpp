// A plan says what a run would do and touches neither the source nor a file.
#include "inspect/plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>

#include "config/reader.h"
#include "delta/commit.h"
#include "io/memory_store.h"
#include "io/testing/fake_clock.h"
#include "io/testing/scripted_transport.h"
#include "io/testing/seeded_random.h"
#include "load/load.h"
#include "state/run_folder.h"

namespace ashore::inspect {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kPipeline = R"(
version: 1
name: shop
source: {url: "https://api.example.com"}
extract:
  request:
    method: POST
    path: /orders
    headers: {X-Key: "${SHOP_TOKEN}"}
    body: {since: "${window.start}", until: "${window.end}", page: "${page}", key: "${SHOP_TOKEN}"}
  window: {column: placed_at, lookback: 1d, lookahead: 1d}
  pages: {by: number, size: 50, parallel: 3}
  items: {at: /orders, id: /id, total: /total}
  lookup: {body: {ids: "${keys}"}, keys_max: 20}
tables:
  orders:
    from: items
    key: [id]
    columns:
      id: {path: /id, type: string}
      placed_at: {path: /placed_at, type: timestamp}
      day: {date_of: placed_at}
      note: {path: /note, type: json}
    partition: {by: day}
  lines:
    from: orders
    each: /lines
    key: [id, line]
    columns:
      id: {parent: id}
      line: {position: true}
destinations: [{duckdb: shop.duckdb}]
)";

std::optional<std::string> environment(std::string_view name) {
  if (name == "SHOP_TOKEN") return "t0p-s3cret";
  return std::nullopt;
}

class PlanTest : public testing::Test {
 protected:
  PlanTest() : pipeline_(read()) {
    options_.window.start = base::Timestamp(std::chrono::days(19'000));
    options_.window.end = base::Timestamp(std::chrono::days(19'010));
    options_.load.destinations = pipeline_.destinations;
  }

  static config::Pipeline read() {
    auto reading = config::read_pipeline(kPipeline, "p.yaml", environment);
    for (const auto& complaint : reading.complaints) ADD_FAILURE() << complaint.message();
    return reading.pipeline.value_or(config::Pipeline());
  }

  std::string planned() {
    io::Env env{.http = http_, .store = store_, .clock = clock_, .random = random_};
    const auto text = plan(pipeline_, options_, env);
    EXPECT_TRUE(text.ok()) << text.error().message();
    return text.ok() ? text.value() : "";
  }

  config::Pipeline pipeline_;
  run::Options options_;
  io::MemoryStore store_;
  io::FakeClock clock_;
  io::SeededRandom random_;
  io::ScriptedTransport http_{std::deque<base::Result<io::HttpResponse>>{}};
};

TEST_F(PlanTest, TheFirstRequestIsShownAsItWouldBeSent) {
  EXPECT_THAT(planned(),
              AllOf(HasSubstr("POST https://api.example.com/orders\n"),
                    HasSubstr(R"("since":"2022-01-08)"), HasSubstr(R"("until":"2022-01-18)"),
                    HasSubstr("pages by page number, 50 items each, 3 at once")));
  options_.widen = true;
  options_.source_url = "http://127.0.0.1:8080/v2";
  EXPECT_THAT(planned(),
              AllOf(HasSubstr("POST http://127.0.0.1:8080/v2/orders\n"),
                    HasSubstr(R"("since":"2022-01-07)"), HasSubstr(R"("until":"2022-01-19)")));
}

TEST_F(PlanTest, AnUnboundedWindowIsNotInTheRequest) {
  options_.window = {};
  EXPECT_THAT(planned(), AllOf(Not(HasSubstr("since")), Not(HasSubstr("until"))));
}

TEST_F(PlanTest, TheLookupIsShownWithItsLimit) {
  EXPECT_THAT(planned(), AllOf(HasSubstr("20 ids a request at most"), HasSubstr(R"(["ID"])")));
}

TEST_F(PlanTest, NoSecretIsShown) { EXPECT_THAT(planned(), Not(HasSubstr("s3cret"))); }

TEST_F(PlanTest, EveryPageStyleIsNamed) {
  for (const auto& [style, words] : std::map<config::PageStyle, std::string>{
           {config::PageStyle::kOffset, "pages by offset"},
           {config::PageStyle::kCursor, "pages by a cursor"},
           {config::PageStyle::kNext, "pages by the next link"},
           {config::PageStyle::kLink, "pages by the Link header"},
           {config::PageStyle::kNone, "  one page only\n"}}) {
    pipeline_.extract.pages.style = style;
    EXPECT_THAT(planned(), HasSubstr(words));
  }
}

TEST_F(PlanTest, TablesAreNewOrHaveAVersion) {
  EXPECT_THAT(planned(),
              AllOf(HasSubstr("orders (4 columns, key id)\n    one partition per day\n"
                              "    not published yet: "),
                    HasSubstr("lines (2 columns, key id, line)\n    not partitioned\n")));
  delta::Commit commit;
  const auto& orders = pipeline_.tables.front();
  commit.metadata = {"id", orders.name, orders.schema(), {"day"}, 0, {}};
  const auto written = delta::write_commit(store_, state::table_folder("orders"), commit);
  ASSERT_TRUE(written.ok()) << written.error().message();
  EXPECT_THAT(planned(), HasSubstr("published: version 0, 0 rows in 0 files"));
}

TEST_F(PlanTest, DestinationsHaveTheStatementsOfLoad) {
  const auto text = planned();
  EXPECT_THAT(text, HasSubstr("  duckdb:shop.duckdb\n    where a table is missing:\n"));
  for (const auto& table : pipeline_.tables) {
    EXPECT_THAT(text, HasSubstr(load::table_definition(table, warehouse::Dialect::kDuckDb)));
  }
  options_.load.destinations.front() = {};
  options_.load.destinations.front().kind = config::DestinationKind::kPostgreSql;
  options_.load.destinations.front().url = base::Secret("postgresql://me:pw@host/db");
  EXPECT_THAT(planned(), AllOf(HasSubstr("  postgresql://host"), HasSubstr("PRIMARY KEY"),
                               Not(HasSubstr("me:pw"))));
}

TEST_F(PlanTest, NothingIsWrittenAndNothingAsked) {
  planned();
  EXPECT_TRUE(store_.list("").value().empty());
  EXPECT_TRUE(http_.requests().empty());
}

TEST_F(PlanTest, AWindowThatCannotBeIsAnErrorBeforeAllElse) {
  std::swap(options_.window.start, options_.window.end);
  io::Env env{.http = http_, .store = store_, .clock = clock_, .random = random_};
  EXPECT_EQ(plan(pipeline_, options_, env).error().kind(), base::ErrorKind::kPermanent);
}

}  // namespace
}  // namespace ashore::inspect
