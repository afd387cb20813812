// Publishes: judges a candidate against what is published, records the intent, takes the steps.
#include "publish/publish.h"

#include <algorithm>
#include <cassert>
#include <unordered_set>
#include <utility>

#include "base/digest.h"
#include "base/parallel.h"
#include "delta/commit.h"
#include "delta/log_actions.h"
#include "delta/ownership.h"
#include "delta/snapshot.h"
#include "publish/dead_candidates.h"
#include "publish/intents.h"
#include "publish/publication_steps.h"
#include "state/run_folder.h"

namespace ashore::publish {

namespace {

using base::ErrorKind;
using base::Result;
using base::Status;

enum class PublishedState {
  kUnchanged,  // the candidate changes nothing
  kFresh,      // to be committed
  kPublished,  // committed by an earlier publication of this very run
};

// One table of the candidate beside what is published of it.
struct TablePlan {
  const delta::TableCandidate* candidate = nullptr;
  std::shared_ptr<const delta::Snapshot>
      current;  // not read where no table of the candidate changes
  std::int64_t current_version = -1;
  PublishedState published_state = PublishedState::kUnchanged;
  std::int64_t version = -1;  // after this publication
  std::int64_t rows = 0;      // of that version, where `current` was read
  // The log file of that version, where it changed.
  std::int64_t commit_bytes = 0;
  std::string commit_sha256;  // hex
};

// All that the parts of one publication share.
struct Work {
  const config::Pipeline& pipeline;
  const state::Manifest& audited;
  const Options& options;
  const state::RunContext& context;
  delta::TableLogs& logs;
  const delta::Candidate* candidate = nullptr;
  base::Timestamp time{};
  std::vector<TablePlan> plans;

