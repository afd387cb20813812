// Merges a window: reads manifests, merges table after table, writes the candidate.
#include "merge/merge.h"

#include <arrow/api.h>

#include <algorithm>
#include <cassert>
#include <map>
#include <utility>

#include "base/digest.h"
#include "base/parallel.h"
#include "columnar/ordered_values.h"
#include "delta/handover.h"
#include "delta/ownership.h"
#include "merge/earlier_merge.h"
#include "merge/table_merge.h"
#include "state/run_folder.h"

namespace ashore::merge {

namespace {

using base::Result;
using base::Status;

// Everything loaded for one run; tables are in the pipeline's order, parents first.
struct Run {
  const config::Pipeline& pipeline;
  const state::Manifest& window;
  const Options& options;
  delta::TableLogs& logs;
  std::map<std::string, std::unique_ptr<StagedTable>> staged;
  std::map<std::string, KeySet> deleted_items;
  std::map<std::string, std::map<std::string, std::string>> digests;  // by table, then path
  std::vector<state::TableExamples> examples;
};

// A random (version 4) UUID, as Delta wants table ids.
std::string make_table_id(io::Random& random) {
  std::array<std::uint8_t, 16> bytes{};
  for (std::size_t half = 0; half < 2; ++half) {
    std::uint64_t bits = random.next();
    for (std::size_t index = 0; index < 8; ++index, bits >>= 8) {
      bytes[half * 8 + index] = static_cast<std::uint8_t>(bits & 0xff);
    }
  }
  bytes[6] = static_cast<std::uint8_t>((bytes[6] & 0x0f) | 0x40);
  bytes[8] = static_cast<std::uint8_t>((bytes[8] & 0x3f) | 0x80);
  std::string text = base::to_hex(bytes);
  for (const std::size_t position : {20U, 16U, 12U, 8U}) text.insert(position, "-");
  return text;
}

Result<state::TableCounts> transform_counts(const state::Summary& summary,
                                            const std::string& table) {
  for (const auto& counts : summary.tables) {
    if (counts.table == table) return counts;
  }
  return base::permanent("the transform summary lacks table '" + table + "'")
      .with_remedy("Run 'transform' again: the pipeline has changed since.");
}

// How many tables are read, and written, at once. Each may keep rows in memory, and what was
// decided of all of them is held until they are written, so that there must be enough of it.
int tables_at_once(const state::RunContext& context) {
  constexpr std::int64_t kMemoryMin = std::int64_t{512} << 20;
  return context.memory_bytes < kMemoryMin ? 1 : context.threads;
}

Status load_staged(const state::RunContext& context, Run* run) {
  auto& store = context.env.store;
  TRY(const auto summary, state::read_summary(store, run->options.run_id, "transform"));
  const StagedWindow window{store, run->window, context.memory_bytes, run->options.rows};
  const auto& tables = run->pipeline.tables;
  std::vector<std::unique_ptr<StagedTable>> staged(tables.size());
  TRY(base::for_each_index(
      tables.size(), tables_at_once(context),
      [&](std::size_t index) -> Status {
        const auto& table = tables[index];
        TRY(auto counts, transform_counts(summary, table.name));
        TRY(staged[index], StagedTable::load(window, table, std::move(counts)).within(table.name));
        return {};
      },
      context.stop));
  for (std::size_t index = 0; index < tables.size(); ++index) {
    run->staged[tables[index].name] = std::move(staged[index]);
  }
  return {};
}

// The columns of `table` that hold `columns` of its parent, in that order. The reader of the
// pipeline file checked that they exist.
std::vector<std::string> parent_columns(const config::Table& table,
                                        const std::vector<std::string>& columns) {
  std::vector<std::string> own;
  for (const auto& name : columns) {
    const auto found = std::ranges::find_if(table.columns, [&](const config::Column& column) {
      return column.source == config::ColumnSource::kParent && column.of == name;
    });
    assert(found != table.columns.end());
    own.push_back(found->name);
  }
  return own;
}

std::vector<Lineage::Ancestor> ancestors_of(const Run& run, const config::Table& table) {
  std::vector<Lineage::Ancestor> ancestors;
  std::vector<const config::Table*> line = {&table};
  while (line.back()->parent) {
    line.push_back(run.pipeline.table(*line.back()->parent));
    // The ancestor's key, expressed by its child's columns, then by the grandchild's, ...
    auto columns = line.back()->key;
    for (std::size_t index = line.size() - 1; index-- > 0;) {
      columns = parent_columns(*line[index], columns);
    }
    ancestors.push_back(
        {run.staged.at(line.back()->name).get(), line.back()->key, std::move(columns)});
  }
  return ancestors;
}

const config::Table& item_table_of(const Run& run, const config::Table& table) {
  const config::Table* current = &table;
  while (current->parent) current = run.pipeline.table(*current->parent);
  return *current;
}

Lineage lineage_of(const Run& run, const config::Table& table) {
  Lineage lineage;
  lineage.table = &table;
  lineage.staged = run.staged.at(table.name).get();
  lineage.ancestors = ancestors_of(run, table);
  lineage.window = run.window.window;
  lineage.can_be_missing = lineage.window.is_unbounded();
  const auto& rule = run.pipeline.extract.window;
  if (!lineage.can_be_missing && rule && !table.parent && table.schema().index_of(rule->column)) {
    lineage.window_column = rule->column;
    lineage.can_be_missing = true;
  }
  if (run.options.names_pending && run.pipeline.extract.lookup) {
    const auto* const column = config::lookup_column(run.pipeline.extract.items, table);
    if (column != nullptr) lineage.asked_by = column->name;
  }
  return lineage;
}

// Takes away the staged rows that are older than what is published, and the rows of child tables
// that belong to them.
Status drop_older(Run* run, const config::Table& table, TableInput* input,
                  const state::RunContext& context) {
  auto& staged = run->staged.at(table.name);
  std::vector<std::int64_t> older;
  if (!table.parent) {
    TRY(older, find_older(*input, run->options, context));
  } else {
    const auto& item = input->lineage.ancestors.back();
    columnar::visit_keys(staged->rows(), item.key_columns,
                         [&](std::int64_t row, std::string_view key) {
                           if (item.staged->is_older(key)) older.push_back(row);
                         });
  }
  if (older.empty()) return {};
  TRY(staged, staged->without(older, table));
  input->lineage = lineage_of(*run, table);
  return {};
}

// A value of the future freezes its row: nothing newer comes until then.
void warn_of_future(const Run& run, const config::Table& table, state::Summary* summary) {
  if (table.keep != config::Keep::kLatest) return;
  const auto kind = table.column(table.latest).type.kind;
  if (kind != base::TypeKind::kTimestamp && kind != base::TypeKind::kDate) return;
  const auto tomorrow = base::timestamp_of_micros(run.window.started_us) + std::chrono::days(1);
  const bool is_date = kind == base::TypeKind::kDate;
  const arrow::Decimal128 limit(is_date ? base::date_of(tomorrow).time_since_epoch().count()
                                        : base::micros_of(tomorrow));
  const columnar::OrderedValues values(
      *run.staged.at(table.name)->rows().GetColumnByName(table.latest));
  std::int64_t future = 0;
  for (std::int64_t row = 0; row < values.size(); ++row) {
    if (values.at(row) && *values.at(row) > limit) ++future;
  }
  if (future == 0) return;
  summary->warnings.push_back("table '" + table.name + "': '" + table.latest + "' of " +
                              std::to_string(future) + (future == 1 ? " row lies" : " rows lies") +
                              " more than a day ahead of the landing: it freezes them until then");
}

// Decides what becomes of the rows of a table whose parent is decided.
Result<DecidedTable> decide_one(Run* run, const config::Table& table,
                                const state::RunContext& context) {
  TableInput input;
  input.lineage = lineage_of(*run, table);
  TRY(input.published, run->logs.newest(table.name));
  if (input.published) {
    TRY(delta::check_owner(*input.published, table.name, run->pipeline.name,
                           run->options.taken_tables));
  }
  input.modified_ms = base::micros_of(context.env.clock.now()) / 1000;
  if (table.parent) input.deleted_items = &run->deleted_items[item_table_of(*run, table).name];
  TRY(drop_older(run, table, &input, context));
  TRY(auto decided, decide_table(std::move(input), run->options, context));
  if (!table.parent) run->deleted_items[table.name] = decided.deleted_items;
  return decided;
}

// Adds a written table to the candidate.
void take_table(Run* run, const DecidedTable& decided, TableMerge written,
                const state::RunContext& context, Merged* merged) {
  auto& candidate = written.candidate;
  run->digests[candidate.table] = std::move(written.digests);
  const auto& published = decided.input.published;
  if (!published) candidate.table_id = make_table_id(context.env.random);
  // Taking a table is a commit of its own, even where no row changes.
  const bool is_taken = published && !delta::owner_of(*published).empty() &&
                        delta::owner_of(*published) != run->pipeline.name;
  candidate.changes_schema = candidate.changes_schema || is_taken;
  merged->candidate.tables.push_back(std::move(candidate));
  run->examples.push_back(std::move(written.examples));
}

// A table that does not exist is made as soon as any table of the run changes.
void decide_new_tables(delta::Candidate* candidate) {
  const bool is_anything_new = std::ranges::any_of(
      candidate->tables, [](const delta::TableCandidate& table) { return !table.is_unchanged(); });
  for (auto& table : candidate->tables) {
    if (table.base_version < 0) table.changes_schema = is_anything_new;
  }
}

// After the first file, the candidate's.
void list_files(const io::ObjectStore& store, const Run& run, const delta::Candidate& candidate,
                state::Manifest* manifest) {
  manifest->files.resize(1);
  for (std::size_t index = 0; index < candidate.tables.size(); ++index) {
    const auto& table = candidate.tables[index];
    manifest->schemas.push_back({table.table, table.schema});
    const auto folder = state::staged_table_folder(store, candidate.run_id, table.table) + "/";
    for (const auto& add : table.add) {
      manifest->files.push_back({.path = folder + add.path,
                                 .rows = add.rows,
                                 .bytes = add.bytes,
                                 .sha256 = run.digests.at(table.table).at(add.path),
                                 .schema = static_cast<std::int64_t>(index),
                                 .origin = {}});
    }
  }
}

Result<state::ManifestFile> write_candidate(const delta::Candidate& candidate,
                                            const state::RunContext& context) {
  const auto text = delta::candidate_json(candidate, context.threads);
  const auto path = state::run_file(candidate.run_id, "candidate.json");
  TRY(context.env.store.write(path, text));
  return state::ManifestFile{.path = path,
                             .rows = 0,
                             .bytes = std::ssize(text),
                             .sha256 = base::to_hex(base::sha256(text)),
                             .schema = {},
                             .origin = {}};
}

Result<state::Manifest> write_results(const Run& run, const delta::Candidate& candidate,
                                      const state::Summary& summary,
                                      const state::RunContext& context) {
  const auto& id = run.options.run_id;
  state::Manifest manifest;
  manifest.stage = "merge";
  manifest.run_id = id;
  manifest.pipeline_name = run.pipeline.name;
  manifest.pipeline_sha256 = run.pipeline.sha256;
  manifest.version = context.version;
  manifest.window = run.window.window;
  manifest.started_us = run.window.started_us;
  const auto parent_path = state::stage_manifest_path(id, "transform");
  TRY(const auto parent, context.env.store.read(parent_path));
  manifest.parent = {parent_path, base::to_hex(base::sha256(parent))};
  state::ManifestFile written;
  TRY(base::for_each_index(
      2, context.threads,
      [&](std::size_t part) -> Status {
        if (part == 0) {
          TRY(written, write_candidate(candidate, context));
        } else {
          list_files(context.env.store, run, candidate, &manifest);
        }
        return {};
      },
      std::stop_token()));
  manifest.files.front() = std::move(written);
  TRY(state::write_examples(context.env.store, id, run.examples));
  TRY(state::write_summary(context.env.store, id, summary));
  TRY(state::write_manifest(context.env.store, state::stage_manifest_path(id, "merge"), manifest));
  return manifest;
}

std::string step_of(const DecidedTable& decided) {
  return "merge table '" + decided.input.lineage.table->name + "'";
}

// Writes tables side by side and adds them to the candidate in their order.
Status write_tables(Run* run, const std::vector<DecidedTable>& decided,
                    const state::RunContext& context, Merged* merged) {
  std::vector<TableMerge> written(decided.size());
  TRY(base::for_each_index(
      decided.size(), tables_at_once(context),
      [&](std::size_t index) -> Status {
        TRY(written[index],
            write_table(decided[index], run->options, context).within(step_of(decided[index])));
        return {};
      },
      context.stop));
  for (std::size_t index = 0; index < decided.size(); ++index) {
    take_table(run, decided[index], std::move(written[index]), context, merged);
  }
  return {};
}

// Merges every table, or stops at the first that has rows to be asked for.
Status merge_tables(Run* run, const state::RunContext& context, Merged* merged) {
  TRY(load_staged(context, run).within("merge: read the staged window"));
  std::vector<DecidedTable> decided;
  for (const auto& table : run->pipeline.tables) {
    TRY(auto one, decide_one(run, table, context).within("merge table '" + table.name + "'"));
    if (!one.pending.empty()) {
      merged->pending = std::move(one.pending);
      return {};
    }
    decided.push_back(std::move(one));
    if (tables_at_once(context) > 1) continue;
    TRY(write_tables(run, decided, context, merged));
    decided.clear();
  }
  TRY(write_tables(run, decided, context, merged));
  decide_new_tables(&merged->candidate);
  return {};
}

state::Summary summarise(const delta::Candidate& candidate) {
  state::Summary summary;
  summary.stage = "merge";
  for (const auto& table : candidate.tables) {
    summary.tables.push_back(table.counts);
    if (table.counts.missing > table.counts.deleted) {
      summary.warnings.push_back(
          "table '" + table.table +
          "': " + std::to_string(table.counts.missing - table.counts.deleted) +
          " published rows of this window were not in the source's answer; they are kept");
    }
    if (table.counts.stale > 0) {
      summary.warnings.push_back("table '" + table.table +
                                 "': " + std::to_string(table.counts.stale) +
                                 " published rows stay as they were, because what replaces them "
                                 "was rejected");
    }
  }
  return summary;
}

}  // namespace

Result<Merged> merge(const config::Pipeline& pipeline, const state::Manifest& window,
                     const Options& options, const state::RunContext& context) {
  delta::TableLogs own_logs(context.env.store, context.threads);
  auto& logs = options.logs == nullptr ? own_logs : *options.logs;
  Run run{pipeline, window, options, logs, {}, {}, {}, {}};
  // The candidate goes first: without it staged files belong to nobody.
  TRY(context.env.store.remove(state::run_file(options.run_id, "candidate.json")));
  TRY(context.env.store.remove_folder(state::staged_folder(options.run_id)));
  TRY(delta::remove_handover(context.env.store, options.run_id));
  Merged merged;
  merged.candidate.run_id = options.run_id;
  merged.candidate.landing_us = window.started_us;
  TRY(auto unchanged, earlier_merge(pipeline, window, options, logs, context));
  const bool is_known = unchanged.has_value();
  if (is_known) {
    merged.candidate.tables = *std::move(unchanged);
    for (const auto& table : pipeline.tables) run.examples.push_back({table.name, {}, {}, {}, {}});
  } else {
    TRY(merge_tables(&run, context, &merged));
    if (!merged.pending.empty()) {
      Merged named;
      named.pending = std::move(merged.pending);
      return named;
    }
  }
  merged.summary = summarise(merged.candidate);
  if (!is_known) {
    for (const auto& table : pipeline.tables) warn_of_future(run, table, &merged.summary);
  }
  for (const auto& warning : merged.summary.warnings) context.events.emit(base::Warned{warning});
  TRY(merged.manifest, write_results(run, merged.candidate, merged.summary, context));
  return merged;
}

}  // namespace ashore::merge
