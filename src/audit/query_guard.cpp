// Searches the syntax tree that DuckDB makes of a query for what it may not do.
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

std::string lower(std::string text) {
  std::ranges::transform(text, text.begin(), [](char character) {
    return character >= 'A' && character <= 'Z' ? static_cast<char>(character + 'a' - 'A')
                                                : character;
  });
  return text;
}

// What a walk over the tree finds besides all texts.
struct Walk {
  QueryNames found;
  std::unordered_set<std::string> tables;        // named or aliased in a FROM
  std::unordered_set<std::string> single_names;  // of columns written without a table
};

void walk(const nlohmann::json& node, Walk* result) {
  if (node.is_string()) result->found.names.insert(lower(node.get<std::string>()));
  if (!node.is_structured()) return;
  if (node.is_object()) {
    const auto type = node.value("type", nlohmann::json());
    // COLUMNS(*) is a star too; a natural join compares whatever columns there are.
    const bool takes_all = type == "STAR" ||
                           node.value("ref_type", nlohmann::json()) == "NATURAL" ||
                           node.value("function_name", nlohmann::json()) == "duckdb_columns";
    result->found.reads_whole_rows = result->found.reads_whole_rows || takes_all;
    for (const auto* const name : {"table_name", "alias"}) {
      const auto text = node.value(name, nlohmann::json());
      if (text.is_string()) result->tables.insert(lower(text.get<std::string>()));
    }
    const auto columns = node.value("column_names", nlohmann::json());
    if (columns.is_array() && columns.size() == 1 && columns[0].is_string()) {
      result->single_names.insert(lower(columns[0].get<std::string>()));
    }
  }
  for (const auto& child : node) walk(child, result);
}

Result<nlohmann::json> syntax_tree(warehouse::Connection& connection, const std::string& query) {
  TRY(const auto answer, connection.query("SELECT CAST(json_serialize_sql(" +
                                          warehouse::quote_literal(query) + ") AS VARCHAR)"));
  const auto scalar = answer->column(0)->GetScalar(0);
  if (!scalar.ok()) return base::bug("DuckDB gave no syntax tree");
  auto tree = nlohmann::json::parse((*scalar)->ToString(), nullptr, false);
  if (!tree.is_object()) return base::bug("DuckDB's syntax tree is not JSON");
  if (tree.value("error", true)) {
    return base::permanent("DuckDB: " + tree.value("error_message", "no reason given"))
        .with_remedy("A check's query is one SELECT.");
  }
  return tree;
}

}  // namespace

Status check_query(warehouse::Connection& connection, const std::string& query) {
  TRY(const auto tree, syntax_tree(connection, query));
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

Result<QueryNames> names_in(warehouse::Connection& connection, const std::string& query) {
  TRY(const auto tree, syntax_tree(connection, query));
  Walk result;
  walk(tree, &result);
  // A table's name among the columns is its whole row: SELECT orders FROM orders. An alias of a
  // column is found here too, which costs reading more, not less.
  for (const auto& name : result.single_names) {
    if (result.tables.contains(name)) result.found.reads_whole_rows = true;
  }
  return std::move(result.found);
}

}  // namespace ashore::audit
