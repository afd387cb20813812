// The readers, docs/pipeline.md and schema/pipeline.schema.json say the same keys. With
// ASHORE_WRITE_EXPECTED=1 the documents are written anew.
#include "config/keys.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>

#include "config/reader.h"

namespace ashore::config {
namespace {

std::string read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

bool writes_expected() { return std::getenv("ASHORE_WRITE_EXPECTED") != nullptr; }

// Replaces what stands between the marks of each section's table.
std::string with_tables(std::string text) {
  for (const auto& section : sections()) {
    const auto begin = "<!-- keys of " + std::string(section.name) + " -->\n";
    const auto at = text.find(begin);
    if (at == std::string::npos) {
      ADD_FAILURE() << "docs/pipeline.md has no table of " << section.name;
      continue;
    }
    const auto end = text.find("\n<!-- end -->", at);
    text.replace(at + begin.size(), end + 1 - at - begin.size(), keys_table(section));
  }
  return text;
}

TEST(KeysTest, TheDocumentsAreTheTablesOfTheReader) {
  const std::string path = "docs/pipeline.md";
  const auto text = read_file(path);
  const auto expected = with_tables(text);
  if (writes_expected()) std::ofstream(path, std::ios::binary) << expected;
  EXPECT_TRUE(text == expected) << "ASHORE_WRITE_EXPECTED=1 writes the tables of " << path;
}

TEST(KeysTest, TheSchemaIsTheOneOfTheReader) {
  const std::string path = "schema/pipeline.schema.json";
  if (writes_expected()) std::ofstream(path, std::ios::binary) << pipeline_schema();
  EXPECT_TRUE(read_file(path) == pipeline_schema()) << "ASHORE_WRITE_EXPECTED=1 writes " << path;
}

// Where a key of a section stands in a file; `@` is the key.
const std::map<std::string_view, std::vector<std::string_view>> kPlaces = {
    {"file", {"@: 1\n"}},
    {"source", {"source: {@: x}\n"}},
    {"extract", {"extract: {@: {}}\n"}},
    {"request", {"extract: {request: {@: x}}\n"}},
    {"lookup", {"extract: {request: {path: /a}, lookup: {@: x}}\n"}},
    {"window", {"extract: {request: {path: /a}, window: {@: x}}\n"}},
    {"pages",
     {"extract: {request: {path: /a}, pages: {by: number, @: 1}}\n",
      "extract: {request: {path: /a}, pages: {by: cursor, @: /a}}\n",
      "extract: {request: {path: /a}, pages: {by: next, @: /a}}\n"}},
    {"cursor", {"extract: {request: {path: /a}, pages: {by: cursor, cursor: {@: /a}}}\n"}},
    {"items", {"extract: {request: {path: /a}, items: {@: /a}}\n"}},
    {"auth", {"extract: {request: {path: /a}, auth: {@: x}}\n"}},
    {"basic", {"extract: {request: {path: /a}, auth: {basic: {@: x}}}\n"}},
    {"api_key", {"extract: {request: {path: /a}, auth: {api_key: {@: x}}}\n"}},
    {"retry", {"extract: {request: {path: /a}, retry: {@: 1}}\n"}},
    {"rate", {"extract: {request: {path: /a}, rate: {@: 1}}\n"}},
    {"limits", {"extract: {request: {path: /a}, limits: {@: 1}}\n"}},
    {"table", {"tables: {t: {@: x}}\n"}},
    {"keep", {"tables: {t: {keep: {@: x}}}\n"}},
    {"partition", {"tables: {t: {partition: {@: x}}}\n"}},
    {"column",
     {"tables: {t: {columns: {c: {path: /a, @: x}}}}\n",
      "tables: {t: {columns: {c: {date_of: a, @: day}}}}\n",
      "tables: {t: {columns: {c: {@: x}}}}\n"}},
    {"check",
     {"tables: {t: {checks: [{@: x}]}}\n", "tables: {t: {checks: [{unique: c, @: x}]}}\n"}},
    {"references",
     {"tables: {t: {checks: [{references: {table: x, @: [y]}}]}}\n",
      "tables: {t: {checks: [{references: {columns: [x], @: y}}]}}\n"}},
    {"range", {"tables: {t: {checks: [{range: {c: {@: 1}}}]}}\n"}},
    {"row_count", {"tables: {t: {checks: [{row_count: {@: 1}}]}}\n"}},
    {"row_count_change", {"tables: {t: {checks: [{row_count_change: {@: 1}}]}}\n"}},
    {"deleted", {"tables: {t: {checks: [{deleted: {@: 1}}]}}\n"}},
    {"publish", {"publish: {@: x}\n"}},
    {"destination", {"destinations: [{@: x}]\n"}},
    {"duckdb", {"destinations: [{duckdb: {@: x}}]\n"}},
    {"postgresql", {"destinations: [{postgresql: {@: x}}]\n"}},
};

bool is_known_at(std::string_view place, std::string_view key) {
  std::string text(place);
  text.replace(text.find('@'), 1, key);
  const auto reading = read_pipeline(text, "p.yaml", [](std::string_view) { return std::nullopt; });
  for (const auto& complaint : reading.complaints) {
    if (complaint.what.find("unknown") == 0 &&
        complaint.what.find("'" + std::string(key) + "'") != std::string::npos) {
      return false;
    }
  }
  return true;
}

TEST(KeysTest, TheReaderKnowsEveryKeyOfTheTableAndNoOther) {
  for (const auto& section : sections()) {
    const auto places = kPlaces.find(section.name);
    ASSERT_NE(places, kPlaces.end()) << section.name;
    const auto is_known = [&](std::string_view key) {
      return std::ranges::any_of(places->second,
                                 [&](std::string_view place) { return is_known_at(place, key); });
    };
    for (const auto& key : section.keys) {
      EXPECT_TRUE(is_known(key.name)) << section.name << "." << key.name;
      EXPECT_TRUE(key.earlier.empty() || is_known(key.earlier)) << key.earlier;
    }
    EXPECT_FALSE(is_known("no_such_key")) << section.name;
  }
}

TEST(KeysTest, EverySectionThatAKeyNamesIsThere) {
  const auto schema = nlohmann::json::parse(pipeline_schema());
  for (const auto& section : sections()) {
    for (const auto& key : section.keys) {
      for (const auto& name : {key.of, key.or_of}) {
        EXPECT_TRUE(name.empty() || schema["$defs"].contains(name)) << name;
      }
    }
  }
}

}  // namespace
}  // namespace ashore::config
