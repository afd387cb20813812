// Writes examples as JSON: pairs and triples, so that columns keep their order.
#include "state/row_examples.h"

#include <nlohmann/json.hpp>

#include "state/run_folder.h"

namespace ashore::state {

namespace {

using Json = nlohmann::ordered_json;

Json value_json(const std::optional<std::string>& value) {
  return value ? Json(*value) : Json(nullptr);
}

Json row_json(const RowExample& example) {
  Json json = {{"key", Json::array()}};
  for (const auto& [column, value] : example.key) {
    json["key"].push_back(Json::array({column, value_json(value)}));
  }
  for (const auto& [column, value] : example.row) {
    json["row"].push_back(Json::array({column, value_json(value)}));
  }
  for (const auto& change : example.changes) {
    json["changes"].push_back(
        Json::array({change.column, value_json(change.before), value_json(change.after)}));
  }
  return json;
}

Json rows_json(const std::vector<RowExample>& examples) {
  Json rows = Json::array();
  for (const auto& example : examples) rows.push_back(row_json(example));
  return rows;
}

}  // namespace

std::string examples_json(const std::vector<TableExamples>& tables) {
  Json json = {{"format", "ashore.examples/1"}, {"tables", Json::object()}};
  for (const auto& table : tables) {
    json["tables"][table.table] = {{"inserted", rows_json(table.inserted)},
                                   {"updated", rows_json(table.updated)},
                                   {"moved", rows_json(table.moved)},
                                   {"deleted", rows_json(table.deleted)}};
  }
  return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

base::Status write_examples(io::ObjectStore& store, std::string_view run_id,
                            const std::vector<TableExamples>& tables) {
  return store.write(run_file(run_id, "examples.json"), examples_json(tables))
      .within("write examples");
}

}  // namespace ashore::state
