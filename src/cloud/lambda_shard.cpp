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
      .with_remedy(R"(Send {"plan": {...}, "index": 0}, or {"run_id": "...", "index": 0}.)");
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

}  // namespace

Result<std::string> land_shard(const config::Pipeline& pipeline, std::string_view event,
                               const state::RunContext& context) {
  const auto json = Json::parse(event, nullptr, false);
  if (!json.is_object()) return wrong_event("not a JSON object");
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
  std::int64_t items = 0;
  for (const auto& page : landing.value().manifest.files) items += page.rows;
  const Json answer = {{"run_id", plan.run_id},
                       {"index", number},
                       {"of", plan.shards.size()},
                       {"pages", landing.value().manifest.files.size()},
                       {"items", items},
                       {"requests", landing.value().requests},
                       {"retries", landing.value().retries},
                       {"landed_before", landing.value().is_reused}};
  return answer.dump();
}

}  // namespace ashore::cloud
