// Session is what one command that changes tables holds on to: its inputs, its lock, its report.
#pragma once

#include <memory>
#include <string>

#include "base/event.h"
#include "base/result.h"
#include "base/window.h"
#include "config/pipeline.h"
#include "report/outcome.h"
#include "report/page.h"
#include "report/run_report.h"
#include "run/options.h"
#include "run/run_events.h"
#include "state/run_context.h"

namespace ashore::run {

// What one call of a driver holds on to; the references outlive it.
struct Session {
  const config::Pipeline& pipeline;
  const Options& options;
  const state::RunContext& context;
  std::unique_ptr<io::StoreLock> lock;
};

// Pure. "2024-01-01T00:00:00Z .. the end", "everything".
std::string window_text(const base::Window& window);

// Takes the lock in the name of a run ("": of the command alone) and finishes what an earlier
// process left. Errors as state::take_lock and publish::finish_intent.
base::Status take_lock(Session* session, const std::string& run_id);

report::RunReport begin_report(const Session& session, std::string run_id);

// Leaves a report that says that the run is at work, so that the history shows it; of a closed run
// nothing is written. A report that cannot be written is no reason not to run.
void tell_running(Session* session, const report::RunReport& report);

// A command that could not begin: says why, without a run.
report::Outcome refused(report::RunReport report, const base::Error& error,
                        base::EventSink& events);

// Pure. What the page of a run links to besides the run's own files.
report::PageInputs page_inputs(const config::Pipeline& pipeline, const std::string& run_id);

// The status of a run whose later stages are still to come.
inline constexpr std::string_view kPending = "pending";

// Ends the story: status and exit code (a report that says kPending and went well stays so),
// report.json, events.jsonl, report.html.
report::Outcome finish(Session* session, report::RunReport report, const base::Status& status,
                       bool nothing_new, RunEvents* events);

}  // namespace ashore::run
