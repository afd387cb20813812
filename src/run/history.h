// History tells of which landings, in which order, the published tables were made.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/result.h"
#include "config/pipeline.h"
#include "io/object_store.h"

namespace ashore::run {

// One landing merged into the tables, as the pipeline file kept by a run read it.
struct Step {
  std::string landing;       // the run that landed it
  std::string pipeline_run;  // whose runs/<id>/pipeline.yaml made rows of it

  friend bool operator==(const Step&, const Step&) = default;
};

// One publication, and what the tables were after it.
struct Publication {
  std::string run_id;
  std::int64_t started_us = 0;  // of its landing, else of the command
  std::map<std::string, std::int64_t>
      versions;             // by table, after it; tables not made yet are absent
  bool is_landing = true;   // one step more than the publication before
  std::vector<Step> steps;  // else: all steps from which the tables can be built anew
};

// Pure. All steps from which the tables can be built as they were after publication `index`.
std::vector<Step> steps_after(const std::vector<Publication>& history, std::size_t index);
// Pure. The same for what is published now; none where nothing is.
std::vector<Step> current_steps(const std::vector<Publication>& history);

// The publications of a pipeline, oldest first: the commits of its tables' logs in their order, and
// between them the runs that changed nothing. kPermanent: a version that another program
// committed, or one whose run's record is gone (named); else as delta::parse_log and
// state::list_runs.
// `good_versions`: of tables whose log is damaged, how many of its first versions are read.
// `force`: what other programs committed, and runs whose record is gone, are passed over.
using GoodVersions = std::map<std::string, std::int64_t>;
base::Result<std::vector<Publication>> read_history(io::ObjectStore& store,
                                                    const config::Pipeline& pipeline,
                                                    const GoodVersions& good_versions = {},
                                                    bool force = false);

// The record that a publication which is no landing's own leaves in runs/<id>/steps.json
// (docs/formats/steps.md).
struct StepsRecord {
  std::string command;  // "rollback", "replay", "quarantine"
  std::int64_t started_us = 0;
  std::vector<Step> steps;
};
base::Status write_steps(io::ObjectStore& store, const std::string& run_id,
                         const StepsRecord& record);
// kNotFound: there is none; kPermanent: not such JSON.
base::Result<StepsRecord> read_steps(io::ObjectStore& store, const std::string& run_id);

// When the newest landing began that any table of the pipeline holds, in microseconds since 1970;
// INT64_MIN where none is published. Errors as delta::read_snapshot.
base::Result<std::int64_t> newest_landing_us(io::ObjectStore& store,
                                             const config::Pipeline& pipeline);

}  // namespace ashore::run
