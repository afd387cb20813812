// Builds events of OpenLineage, facet by facet; the versions of the facets' schemas stand with
// them.
#include "report/lineage_event.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string_view>
#include <utility>

#include "base/schema.h"
#include "io/url.h"
#include "report/column_origins.h"

namespace ashore::report {

namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kSpecification = "https://openlineage.io/spec/";

std::string producer(const LineageJob& job) { return "urn:ashore:" + job.version; }

// A facet of the published specification.
Json facet(const LineageJob& job, const std::string& version, const std::string& name) {
  return {
      {"_producer", producer(job)},
      {"_schemaURL", kSpecification + ("facets/" + version + "/") + name + ".json#/$defs/" + name}};
}

Json with(Json facet, const Json& fields) {
  facet.update(fields);
  return facet;
}

// A dataset: where it is and what it is called there.
struct Dataset {
  std::string name_space;
  std::string name;

  [[nodiscard]] Json json() const { return {{"namespace", name_space}, {"name", name}}; }
};

// "namespace/name/run id": names may hold slashes, of namespaces too only the last two count.
struct Parent {
  std::string name_space;
  std::string name;
  std::string run_id;
};

Parent parse_parent(const std::string& text) {
  const auto last = text.rfind('/');
  const auto middle =
      last == 0 || last == std::string::npos ? std::string::npos : text.rfind('/', last - 1);
  if (middle == std::string::npos) return {};
  return {text.substr(0, middle), text.substr(middle + 1, last - middle - 1),
          text.substr(last + 1)};
}

Json parent_json(const Parent& parent) {
  return {{"run", {{"runId", parent.run_id}}},
          {"job", {{"namespace", parent.name_space}, {"name", parent.name}}}};
}

Dataset source_dataset(const LineageJob& job) {
  const auto path = job.pipeline.extract.request.path;
  const auto url = io::Url::parse(job.source_url);
  // The stand-in in this process has another port each time.
  if (!url.ok()) return {"ashore", "embedded" + path};
  const auto whole = url.value().without_query();
  const auto begin = whole.find('/', whole.find("://") + 3);
  const auto base =
      begin == std::string::npos || begin + 1 == whole.size() ? "" : whole.substr(begin);
  return {whole.substr(0, begin), base + path};
}

// By OpenLineage's rules of naming: "file" and a path, or "s3://bucket" and a key.
Dataset stored_dataset(const LineageJob& job, const std::string& path) {
  constexpr std::string_view kS3 = "s3://";
  if (!job.data_folder.starts_with(kS3)) return {"file", job.data_folder + "/" + path};
  const auto slash = job.data_folder.find('/', kS3.size());
  if (slash == std::string::npos) return {job.data_folder, path};
  return {job.data_folder.substr(0, slash), job.data_folder.substr(slash + 1) + "/" + path};
}

Dataset raw_dataset(const LineageJob& job) {
  return stored_dataset(job, "raw/" + job.pipeline.source_name);
}

Dataset table_dataset(const LineageJob& job, const std::string& table) {
  return stored_dataset(job, "stage/" + table);
}

// Of "duckdb:PATH" and "postgresql://host:port/database".
Dataset destination_dataset(const LineageJob& job, const std::string& destination,
                            const std::string& table) {
  constexpr std::string_view kDuckDb = "duckdb:";
  if (destination.starts_with(kDuckDb)) {
    auto path = destination.substr(kDuckDb.size());
    if (!path.starts_with('/')) path = job.data_folder + "/" + path;
    return {"duckdb://" + path, "main." + table};
  }
  const auto begin = destination.find("://");
  const auto slash = begin == std::string::npos ? begin : destination.find('/', begin + 3);
  if (slash == std::string::npos) return {destination, table};
  return {"postgres" + destination.substr(begin, slash - begin),
          destination.substr(slash + 1) + ".public." + table};
}

Json schema_facet(const LineageJob& job, const config::Table& table) {
  auto fields = Json::array();
  for (const auto& field : table.schema().fields) {
    fields.push_back({{"name", field.name}, {"type", base::type_name(field.type)}});
  }
  return with(facet(job, "1-2-0", "SchemaDatasetFacet"), {{"fields", fields}});
}

Json input_field(const Dataset& dataset, const std::string& field, bool is_derived) {
  auto json = dataset.json();
  json["field"] = field;
  json["transformations"] =
      Json::array({{{"type", "DIRECT"}, {"subtype", is_derived ? "TRANSFORMATION" : "IDENTITY"}}});
  return json;
}

// Of a published table: each column's place in the items of `source`.
Json column_lineage_of_items(const LineageJob& job, const config::Table& table,
                             const Dataset& source) {
  auto fields = Json::object();
  for (const auto& origin : column_origins(job.pipeline, table)) {
    fields[origin.column] = {
        {"inputFields", Json::array({input_field(source, origin.place, origin.is_derived)})}};
  }
  return with(facet(job, "1-2-0", "ColumnLineageDatasetFacet"), {{"fields", fields}});
}

// Of a loaded table: the published one's columns, as they are.
Json column_lineage_of_table(const LineageJob& job, const config::Table& table) {
  auto fields = Json::object();
  for (const auto& column : table.columns) {
    fields[column.name] = {{"inputFields", Json::array({input_field(table_dataset(job, table.name),
                                                                    column.name, false)})}};
  }
  return with(facet(job, "1-2-0", "ColumnLineageDatasetFacet"), {{"fields", fields}});
}

// "not_null: [order_id]" is not_null, "sql: name" custom_sql; the rest by the pipeline's own words.
std::string assertion_of(const std::string& check) {
  const auto kind = check.substr(0, check.find(':'));
  return kind == "sql" ? "custom_sql" : kind;
}

Json assertions_facet(const LineageJob& job, const RunReport& report, const std::string& table) {
  auto assertions = Json::array();
  for (const auto& check : report.checks) {
    if (check.table != table) continue;
    assertions.push_back({{"assertion", assertion_of(check.check)},
                          {"success", check.passed},
                          {"severity", check.severity == "warn" ? "warn" : "error"},
                          {"name", check.check},
                          {"expected", check.expected},
                          {"actual", check.observed}});
  }
  if (assertions.empty()) return nullptr;
  return with(facet(job, "1-1-0", "DataQualityAssertionsDatasetFacet"),
              {{"assertions", assertions}});
}

bool reads_source(const std::string& command) { return command == "run" || command == "extract"; }
bool reads_raw(const std::string& command) {
  return command == "transform" || command == "merge" || command == "publish";
}
bool writes_tables(const std::string& command) { return command == "run" || command == "publish"; }
bool reads_tables(const std::string& command) { return command == "audit" || command == "load"; }
bool writes_destinations(const std::string& command) {
  return command == "run" || command == "load";
}

Json source_input(const LineageJob& job, const RunReport& report) {
  auto json = source_dataset(job).json();
  if (report.extract) {
    json["inputFacets"]["inputStatistics"] =
        with(facet(job, "1-0-0", "InputStatisticsInputDatasetFacet"),
             {{"rowCount", report.extract->items}, {"size", report.extract->bytes}});
  }
  return json;
}

Json inputs_of(const LineageJob& job, const RunReport& report) {
  auto inputs = Json::array();
  if (reads_source(job.command)) inputs.push_back(source_input(job, report));
  if (reads_raw(job.command)) inputs.push_back(raw_dataset(job).json());
  // Merge compares with the published tables and audit judges them: checks belong to what is read.
  for (const auto& table : job.pipeline.tables) {
    const bool is_judged = job.command == "run" || job.command == "audit";
    const auto assertions = is_judged ? assertions_facet(job, report, table.name) : Json();
    if (!reads_tables(job.command) && assertions.is_null()) continue;
    auto input = table_dataset(job, table.name).json();
    input["facets"]["schema"] = schema_facet(job, table);
    if (!assertions.is_null()) input["inputFacets"]["dataQualityAssertions"] = assertions;
    inputs.push_back(std::move(input));
  }
  return inputs;
}

Json table_output(const LineageJob& job, const state::TableCounts& counts) {
  const auto table = std::ranges::find(job.pipeline.tables, counts.table, &config::Table::name);
  const auto dataset = table_dataset(job, counts.table);
  auto json = dataset.json();
  auto& facets = json["facets"];
  facets["dataSource"] =
      with(facet(job, "1-0-1", "DatasourceDatasetFacet"),
           {{"name", dataset.name_space},
            {"uri", dataset.name_space == "file" ? "file://" + dataset.name
                                                 : dataset.name_space + "/" + dataset.name}});
  facets["version"] = with(facet(job, "1-0-1", "DatasetVersionDatasetFacet"),
                           {{"datasetVersion", std::to_string(*counts.version)}});
  if (table != job.pipeline.tables.end()) {
    const auto source = reads_source(job.command) ? source_dataset(job) : raw_dataset(job);
    facets["schema"] = schema_facet(job, *table);
    facets["columnLineage"] = column_lineage_of_items(job, *table, source);
  }
  json["outputFacets"]["outputStatistics"] =
      with(facet(job, "1-0-2", "OutputStatisticsOutputDatasetFacet"),
           {{"rowCount", counts.inserted + counts.updated},
            {"size", counts.bytes_added},
            {"fileCount", counts.files_added}});
  return json;
}

Json destination_output(const LineageJob& job, const state::DestinationResult& destination,
                        const state::DestinationTableCounts& counts) {
  auto json = destination_dataset(job, destination.name, counts.table).json();
  const auto table = std::ranges::find(job.pipeline.tables, counts.table, &config::Table::name);
  if (table != job.pipeline.tables.end()) {
    json["facets"]["schema"] = schema_facet(job, *table);
    json["facets"]["columnLineage"] = column_lineage_of_table(job, *table);
  }
  json["outputFacets"]["outputStatistics"] =
      with(facet(job, "1-0-2", "OutputStatisticsOutputDatasetFacet"),
           {{"rowCount", counts.inserted + counts.updated}});
  return json;
}

Json outputs_of(const LineageJob& job, const RunReport& report) {
  auto outputs = Json::array();
  if (job.command == "extract" && report.extract) outputs.push_back(raw_dataset(job).json());
  for (const auto& table : report.tables) {
    if (writes_tables(job.command) && table.version) {
      outputs.push_back(table_output(job, table));
    }
  }
  for (const auto& destination : report.destinations) {
    if (!writes_destinations(job.command) || !destination.error.empty()) continue;
    for (const auto& table : destination.tables) {
      outputs.push_back(destination_output(job, destination, table));
    }
  }
  return outputs;
}

Json run_facets(const LineageJob& job, const LineageEvent& event, const RunReport* report) {
  auto facets = Json::object();
  facets["processing_engine"] = with(
      facet(job, "1-1-1", "ProcessingEngineRunFacet"),
      {{"version", job.version}, {"name", "ashore"}, {"openlineageAdapterVersion", job.version}});
  Json own = {
      {"_producer", producer(job)},
      {"_schemaURL", std::string(kSpecification) + "2-0-2/OpenLineage.json#/$defs/RunFacet"},
      {"run_id", event.run_id},
      {"command", job.command}};
  if (!event.stage.empty()) own["stage"] = event.stage;
  if (report != nullptr) {
    own["status"] = report->status;
    own["exit_code"] = report->exit_code;
  }
  facets["ashore_run"] = std::move(own);
  if (!job.parent.empty()) {
    const auto parent = parse_parent(job.parent);
    auto json = with(facet(job, "1-2-0", "ParentRunFacet"), parent_json(parent));
    if (!job.root_parent.empty()) json["root"] = parent_json(parse_parent(job.root_parent));
    facets["parent"] = std::move(json);
  }
  if (report == nullptr) return facets;
  if (report->window.start) {
    auto time = with(facet(job, "1-0-1", "NominalTimeRunFacet"),
                     {{"nominalStartTime", base::format_timestamp(*report->window.start)}});
    if (report->window.end) time["nominalEndTime"] = base::format_timestamp(*report->window.end);
    facets["nominalTime"] = std::move(time);
  }
  if (event.type != LineageEventType::kComplete && !report->error.empty()) {
    facets["errorMessage"] = with(facet(job, "1-0-1", "ErrorMessageRunFacet"),
                                  {{"message", report->error}, {"programmingLanguage", "C++"}});
  }
  return facets;
}

std::string_view name_of(LineageEventType type) {
  switch (type) {
    case LineageEventType::kStart:
      return "START";
    case LineageEventType::kRunning:
      return "RUNNING";
    case LineageEventType::kComplete:
      return "COMPLETE";
    case LineageEventType::kFail:
      return "FAIL";
    case LineageEventType::kAbort:
      break;
  }
  return "ABORT";
}

std::string job_name(const LineageJob& job) {
  return job.command == "run" ? job.pipeline.name : job.pipeline.name + "." + job.command;
}

bool is_uuid(std::string_view text) {
  if (text.size() != 36) return false;
  for (std::size_t index = 0; index < text.size(); ++index) {
    const bool is_dash = index == 8 || index == 13 || index == 18 || index == 23;
    const char character = text[index];
    const bool is_hex = (character >= '0' && character <= '9') ||
                        (character >= 'a' && character <= 'f') ||
                        (character >= 'A' && character <= 'F');
    if (is_dash ? character != '-' : !is_hex) return false;
  }
  return true;
}

}  // namespace

