// Chooses files by statistics, and by the key index.
// Statistics say which rows may lie in the window, the key index which keys lie where.
#include "merge/files_to_read.h"

#include <arrow/api.h>

#include <algorithm>
#include <cstdint>

#include "delta/statistics.h"
#include "merge/key_index.h"

namespace ashore::merge {

namespace {

using base::Result;

// Rows of this file may lie in the window, and be missed in it.
bool may_be_missing(const Lineage& lineage, const delta::AddFile& file) {
  if (!lineage.ancestors.empty() || !lineage.can_be_missing) return false;
  if (!lineage.window_column) return true;
  const auto range = delta::instant_range(file, *lineage.window_column);
  if (!range) return true;
  const auto& window = lineage.window;
  return (!window.start || *window.start <= range->greatest) &&
         (!window.end || range->least < *window.end);
}

void add_hashes(const StagedTable& staged, const std::vector<std::string>& key,
                std::vector<ShortHash>* hashes) {
  columnar::visit_keys(staged.rows(), key, [hashes](std::int64_t, std::string_view bytes) {
    hashes->push_back(hash_of_key(bytes));
  });
}

void add_hashes(const KeySet& keys, std::vector<ShortHash>* hashes) {
  for (const auto& key : keys) hashes->push_back(hash_of_key(key));
}

// Of every key by which decide_file() may come to touch or count a row. A child is found by its own
// key and by its item's: an item that comes again replaces its whole set of children.
std::vector<ShortHash> wanted_hashes(const FileChoice& choice) {
  std::vector<ShortHash> hashes;
  add_hashes(*choice.lineage.staged, choice.lineage.table->key, &hashes);
  add_hashes(choice.lineage.staged->rejected_keys(), &hashes);
  if (!choice.lineage.ancestors.empty()) {
    const auto& item = choice.lineage.ancestors.back();
    add_hashes(*item.staged, item.key, &hashes);
    add_hashes(choice.deleted_items, &hashes);
  }
  return hashes;
}

KeyColumns key_columns(const Lineage& lineage) {
  KeyColumns keys = {lineage.table->key};
  if (!lineage.ancestors.empty()) keys.push_back(lineage.ancestors.back().key_columns);
  return keys;
}

}  // namespace

Result<std::vector<bool>> files_to_read(const FileChoice& choice, const std::stop_token& stop) {
  const auto& files = choice.published.files;
  std::vector<bool> is_read(files.size());
  std::size_t open = 0;  // neither decided nor sure to be read
  for (std::size_t index = 0; index < files.size(); ++index) {
    if (choice.is_decided[index]) continue;
    is_read[index] = may_be_missing(choice.lineage, files[index]);
    if (!is_read[index]) ++open;
  }
  if (open == 0) return is_read;
  if (open <= choice.files_read_outright) {
    for (std::size_t index = 0; index < files.size(); ++index) {
      is_read[index] = !choice.is_decided[index];
    }
    return is_read;
  }
  const auto keys = key_columns(choice.lineage);
  const KeySearch search{
      choice.store,   choice.lineage.table->name,     choice.published, keys,
      choice.threads, choice.files_read_outright / 4,
  };
  TRY(const auto found, files_with_keys(search, wanted_hashes(choice), stop));
  for (std::size_t index = 0; index < files.size(); ++index) {
    if (found[index] && !choice.is_decided[index]) is_read[index] = true;
  }
  return is_read;
}

}  // namespace ashore::merge
