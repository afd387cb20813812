// Where landings lie, when one may be reused, and how one is written so that it counts.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/event.h"
#include "base/result.h"
#include "config/pipeline.h"
#include "extract/extract.h"
#include "extract/options.h"
#include "extract/whole_reading.h"
#include "io/object_store.h"
#include "state/manifest.h"
#include "state/run_context.h"

namespace ashore::extract {

// Pure. raw/<source>/<run id>/manifest.json: a landing exists exactly when this does.
std::string landing_manifest_path(const config::Pipeline& pipeline, const Options& options);

// The complete landing of this run id, or nothing where there is none (a landing whose page files
// are gone or of another size is none, and `events` hears of it). kPermanent: the run id was used
// for another window or another pipeline; else as the store's errors.
base::Result<std::optional<state::Manifest>> find_landing(io::ObjectStore& store,
                                                          const config::Pipeline& pipeline,
                                                          const Options& options,
                                                          base::EventSink& events);

// The same run: kPermanent where the manifest is of another pipeline, pipeline file or window.
base::Status check_same_run(const state::Manifest& manifest, const config::Pipeline& pipeline,
                            const Options& options);
// Whether all pages of a manifest are there, by their sizes: transform verifies the digests of what
// it reads.
base::Result<bool> has_all_pages(io::ObjectStore& store, const state::Manifest& manifest);

// Pure. A landing's manifest without its pages.
state::Manifest begin_manifest(const config::Pipeline& pipeline, const Options& options,
                               const std::string& version);
// Moves the pages of a whole reading up, from page `first` on, and lists them in the manifest,
// without their origins. Returns the manifest's text, which has them; the caller writes it. Errors:
// those of the store.
base::Result<std::unique_ptr<state::ManifestText>> list_pages(WholeReading* whole,
                                                              std::int64_t first,
                                                              io::ObjectStore& store,
                                                              state::Manifest* manifest);

// Moves the pages of a whole reading up and writes the manifest, last of all in the raw folder, and
// then its copy. Nothing where another process landed this run first (an object storage, which has
// no lock): then this reading's pages go.
base::Result<std::optional<state::Manifest>> land(const config::Pipeline& pipeline,
                                                  const Options& options,
                                                  const state::RunContext& context,
                                                  WholeReading whole);

// Writes runs/<run id>/extract.manifest.json with the text of the raw folder's manifest. Errors:
// those of the store.
base::Status write_copy(io::ObjectStore& store, const Options& options, std::string_view text);

// Pure. Pages, items and bytes of a landing.
state::ExtractCounts counts_of(const state::Manifest& manifest);

// The door's answer for a landing that was there before: nothing was asked for. Writes the copy of
// its manifest and the summary.
base::Result<Landing> reuse_landing(const config::Pipeline& pipeline, const Options& options,
                                    io::Env& env, state::Manifest manifest);

}  // namespace ashore::extract
