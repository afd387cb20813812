// Whenever the power goes, and whatever the disk had not yet kept, the next run ends as if nothing
// had happened; and no sync is there that this does not need.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "base/digest.h"
#include "config/reader.h"
#include "delta/snapshot.h"
#include "io/testing/fake_clock.h"
#include "io/testing/power_loss.h"
#include "io/testing/scripted_transport.h"
#include "io/testing/seeded_random.h"
#include "run/recover.h"
#include "run/run.h"
#include "state/manifest.h"

namespace ashore::run {
namespace {

using Objects = std::map<std::string, std::string>;

constexpr std::string_view kPipeline = R"(version: 1
name: shop
source: {name: shop, url: "http://shop.test"}
extract:
  request: {method: GET, path: /orders}
  pages: {by: none}
  items: {at: /data, id: /id}
tables:
  orders:
    from: items
    key: [order_id]
    partition: {by: region}
    missing: delete
    columns:
      order_id: {path: /id, type: int64, required: true}
      region: {path: /region, type: string}
  lines:
    from: orders
    each: /lines
    key: [line_id, order_id]
    columns:
      line_id: {path: /id, type: int64, required: true}
      order_id: {parent: order_id}
destinations: [{duckdb: warehouse.duckdb}]
)";

// Orders 2, 5 and 6 change, move and come; order 3 goes.
constexpr std::string_view kBefore = R"({"data": [
  {"id": 1, "region": "north", "lines": [{"id": 1}]}, {"id": 2, "region": "north", "lines": []},
  {"id": 3, "region": "east", "lines": [{"id": 1}]}, {"id": 4, "region": "south", "lines": []}]})";
constexpr std::string_view kAfter = R"({"data": [
  {"id": 1, "region": "north", "lines": [{"id": 1}]}, {"id": 2, "region": "west", "lines": [{"id": 7}]},
  {"id": 4, "region": "south", "lines": []}, {"id": 5, "region": "a/b", "lines": [{"id": 1}]},
  {"id": 6, "region": "south", "lines": []}]})";

config::Pipeline shop() {
  auto reading = config::read_pipeline(
      kPipeline, "shop.yaml", [](std::string_view) { return std::optional<std::string>(); });
  EXPECT_TRUE(reading.complaints.empty()) << reading.complaints.front().message();
  return *std::move(reading.pipeline);
}

