// Where a landing's rows belong when its rejections are replayed.
#include "rebuild/quarantine_replay.h"

#include <gtest/gtest.h>

namespace ashore::rebuild {
namespace {

using Steps = std::vector<run::Step>;

bool never(const run::Step&) { return false; }

TEST(QuarantineReplayTest, ChosenLandingsAreReadByThePresentFile) {
  const Steps steps = {{"a", "a"}, {"b", "b"}, {"c", "c"}};
  EXPECT_EQ(steps_with(steps, {"b"}, {{"a", 1}, {"b", 2}, {"c", 3}}, "x", never),
            (Steps{{"a", "a"}, {"b", "x"}, {"c", "c"}}));
}

TEST(QuarantineReplayTest, ABlockedLandingIsSetInWhereItBelongsInTime) {
  const Steps steps = {{"a", "a"}, {"c", "c"}};
  const std::map<std::string, std::int64_t> started = {{"a", 1}, {"b", 2}, {"c", 3}, {"d", 4}};
  EXPECT_EQ(steps_with(steps, {"b", "d"}, started, "x", never),
            (Steps{{"a", "a"}, {"b", "x"}, {"c", "c"}, {"d", "x"}}));
}

TEST(QuarantineReplayTest, LaterLandingsFollowWhereColumnsDiffer) {
  const Steps steps = {{"a", "a"}, {"b", "b"}, {"c", "c"}, {"d", "d"}};
  const auto needs_present = [](const run::Step& step) { return step.landing != "d"; };
  EXPECT_EQ(steps_with(steps, {"b"}, {{"a", 1}, {"b", 2}, {"c", 3}, {"d", 4}}, "x", needs_present),
            (Steps{{"a", "a"}, {"b", "x"}, {"c", "x"}, {"d", "d"}}));
}

}  // namespace
}  // namespace ashore::rebuild
