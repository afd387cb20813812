// Makes a candidate by comparing files and takes it through audit, publish and load.
#include "rebuild/derived_run.h"

#include <algorithm>
#include <set>
#include <unordered_set>
#include <utility>

#include "base/digest.h"
#include "delta/candidate.h"
#include "run/flow.h"
#include "run/scratch_store.h"
#include "state/run_folder.h"

namespace ashore::rebuild {

namespace {

using base::Result;
using base::Status;

std::unordered_set<std::string_view> paths_of(const std::vector<delta::AddFile>& files) {
  std::unordered_set<std::string_view> paths;
  for (const auto& file : files) paths.insert(file.path);
  return paths;
}

std::vector<delta::AddFile> without(const std::vector<delta::AddFile>& files,
                                    const std::vector<delta::AddFile>& others) {
  const auto paths = paths_of(others);
  std::vector<delta::AddFile> rest;
  for (const auto& file : files) {
    if (!paths.contains(file.path)) rest.push_back(file);
  }
  return rest;
}

using Values = std::vector<std::pair<std::string, std::optional<std::string>>>;

std::int64_t count_partitions(std::initializer_list<const std::vector<delta::AddFile>*> lists) {
  std::set<Values> values;
  for (const auto* files : lists) {
    for (const auto& file : *files) values.insert(file.partition_values);
  }
  return static_cast<std::int64_t>(values.size());
}

void count(const Target& target, delta::TableCandidate* candidate) {
  auto& counts = candidate->counts;
  counts.table = target.table;
  counts.partitions_total = count_partitions({&target.snapshot.files});
  counts.partitions_touched = count_partitions({&candidate->add, &candidate->remove});
  counts.files_added = static_cast<std::int64_t>(candidate->add.size());
  for (const auto& file : candidate->add) counts.bytes_added += file.bytes;
}

delta::TableCandidate compare(const Target& target,
                              const std::optional<delta::Snapshot>& published) {
  delta::TableCandidate candidate;
  candidate.table = target.table;
  candidate.table_id = published ? published->table_id : target.snapshot.table_id;
  candidate.schema = target.snapshot.schema;
  candidate.partition_columns = target.snapshot.partition_columns;
  candidate.add = target.snapshot.files;
  if (published) {
    candidate.base_version = published->version;
    candidate.add = without(target.snapshot.files, published->files);
    candidate.remove = without(published->files, target.snapshot.files);
  }
  candidate.changes_schema = !published || published->schema != candidate.schema ||
                             published->partition_columns != candidate.partition_columns;
  count(target, &candidate);
  return candidate;
}

// Moves an added file from the scratch to where publish looks for it; nothing is to be done for
// one that lies in its place already.
Result<std::optional<state::ManifestFile>> stage_file(io::ObjectStore& store,
                                                      const std::string& run_id,
                                                      const std::string& table,
                                                      const delta::AddFile& file) {
  const auto place = state::table_folder(table) + "/" + file.path;
  const auto made = run::ScratchStore::place_of(store, place);
  TRY(const auto info, store.stat(made));
  if (!info) return std::optional<state::ManifestFile>();
  TRY(const auto bytes, store.read(made));
  state::ManifestFile listed;
  listed.path = state::staged_table_folder(store, run_id, table) + "/" + file.path;
  listed.rows = file.rows;
  listed.bytes = file.bytes;
  listed.sha256 = base::to_hex(base::sha256(bytes));
  TRY(store.rename(made, listed.path));
  return std::optional(std::move(listed));
}

// As of the newest landing published: what was landed since may still be published after this.
std::int64_t newest_landing_us(const std::string& pipeline_name, const delta::Snapshot& published) {
  const auto found = published.transactions.find("ashore/" + pipeline_name);
  return found == published.transactions.end() ? 0 : found->second;
}

// The newest of the landings that the steps name, for tables that were never published.
std::int64_t newest_step_us(io::ObjectStore& store, const std::vector<run::Step>& steps) {
  std::int64_t newest = 0;
  for (const auto& step : steps) {
    const auto landing =
        state::read_manifest(store, state::stage_manifest_path(step.landing, "extract"));
    if (landing.ok()) newest = std::max(newest, landing.value().started_us);
  }
  return newest;
}

}  // namespace

DerivedRun::DerivedRun(run::Session* session, std::string run_id)
    : session_(session), run_id_(std::move(run_id)), options_(session->options) {
  started_us_ = base::micros_of(session_->context.env.clock.now());
  report_ = run::begin_report(*session_, run_id_);
  // These landings were published once: their order is a record, not a question.
  options_.force = true;
  options_.window = {};
}

Result<DerivedRun> DerivedRun::begin(run::Session* session) {
  DerivedRun run(session,
                 state::make_run_id(session->context.env.clock, session->context.env.random));
  TRY(session->context.env.store.write(state::run_file(run.run_id_, "pipeline.yaml"),
                                       session->pipeline.text));
  return run;
}

Status DerivedRun::prepare(const std::vector<Target>& targets, const std::vector<run::Step>& steps,
                           Audit audit) {
  auto& store = session_->context.env.store;
  TRY(run::write_steps(store, run_id_, {options_.command, started_us_, steps}));
  delta::Candidate candidate;
  candidate.run_id = run_id_;
  candidate.landing_us = newest_step_us(store, steps);
  state::Manifest manifest;
  manifest.stage = audit == Audit::kYes ? "merge" : "audit";
  manifest.run_id = run_id_;
  manifest.pipeline_name = session_->pipeline.name;
  manifest.pipeline_sha256 = session_->pipeline.sha256;
  manifest.version = session_->context.version;
  state::Summary summary;
  summary.stage = manifest.stage;
  for (const auto& target : targets) {
    TRY(const auto published, delta::read_snapshot(store, state::table_folder(target.table)));
    if (published) {
      candidate.landing_us =
          std::max(candidate.landing_us, newest_landing_us(session_->pipeline.name, *published));
    }
    auto& table = candidate.tables.emplace_back(compare(target, published));
    summary.tables.push_back(table.counts);
    const auto schema = static_cast<std::int64_t>(manifest.schemas.size());
    manifest.schemas.push_back({target.table, target.snapshot.schema});
    for (const auto& file : table.add) {
      TRY(auto listed, stage_file(store, run_id_, target.table, file));
      if (!listed) continue;
      listed->schema = schema;
      manifest.files.push_back(std::move(*listed));
    }
  }
  manifest.started_us = candidate.landing_us;
  TRY(store.write(state::run_file(run_id_, "candidate.json"), delta::candidate_json(candidate)));
  TRY(state::write_summary(store, run_id_, summary));
  TRY(const auto written,
      state::write_manifest(store, state::stage_manifest_path(run_id_, manifest.stage), manifest));
  (void)written;
  report::absorb(summary, &report_);
  return {};
}

report::Outcome DerivedRun::publish(const std::vector<Target>& targets,
                                    const std::vector<run::Step>& steps, Audit audit) {
  run::RunEvents events(session_->context.events, session_->context.env.clock, run_id_);
  events.emit(base::RunStarted{run_id_, session_->pipeline.name, run::window_text({}), "raw"});
  run::Flow flow(session_->pipeline, options_, session_->context, events, &report_);
  auto status = prepare(targets, steps, audit);
  if (status.ok() && audit == Audit::kYes) status = flow.run(state::Stage::kAudit);
  if (status.ok()) status = flow.run(state::Stage::kPublish);
  const bool is_published = status.ok();
  if (status.ok()) status = flow.run(state::Stage::kLoad);
  if (!is_published) {
    const auto cleared = session_->context.env.store.remove_folder(state::staged_folder(run_id_));
    if (!cleared.ok()) events.emit(base::Warned{cleared.error().message()});
  }
  return run::finish(session_, std::move(report_), status, flow.nothing_new(), &events);
}

report::Outcome DerivedRun::fail(const base::Error& error) {
  run::RunEvents events(session_->context.events, session_->context.env.clock, run_id_);
  return run::finish(session_, std::move(report_), error, true, &events);
}

}  // namespace ashore::rebuild
