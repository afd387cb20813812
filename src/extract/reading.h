// One reading of a source: every page from first to last, each written as it comes.
#pragma once

#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "base/event.h"
#include "base/result.h"
#include "extract/attempt.h"
#include "extract/completeness.h"
#include "extract/fetcher.h"
#include "extract/landed_before.h"
#include "spec/pipeline.h"
#include "state/manifest.h"

namespace ashore::extract {

struct LandedPage {
  std::int64_t items = 0;
  std::int64_t bytes = 0;
  std::string sha256;      // hex
  bool is_reused = false;  // its bytes lay in the store before
  state::PageOrigin origin;
};

struct Reading {
  std::vector<LandedPage> pages;  // in page order
  std::int64_t items = 0;
  std::optional<std::int64_t> total;
  std::optional<Incomplete> incomplete;  // why it is not whole; then pages may be missing
};

struct ReadingLimits {
  const spec::Extract& extract;
  const LandedBefore& before;  // pages like these are linked, not written
  std::int64_t memory_bytes = 0;
};

// Reads a source once. Where the first page tells how many there are the others are fetched on
// pages.parallel threads, fewer if pages as large as the first would fill half of the memory.
// Not being whole is no error but Reading::incomplete. Errors are those of fetch() and of the
// store; kPermanent: more than limits.pages_max pages. Page bodies are never held beyond those in
// flight.
base::Result<Reading> read_source(const ReadingLimits& limits, Fetcher& fetcher, Attempt& attempt,
                                  base::EventSink& events, const std::stop_token& stop);

}  // namespace ashore::extract
