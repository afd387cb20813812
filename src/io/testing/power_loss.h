// For tests: records what a store was told, and says what a disk would hold had the power gone.
//
// The model is POSIX's: bytes are safe after an fsync of their file, names after an fsync of their
// folder, both after a syncfs; everything else may be lost alone or together, in any order. Only a
// rename's two names go together.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "io/memory_store.h"

namespace ashore::io {

// One step that a disk could have lost.
struct TracedStep {
  enum class Kind { kCreate, kReplace, kRemove, kRename, kSyncData, kSyncNames, kSyncAll, kAppend };
  Kind kind = Kind::kCreate;
  std::string path = {};               // the name it makes or removes; kRename: the new one
  std::string source = {};             // kRename
  std::size_t file = 0;                // number of the file; kAppend, kSyncData: of it
  std::size_t bytes = 0;               // kAppend: how long the file is then
  std::set<std::string> folders = {};  // kSyncNames
  std::size_t point = 0;               // which sync point it belongs to, from 1
};

// What is lost of the steps that were not yet safe.
struct Loss {
  // Whether a step's name survives; asked in order, with a number that is the step's place.
  std::function<bool(const TracedStep&, std::size_t)> keeps_name;
  // How many bytes survive of a file that has `all`, of which `synced` are safe.
  std::function<std::size_t(std::size_t synced, std::size_t all)> keeps_bytes;
};

// A store in memory that keeps a trace. Threads: as MemoryStore.
class RecordingStore final : public ObjectStore {
 public:
  // Files that are there before recording begins are safe.
  explicit RecordingStore(const std::map<std::string, std::string>& objects) : before_(objects) {
    for (const auto& [path, bytes] : objects) {
      (void)store_.write(path, bytes);
      open_file(path, bytes);
    }
    files_before_ = names_;
  }

  [[nodiscard]] const std::vector<TracedStep>& steps() const { return steps_; }
  // Sync points are numbered from 1: each call of sync() is one; what is written durably has two,
  // its bytes and its name.
  [[nodiscard]] std::size_t sync_points() const { return points_; }

  // What was said to be durable by the first `steps`, and has not been removed or replaced since.
  [[nodiscard]] std::map<std::string, std::string> promised(std::size_t steps) const {
    std::map<std::string, std::string> objects;
    for (const auto& [place, path] : promised_) {
      if (place > steps) break;
      const auto& named = steps_[place - 2];
      objects[path] = files_[named.file];
      for (auto index = place; index < steps_.size(); ++index) {
        if (steps_[index].path == path || steps_[index].source == path) objects.erase(path);
      }
    }
    return objects;
  }

  // What the disk holds if the power goes after the first `steps` of the trace, had the sync point
  // `disabled` (0: none) done nothing.
  [[nodiscard]] std::map<std::string, std::string> image(std::size_t steps, const Loss& loss,
                                                         std::size_t disabled) const {
    Disk disk{.names = files_before_, .safe = files_before_, .lengths = {}, .pending = {}};
    for (const auto& [path, file] : files_before_) {
      disk.lengths[file] = {before_.at(path).size(), before_.at(path).size()};
    }
    for (std::size_t index = 0; index < steps; ++index) {
      const auto& step = steps_[index];
      if (step.point == 0 || step.point != disabled) apply(step, index, &disk);
    }
    auto names = disk.safe;
    for (const auto& [step, place] : disk.pending) {
      if (loss.keeps_name(*step, place)) apply_name(*step, &names);
    }
    std::map<std::string, std::string> objects;
    for (const auto& [path, file] : names) {
      const auto& [synced, all] = disk.lengths.at(file);
      objects[path] = files_[file].substr(0, loss.keeps_bytes(synced, all));
    }
    return objects;
  }

  [[nodiscard]] std::string location() const override { return store_.location(); }
  [[nodiscard]] std::string location_of(std::string_view path) const override {
    return store_.location_of(path);
  }
  base::Result<std::string> read(std::string_view path) override { return store_.read(path); }
  base::Result<std::unique_ptr<ObjectReader>> open(std::string_view path) override {
    return store_.open(path);
  }
  base::Result<std::optional<ObjectInfo>> stat(std::string_view path) override {
    return store_.stat(path);
  }
  base::Result<std::vector<ObjectInfo>> list(std::string_view folder) override {
    return store_.list(folder);
  }
  base::Result<std::vector<std::string>> list_names(std::string_view folder) override {
    return store_.list_names(folder);
  }