  [[nodiscard]] std::string app_id() const { return "ashore/" + pipeline.name; }
  // Only under a lock is it certain that nobody needs them.
  [[nodiscard]] bool deletes_superseded() const {
    return context.env.store.is_file_system() && pipeline.publish.retain.count() == 0;
  }
  [[nodiscard]] bool has(PublishedState published_state) const {
    return std::ranges::any_of(
        plans, [&](const TablePlan& plan) { return plan.published_state == published_state; });
  }
};

Result<delta::LogActions> read_log(io::ObjectStore& store, const std::string& table,
                                   std::int64_t version) {
  const auto path = delta::log_path(state::table_folder(table), version);
  TRY(const auto text, store.map(path));
  return delta::parse_log(text->bytes()).within(store.location_of(path));
}

// Who committed a version, for messages.
std::string author_of(io::ObjectStore& store, const std::string& table, std::int64_t version) {
  const auto actions = read_log(store, table, version);
  const auto run = actions.ok() ? actions.value().run_id : std::string();
  return run.empty() ? "another program" : "run " + run;
}

constexpr std::string_view kMergeAgain =
    "Run `ashore merge` and `ashore audit` again for this run, then publish";

base::Error base_moved(const TablePlan& plan, io::ObjectStore& store) {
  const auto& table = plan.candidate->table;
  const auto current = plan.current_version;
  return base::Error(ErrorKind::kAlreadyExists,
                     "table '" + table +
                         "' is no longer at the version that this run was merged with: it was " +
                         std::to_string(plan.candidate->base_version) + ", it is " +
                         std::to_string(current) +
                         (current < 0 ? "" : " by " + author_of(store, table, current)))
      .with_remedy(std::string(kMergeAgain));
}

// A commit on the candidate's base by this run: an earlier publication got that far.
Result<bool> is_published_by_us(const TablePlan& plan, io::ObjectStore& store,
                                const std::string& run_id) {
  const auto next = plan.candidate->base_version + 1;
  if (plan.current_version < next) return false;
  TRY(const auto actions, read_log(store, plan.candidate->table, next));
  return actions.run_id == run_id;
}

// What would make a version that no reader could read.
Status check_files(const TablePlan& plan) {
  std::unordered_set<std::string_view> published;
  if (plan.current) {
    for (const auto& file : plan.current->files) published.insert(file.path);
  }
  for (const auto& file : plan.candidate->remove) {
    if (published.erase(file.path) == 0) {
      return base::permanent("candidate removes a file that is not published: " + file.path);
    }
  }
  for (const auto& file : plan.candidate->remove) published.insert(file.path);
  for (const auto& file : plan.candidate->add) {
    if (!published.insert(file.path).second) {
      return base::permanent("candidate adds a file twice, or one that is published: " + file.path);
    }
  }
  return {};
}

std::int64_t rows_after(const TablePlan& plan) {
  std::int64_t rows = plan.current ? plan.current->rows : 0;
  for (const auto& file : plan.candidate->remove) rows -= file.rows;
  for (const auto& file : plan.candidate->add) rows += file.rows;
  return rows;
}

Status take_published(TablePlan* plan, io::ObjectStore& store, delta::TableLogs* logs) {
  const auto folder = state::table_folder(plan->candidate->table);
  plan->published_state = PublishedState::kPublished;
  plan->version = plan->candidate->base_version + 1;
  TRY(const auto snapshot, logs->at(plan->candidate->table, plan->version));
  plan->rows = snapshot->rows;
  TRY(const auto text, store.map(delta::log_path(folder, plan->version)));
  plan->commit_bytes = std::ssize(text->bytes());
  plan->commit_sha256 = base::to_hex(base::sha256(text->bytes()));
  return {};
}

Status judge_changed(TablePlan* plan, io::ObjectStore& store, const std::string& run_id,
                     delta::TableLogs* logs) {
  TRY(const bool is_done, is_published_by_us(*plan, store, run_id));
  if (is_done) return take_published(plan, store, logs);
  const auto& candidate = *plan->candidate;
  const bool is_same_table = !plan->current || plan->current->table_id == candidate.table_id;
  if (plan->current_version != candidate.base_version || !is_same_table) {
    return base_moved(*plan, store);
  }
  TRY(check_files(*plan));
  plan->published_state = PublishedState::kFresh;
  plan->version = candidate.base_version + 1;
  plan->rows = rows_after(*plan);
  return {};
}

Result<TablePlan> judge_table(const delta::TableCandidate& candidate, const Work& work) {
  TablePlan plan;
  plan.candidate = &candidate;
  TRY(plan.current, work.logs.newest(candidate.table));
  plan.current_version = plan.current ? plan.current->version : -1;
  plan.version = plan.current_version;
  if (plan.current) {
    TRY(delta::check_owner(*plan.current, candidate.table, work.pipeline.name,
                           work.options.taken_tables));
  }
  plan.rows = plan.current ? plan.current->rows : 0;
  if (!candidate.is_unchanged()) {
    TRY(judge_changed(&plan, work.context.env.store, work.options.run_id, &work.logs));
  }
  return plan;
}

// The run whose landing the table holds: that of the newest commit with this application's txn.
Result<std::string> run_of_landing(io::ObjectStore& store, const TablePlan& plan,
                                   const std::string& app_id) {
  for (auto version = plan.current_version; version >= 0; --version) {
    TRY(const auto actions, read_log(store, plan.candidate->table, version));
    if (std::ranges::any_of(actions.transactions, [&](const delta::Transaction& transaction) {
          return transaction.app_id == app_id;
        })) {
      return actions.run_id;
    }
  }
  return std::string();
}

base::Error older_landing(const Work& work, const TablePlan& plan, const std::string& run_id,
                          std::int64_t landing_us) {
  const auto text = [](std::int64_t micros) {
    return base::format_timestamp(base::timestamp_of_micros(micros));
  };
  return base::Error(ErrorKind::kAlreadyExists,
                     "a newer landing is published: table '" + plan.candidate->table +
                         "' holds run " + run_id + ", landed " + text(landing_us) + "; run " +
                         work.candidate->run_id + " landed " + text(work.candidate->landing_us))
      .with_remedy(
          "Run again to land what the source has now, or say --force to publish the older "
          "landing");
}

// Landings are published in the order they began, over all tables of the pipeline: an unchanged
// table with a newer landing says that its parent is newer too.
Status check_order(const Work& work) {
  if (work.options.force) return {};
  for (const auto& plan : work.plans) {
    if (!plan.current) continue;
    const auto found = plan.current->transactions.find(work.app_id());
    if (found == plan.current->transactions.end()) continue;
    if (found->second < work.candidate->landing_us) continue;
    TRY(const auto run_id, run_of_landing(work.context.env.store, plan, work.app_id()));
    if (run_id == work.candidate->run_id) continue;
    return older_landing(work, plan, run_id, found->second);
  }
  return {};
}

// A candidate that changes no table is right as long as it still builds on what is published; who
// owns the tables was asked by its merge.
Status judge_unchanged(Work* work) {
  for (const auto& table : work->candidate->tables) {
    TablePlan plan;
    plan.candidate = &table;
    TRY(plan.current_version,
        delta::newest_version(work->context.env.store, state::table_folder(table.table)));
    plan.version = plan.current_version;
    if (plan.version != table.base_version) return base_moved(plan, work->context.env.store);
    work->plans.push_back(std::move(plan));
  }
  return {};
}

Status judge(Work* work) {
  if (std::ranges::all_of(work->candidate->tables, &delta::TableCandidate::is_unchanged)) {
    return judge_unchanged(work);
  }
  for (const auto& table : work->candidate->tables) {
    TRY(auto plan, judge_table(table, *work).within("publish table '" + table.table + "'"));
    work->plans.push_back(std::move(plan));
  }
  // Where this run's publication was finished earlier, other runs may have followed.
  if (!work->has(PublishedState::kPublished)) {
    for (const auto& plan : work->plans) {
      if (plan.current_version != plan.candidate->base_version) {
        return base_moved(plan, work->context.env.store);
      }
    }
  }
  return work->has(PublishedState::kFresh) ? check_order(*work) : Status();
}

delta::Commit make_commit(const Work& work, const TablePlan& plan) {
  const auto& candidate = *plan.candidate;
  delta::Commit commit;
  commit.version = plan.version;
  commit.time = work.time;
  commit.run_id = work.candidate->run_id;
  commit.engine = "ashore/" + work.context.version;
  commit.overrides = work.options.overrides;
  commit.transaction =
      delta::Transaction{.app_id = work.app_id(), .version = work.candidate->landing_us};
  commit.add = candidate.add;
  commit.remove = candidate.remove;
  // judge() refused a candidate whose base is no longer current.
  assert(plan.published_state == PublishedState::kFresh);
  assert(plan.version == candidate.base_version + 1);
  const bool names_owner =
      plan.current && plan.current->configuration.contains(std::string(delta::kPipelineKey));
  if (candidate.changes_schema || !names_owner) {
    delta::Commit::Metadata metadata;
    metadata.table_id = candidate.table_id;
    metadata.table_name = candidate.table;
    metadata.schema = candidate.schema;
    metadata.partition_columns = candidate.partition_columns;
    metadata.created_ms =
        plan.current ? plan.current->created_ms : base::micros_of(work.time) / 1000;
    if (plan.current) metadata.configuration = plan.current->configuration;
    metadata.configuration[std::string(delta::kPipelineKey)] = work.pipeline.name;
    commit.metadata = std::move(metadata);
  }
  return commit;
}

// Files that are staged and must be moved. What this process staged itself is there, as long as a
// lock keeps others away.
Status find_staged(const Work& work, TablePart* part) {
  auto& store = work.context.env.store;
  if (work.options.just_made != nullptr && store.is_file_system()) {
    take_as_staged(part);
    return {};
  }
  TRY(const auto missing, inspect_staged(store, work.candidate->run_id, part));
  if (missing.empty()) return {};
  return base::permanent(
             "staged file is missing or cut: " +
             store.location_of(state::staged_folder(work.candidate->run_id) + "/" + part->table) +
             "/" + missing)
      .with_remedy("Run `ashore merge` and `ashore audit` again for this run");
}

Result<TablePart> make_part(const Work& work, TablePlan* plan) {
  TablePart part;
  part.table = plan->candidate->table;
  part.commit = make_commit(work, *plan);
  part.commit_text = delta::commit_json(part.commit, work.context.threads);
  part.commit_sha256 = base::to_hex(base::sha256(part.commit_text));
  part.rows = plan->rows;
  plan->commit_bytes = std::ssize(part.commit_text);
  plan->commit_sha256 = part.commit_sha256;
  TRY(find_staged(work, &part));
  return part;
}

Result<std::vector<TablePart>> make_parts(Work* work) {
  std::vector<TablePlan*> fresh;
  for (auto& plan : work->plans) {
    if (plan.published_state == PublishedState::kFresh) fresh.push_back(&plan);
  }
  std::vector<TablePart> parts(fresh.size());
  TRY(base::for_each_index(
      fresh.size(), work->context.threads,
      [&](std::size_t index) -> Status {
        TRY(parts[index], make_part(*work, fresh[index]));
        return {};
      },
      std::stop_token()));
  return parts;
}

state::Manifest make_manifest(const Work& work) {
  state::Manifest manifest = work.audited;
  manifest.stage = "publish";
  manifest.version = work.context.version;
  manifest.parent = state::ManifestParent{
      .path = state::stage_manifest_path(work.candidate->run_id, "audit"),
      .sha256 = base::to_hex(base::sha256(state::manifest_json(work.audited)))};
  manifest.schemas.clear();
  manifest.files.clear();
  for (const auto& plan : work.plans) {
    if (plan.published_state == PublishedState::kUnchanged) continue;
    auto& file = manifest.files.emplace_back();
    file.path = delta::log_path(state::table_folder(plan.candidate->table), plan.version);
    file.rows = plan.rows;
    file.bytes = plan.commit_bytes;
    file.sha256 = plan.commit_sha256;
    file.schema = static_cast<std::int64_t>(manifest.schemas.size());
    manifest.schemas.push_back({.table = plan.candidate->table, .schema = plan.candidate->schema});
    assert(file.bytes > 0);  // what the next stage hashes again
  }
  return manifest;
}

state::Summary make_summary(const Work& work) {
  state::Summary summary;
  summary.stage = "publish";
  for (const auto& plan : work.plans) {
    auto& counts = summary.tables.emplace_back(plan.candidate->counts);
    counts.table = plan.candidate->table;
    if (plan.version >= 0) counts.version = plan.version;
  }
  summary.nothing_new = !work.has(PublishedState::kFresh) && !work.has(PublishedState::kPublished);
  return summary;
}

// Writes the log files beside the staged data, makes all of it durable, then records the intent:
// from here on the publication is finished, by this process or another.
Result<RecordedIntent> record_intent(const Work& work, const Publication& publication,
                                     const std::vector<TablePart>& parts,
                                     const std::string& intent_path) {
  auto& store = work.context.env.store;
  state::Intent intent{.run_id = work.candidate->run_id,
                       .deletes_superseded = work.deletes_superseded(),
                       .tables = {},
                       .manifest_text = state::manifest_json(publication.manifest),
                       .summary_text = state::summary_json(publication.summary)};
  std::vector<std::string> paths;
  for (const auto& part : parts) {
    const auto path = staged_commit_path(store, work.candidate->run_id, part);
    TRY(store.write_new(path, part.commit_text));
    paths.push_back(path);
    const auto staged = state::staged_table_folder(store, work.candidate->run_id, part.table);
    for (const auto& file : part.commit.add) paths.push_back(staged + "/" + file.path);
    intent.tables.push_back({.table = part.table,
                             .version = part.commit.version,
                             .commit_path = path,
                             .commit_sha256 = part.commit_sha256,
                             .rows = part.rows});
  }
  assert(intent.tables.size() == parts.size() && !parts.empty());
  TRY(store.sync(paths));
  const auto put = store.put_if_absent(intent_path, state::intent_json(intent));
  if (!put.ok()) {
    if (put.error().kind() == ErrorKind::kAlreadyExists) {
      for (const auto& table : intent.tables) TRY(store.remove(table.commit_path));
    }
    return put.error();
  }
  return RecordedIntent{intent_path, std::move(intent)};
}

base::Error lost_commit(const TablePart& part, io::ObjectStore& store) {
  return base::Error(ErrorKind::kAlreadyExists, author_of(store, part.table, part.commit.version) +
                                                    " committed version " +
                                                    std::to_string(part.commit.version) +
                                                    " of table '" + part.table + "' meanwhile")
      .with_remedy(std::string(kMergeAgain));
}

Status write_history(Work* work, Publication* publication,
                     std::chrono::steady_clock::time_point start) {
  const auto elapsed = work->context.env.clock.steady_now() - start;
  publication->summary.seconds = std::chrono::duration<double>(elapsed).count();
  TRY(state::write_summary(work->context.env.store, work->candidate->run_id, publication->summary));
  TRY(const auto written,
      state::write_manifest(work->context.env.store,
                            state::stage_manifest_path(work->candidate->run_id, "publish"),
                            publication->manifest));
  (void)written;
  return {};
}

// All steps from the intent on; the manifest is written before the intent goes. False: another
// process took the intent's place, and nothing was done.
Result<bool> publish_parts(Work* work, std::vector<TablePart> parts, Publication* publication,
                           const std::string& intent_path) {
  auto& store = work->context.env.store;
  const auto start = work->context.env.clock.steady_now();
  auto record = record_intent(*work, *publication, parts, intent_path);
  if (!record.ok() && record.error().kind() == ErrorKind::kAlreadyExists) return false;
  if (!record.ok()) return std::move(record).error().within("record the intent");
  TRY(commit_parts(store, work->candidate->run_id, &parts, work->context.events));
  assert(
      std::ranges::all_of(parts, [](const TablePart& part) { return part.outcome.has_value(); }));
  if (work->deletes_superseded()) TRY(delete_superseded(store, parts));
  const auto lost = std::ranges::find(parts, CommitOutcome::kLost, &TablePart::outcome);
  if (lost == parts.end()) TRY(write_history(work, publication, start));
  TRY(close_intent(store, record.value()));
  TRY(remove_old_intents(store, work->context.env.clock.now()));
  TRY(remove_dead_candidates(store));
  if (lost != parts.end()) return lost_commit(*lost, store);
  return true;
}

void list_tables(const Work& work, Publication* publication, base::EventSink& events) {
  for (const auto& plan : work.plans) {
    const bool is_changed = plan.published_state != PublishedState::kUnchanged;
    publication->tables.push_back(
        {.table = plan.candidate->table,
         .table_id = plan.current ? plan.current->table_id : plan.candidate->table_id,
         .version = plan.version,
         .rows = plan.rows,
         .changed = is_changed});
    if (!is_changed && plan.version >= 0) {
      events.emit(base::TableUnchanged{.table = plan.candidate->table, .version = plan.version});
    }
  }
}

Result<delta::Candidate> read_candidate(io::ObjectStore& store, const std::string& run_id) {
  const auto path = state::run_file(run_id, "candidate.json");
  TRY(auto text, store.read(path));
  TRY(auto candidate, delta::parse_candidate(std::move(text)).within(store.location_of(path)));
  if (candidate.run_id != run_id) {
    return base::permanent("candidate is of another run: " + candidate.run_id);
  }
  return candidate;
}

// One try: nothing where another process recorded its intent first.
Result<std::optional<Publication>> try_to_publish(Work work, const std::string& intent_path) {
  const auto& context = work.context;
  delta::Candidate read;
  if (work.options.just_made != nullptr) {
    assert(work.options.just_made->run_id == work.options.run_id);
    work.candidate = work.options.just_made;
  } else {
    TRY(read, read_candidate(context.env.store, work.options.run_id));
    work.candidate = &read;
  }
  TRY(judge(&work));
  TRY(auto parts, make_parts(&work));
  if (context.stop.stop_requested()) {
    return base::Error(ErrorKind::kInterrupted, "interrupted before anything was published");
  }
  Publication publication;
  publication.manifest = make_manifest(work);
  publication.summary = make_summary(work);
  if (parts.empty()) {
    TRY(write_history(&work, &publication, context.env.clock.steady_now()));
  } else {
    TRY(const bool is_done, publish_parts(&work, std::move(parts), &publication, intent_path));
    if (!is_done) return std::optional<Publication>();
  }
  list_tables(work, &publication, context.events);
  return std::optional(std::move(publication));
}

}  // namespace

Result<Publication> publish(const config::Pipeline& pipeline, const state::Manifest& audited,
                            const Options& options, const state::RunContext& context) {
  // Each try that is not the last helped another process to publish.
  constexpr int kTries = 100;
  const auto own = options.just_made == nullptr ? std::string() : options.run_id;
  delta::TableLogs own_logs(context.env.store, context.threads);
  auto& logs = options.logs == nullptr ? own_logs : *options.logs;
  for (int tries = 0; tries < kTries; ++tries) {
    TRY(const auto settled, settle_intents(context, own));
    TRY(auto published, try_to_publish({.pipeline = pipeline,
                                        .audited = audited,
                                        .options = options,
                                        .context = context,
                                        .logs = logs,
                                        .candidate = nullptr,
                                        .time = context.env.clock.now(),
                                        .plans = {}},
                                       settled.next_path));
    if (published) return std::move(*published);
  }
  return base::transient("other runs published first, " + std::to_string(kTries) + " times");
}

}  // namespace ashore::publish
