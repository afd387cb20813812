// Shows what an adoption changes and reads the answer from the terminal, here and nowhere else.
#include "cli/adoption.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>
#include <nlohmann/json.hpp>

#include "cli/output.h"
#include "cli/visible_text.h"

namespace ashore::cli {

namespace {

using Json = nlohmann::ordered_json;

std::string part_text(const char* verb, std::int64_t rows, const std::vector<std::string>& keys) {
  if (rows == 0) return "";
  std::string text = fmt::format("    {:<8} {}", verb, rows);
  for (const auto& key : keys) {
    text += (&key == &keys.front() ? ": " : "; ") + visible_text(key, false);
  }
  const bool is_whole = rows == static_cast<std::int64_t>(keys.size());
  return text + (is_whole ? "\n" : "; ...\n");
}

bool says_yes() {
  print("Take them over? [y/N] ");
  const int answer = std::getchar();
  return answer == 'y' || answer == 'Y';
}

bool is_wanted(const Arguments& arguments) {
  if (arguments.load.dry_run) return false;
  const bool must_ask = !arguments.load.yes && !arguments.json && ::isatty(STDIN_FILENO) == 1;
  return !must_ask || says_yes();
}

}  // namespace

std::string adoption_text(const load::Adoption& adoption) {
  std::string text = "taking over tables of " + adoption.destination + "\n";
  for (const auto& table : adoption.tables) {
    text += "  " + table.table + ": " + table.why + "\n";
    for (const auto& statement : table.statements) text += "    " + statement + "\n";
    text += part_text("inserts", table.inserted, table.inserted_keys);
    text += part_text("updates", table.updated, table.updated_keys);
    text += part_text("deletes", table.deleted, table.deleted_keys);
    if (table.inserted + table.updated + table.deleted == 0) text += "    every row is equal\n";
  }
  return text;
}

std::string adoption_json(const load::Adoption& adoption) {
  Json tables = Json::object();
  for (const auto& table : adoption.tables) {
    tables[table.table] = {{"why", table.why},
                           {"inserted", table.inserted},
                           {"updated", table.updated},
                           {"deleted", table.deleted},
                           {"inserted_keys", table.inserted_keys},
                           {"updated_keys", table.updated_keys},
                           {"deleted_keys", table.deleted_keys},
                           {"statements", table.statements}};
  }
  const Json json = {
      {"adoption", {{"destination", adoption.destination}, {"tables", std::move(tables)}}}};
  return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::function<bool(const load::Adoption&)> adoption_question(const Arguments& arguments) {
  if (!arguments.load.adopt) return nullptr;
  return [&arguments](const load::Adoption& adoption) {
    print(arguments.json ? adoption_json(adoption) : adoption_text(adoption));
    const bool is_yes = is_wanted(arguments);
    if (!is_yes && !arguments.json) print("nothing was changed\n");
    return is_yes;
  };
}

}  // namespace ashore::cli