  // Written under a temporary name and renamed, as a disk does it.
  base::Status write(std::string_view path, std::string_view bytes) override {
    TRY(store_.write(path, bytes));
    const std::lock_guard lock(mutex_);
    create(TracedStep::Kind::kReplace, std::string(path), bytes);
    return {};
  }
  base::Status write_durable(std::string_view path, std::string_view bytes) override {
    TRY(store_.write(path, bytes));
    const std::lock_guard lock(mutex_);
    make_durably(TracedStep::Kind::kReplace, std::string(path), bytes);
    return {};
  }
  base::Status write_new(std::string_view path, std::string_view bytes) override {
    TRY(store_.write_new(path, bytes));
    const std::lock_guard lock(mutex_);
    create(TracedStep::Kind::kCreate, std::string(path), bytes);
    return {};
  }
  base::Status put_if_absent(std::string_view path, std::string_view bytes) override {
    TRY(store_.put_if_absent(path, bytes));
    const std::lock_guard lock(mutex_);
    make_durably(TracedStep::Kind::kCreate, std::string(path), bytes);
    return {};
  }
  base::Status append(std::string_view path, std::string_view bytes) override {
    TRY(store_.append(path, bytes));
    const std::lock_guard lock(mutex_);
    const auto found = names_.find(path);
    if (found == names_.end()) {
      create(TracedStep::Kind::kCreate, std::string(path), bytes);
      return {};
    }
    files_[found->second] += bytes;
    push({.kind = TracedStep::Kind::kAppend,
          .file = found->second,
          .bytes = files_[found->second].size()});
    return {};
  }
  base::Status rename(std::string_view source, std::string_view target) override {
    TRY(store_.rename(source, target));
    const std::lock_guard lock(mutex_);
    rename_one(std::string(source), std::string(target));
    return {};
  }
  base::Status rename_folder(std::string_view source, std::string_view target) override {
    TRY(store_.rename_folder(source, target));
    const std::lock_guard lock(mutex_);
    const auto prefix = std::string(source) + "/";
    std::vector<std::string> below;
    for (const auto& [path, file] : names_) {
      if (path.starts_with(prefix)) below.push_back(path);
    }
    for (const auto& path : below) {
      rename_one(path, std::string(target) + "/" + path.substr(prefix.size()));
    }
    return {};
  }
  base::Status link(std::string_view source, std::string_view target) override {
    TRY(store_.link(source, target));
    const std::lock_guard lock(mutex_);
    const auto file = names_.find(source)->second;
    names_[std::string(target)] = file;
    push({.kind = TracedStep::Kind::kCreate, .path = std::string(target), .file = file});
    return {};
  }
  base::Status remove(std::string_view path) override {
    TRY(store_.remove(path));
    const std::lock_guard lock(mutex_);
    remove_one(std::string(path));
    return {};
  }
  base::Status remove_folder(std::string_view folder) override {
    TRY(store_.remove_folder(folder));
    const std::lock_guard lock(mutex_);
    std::vector<std::string> below;
    for (const auto& [path, file] : names_) {
      if (path.starts_with(std::string(folder) + "/")) below.push_back(path);
    }
    for (const auto& path : below) remove_one(path);
    return {};
  }
  // As DiskStore does it: each file and its folders, or one syncfs where there are many.
  base::Status sync(std::span<const std::string> paths) override {
    TRY(store_.sync(paths));
    const std::lock_guard lock(mutex_);
    if (paths.size() > kFsyncFilesMax) {
      push({.kind = TracedStep::Kind::kSyncAll, .point = ++points_});
      return {};
    }
    ++points_;
    for (const auto& path : paths) {
      if (const auto found = names_.find(path); found != names_.end()) {
        push({.kind = TracedStep::Kind::kSyncData,
              .file = found->second,
              .bytes = files_[found->second].size(),
              .point = points_});
      }
    }
    std::set<std::string> folders;
    for (const auto& path : paths) folders.merge(folders_of(path));
    push({.kind = TracedStep::Kind::kSyncNames, .folders = std::move(folders), .point = points_});
    return {};
  }
  base::Result<std::unique_ptr<StoreLock>> lock(std::string_view path,
                                                std::string_view holder) override {
    return store_.lock(path, holder);
  }

 private:
  static constexpr std::size_t kFsyncFilesMax = 8;
  using Names = std::map<std::string, std::size_t, std::less<>>;  // to the file's number

  // A disk while a trace is replayed.
  struct Disk {
    Names names;
    Names safe;                                                          // what surely survives
    std::map<std::size_t, std::pair<std::size_t, std::size_t>> lengths;  // safe, and in all
    std::vector<std::pair<const TracedStep*, std::size_t>> pending;      // names not yet safe
  };

