// Extract asks a source for a window's pages, or for items by id, and lands the answers verbatim.
#pragma once

#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "base/event.h"
#include "base/result.h"
#include "config/pipeline.h"
#include "extract/options.h"
#include "state/manifest.h"
#include "state/run_context.h"
#include "state/shard_plan.h"
#include "state/summary.h"

namespace ashore::extract {

struct Landing {
  state::Manifest manifest;  // raw/<source>/<run id>/manifest.json, without its pages' origins
  state::Summary summary;
};

// Fetches every page, checks that they are complete, and writes
// raw/<source>/<run id>/page-00001.json ... and, last, manifest.json; also a copy at
// runs/<run id>/extract.manifest.json and the summary. A page whose bytes are in the source's
// newest landing is a second name for them (counted as reused). A complete landing of the same run
// id, window and pipeline is reused without a request; pages without a manifest are fetched again.
// A reading that is not whole (totals that disagree, a sum that is not the total, ids that repeat
// or are missing, pages that lead back and bring nothing new; with pages.verify: other ids than the
// reading before) begins again, 3 times in all. A further reading asks with Cache-Control: no-cache
// and waits, a minute at most, until no cache may give what was read before. Links to the next page
// are followed on the source's own host only (and from http to https). Errors name the page and
// what to do; secrets are in no error, event or file:
//   kTransient   the source could not be reached, gave 408, 425, 429 or 5xx, asked to wait longer
//                than retry.retry_after_max, gave what is not JSON (the body is in evidence/) or no
//                whole answer, in all attempts; limits.run_timeout is over; the store's own
//   kPermanent   401/403/404 and other 4xx, TLS, redirects, a body over its limit, JSON without a
//                promised field or nested too deeply, no id in any item, an end of paging that is
//                no proof (reading.h), readings that do not add up though they are all equal and no
//                id comes twice, more pages than limits.pages, a link to another host, dates for a
//                pipeline without extract.window, an unusable run id or one whose landing has
//                another window or pipeline; the store's own
//   kInterrupted a stop was requested; no landing is left
// Whatever fails leaves evidence/ at most. Threads: called from one; fetches on
// pipeline.extract.pages.parallel threads of its own, fewer where pages are large for the memory.
base::Result<Landing> extract(const config::Pipeline& pipeline, const Options& options,
                              const state::RunContext& context);

// One shard of a landing that several processes make together. All of it outlives the call.
struct ShardRequest {
  const config::Pipeline& pipeline;
  const state::ShardPlan& plan;  // as parse_shard_plan() gives it
  std::int64_t index = 0;        // which shard
  std::optional<std::string> source_url = {};
};

struct ShardLanding {
  // Of the shard; of the landing where the shards are joined already. Without its pages' origins.
  state::Manifest manifest;
  std::int64_t requests = 0;
  std::int64_t retries = 0;
  bool is_reused = false;  // it had landed before: nothing was asked for, or nothing was kept
};

// Lands one shard: raw/<source>/<run id>/shards/<index>/, its manifest last, and only if there is
// none: of many processes that land one shard one is kept, the others find its landing and end
// well. The first shard of a run writes the plan to runs/<run id>/shards.json. A failure leaves its
// message beside the shard, for join_shards(). Errors as extract(), for a range of pages without
// those that need a first or a last page; kPermanent, too: another pipeline file than the plan's,
// an index that it has not, a run whose shards are of another plan.
// Threads: as extract(); any number of processes at once.
base::Result<ShardLanding> extract_shard(const ShardRequest& request,
                                         const state::RunContext& context);

// Makes one landing of a run's shards, as extract() would have made it, once they are proven to be
// the whole: every shard has landed by the run's plan, every page is as it was landed, no id comes
// twice in all of them, and they hold as many items as the source says now (`is_offline`: as it
// said then, where it did). The shards' folder is removed; joining again finds the landing. Errors:
//   kTransient   shards that have not landed, each named, with why it failed; ids that come twice
//   or
//                a total that is not the sum: the source has changed while the shards were read;
//                those of count_items() and of the store
//   kPermanent   no plan, one of another pipeline file or window, a shard of another plan, a page
//                that is damaged
base::Result<Landing> join_shards(const config::Pipeline& pipeline, const Options& options,
                                  bool is_offline, const state::RunContext& context);

// How many pages the source has in the window, as the first page tells, and how many items a full
// one holds where pages are asked for by offset (else 0). Errors as extract(); kPermanent: pages
// that are not counted, or a source that tells no total.
struct PagesThere {
  std::int64_t count = 1;
  std::int64_t items = 0;
};
base::Result<PagesThere> count_pages(const config::Pipeline& pipeline, const Options& options,
                                     const state::RunContext& context);

// All of it outlives the lookup.
struct LookupRequest {
  const config::Pipeline& pipeline;      // has extract.lookup
  const Options& options;                // as for extract(); the window is not asked for
  const state::StoredManifest& landing;  // whose published rows are looked for
  std::vector<std::string>
      keys;  // ids as text, each once; the order decides who is asked with whom
};

struct LookupLanding {
  // runs/<run id>/lookup.manifest.json: all answers of this landing, these and earlier ones.
  state::Manifest manifest;
  state::ManifestParent as_parent;  // of the window that is made with it
  std::int64_t requests = 0;
  std::int64_t retries = 0;
};

// Asks for the keys that no answer of this landing was asked for yet, lookup.keys_max at a time,
// and writes raw/<source>/<run id>/lookup-0001.json ..., then lookup.manifest.json beside them and
// its copy in runs/<run id>/. Keys that were asked for before cost no request. All or nothing:
// whatever fails leaves evidence/ at most. Retry, limits, rate and auth are those of pages. Errors:
//   kTransient   as extract()
//   kPermanent   as extract(); an answer with items that were not asked for or have no id, or one
//                that is not whole: a total that is not its items, a next page while items are
//                missing (the body is in evidence/)
//   kInterrupted a stop was requested
// Threads: called from one.
base::Result<LookupLanding> look_up(const LookupRequest& request, const state::RunContext& context);

// How many items the source has in the window, as the first page tells: its total, or, where there
// are no pages, its items. Nothing where the source tells no total. Lands nothing; a body that is
// not the promised JSON is kept as evidence of options.run_id. Errors as extract().
base::Result<std::optional<std::int64_t>> count_items(const config::Pipeline& pipeline,
                                                      const Options& options,
                                                      const state::RunContext& context);

// The landed answers of a landing, or nothing where there are none. Answers of another landing with
// the same run id are none. Errors as state::read_manifest.
base::Result<std::optional<state::StoredManifest>> find_lookup(
    io::ObjectStore& store, const state::StoredManifest& landing);

}  // namespace ashore::extract
