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
// A complete landing of the same run id, window and pipeline is reused without a request; pages
// without a manifest are fetched again. A reading that is not whole (totals that disagree, a sum
// that is not the total, ids that repeat, pages that lead back) begins again, 3 times in all;
// duplicates that come twice in the same bytes are the source's own: landed, with a warning.
// Links to the next page are followed on the source's own host only (and from http to https).
// Errors name the page and what to do; secrets are in no error, event or file:
//   kTransient   the source could not be reached, gave 408, 425, 429 or 5xx, asked to wait longer
//                than retry.retry_after_max, gave what is not JSON (the body is in evidence/) or no
//                whole answer, in all attempts; limits.run_timeout is over; the store's own
//   kPermanent   401/403/404 and other 4xx, TLS, redirects, a body over its limit, JSON without a
//                promised field or nested too deeply, more pages than limits.pages_max, a link to
//                another host, dates for a pipeline without extract.window, an unusable run id or
//                one whose landing has another window or pipeline; the store's own
//   kInterrupted a stop was requested; no landing is left
// Whatever fails leaves evidence/ at most. Threads: called from one; fetches on
// pipeline.extract.pages.parallel threads of its own, fewer where pages are large for the memory.
base::Result<Landing> extract(const spec::Pipeline& pipeline, const Options& options, io::Env& env,
                              base::EventSink& events, const std::stop_token& stop);

}  // namespace ashore::extract
