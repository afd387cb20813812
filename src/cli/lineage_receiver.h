// Who gets a run's lineage, as OpenLineage's usual variables say.
#pragma once

#include <memory>

#include "base/result.h"
#include "cli/arguments.h"
#include "cli/runtime.h"
#include "config/pipeline.h"
#include "report/lineage.h"

namespace ashore::cli {

// The lineage of a command that runs stages, or null where OPENLINEAGE_URL is not set or
// OPENLINEAGE_DISABLED is true. Events go by POST to OPENLINEAGE_URL/OPENLINEAGE_ENDPOINT (default
// api/v1/lineage), with OPENLINEAGE_API_KEY as bearer token, or as lines to the file of a file:
// url; the job lies in OPENLINEAGE_NAMESPACE (default "default"), its parents are
// OPENLINEAGE_PARENT_ID and OPENLINEAGE_ROOT_PARENT_ID. kPermanent: one of these is wrong.
// `pipeline` and `runtime` outlive it.
base::Result<std::unique_ptr<report::Lineage>> open_lineage(const Arguments& arguments,
                                                            const config::Pipeline& pipeline,
                                                            Runtime& runtime);

}  // namespace ashore::cli
