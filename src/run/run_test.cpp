// The window that a run asks for: as given, widened where asked, never past the years that exist.
#include "run/run.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>

#include "io/memory_store.h"
#include "io/testing/fake_clock.h"
#include "io/testing/scripted_transport.h"
#include "io/testing/seeded_random.h"

namespace ashore::run {
namespace {

using testing::HasSubstr;

std::optional<base::Timestamp> instant(std::string_view text) {
  if (text.empty()) return std::nullopt;
  return base::parse_timestamp(text, base::ZoneRule::kRequired).value();
}

base::Window window_of(std::string_view start, std::string_view end) {
  return {instant(start), instant(end)};
}

config::Pipeline windowed() {
  config::Pipeline pipeline;
  pipeline.name = "shop";
  pipeline.extract.window.emplace();
  pipeline.extract.window->lookback = std::chrono::days(2);
  pipeline.extract.window->lookahead = std::chrono::hours(1);
  return pipeline;
}

base::Result<base::Window> effective(const config::Pipeline& pipeline, const base::Window& window,
                                     bool widen) {
  Options options;
  options.window = window;
  options.widen = widen;
  return effective_window(pipeline, options);
}

TEST(RunTest, ExplicitDatesAreTakenAsTheyAre) {
  const auto window = window_of("2022-11-01T00:00:00Z", "2022-12-01T00:00:00Z");
  EXPECT_EQ(effective(windowed(), window, false).value(), window);
}

TEST(RunTest, NoDatesMeanAllThatTheSourceHas) {
  for (const bool widen : {false, true}) {
    EXPECT_TRUE(effective(windowed(), {}, widen).value().is_unbounded());
    EXPECT_TRUE(effective(config::Pipeline(), {}, widen).value().is_unbounded());
  }
}

TEST(RunTest, WideningMovesTheEndsThatAreGiven) {
  EXPECT_EQ(effective(windowed(), window_of("2022-11-01T00:00:00Z", "2022-12-01T00:00:00Z"), true)
                .value(),
            window_of("2022-10-30T00:00:00Z", "2022-12-01T01:00:00Z"));
  EXPECT_EQ(effective(windowed(), window_of("2022-11-01T00:00:00Z", ""), true).value(),
            window_of("2022-10-30T00:00:00Z", ""));
  EXPECT_EQ(effective(windowed(), window_of("", "2022-12-01T00:00:00Z"), true).value(),
            window_of("", "2022-12-01T01:00:00Z"));
}

TEST(RunTest, WideningStopsAtTheFirstAndTheLastInstant) {
  EXPECT_EQ(effective(windowed(), window_of("0001-01-02T00:00:00Z", "9999-12-31T23:30:00Z"), true)
                .value(),
            window_of("0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999Z"));
}

TEST(RunTest, AStartThatIsNotBeforeTheEndIsRefusedBeforeItIsWidened) {
  for (const auto* end : {"2022-11-01T00:00:00Z", "2022-10-31T23:59:59Z"}) {
    for (const bool widen : {false, true}) {
      const auto window = effective(windowed(), window_of("2022-11-01T00:00:00Z", end), widen);
      ASSERT_FALSE(window.ok());
      EXPECT_EQ(window.error().kind(), base::ErrorKind::kPermanent);
      EXPECT_THAT(window.error().message(), HasSubstr("2022-11-01"));
      EXPECT_THAT(window.error().message(), HasSubstr("--start-date before --end-date"));
    }
  }
}

TEST(RunTest, DatesForAPipelineWithoutAWindowAreRefused) {
  config::Pipeline pipeline;
  pipeline.name = "shop";
  const auto window = effective(pipeline, window_of("2022-11-01T00:00:00Z", ""), false);
  ASSERT_FALSE(window.ok());
  EXPECT_EQ(window.error().kind(), base::ErrorKind::kPermanent);
  EXPECT_THAT(window.error().message(), HasSubstr("pipeline 'shop' has no window"));
  EXPECT_THAT(window.error().message(), HasSubstr("extract.window"));
}

TEST(RunTest, ANameThatNoRunCanHaveIsRefusedByEveryStage) {
  io::MemoryStore store;
  io::FakeClock clock;
  io::SeededRandom random;
  io::ScriptedTransport http{std::deque<base::Result<io::HttpResponse>>{}};
  io::Env env{.http = http, .store = store, .clock = clock, .random = random};
  base::NullEventSink events;
  Options options;
  for (const auto* id : {"..", ".", "../x", "a/b"}) {
    options.run_id = id;
    for (const auto stage : {state::Stage::kExtract, state::Stage::kTransform, state::Stage::kMerge,
                             state::Stage::kAudit, state::Stage::kPublish, state::Stage::kLoad}) {
      const auto outcome = run_one_stage(stage, windowed(), options, {env, events, {}});
      EXPECT_EQ(outcome.report.exit_code, 2) << state::stage_name(stage) << " " << id;
      EXPECT_THAT(outcome.report.error, HasSubstr("run id is not allowed"))
          << state::stage_name(stage);
    }
  }
  EXPECT_TRUE(store.list("").value().empty());
}

TEST(RunTest, StagesAreNamedAsTheirCommands) {
  EXPECT_EQ(state::stage_name(state::Stage::kExtract), "extract");
  EXPECT_EQ(state::stage_name(state::Stage::kAudit), "audit");
  EXPECT_EQ(state::stage_name(state::Stage::kLoad), "load");
}

}  // namespace
}  // namespace ashore::run
