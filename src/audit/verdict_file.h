// The files that a verdict is kept in: verdict.json, its summary and its manifest.
#pragma once

#include <string>

#include "audit/audit.h"
#include "base/result.h"
#include "io/object_store.h"

namespace ashore::audit {

// Writes runs/<id>/verdict.json, the summary, and last the manifest, whose file entry it fills from
// the verdict's checks; all else of the manifest and the summary is the caller's.
base::Status write_verdict(io::ObjectStore& store, Verdict* verdict);

}  // namespace ashore::audit
