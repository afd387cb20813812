// The events of OpenLineage (openlineage.io/spec/2-0-2) that a command sends: what it read, wrote
// and judged.
#pragma once

#include <cstdint>
#include <string>

#include "base/timestamp.h"
#include "config/pipeline.h"
#include "report/run_report.h"

namespace ashore::report {

// What all events of one command say. The pipeline outlives it.
struct LineageJob {
  const config::Pipeline& pipeline;
  std::string command;        // run, or the one stage: extract, ... load
  std::string job_namespace;  // OPENLINEAGE_NAMESPACE
  std::string source_url;     // http(s), without credentials; else the stand-in in this process
  std::string data_folder;    // absolute, or "s3://bucket/prefix"
  std::string version;        // of ashore
  // "namespace/name/run id" of the run that this one is a part of, and of the outermost; "": none.
  std::string parent = {};
  std::string root_parent = {};
};

enum class LineageEventType { kStart, kRunning, kComplete, kFail, kAbort };

struct LineageEvent {
  LineageEventType type = LineageEventType::kStart;
  std::string lineage_run_id;  // a UUID, of the command
  std::string run_id;          // ashore's
  base::Timestamp time;
  std::string stage = {};  // kRunning: the one that ended
};

// Pure. The event as one line of JSON; of kComplete, kFail and kAbort `report` tells datasets and
// facets, of the others it may be null. Names of datasets are those of OpenLineage's naming
// specification: the source by its url, tables as file paths, databases by host and table.
std::string lineage_event_json(const LineageJob& job, const LineageEvent& event,
                               const RunReport* report);

// Pure. A UUID of version 7 (RFC 9562) of an instant and 128 random bits.
std::string uuid7(base::Timestamp time, std::uint64_t random_high, std::uint64_t random_low);

// Pure. Why a text is no "namespace/name/run id" with a UUID behind the last slash; empty if it is
// one.
std::string lineage_parent_fault(const std::string& parent);

}  // namespace ashore::report
