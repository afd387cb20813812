// A window whose rows go to disk is the window that memory would have held.
#include "transform/window_builder.h"

#include <array>
#include <random>
#include <utility>

#include "transform/testing/window.h"

namespace ashore::transform {
namespace {

// Orders by region with lines that have parts, three generations; a region may be absent.
config::Pipeline orders_with_lines(config::Keep keep, bool is_partitioned) {
  auto orders =
      table_from("orders",
                 {required_column("id", "/id", "int64"), path_column("region", "/region", "string"),
                  path_column("at", "/at", "int64"), path_column("note", "/note", "string")},
                 {"id"});
  orders.keep = keep;
  if (keep == config::Keep::kLatest) orders.latest = "at";
  auto lines =
      child_table(table_from("lines",
                             {position_column("line"), parent_column("order", "id", "int64"),
                              parent_column("region", "region", "string"),
                              required_column("sku", "/sku", "string")},
                             {"line", "order"}),
                  "orders", {"/lines"});
  auto parts = child_table(
      table_from("parts",
                 {path_column("part", "", "int32"), parent_column("line", "line", "int32"),
                  parent_column("order", "order", "int64")},
                 {"order", "part", "line"}),
      "lines", {"/parts"});
  if (is_partitioned) {
    orders.partition_by = "region";
    lines.partition_by = "region";
  }
  return pipeline_of({orders, lines, parts});
}

// Pages of random orders whose ids come again and again, some of which are rejected.
class RandomPages {
 public:
  explicit RandomPages(std::uint64_t seed) : engine_(seed) {}

  std::vector<std::string> next() {
    const auto ids = 1 + below(60);
    std::vector<std::string> pages(1 + below(9));
    for (auto& page : pages) {
      std::string items;
      for (auto item = below(12); item-- > 0;) items += (items.empty() ? "" : ",") + order(ids);
      page = page_of(items);
    }
    return pages;
  }

 private:
  std::uint64_t below(std::uint64_t end) { return engine_() % end; }

  std::string order(std::uint64_t ids) {
    const auto id = below(40) == 0 ? "\"no number\"" : std::to_string(below(ids));
    std::string text = "{\"id\": " + id + ", \"at\": " + std::to_string(below(3));
    if (below(4) != 0) text += ", \"region\": \"r" + std::to_string(below(5)) + "\"";
    if (below(5) == 0) text += ", \"extra" + std::to_string(below(3)) + "\": 1";
    text += ", \"note\": " + (below(30) == 0 ? "7" : "\"" + std::to_string(engine_()) + "\"");
    std::string lines;
    for (auto line = below(4); line-- > 0;) {
      std::string parts;
      for (auto part = below(3); part-- > 0;) {
        parts += (parts.empty() ? "" : ",") + std::to_string(below(3));
      }
      const auto sku = below(30) == 0 ? "null" : "\"s" + std::to_string(below(9)) + "\"";
      lines += (lines.empty() ? "" : ",") + ("{\"sku\": " + sku + ", \"parts\": [" + parts + "]}");
    }
    return text + ", \"lines\": [" + lines + "]}";
  }

  std::mt19937_64 engine_;
};

// All that a transform wrote that later stages and users read; parts are cut where memory says.
std::string written(Landing* landing, const config::Pipeline& pipeline,
                    const base::Result<StagedWindow>& staged) {
  if (!staged.ok()) return staged.error().message();
  auto text = state::summary_json(staged.value().summary);
  for (const auto& table : pipeline.tables) {
    text += "\n" + table.name;
    for (const auto& file : staged.value().manifest.files) {
      const auto name = file.path.substr(file.path.rfind('/') + 1);
      if (!file.path.starts_with(state::window_folder("run-1", table.name))) continue;
      for (const auto& row : landing->rows(pipeline, table.name, name)) text += "\n" + row;
    }
    text += "\n" + landing->quarantine(table.name);
  }
  return text;
}

TEST(WindowBuilderTest, RowsOnDiskGiveTheWindowOfRowsInMemory) {
  std::size_t spilled = 0;
  for (std::uint64_t seed = 0; seed < 400; ++seed) {
    const auto pages = RandomPages(seed).next();
    const std::array<config::Keep, 3> keeps = {config::Keep::kLast, config::Keep::kFirst,
                                               config::Keep::kLatest};
    const auto pipeline = orders_with_lines(keeps[seed % 3], seed % 5 != 0);
    Landing in_memory(pages);
    Landing on_disk(pages);
    // A quarter holds the rows of a page or two.
    on_disk.memory_bytes = 16'000 + static_cast<std::int64_t>(seed % 7) * 4'000;
    on_disk.threads = 1 + static_cast<int>(seed % 3);
    const auto expected = written(&in_memory, pipeline, in_memory.run(pipeline));
    const auto found = written(&on_disk, pipeline, on_disk.run(pipeline));
    if (found.find("--memory") != std::string::npos) continue;  // a page alone is too large
    ASSERT_EQ(found, expected) << "seed " << seed;
    ++spilled;
  }
  EXPECT_GT(spilled, 300U);
}

// The landing's pages at once, then its answers one after another.
base::Result<StagedWindow> answered_later(Landing* landing, const config::Pipeline& pipeline) {
  LandingTransform transform(pipeline, landing->context());
  auto staged = transform.stage(stored(landing->manifest), {.run_id = "run-1"}, landing->context());
  auto answers = *landing->lookup;
  const auto files = std::exchange(answers.files, {});
  for (const auto& file : files) {
    if (!staged.ok()) break;
    answers.files.push_back(file);
    staged = transform.add_answers(stored(answers), landing->context());
  }
  return staged;
}

TEST(WindowBuilderTest, PagesAddedToAFinishedWindowGiveTheWindowOfAllPages) {
  std::size_t compared = 0;
  for (std::uint64_t seed = 0; seed < 400; ++seed) {
    RandomPages pages(seed);
    Landing at_once(pages.next());
    const std::array<config::Keep, 3> keeps = {config::Keep::kLast, config::Keep::kFirst,
                                               config::Keep::kLatest};
    const auto pipeline = orders_with_lines(keeps[seed % 3], seed % 5 != 0);
    for (const auto& page : pages.next()) at_once.answer({}, page);
    if (seed % 2 == 0) at_once.memory_bytes = 60'000;
    at_once.threads = 1 + static_cast<int>(seed % 3);
    const auto expected = written(&at_once, pipeline, at_once.run(pipeline));
    const auto found = written(&at_once, pipeline, answered_later(&at_once, pipeline));
    if (expected.find("--memory") != std::string::npos) continue;  // a page alone is too large
    ASSERT_EQ(found, expected) << "seed " << seed;
    ++compared;
  }
  EXPECT_GT(compared, 350U);
}

}  // namespace
}  // namespace ashore::transform
