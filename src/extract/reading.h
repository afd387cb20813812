// One reading of a source: every page from first to last, each written as it comes.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>
#include "state/run_context.h"

#include "base/event.h"
#include "base/result.h"
#include "config/pipeline.h"
#include "extract/attempt.h"
#include "extract/completeness.h"
#include "extract/fetcher.h"
#include "extract/landed_before.h"
#include "extract/page_origins.h"
#include "extract/paginator.h"
#include "io/record_sorter.h"
#include "state/manifest.h"
#include "state/shard_plan.h"

namespace ashore::extract {

struct LandedPage {
  std::int64_t items = 0;
  std::int64_t bytes = 0;
  std::string sha256;  // hex
  // Of what matters of a page: ids and totals where ids are declared, else of the body. Hex.
  std::string facts_sha256;
  bool is_reused = false;     // its bytes lay in the store before
  PageOrigins::Place origin;  // in Reading::origins
};

struct Reading {
  std::vector<LandedPage> pages;  // in page order
  std::unique_ptr<PageOrigins> origins = {};
  std::int64_t items = 0;
  std::optional<std::int64_t> total;
  std::optional<Incomplete> incomplete;  // why it is not whole; then pages may be missing
  End end = End::kUnsaid;                // how the source said that no page follows
  std::string ids_sha256;                // of the set of ids; the same for the same set. Hex
};

struct ReadingLimits {
  const config::Extract& extract;
  // Whether earlier landings show that the source names its next page where the pipeline says.
  const std::function<base::Result<bool>()>& next_was_seen;
  const LandedBefore& before;  // pages like these are linked, not written
  std::int64_t memory_bytes = 0;
  io::RecordStorage ids = {};  // where the ids of items lie until they are compared
  // Only these pages, whose places are known; the others are read by other processes.
  std::optional<state::PageRange> range = {};
};

// Reads a source once, or a range of its pages: of those nothing is known but that their totals
// agree and no id comes twice. Where the first page tells how many there are the others are fetched
// on pages.parallel threads, fewer if pages as large as the first would fill half of the memory.
// Not being whole is no error but Reading::incomplete. Errors are those of fetch() and of the
// store; kPermanent: more than limits.pages pages; items without any id where items.id is declared;
// an end that is no proof: the place that names the next page was never there, in this reading or
// an earlier landing, or a full first page has no Link header, and neither items.total, page_count
// or more nor pages.absent_means_end says that this is all. Page bodies are never held beyond those
// in flight.
base::Result<Reading> read_source(const ReadingLimits& limits, Fetcher& fetcher, Attempt& attempt,
                                  const state::RunContext& context);

}  // namespace ashore::extract
