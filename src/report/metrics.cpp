// Writes metrics in Prometheus's text format, one family after another: help, type, samples.
#include "report/metrics.h"

#include <fmt/format.h>

#include <array>
#include <cstdint>
#include <initializer_list>
#include <string_view>
#include <tuple>
#include <utility>

#include "base/timestamp.h"

namespace ashore::report {

namespace {

using Label = std::pair<std::string_view, std::string_view>;

// As the exposition format says for label values: backslash, quote, line feed.
std::string escaped(std::string_view value) {
  std::string text;
  for (const char character : value) {
    if (character == '\n') {
      text += "\\n";
      continue;
    }
    if (character == '"' || character == '\\') text += '\\';
    text += character;
  }
  return text;
}

// Writes families; the pipeline's name is the first label of every sample.
class Exposition {
 public:
  explicit Exposition(const std::string& pipeline) : pipeline_(pipeline) {}

  void family(std::string_view name, std::string_view help) {
    name_ = name;
    text_ += fmt::format("# HELP ashore_{0} {1}\n# TYPE ashore_{0} gauge\n", name, help);
  }

  void sample(std::initializer_list<Label> labels, double value) {
    text_ += fmt::format("ashore_{}{{pipeline=\"{}\"", name_, escaped(pipeline_));
    for (const auto& [label, text] : labels) {
      text_ += fmt::format(",{}=\"{}\"", label, escaped(text));
    }
    text_ += fmt::format("}} {}\n", value);
  }
  void sample(std::initializer_list<Label> labels, std::int64_t value) {
    // Prometheus has 64-bit floats only: whole numbers are exact up to 2^53.
    sample(labels, static_cast<double>(value));
  }

  [[nodiscard]] std::string text() && { return std::move(text_); }

 private:
  std::string_view pipeline_;
  std::string_view name_;
  std::string text_;
};

void add_run(const RunReport& report, Exposition* metrics) {
  const double started = static_cast<double>(base::micros_of(report.started_at)) / 1e6;
  metrics->family("last_run_end_timestamp_seconds", "When the last run ended, as Unix time.");
  metrics->sample({}, started + report.seconds);
  metrics->family("last_run_duration_seconds", "How long the last run took.");
  metrics->sample({}, report.seconds);
  metrics->family("last_run_exit_code",
                  "0 done, 1 failed, 2 to be fixed, 3 blocked by a check, 4 by quarantine.");
  metrics->sample({}, std::int64_t{report.exit_code});
  metrics->family("last_run_status", "1 for the status that the last run ended with.");
  for (const auto* const status :
       {"published", "unchanged", "pending", "blocked", "failed", "interrupted"}) {
    metrics->sample({{"status", status}}, std::int64_t{report.status == status});
  }
  metrics->family("last_run_peak_resident_bytes", "The most memory that the last run held.");
  metrics->sample({}, report.peak_rss_bytes);
  metrics->family("last_run_stage_duration_seconds", "How long each stage took.");
  for (const auto& [stage, seconds] : report.stages) metrics->sample({{"stage", stage}}, seconds);
}

void add_extract(const state::ExtractCounts& counts, Exposition* metrics) {
  const std::array<std::tuple<const char*, const char*, std::int64_t>, 6> families = {{
      {"extract_requests", "Requests sent to the source.", counts.requests},
      {"extract_retries", "Requests that were sent again.", counts.retries},
      {"extract_pages", "Pages landed.", counts.pages},
      {"extract_pages_reused", "Pages whose bytes were landed before.", counts.pages_reused},
      {"extract_items", "Items in these pages.", counts.items},
      {"extract_bytes", "Bytes of these pages.", counts.bytes},
  }};
  for (const auto& [name, help, value] : families) {
    metrics->family(name, help);
    metrics->sample({}, value);
  }
}

void add_tables(const RunReport& report, Exposition* metrics) {
  metrics->family("table_rows", "Rows of the last run by what became of them.");
  for (const auto& table : report.tables) {
    const std::array<std::pair<const char*, std::int64_t>, 11> outcomes = {{
        {"inserted", table.inserted},
        {"updated", table.updated},
        {"unchanged", table.unchanged},
        {"dropped_null", table.dropped_null},
        {"dropped_duplicate", table.dropped_duplicate},
        {"rejected", table.rejected},
        {"stale", table.stale},
        {"missing", table.missing},
        {"deleted", table.deleted},
        {"moved", table.moved},
        {"replaced", table.replaced},
    }};
    for (const auto& [outcome, rows] : outcomes) {
      metrics->sample({{"table", table.table}, {"outcome", outcome}}, rows);
    }
  }
  metrics->family("table_partitions_touched", "Partitions that the last run wrote again.");
  for (const auto& table : report.tables) {
    metrics->sample({{"table", table.table}}, table.partitions_touched);
  }
  metrics->family("table_version", "The published version of the table.");
  for (const auto& table : report.tables) {
    if (table.version) metrics->sample({{"table", table.table}}, *table.version);
  }
}

// All three results of every table, also as 0: a series that comes and goes cannot be alerted on.
void add_checks(const RunReport& report, Exposition* metrics) {
  metrics->family("checks", "Checks of the last run by result.");
  for (const auto& table : report.tables) {
    std::array<std::int64_t, 3> counts{};
    for (const auto& check : report.checks) {
      if (check.table != table.table) continue;
      ++counts[check.passed ? 0 : (check.severity == "warn" ? 1 : 2)];
    }
    metrics->sample({{"table", table.table}, {"result", "passed"}}, counts[0]);
    metrics->sample({{"table", table.table}, {"result", "warned"}}, counts[1]);
    metrics->sample({{"table", table.table}, {"result", "failed"}}, counts[2]);
  }
}

void add_destinations(const RunReport& report, Exposition* metrics) {
  metrics->family("destination_up_to_date", "1 where the last run loaded it, 0 where that failed.");
  for (const auto& destination : report.destinations) {
    metrics->sample({{"destination", destination.name}}, std::int64_t{destination.error.empty()});
  }
  metrics->family("destination_rows", "Rows of the last load by what became of them.");
  for (const auto& destination : report.destinations) {
    for (const auto& table : destination.tables) {
      const std::array<std::pair<const char*, std::int64_t>, 4> outcomes = {
          {{"inserted", table.inserted},
           {"updated", table.updated},
           {"deleted", table.deleted},
           {"unchanged", table.unchanged}}};
      for (const auto& [outcome, rows] : outcomes) {
        metrics->sample(
            {{"destination", destination.name}, {"table", table.table}, {"outcome", outcome}},
            rows);
      }
    }
  }
}

}  // namespace

std::string metrics_text(const RunReport& report) {
  Exposition metrics(report.pipeline);
  add_run(report, &metrics);
  if (report.extract) add_extract(*report.extract, &metrics);
  add_tables(report, &metrics);
  add_checks(report, &metrics);
  add_destinations(report, &metrics);
  return std::move(metrics).text();
}

base::Status write_metrics(io::ObjectStore& store, const std::string& path,
                           const RunReport& report) {
  return store.write(path, metrics_text(report));
}

}  // namespace ashore::report
