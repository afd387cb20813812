// What is published and what each destination holds of it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "io/env.h"
#include "pipeline/destination_access.h"
#include "spec/pipeline.h"

namespace ashore::pipeline {

struct PublishedStatus {
  std::string table;
  std::int64_t version = -1;  // -1: not published
  std::int64_t rows = 0;
  std::int64_t files = 0;
  std::int64_t bytes = 0;
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
};

// Reads logs and bookkeeping; changes nothing. Errors as delta::read_snapshot; a destination that
// cannot be read is part of the answer.
base::Result<PipelineStatus> read_status(const spec::Pipeline& pipeline,
                                         const std::vector<spec::DestinationSpec>& destinations,
                                         const AccessOptions& options, io::Env& env);

}  // namespace ashore::pipeline
