// What is published and what each destination holds of it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "config/pipeline.h"
#include "io/env.h"
#include "run/destination_access.h"

namespace ashore::inspect {

struct PublishedStatus {
  std::string table;
  std::int64_t version = -1;  // -1: not published
  std::int64_t rows = 0;
  std::int64_t files = 0;
  std::int64_t bytes = 0;
  std::string rolled_back_by = {};  // the run that rolled it back to what it is; "": none
  bool is_pinned = false;
};
struct LoadedStatus {
  std::string table;
  std::int64_t version = -1;
  std::int64_t rows = 0;
  std::string run_id;
  std::string loaded_at;
};
struct DestinationStatus {
  std::string name;
  std::string error;                 // why it could not be read, else empty
  std::vector<LoadedStatus> tables;  // empty: nothing loaded
};
struct PipelineStatus {
  std::vector<PublishedStatus> tables;
  std::vector<DestinationStatus> destinations;
  // Superseded files stay in the tables' folders (`retain`, or an object storage), so that only
  // readers of the log see the published rows alone.
  bool has_superseded = false;
};

// Reads logs and bookkeeping; changes nothing. Errors as delta::read_snapshot; a destination that
// cannot be read is part of the answer.
base::Result<PipelineStatus> read_status(const config::Pipeline& pipeline,
                                         const std::vector<config::DestinationSpec>& destinations,
                                         const run::AccessOptions& options, io::Env& env);

}  // namespace ashore::inspect
