// Writes and reads a stage's counters; the field names are those of the structs.
#include "state/summary.h"

#include <type_traits>

#include <nlohmann/json.hpp>

#include "state/json_integer.h"
#include "state/run_folder.h"

namespace ashore::state {

namespace {

using base::Result;
using Json = nlohmann::ordered_json;

// Both ways by one list each, so that no field is written and not read.
template <typename Visitor>
void visit_counts(TableCounts& counts, const Visitor& visit) {
  visit("table", counts.table);
  visit("rows_in", counts.rows_in);
  visit("rows_out", counts.rows_out);
  visit("dropped_null", counts.dropped_null);
  visit("dropped_duplicate", counts.dropped_duplicate);
  visit("rejected", counts.rejected);
  visit("unreadable_keys", counts.unreadable_keys);
  visit("stale", counts.stale);
  visit("missing", counts.missing);
  visit("deleted", counts.deleted);
  visit("moved", counts.moved);
  visit("replaced", counts.replaced);
  visit("inserted", counts.inserted);
  visit("updated", counts.updated);
  visit("unchanged", counts.unchanged);
  visit("older", counts.older);
  visit("partitions_total", counts.partitions_total);
  visit("partitions_touched", counts.partitions_touched);
  visit("files_added", counts.files_added);
  visit("bytes_added", counts.bytes_added);
}

template <typename Visitor>
void visit_extract(ExtractCounts& counts, const Visitor& visit) {
  visit("requests", counts.requests);
  visit("retries", counts.retries);
  visit("pages", counts.pages);
  visit("pages_reused", counts.pages_reused);
  visit("bytes", counts.bytes);
  visit("items", counts.items);
}

template <typename Visitor>
void visit_check(CheckResult& check, const Visitor& visit) {
  visit("table", check.table);
  visit("check", check.check);
  visit("severity", check.severity);
  visit("passed", check.passed);
  visit("observed", check.observed);
  visit("expected", check.expected);
}

template <typename Visitor>
void visit_unmapped(UnmappedPath& unmapped, const Visitor& visit) {
  visit("path", unmapped.path);
  visit("count", unmapped.count);
  visit("example", unmapped.example);
}

template <typename Visitor>
void visit_drift(Drift& drift, const Visitor& visit) {
  visit("table", drift.table);
  visit("column", drift.column);
  visit("path", drift.path);
  visit("kind", drift.kind);
  visit("expected", drift.expected);
  visit("found", drift.found);
  visit("count", drift.count);
  visit("example", drift.example);
}

template <typename Visitor>
void visit_destination(DestinationTableCounts& counts, const Visitor& visit) {
  visit("table", counts.table);
  visit("inserted", counts.inserted);
  visit("updated", counts.updated);
  visit("deleted", counts.deleted);
  visit("unchanged", counts.unchanged);
  visit("version", counts.version);
}

// Adds each visited field to an object.
struct FieldWriter {
  Json& json;
  template <typename Value>
  void operator()(const char* name, const Value& value) const {
    json[name] = value;
  }
};

// What release 0.1 called a counter, for summaries that it wrote.
const char* name_in(const Json& json, const char* name) {
  if (json.contains(name)) return name;
  if (std::string_view(name) == "missing") return "vanished";
  return std::string_view(name) == "deleted" ? "withdrawn" : name;
}

// Fills each visited field from an object.
struct FieldReader {
  const Json& json;
  template <typename Value>
  void operator()(const char* field, Value& value) const {
    const auto* const name = name_in(json, field);
    // Summaries of earlier releases lack it.
    if (std::string_view(name) == "older" && !json.contains(name)) return;
    if constexpr (std::is_same_v<Value, std::int64_t>) {
      value = integer_of(json.at(name));
    } else {
      json.at(name).get_to(value);
    }
  }
};

Json checked_json(CheckResult check) {
  Json json = Json::object();
  visit_check(check, FieldWriter{json});
  if (check.age_seconds) json["age_seconds"] = *check.age_seconds;
  if (check.overridden) {
    json["overridden"] = {{"reason", check.overridden->reason}, {"at", check.overridden->at}};
  }
  return json;
}

CheckResult read_check(const Json& json) {
  CheckResult check;
  visit_check(check, FieldReader{json});
  if (const auto found = json.find("age_seconds"); found != json.end()) {
    check.age_seconds = found->get<double>();
  }
  if (const auto found = json.find("overridden"); found != json.end()) {
    check.overridden = CheckOverride{.reason = found->at("reason"), .at = found->at("at")};
  }
  return check;
}

Json optional_json(const std::optional<std::int64_t>& value) {
  return value ? Json(*value) : Json(nullptr);
}

std::optional<std::int64_t> read_optional(const Json& json) {
  if (json.is_null()) return std::nullopt;
  return integer_of(json);
}

Json destination_json(DestinationResult destination) {
  Json json = {{"name", destination.name}, {"error", destination.error}};
  json["tables"] = Json::array();
  for (auto& counts : destination.tables) {
    visit_destination(counts, FieldWriter{json["tables"].emplace_back(Json::object())});
  }
  return json;
}

DestinationResult read_destination(const Json& json) {
  DestinationResult destination{.name = json.at("name"), .error = json.at("error"), .tables = {}};
  for (const auto& table : json.at("tables")) {
    visit_destination(destination.tables.emplace_back(), FieldReader{table});
  }
  return destination;
}

Json tables_json(std::vector<TableCounts> tables) {
  Json json = Json::array();
  for (auto& counts : tables) {
    auto& table = json.emplace_back(Json::object());
    visit_counts(counts, FieldWriter{table});
    table["version"] = optional_json(counts.version);
  }
  return json;
}

Summary read_fields(const Json& json) {
  Summary summary;
  json.at("stage").get_to(summary.stage);
  json.at("seconds").get_to(summary.seconds);
  if (const auto& extract = json.at("extract"); !extract.is_null()) {
    visit_extract(summary.extract.emplace(), FieldReader{extract});
    summary.extract->total = read_optional(extract.at("total"));
  }
  for (const auto& table : json.at("tables")) {
    auto& counts = summary.tables.emplace_back();
    visit_counts(counts, FieldReader{table});
    counts.version = read_optional(table.at("version"));
  }
  for (const auto& unmapped : json.at("unmapped")) {
    visit_unmapped(summary.unmapped.emplace_back(), FieldReader{unmapped});
  }
  // Summaries of 0.1 have none.
  for (const auto& drift : json.value("drift", Json::array())) {
    auto& read = summary.drift.emplace_back();
    visit_drift(read, FieldReader{drift});
    if (read.kind == "vanished") read.kind = "missing";  // so called by release 0.1
  }
  for (const auto& check : json.at("checks")) {
    summary.checks.push_back(read_check(check));
  }
  for (const auto& destination : json.at("destinations")) {
    summary.destinations.push_back(read_destination(destination));
  }
  json.at("warnings").get_to(summary.warnings);
  json.at("nothing_new").get_to(summary.nothing_new);
  return summary;
}

}  // namespace

std::string check_json(const CheckResult& check) {
  return checked_json(check).dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string summary_json(const Summary& summary) {
  Json json = {{"format", "ashore.summary/2"},
               {"stage", summary.stage},
               {"seconds", summary.seconds},
               {"extract", nullptr}};
  if (auto extract = summary.extract) {
    json["extract"] = Json::object();
    visit_extract(*extract, FieldWriter{json["extract"]});
    json["extract"]["total"] = optional_json(extract->total);
  }
  json["tables"] = tables_json(summary.tables);
  json["unmapped"] = Json::array();
  for (auto unmapped : summary.unmapped) {
    visit_unmapped(unmapped, FieldWriter{json["unmapped"].emplace_back(Json::object())});
  }
  json["drift"] = Json::array();
  for (auto drift : summary.drift) {
    visit_drift(drift, FieldWriter{json["drift"].emplace_back(Json::object())});
  }
  json["checks"] = Json::array();
  for (const auto& check : summary.checks) json["checks"].push_back(checked_json(check));
  json["destinations"] = Json::array();
  for (const auto& destination : summary.destinations) {
    json["destinations"].push_back(destination_json(destination));
  }
  json["warnings"] = summary.warnings;
  json["nothing_new"] = summary.nothing_new;
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

Result<Summary> parse_summary(std::string_view text) {
  // The library throws on a missing key or another type; nothing of it leaves this function.
  try {
    return read_fields(Json::parse(text));
  } catch (const Json::exception& exception) {
    return base::permanent("not a stage summary: " + std::string(exception.what()))
        .with_remedy("The file is damaged or of another release: run that stage again");
  }
}

base::Status write_summary(io::ObjectStore& store, std::string_view run_id,
                           const Summary& summary) {
  return store.write(run_file(run_id, summary.stage + ".summary.json"), summary_json(summary))
      .within("write summary");
}

Result<Summary> read_summary(io::ObjectStore& store, std::string_view run_id,
                             std::string_view stage) {
  const auto path = run_file(run_id, std::string(stage) + ".summary.json");
  TRY(const auto text, store.read(path));
  return parse_summary(text).within(store.location_of(path));
}

}  // namespace ashore::state
