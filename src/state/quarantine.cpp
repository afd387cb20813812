// Writes rejected rows and reads them back.
// One list of keys each way, beside each other; an item may be larger than all else.
#include "state/quarantine.h"

#include <map>
#include <nlohmann/json.hpp>
#include <tuple>
#include <utility>

#include "json/text.h"
#include "state/json_integer.h"
#include "state/run_folder.h"

namespace ashore::state {

namespace {

using base::Result;
using base::Status;
using Json = nlohmann::json;

std::optional<std::string> optional_text(const Json& json) {
  if (json.is_null()) return std::nullopt;
  return json.get<std::string>();
}

// Keys as in docs/formats/quarantine.md.
Result<Rejection> parse_rejection(std::string_view line) {
  try {
    const auto json = Json::parse(line);
    return Rejection{.run_id = json.at("run_id").get<std::string>(),
                     .source_page = json.at("source_page").get<std::string>(),
                     .item_index = state::integer_of(json.at("item_index")),
                     .table = json.at("table").get<std::string>(),
                     .column = optional_text(json.at("column")),
                     .rule = json.at("rule").get<std::string>(),
                     .value = optional_text(json.at("value")),
                     .item = json.at("item").get<std::string>()};
  } catch (const Json::exception& exception) {
    // A line of a file that this program wrote whole: another program changed it.
    return base::permanent(std::string("not a rejected row: ") + exception.what());
  }
}

bool is_meant(const std::string& path, const QuarantineFilter& filter) {
  if (!path.ends_with(".jsonl")) return false;
  return filter.table.empty() || path.ends_with("/" + filter.table + ".jsonl");
}

}  // namespace

RejectionView view_of(const Rejection& rejection) {
  return {rejection.run_id, rejection.source_page, rejection.item_index, rejection.table,
          rejection.column, rejection.rule,        rejection.value,      rejection.item};
}

void append_rejection(const RejectionView& rejection, std::string* lines) {
  json::ObjectWriter writer(lines);
  const auto optional = [&](std::string_view key, const std::optional<std::string_view>& text) {
    return text ? writer.text(key, *text) : writer.null(key);
  };
  writer.text("run_id", rejection.run_id);
  writer.text("source_page", rejection.source_page);
  writer.number("item_index", rejection.item_index);
  writer.text("table", rejection.table);
  optional("column", rejection.column);
  writer.text("rule", rejection.rule);
  optional("value", rejection.value);
  writer.text("item", rejection.item);
  writer.close();
}

Status read_rejections(std::string_view lines, const std::string& place,
                       const std::function<void(const Rejection&)>& take) {
  for (std::int64_t number = 1; !lines.empty(); ++number) {
    const auto end = lines.find('\n');
    TRY(const auto rejection,
        parse_rejection(lines.substr(0, end)).within(place + ", line " + std::to_string(number)));
    take(rejection);
    lines = end == std::string_view::npos ? std::string_view() : lines.substr(end + 1);
  }
  return {};
}

Status read_quarantine(io::ObjectStore& store, const QuarantineFilter& filter,
                       const std::function<void(const Rejection&)>& take) {
  std::string folder = "quarantine";
  if (!filter.run_id.empty()) {
    TRY(state::check_run_id(filter.run_id));
    folder += "/" + state::run_folder_name(filter.run_id);
  }
  TRY(const auto files, store.list(folder));
  bool is_found = filter.run_id.empty() && filter.table.empty();
  for (const auto& file : files) {
    if (!is_meant(file.path, filter)) continue;
    is_found = true;
    TRY(const auto lines, store.read(file.path));
    TRY(read_rejections(lines, store.location_of(file.path), take));
  }
  if (is_found) return {};
  return base::permanent("no row is in quarantine" +
                         (filter.run_id.empty() ? "" : " of run '" + filter.run_id + "'") +
                         (filter.table.empty() ? "" : " of table '" + filter.table + "'"))
      .with_remedy("'ashore quarantine list' shows what there is");
}

Result<std::vector<RejectionCount>> count_quarantine(io::ObjectStore& store,
                                                     const QuarantineFilter& filter) {
  std::map<std::tuple<std::string, std::string, std::string>, std::int64_t> rows;
  TRY(read_quarantine(store, filter, [&](const Rejection& rejection) {
    ++rows[{rejection.run_id, rejection.table, rejection.rule}];
  }));
  std::vector<RejectionCount> counts;
  for (const auto& [key, count] : rows) {
    counts.push_back({std::get<0>(key), std::get<1>(key), std::get<2>(key), count});
  }
  return counts;
}

}  // namespace ashore::state
