// Removes staged folders whose candidates can no longer be published.
// A staged folder is alive while its candidate could be published as it is.
#include "publish/dead_candidates.h"

#include <algorithm>
#include <string>
#include <utility>

#include "delta/candidate.h"
#include "delta/snapshot.h"
#include "state/run_folder.h"

namespace ashore::publish {

namespace {

using base::ErrorKind;
using base::Result;
using base::Status;

constexpr std::string_view kStaged = "stage/.staged";

Result<bool> is_overtaken(io::ObjectStore& store, const delta::TableCandidate& table) {
  if (table.is_unchanged()) return false;
  TRY(const auto newest, delta::newest_version(store, state::table_folder(table.table)));
  return newest != table.base_version;
}

// `run` is the name of the run's folder, not its id.
Result<bool> is_alive(io::ObjectStore& store, const std::string& run) {
  auto text = store.read("runs/" + run + "/candidate.json");
  if (!text.ok() && text.error().kind() == ErrorKind::kNotFound) return false;
  if (!text.ok()) return text.error();
  const auto candidate = delta::parse_candidate(std::move(text).value());
  if (!candidate.ok()) return false;
  for (const auto& table : candidate.value().tables) {
    TRY(const bool overtaken, is_overtaken(store, table));
    if (overtaken) return false;
  }
  return true;
}

}  // namespace

Status remove_dead_candidates(io::ObjectStore& store, std::string_view kept_run) {
  // Without a lock somebody may be merging.
  if (!store.is_file_system()) return {};
  TRY(const auto runs, store.list_names(kStaged));
  const auto kept_folder = kept_run.empty() ? std::string() : state::staged_folder(kept_run);
  for (const auto& run : runs) {
    if (std::string(kStaged) + "/" + run == kept_folder) continue;
    TRY(const bool alive, is_alive(store, run));
    if (!alive) TRY(store.remove_folder(std::string(kStaged) + "/" + run));
  }
  return {};
}

}  // namespace ashore::publish
