// Reads an event, lands its shard and says what came.
#include "cloud/lambda_shard.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "extract/extract.h"
#include "state/shard_plan.h"

namespace ashore::cloud {

namespace {

using base::Result;
using Json = nlohmann::json;

base::Error wrong_event(const std::string& why) {
  return base::permanent("the event is no shard: " + why)
      .with_remedy(
          R"(Send {"plan": {...}, "index": 0}, {"run_id": "...", "index": 0} or {"join": "RUN_ID"}.)");
}

Result<state::ShardPlan> plan_of(const Json& event, io::ObjectStore& store) {
  if (const auto plan = event.find("plan"); plan != event.end()) {
    return state::parse_shard_plan(plan->is_string() ? plan->get<std::string>() : plan->dump())
        .within("plan");
  }
  const auto run_id = event.find("run_id");
  if (run_id == event.end() || !run_id->is_string()) return wrong_event("no plan and no run_id");
  return state::read_shard_plan(store, run_id->get<std::string>());
}

std::int64_t items_of(const state::Manifest& landing) {
  std::int64_t items = 0;
  for (const auto& page : landing.files) items += page.rows;
  return items;
}

Result<std::string> join(const config::Pipeline& pipeline, const Json& run_id,
                         const state::RunContext& context) {
  if (!run_id.is_string()) return wrong_event("join is no run id");
  TRY(const auto plan, state::read_shard_plan(context.env.store, run_id.get<std::string>()));
  const extract::Options options{
      .run_id = plan.run_id, .window = plan.window, .source_url = std::nullopt};
  TRY(const auto landing, extract::join_shards(pipeline, options, false, context));
  const Json answer = {{"run_id", plan.run_id},
                       {"pages", landing.manifest.files.size()},
                       {"items", items_of(landing.manifest)}};
  return answer.dump();
}

Result<std::string> land(const config::Pipeline& pipeline, const Json& json,
                         const state::RunContext& context) {
  const auto index = json.find("index");
  if (index == json.end() || !index->is_number_integer()) return wrong_event("no index");
  TRY(const auto plan, plan_of(json, context.env.store));
  const auto number = index->get<std::int64_t>();
  auto landing = extract::extract_shard({pipeline, plan, number, {}}, context);
  if (!landing.ok() && landing.error().kind() == base::ErrorKind::kInterrupted) {
    return base::Error(base::ErrorKind::kInterrupted,
                       state::shard_text(plan.shards.at(static_cast<std::size_t>(number))) +
                           " is not landed: the function's time is over")
        .with_remedy("Invoke it again; more memory is more CPU, and more shards are smaller ones.");
  }
  if (!landing.ok()) return std::move(landing).error();
  const Json answer = {{"run_id", plan.run_id},
                       {"index", number},
                       {"of", plan.shards.size()},
                       {"pages", landing.value().manifest.files.size()},
                       {"items", items_of(landing.value().manifest)},
                       {"requests", landing.value().requests},
                       {"retries", landing.value().retries},
                       {"landed_before", landing.value().is_reused}};
  return answer.dump();
}

}  // namespace

Result<std::string> answer_event(const config::Pipeline& pipeline, std::string_view event,
                                 const state::RunContext& context) {
  const auto json = Json::parse(event, nullptr, false);
  if (!json.is_object()) return wrong_event("not a JSON object");
  const auto run_id = json.find("join");
  return run_id == json.end() ? land(pipeline, json, context) : join(pipeline, *run_id, context);
}

}  // namespace ashore::cloud
