// Writes the pages of one reading and moves them up when it is complete.
// Pages are written under temporary names, renamed up when the reading is complete, and synced
// before they count.
#include "extract/attempt.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <span>

namespace ashore::extract {

using base::Result;
using base::Status;

namespace {

constexpr std::string_view kAttemptPrefix = ".attempt-";
constexpr std::string_view kEvidencePrefix = "attempt-";

constexpr std::string_view kReadingPrefix = "reading-";  // of an object storage

std::string page_stem(std::int64_t number, const PageNames& names) {
  auto digits = std::to_string(number);
  const auto missing = names.digits - static_cast<int>(digits.size());
  if (missing > 0) digits.insert(0, static_cast<std::size_t>(missing), '0');
  return std::string(names.prefix) + digits;
}

}  // namespace

std::string page_name(std::int64_t number, const PageNames& names) {
  return page_stem(number, names) + ".json";
}

Attempt::Attempt(io::ObjectStore& store, std::string raw_folder, std::int64_t number,
                 PageNames names)
    : store_(store), raw_folder_(std::move(raw_folder)), number_(number), names_(names) {}

std::string Attempt::folder() const {
  return raw_folder_ + "/" +
         std::string(store_.is_file_system() ? kAttemptPrefix : kReadingPrefix) +
         std::to_string(number_);
}

Attempt::~Attempt() {
  if (is_kept_ && !store_.is_file_system()) return;
  // Nothing can be done about a failure here; the next extract of this run id discards the rest.
  (void)store_.remove_folder(folder()).ok();
  if (is_kept_) return;
  for (const auto& path : moved_) (void)store_.remove(path).ok();
}

Status Attempt::write_page(std::int64_t page, std::string_view body) {
  return store_.write_new(folder() + "/" + page_name(page, names_), body);
}

Status Attempt::link_page(std::int64_t page, const std::string& same) {
  return store_.link(same, folder() + "/" + page_name(page, names_));
}

Result<std::string> Attempt::keep_evidence(std::int64_t page, int request_try,
                                           std::string_view body) {
  const std::string path = raw_folder_ + "/evidence/" + std::string(kEvidencePrefix) +
                           std::to_string(number_) + "/" + page_stem(page, names_) + "-try-" +
                           std::to_string(request_try) + ".body";
  TRY(store_.write_new(path, body));
  return store_.location_of(path);
}

Result<std::vector<std::string>> Attempt::move_up(std::int64_t count, std::int64_t first) {
  const bool is_moved = store_.is_file_system();
  const auto target = (is_moved ? raw_folder_ : folder()) + "/";
  for (std::int64_t page = first; page < first + count; ++page) {
    const auto name = page_name(page, names_);
    if (is_moved) TRY(store_.rename(folder() + "/" + name, target + name));
    moved_.push_back(target + name);
  }
  TRY(store_.sync(moved_));
  return moved_;
}

std::string reading_folder(io::Env& env, const std::string& raw_folder) {
  return env.store.is_file_system() ? raw_folder
                                    : fmt::format("{}/{:016x}", raw_folder, env.random.next());
}

Status discard_unfinished(io::ObjectStore& store, const std::string& raw_folder) {
  if (!store.is_file_system()) return {};
  TRY(const auto names, store.list_names(raw_folder));
  for (const auto& name : names) {
    const std::string path = raw_folder + "/" + name;
    if (name.starts_with(kAttemptPrefix)) TRY(store.remove_folder(path));
    const bool is_landed = name.starts_with(PageNames{}.prefix) ||
                           name.starts_with(kLookupNames.prefix) || name == "manifest.json" ||
                           name == "lookup.manifest.json";
    if (is_landed) TRY(store.remove(path));
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
