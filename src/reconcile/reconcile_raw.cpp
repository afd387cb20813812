// Compares pages with manifests, manifests with each other and, when asked, tables built anew.
#include <fmt/format.h>

#include <algorithm>

#include "base/digest.h"
#include "extract/extract.h"
#include "reconcile/file_rows.h"
#include "reconcile/reconcile_places.h"
#include "run/scratch_store.h"
#include "run/scratch_tables.h"
#include "state/run_folder.h"

namespace ashore::reconcile {

namespace {

using base::ErrorKind;
using base::Result;
using base::Status;

constexpr const char* kRaw = "raw";
constexpr const char* kRebuilt = "raw, built again";

void find(const std::string& file, const std::string& what, Reconciled* result) {
  result->findings.push_back({kRaw, "", "", file, "", what});
}

// The text of a file, or nothing where it is gone.
Result<std::optional<std::string>> read_if_there(io::ObjectStore& store, const std::string& path) {
  auto text = store.read(path);
  if (text.ok()) return std::optional(std::move(text).value());
  if (text.error().kind() == ErrorKind::kNotFound) return std::optional<std::string>();
  return text.error();
}

// Both copies of a landing's manifest must be the same; the one in raw/ is the original.
Status compare_manifests(const ReconcileContext& context, const std::string& run_id,
                         const std::string& original, const std::string& copy, Reconciled* result) {
  TRY(const auto left, read_if_there(context.run.env.store, original));
  TRY(const auto right, read_if_there(context.run.env.store, copy));
  if (!left) {
    find(original, fmt::format("the manifest of run {} is gone", run_id), result);
  } else if (right && *left != *right) {
    find(original, "it is not the same as its copy " + copy, result);
  }
  return {};
}

// What was staged names the manifest that it was made of, by digest.
Status check_chain(const ReconcileContext& context, const std::string& run_id, Reconciled* result) {
  const auto path = state::stage_manifest_path(run_id, "transform");
  const auto staged = state::read_manifest(context.run.env.store, path);
  if (!staged.ok() && staged.error().kind() == ErrorKind::kNotFound) return {};
  if (!staged.ok()) return staged.error();
  if (!staged.value().parent) return {};
  const auto& parent = *staged.value().parent;
  TRY(const auto text, read_if_there(context.run.env.store, parent.path));
  if (text && base::to_hex(base::sha256(*text)) == parent.sha256) return {};
  find(parent.path, text ? "the manifest was changed since its rows were staged" : "it is gone",
       result);
  return {};
}

Status check_pages(const ReconcileContext& context, const state::Manifest& manifest,
                   Reconciled* result) {
  for (const auto& file : manifest.files) {
    if (context.run.stop.stop_requested()) {
      return base::Error(ErrorKind::kInterrupted, "reconcile was stopped");
    }
    TRY(const auto bytes, read_if_there(context.run.env.store, file.path));
    ++result->raw->pages;
    if (!bytes) {
      find(file.path, "the page is gone", result);
      continue;
    }
    result->raw->bytes += static_cast<std::int64_t>(bytes->size());
    const auto digest = base::to_hex(base::sha256(*bytes));
    if (digest == file.sha256) continue;
    find(file.path,
         "the page was changed: its sha256 is " + digest + ", its manifest says " + file.sha256,
         result);
  }
  return {};
}

Status check_landing(const ReconcileContext& context, const std::string& run_id,
                     Reconciled* result) {
  const auto copy = state::stage_manifest_path(run_id, "extract");
  TRY(const auto landing, state::read_stored_manifest(context.run.env.store, copy));
  ++result->raw->landings;
  const auto original = state::raw_folder(context.pipeline.source_name, run_id) + "/manifest.json";
  TRY(compare_manifests(context, run_id, original, copy, result));
  TRY(check_chain(context, run_id, result));
  TRY(check_pages(context, landing.manifest, result));
  TRY(const auto answers, extract::find_lookup(context.run.env.store, landing));
  return answers ? check_pages(context, answers->manifest, result) : Status();
}

bool is_raw_whole(const Reconciled& result) {
  return std::ranges::none_of(result.findings,
                              [](const Finding& finding) { return finding.place == kRaw; });
}

Status compare_table(const ReconcileContext& context, const MeasuredTable& table,
                     io::ObjectStore& scratch, Reconciled* result) {
  TRY(const auto rebuilt, delta::read_snapshot(scratch, state::table_folder(table.shape.name)));
  const auto differs = [&](const char* what) {
    result->findings.push_back({kRebuilt, table.shape.name, "", "", "", what});
  };
  if (!rebuilt) {
    differs("no landing makes this table");
    return {};
  }
  if (rebuilt->schema != table.snapshot.schema) {
    differs("the published columns are others than the landings'");
    return {};
  }
  FileRows rows(scratch, table.shape, *rebuilt, context.run.stop);
  TRY(const bool has_other_rows, compare_rows(context, table, kRebuilt, rows, result));
  (void)has_other_rows;
  return {};
}

}  // namespace

Status check_raw(const ReconcileContext& context, Reconciled* result) {
  result->raw.emplace();
  TRY(const auto runs, state::list_runs(context.run.env.store));
  for (const auto& run : runs) {
    if (run.damage) {
      find(state::stage_manifest_path(run.run_id, "extract"),
           "the manifest cannot be read: " + run.damage->message(), result);
    }
    if (run.pipeline_name != context.pipeline.name) continue;
    TRY(check_landing(context, run.run_id, result).within("landing '" + run.run_id + "'"));
  }
  return {};
}

Status compare_rebuilt(const ReconcileContext& context, const std::vector<MeasuredTable>& tables,
                       Reconciled* result) {
  if (!is_raw_whole(*result)) {
    result->not_compared.push_back({kRebuilt,
                                    "the tables were not built again: raw is not as it was landed",
                                    ErrorKind::kPermanent});
    return {};
  }
  TRY(run::build_tables({context.pipeline, context.options, context.run}, context.steps));
  run::ScratchStore scratch(context.run.env.store);
  for (const auto& table : tables) {
    TRY(compare_table(context, table, scratch, result));
  }
  return run::clear_scratch(context.run.env.store);
}

}  // namespace ashore::reconcile
