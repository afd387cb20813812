// Parses log files with simdjson, one line after another, and refuses by name what it lacks.
#include "delta/log_actions.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <iterator>
#include <utility>

#include "base/parallel.h"
#include "delta/json_fields.h"
#include "delta/path_encoding.h"
#include "delta/schema_string.h"

namespace ashore::delta {

namespace {

using base::Result;
using base::Status;

constexpr std::string_view kMakeRight =
    "The log file is damaged: 'ashore replay PIPELINE --rebuild' makes the log right from the "
    "landed "
    "pages.";
constexpr std::string_view kRemedy =
    "ashore reads and writes Delta tables of reader version 1 and writer version 2";

// Table features that writer version 2 has anyway, and that add nothing a reader must know.
Status check_features(const JsonElement& protocol, std::string_view key) {
  if (!find_field(protocol, key)) return {};
  TRY(const auto features, text_list_field(protocol, key));
  for (const auto& feature : features) {
    if (feature != "appendOnly" && feature != "invariants") {
      return base::permanent("table feature that ashore does not know: '" + feature + "'");
    }
  }
  return {};
}

Status check_protocol(const JsonElement& protocol) {
  TRY(const auto reader, integer_field(protocol, "minReaderVersion"));
  TRY(const auto writer, integer_field(protocol, "minWriterVersion"));
  TRY(check_features(protocol, "readerFeatures"));
  TRY(check_features(protocol, "writerFeatures"));
  // Versions 3 and 7 mean exactly the listed features.
  if ((reader == 1 || reader == 3) && (writer <= 2 || writer == 7)) return {};
  return base::permanent("protocol that ashore does not know: reader version " +
                         std::to_string(reader) + ", writer version " + std::to_string(writer));
}

Status read_metadata(const JsonElement& json, LogActions* actions) {
  Commit::Metadata metadata;
  TRY(metadata.table_id, text_field(json, "id"));
  TRY(const auto format, field(json, "format"));
  TRY(const auto provider, text_field(format, "provider"));
  if (provider != "parquet") return base::permanent("file format is not parquet: " + provider);
  TRY(const auto schema, text_field(json, "schemaString"));
  TRY(metadata.schema, parse_schema_string(schema));
  TRY(metadata.partition_columns, text_list_field(json, "partitionColumns"));
  TRY(metadata.configuration, text_map_field(json, "configuration"));
  const auto append_only = metadata.configuration.find("delta.appendOnly");
  if (append_only != metadata.configuration.end() && append_only->second == "true") {
    return base::permanent("table takes no changes: 'delta.appendOnly' is true");
  }
  if (find_field(json, "name")) {
    TRY(metadata.table_name, text_field(json, "name"));
  }
  if (find_field(json, "createdTime")) {
    TRY(metadata.created_ms, integer_field(json, "createdTime"));
  }
  actions->metadata = std::move(metadata);
  return {};
}

Status read_partition_values(const JsonElement& json, AddFile* file) {
  if (!find_field(json, "partitionValues")) return {};
  TRY(const auto values, object_field(json, "partitionValues"));
  for (const auto entry : values) {
    std::string_view text;
    const bool is_null = entry.value.is_null();
    if (!is_null && entry.value.get(text) != simdjson::SUCCESS) {
      return base::permanent("partition value is not a string: '" + std::string(entry.key) + "'");
    }
    // The protocol: an empty text is a null value, of any type.
    auto value = is_null || text.empty() ? std::nullopt : std::optional<std::string>(text);
    file->partition_values.emplace_back(entry.key, std::move(value));
  }
  return {};
}

Status read_path(const JsonElement& json, AddFile* file) {
  if (find_field(json, "deletionVector")) {
    return base::permanent("table feature that ashore does not know: 'deletionVectors'");
  }
  TRY(const auto encoded, text_field(json, "path"));
  TRY(file->path, decode_log_path(encoded));
  return read_partition_values(json, file);
}

// The row count; ours stands first, so that most statistics need no parsing.
Result<std::int64_t> rows_of_stats(std::string_view stats) {
  constexpr std::string_view kFirst = "{\"numRecords\":";
  std::int64_t rows = 0;
  if (stats.starts_with(kFirst)) {
    const auto digits = stats.substr(kFirst.size());
    const auto [end, error] = std::from_chars(digits.begin(), digits.end(), rows);
    if (error == std::errc() && end != digits.end() && (*end == ',' || *end == '}')) return rows;
  }
  simdjson::dom::parser parser;
  JsonElement json;
  if (parser.parse(stats.data(), stats.size()).get(json) != simdjson::SUCCESS) {
    return base::permanent("statistics are not JSON");
  }
  return integer_field(json, "numRecords");
}

Status read_add(const JsonElement& json, LogActions* actions) {
  AddFile file;
  TRY(read_path(json, &file));
  TRY(file.bytes, integer_field(json, "size"));
  TRY(file.modified_ms, integer_field(json, "modificationTime"));
  TRY(file.stats_json, text_field(json, "stats"));
  TRY(file.rows, rows_of_stats(file.stats_json));
  TRY(file.tags, text_map_field(json, "tags"));
  actions->add.push_back(std::move(file));
  return {};
}

Status read_remove(const JsonElement& json, LogActions* actions) {
  AddFile file;
  TRY(read_path(json, &file));
  if (find_field(json, "size")) {
    TRY(file.bytes, integer_field(json, "size"));
  }
  actions->remove.push_back(std::move(file));
  return {};
}

Status read_transaction(const JsonElement& json, LogActions* actions) {
  Transaction transaction;
  TRY(transaction.app_id, text_field(json, "appId"));
  TRY(transaction.version, integer_field(json, "version"));
  actions->transactions.push_back(std::move(transaction));
  return {};
}

Status read_commit_info(const JsonElement& json, LogActions* actions) {
  if (find_field(json, "ashoreRunId")) {
    TRY(actions->run_id, text_field(json, "ashoreRunId"));
  }
  if (find_field(json, "timestamp")) {
    TRY(actions->time_ms, integer_field(json, "timestamp"));
  }
  return {};
}

Status read_protocol(const JsonElement& json, LogActions* actions) {
  actions->has_protocol = true;
  return check_protocol(json);
}

using ActionReader = Status (*)(const JsonElement&, LogActions*);
constexpr std::array<std::pair<std::string_view, ActionReader>, 6> kReaders = {
    {{"add", read_add},
     {"remove", read_remove},
     {"metaData", read_metadata},
     {"protocol", read_protocol},
     {"txn", read_transaction},
     {"commitInfo", read_commit_info}}};

Status read_action(const JsonElement& line, LogActions* actions) {
  simdjson::dom::object object;
  if (line.get(object) != simdjson::SUCCESS || object.size() != 1) {
    return base::permanent("line is not an object of one action");
  }
  const auto action = *object.begin();
  const auto reader =
      std::ranges::find(kReaders, action.key, &std::pair<std::string_view, ActionReader>::first);
  if (reader == kReaders.end()) {
    return base::permanent("action that ashore does not know: '" + std::string(action.key) + "'");
  }
  return reader->second(action.value, actions).within(action.key);
}

// Parses the lines of a text where they lie: the parser reads up to 64 bytes past a line's end, so
// only the last ones are copied, with room behind them.
class LineParser {
 public:
  explicit LineParser(std::string_view text) : text_(text) {}

