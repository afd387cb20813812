// Writes shard plans, and reads them only if their shards are the whole.
#include "state/shard_plan.h"

#include <nlohmann/json.hpp>

#include <cstdio>

#include "state/json_integer.h"
#include "state/json_window.h"
#include "state/run_folder.h"

namespace ashore::state {

namespace {

using base::Result;
using base::Status;
using Json = nlohmann::ordered_json;

constexpr std::string_view kFormat = "ashore.shards/1";
constexpr std::string_view kRemedy = "Make the shards anew with 'ashore shards'.";

Json shard_json(const Shard& shard) {
  Json json = {{"index", shard.index}, {"of", shard.of}};
  if (!shard.pages) {
    json["window"] = window_json(shard.window);
    return json;
  }
  json["pages"] = {{"first", shard.pages->first}, {"last", shard.pages->last}};
  if (shard.pages->items > 0) json["pages"]["items"] = shard.pages->items;
  return json;
}

Result<Shard> read_shard(const Json& json, const base::Window& whole) {
  Shard shard;
  shard.index = integer_of(json.at("index"));
  shard.of = integer_of(json.at("of"));
  shard.window = whole;
  if (!json.contains("pages")) {
    TRY(shard.window, read_window(json.at("window")));
    return shard;
  }
  const auto& pages = json.at("pages");
  shard.pages = PageRange{integer_of(pages.at("first")), integer_of(pages.at("last")), 0};
  if (pages.contains("items")) shard.pages->items = integer_of(pages.at("items"));
  return shard;
}

Result<ShardPlan> read_plan(const Json& json) {
  if (const auto format = json.at("format").get<std::string>(); format != kFormat) {
    return base::permanent("unknown format: '" + format + "'");
  }
  ShardPlan plan;
  json.at("run_id").get_to(plan.run_id);
  TRY(check_run_id(plan.run_id));
  json.at("pipeline").at("name").get_to(plan.pipeline_name);
  json.at("pipeline").at("sha256").get_to(plan.pipeline_sha256);
  TRY(plan.window, read_window(json.at("window")));
  plan.concurrency = integer_of(json.at("concurrency"));
  for (const auto& shard : json.at("shards")) {
    TRY(const auto read, read_shard(shard, plan.window));
    plan.shards.push_back(read);
  }
  return plan;
}

// Shards are numbered in the order of what they hold.
Status check_indexes(const ShardPlan& plan) {
  const auto count = static_cast<std::int64_t>(plan.shards.size());
  if (count == 0) return base::permanent("there are no shards");
  if (plan.concurrency < 1) return base::permanent("'concurrency' is below 1");
  for (std::int64_t index = 0; index < count; ++index) {
    const auto& shard = plan.shards[static_cast<std::size_t>(index)];
    if (shard.of != count) {
      return base::permanent("shard " + std::to_string(shard.index) + " is one of " +
                             std::to_string(shard.of) + ", here are " + std::to_string(count));
    }
    if (shard.index == index) continue;
    return base::permanent("shard " + std::to_string(index) + " is missing, in its place is " +
                           std::to_string(shard.index));
  }
  return {};
}

Status check_pages(const ShardPlan& plan) {
  std::int64_t next = 1;
  for (const auto& shard : plan.shards) {
    if (!shard.pages) return base::permanent("some shards are windows and some are pages");
    if (shard.pages->first != next || shard.pages->last < next) {
      return base::permanent(shard_text(shard) + " does not begin where the one before it ends: " +
                             "at page " + std::to_string(next));
    }
    next = shard.pages->last + 1;
  }
  return {};
}

Status check_windows(const ShardPlan& plan) {
  auto next = plan.window.start;
  for (const auto& shard : plan.shards) {
    if (shard.pages) return base::permanent("some shards are windows and some are pages");
    if (shard.window.start != next) {
      return base::permanent(shard_text(shard) + " does not begin where the one before it ends");
    }
    next = shard.window.end;
    const bool is_last = &shard == &plan.shards.back();
    if (!next && !is_last) return base::permanent(shard_text(shard) + " has no end");
  }
  if (next == plan.window.end) return {};
  return base::permanent("the shards do not end where the window ends");
}

std::string end_text(const std::optional<base::Timestamp>& end) {
  return end ? base::format_timestamp(*end) : std::string();
}

}  // namespace

std::string shard_plan_json(const ShardPlan& plan) {
  Json json = {{"format", kFormat}, {"run_id", plan.run_id}};
  json["pipeline"] = {{"name", plan.pipeline_name}, {"sha256", plan.pipeline_sha256}};
  json["window"] = window_json(plan.window);
  json["concurrency"] = plan.concurrency;
  json["shards"] = Json::array();
  for (const auto& shard : plan.shards) json["shards"].push_back(shard_json(shard));
  return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

Result<ShardPlan> parse_shard_plan(std::string_view text) {
  // The library throws on a missing key or another type; nothing of it leaves this function.
  try {
    auto plan = read_plan(Json::parse(text));
    auto status = plan.ok() ? check_indexes(plan.value()) : Status(plan.error());
    if (status.ok()) {
      const bool is_by_pages = plan.value().shards.front().pages.has_value();
      status = is_by_pages ? check_pages(plan.value()) : check_windows(plan.value());
    }
    if (status.ok()) return plan;
    return std::move(status).error().within("read shards").with_remedy(std::string(kRemedy));
  } catch (const Json::exception& exception) {
    return base::permanent("not a shard plan: " + std::string(exception.what()))
        .with_remedy(std::string(kRemedy));
  }
}

std::string shard_text(const Shard& shard) {
  const auto name =
      "shard " + std::to_string(shard.index) + " of " + std::to_string(shard.of) + " (";
  if (shard.pages) {
    return name + "pages " + std::to_string(shard.pages->first) + " to " +
           std::to_string(shard.pages->last) + ")";
  }
  return name + end_text(shard.window.start) + " .. " + end_text(shard.window.end) + ")";
}

std::string shard_plan_path(const std::string& run_id) { return run_file(run_id, "shards.json"); }

Result<ShardPlan> read_shard_plan(io::ObjectStore& store, const std::string& run_id) {
  TRY(check_run_id(run_id));
  const auto path = shard_plan_path(run_id);
  const auto text = store.read(path);
  if (text.ok()) return parse_shard_plan(text.value()).within(store.location_of(path));
  if (text.error().kind() != base::ErrorKind::kNotFound) return text.error();
  return base::permanent("run '" + run_id + "' has no shards")
      .with_remedy("'ashore extract --shard FILE --index I' lands one.");
}

std::string shards_folder(const std::string& source, const std::string& run_id) {
  return raw_folder(source, run_id) + "/shards";
}

std::string shard_folder(const std::string& source, const std::string& run_id, std::int64_t index) {
  char name[24];
  (void)std::snprintf(name, sizeof name, "%05lld", static_cast<long long>(index));
  return shards_folder(source, run_id) + "/" + name;
}

}  // namespace ashore::state
