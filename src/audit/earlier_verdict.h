// Finds the verdict of an earlier run over the very same tables, so that they are not read again.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "config/pipeline.h"
#include "delta/basis.h"
#include "delta/candidate.h"
#include "io/object_store.h"
#include "state/summary.h"

namespace ashore::audit {

// The results of a run that judged, by the same pipeline file, the very versions of all tables on
// which a candidate that changes none of them builds; nothing where there is no such run, where a
// check of severity `fail` failed in it, or where what it left cannot be read: it is a shortcut.
// `bases`: those of delta::read_base_entries().
std::optional<std::vector<state::CheckResult>> earlier_checks(
    io::ObjectStore& store, const config::Pipeline& pipeline, const delta::Candidate& candidate,
    const std::vector<delta::VersionEntry>& bases);

// Pure. Whether the outcome of a check may be another one though the rows are the same: it looks at
// the landing's time, at the run's deletions, at the version before, or its query calls a function
// of time or chance.
bool must_be_judged_anew(const config::Check& check);

}  // namespace ashore::audit
