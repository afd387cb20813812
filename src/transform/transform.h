// Transform makes the rows of a landing: typed columns, one row per key, the rest rejected.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <arrow/type_fwd.h>

#include "base/result.h"
#include "config/pipeline.h"
#include "state/manifest.h"
#include "state/run_context.h"
#include "state/summary.h"
#include "transform/options.h"

namespace ashore::transform {

struct StagedWindow {
  // runs/<run id>/transform.manifest.json; its files are, per table,
  // runs/<id>/window/<table>/part-00001.parquet ... (all columns, sorted by partition
  // value, null first, then by key),
  // runs/<id>/window/<table>/rejected_keys.parquet (key columns of rejected rows whose key could be
  // read; absent when there are none), runs/<id>/window/<table>/asked_keys.parquet (item tables:
  // the keys that a lookup asked for; absent without one) and quarantine/<id>/<table>.jsonl (absent
  // when empty).
  state::Manifest manifest;
  // rows_in, rows_out, dropped_*, rejected, unreadable_keys; unmapped; warnings
  state::Summary summary;
  // By table, the rows of its part files, one chunk a column, for a merge by this process; none of
  // a table that takes more than an eighth of the memory.
  std::map<std::string, std::shared_ptr<arrow::Table>> rows;
};

// Reads the landing's pages and the answers of its lookup (digests verified, unless this process
// landed them), writes the staged window and the quarantine. Errors:
//   kBlockedByQuarantine  a table's rejections exceed its thresholds; quarantine and summary are
//   written
//                      all the same, a manifest is not: no stage goes on from here
//   kPermanent         a page whose digest is wrong (named), memory exceeded
//   kTransient         I/O;  kInterrupted
// Deterministic for any thread count. Threads: called from one.
base::Result<StagedWindow> transform(const config::Pipeline& pipeline,
                                     state::StoredManifest landing, Options options,
                                     const state::RunContext& context);

// A landing whose rows are kept, in memory or on disk as WindowBuilder has them, so that the
// answers of a lookup join them without its pages being read again. Threads: one at a time.
class LandingTransform {
 public:
  // Both outlive this; `context` as to its store and memory only.
  LandingTransform(const config::Pipeline& pipeline, const state::RunContext& context);
  ~LandingTransform();
  LandingTransform(const LandingTransform&) = delete;
  LandingTransform& operator=(const LandingTransform&) = delete;

  // As transform(), called once.
  base::Result<StagedWindow> stage(state::StoredManifest landing, Options options,
                                   const state::RunContext& context);
  // After stage(): the window again, with what `answers` (of a lookup for its landing) has beyond
  // what was read. The same files as transform() of both. Errors as transform(); kTransient: it
  // does not begin with what was read.
  base::Result<StagedWindow> add_answers(state::StoredManifest answers,
                                         const state::RunContext& context);

 private:
  struct Kept;
  std::unique_ptr<Kept> kept_;
};

// What pages in memory gave.
struct TransformedPages {
  std::vector<std::shared_ptr<arrow::Table>> tables;  // as in the pipeline; rows in key order
  std::string rejections;  // lines as in docs/formats/quarantine.md, without a run
};

// The same rows and rejections of pages that lie in memory: nothing is read or written, and no
// number of rejections blocks. Rejections call the first page "page-00001.json". What a lookup
// would ask for is not asked. Errors as read_pages() in landing_reader.h. Deterministic for any
// thread count.
base::Result<TransformedPages> transform_pages(const config::Pipeline& pipeline,
                                               const std::vector<std::string_view>& pages,
                                               const state::RunContext& context);

}  // namespace ashore::transform
