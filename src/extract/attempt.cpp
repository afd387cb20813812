// Pages are written aside, renamed up when the reading is complete, and synced before they count.
#include "extract/attempt.h"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <span>

namespace ashore::extract {

using base::Result;
using base::Status;

namespace {

constexpr std::string_view kAttemptPrefix = ".attempt-";
constexpr std::string_view kEvidencePrefix = "attempt-";

std::string attempt_folder(const std::string& raw_folder, std::int64_t number) {
  return raw_folder + "/" + std::string(kAttemptPrefix) + std::to_string(number);
}

// "page-00001"; longer numbers are not cut.
std::string page_stem(std::int64_t number) {
  char stem[32];
  (void)std::snprintf(stem, sizeof stem, "page-%05lld", static_cast<long long>(number));
  return stem;
}

}  // namespace

std::string page_name(std::int64_t number) { return page_stem(number) + ".json"; }

Attempt::Attempt(io::ObjectStore& store, std::string raw_folder, std::int64_t number)
    : store_(store), raw_folder_(std::move(raw_folder)), number_(number) {}

Attempt::~Attempt() {
  // Nothing can be done about a failure here; the next extract of this run id discards the rest.
  (void)store_.remove_folder(attempt_folder(raw_folder_, number_)).ok();
  if (is_kept_) return;
  for (std::int64_t page = 1; page <= pages_moved_; ++page) {
    (void)store_.remove(raw_folder_ + "/" + page_name(page)).ok();
  }
}

Status Attempt::write_page(std::int64_t page, std::string_view body) {
  return store_.write_new(attempt_folder(raw_folder_, number_) + "/" + page_name(page), body);
}

Result<std::string> Attempt::keep_evidence(std::int64_t page, int request_try,
                                           std::string_view body) {
  const std::string path = raw_folder_ + "/evidence/" + std::string(kEvidencePrefix) +
                           std::to_string(number_) + "/" + page_stem(page) + "-try-" +
                           std::to_string(request_try) + ".body";
  TRY(store_.write_new(path, body));
  return store_.location_of(path);
}

Result<std::vector<std::string>> Attempt::move_up(std::int64_t pages) {
  std::vector<std::string> paths;
  for (std::int64_t page = 1; page <= pages; ++page) {
    paths.push_back(raw_folder_ + "/" + page_name(page));
    TRY(store_.rename(attempt_folder(raw_folder_, number_) + "/" + page_name(page), paths.back()));
    pages_moved_ = page;
  }
  TRY(store_.sync(paths));
  return paths;
}

Status discard_unfinished(io::ObjectStore& store, const std::string& raw_folder) {
  TRY(const auto names, store.list_names(raw_folder));
  for (const auto& name : names) {
    const std::string path = raw_folder + "/" + name;
    if (name.starts_with(kAttemptPrefix)) TRY(store.remove_folder(path));
    if (name.starts_with("page-") || name == "manifest.json") TRY(store.remove(path));
  }
  return {};
}

Result<std::int64_t> first_attempt_number(io::ObjectStore& store, const std::string& raw_folder) {
  TRY(const auto names, store.list_names(raw_folder + "/evidence"));
  std::int64_t last = 0;
  for (const auto& name : names) {
    if (!name.starts_with(kEvidencePrefix)) continue;
    const char* begin = name.data() + kEvidencePrefix.size();
    std::int64_t number = 0;
    if (std::from_chars(begin, name.data() + name.size(), number).ec != std::errc{}) continue;
    last = std::max(last, number);
  }
  return last + 1;
}

}  // namespace ashore::extract
