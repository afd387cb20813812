// The command line becomes plain values, or one clear line and exit code 2.
#include "cli/arguments.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>

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

TEST(ArgumentsTest, ASourceUrlHoldsNoSecret) {
  const std::string key = "hush";
  for (const auto& url : {"http://me:" + key + "@h/", "http://h/?api_key=" + key,
                          "http://me:" + key + "/x@h/", "ftp://me:" + key + "@h"}) {
    const auto parsed = parse({"run", "--source-url", url.c_str()});
    ASSERT_TRUE(parsed.text) << url;
    EXPECT_EQ(parsed.exit_code, 2);
    EXPECT_THAT(*parsed.text, HasSubstr("--source-url"));
    EXPECT_THAT(*parsed.text, HasSubstr("extract.auth"));
    EXPECT_THAT(*parsed.text, testing::Not(HasSubstr(key)));
  }
  ::setenv("ASHORE_SOURCE_URL", "http://h/?token=hush", 1);
  refuses({"extract"}, "http://h/?token=***");
  ::unsetenv("ASHORE_SOURCE_URL");
}

TEST(ArgumentsTest, ADataFolderIsAFolderOrAPlaceOnS3) {
  refuses({"run", "--data-dir", "gs://bucket/prefix"}, "gs://");
  refuses({"run", "--data-dir", "s3://"}, "s3://BUCKET");
  EXPECT_FALSE(parse({"run", "--data-dir", "s3://bucket/prefix"}).text);
  EXPECT_FALSE(parse({"run", "--data-dir", "./s3://bucket"}).text);
}

TEST(ArgumentsTest, QuantitiesHaveUnitsAndLimits) {
  EXPECT_EQ(parse({"run", "--memory", "64MB"}).arguments.memory_bytes, 64'000'000);
  EXPECT_EQ(parse({"run", "--memory", "64MiB"}).arguments.memory_bytes, std::int64_t{64} << 20);
  EXPECT_EQ(parse({"run", "--wait", "5m"}).arguments.wait, std::chrono::minutes(5));
  refuses({"run", "--memory", "1MB"}, "at least 16MB");
  EXPECT_EQ(parse({"run", "--memory", "16MB"}).arguments.memory_bytes, 16'000'000);
  refuses({"run", "--memory", "lots"}, "--memory");
  refuses({"run", "--wait", "soon"}, "--wait");
  refuses({"run", "--log-level", "loud"}, "--log-level");
}

TEST(ArgumentsTest, WhatIsMisspeltIsNamedWithWhatWasMeant) {
  refuses({}, "no command given");
  refuses({"statuss"}, "there is no command 'statuss'. Did you mean 'status'?");
  refuses({"fetch"}, "Valid here: run, extract");
  refuses({"run", "--start-dat", "2022-01-01"},
          "run: there is no option '--start-dat'. Did you mean '--start-date'?");
  refuses({"run", "--thread=4"}, "there is no option '--thread'. Did you mean '--threads'?");
  refuses({"run", "--zebra"}, "there is no option '--zebra'.\n");
  refuses({"quarantine", "list", "--tabel", "x"}, "Did you mean '--table'?");
  refuses({"run", "shop.yaml", "other.yaml"}, "other.yaml");
  refuses({"quarantine"}, "quarantine: no command given. Valid here: list, show, replay.");
  refuses({"quarantine", "lst"}, "Did you mean 'list'?");
}

TEST(ArgumentsTest, AnEmptyValueIsNoValue) {
  for (const auto* option : {"--start-date", "--end-date", "--run-id", "--data-dir", "--to",
                             "--source-url", "--memory", "--wait"}) {
    refuses({"run", option, ""}, std::string(option) + ": the value is empty");
  }
  refuses({"run", ""}, "pipeline: the value is empty");
}

// Sets a variable while it lives.
class Variable {
 public:
  Variable(const char* name, const char* value) : name_(name) { ::setenv(name, value, 1); }
  ~Variable() { ::unsetenv(name_); }
  Variable(const Variable&) = delete;
  Variable& operator=(const Variable&) = delete;

 private:
  const char* name_;
};

TEST(ArgumentsTest, VariablesStandForOptionsAndTheLineWins) {
  const Variable start("ASHORE_START_DATE", "2022-11-01");
  const Variable folder("ASHORE_DATA_DIR", "/data");
  const Variable to("ASHORE_TO", "duckdb:variable.duckdb");
  const Variable threads("ASHORE_THREADS", "3");
  const Variable widen("ASHORE_WIDEN", "true");
  const auto parsed = parse({"run", "--data-dir", "here", "--to", "duckdb:line.duckdb"});
  ASSERT_FALSE(parsed.text) << *parsed.text;
  EXPECT_EQ(base::format_timestamp(*parsed.arguments.window.start), "2022-11-01T00:00:00Z");
  EXPECT_EQ(parsed.arguments.data_dir, "here");
  EXPECT_THAT(parsed.arguments.to, ElementsAre("duckdb:line.duckdb"));
  EXPECT_EQ(parsed.arguments.threads, 3);
  EXPECT_TRUE(parsed.arguments.widen);
}

TEST(ArgumentsTest, TheLineWinsOverVariablesForEveryCommand) {
  const Variable folder("ASHORE_DATA_DIR", "/data");
  for (const auto* command : {"run", "extract", "transform", "merge", "audit", "publish", "load",
                              "plan", "answers", "status", "runs", "recover", "replay"}) {
    EXPECT_EQ(parse({command}).arguments.data_dir, "/data") << command;
    EXPECT_EQ(parse({command, "--data-dir", "here"}).arguments.data_dir, "here") << command;
  }
  EXPECT_EQ(parse({"quarantine", "list"}).arguments.data_dir, "/data");
  EXPECT_EQ(parse({"quarantine", "list", "--data-dir", "here"}).arguments.data_dir, "here");
}

TEST(ArgumentsTest, VariablesOfOtherCommandsDoNotMatter) {
  const Variable threads("ASHORE_START_DATE", "nonsense");
  EXPECT_FALSE(parse({"status"}).text);
  refuses({"run"}, "--start-date");
}

TEST(ArgumentsTest, AnEmptyVariableIsNotSet) {
  const Variable start("ASHORE_START_DATE", "");
  const Variable widen("ASHORE_WIDEN", "");
  const auto parsed = parse({"run"});
  ASSERT_FALSE(parsed.text) << *parsed.text;
  EXPECT_FALSE(parsed.arguments.window.start);
  EXPECT_FALSE(parsed.arguments.widen);
}

TEST(ArgumentsTest, AWrongVariableIsRefusedLikeItsOption) {
  const Variable threads("ASHORE_THREADS", "many");
  refuses({"run"}, "--threads");
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
