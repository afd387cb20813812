// ScratchStore is the data folder seen by a replay: raw pages as they are, all else apart.
#pragma once

#include <string>

#include "io/object_store.h"

namespace ashore::run {

// Where replays work: below the data folder, so that what they made can be renamed into place.
// ".scratch", which whoever holds the lock may remove; on an object storage, where several may be
// at work, ".scratch/<16 hex>" of this process, whose remains vacuum removes.
std::string scratch_folder(const io::ObjectStore& base);

// Paths below `raw/` are read from `base` and never written; every other path lies below
// scratch_folder(). sync() does nothing: a scratch survives no crash. `base` must outlive it.
// Threads: as ObjectStore.
class ScratchStore final : public io::ObjectStore {
 public:
  explicit ScratchStore(io::ObjectStore& base) : base_(base), folder_(scratch_folder(base)) {}

  // Where an object of the scratch of `base` lies in it.
  static std::string place_of(const io::ObjectStore& base, std::string_view path);

  [[nodiscard]] std::string location() const override { return base_.location(); }
  [[nodiscard]] std::string location_of(std::string_view path) const override;
  [[nodiscard]] bool is_file_system() const override { return base_.is_file_system(); }
  base::Result<std::string> read(std::string_view path) override;
  base::Result<std::unique_ptr<io::ObjectReader>> open(std::string_view path) override;
  base::Result<std::unique_ptr<io::MappedBytes>> map(std::string_view path) override;
  base::Result<std::optional<io::ObjectInfo>> stat(std::string_view path) override;
  base::Result<std::vector<io::ObjectInfo>> list(std::string_view folder) override;
  base::Result<std::vector<std::string>> list_names(std::string_view folder) override;
  base::Status write(std::string_view path, std::string_view bytes) override;
  base::Status write_durable(std::string_view path, std::string_view bytes) override;
  base::Status write_new(std::string_view path, std::string_view bytes) override;
  base::Status put_if_absent(std::string_view path, std::string_view bytes) override;
  base::Status append(std::string_view path, std::string_view bytes) override;
  base::Status rename(std::string_view source, std::string_view target) override;
  base::Status rename_folder(std::string_view source, std::string_view target) override;
  base::Status link(std::string_view source, std::string_view target) override;
  base::Status remove(std::string_view path) override;
  base::Status remove_folder(std::string_view folder) override;
  base::Result<std::unique_ptr<io::SpillFile>> spill() override { return base_.spill(); }
  base::Status sync(std::span<const std::string> paths) override;
  base::Result<std::unique_ptr<io::StoreLock>> lock(std::string_view path,
                                                    std::string_view holder) override;

 private:
  // For reading: raw pages stay where they are.
  [[nodiscard]] std::string source_of(std::string_view path) const;
  // For writing: nobody replays into the raw zone.
  [[nodiscard]] std::string target_of(std::string_view path) const;

  io::ObjectStore& base_;
  const std::string folder_;
};

}  // namespace ashore::run
