// A shard plan divides one landing among processes that know nothing of each other.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/window.h"
#include "io/object_store.h"

namespace ashore::state {

// Pages of one reading, both ends included, from 1.
struct PageRange {
  std::int64_t first = 1;
  std::int64_t last = 1;
  std::int64_t items = 0;  // of a full page, where pages are asked for by offset; else 0

  bool operator==(const PageRange&) const = default;
};

// One part. `window` is what is asked for: a part of the plan's window, or, where `pages` are
// given, all of it.
struct Shard {
  std::int64_t index = 0;  // from 0
  std::int64_t of = 1;     // how many there are
  base::Window window;
  std::optional<PageRange> pages;
};

struct ShardPlan {
  std::string run_id;  // of the landing that the shards make together
  std::string pipeline_name;
  std::string pipeline_sha256;
  base::Window window;
  std::int64_t concurrency = 1;  // how many shards may be in flight at once; from 1
  std::vector<Shard> shards;     // by index; never none
};

// Pure. Format "ashore.shards/1" (docs/formats/shards.md), one line.
std::string shard_plan_json(const ShardPlan& plan);

// Pure. kPermanent, with what is wrong: not such JSON, a run id that cannot be used, or shards that
// are not the whole: an index that is missing or comes twice, windows or pages that overlap or
// leave a gap.
base::Result<ShardPlan> parse_shard_plan(std::string_view text);

// Pure. "shard 3 of 8 (2022-01-01T00:00:00Z .. 2022-02-01T00:00:00Z)", "shard 3 of 8 (pages 9 to
// 12)": index 3.
std::string shard_text(const Shard& shard);

// Pure. runs/<run id>/shards.json: the plan by which the run's shards land.
std::string shard_plan_path(const std::string& run_id);
// The plan that the run's shards landed by. kPermanent: a run id that cannot be used, no shards, a
// damaged plan; else those of ObjectStore::read().
base::Result<ShardPlan> read_shard_plan(io::ObjectStore& store, const std::string& run_id);
// Pure. raw/<source>/<run id>/shards: where they land until they are joined.
std::string shards_folder(const std::string& source, const std::string& run_id);
// Pure. Below it: "00003".
std::string shard_folder(const std::string& source, const std::string& run_id, std::int64_t index);

}  // namespace ashore::state