  // Whether the line that begins and ends there is JSON; then `line` is valid until the next call.
  bool parse(std::size_t begin, std::size_t end, JsonElement* line) {
    const auto bytes = text_.substr(begin, end - begin);
    if (text_.size() - end >= simdjson::SIMDJSON_PADDING) {
      return parser_.parse(bytes.data(), bytes.size(), false).get(*line) == simdjson::SUCCESS;
    }
    copy_ = simdjson::padded_string(bytes);
    return parser_.parse(copy_).get(*line) == simdjson::SUCCESS;
  }

 private:
  std::string_view text_;
  simdjson::dom::parser parser_;
  simdjson::padded_string copy_;
};

// Lines, from the first one's first byte to behind the last one's last.
struct Piece {
  std::size_t begin = 0;
  std::size_t end = 0;
};

// What one thread parses at once: some hundred lines, so that a thread is worth its beginning.
constexpr std::size_t kPieceBytes = std::size_t{256} << 10;

// The text in pieces of whole lines; at least one.
std::vector<Piece> pieces_of(std::string_view text) {
  std::vector<Piece> pieces;
  std::size_t begin = 0;
  while (begin < text.size()) {
    const auto newline = text.find('\n', std::min(begin + kPieceBytes, text.size()));
    const auto end = std::min(newline, text.size() - 1) + 1;
    pieces.push_back({begin, end});
    begin = end;
  }
  return pieces;
}

Status parse_lines(std::string_view text, Piece piece, LogActions* actions) {
  const auto step_at = [text](std::size_t at) {
    return "line " + std::to_string(1 + std::ranges::count(text.substr(0, at), '\n'));
  };
  LineParser parser(text);
  for (auto begin = piece.begin; begin < piece.end;) {
    const auto newline = std::min(text.find('\n', begin), text.size());
    if (newline > begin) {
      JsonElement line;
      if (!parser.parse(begin, newline, &line)) {
        return base::permanent("not JSON")
            .within(step_at(begin))
            .with_remedy(std::string(kMakeRight));
      }
      auto status = read_action(line, actions);
      if (!status.ok()) {
        return std::move(status).error().within(step_at(begin)).with_remedy(kRemedy);
      }
    }
    begin = newline + 1;
  }
  return {};
}

// What follows in the same log file.
void append_actions(LogActions next, LogActions* actions) {
  actions->has_protocol = actions->has_protocol || next.has_protocol;
  if (next.metadata) actions->metadata = std::move(next.metadata);
  std::ranges::move(next.transactions, std::back_inserter(actions->transactions));
  std::ranges::move(next.add, std::back_inserter(actions->add));
  std::ranges::move(next.remove, std::back_inserter(actions->remove));
  if (!next.run_id.empty()) actions->run_id = std::move(next.run_id);
  if (next.time_ms != 0) actions->time_ms = next.time_ms;
}

}  // namespace

bool is_damaged_log(std::string_view text) {
  const bool is_ours = text.find("\"ashoreRunId\":") != std::string_view::npos;
  if (text.empty() || (is_ours && text.back() != '\n')) return true;
  LineParser parser(text);
  for (std::size_t begin = 0; begin < text.size();) {
    const auto newline = std::min(text.find('\n', begin), text.size());
    JsonElement line;
    if (newline > begin && !parser.parse(begin, newline, &line)) return true;
    begin = newline + 1;
  }
  return false;
}

Result<LogActions> parse_log(std::string_view text, int threads) {
  if (text.empty())
    return base::permanent("the log file is empty").with_remedy(std::string(kMakeRight));
  const bool is_whole = text.back() == '\n';
  const auto pieces = pieces_of(text);
  std::vector<LogActions> parsed(pieces.size());
  TRY(base::for_each_index(
      pieces.size(), threads,
      [&](std::size_t index) { return parse_lines(text, pieces[index], &parsed[index]); },
      std::stop_token()));
  auto actions = std::move(parsed.front());
  for (std::size_t index = 1; index < parsed.size(); ++index) {
    append_actions(std::move(parsed[index]), &actions);
  }
  // Other programs may leave out the last line break.
  if (!is_whole && !actions.run_id.empty()) {
    return base::permanent("the log file is cut off").with_remedy(std::string(kMakeRight));
  }
  return actions;
}

Result<LogAuthor> parse_log_author(std::string_view text) {
  const auto author_of = [](Result<LogActions> actions) -> Result<LogAuthor> {
    if (!actions.ok()) return std::move(actions).error();
    return LogAuthor{std::move(actions.value().run_id), actions.value().time_ms};
  };
  const bool may_be_ours = text.starts_with("{\"commitInfo\":") && text.back() == '\n';
  if (!may_be_ours) return author_of(parse_log(text));
  auto first = author_of(parse_log(text.substr(0, text.find('\n') + 1)));
  const bool is_ours = first.ok() && !first.value().run_id.empty();
  return is_ours ? first : author_of(parse_log(text));
}

std::optional<std::int64_t> version_of_log_name(std::string_view name) {
  constexpr std::size_t kDigits = 20;
  if (name.size() != kDigits + 5 || !name.ends_with(".json")) return std::nullopt;
  std::int64_t version = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + kDigits, version);
  if (error != std::errc() || end != name.data() + kDigits || version < 0) return std::nullopt;
  return version;
}

}  // namespace ashore::delta
