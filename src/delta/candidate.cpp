// Writes and reads candidates, and lists the files of a table as it would be.
#include "delta/candidate.h"

#include <algorithm>
#include <unordered_set>
#include <utility>

#include "delta/file_texts.h"
#include "delta/json_fields.h"
#include "delta/schema_string.h"
#include "json/text.h"
#include "state/run_folder.h"

namespace ashore::delta {

namespace {

using base::Result;
using base::Status;

constexpr std::string_view kFormat = "ashore.candidate/2";
constexpr std::string_view kEarlierFormat = "ashore.candidate/1";
// What candidates of the earlier format call two of the counters.
constexpr std::pair<std::string_view, std::string_view> kEarlierNames[] = {
    {"missing", "vanished"}, {"deleted", "withdrawn"}};

// The counters by name, one list for both ways.
constexpr std::pair<std::string_view, std::int64_t state::TableCounts::*> kCounters[] = {
    {"rows_in", &state::TableCounts::rows_in},
    {"rows_out", &state::TableCounts::rows_out},
    {"dropped_null", &state::TableCounts::dropped_null},
    {"dropped_duplicate", &state::TableCounts::dropped_duplicate},
    {"rejected", &state::TableCounts::rejected},
    {"unreadable_keys", &state::TableCounts::unreadable_keys},
    {"stale", &state::TableCounts::stale},
    {"missing", &state::TableCounts::missing},
    {"deleted", &state::TableCounts::deleted},
    {"moved", &state::TableCounts::moved},
    {"replaced", &state::TableCounts::replaced},
    {"inserted", &state::TableCounts::inserted},
    {"updated", &state::TableCounts::updated},
    {"unchanged", &state::TableCounts::unchanged},
    {"older", &state::TableCounts::older},
    {"partitions_total", &state::TableCounts::partitions_total},
    {"partitions_touched", &state::TableCounts::partitions_touched},
    {"files_added", &state::TableCounts::files_added},
    {"bytes_added", &state::TableCounts::bytes_added},
};

template <typename Range, typename Append>
void append_array(const Range& range, std::string* json, const Append& append) {
  *json += '[';
  bool is_first = true;
  for (const auto& element : range) {
    if (!is_first) *json += ",\n";
    is_first = false;
    append(element, json);
  }
  *json += ']';
}

// Names and values as arrays of pairs: the order counts, and any text may be a name.
template <typename Pairs>
void append_pairs(const Pairs& pairs, std::string* json) {
  append_array(pairs, json, [](const auto& pair, std::string* text) {
    *text += '[';
    json::append_string(pair.first, text);
    *text += ',';
    const std::optional<std::string> value = pair.second;
    if (value) {
      json::append_string(*value, text);
    } else {
      *text += "null";
    }
    *text += ']';
  });
}

void append_file(const AddFile& file, std::string* json) {
  json::ObjectWriter writer(json);
  writer.text("path", file.path);
  append_pairs(file.partition_values, writer.field("partition_values"));
  writer.number("bytes", file.bytes);
  writer.number("rows", file.rows);
  writer.number("modified_ms", file.modified_ms);
  writer.text("stats_json", file.stats_json);
  append_pairs(file.tags, writer.field("tags"));
  writer.close();
}

void append_file_list(const std::vector<AddFile>& files, int threads, std::string* json) {
  *json += '[';
  append_files(files, ",", threads, append_file, json);
  *json += ']';
}

void append_table(const TableCandidate& table, int threads, std::string* json) {
  json::ObjectWriter writer(json);
  writer.text("table", table.table);
  writer.text("table_id", table.table_id);
  writer.number("base_version", table.base_version);
  *writer.field("schema") += schema_string(table.schema);
  append_array(table.partition_columns, writer.field("partition_columns"), json::append_string);
  writer.boolean("changes_schema", table.changes_schema);
  json::ObjectWriter counts(writer.field("counts"));
  for (const auto& [name, member] : kCounters) counts.number(name, table.counts.*member);
  counts.close();
  append_file_list(table.add, threads, writer.field("add"));
  append_file_list(table.remove, threads, writer.field("remove"));
  writer.close();
}

using Pair = std::pair<std::string, std::optional<std::string>>;

Result<Pair> read_pair(const JsonElement& json) {
  simdjson::dom::array array;
  std::string_view name;
  if (json.get(array) != simdjson::SUCCESS || array.size() != 2 ||
      array.at(0).get(name) != simdjson::SUCCESS) {
    return base::permanent("not a name and a value");
  }
  std::string_view value;
  if (array.at(1).get(value) == simdjson::SUCCESS) return Pair(name, std::string(value));
  return Pair(name, std::nullopt);
}

Result<std::vector<Pair>> read_pairs(const JsonElement& json, std::string_view key) {
  std::vector<Pair> pairs;
  TRY(const auto array, array_field(json, key));
  for (const auto element : array) {
    TRY(auto pair, read_pair(element).within(key));
    pairs.push_back(std::move(pair));
  }
  return pairs;
}

Result<AddFile> read_file(const JsonElement& json) {
  AddFile file;
  TRY(file.path, text_field(json, "path"));
  TRY(file.partition_values, read_pairs(json, "partition_values"));
  TRY(file.bytes, integer_field(json, "bytes"));
  TRY(file.rows, integer_field(json, "rows"));
  TRY(file.modified_ms, integer_field(json, "modified_ms"));
  TRY(file.stats_json, text_field(json, "stats_json"));
  TRY(const auto tags, read_pairs(json, "tags"));
  for (const auto& [name, value] : tags) file.tags[name] = value.value_or("");
  return file;
}

Status read_files(const JsonElement& json, std::string_view key, std::vector<AddFile>* files) {
  TRY(const auto array, array_field(json, key));
  for (const auto element : array) {
    TRY(auto file, read_file(element).within(key));
    files->push_back(std::move(file));
  }
  return {};
}

std::string_view name_in(const JsonElement& counts, std::string_view name) {
  if (find_field(counts, name)) return name;
  for (const auto& [now, earlier] : kEarlierNames) {
    if (now == name) return earlier;
  }
  return name;
}

Result<TableCandidate> read_table(const JsonElement& json) {
  TableCandidate table;
  TRY(table.table, text_field(json, "table"));
  TRY(table.table_id, text_field(json, "table_id"));
  TRY(table.base_version, integer_field(json, "base_version"));
  TRY(const auto schema, field(json, "schema"));
  TRY(table.schema, parse_schema_string(simdjson::minify(schema)));
  TRY(table.partition_columns, text_list_field(json, "partition_columns"));
  TRY(table.changes_schema, boolean_field(json, "changes_schema"));
  TRY(const auto counts, field(json, "counts"));
  for (const auto& [name, member] : kCounters) {
    if (name == "older" && !find_field(counts, name)) continue;  // of an earlier release
    TRY(table.counts.*member, integer_field(counts, name_in(counts, name)));
  }
  table.counts.table = table.table;
  TRY(read_files(json, "add", &table.add));
  TRY(read_files(json, "remove", &table.remove));
  return table;
}

Result<Candidate> read_candidate(const JsonElement& json) {
  TRY(const auto format, text_field(json, "format"));
  if (format != kFormat && format != kEarlierFormat)
    return base::permanent("unknown format: '" + format + "'");
  Candidate candidate;
  TRY(candidate.run_id, text_field(json, "run_id"));
  TRY(candidate.landing_us, integer_field(json, "landing_us"));
  TRY(const auto tables, array_field(json, "tables"));
  for (const auto element : tables) {
    TRY(auto table, read_table(element));
    candidate.tables.push_back(std::move(table));
  }
  return candidate;
}

}  // namespace

std::string candidate_json(const Candidate& candidate, int threads) {
  std::string json;
  json::ObjectWriter writer(&json);
  writer.text("format", kFormat);
  writer.text("run_id", candidate.run_id);
  writer.number("landing_us", candidate.landing_us);
  append_array(candidate.tables, writer.field("tables"),
               [threads](const TableCandidate& table, std::string* text) {
                 append_table(table, threads, text);
               });
  writer.close();
  json += '\n';
  return json;
}

Result<Candidate> parse_candidate(std::string text) {
  constexpr std::string_view kRemedy =
      "The file is damaged or of another release: run `ashore merge` again";
  const auto bytes = text.size();
  text.append(simdjson::SIMDJSON_PADDING, '\0');
  simdjson::dom::parser parser;
  JsonElement json;
  if (parser.parse(text.data(), bytes, false).get(json) != simdjson::SUCCESS) {
    return base::permanent("not a candidate: not JSON").with_remedy(kRemedy);
  }
  auto candidate = read_candidate(json).within("parse candidate");
  if (candidate.ok()) return candidate;
  return std::move(candidate).error().with_remedy(kRemedy);
}

Result<CandidateFiles> candidate_files(const io::ObjectStore& store, TableLogs& logs,
                                       const std::string& run_id, const TableCandidate& table) {
  CandidateFiles found;
  const auto folder = state::table_folder(table.table);
  if (table.base_version >= 0) {
    TRY(found.base, logs.at(table.table, table.base_version));
    std::unordered_set<std::string_view> removed;
    for (const auto& file : table.remove) removed.insert(file.path);
    for (const auto& file : found.base->files) {
      if (!removed.contains(file.path)) found.files.push_back({folder + "/" + file.path, &file});
    }
  }
  const auto staged = state::staged_table_folder(store, run_id, table.table) + "/";
  for (const auto& file : table.add) found.files.push_back({staged + file.path, &file});
  return found;
}

}  // namespace ashore::delta