// One process that lands and publishes an answer of the source; how it ended.
report::RunReport run_over(io::ObjectStore& store, std::string_view answer, const std::string& id,
                           int second) {
  static const config::Pipeline pipeline = shop();
  io::ScriptedTransport http([&](const io::HttpRequest&) {
    io::HttpResponse response;
    response.status = 200;
    response.body = answer;
    return base::Result<io::HttpResponse>(std::move(response));
  });
  io::FakeClock clock(base::timestamp_of_micros(1'667'260'800'000'000 + second * 1'000'000LL));
  io::SeededRandom random;
  io::Env env{.http = http, .store = store, .clock = clock, .random = random};
  base::NullEventSink events;
  Options options;
  options.run_id = id;
  options.load.data_folder = "/nowhere";
  return run(pipeline, options, {env, events, {}}).report;
}

// "" or why it failed.
std::string recover_over(io::ObjectStore& store) {
  io::ScriptedTransport http(std::deque<base::Result<io::HttpResponse>>{});
  io::FakeClock clock;
  io::SeededRandom random;
  io::Env env{.http = http, .store = store, .clock = clock, .random = random};
  base::NullEventSink events;
  const auto recovered = recover(std::chrono::milliseconds(0), {env, events, {}});
  return recovered.ok() ? "" : recovered.error().message();
}

Objects objects_of(io::ObjectStore& store, const std::string& folder) {
  Objects objects;
  for (const auto& info : store.list(folder).value()) {
    objects[info.path] = store.read(info.path).value();
  }
  return objects;
}

// What every reader sees of the tables: for each its files, all of them there and whole.
std::string seen(io::ObjectStore& store, std::string* problem) {
  std::string text;
  for (const auto* table : {"orders", "lines"}) {
    const auto folder = std::string("stage/") + table;
    const auto snapshot = delta::read_snapshot(store, folder);
    if (!snapshot.ok() || !snapshot.value()) {
      *problem = "table " + folder + " cannot be read";
      return "";
    }
    for (const auto& file : snapshot.value()->files) {
      const auto info = store.stat(folder + "/" + file.path).value();
      if (!info || info->bytes != file.bytes) *problem = "a reader lacks " + file.path;
      text += folder + "/" + file.path + " " + file.stats_json + " " + file.rows_digest() + "\n";
    }
    text += "\n";
  }
  return text;
}

struct Kind {
  const char* name;
  io::Loss loss;
};

using Step = io::TracedStep;
bool all_names(const Step&, std::size_t) { return true; }
bool no_name(const Step&, std::size_t) { return false; }
std::size_t all_bytes(std::size_t, std::size_t all) { return all; }
std::size_t synced_bytes(std::size_t synced, std::size_t) { return synced; }
std::size_t half_bytes(std::size_t synced, std::size_t all) { return (synced + all) / 2; }

// What may be lost, alone and together.
std::vector<Kind> kinds_of_loss() {
  std::vector<Kind> kinds = {
      {"everything", {no_name, synced_bytes}},
      {"nothing", {all_names, all_bytes}},
      {"data", {all_names, synced_bytes}},
      {"half of the data", {all_names, half_bytes}},
      {"names", {no_name, all_bytes}},
      {"renames",
       {[](const Step& step, std::size_t) {
          return step.kind != Step::Kind::kRename && step.kind != Step::Kind::kReplace;
        },
        all_bytes}},
      {"all names but renames",
       {[](const Step& step, std::size_t) { return step.kind == Step::Kind::kRename; },
        synced_bytes}},
      {"removals",
       {[](const Step& step, std::size_t) { return step.kind != Step::Kind::kRemove; },
        synced_bytes}},
      {"removals of data files",
       {[](const Step& step, std::size_t) {
          return step.kind != Step::Kind::kRemove || !step.path.ends_with(".parquet");
        },
        synced_bytes}},
      {"all but removals",
       {[](const Step& step, std::size_t) { return step.kind == Step::Kind::kRemove; },
        synced_bytes}}};
  for (std::uint32_t seed = 1; seed <= 2; ++seed) {
    kinds.push_back({"some names",
                     {[seed](const Step&, std::size_t place) {
                        std::minstd_rand chance(seed * 7919 + static_cast<std::uint32_t>(place));
                        chance.discard(3);
                        return chance() % 2 == 0;
                      },
                      synced_bytes}});
  }
  return kinds;
}

// A change over a base, recorded once; every loss of it can then be tried.
class PowerLoss {
 public:
  PowerLoss() {
    io::MemoryStore first;
    EXPECT_EQ(run_over(first, kBefore, "a", 0).exit_code, 0);
    before_ = objects_of(first, "");
    std::string problem;
    old_ = seen(first, &problem);
    recorded_.emplace(before_);
    const auto report = run_over(*recorded_, kAfter, "b", 100);
    EXPECT_EQ(report.exit_code, 0) << report.error;
    after_ = objects_of(*recorded_, "stage");
    pages_ = objects_of(*recorded_, "raw");
    new_ = seen(*recorded_, &problem);
    EXPECT_EQ(problem, "");
    EXPECT_NE(old_, new_);
  }

  [[nodiscard]] const io::RecordingStore& recorded() const { return *recorded_; }

  // "" where the loss is healed by the next run, else what is wrong.
  [[nodiscard]] std::string healed(std::size_t steps, const Kind& kind,
                                   std::size_t disabled) const {
    const auto image = recorded_->image(steps, kind.loss, disabled);
    auto problem = check_promises(image, steps);
    if (problem.empty()) problem = check_recovered(image);
    if (problem.empty()) problem = check_same_run(image);
    if (problem.empty()) problem = check_next_run(image);
    if (problem.empty()) return "";
    return "power lost after step " + std::to_string(steps) + " of " +
           std::to_string(recorded_->steps().size()) + ", with it " + kind.name + ": " + problem;
  }

 private:
  static void fill(io::MemoryStore* store, const Objects& image) {
    for (const auto& [path, bytes] : image) (void)store->write(path, bytes);
  }

  // Tables are old or new; what was said to be durable is there, and so are the files of a landing
  // or a window whose manifest is.
  [[nodiscard]] std::string check_promises(const Objects& image, std::size_t steps) const {
    for (const auto& [path, bytes] : recorded_->promised(steps)) {
      const auto found = image.find(path);
      if (found == image.end() || found->second != bytes) return "not durable: " + path;
    }
    for (const auto* manifest : {"raw/shop/b/manifest.json", "runs/b/transform.manifest.json"}) {
      const auto text = image.find(manifest);
      if (text == image.end()) continue;
      const auto parsed = state::parse_manifest(text->second);
      if (!parsed.ok()) return parsed.error().message();
      for (const auto& file : parsed.value().files) {
        const auto found = image.find(file.path);
        if (found == image.end() || base::to_hex(base::sha256(found->second)) != file.sha256) {
          return std::string(manifest) + " names what is not there: " + file.path;
        }
      }
    }
    std::string problem;
    io::MemoryStore store;
    fill(&store, image);
    (void)seen(store, &problem);
    return problem;
  }

  // After `recover` a plain reader of the folders sees what a reader of the log does.
  [[nodiscard]] static std::string check_recovered(const Objects& image) {
    io::MemoryStore store;
    fill(&store, image);
    const auto status = recover_over(store);
    if (!status.empty()) return "recover fails: " + status;
    std::string problem;
    const auto known = seen(store, &problem);
    for (const auto& [path, bytes] : objects_of(store, "stage")) {
      if (path.find("/_delta_log/") != std::string::npos || path.starts_with("stage/.")) continue;
      if (known.find(path + " ") == std::string::npos) problem = "plain readers see " + path;
    }
    return problem;
  }

  // The same run again, as a scheduler does it: the same bytes everywhere.
  [[nodiscard]] std::string check_same_run(const Objects& image) const {
    io::MemoryStore store;
    fill(&store, image);
    const auto report = run_over(store, kAfter, "b", 100);
    if (report.exit_code != 0) return "the same run again fails: " + report.error;
    const auto other = difference(objects_of(store, "stage"), after_);
    return other.empty() ? difference(objects_of(store, "raw"), pages_) : other;
  }

  // The first path that only one of them has, or has with other bytes.
  [[nodiscard]] static std::string difference(const Objects& found, const Objects& wanted) {
    for (const auto& [path, bytes] : found) {
      const auto place = wanted.find(path);
      if (place == wanted.end()) return "left after the same run again: " + path;
      if (place->second != bytes) return "other bytes after the same run again: " + path;
    }
    for (const auto& [path, bytes] : wanted) {
      if (!found.contains(path)) return "missing after the same run again: " + path;
    }
    return "";
  }

  // A later run that finds the source as it once was: nothing of the lost one is left behind.
  [[nodiscard]] std::string check_next_run(const Objects& image) const {
    io::MemoryStore store;
    fill(&store, image);
    const auto report = run_over(store, kBefore, "c", 200);
    if (report.exit_code != 0) return "the next run fails: " + report.error;
    std::string problem;
    if (seen(store, &problem) != old_) return "other files after the next run";
    for (const auto& [path, bytes] : objects_of(store, "stage")) {
      // A candidate that was merged may still be published by hand.
      if (path.starts_with("stage/.staged/")) continue;
      if (path.find("/_delta_log/") == std::string::npos && !before_.contains(path)) {
        return "left behind: " + path;
      }
    }
    return problem;
  }

  Objects before_;
  Objects after_;
  Objects pages_;
  std::string old_;
  std::string new_;
  std::optional<io::RecordingStore> recorded_;
};

constexpr std::size_t kNoPoint = 0;

TEST(PowerLossTest, EveryLossAtEveryStepIsHealedByTheNextRun) {
  const PowerLoss scene;
  const auto steps = scene.recorded().steps().size();
  int tried = 0;
  for (std::size_t step = 0; step <= steps; ++step) {
    for (const auto& kind : kinds_of_loss()) {
      EXPECT_EQ(scene.healed(step, kind, kNoPoint), "");
      ++tried;
    }
  }
  RecordProperty("steps", static_cast<int>(steps));
  RecordProperty("losses", tried);
  EXPECT_GT(steps, 50U);
}

// The last path that a step named: what a sync point follows.
std::string named_before(const std::vector<Step>& steps, std::vector<Step>::const_iterator place) {
  while (place != steps.begin() && (--place)->path.empty()) continue;
  return place->path;
}

TEST(PowerLossTest, NoSyncIsThereThatNothingNeeds) {
  const PowerLoss scene;
  const auto steps = scene.recorded().steps().size();
  const auto points = scene.recorded().sync_points();
  EXPECT_GT(points, 5U);
  for (std::size_t point = 1; point <= points; ++point) {
    std::string problem;
    const auto& all = scene.recorded().steps();
    const auto place = std::ranges::find(all, point, &Step::point);
    for (auto step = static_cast<std::size_t>(place - all.begin()) + 1;
         problem.empty() && step <= steps; ++step) {
      for (const auto& kind : kinds_of_loss()) {
        problem = scene.healed(step, kind, point);
        if (!problem.empty()) break;
      }
    }
    EXPECT_NE(problem, "") << "nothing needs sync point " << point << " of " << points << ", after "
                           << named_before(all, place);
  }
}

}  // namespace
}  // namespace ashore::run
