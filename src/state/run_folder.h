// Run ids and the places of everything below the data folder (docs/architecture.md).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/window.h"
#include "io/clock.h"
#include "io/object_store.h"
#include "io/random.h"

namespace ashore::state {

// `YYYYMMDDTHHMMSSZ-<6 hex>` of the time and chance.
std::string make_run_id(io::Clock& clock, io::Random& random);
// Pure. kPermanent unless it matches [A-Za-z0-9][A-Za-z0-9._:+-]{0,199}.
base::Status check_run_id(std::string_view run_id);
// Pure. The id as one folder name: bytes outside [A-Za-z0-9._-] become %XX; a result over 200
// bytes is cut and ends in the id's sha256. Different ids never share a name.
std::string run_folder_name(std::string_view run_id);

// Pure. Paths relative to the data folder. `source` and `table` are names from the pipeline file.
std::string raw_folder(std::string_view source, std::string_view run_id);
std::string run_folder(std::string_view run_id);
std::string run_file(std::string_view run_id, std::string_view name);  // runs/<id>/<name>
std::string stage_manifest_path(std::string_view run_id, std::string_view stage);
std::string window_folder(std::string_view run_id, std::string_view table);
std::string quarantine_path(std::string_view run_id, std::string_view table);
std::string staged_folder(std::string_view run_id);  // stage/.staged/<id>
std::string table_folder(std::string_view table);    // stage/<table>
// Where a run's candidate files of one table lie until they are published: stage/.staged/<id>/
// <table>, from where a disk moves them; on an object storage in their place.
std::string staged_table_folder(const io::ObjectStore& store, std::string_view run_id,
                                std::string_view table);
// Beside stage/, not in it: a run that changes nothing writes nothing under stage/.
inline constexpr std::string_view kLockPath = ".lock";

// What is known of a run from its manifests alone.
struct RunInfo {
  std::string run_id;
  std::string pipeline_name;
  std::string pipeline_sha256;
  base::Window window;
  std::int64_t started_us = 0;               // landing start
  std::vector<std::string> complete_stages;  // in the order of the flow
  // Set: the landing's manifest cannot be read; of the rest only run_id, the folder's name, is
  // told.
  std::optional<base::Error> damage = {};
};
// All runs with at least a complete landing, oldest landing first. Ties by run id.
base::Result<std::vector<RunInfo>> list_runs(io::ObjectStore& store);
// The run a stage works on when none is named: the newest of this pipeline whose `previous_stage`
// is complete. kNotFound, with the command that would make one; kPermanent: there is none, and a
// run's manifest cannot be read.
base::Result<RunInfo> latest_run(io::ObjectStore& store, std::string_view pipeline_name,
                                 std::string_view previous_stage);

}  // namespace ashore::state
