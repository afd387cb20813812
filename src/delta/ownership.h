// Which pipeline a published table belongs to.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "delta/snapshot.h"

namespace ashore::delta {

// The key of metaData.configuration that names the pipeline.
inline constexpr std::string_view kPipelineKey = "ashore.pipeline";

// Pure. The pipeline that the table belongs to: the one its metaData names, else, for tables of
// earlier releases, that of the newest `ashore/...` transaction. "": ashore never wrote it.
std::string owner_of(const Snapshot& snapshot);

// Pure. kPermanent: the table belongs to another pipeline than `pipeline`, and is not among
// `taken`; both are named, with the ways out.
base::Status check_owner(const Snapshot& snapshot, const std::string& table,
                         const std::string& pipeline, const std::vector<std::string>& taken);

}  // namespace ashore::delta