std::string lineage_event_json(const LineageJob& job, const LineageEvent& event,
                               const RunReport* report) {
  Json json = {
      {"eventType", name_of(event.type)},
      {"eventTime", base::format_timestamp_millis(event.time)},
      {"producer", producer(job)},
      {"schemaURL", std::string(kSpecification) + "2-0-2/OpenLineage.json#/$defs/RunEvent"},
      {"run", {{"runId", event.lineage_run_id}, {"facets", run_facets(job, event, report)}}}};
  const Json type = with(facet(job, "2-0-4", "JobTypeJobFacet"),
                         {{"processingType", "BATCH"},
                          {"integration", "ASHORE"},
                          {"jobType", job.command == "run" ? "PIPELINE" : "STAGE"}});
  json["job"] = {
      {"namespace", job.job_namespace}, {"name", job_name(job)}, {"facets", {{"jobType", type}}}};
  json["inputs"] = report == nullptr ? Json::array() : inputs_of(job, *report);
  json["outputs"] = report == nullptr ? Json::array() : outputs_of(job, *report);
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string uuid7(base::Timestamp time, std::uint64_t random_high, std::uint64_t random_low) {
  const auto millis = static_cast<std::uint64_t>(base::micros_of(time) / 1000) & 0xffff'ffff'ffffU;
  return fmt::format("{:08x}-{:04x}-7{:03x}-{:04x}-{:012x}", millis >> 16U, millis & 0xffffU,
                     random_high & 0xfffU, 0x8000U | ((random_high >> 12U) & 0x3fffU),
                     random_low & 0xffff'ffff'ffffU);
}

std::string lineage_parent_fault(const std::string& parent) {
  const auto parts = parse_parent(parent);
  if (parts.name_space.empty() || parts.name.empty()) return "is not NAMESPACE/NAME/RUN_ID";
  return is_uuid(parts.run_id) ? "" : "does not end with a UUID";
}

}  // namespace ashore::report
