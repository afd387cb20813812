// Asks for items by id, a chunk of keys per request, and lands the answers.
// Chunks of keys, one request each; an answer counts only if it can be the whole truth about them.
#include "extract/extract.h"

#include <algorithm>
#include <cassert>
#include <iterator>
#include <memory>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "base/digest.h"
#include "extract/attempt.h"
#include "extract/fetcher.h"
#include "json/envelope.h"
#include "state/run_folder.h"

namespace ashore::extract {

using base::Result;
using base::Status;

namespace {

constexpr const char* kStage = "lookup";

std::string landed_manifest_path(const LookupRequest& request) {
  return state::raw_folder(request.pipeline.source_name, request.landing.manifest.run_id) +
         "/lookup.manifest.json";
}

bool are_answers_of(const state::Manifest& answers, const state::StoredManifest& landing) {
  return answers.parent && answers.parent->sha256 == landing.as_parent.sha256;
}

Result<bool> has_all_files(io::ObjectStore& store, const state::Manifest& manifest) {
  for (const auto& file : manifest.files) {
    TRY(const auto info, store.stat(file.path));
    if (!info || info->bytes != file.bytes) return false;
  }
  return true;
}

// What was landed before, or a manifest of no answers.
Result<state::Manifest> begin(const LookupRequest& request, const state::RunContext& context) {
  auto& store = context.env.store;
  const auto& landing = request.landing.manifest;
  // Its text is written anew with what is asked now, so that it is read with all it has.
  auto before = state::read_manifest(store, landed_manifest_path(request), state::Origins::kKept);
  if (!before.ok() && before.error().kind() != base::ErrorKind::kNotFound) return before;
  if (before.ok() && are_answers_of(before.value(), request.landing)) {
    TRY(const bool is_whole, has_all_files(store, before.value()));
    if (is_whole) return before;
  }
  state::Manifest manifest;
  manifest.stage = kStage;
  manifest.run_id = landing.run_id;
  manifest.pipeline_name = landing.pipeline_name;
  manifest.pipeline_sha256 = request.pipeline.sha256;
  manifest.version = context.version;
  manifest.window = landing.window;
  manifest.started_us = landing.started_us;
  manifest.parent = request.landing.as_parent;
  return manifest;
}

std::vector<std::string> keys_not_asked(const LookupRequest& request,
                                        const state::Manifest& manifest) {
  std::set<std::string_view> asked;
  for (const auto& file : manifest.files) asked.insert(file.keys.begin(), file.keys.end());
  std::vector<std::string> missing;
  std::ranges::copy_if(request.keys, std::back_inserter(missing),
                       [&](const std::string& key) { return !asked.contains(key); });
  return missing;
}

// Removes what a broken-off lookup left.
Status discard_unfinished_answers(io::ObjectStore& store, const std::string& folder,
                                  const state::Manifest& manifest) {
  if (!store.is_file_system()) return {};
  TRY(const auto names, store.list_names(folder));
  for (const auto& name : names) {
    const auto path = folder + "/" + name;
    if (name.starts_with(".attempt-")) TRY(store.remove_folder(path));
    const bool is_named =
        std::ranges::find(manifest.files, path, &state::ManifestFile::path) != manifest.files.end();
    if (name.starts_with(kLookupNames.prefix) && !is_named) TRY(store.remove(path));
  }
  return {};
}

// The value of an id as text; nothing for what is no text and no number.
std::optional<std::string> text_of_id(const std::string& exact) {
  const auto value = nlohmann::json::parse(exact, nullptr, false);
  if (value.is_string()) return value.get<std::string>();
  if (value.is_number()) return exact;
  return std::nullopt;
}

// Why an answer is not the whole truth about `keys`; empty: it is.
std::string fault_of(const Answer& answer, const json::Envelope& envelope,
                     const std::vector<std::string>& keys) {
  const auto items = answer.facts.items;
  if (static_cast<std::int64_t>(envelope.ids.size()) != items) {
    return "the answer of the lookup has items without an id";
  }
  const std::set<std::string_view> asked(keys.begin(), keys.end());
  std::set<std::string> found;
  for (const auto& exact : envelope.ids) {
    auto id = text_of_id(exact);
    if (!id || !asked.contains(*id)) {
      return "the answer of the lookup has an item that was not asked for: " + exact.substr(0, 200);
    }
    found.insert(std::move(*id));
  }
  const bool is_cut = answer.facts.total.value_or(items) != items;
  const bool goes_on = answer.facts.page_count.value_or(1) > 1 || answer.facts.next.has_value() ||
                       answer.link_header.has_value();
  if (is_cut || (goes_on && found.size() < keys.size())) {
    return "the answer of the lookup is not whole: it has " + std::to_string(items) + " items" +
           (is_cut ? " of " + std::to_string(*answer.facts.total) : " and goes on");
  }
  return "";
}

// What all requests of one lookup share.
struct Asking {
  const config::Extract& extract;
  Fetcher& fetcher;
  Attempt& attempt;
};

Status check_answer(const Asking& asking, const PageRequest& asked, const Answer& answer) {
  json::EnvelopePaths paths;
  paths.items = asking.extract.items.at;
  paths.id = asking.extract.items.id;
  paths.absent_items_are_none = asking.extract.items.absent_means_none;
  TRY(const auto envelope, json::read_envelope(answer.body, paths));
  const auto fault = fault_of(answer, envelope, *asked.keys);
  if (fault.empty()) return {};
  TRY(const auto evidence, asking.attempt.keep_evidence(asked.number, 1, answer.body));
  return base::permanent(fault)
      .with_remedy(
          "Let extract.lookup ask for the items of ${keys}, all of them in one answer (no pages, "
          "or "
          "a smaller keys_max). Look at the body: " +
          evidence)
      .within("lookup " + std::to_string(asked.number));
}

// Asks for all keys; the answers lie in the attempt's folder.
Result<std::vector<state::ManifestFile>> ask(const Asking& asking, PageRequest asked,
                                             const std::vector<std::string>& keys,
                                             const std::stop_token& stop) {
  std::vector<state::ManifestFile> files;
  const auto step = static_cast<std::size_t>(asking.extract.lookup->keys_max);
  for (std::size_t begin = 0; begin < keys.size(); begin += step, ++asked.number) {
    const auto end = std::min(begin + step, keys.size());
    asked.keys.emplace(keys.begin() + static_cast<std::ptrdiff_t>(begin),
                       keys.begin() + static_cast<std::ptrdiff_t>(end));
    TRY(auto answer, asking.fetcher.fetch(asked, asking.attempt, stop));
    TRY(check_answer(asking, asked, answer));
    TRY(asking.attempt.write_page(asked.number, answer.body));
    files.push_back({.path = "",
                     .rows = answer.facts.items,
                     .bytes = static_cast<std::int64_t>(answer.body.size()),
                     .sha256 = base::to_hex(base::sha256(answer.body)),
                     .schema = {},
                     .origin = std::make_shared<const state::PageOrigin>(std::move(answer.origin)),
                     .keys = std::move(*asked.keys)});
  }
  return files;
}

}  // namespace

Result<LookupLanding> look_up(const LookupRequest& request, const state::RunContext& context) {
  assert(request.pipeline.extract.lookup);
  const auto& run_id = request.landing.manifest.run_id;
  const auto folder = state::raw_folder(request.pipeline.source_name, run_id);
  LookupLanding landing;
  TRY(landing.manifest, begin(request, context));
  const auto keys = keys_not_asked(request, landing.manifest);
  if (!keys.empty()) {
    TRY(discard_unfinished_answers(context.env.store, folder, landing.manifest));
    const auto own = reading_folder(context.env, folder);
    TRY(const auto attempt_number, first_attempt_number(context.env.store, own));
    Attempt attempt(context.env.store, own, attempt_number, kLookupNames);
    Fetcher fetcher(request.pipeline, request.options, context);
    PageRequest first;
    first.number = static_cast<std::int64_t>(landing.manifest.files.size()) + 1;
    TRY(auto files, ask({request.pipeline.extract, fetcher, attempt}, first, keys, context.stop));
    TRY(const auto paths, attempt.move_up(static_cast<std::int64_t>(files.size()), first.number));
    for (std::size_t index = 0; index < files.size(); ++index) {
      files[index].path = paths[index];
      landing.manifest.files.push_back(std::move(files[index]));
    }
    TRY(state::write_manifest(context.env.store, landed_manifest_path(request), landing.manifest));
    attempt.kept();
    landing.requests = fetcher.requests();
    landing.retries = fetcher.retries();
  }
  TRY(landing.as_parent,
      state::write_manifest(context.env.store, state::stage_manifest_path(run_id, kStage),
                            landing.manifest));
  return landing;
}

Result<std::optional<state::StoredManifest>> find_lookup(io::ObjectStore& store,
                                                         const state::StoredManifest& landing) {
  auto answers = state::read_stored_manifest(
      store, state::stage_manifest_path(landing.manifest.run_id, kStage));
  if (!answers.ok() && answers.error().kind() != base::ErrorKind::kNotFound) {
    return std::move(answers).error();
  }
  if (!answers.ok() || !are_answers_of(answers.value().manifest, landing)) {
    return std::optional<state::StoredManifest>();
  }
  return std::optional(std::move(answers).value());
}

}  // namespace ashore::extract
