// Names every file of a run and finds runs by their landing manifests, never by folder names.
#include "state/run_folder.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cstdio>
#include <tuple>
#include "base/percent_encoding.h"

#include "base/digest.h"
#include "state/manifest.h"

namespace ashore::state {

namespace {

using base::Result;

constexpr std::size_t kFolderBytesMax = 200;
constexpr std::array<std::string_view, 6> kStages = {"extract", "transform", "merge",
                                                     "audit",   "publish",   "load"};

// Not the C library's: those follow the process's locale.
bool is_letter_or_digit(char byte) {
  return (byte >= 'A' && byte <= 'Z') || (byte >= 'a' && byte <= 'z') ||
         (byte >= '0' && byte <= '9');
}

std::string joined(std::string_view folder, std::string_view name) {
  return std::string(folder) + "/" + std::string(name);
}

RunInfo run_info(const Manifest& manifest, const std::vector<std::string>& names) {
  RunInfo run{.run_id = manifest.run_id,
              .pipeline_name = manifest.pipeline_name,
              .pipeline_sha256 = manifest.pipeline_sha256,
              .window = manifest.window,
              .started_us = manifest.started_us,
              .complete_stages = {}};
  for (const auto stage : kStages) {
    if (std::ranges::binary_search(names, std::string(stage) + ".manifest.json")) {
      run.complete_stages.emplace_back(stage);
    }
  }
  return run;
}

base::Error no_run(io::ObjectStore& store, std::string_view pipeline_name,
                   std::string_view previous_stage) {
  return base::not_found("no run of pipeline '" + std::string(pipeline_name) + "' has a complete " +
                         std::string(previous_stage) + " in " + store.location())
      .with_remedy("Run `ashore " + std::string(previous_stage) +
                   "` first, or name a run with "
                   "--run-id");
}

}  // namespace

std::string make_run_id(io::Clock& clock, io::Random& random) {
  // 24 bits beside the second: two runs of one second clash once in 16 million, and then the lock
  // or the landing's own check refuses the later one.
  char chance[7];
  (void)std::snprintf(chance, sizeof chance, "%06x", static_cast<unsigned>(random.next() >> 40));
  return base::format_timestamp_compact(clock.now()) + "-" + chance;
}

base::Status check_run_id(std::string_view run_id) {
  const auto is_allowed = [](char byte) {
    return is_letter_or_digit(byte) ||
           std::string_view("._:+-").find(byte) != std::string_view::npos;
  };
  if (!run_id.empty() && run_id.size() <= 200 && is_letter_or_digit(run_id.front()) &&
      std::ranges::all_of(run_id, is_allowed)) {
    return {};
  }
  return base::permanent("run id is not allowed: '" + std::string(run_id.substr(0, 250)) + "'")
      .with_remedy("Use 1 to 200 letters, digits and . _ : + -, beginning with a letter or digit");
}

std::string run_folder_name(std::string_view run_id) {
  auto name = base::percent_encoded(run_id, base::PlainBytes::kFolderName);
  if (name.size() <= kFolderBytesMax) return name;
  // "%-" cannot come out of percent_encoded(), so a cut name is never another id's whole name.
  const auto digest = "%-" + base::to_hex(base::sha256(run_id));
  name.resize(kFolderBytesMax - digest.size());
  return name + digest;
}

std::string raw_folder(std::string_view source, std::string_view run_id) {
  return joined(joined("raw", source), run_folder_name(run_id));
}

std::string run_folder(std::string_view run_id) { return joined("runs", run_folder_name(run_id)); }

std::string run_file(std::string_view run_id, std::string_view name) {
  return joined(run_folder(run_id), name);
}

std::string stage_manifest_path(std::string_view run_id, std::string_view stage) {
  return run_file(run_id, std::string(stage) + ".manifest.json");
}

std::string window_folder(std::string_view run_id, std::string_view table) {
  return joined(run_file(run_id, "window"), table);
}

std::string quarantine_path(std::string_view run_id, std::string_view table) {
  return joined(joined("quarantine", run_folder_name(run_id)), std::string(table) + ".jsonl");
}

std::string staged_folder(std::string_view run_id) {
  return joined("stage/.staged", run_folder_name(run_id));
}

std::string table_folder(std::string_view table) { return joined("stage", table); }

std::string staged_table_folder(const io::ObjectStore& store, std::string_view run_id,
                                std::string_view table) {
  return store.is_file_system() ? joined(staged_folder(run_id), table) : table_folder(table);
}

Result<std::vector<RunInfo>> list_runs(io::ObjectStore& store) {
  std::vector<RunInfo> runs;
  TRY(const auto folders, store.list_names("runs"));
  for (const auto& folder : folders) {
    const auto place = joined("runs", folder);
    TRY(const auto names, store.list_names(place).within("list runs"));
    if (!std::ranges::binary_search(names, std::string("extract.manifest.json"))) continue;
    const auto manifest =
        read_manifest_head(store, joined(place, "extract.manifest.json")).within("list runs");
    if (manifest.ok()) {
      runs.push_back(run_info(manifest.value(), names));
    } else if (manifest.error().kind() == base::ErrorKind::kTransient) {
      return manifest.error();
    } else {
      RunInfo damaged;
      damaged.run_id = folder;
      damaged.damage = manifest.error();
      runs.push_back(std::move(damaged));
    }
  }
  std::ranges::sort(runs, [](const RunInfo& left, const RunInfo& right) {
    return std::tie(left.started_us, left.run_id) < std::tie(right.started_us, right.run_id);
  });
  return runs;
}

Result<RunInfo> latest_run(io::ObjectStore& store, std::string_view pipeline_name,
                           std::string_view previous_stage) {
  TRY(auto runs, list_runs(store));
  while (!runs.empty()) {
    auto run = std::move(runs.back());
    runs.pop_back();
    if (run.damage) return *run.damage;
    const bool is_complete =
        std::ranges::find(run.complete_stages, previous_stage) != run.complete_stages.end();
    if (run.pipeline_name == pipeline_name && is_complete) return run;
  }
  return no_run(store, pipeline_name, previous_stage);
}

}  // namespace ashore::state
