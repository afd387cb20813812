// Session is what one command that changes tables holds on to: its inputs, its lock, its report.
#pragma once

#include <memory>
#include <stop_token>
#include <string>

#include "base/event.h"
#include "base/result.h"
#include "base/window.h"
#include "io/env.h"
#include "pipeline/options.h"
#include "pipeline/run.h"
#include "pipeline/run_events.h"
#include "report/page.h"
#include "report/run_report.h"
#include "spec/pipeline.h"

namespace ashore::pipeline {

// What one call of a driver holds on to; the references outlive it.
struct Session {
  const spec::Pipeline& pipeline;
  const Options& options;
  io::Env& env;
  base::EventSink& events;
  std::stop_token stop;
  std::unique_ptr<io::StoreLock> lock;
};

// Pure. "2024-01-01T00:00:00Z .. the end", "everything".
std::string window_text(const base::Window& window);

// Takes the lock in the name of a run ("": of the command alone) and finishes what an earlier
// process left. Errors as state::take_lock and publish::finish_intent.
base::Status take_lock(Session* session, const std::string& run_id);

report::RunReport begin_report(const Session& session, std::string run_id);

// A command that could not begin: says why, without a run.
Outcome refused(report::RunReport report, const base::Error& error, base::EventSink& events);

// Pure. What the page of a run links to besides the run's own files.
report::PageInputs page_inputs(const spec::Pipeline& pipeline, const std::string& run_id);

// Ends the story: status and exit code, report.json, events.jsonl, report.html.
Outcome finish(Session* session, report::RunReport report, const base::Status& status,
               bool nothing_new, RunEvents* events);

}  // namespace ashore::pipeline
