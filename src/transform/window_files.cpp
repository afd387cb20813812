// Writes a window's files.
// Parts are cut from the sorted rows and encoded on a few threads; names do not depend on them.
#include "transform/window_files.h"

#include <arrow/api.h>

#include <algorithm>
#include <cstdio>
#include <optional>
#include <span>
#include <utility>

#include "base/digest.h"
#include "base/parallel.h"
#include "columnar/arrow_schema.h"
#include "columnar/keys.h"
#include "columnar/parquet_file.h"
#include "columnar/spilled_rows.h"
#include "state/run_folder.h"

namespace ashore::transform {

namespace {

using base::Result;
using base::Status;

// A part is what one thread holds twice (as rows and encoded), so it is bounded.
constexpr std::int64_t kPartRowsMax = std::int64_t{1} << 20;
constexpr std::int64_t kPartBytesMax = std::int64_t{32} << 20;
constexpr std::int64_t kPartShare = 16;  // of the memory
// Of the memory: rows of a table that are put in order at once, and kept for a merge.
constexpr std::int64_t kKeptShare = 8;

std::int64_t rows_per_part(const arrow::Table& table, std::int64_t memory_bytes) {
  if (table.num_rows() == 0) return kPartRowsMax;
  const std::int64_t row_bytes = columnar::bytes_of(table) / table.num_rows() + 1;
  const auto part_bytes = std::min(kPartBytesMax, memory_bytes / kPartShare);
  return std::clamp<std::int64_t>(part_bytes / row_bytes, 1, kPartRowsMax);
}

std::string part_name(std::int64_t number) {
  char name[48];
  (void)std::snprintf(name, sizeof name, "part-%05lld.parquet", static_cast<long long>(number));
  return name;
}

// One file to write: some rows of a table.
struct FileJob {
  std::string path;
  const arrow::Table* table = nullptr;
  std::span<const std::int64_t> rows;   // row numbers of the table
  std::shared_ptr<arrow::Table> whole;  // else these rows, as they lie
  base::Schema schema;
  std::optional<std::int64_t> schema_index;
};

Result<state::ManifestFile> write_file(io::ObjectStore& store, const std::string& path,
                                       std::string_view bytes, std::int64_t rows) {
  TRY(store.write_new(path, bytes));
  return state::ManifestFile{path,
                             rows,
                             static_cast<std::int64_t>(bytes.size()),
                             base::to_hex(base::sha256(bytes)),
                             std::nullopt,
                             {}};
}

Result<state::ManifestFile> write_rows(io::ObjectStore& store, const FileJob& job) {
  const auto rows = job.whole ? job.whole : columnar::take_rows(*job.table, job.rows);
  TRY(const auto encoded, columnar::encode_window(*rows, job.schema));
  TRY(auto file, write_file(store, job.path, encoded.bytes, encoded.rows));
  file.schema = job.schema_index;
  return file;
}

base::Schema key_schema(const TablePlan& table) {
  base::Schema schema;
  for (const int column : table.key) {
    auto field = table.schema.fields[static_cast<std::size_t>(column)];
    field.is_nullable = false;
    schema.fields.push_back(std::move(field));
  }
  return schema;
}

// The rows of a table in their order, where they are in memory and not too many; else nullptr.
Result<std::shared_ptr<arrow::Table>> rows_in_memory(const WindowTable& table,
                                                     std::int64_t memory_bytes) {
  const bool is_small =
      table.order_file == nullptr && columnar::bytes_of(*table.rows) <= memory_bytes / kKeptShare;
  if (!is_small) return std::shared_ptr<arrow::Table>();
  // Rows that were in order are as many chunks as there were pages.
  auto flat = columnar::take_rows(*table.rows, table.order)->CombineChunks();
  if (!flat.ok()) return columnar::arrow_error(flat.status(), "put a window in order");
  return flat.MoveValueUnsafe();
}

Result<std::vector<std::shared_ptr<arrow::Table>>> rows_in_memory(const WindowToWrite& window,
                                                                  const std::stop_token& stop) {
  const auto& tables = window.window.tables;
  std::vector<std::shared_ptr<arrow::Table>> rows(tables.size());
  TRY(base::for_each_index(
      tables.size(), window.threads,
      [&](std::size_t index) -> Status {
        TRY(rows[index], rows_in_memory(tables[index], window.memory_bytes));
        return {};
      },
      stop));
  return rows;
}

// The Parquet files of one table, in the manifest's order. `rows`: rows_in_memory() of it.
void add_jobs(const WindowToWrite& window, std::size_t index,
              const std::shared_ptr<arrow::Table>& rows, std::vector<FileJob>* jobs) {
  const auto& plan = window.plan.tables[index];
  const auto& table = window.window.tables[index];
  const auto folder = state::window_folder(window.run_id, plan.table->name);
  const auto step = static_cast<std::size_t>(rows_per_part(*table.rows, window.memory_bytes));
  const auto order = table.rows_in_order();
  std::int64_t number = 0;
  for (std::size_t begin = 0; begin < order.size(); begin += step) {
    FileJob job;
    job.path = folder + "/" + part_name(++number);
    job.table = table.rows.get();
    job.rows = order.subspan(begin, std::min(step, order.size() - begin));
    if (rows) job.whole = rows->Slice(static_cast<std::int64_t>(begin), std::ssize(job.rows));
    job.schema = plan.schema;
    job.schema_index = static_cast<std::int64_t>(index);
    jobs->push_back(std::move(job));
  }
  const auto add_keys = [&](const char* name, const std::shared_ptr<arrow::Table>& keys) {
    if (keys == nullptr || keys->num_rows() == 0) return;
    FileJob job;
    job.path = folder + "/" + name;
    job.whole = keys;
    job.schema = key_schema(plan);
    jobs->push_back(std::move(job));
  };
  add_keys("rejected_keys.parquet", table.rejected_keys);
  add_keys("asked_keys.parquet", table.asked_keys);
}

// Writes one table's rejections, if it has any.
Status write_quarantine(io::ObjectStore& store, const WindowToWrite& window, std::size_t index,
                        std::vector<state::ManifestFile>* files) {
  TRY(const auto lines, window.window.rejected[index].finish());
  if (lines.empty()) return {};
  const auto path = state::quarantine_path(window.run_id, window.plan.tables[index].table->name);
  const auto rows = window.window.counts.tables[index].rejected;
  TRY(auto file, write_file(store, path, lines, rows));
  files->push_back(std::move(file));
  return {};
}

Status remove_earlier(io::ObjectStore& store, const WindowToWrite& window) {
  for (const auto& plan : window.plan.tables) {
    TRY(store.remove_folder(state::window_folder(window.run_id, plan.table->name)));
    TRY(store.remove(state::quarantine_path(window.run_id, plan.table->name)));
  }
  return {};
}

}  // namespace

Result<WrittenWindow> write_window(io::ObjectStore& store, const WindowToWrite& window,
                                   const std::stop_token& stop) {
  TRY(remove_earlier(store, window));
  WrittenWindow written;
  TRY(written.rows, rows_in_memory(window, stop));
  std::vector<FileJob> jobs;
  for (std::size_t index = 0; index < window.window.tables.size(); ++index) {
    add_jobs(window, index, written.rows[index], &jobs);
  }
  auto& files = written.files;
  files.resize(jobs.size());
  TRY(base::for_each_index(
      jobs.size(), window.threads,
      [&](std::size_t job) -> Status {
        TRY(files[job], write_rows(store, jobs[job]));
        return {};
      },
      stop));
  for (std::size_t index = 0; index < window.window.tables.size(); ++index) {
    TRY(write_quarantine(store, window, index, &files));
  }
  std::vector<std::string> paths;
  for (const auto& file : files) paths.push_back(file.path);
  TRY(store.sync(paths));
  return written;
}

}  // namespace ashore::transform
