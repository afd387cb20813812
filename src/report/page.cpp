// Gathers what a run left into one JSON block and puts it into the page's template.
#include "report/page.h"

#include <algorithm>
#include <cassert>
#include <nlohmann/json.hpp>
#include <string_view>

#include "base/short_text.h"
#include "report/run_report.h"
#include "state/run_folder.h"

namespace ashore::report {

// Made by CMake from page/ and the charting library.
extern const std::string_view kPageHtml;
extern const std::string_view kPageStyle;
extern const std::string_view kPageScript;
extern const std::string_view kChartStyle;
extern const std::string_view kChartScript;

namespace {

using Json = nlohmann::ordered_json;

// A page is for reading: more of a file than this is not looked at.
constexpr std::int64_t kReadBytesMax = 1 << 20;
constexpr std::size_t kTextBytesMax = 4'000;
constexpr std::size_t kEventsMax = 200;

std::string dump(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string escaped_html(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    switch (c) {
      case '&':
        escaped += "&amp;";
        break;
      case '<':
        escaped += "&lt;";
        break;
      case '>':
        escaped += "&gt;";
        break;
      default:
        escaped += c;
    }
  }
  return escaped;
}

// In JSON '<' stands only in strings, where \u003c is the same character: no </script>, no <!--.
std::string safe_in_script(std::string_view json) {
  std::string escaped;
  escaped.reserve(json.size() + json.size() / 16);
  for (const char c : json) {
    if (c == '<') {
      escaped += "\\u003c";
    } else {
      escaped += c;
    }
  }
  return escaped;
}

// The lines of a file, as far as they lie whole in its first kReadBytesMax bytes, as JSON objects.
struct Lines {
  std::vector<Json> objects;
  bool is_cut = false;
};

Lines first_lines(io::ObjectStore& store, const std::string& path) {
  Lines lines;
  auto reader = store.open(path);
  if (!reader.ok()) return lines;
  const auto bytes = std::min(reader.value()->bytes(), kReadBytesMax);
  lines.is_cut = bytes < reader.value()->bytes();
  std::string text(static_cast<std::size_t>(bytes), '\0');
  if (!reader.value()->read_at(0, text).ok()) return lines;
  std::size_t begin = 0;
  for (auto end = text.find('\n'); end != std::string::npos; end = text.find('\n', begin)) {
    auto json = Json::parse(text.begin() + static_cast<std::ptrdiff_t>(begin),
                            text.begin() + static_cast<std::ptrdiff_t>(end), nullptr, false);
    if (json.is_object()) lines.objects.push_back(std::move(json));
    begin = end + 1;
  }
  return lines;
}

Json with_short_texts(Json object) {
  for (auto& value : object) {
    if (!value.is_string()) continue;
    auto& text = value.get_ref<std::string&>();
    text = base::shortened(text, kTextBytesMax);
  }
  return object;
}

Json events_of(io::ObjectStore& store, const std::string& run_id) {
  Json events = Json::array();
  for (auto& event : first_lines(store, state::run_file(run_id, "events.jsonl")).objects) {
    const auto name = event.value("event", Json());
    const bool is_shown =
        name == "StageStarted" || name == "RequestRetried" || name == "ReadingRestarted";
    if (is_shown && events.size() < kEventsMax)
      events.push_back(with_short_texts(std::move(event)));
  }
  return events;
}

Json quarantine_of(io::ObjectStore& store, const std::string& run_id, const Json& report) {
  Json tables = Json::array();
  if (!report.contains("tables") || !report["tables"].is_object()) return tables;
  for (const auto& [table, counts] : report["tables"].items()) {
    if (!counts.is_object() || counts.value("rejected", Json()) == 0) continue;
    auto lines = first_lines(store, state::quarantine_path(run_id, table));
    Json rows = Json::array();
    for (auto& line : lines.objects) {
      if (rows.size() < kRejectedRowsMax) rows.push_back(with_short_texts(std::move(line)));
    }
    const bool is_cut = lines.is_cut || lines.objects.size() > kRejectedRowsMax;
    tables.push_back({{"table", table}, {"rows", std::move(rows)}, {"is_cut", is_cut}});
  }
  return tables;
}

// Why a run failed or was blocked, in a line.
std::string reason_of(const PastRun& run) {
  constexpr std::size_t kReasonBytesMax = 200;
  return base::shortened(run.error.substr(0, run.error.find('\n')), kReasonBytesMax);
}

Json history_of(io::ObjectStore& store) {
  std::vector<std::string> warnings;  // `ashore runs` says them
  Json history = Json::array();
  const auto runs = list_past_runs(store, &warnings, kHistoryRunsMax);
  if (!runs.ok()) return history;
  for (const auto& run : runs.value()) {
    if (run.kind == "load") continue;  // of a run that is there
    history.push_back({{"run_id", run.run_id},
                       {"folder", state::run_folder_name(run.run_id)},
                       {"status", run.status},
                       {"started_at", run.started_at},
                       {"seconds", run.seconds},
                       {"items", run.items},
                       {"inserted", run.inserted},
                       {"updated", run.updated},
                       {"deleted", run.deleted},
                       {"rejected", run.rejected},
                       {"error", reason_of(run)}});
  }
  return history;
}

Json examples_of(io::ObjectStore& store, const std::string& run_id) {
  const auto text = store.read(state::run_file(run_id, "examples.json"));
  if (!text.ok()) return nullptr;
  auto examples = Json::parse(text.value(), nullptr, false);
  return examples.is_object() ? std::move(examples) : Json(nullptr);
}

Json files_of(io::ObjectStore& store, const std::string& run_id) {
  Json files = Json::array();
  const auto listed = store.list(state::run_folder(run_id));
  if (!listed.ok()) return files;
  for (const auto& file : listed.value()) {
    if (files.size() == kFilesMax) break;
    if (file.path != page_path(run_id)) {
      files.push_back({{"path", file.path}, {"bytes", file.bytes}});
    }
  }
  return files;
}

}  // namespace

std::string page_path(const std::string& run_id) { return state::run_file(run_id, "report.html"); }

std::string page_html(const std::string& title, const std::string& data_json) {
  const auto part = [&](std::string_view name) -> std::string {
    if (name == "title") return escaped_html(title);
    if (name == "data") return safe_in_script(data_json);
    if (name == "style") return std::string(kPageStyle);
    if (name == "script") return std::string(kPageScript);
    if (name == "chart_style") return std::string(kChartStyle);
    assert(name == "chart_script");
    return std::string(kChartScript);
  };
  std::string page;
  page.reserve(kPageHtml.size() + kPageStyle.size() + kPageScript.size() + kChartStyle.size() +
               kChartScript.size() + data_json.size() * 2);
  std::size_t begin = 0;
  for (auto at = kPageHtml.find("{{"); at != std::string_view::npos;
       at = kPageHtml.find("{{", begin)) {
    const auto end = kPageHtml.find("}}", at);
    assert(end != std::string_view::npos);
    page += kPageHtml.substr(begin, at - begin);
    page += part(kPageHtml.substr(at + 2, end - at - 2));
    begin = end + 2;
  }
  return page += kPageHtml.substr(begin);
}

base::Status write_page(io::ObjectStore& store, const PageInputs& inputs) {
  const auto report_path = state::run_file(inputs.run_id, "report.json");
  TRY(const auto text, store.read(report_path));
  auto report = Json::parse(text, nullptr, false);
  if (!report.is_object())
    return base::permanent("not a report: " + store.location_of(report_path));
  Json data;
  data["events"] = events_of(store, inputs.run_id);
  data["quarantine"] = quarantine_of(store, inputs.run_id, report);
  data["history"] = history_of(store);
  data["examples"] = examples_of(store, inputs.run_id);
  data["files"] = files_of(store, inputs.run_id);
  data["folders"] = inputs.folders;
  auto answers = Json::parse(inputs.answers_json, nullptr, false);
  data["answers"] = answers.is_array() ? std::move(answers) : Json::array();
  data["report"] = std::move(report);
  return store.write(page_path(inputs.run_id),
                     page_html("Run " + inputs.run_id + " - ashore", dump(data)));
}

}  // namespace ashore::report
