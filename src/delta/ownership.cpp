// Checks which pipeline a table belongs to.
// Two pipelines that write one table would each take the other's rows for their own.
#include "delta/ownership.h"

#include <algorithm>

namespace ashore::delta {

std::string owner_of(const Snapshot& snapshot) {
  const auto found = snapshot.configuration.find(std::string(kPipelineKey));
  return found == snapshot.configuration.end() ? snapshot.last_pipeline : found->second;
}

base::Status check_owner(const Snapshot& snapshot, const std::string& table,
                         const std::string& pipeline, const std::vector<std::string>& taken) {
  const auto owner = owner_of(snapshot);
  const bool may_be_written =
      owner.empty() || owner == pipeline || std::ranges::find(taken, table) != taken.end();
  if (may_be_written) return {};
  return base::permanent("published table '" + table + "' belongs to pipeline '" + owner +
                         "', this is pipeline '" + pipeline + "'")
      .with_remedy("Give the table another name or the pipeline another --data-dir. If '" + owner +
                   "' was renamed, or no longer writes it, say --take-table " + table + ".");
}

}  // namespace ashore::delta
