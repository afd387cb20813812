// Writes metrics as embedded metric format: each value beside the metadata that names its unit.
#include "report/emf.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>

#include "base/timestamp.h"

namespace ashore::report {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view kNamespace = "ashore";

// One line: dimensions, metrics and what else is worth searching for.
class MetricLine {
 public:
  explicit MetricLine(const RunReport& report) {
    const auto ended = base::micros_of(report.started_at) / 1'000 +
                       static_cast<std::int64_t>(report.seconds * 1e3);
    line_["_aws"] = {{"Timestamp", ended}};
    dimension("pipeline", report.pipeline);
    line_["run_id"] = report.run_id;
    line_["status"] = report.status;
  }

  void dimension(std::string_view name, const std::string& value) {
    dimensions_.push_back(name);
    line_[std::string(name)] = value;
  }
  template <typename Number>
  void metric(std::string_view name, std::string_view unit, Number value) {
    metrics_.push_back({{"Name", name}, {"Unit", unit}});
    line_[std::string(name)] = value;
  }

  [[nodiscard]] std::string text() && {
    line_["_aws"]["CloudWatchMetrics"] = {{{"Namespace", kNamespace},
                                           {"Dimensions", Json::array({dimensions_})},
                                           {"Metrics", metrics_}}};
    return line_.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
  }

 private:
  Json line_ = Json::object();
  Json dimensions_ = Json::array();
  Json metrics_ = Json::array();
};

std::string run_line(const RunReport& report) {
  MetricLine line(report);
  line.metric("duration", "Seconds", report.seconds);
  line.metric("exit_code", "None", report.exit_code);
  line.metric("blocked", "Count", report.status == "blocked" ? 1 : 0);
  line.metric("failed", "Count", report.status == "failed" ? 1 : 0);
  line.metric("peak_resident", "Bytes", report.peak_rss_bytes);
  if (!report.extract) return std::move(line).text();
  const auto& counts = *report.extract;
  line.metric("requests", "Count", counts.requests);
  line.metric("retries", "Count", counts.retries);
  line.metric("pages", "Count", counts.pages);
  line.metric("items", "Count", counts.items);
  line.metric("page_bytes", "Bytes", counts.bytes);
  return std::move(line).text();
}

void add_checks(const RunReport& report, const std::string& table, MetricLine* line) {
  std::int64_t failed = 0;
  std::int64_t warned = 0;
  std::optional<double> age;  // the greatest, of several checks
  for (const auto& check : report.checks) {
    if (check.table != table) continue;
    if (check.age_seconds) age = std::max(age.value_or(0), *check.age_seconds);
    if (!check.passed) ++(check.severity == "warn" ? warned : failed);
  }
  line->metric("checks_failed", "Count", failed);
  line->metric("checks_warned", "Count", warned);
  if (age) line->metric("freshness", "Seconds", *age);
}

std::string table_line(const RunReport& report, const state::TableCounts& table) {
  MetricLine line(report);
  line.dimension("table", table.table);
  line.metric("rows_inserted", "Count", table.inserted);
  line.metric("rows_updated", "Count", table.updated);
  line.metric("rows_unchanged", "Count", table.unchanged);
  line.metric("rows_deleted", "Count", table.deleted);
  line.metric("rows_rejected", "Count", table.rejected);
  line.metric("rows_missing", "Count", table.missing);
  line.metric("partitions_touched", "Count", table.partitions_touched);
  add_checks(report, table.table, &line);
  return std::move(line).text();
}

std::string destination_line(const RunReport& report, const state::DestinationResult& destination) {
  MetricLine line(report);
  line.dimension("destination", destination.name);
  line.metric("load_failed", "Count", destination.error.empty() ? 0 : 1);
  std::int64_t changed = 0;
  for (const auto& table : destination.tables) {
    changed += table.inserted + table.updated + table.deleted;
  }
  line.metric("rows_changed", "Count", changed);
  return std::move(line).text();
}

}  // namespace

std::string emf_lines(const RunReport& report) {
  auto text = run_line(report);
  for (const auto& table : report.tables) text += table_line(report, table);
  for (const auto& destination : report.destinations) {
    text += destination_line(report, destination);
  }
  return text;
}

}  // namespace ashore::report
