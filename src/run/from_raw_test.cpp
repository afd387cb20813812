// Which landings wait to be published.
#include "run/from_raw.h"

#include <gtest/gtest.h>

namespace ashore::run {
namespace {

state::RunInfo run(const std::string& id, std::int64_t started_us) {
  state::RunInfo info;
  info.run_id = id;
  info.started_us = started_us;
  return info;
}

std::vector<std::string> ids(const std::vector<state::RunInfo>& runs) {
  std::vector<std::string> found;
  for (const auto& each : runs) found.push_back(each.run_id);
  return found;
}

using Ids = std::vector<std::string>;

TEST(FromRawTest, LandingsNewerThanThePublishedOneWait) {
  Publication published;
  published.run_id = "b";
  const auto waiting =
      find_waiting({run("a", 1), run("b", 2), run("c", 3), run("d", 4)}, {published}, 2, false);
  EXPECT_EQ(ids(waiting.landings), (Ids{"c", "d"}));
  EXPECT_EQ(waiting.passed_over, (Ids{"a"}));
}

TEST(FromRawTest, OlderLandingsWaitWhereTheyAreTaken) {
  Publication published;
  published.run_id = "b";
  const auto waiting = find_waiting({run("a", 1), run("b", 2)}, {published}, 2, true);
  EXPECT_EQ(ids(waiting.landings), (Ids{"a"}));
}

TEST(FromRawTest, WhatARecordNamesIsPublished) {
  Publication rebuilt;
  rebuilt.run_id = "x";
  rebuilt.is_landing = false;
  rebuilt.steps = {{"a", "x"}, {"b", "x"}};
  const auto waiting = find_waiting({run("a", 1), run("b", 2), run("c", 3)}, {rebuilt}, 2, true);
  EXPECT_EQ(ids(waiting.landings), (Ids{"c"}));
}

TEST(FromRawTest, WithoutPublicationAllWait) {
  const auto waiting = find_waiting({run("a", 1), run("b", 2)}, {}, INT64_MIN, false);
  EXPECT_EQ(ids(waiting.landings), (Ids{"a", "b"}));
}

}  // namespace
}  // namespace ashore::run
