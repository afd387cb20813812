// Whether an earlier landing shows that the source answers as the pipeline file says.
#pragma once

#include <string>

#include "base/result.h"
#include "config/pipeline.h"
#include "io/object_store.h"

namespace ashore::extract {

// Pure. The digest of where the pages section says that the next page is named. Hex; "" where
// pages are counted or there is only one.
std::string pages_sha256(const config::Pages& pages);

// True if a landing of the pipeline's source, made with the same pages section (its manifest says
// so; manifests of earlier releases: with the same pipeline file), found the key there: it has more
// pages than one, or ended by a value of it. Manifests that cannot be read show nothing.
// kTransient: I/O.
base::Result<bool> next_was_seen(io::ObjectStore& store, const config::Pipeline& pipeline);

// True if a landing of the pipeline's source was made with the very same pipeline file. Errors as
// next_was_seen().
base::Result<bool> has_landed_before(io::ObjectStore& store, const config::Pipeline& pipeline);

}  // namespace ashore::extract
