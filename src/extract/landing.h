// Where landings lie, when one may be reused, and how one is written so that it counts.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/event.h"
#include "base/result.h"
#include "config/pipeline.h"
#include "extract/attempt.h"
#include "extract/options.h"
#include "extract/reading.h"
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

// A reading that may be landed, with the folder that its pages are in.
struct WholeReading {
  Reading reading;
  std::unique_ptr<Attempt> attempt;
  std::int64_t started_us = 0;
};

// Moves the pages of a whole reading up and writes the manifest, last of all in the raw folder.
base::Result<state::Manifest> land(const config::Pipeline& pipeline, const Options& options,
                                   const state::RunContext& context, WholeReading whole);

// Writes runs/<run id>/extract.manifest.json, byte for byte that of the raw folder.
base::Status copy_manifest(io::ObjectStore& store, const Options& options,
                           const state::Manifest& manifest);

}  // namespace ashore::extract
