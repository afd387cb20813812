// Passes each call on with a path below the scratch folder.
#include "run/scratch_store.h"

#include <fmt/format.h>

#include <cassert>
#include <random>

namespace ashore::run {

using base::Result;
using base::Status;

namespace {

bool is_raw(std::string_view path) { return path == "raw" || path.starts_with("raw/"); }

// The same for as long as this process lives.
const std::string& process_token() {
  static const std::string token = [] {
    std::random_device device;
    return fmt::format("{:08x}{:08x}", device(), device());
  }();
  return token;
}

}  // namespace

std::string scratch_folder(const io::ObjectStore& base) {
  return base.is_file_system() ? ".scratch" : ".scratch/" + process_token();
}

std::string ScratchStore::place_of(const io::ObjectStore& base, std::string_view path) {
  return scratch_folder(base) + "/" + std::string(path);
}

std::string ScratchStore::source_of(std::string_view path) const {
  return is_raw(path) ? std::string(path) : folder_ + "/" + std::string(path);
}

std::string ScratchStore::target_of(std::string_view path) const {
  assert(!is_raw(path));
  return folder_ + "/" + std::string(path);
}

std::string ScratchStore::location_of(std::string_view path) const {
  return base_.location_of(source_of(path));
}

Result<std::string> ScratchStore::read(std::string_view path) {
  return base_.read(source_of(path));
}

Result<std::unique_ptr<io::MappedBytes>> ScratchStore::map(std::string_view path) {
  return base_.map(source_of(path));
}

Result<std::unique_ptr<io::ObjectReader>> ScratchStore::open(std::string_view path) {
  return base_.open(source_of(path));
}

Result<std::optional<io::ObjectInfo>> ScratchStore::stat(std::string_view path) {
  TRY(auto info, base_.stat(source_of(path)));
  // Callers see the paths they gave, not where these lie.
  if (info) info->path = path;
  return info;
}

Result<std::vector<io::ObjectInfo>> ScratchStore::list(std::string_view folder) {
  TRY(auto infos, base_.list(source_of(folder)));
  if (is_raw(folder)) return infos;
  for (auto& info : infos) info.path.erase(0, folder_.size() + 1);
  return infos;
}

Result<std::vector<std::string>> ScratchStore::list_names(std::string_view folder) {
  return base_.list_names(source_of(folder));
}

Status ScratchStore::write(std::string_view path, std::string_view bytes) {
  return base_.write(target_of(path), bytes);
}

Status ScratchStore::write_new(std::string_view path, std::string_view bytes) {
  return base_.write_new(target_of(path), bytes);
}

// Nothing in a scratch outlives its command, so nothing is synced.
Status ScratchStore::write_durable(std::string_view path, std::string_view bytes) {
  return write(path, bytes);
}

Status ScratchStore::put_if_absent(std::string_view path, std::string_view bytes) {
  return base_.put_if_absent(target_of(path), bytes);
}

Status ScratchStore::append(std::string_view path, std::string_view bytes) {
  return base_.append(target_of(path), bytes);
}

Status ScratchStore::rename(std::string_view source, std::string_view target) {
  return base_.rename(target_of(source), target_of(target));
}

Status ScratchStore::rename_folder(std::string_view source, std::string_view target) {
  return base_.rename_folder(target_of(source), target_of(target));
}

Status ScratchStore::link(std::string_view source, std::string_view target) {
  return base_.link(source_of(source), target_of(target));
}

Status ScratchStore::remove(std::string_view path) { return base_.remove(target_of(path)); }

Status ScratchStore::remove_folder(std::string_view folder) {
  return base_.remove_folder(target_of(folder));
}

Status ScratchStore::sync(std::span<const std::string>) { return {}; }

Result<std::unique_ptr<io::StoreLock>> ScratchStore::lock(std::string_view, std::string_view) {
  return base::bug("a scratch has no lock of its own");
}

}  // namespace ashore::run
