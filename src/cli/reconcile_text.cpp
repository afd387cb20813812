// Lays out what reconcile found as text and JSON.
#include "cli/reconcile_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "cli/answer_text.h"
#include "cli/visible_text.h"

namespace ashore::cli {

namespace {

using Json = nlohmann::ordered_json;

std::string plural(std::int64_t count, std::string_view noun) {
  return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

std::string heading(const reconcile::Reconciled& result) {
  if (!result.findings.empty()) {
    return fmt::format("different: {}\n",
                       plural(static_cast<std::int64_t>(result.findings.size()), "finding"));
  }
  if (result.not_compared.empty()) return "equal\n";
  return "equal as far as it could be compared\n";
}

std::string compared_text(const reconcile::Reconciled& result) {
  std::vector<std::vector<std::string>> rows;
  for (const auto& one : result.comparisons) {
    const auto published =
        std::ranges::find(result.tables, one.table, &reconcile::TableSums::table);
    rows.push_back({one.place, one.table, std::to_string(one.found.rows),
                    columnar::to_hex(one.found.sum),
                    fmt::format("{} of {}", one.differing.size(), published->partitions.size())});
  }
  return text_table({"place", "table", "rows", "sum", "partitions that differ"}, rows,
                    {false, false, true, false, true});
}

std::string raw_text(const reconcile::RawCheck& raw) {
  return fmt::format("raw: {}, {}, {} bytes\n", plural(raw.landings, "landing"),
                     plural(raw.pages, "page"), raw.bytes);
}

std::string source_text(const reconcile::SourceTotal& one) {
  auto text = fmt::format("source: {} ({}): {} items, {} published", one.table, one.window,
                          one.total, one.published);
  if (one.set_aside != 0) text += fmt::format(", {} set aside", one.set_aside);
  return text + "\n";
}

// "orders/day=2022-11-01: A-1: changed"
std::string finding_text(const reconcile::Finding& finding) {
  std::string text = "  " + finding.place + ": ";
  // A file's path begins with its partition.
  const auto& inside = finding.file.empty() ? finding.partition : finding.file;
  if (!finding.table.empty()) text += finding.table + (inside.empty() ? ": " : "/" + inside + ": ");
  if (finding.table.empty() && !inside.empty()) text += inside + ": ";
  if (!finding.key.empty()) text += finding.key + ": ";
  return visible_text(text + finding.what, false) + "\n";
}

// One line for each kind of place that differs.
std::string remedies(const reconcile::Reconciled& result) {
  std::set<std::string> lines;
  for (const auto& finding : result.findings) {
    if (finding.place == "published" || finding.place == "raw, built again") {
      lines.insert(
          "'ashore replay --rebuild' publishes what the landings make and puts files back.");
    } else if (finding.place == "raw") {
      lines.insert("Bring pages and manifests back from a backup, or land the window again.");
    } else if (finding.place != "source") {
      lines.insert("'ashore reconcile --repair' makes destinations equal to the published tables.");
    }
  }
  std::string text;
  for (const auto& line : lines) text += line + "\n";
  return text;
}

Json finding_json(const reconcile::Finding& finding) {
  return {{"place", finding.place}, {"table", finding.table}, {"partition", finding.partition},
          {"file", finding.file},   {"key", finding.key},     {"what", finding.what}};
}

Json findings_json(const std::vector<reconcile::Finding>& findings) {
  Json list = Json::array();
  for (const auto& finding : findings) list.push_back(finding_json(finding));
  return list;
}

Json sum_json(const columnar::RowSum& sum) {
  return {{"rows", sum.rows}, {"sum", columnar::to_hex(sum.sum)}};
}

Json tables_json(const reconcile::Reconciled& result) {
  Json tables = Json::object();
  for (const auto& table : result.tables) {
    Json entry = {{"version", table.version}};
    entry.update(sum_json(table.total));
    entry["partitions"] = Json::object();
    for (const auto& [name, sum] : table.partitions) entry["partitions"][name] = sum_json(sum);
    tables[table.table] = std::move(entry);
  }
  return tables;
}

Json comparisons_json(const reconcile::Reconciled& result) {
  Json list = Json::array();
  for (const auto& one : result.comparisons) {
    Json entry = {{"place", one.place}, {"table", one.table}};
    entry.update(sum_json(one.found));
    entry["differing"] = one.differing;
    list.push_back(std::move(entry));
  }
  return list;
}

Json source_json(const reconcile::Reconciled& result) {
  Json list = Json::array();
  for (const auto& one : result.source) {
    list.push_back({{"table", one.table},
                    {"window", one.window},
                    {"total", one.total},
                    {"set_aside", one.set_aside},
                    {"published", one.published}});
  }
  return list;
}

}  // namespace

std::string reconcile_text(const reconcile::Reconciled& result) {
  std::string text = heading(result) + compared_text(result);
  if (result.raw) text += raw_text(*result.raw);
  for (const auto& one : result.source) text += source_text(one);
  if (!result.repaired.empty()) text += "repaired:\n";
  for (const auto& finding : result.repaired) text += finding_text(finding);
  if (!result.findings.empty()) text += "not as published:\n";
  for (const auto& finding : result.findings) text += finding_text(finding);
  for (const auto& one : result.not_compared) {
    text += visible_text("not compared: " + one.place + ": " + one.why, false) + "\n";
  }
  return text + remedies(result);
}

std::string reconcile_json(const reconcile::Reconciled& result) {
  Json json = {{"equal", result.is_equal()},
               {"exit_code", result.exit_code()},
               {"tables", tables_json(result)},
               {"compared", comparisons_json(result)}};
  json["raw"] = result.raw ? Json({{"landings", result.raw->landings},
                                   {"pages", result.raw->pages},
                                   {"bytes", result.raw->bytes}})
                           : Json(nullptr);
  json["source"] = source_json(result);
  json["findings"] = findings_json(result.findings);
  json["not_compared"] = Json::array();
  for (const auto& one : result.not_compared) {
    json["not_compared"].push_back({{"place", one.place}, {"why", one.why}});
  }
  json["repaired"] = findings_json(result.repaired);
  return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace ashore::cli
