// Which pipeline files a candidate may be judged and published by.
#pragma once

#include "base/result.h"
#include "config/pipeline.h"
#include "io/object_store.h"
#include "state/manifest.h"

namespace ashore::run {

// A candidate is judged by the file that it was made by, or by one that differs from it only in
// checks, comments and form: then what was made is the same, and only the questions are others.
// kPermanent: it differs in more; kTransient: I/O.
base::Status require_same_but_checks(io::ObjectStore& store, const state::Manifest& merged,
                                     const config::Pipeline& pipeline);

// Pure. A candidate is published by the file that it was judged by. kPermanent: the file has
// changed since.
base::Status require_audited(const state::Manifest& audited, const config::Pipeline& pipeline);

}  // namespace ashore::run
