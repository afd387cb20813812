// A store for tests that fails at its n-th call, once or for good, as a process that dies does; or
// lets others do something there.
#pragma once

#include <functional>
#include <utility>

#include "io/object_store.h"

namespace ashore::publish {

// Passes calls on to another store until `calls_max` were made; then one call (fails once) or every
// call (died) is an I/O error. The call it fails in is not made, but for the removal of a folder,
// which stops half-way.
class FailingStore final : public io::ObjectStore {
 public:
  FailingStore(io::ObjectStore& store, int calls_max, bool fails_once)
      : store_(store), calls_left_(calls_max), fails_once_(fails_once) {}
  // Does `meanwhile` between two calls, and fails in none.
  FailingStore(io::ObjectStore& store, int calls_max, std::function<void()> meanwhile)
      : store_(store), calls_left_(calls_max), meanwhile_(std::move(meanwhile)) {}

  // Whether the failure, or the others' turn, came: false when there were fewer calls.
  [[nodiscard]] bool has_failed() const { return has_failed_; }

  [[nodiscard]] std::string location() const override { return store_.location(); }
  [[nodiscard]] std::string location_of(std::string_view path) const override {
    return store_.location_of(path);
  }
  [[nodiscard]] bool is_file_system() const override { return store_.is_file_system(); }
  base::Result<std::string> read(std::string_view path) override {
    TRY(step());
    return store_.read(path);
  }
  base::Result<std::unique_ptr<io::ObjectReader>> open(std::string_view path) override {
    TRY(step());
    return store_.open(path);
  }
  base::Result<std::optional<io::ObjectInfo>> stat(std::string_view path) override {
    TRY(step());
    return store_.stat(path);
  }
  base::Result<std::vector<io::ObjectInfo>> list(std::string_view folder) override {
    TRY(step());
    return store_.list(folder);
  }
  base::Result<std::vector<std::string>> list_names(std::string_view folder) override {
    TRY(step());
    return store_.list_names(folder);
  }
  base::Status write(std::string_view path, std::string_view bytes) override {
    TRY(step());
    return store_.write(path, bytes);
  }
  base::Status write_durable(std::string_view path, std::string_view bytes) override {
    TRY(step());
    return store_.write_durable(path, bytes);
  }
  base::Status write_new(std::string_view path, std::string_view bytes) override {
    TRY(step());
    return store_.write_new(path, bytes);
  }
  base::Status put_if_absent(std::string_view path, std::string_view bytes) override {
    TRY(step());
    return store_.put_if_absent(path, bytes);
  }
  base::Status append(std::string_view path, std::string_view bytes) override {
    TRY(step());
    return store_.append(path, bytes);
  }
  base::Status rename(std::string_view source, std::string_view target) override {
    TRY(step());
    return store_.rename(source, target);
  }
  base::Status rename_folder(std::string_view source, std::string_view target) override {
    TRY(step());
    return store_.rename_folder(source, target);
  }
  base::Status link(std::string_view source, std::string_view target) override {
    TRY(step());
    return store_.link(source, target);
  }
  base::Status remove(std::string_view path) override {
    TRY(step());
    return store_.remove(path);
  }
  base::Status remove_folder(std::string_view folder) override {
    auto status = step();
    if (status.ok()) return store_.remove_folder(folder);
    TRY(const auto infos, store_.list(folder));
    for (std::size_t index = 0; index < infos.size() / 2; ++index) {
      TRY(store_.remove(infos[index].path));
    }
    return status;
  }
  base::Status sync(std::span<const std::string> paths) override {
    TRY(step());
    return store_.sync(paths);
  }
  base::Result<std::unique_ptr<io::StoreLock>> lock(std::string_view path,
                                                    std::string_view holder) override {
    TRY(step());
    return store_.lock(path, holder);
  }

 private:
  base::Status step() {
    if (calls_left_ > 0) {
      --calls_left_;
      return {};
    }
    if (has_failed_ && fails_once_) return {};
    const bool is_first = !has_failed_;
    has_failed_ = true;
    if (meanwhile_) {
      if (is_first) meanwhile_();
      return {};
    }
    return base::transient("input/output error of the test");
  }

  io::ObjectStore& store_;
  int calls_left_;
  bool fails_once_ = false;
  std::function<void()> meanwhile_;
  bool has_failed_ = false;
};

}  // namespace ashore::publish
