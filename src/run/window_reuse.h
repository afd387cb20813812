// Takes over the staged window of a landing with the same pages instead of transforming again.
#pragma once

#include <optional>
#include <string>

#include "base/result.h"
#include "config/pipeline.h"
#include "io/object_store.h"
#include "state/manifest.h"
#include "state/summary.h"

namespace ashore::run {

// Where the pages of `landing` are, by digest and in order, those that run `earlier` transformed
// with the same pipeline file and release, without a lookup, and nothing was rejected: links that
// staged window's files as this run's, writes its transform manifest and summary, and returns the
// summary. Else nothing. Errors as ObjectStore.
base::Result<std::optional<state::Summary>> reuse_window(io::ObjectStore& store,
                                                         const config::Pipeline& pipeline,
                                                         const std::string& version,
                                                         const state::Manifest& landing,
                                                         const std::string& earlier);

// The latest of the last runs whose window this pipeline may take over: staged with the same file;
// "" where none of them did. Errors as ObjectStore.
base::Result<std::string> latest_window(io::ObjectStore& store, const config::Pipeline& pipeline);

}  // namespace ashore::run
