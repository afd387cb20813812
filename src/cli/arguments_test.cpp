// The command line becomes plain values, or one clear line and exit code 2.
#include "cli/arguments.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace ashore::cli {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

Parsed parse(std::vector<const char*> words) {
  words.insert(words.begin(), "ashore");
  return parse_arguments(static_cast<int>(words.size()), words.data(), "1.2.3");
}

void refuses(const std::vector<const char*>& words, const std::string& why) {
  const auto parsed = parse(words);
  ASSERT_TRUE(parsed.text);
  EXPECT_TRUE(parsed.text_is_error);
  EXPECT_EQ(parsed.exit_code, 2);
  EXPECT_THAT(*parsed.text, HasSubstr(why));
  EXPECT_THAT(*parsed.text, testing::StartsWith("ashore: "));
}

TEST(ArgumentsTest, EveryWayToSayAWindow) {
  for (const auto* option : {"--start-date", "--start_date"}) {
    const auto parsed = parse({"run", option, "2022-11-01", "--end_date", "2022-12-01T06:00:00Z"});
    ASSERT_FALSE(parsed.text);
    EXPECT_EQ(base::format_timestamp(*parsed.arguments.window.start), "2022-11-01T00:00:00Z");
    EXPECT_EQ(base::format_timestamp(*parsed.arguments.window.end), "2022-12-01T06:00:00Z");
  }
  refuses({"run", "--start-date", "2022-13-01"}, "--start-date");
  refuses({"run", "--end-date", "2022-12-01T06:00:00"}, "YYYY-MM-DD");
}

TEST(ArgumentsTest, ThePipelineAndRepeatedDestinations) {
  const auto parsed = parse({"load", "shop.yaml", "--to", "duckdb:a.db", "--to", "postgresql://h"});
  ASSERT_FALSE(parsed.text);
  EXPECT_EQ(parsed.arguments.command, "load");
  EXPECT_EQ(parsed.arguments.pipeline, "shop.yaml");
  EXPECT_THAT(parsed.arguments.to, ElementsAre("duckdb:a.db", "postgresql://h"));
  EXPECT_EQ(parse({"run"}).arguments.pipeline, ASHORE_DEFAULT_PIPELINE);
}

TEST(ArgumentsTest, QuantitiesHaveUnitsAndLimits) {
  EXPECT_EQ(parse({"run", "--memory", "64MB"}).arguments.memory_bytes, 64'000'000);
  EXPECT_EQ(parse({"run", "--memory", "64MiB"}).arguments.memory_bytes, std::int64_t{64} << 20);
  EXPECT_EQ(parse({"run", "--wait", "5m"}).arguments.wait, std::chrono::minutes(5));
  refuses({"run", "--memory", "1MB"}, "at least 16MB");
  refuses({"run", "--memory", "lots"}, "--memory");
  refuses({"run", "--wait", "soon"}, "--wait");
  refuses({"run", "--log-level", "loud"}, "--log-level");
}

TEST(ArgumentsTest, WhatIsMisspeltIsNamedWithWhatWasMeant) {
  refuses({}, "no command given");
  refuses({"statuss"}, "there is no command 'statuss'. Did you mean 'status'?");
  refuses({"fetch"}, "Valid here: run, extract");
  refuses({"run", "--start-dat", "2022-01-01"}, "--start-dat");
  refuses({"quarantine"}, "quarantine: no command given. Valid here: list, show, replay.");
  refuses({"quarantine", "lst"}, "Did you mean 'list'?");
}

TEST(ArgumentsTest, HelpAndVersionAreResults) {
  for (const auto& words : {std::vector<const char*>{"--help"}, {"run", "--help"}, {"--version"}}) {
    const auto parsed = parse(words);
    ASSERT_TRUE(parsed.text);
    EXPECT_FALSE(parsed.text_is_error);
    EXPECT_EQ(parsed.exit_code, 0);
  }
  EXPECT_EQ(*parse({"--version"}).text, "ashore 1.2.3\n");
}

}  // namespace
}  // namespace ashore::cli
