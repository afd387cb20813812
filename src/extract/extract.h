// Extract asks a source for every page of a window and lands them verbatim, all or nothing.
#pragma once

#include <stop_token>

#include "base/event.h"
#include "base/result.h"
#include "extract/options.h"
#include "io/env.h"
#include "spec/pipeline.h"
#include "state/manifest.h"
#include "state/summary.h"

namespace ashore::extract {

struct Landing {
  state::Manifest manifest;  // raw/<source>/<run id>/manifest.json
  state::Summary summary;
};

// Fetches every page, checks that they are complete, and writes raw/<source>/<run
// id>/page-00001.json
// ... and, last, manifest.json; also a copy at runs/<run id>/extract.manifest.json and the summary.
// A complete landing of the same run id, window and pipeline is reused without a request.
// Errors:
//   kTransient   the source could not be reached or did not give a complete answer in all attempts
//   kPermanent   401/403/404 and other 4xx, TLS, redirects, a body over its limit, not the promised
//                JSON, a run id whose landing has another window or pipeline
//   kInterrupted a stop was requested; no landing is left
// A failed attempt leaves evidence/ and no manifest. Threads: called from one; fetches on
// pipeline.extract.pages.parallel threads of its own.
base::Result<Landing> extract(const spec::Pipeline& pipeline, const Options& options, io::Env& env,
                              base::EventSink& events, const std::stop_token& stop);

}  // namespace ashore::extract
