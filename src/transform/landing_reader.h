// Reads pages and decodes their items; verifies the bytes of those that were landed.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/result.h"
#include "config/pipeline.h"
#include "state/manifest.h"
#include "state/run_context.h"
#include "transform/options.h"
#include "transform/page_rows.h"
#include "transform/plan.h"

namespace ashore::transform {

// Pages that lie anywhere. All of it outlives the reading.
struct PagesToRead {
  const config::Pipeline& pipeline;
  const Plan& plan;
  const std::string& run_id;
  std::int64_t batch_rows_max;
  std::vector<std::string> names;   // by page: how messages and the quarantine call it
  std::vector<std::int64_t> bytes;  // by page: how many it has
  std::int64_t items = 0;           // of all pages, for progress; 0: not known
  // The bytes of a page, by its index. Called from several threads at once.
  std::function<base::Result<std::string>(std::size_t page)> read;
};

// The rows of all pages, in their order whatever the number of threads; small pages that follow one
// another are decoded as one. Progress is told at most a few times a second. kPermanent: a page
// that cannot be read, rows that take more than half of the memory; kTransient: out of memory;
// kInterrupted; and what `read` gives.
base::Result<std::vector<PageRows>> read_pages(const PagesToRead& pages,
                                               const state::RunContext& context);

// All of it outlives the reading.
struct LandingToRead {
  const config::Pipeline& pipeline;
  const Plan& plan;
  const std::vector<const state::ManifestFile*>& pages;
  const std::string& run_id;
  std::int64_t batch_rows_max;
  bool verifies = true;  // the digests of pages
};

// Takes the rows of some pages.
using TakePages = std::function<base::Status(std::vector<PageRows> pages)>;

// Gives the rows of a landing's pages to `take`, some pages at a time, in their order. Errors:
// those of `take`; as read_pages() (where the rows of pages that are read at once take more than
// half of the memory); kPermanent: a page whose digest is wrong; kTransient: I/O.
base::Status read_landing(const LandingToRead& landing, const TakePages& take,
                          const state::RunContext& context);

}  // namespace ashore::transform
