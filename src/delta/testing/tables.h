// A small table for the tests of delta and publish.
#pragma once

#include "base/digest.h"
#include "columnar/partition_value.h"
#include "delta/commit.h"

namespace ashore::delta {

inline base::Schema orders_schema() {
  return {{{.name = "order_id", .type = {}, .is_nullable = false},
           {.name = "lines", .type = {.kind = base::TypeKind::kJson}},
           {.name = "p_day", .type = {.kind = base::TypeKind::kDate}}}};
}

// A file of `rows` rows whose content is `text`, in the partition of that day.
inline AddFile orders_file(const std::optional<std::string>& day, const std::string& text,
                           std::int64_t rows) {
  AddFile file;
  file.path = columnar::partition_folder("p_day", day) + "/part-" +
              base::to_hex(base::sha256(text)).substr(0, 32) + ".parquet";
  file.partition_values = {{"p_day", day}};
  file.bytes = static_cast<std::int64_t>(text.size());
  file.rows = rows;
  file.modified_ms = 1667260800000;
  file.stats_json = "{\"numRecords\":" + std::to_string(rows) + "}";
  file.tags = {{"ashore.rows", base::to_hex(base::sha256("rows of " + text))}};
  return file;
}

inline Commit orders_commit(std::int64_t version, std::vector<AddFile> add,
                            std::vector<AddFile> remove = {}) {
  Commit commit;
  commit.version = version;
  commit.time = base::timestamp_of_micros(1667260800000000 + version);
  commit.run_id = "run-" + std::to_string(version);
  commit.engine = "ashore/0.1.0";
  if (version == 0) {
    commit.metadata = Commit::Metadata{.table_id = "11111111-2222-4333-8444-555555555555",
                                       .table_name = "orders",
                                       .schema = orders_schema(),
                                       .partition_columns = {"p_day"},
                                       .created_ms = 1667260800000,
                                       .configuration = {}};
  }
  commit.transaction = Transaction{.app_id = "ashore/shop", .version = 1000 + version};
  commit.add = std::move(add);
  commit.remove = std::move(remove);
  return commit;
}

}  // namespace ashore::delta
