// Every target over its corpus, over each input cut short, and over each with a byte changed.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "target.h"

namespace ashore::fuzz {
namespace {

void run_over_corpus(const std::string& name, void (*target)(std::string_view)) {
  int inputs = 0;
  for (const auto& entry : std::filesystem::directory_iterator("fuzz/corpus/" + name)) {
    std::ifstream file(entry.path(), std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(file), {}};
    target(bytes);
    for (std::size_t length = 0; length < bytes.size(); length += 1 + bytes.size() / 50) {
      target(std::string_view(bytes).substr(0, length));
      auto changed = bytes;
      changed[length] = static_cast<char>(changed[length] ^ 1);
      target(changed);
    }
    ++inputs;
  }
  EXPECT_GT(inputs, 0) << "no corpus for " << name;
}

TEST(FuzzCorpusTest, PipelineReader) { run_over_corpus("pipeline_reader", pipeline_reader); }
TEST(FuzzCorpusTest, Json) { run_over_corpus("json", json); }
TEST(FuzzCorpusTest, Number) { run_over_corpus("number", number); }
TEST(FuzzCorpusTest, Paginator) { run_over_corpus("paginator", paginator); }
TEST(FuzzCorpusTest, Headers) { run_over_corpus("headers", headers); }
TEST(FuzzCorpusTest, DeltaLog) { run_over_corpus("delta_log", delta_log); }
TEST(FuzzCorpusTest, Manifest) { run_over_corpus("manifest", manifest); }
TEST(FuzzCorpusTest, Timestamp) { run_over_corpus("timestamp", timestamp); }
TEST(FuzzCorpusTest, SmallParquet) { run_over_corpus("small_parquet", small_parquet); }

}  // namespace
}  // namespace ashore::fuzz
