// Flow runs stages of one run one after another and gathers what they report.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "audit/audit.h"
#include "base/result.h"
#include "config/pipeline.h"
#include "delta/table_logs.h"
#include "merge/merge.h"
#include "report/run_report.h"
#include "run/options.h"
#include "run/run_events.h"
#include "state/manifest.h"
#include "state/run_context.h"
#include "state/stage.h"
#include "transform/transform.h"

namespace ashore::run {

// One run under way. The references must outlive it. Threads: one. Every stage reads the manifest
// that the previous one left on disk, so that a flow may begin anywhere.
class Flow {
 public:
  Flow(const config::Pipeline& pipeline, const Options& options, const state::RunContext& context,
       RunEvents& events, report::RunReport* report);

  // All stages will be run: what a later one needs may be opened while an earlier one works.
  void expect_all_stages() { expects_all_stages_ = true; }

  // Runs one stage: times it, tells its beginning and end, takes its summary into the report.
  base::Status run(state::Stage stage);

  // True when neither a table nor a destination was changed by the stages run so far.
  [[nodiscard]] bool nothing_new() const { return nothing_new_; }

 private:
  using Body = std::function<base::Result<state::Summary>()>;

  base::Status run_timed(std::string_view name, const Body& body);
  // What the previous stage left. kPermanent: it is not there, or was made from another manifest
  // than its own previous stage has left by now.
  base::Result<state::StoredManifest> previous_stored(std::string_view stage);
  base::Result<state::Manifest> previous(std::string_view stage);
  base::Status keep_pipeline();
  base::Status verify_parent(const state::Manifest& manifest);
  base::Result<state::Summary> extract();
  base::Result<state::Summary> transform();
  base::Result<state::Summary> merge();
  base::Result<state::Summary> audit();
  base::Result<state::Summary> publish();
  // After a publication was lost to another's: from merge to audit on what they published. Pages of
  // this very flow that are older than theirs are landed anew first. kAlreadyExists: an older
  // landing than the published one was to be published.
  base::Status merge_again(const base::Error& lost);
  base::Result<state::Summary> load();
  // kBlockedByCheck: a table whose policy is `drift: block` has drifted since the landing before.
  base::Status block_on_drift(const state::Summary& summary, std::int64_t started_us);
  // Takes the verdict into the report, with what the user overrides; blocked unless it may be
  // published.
  base::Status require_verdict(const state::Manifest& audited);
  [[nodiscard]] bool published_nothing() const;

  const config::Pipeline& pipeline_;
  const Options& options_;
  const state::RunContext context_;  // its events are the run's
  RunEvents& events_;
  report::RunReport* report_;
  bool nothing_new_ = true;
  std::string equal_window_of_ = {};  // the run whose staged window was taken over; "": none was
  // The rows of this process's transform, while merge may still have the source asked for more.
  std::unique_ptr<transform::LandingTransform> transformed_;
  // Rows that this process has just staged, by table, for its merge.
  std::map<std::string, std::shared_ptr<arrow::Table>> staged_rows_;
  // The database of audit's queries, which opens while rows are made.
  std::unique_ptr<warehouse::OpenedAhead> opened_;
  bool expects_all_stages_ = false;
  bool has_landed_ = false;              // the pages came while this flow ran
  bool lands_anew_ = false;              // a landing that is there is not taken
  std::optional<merge::Merged> merged_;  // where this process made what audit judges
  bool merged_here_ = false;             // and what load reads
  delta::TableLogs logs_;  // of the published tables, as the stages so far have read them
  // A load that failed for one destination has a summary all the same; its failure waits here.
  base::Status load_status_;
};

}  // namespace ashore::run
