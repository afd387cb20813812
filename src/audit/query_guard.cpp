// Looks through the syntax tree that DuckDB itself makes of a query.
#include "audit/query_guard.h"

#include <arrow/api.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <string_view>

namespace ashore::audit {

namespace {

using base::Result;
using base::Status;

constexpr std::array<std::string_view, 7> kAllowed = {
    "generate_series", "json_each",      "json_tree",      "range",
    "unnest",          "duckdb_columns", "duckdb_settings"};

// The name of a table function that is not allowed, or "".
std::string find_forbidden(const nlohmann::json& node) {
  if (node.is_object() && node.value("type", nlohmann::json()) == "TABLE_FUNCTION") {
    const auto name = node.at("function").value("function_name", "");
    if (std::ranges::find(kAllowed, name) == kAllowed.end()) return name.empty() ? "?" : name;
  }
  if (!node.is_structured()) return "";
  for (const auto& child : node) {
    auto name = find_forbidden(child);
    if (!name.empty()) return name;
  }
  return "";
}

Result<nlohmann::json> syntax_tree(warehouse::Connection& connection, const std::string& query) {
  TRY(const auto answer, connection.query("SELECT CAST(json_serialize_sql(" +
                                          warehouse::quote_literal(query) + ") AS VARCHAR)"));
  const auto scalar = answer->column(0)->GetScalar(0);
  if (!scalar.ok()) return base::bug("DuckDB gave no syntax tree");
  auto tree = nlohmann::json::parse((*scalar)->ToString(), nullptr, false);
  if (!tree.is_object()) return base::bug("DuckDB's syntax tree is not JSON");
  return tree;
}

}  // namespace

Status check_query(warehouse::Connection& connection, const std::string& query) {
  TRY(const auto tree, syntax_tree(connection, query));
  if (tree.value("error", true)) {
    return base::permanent("DuckDB: " + tree.value("error_message", "no reason given"))
        .with_remedy("A check's query is one SELECT.");
  }
  const auto statements = tree.value("statements", nlohmann::json::array());
  if (statements.size() != 1) {
    return base::permanent("a check's query is one SELECT, not several")
        .with_remedy("Make several checks of them.");
  }
  const auto forbidden = find_forbidden(statements);
  if (forbidden.empty()) return {};
  return base::permanent("a check's query may not call this table function: '" + forbidden + "'")
      .with_remedy("It sees the pipeline's tables, by their names.");
}

}  // namespace ashore::audit
