// Runs the stages of a run, one function per stage.
#include "run/flow.h"

#include <fmt/format.h>
#include <malloc.h>

#include <algorithm>
#include <utility>

#include "base/digest.h"
#include "extract/extract.h"
#include "load/load.h"
#include "publish/publish.h"
#include "run/audited_file.h"
#include "run/drift.h"
#include "run/history.h"
#include "run/missing_rows.h"
#include "run/pins.h"
#include "run/window_reuse.h"
#include "state/lock.h"
#include "state/run_folder.h"

namespace ashore::run {

using base::Error;
using base::ErrorKind;
using base::Result;
using base::Status;

namespace {

// Where nothing holds others off, a publication that is lost to another is merged again on theirs.
constexpr int kMergesAgainMax = 3;

double seconds_between(std::chrono::steady_clock::time_point start,
                       std::chrono::steady_clock::time_point end) {
  return std::chrono::duration<double>(end - start).count();
}

std::string bytes_text(std::int64_t bytes) {
  if (bytes < 10'000) return fmt::format("{} B", bytes);
  if (bytes < 10'000'000) return fmt::format("{:.0f} kB", static_cast<double>(bytes) / 1e3);
  return fmt::format("{:.1f} MB", static_cast<double>(bytes) / 1e6);
}

std::string plural(std::int64_t count, std::string_view noun) {
  return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

std::string table_text(std::string_view stage, const state::TableCounts& counts) {
  if (stage == "transform") {
    std::string text = fmt::format("{} {}", counts.table, counts.rows_out);
    if (counts.rejected > 0) text += fmt::format(" ({} rejected)", counts.rejected);
    return text;
  }
  if (stage == "merge") {
    return fmt::format("{} +{} ~{} ={}", counts.table, counts.inserted, counts.updated,
                       counts.unchanged);
  }
  if (!counts.version) return fmt::format("{} not published yet", counts.table);
  return fmt::format("{} version {}", counts.table, *counts.version);
}

std::string destination_text(const state::DestinationResult& destination) {
  std::int64_t inserted = 0;
  std::int64_t updated = 0;
  std::int64_t deleted = 0;
  for (const auto& table : destination.tables) {
    inserted += table.inserted;
    updated += table.updated;
    deleted += table.deleted;
  }
  if (!destination.error.empty()) return destination.name + " failed";
  return fmt::format("{} +{} ~{} -{}", destination.name, inserted, updated, deleted);
}

// The one line that people read when a stage ends.
std::string summary_text(const state::Summary& summary) {
  if (summary.extract) {
    return fmt::format("{}, {}, {}", plural(summary.extract->pages, "page"),
                       plural(summary.extract->items, "item"), bytes_text(summary.extract->bytes));
  }
  std::string text;
  const auto add = [&](const std::string& part) { text += (text.empty() ? "" : ", ") + part; };
  if (summary.stage == "audit") {
    std::int64_t passed = 0;
    for (const auto& check : summary.checks) passed += check.passed ? 1 : 0;
    return fmt::format("{} of {} passed", passed,
                       plural(static_cast<std::int64_t>(summary.checks.size()), "check"));
  }
  if (summary.nothing_new) add("nothing new");
  for (const auto& counts : summary.tables) add(table_text(summary.stage, counts));
  for (const auto& destination : summary.destinations) add(destination_text(destination));
  return text;
}

Error blocked_by_checks(const std::string& run_id, const std::vector<state::CheckResult>& checks) {
  std::string what = "blocked by a check, nothing was published";
  for (const auto& check : checks) {
    if (audit::may_be_published({check})) continue;
    what += fmt::format("; table '{}', check {}: found {}, expected {}", check.table, check.check,
                        check.observed, check.expected);
  }
  return Error(ErrorKind::kBlockedByCheck, what)
      .with_remedy(fmt::format(
          "Look at the rows. Fix the source and run again; or correct the check and say 'ashore "
          "audit --run-id {0}', then 'publish'; or publish them as they are: 'ashore publish "
          "--run-id {0} --override CHECK --reason WHY'.",
          run_id));
}

bool is_blocked(const Error& error) {
  return error.kind() == ErrorKind::kBlockedByQuarantine ||
         error.kind() == ErrorKind::kBlockedByCheck;
}

Status status_of(const Result<state::Summary>& result) {
  return result.ok() ? Status() : Status(result.error());
}

std::string outcome_of(const Status& status) {
  if (status.ok()) return "succeeded";
  if (status.error().kind() == ErrorKind::kInterrupted) return "interrupted";
  return is_blocked(status.error()) ? "blocked" : "failed";
}

std::vector<delta::CommitOverride> overrides_of(const std::vector<state::CheckResult>& checks) {
  std::vector<delta::CommitOverride> overrides;
  for (const auto& check : checks) {
    if (!check.overridden) continue;
    overrides.push_back({check.table, check.check, check.overridden->reason});
  }
  return overrides;
}

}  // namespace

Flow::Flow(const config::Pipeline& pipeline, const Options& options,
           const state::RunContext& context, RunEvents& events, report::RunReport* report)
    : pipeline_(pipeline),
      options_(options),
      context_(context.with(context.env, events)),
      events_(events),
      report_(report),
      logs_(context.env.store, context.threads) {}

Status Flow::run(state::Stage stage) {
  const auto name = state::stage_name(stage);
  switch (stage) {
    case state::Stage::kExtract:
      return run_timed(name, [this] { return extract(); });
    case state::Stage::kTransform:
      return run_timed(name, [this] { return transform(); });
    case state::Stage::kMerge:
      return run_timed(name, [this] { return merge(); });
    case state::Stage::kAudit: {
      TRY(run_timed(name, [this] { return audit(); }));
      if (audit::may_be_published(report_->checks)) return {};
      report_->stage_attempts.back().outcome = "blocked";
      return blocked_by_checks(report_->run_id, report_->checks);
    }
    case state::Stage::kPublish:
      return run_timed(name, [this] { return publish(); });
    case state::Stage::kLoad: {
      TRY(run_timed(name, [this] { return load(); }));
      return std::move(load_status_).within("load");
    }
  }
  return base::bug("unknown stage");
}

Status Flow::run_timed(std::string_view name, const Body& body) {
  events_.enter_stage(name);
  events_.emit(base::StageStarted{std::string(name)});
  const auto started = context_.env.clock.steady_now();
  report::StageAttempt attempt{.name = std::string(name),
                               .started_at = base::format_timestamp(context_.env.clock.now())};
  auto result = body();
  const double seconds = seconds_between(started, context_.env.clock.steady_now());
  attempt.ended_at = base::format_timestamp(context_.env.clock.now());
  // Else what this stage has freed is still the process's when the next one needs as much.
  (void)::malloc_trim(0);
  attempt.outcome = outcome_of(name == "load" && result.ok() ? load_status_ : status_of(result));
  report_->stage_attempts.push_back(std::move(attempt));
  if (!result.ok()) {
    // A stage that was blocked or failed may have left its counters: they belong in the report.
    auto left = state::read_summary(context_.env.store, report_->run_id, name);
    if (left.ok() && is_blocked(result.error())) {
      left.value().seconds = seconds;
      report::absorb(left.value(), report_);
    } else {
      report_->stages.emplace_back(name, seconds);
    }
    return std::move(result).error().within(name);
  }
  auto summary = std::move(result).value();
  summary.stage = name;
  summary.seconds = seconds;
  TRY(state::write_summary(context_.env.store, report_->run_id, summary));
  report::absorb(summary, report_);
  events_.emit(base::StageEnded{std::string(name), seconds, summary_text(summary)});
  return {};
}

Status Flow::verify_parent(const state::Manifest& manifest) {
  if (!manifest.parent) return {};
  const auto text = context_.env.store.map(manifest.parent->path);
  if (!text.ok() && text.error().kind() != ErrorKind::kNotFound) return text.error();
  const bool is_there =
      text.ok() && base::to_hex(base::sha256(text.value()->bytes())) == manifest.parent->sha256;
  if (is_there) return {};
  return base::permanent(
             fmt::format("the {} of run '{}' was made from another {} than is there now",
                         manifest.stage, report_->run_id, manifest.parent->path))
      .with_remedy(
          fmt::format("Run 'ashore {} --run-id {}' again.", manifest.stage, report_->run_id));
}

Result<state::StoredManifest> Flow::previous_stored(std::string_view stage) {
  auto manifest = state::read_stored_manifest(context_.env.store,
                                              state::stage_manifest_path(report_->run_id, stage));
  if (manifest.ok()) {
    TRY(verify_parent(manifest.value().manifest));
    return manifest;
  }
  if (manifest.error().kind() != ErrorKind::kNotFound) return manifest;
  return base::permanent(fmt::format("run '{}' has no complete {}", report_->run_id, stage))
      .with_remedy(fmt::format("Run 'ashore {} --run-id {}' first.", stage, report_->run_id));
}

// A replay reads the landing again with the file by which it was published.
Status Flow::keep_pipeline() {
  return context_.env.store.write(state::run_file(report_->run_id, "pipeline.yaml"),
                                  pipeline_.text);
}

Result<state::Manifest> Flow::previous(std::string_view stage) {
  TRY(auto stored, previous_stored(stage));
  return std::move(stored.manifest);
}

Result<state::Summary> Flow::extract() {
  const extract::Options options{.run_id = report_->run_id,
                                 .window = report_->window,
                                 .source_url = options_.source_url,
                                 .lands_anew = lands_anew_};
  TRY(keep_pipeline());
  // Two processes that land one run would move each other's pages.
  TRY(const auto lock, state::take_run_lock(context_.env, report_->run_id, options_.command,
                                            options_.wait, context_.stop));
  auto landing = options_.joins_shards
                     ? extract::join_shards(pipeline_, options, options_.offline, context_)
                     : extract::extract(pipeline_, options, context_);
  if (!landing.ok()) return std::move(landing).error();
  const auto& counts = landing.value().summary.extract;
  has_landed_ = !options_.joins_shards && counts && counts->requests > 0;
  return std::move(landing.value().summary);
}

Result<state::Summary> Flow::transform() {
  TRY(auto landing, previous_stored("extract"));
  const auto started_us = landing.manifest.started_us;
  TRY(auto options, transform_options(context_.env.store, options_, landing));
  options.landed_here = has_landed_;
  TRY(const auto published,
      context_.env.store.stat(state::stage_manifest_path(report_->run_id, "publish")));
  if (!published) TRY(keep_pipeline());
  transformed_.reset();
  staged_rows_.clear();
  std::optional<state::Summary> reused;
  if (!options.lookup) {
    TRY(reused, reuse_window(context_.env.store, pipeline_, context_.version, landing.manifest,
                             options_.window_of));
  }
  if (reused) {
    equal_window_of_ = options_.window_of;
    events_.emit(base::Noted{"the pages are those of run " + options_.window_of +
                             ": its rows are taken over"});
    return std::move(*reused);
  }
  equal_window_of_.clear();
  if (expects_all_stages_) opened_ = audit::open_ahead(pipeline_, context_);
  transformed_ = std::make_unique<transform::LandingTransform>(pipeline_, context_);
  TRY(auto staged, transformed_->stage(std::move(landing), std::move(options), context_));
  // Rows are kept for a lookup only; before anything is published no row is missing.
  if (!pipeline_.extract.lookup || options_.window_of.empty()) transformed_.reset();
  TRY(block_on_drift(staged.summary, started_us));
  staged_rows_ = std::move(staged.rows);
  return std::move(staged.summary);
}

Status Flow::block_on_drift(const state::Summary& summary, std::int64_t started_us) {
  if (!may_block_on_drift(pipeline_)) return {};
  TRY(const auto before, read_summary_before(context_.env.store, pipeline_, started_us));
  const auto changes = blocking_drift(pipeline_, summary, before);
  if (changes.empty()) return {};
  // As with rejections: no stage goes on from a blocked window.
  TRY(context_.env.store.remove(state::stage_manifest_path(report_->run_id, "transform")));
  return Error(ErrorKind::kBlockedByCheck,
               "blocked because the source has drifted, nothing was "
               "published: " +
                   fmt::format("{}", fmt::join(changes, "; ")))
      .with_remedy("Follow the source in the pipeline file and run 'ashore transform --run-id " +
                   report_->run_id + "' and what follows, or say 'drift: report'");
}

Result<state::Summary> Flow::merge() {
  merge::Options options;
  options.run_id = report_->run_id;
  options.names_pending = true;
  options.taken_tables = options_.taken_tables;
  options.equal_window_of = equal_window_of_;
  options.rows = &staged_rows_;
  options.logs = &logs_;
  merged_.reset();
  TRY(auto window, previous("transform"));
  // Threads cannot be started while a library is bound: where audit does not need DuckDB, merge
  // would wait for it.
  if (opened_ != nullptr) load::open_ahead(options_.load, context_);
  while (true) {
    TRY(auto merged, merge::merge(pipeline_, window, options, context_));
    if (merged.pending.empty()) {
      transformed_.reset();
      staged_rows_.clear();
      merged_ = std::move(merged);
      merged_here_ = true;
      return merged_->summary;
    }
    // What was asked for is not named again, so this ends.
    TRY(auto staged,
        look_for({pipeline_, options_, merged.pending, transformed_.get()}, context_, report_));
    window = std::move(staged.manifest);
    staged_rows_ = std::move(staged.rows);
    options.equal_window_of.clear();
  }
}

Result<state::Summary> Flow::audit() {
  audit::Options options;
  options.run_id = report_->run_id;
  options.logs = &logs_;
  state::Manifest read;
  if (merged_) {
    options.just_made = &merged_->candidate;
  } else {
    TRY(read, previous("merge"));
  }
  const auto& merged = merged_ ? merged_->manifest : read;
  TRY(require_same_but_checks(context_.env.store, merged, pipeline_));
  const auto opened = std::exchange(opened_, nullptr);
  options.opened = opened.get();
  TRY(auto verdict, audit::audit(pipeline_, merged, options, context_));
  report_->checks = verdict.checks;
  return std::move(verdict.summary);
}

Status Flow::require_verdict(const state::Manifest& audited) {
  TRY(require_audited(audited, pipeline_));
  if (!options_.overrides.empty()) {
    const audit::OverrideRequest request{.run_id = report_->run_id,
                                         .checks = options_.overrides,
                                         .reason = options_.override_reason};
    TRY(const auto overridden, audit::override_checks(request, context_.env));
  }
  TRY(auto summary, state::read_summary(context_.env.store, report_->run_id, "audit"));
  report_->checks = std::move(summary.checks);
  if (audit::may_be_published(report_->checks)) return {};
  return blocked_by_checks(report_->run_id, report_->checks);
}

Status Flow::merge_again(const Error& lost) {
  // What a replay or a rollback publishes was not merged.
  TRY(const auto window,
      context_.env.store.stat(state::stage_manifest_path(report_->run_id, "transform")));
  if (!window) return lost;
  TRY(const auto audited, previous("audit"));
  TRY(const auto newest_us, newest_landing_us(context_.env.store, pipeline_));
  if (newest_us > audited.started_us && !options_.force) {
    // Under a lock nobody landed meanwhile: the run that is told to publish is an older one.
    if (!has_landed_ || context_.env.store.is_file_system()) {
      return Error(ErrorKind::kAlreadyExists,
                   lost.what() + "; what is published by now was landed later than this run")
          .with_remedy(
              "Run again to land what the source has now, or say --force to publish the "
              "older landing.");
    }
    events_.emit(base::Warned{lost.what() + ": landing again"});
    lands_anew_ = true;
    TRY(run(state::Stage::kExtract));
    TRY(run(state::Stage::kTransform));
  } else {
    events_.emit(base::Warned{lost.what() + ": merging again"});
  }
  TRY(run(state::Stage::kMerge));
  return run(state::Stage::kAudit);
}

Result<state::Summary> Flow::publish() {
  if (!options_.ignores_pins) TRY(check_pins(context_.env.store, pipeline_));
  publish::Options options;
  options.run_id = report_->run_id;
  options.logs = &logs_;
  options.force = options_.force;
  options.taken_tables = options_.taken_tables;
  TRY(auto audited, previous("audit"));
  TRY(require_verdict(audited));
  TRY(audited, previous("audit"));  // overriding a check writes it anew
  options.overrides = overrides_of(report_->checks);
  TRY(keep_pipeline());
  options.just_made = merged_ ? &merged_->candidate : nullptr;
  auto publication = publish::publish(pipeline_, audited, options, context_);
  for (int merges = 1;; ++merges) {
    const bool is_lost =
        !publication.ok() && publication.error().kind() == ErrorKind::kAlreadyExists;
    if (!is_lost) break;
    if (merges > kMergesAgainMax) {
      return base::transient(fmt::format("{}; it was merged again {} times",
                                         publication.error().what(), kMergesAgainMax))
          .with_remedy("Run again when no other run publishes as often.");
    }
    TRY(merge_again(publication.error()));
    events_.enter_stage("publish");
    TRY(audited, previous("audit"));
    options.overrides.clear();  // they were of the verdict before
    options.just_made = &merged_->candidate;
    publication = publish::publish(pipeline_, audited, options, context_);
  }
  merged_.reset();
  if (!publication.ok()) return std::move(publication).error();
  nothing_new_ = nothing_new_ && publication.value().summary.nothing_new;
  return std::move(publication).value().summary;
}

// A first window may hold no items: publish was done, and still there is no table.
bool Flow::published_nothing() const {
  const auto is_publish = [](const auto& stage) { return stage.first == "publish"; };
  const auto has_version = [](const auto& table) { return table.version.has_value(); };
  return std::ranges::any_of(report_->stages, is_publish) &&
         std::ranges::none_of(report_->tables, has_version);
}

Result<state::Summary> Flow::load() {
  auto options = options_.load;
  options.run_id = report_->run_id;
  options.taken_tables = options_.taken_tables;
  options.logs = &logs_;
  options.merged_here = merged_here_;
  auto outcome = load::load(pipeline_, options, context_);
  if (!outcome.ok() && outcome.error().kind() == ErrorKind::kNotFound && published_nothing()) {
    state::Summary summary;
    summary.warnings.emplace_back("nothing is published yet, so nothing was loaded");
    events_.emit(base::Warned{summary.warnings.back()});
    summary.nothing_new = true;
    return summary;
  }
  TRY(auto loaded, std::move(outcome));
  nothing_new_ = nothing_new_ && loaded.summary.nothing_new;
  load_status_ = std::move(loaded.status);
  return std::move(loaded.summary);
}

}  // namespace ashore::run