  static std::string parent_of(std::string_view path) {
    const auto slash = path.rfind('/');
    return slash == std::string_view::npos ? "" : std::string(path.substr(0, slash));
  }
  static std::set<std::string> folders_of(std::string_view path) {
    std::set<std::string> folders;
    for (auto folder = parent_of(path);; folder = parent_of(folder)) {
      folders.insert(folder);
      if (folder.empty()) return folders;
    }
  }

  static void apply_name(const TracedStep& step, Names* names) {
    if (step.kind == TracedStep::Kind::kRemove) {
      names->erase(step.path);
    } else if (step.kind == TracedStep::Kind::kRename) {
      // Where the old name never became safe the file comes with its new one all the same.
      names->erase(step.source);
      (*names)[step.path] = step.file;
    } else {
      (*names)[step.path] = step.file;
    }
  }

  static void make_safe(Disk* disk, const std::set<std::string>* folders) {
    std::vector<std::pair<const TracedStep*, std::size_t>> left;
    for (const auto& entry : disk->pending) {
      const auto& step = *entry.first;
      if (folders != nullptr && !folders->contains(parent_of(step.path))) {
        left.push_back(entry);
        continue;
      }
      apply_name(step, &disk->safe);
      // A file that is safe under its new name never comes back under its old one.
      if (step.kind == TracedStep::Kind::kRename) {
        std::erase_if(left, [&](const auto& made) { return made.first->path == step.source; });
      }
    }
    disk->pending = std::move(left);
  }

  void apply(const TracedStep& step, std::size_t place, Disk* disk) const {
    switch (step.kind) {
      case TracedStep::Kind::kSyncData:
        disk->lengths[step.file] = {step.bytes, step.bytes};
        return;
      case TracedStep::Kind::kSyncNames:
        make_safe(disk, &step.folders);
        return;
      case TracedStep::Kind::kSyncAll:
        for (auto& [file, lengths] : disk->lengths) lengths.first = lengths.second;
        make_safe(disk, nullptr);
        return;
      case TracedStep::Kind::kAppend:
        disk->lengths[step.file].second = step.bytes;
        return;
      case TracedStep::Kind::kCreate:
      case TracedStep::Kind::kReplace:
        disk->lengths.try_emplace(step.file, 0, step.bytes);
        break;
      case TracedStep::Kind::kRemove:
      case TracedStep::Kind::kRename:
        break;
    }
    apply_name(step, &disk->names);
    disk->pending.emplace_back(&step, place);
  }

  void push(TracedStep step) { steps_.push_back(std::move(step)); }
  std::size_t open_file(const std::string& path, std::string_view bytes) {
    files_.emplace_back(bytes);
    names_[path] = files_.size() - 1;
    return files_.size() - 1;
  }
  void create(TracedStep::Kind kind, std::string path, std::string_view bytes) {
    const auto file = open_file(path, bytes);
    push({.kind = kind, .path = std::move(path), .file = file, .bytes = bytes.size()});
  }
  // The data is synced under another name, which is then renamed or linked.
  void make_durably(TracedStep::Kind kind, const std::string& path, std::string_view bytes) {
    const auto file = open_file(path, bytes);
    push({.kind = TracedStep::Kind::kSyncData,
          .file = file,
          .bytes = bytes.size(),
          .point = ++points_});
    push({.kind = kind, .path = path, .file = file, .bytes = bytes.size()});
    push({.kind = TracedStep::Kind::kSyncNames, .folders = folders_of(path), .point = ++points_});
    promised_.emplace_back(steps_.size(), path);
  }
  void rename_one(const std::string& source, const std::string& target) {
    const auto found = names_.find(source);
    if (found == names_.end()) return;
    const auto file = found->second;
    names_.erase(found);
    names_[target] = file;
    push({.kind = TracedStep::Kind::kRename, .path = target, .source = source, .file = file});
  }
  void remove_one(const std::string& path) {
    if (names_.erase(path) == 0) return;
    push({.kind = TracedStep::Kind::kRemove, .path = path});
  }

  const std::map<std::string, std::string> before_;
  MemoryStore store_;
  std::mutex mutex_;                // guards what follows
  std::vector<std::string> files_;  // bytes, by number
  Names names_;
  Names files_before_;
  std::vector<TracedStep> steps_;
  std::size_t points_ = 0;
  // What was durable when its write returned, with how many steps there were then.
  std::vector<std::pair<std::size_t, std::string>> promised_;
};

}  // namespace ashore::io
