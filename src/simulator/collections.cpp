// Reads files directly: the stand-in plays the outside world, it does not stand on ashore's seams.
#include "simulator/collections.h"

#include <array>
#include <filesystem>
#include <fstream>
#include <string_view>
#include <utility>

#include "simulator/embedded_snapshot.h"
#include "simulator/stored_documents.h"
#include "simulator/synthetic_documents.h"

namespace ashore::simulator {

namespace {

constexpr std::array<std::string_view, 4> kNames{"launches", "cores", "rockets", "launchpads"};

base::Result<std::string> read_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  if (file.good() || file.eof()) return text;
  return base::permanent("cannot read snapshot: " + path.string())
      .with_remedy("Name a readable file that holds the JSON array that GET /v5/launches gives");
}

// The file that the options name for a collection; empty when there is none.
std::filesystem::path file_of(const std::string& snapshot_path, std::string_view name) {
  if (snapshot_path.empty()) return {};
  std::error_code ignored;
  if (!std::filesystem::is_directory(snapshot_path, ignored)) {
    return name == "launches" ? std::filesystem::path(snapshot_path) : std::filesystem::path();
  }
  const std::filesystem::path file =
      std::filesystem::path(snapshot_path) / (std::string(name) + ".json");
  return name == "launches" || std::filesystem::exists(file, ignored) ? file
                                                                      : std::filesystem::path();
}

base::Result<std::unique_ptr<DocumentSource>> open_source(const Options& options,
                                                          std::string_view name) {
  if (name == "launches" && options.synthetic_count) {
    return std::make_unique<SyntheticDocuments>(*options.synthetic_count, options.seed,
                                                options.synthetic_per_day);
  }
  const std::filesystem::path file = file_of(options.snapshot_path, name);
  std::string text(embedded_snapshot(name));
  if (!file.empty()) {
    TRY(text, read_file(file));
  }
  TRY(auto source,
      StoredDocuments::make(std::move(text)).within("snapshot of " + std::string(name)));
  return source;
}

}  // namespace

base::Result<Collections> open_collections(const Options& options) {
  Collections collections;
  for (const std::string_view name : kNames) {
    TRY(auto source, open_source(options, name));
    collections.emplace(name, std::make_unique<Collection>(std::move(source)));
  }
  return collections;
}

}  // namespace ashore::simulator
