// Renders a commit's actions in a fixed order and makes its log file the publication.
#include "delta/commit.h"

#include <cassert>
#include <unordered_set>

#include "delta/file_texts.h"
#include "delta/log_actions.h"
#include "delta/path_encoding.h"
#include "delta/schema_string.h"
#include "json/text.h"

namespace ashore::delta {

namespace {

using base::Result;

constexpr int kReaderVersion = 1;
constexpr int kWriterVersion = 2;

std::int64_t millis_of(base::Timestamp time) { return base::micros_of(time) / 1000; }

// Wraps one action's object into a line of its own.
template <typename Fields>
void append_action(std::string_view name, std::string* json, const Fields& fields) {
  json::ObjectWriter line(json);
  json::ObjectWriter action(line.field(name));
  fields(action);
  action.close();
  line.close();
  *json += '\n';
}

void append_texts(const std::map<std::string, std::string>& texts, std::string* json) {
  *json += '{';
  bool is_first = true;
  for (const auto& [name, text] : texts) {
    if (!is_first) *json += ',';
    is_first = false;
    json::append_string(name, json);
    *json += ':';
    json::append_string(text, json);
  }
  *json += '}';
}

void append_partition_values(const AddFile& file, std::string* json) {
  *json += '{';
  bool is_first = true;
  for (const auto& [name, value] : file.partition_values) {
    if (!is_first) *json += ',';
    is_first = false;
    json::append_string(name, json);
    *json += ':';
    if (value && !value->empty()) {
      json::append_string(*value, json);
    } else {
      *json += "null";
    }
  }
  *json += '}';
}

void append_overrides(const std::vector<CommitOverride>& overrides, std::string* json) {
  *json += '[';
  for (const auto& override : overrides) {
    if (json->back() != '[') *json += ',';
    json::ObjectWriter fields(json);
    fields.text("table", override.table);
    fields.text("check", override.check);
    fields.text("reason", override.reason);
    fields.close();
  }
  *json += ']';
}

void append_commit_info(const Commit& commit, std::string* json) {
  append_action("commitInfo", json, [&](json::ObjectWriter& info) {
    info.number("timestamp", millis_of(commit.time));
    info.text("operation", commit.operation);
    *info.field("operationParameters") += "{}";
    info.text("engineInfo", commit.engine);
    info.text("ashoreRunId", commit.run_id);
    if (!commit.overrides.empty())
      append_overrides(commit.overrides, info.field("ashoreOverrides"));
  });
}

void append_protocol(std::string* json) {
  append_action("protocol", json, [](json::ObjectWriter& protocol) {
    protocol.number("minReaderVersion", kReaderVersion);
    protocol.number("minWriterVersion", kWriterVersion);
  });
}

void append_metadata(const Commit::Metadata& metadata, std::string* json) {
  append_action("metaData", json, [&](json::ObjectWriter& fields) {
    fields.text("id", metadata.table_id);
    fields.text("name", metadata.table_name);
    *fields.field("format") += "{\"provider\":\"parquet\",\"options\":{}}";
    fields.text("schemaString", schema_string(metadata.schema));
    auto* columns = fields.field("partitionColumns");
    *columns += '[';
    for (std::size_t index = 0; index < metadata.partition_columns.size(); ++index) {
      if (index > 0) *columns += ',';
      json::append_string(metadata.partition_columns[index], columns);
    }
    *columns += ']';
    append_texts(metadata.configuration, fields.field("configuration"));
    fields.number("createdTime", metadata.created_ms);
  });
}

void append_transaction(const Transaction& transaction, base::Timestamp time, std::string* json) {
  append_action("txn", json, [&](json::ObjectWriter& fields) {
    fields.text("appId", transaction.app_id);
    fields.number("version", transaction.version);
    fields.number("lastUpdated", millis_of(time));
  });
}

// The size and the partition are repeated, so that a reader of changes need not look the file up.
void append_remove(const AddFile& file, base::Timestamp time, std::string* json) {
  append_action("remove", json, [&](json::ObjectWriter& fields) {
    fields.text("path", encode_log_path(file.path));
    fields.number("deletionTimestamp", millis_of(time));
    fields.boolean("dataChange", true);
    fields.boolean("extendedFileMetadata", true);
    append_partition_values(file, fields.field("partitionValues"));
    fields.number("size", file.bytes);
  });
}

void append_add(const AddFile& file, std::string* json) {
  append_action("add", json, [&](json::ObjectWriter& fields) {
    fields.text("path", encode_log_path(file.path));
    append_partition_values(file, fields.field("partitionValues"));
    fields.number("size", file.bytes);
    fields.number("modificationTime", file.modified_ms);
    fields.boolean("dataChange", true);
    fields.text("stats", file.stats_json);
    append_texts(file.tags, fields.field("tags"));
  });
}

// The protocol forbids it, and a reader could not say which of the two holds.
bool adds_what_it_removes(const Commit& commit) {
  std::unordered_set<std::string_view> removed;
  for (const auto& file : commit.remove) removed.insert(file.path);
  for (const auto& file : commit.add) {
    if (removed.contains(file.path)) return true;
  }
  return false;
}

}  // namespace

std::string commit_json(const Commit& commit, int threads) {
  assert(!adds_what_it_removes(commit));
  assert(commit.version >= 0);
  assert(commit.version > 0 || commit.metadata.has_value());
  assert(commit.version > 0 || commit.remove.empty());  // there is nothing to remove yet
  std::string json;
  append_commit_info(commit, &json);
  if (commit.version == 0) append_protocol(&json);
  if (commit.metadata) append_metadata(*commit.metadata, &json);
  if (commit.transaction) append_transaction(*commit.transaction, commit.time, &json);
  const auto append_one_remove = [&](const AddFile& file, std::string* text) {
    append_remove(file, commit.time, text);
  };
  append_files(commit.remove, "", threads, append_one_remove, &json);
  append_files(commit.add, "", threads, append_add, &json);
  return json;
}

Result<Commit> parse_commit(std::string_view text, std::int64_t version) {
  TRY(auto actions, parse_log(text));
  constexpr std::int64_t kTimeMsMax = 253402300799999;  // the last of the year 9999
  if (actions.time_ms < 0 || actions.time_ms > kTimeMsMax) {
    return base::permanent("field 'timestamp' of commitInfo is no time after 1970: " +
                           std::to_string(actions.time_ms));
  }
  Commit commit;
  commit.version = version;
  commit.time = base::timestamp_of_micros(actions.time_ms * 1000);
  commit.run_id = std::move(actions.run_id);
  commit.metadata = std::move(actions.metadata);
  if (!actions.transactions.empty()) commit.transaction = std::move(actions.transactions.back());
  commit.add = std::move(actions.add);
  commit.remove = std::move(actions.remove);
  return commit;
}

base::Status write_commit(io::ObjectStore& store, const std::string& table_folder,
                          const Commit& commit) {
  return store.put_if_absent(log_path(table_folder, commit.version), commit_json(commit))
      .within("commit version " + std::to_string(commit.version) + " of " + table_folder);
}

}  // namespace ashore::delta
