// Compares the pipeline files of merge, audit and publish.
// Finds the text that the candidate was made by among those that were kept.
#include "run/audited_file.h"

#include "base/digest.h"
#include "config/reader.h"
#include "state/run_folder.h"

namespace ashore::run {

namespace {

using base::Result;
using base::Status;

// Whether an earlier audit of this very candidate took the text as good.
bool was_audited_by(io::ObjectStore& store, const state::Manifest& merged,
                    const std::string& text_sha256) {
  const auto audited =
      state::read_manifest(store, state::stage_manifest_path(merged.run_id, "audit"));
  if (!audited.ok() || !audited.value().parent) return false;
  const auto merged_sha256 = base::to_hex(base::sha256(state::manifest_json(merged)));
  return audited.value().parent->sha256 == merged_sha256 &&
         audited.value().pipeline_sha256 == text_sha256;
}

}  // namespace

Status require_same_but_checks(io::ObjectStore& store, const state::Manifest& merged,
                               const config::Pipeline& pipeline) {
  if (pipeline.sha256 == merged.pipeline_sha256) return {};
  const auto kept = store.read(state::run_file(merged.run_id, "pipeline.yaml"));
  if (!kept.ok() && kept.error().kind() != base::ErrorKind::kNotFound) return kept.error();
  if (kept.ok()) {
    const auto sha256 = base::to_hex(base::sha256(kept.value()));
    const bool is_known = sha256 == merged.pipeline_sha256 || was_audited_by(store, merged, sha256);
    if (is_known && config::sha256_without_checks(kept.value()) ==
                        config::sha256_without_checks(pipeline.text)) {
      return {};
    }
  }
  return base::permanent("the pipeline file has changed in more than its checks since run '" +
                         merged.run_id + "' was merged")
      .with_remedy("Run 'ashore transform', 'merge' and 'audit' with --run-id " + merged.run_id +
                   ", or undo the other changes.");
}

Status require_audited(const state::Manifest& audited, const config::Pipeline& pipeline) {
  if (audited.pipeline_sha256 == pipeline.sha256) return {};
  return base::permanent("the pipeline file has changed since run '" + audited.run_id +
                         "' was audited")
      .with_remedy("Run 'ashore audit --run-id " + audited.run_id + "' first.");
}

}  // namespace ashore::run
