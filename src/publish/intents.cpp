// Finds, ends and clears the records of publications, on a disk and where no lock holds.
#include "publish/intents.h"

#include <fmt/format.h>

#include <charconv>
#include <chrono>

#include "publish/publish.h"
#include "state/run_folder.h"

namespace ashore::publish {

namespace {

using base::ErrorKind;
using base::Result;
using base::Status;

constexpr std::string_view kNumbered = "stage/.intents";
constexpr std::chrono::hours kOldIntent{24};

std::string numbered_path(std::int64_t number) {
  return fmt::format("{}/{:020}.json", kNumbered, number);
}

// -1 for another program's file.
std::int64_t number_of(std::string_view name) {
  constexpr std::string_view kEnd = ".json";
  if (!name.ends_with(kEnd)) return -1;
  name.remove_suffix(kEnd.size());
  std::int64_t number = -1;
  const auto [end, code] = std::from_chars(name.data(), name.data() + name.size(), number);
  return code == std::errc() && end == name.data() + name.size() ? number : -1;
}

Result<std::optional<std::string>> read_if_there(io::ObjectStore& store, const std::string& path) {
  auto text = store.read(path);
  if (text.ok()) return std::optional(std::move(text).value());
  if (text.error().kind() == ErrorKind::kNotFound) return std::optional<std::string>();
  return std::move(text).error();
}

// The newest record's bytes, and its number where numbers count.
struct Newest {
  std::int64_t number = -1;
  std::string path;
  std::optional<std::string> text;
};

Result<Newest> find_newest(io::ObjectStore& store) {
  Newest newest;
  if (store.is_file_system()) {
    newest.path = state::kIntentPath;
    TRY(newest.text, read_if_there(store, newest.path));
    return newest;
  }
  TRY(const auto names, store.list_names(kNumbered));
  for (const auto& name : names) newest.number = std::max(newest.number, number_of(name));
  if (newest.number >= 0) {
    newest.path = numbered_path(newest.number);
    TRY(newest.text, read_if_there(store, newest.path));
  }
  // A list may lag behind; an object that was put can be read at once.
  while (true) {
    auto path = numbered_path(newest.number + 1);
    TRY(auto text, read_if_there(store, path));
    if (!text) return newest;
    newest = {.number = newest.number + 1, .path = std::move(path), .text = std::move(text)};
  }
}

std::string finished_text(state::Intent intent) {
  intent.is_finished = true;
  return state::intent_json(intent);
}

}  // namespace

Result<Intents> read_intents(io::ObjectStore& store) {
  TRY(auto newest, find_newest(store));
  Intents intents;
  intents.next_path =
      store.is_file_system() ? std::string(state::kIntentPath) : numbered_path(newest.number + 1);
  if (!newest.text) return intents;
  auto intent = state::parse_intent(*newest.text);
  if (!intent.ok()) {
    return std::move(intent)
        .error()
        .within(store.location_of(newest.path))
        .with_remedy(
            "The record of an interrupted publication is damaged: 'ashore recover --from-log' sets "
            "it aside and makes the folders equal to the tables' logs; then run again");
  }
  if (!intent.value().is_finished) {
    intents.open = RecordedIntent{std::move(newest.path), std::move(intent).value()};
  }
  return intents;
}

Status close_intent(io::ObjectStore& store, const RecordedIntent& record) {
  // In this order: a record without staged log files says that only this step is left.
  if (store.is_file_system()) {
    TRY(store.remove_folder(state::staged_folder(record.intent.run_id)));
    return store.remove(record.path);
  }
  // Not the folder: the same run may have staged other log files for another try.
  for (const auto& table : record.intent.tables) TRY(store.remove(table.commit_path));
  return store.write(record.path, finished_text(record.intent));
}

Status remove_old_intents(io::ObjectStore& store, base::Timestamp now) {
  if (store.is_file_system()) return {};
  TRY(const auto records, store.list(kNumbered));
  for (const auto& record : records) {
    if (record.path == records.back().path || record.modified > now - kOldIntent) continue;
    TRY(store.remove(record.path));
  }
  return {};
}

Result<bool> set_damaged_intent_aside(io::ObjectStore& store) {
  TRY(const auto newest, find_newest(store));
  if (!newest.text || state::parse_intent(*newest.text).ok()) return false;
  TRY(keep_as_evidence(store, "", newest.path));
  if (store.is_file_system()) return true;
  TRY(store.write(newest.path, finished_text({})));
  return true;
}

}  // namespace ashore::publish
