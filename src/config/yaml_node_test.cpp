// Hostile or broken YAML is a finding with a place, never a crash, an exception or a long wait.
#include "config/yaml_node.h"

#include <gtest/gtest.h>

#include "config/reader.h"

namespace ashore::config {
namespace {

std::string repeated(std::string_view text, std::size_t count) {
  std::string result;
  for (std::size_t index = 0; index < count; ++index) result += text;
  return result;
}

std::string first_finding(std::string_view text) {
  const auto document = parse_yaml(text);
  if (document.findings.empty()) return "none";
  const auto& finding = document.findings.front();
  return std::to_string(finding.mark.line) + ":" + std::to_string(finding.mark.column) + " " +
         finding.what;
}

TEST(YamlNodeTest, ScalarsKeepTheirPlaceAndWhetherTheyWereQuoted) {
  const auto document = parse_yaml(
      "\xef\xbb\xbf# \xc3\xa9\na: 1\nb: ['1', ~, tr\xc3\xbc"
      "e]\n");
  ASSERT_TRUE(document.root);
  const auto& entries = document.root->entries;
  ASSERT_EQ(entries.size(), 2U);
  EXPECT_TRUE(entries[0].value.is_plain);
  EXPECT_EQ(entries[0].value.mark.line, 2);
  EXPECT_EQ(entries[0].value.mark.column, 4);
  EXPECT_FALSE(entries[1].value.items[0].is_plain);
  EXPECT_EQ(entries[1].value.items[1].kind, NodeKind::kNull);
}

TEST(YamlNodeTest, BrokenTextIsPlaced) {
  EXPECT_EQ(first_finding(""), "1:1 the file is empty");
  EXPECT_EQ(first_finding("# nothing\n"), "1:1 the file is empty");
  EXPECT_EQ(first_finding(std::string("a: b\nc: \0d", 10)),
            "2:4 the file holds a control character");
  EXPECT_EQ(first_finding("a: b\nc: \xff"), "2:4 the file is not UTF-8 text");
  EXPECT_EQ(first_finding("a: \xed\xa0\x80"), "1:4 the file is not UTF-8 text");
  EXPECT_EQ(first_finding("a: 1\n---\nb: 2\n"), "3:1 a second YAML document begins");
  EXPECT_EQ(first_finding("a: &x 1\nb: *x\n"), "2:4 aliases (*name) are not read");
  EXPECT_EQ(first_finding("a: !!int 1\n").substr(0, 8), "1:4 tags");
  EXPECT_EQ(first_finding("? [a]\n: b\n").substr(0, 27), "1:3 a key is a list or a ma");
  EXPECT_EQ(first_finding("a: [1, 2\nb: 3\n").substr(0, 2), "2:");
  EXPECT_NE(first_finding("a: \"x").find("this is not YAML"), std::string::npos);
  EXPECT_NE(first_finding("a: b: c").find("this is not YAML"), std::string::npos);
}

TEST(YamlNodeTest, AnAliasBombIsRefused) {
  std::string bomb = "a: &a [x, x, x]\n";
  for (char name = 'b'; name < 'z'; ++name) {
    const auto before = std::string(1, static_cast<char>(name - 1));
    bomb += std::string(1, name) + ": &" + name + " [*" + before + ", *" + before + "]\n";
  }
  EXPECT_EQ(first_finding(bomb), "2:8 aliases (*name) are not read");
}

TEST(YamlNodeTest, DeepNestingIsRefused) {
  EXPECT_NE(first_finding(repeated("[", 100)), "none");
  EXPECT_NE(first_finding(repeated("[", 500'000)).find("too many brackets"), std::string::npos);
  EXPECT_NE(first_finding(repeated("{a: ", 200'000)), "none");
  EXPECT_NE(first_finding(repeated("[", 80) + repeated("]", 80)).find("nested deeper"),
            std::string::npos);
  EXPECT_NE(first_finding(repeated("- ", 400'000)), "none");
  EXPECT_NE(first_finding(repeated("? ", 400'000)), "none");
  EXPECT_NE(first_finding(repeated("a: ", 300'000)), "none");
}

TEST(YamlNodeTest, AFileOverTheLimitIsRefusedUnread) {
  EXPECT_EQ(first_finding(std::string(100'000'000, 'a')),
            "1:1 the file is larger than 1048576 bytes");
}

TEST(YamlNodeTest, AMegabyteOfKeysIsReadInTime) {
  std::string text;
  for (int index = 0; index < 50'000; ++index) text += "key_" + std::to_string(index) + ": 1\n";
  const auto reading = read_pipeline(text, "p.yaml", {});
  EXPECT_GT(reading.complaints.size(), 50'000U);
}

// Every cut of a good file, and every byte of it replaced, is read without a crash.
TEST(YamlNodeTest, MutilatedFilesNeverCrash) {
  const std::string good =
      "version: 1\nname: a\nsource: {url: \"http://h\"}\nextract: {request: {path: /x, query: {a: "
      "\"${page}\"}}, pages: {by: number}}\ntables:\n  t:\n    from: items\n    key: [k]\n    "
      "columns: {k: {path: /k, type: int32, default: 3}}\n    checks: [{row_count: {min: 1}}]\n";
  ASSERT_TRUE(read_pipeline(good, "p", {}).complaints.empty());
  for (std::size_t cut = 0; cut < good.size(); ++cut) {
    (void)read_pipeline(std::string_view(good).substr(0, cut), "p", {});
    for (const char byte : {'[', '}', ':', '&', '*', '!', '\n', '"', '-', '\t', '$', '?', '~'}) {
      auto changed = good;
      changed[cut] = byte;
      const auto reading = read_pipeline(changed, "p", {});
      EXPECT_EQ(reading.pipeline.has_value(), reading.complaints.empty());
    }
  }
}

}  // namespace
}  // namespace ashore::config
