// Reads the pipeline file and its questions from wherever the user keeps them.
// Plain file reading: these files are the user's, not the data folder's.
#include "cli/pipeline_file.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>

#include "cli/environment.h"
#include "cli/places.h"
#include "config/reader.h"

namespace ashore::cli {

namespace {

using base::Result;

std::optional<std::string> read_file(const std::filesystem::path& path) {
  std::error_code code;
  if (std::filesystem::is_directory(path, code)) {
    // Opening a folder for reading succeeds on Linux, and only reading fails.
    errno = EISDIR;
    return std::nullopt;
  }
  std::ifstream file(path, std::ios::binary);
  if (!file) return std::nullopt;
  std::ostringstream bytes;
  bytes << file.rdbuf();
  return bytes.str();
}

// What follows the scheme may hold a password.
std::string shown_scheme(const std::string& text) {
  const auto colon = text.find(':');
  return colon == std::string::npos ? text : text.substr(0, colon) + ":...";
}

Result<config::DestinationSpec> parse_destination(const std::string& text) {
  config::DestinationSpec destination;
  if (text.starts_with("duckdb:") && text.find("://") != std::string::npos) {
    return base::permanent("--to duckdb: names a file, this is a url")
        .with_remedy("Give duckdb:PATH, or the url itself: postgresql://user@host:port/database.");
  }
  if (text.starts_with("duckdb:") && text.size() > 7) {
    destination.kind = config::DestinationKind::kDuckDb;
    destination.path = text.substr(7);
    return destination;
  }
  const bool has_url = text.starts_with("postgresql://") || text.starts_with("postgres://");
  if (has_url || text == "postgresql:" || text == "postgres:") {
    destination.kind = config::DestinationKind::kPostgreSql;
    if (has_url) destination.url = base::Secret(text);
    return destination;
  }
  return base::permanent("--to is no destination: '" + shown_scheme(text) + "'")
      .with_remedy("Give duckdb:PATH or postgresql://user@host:port/database.");
}

}  // namespace

Result<config::Reading> read_pipeline_file(const Arguments& arguments,
                                           config::UnsetVariables unset) {
  errno = 0;
  const auto text = read_file(arguments.pipeline);
  if (!text) {
    return base::permanent("cannot read pipeline file: " + arguments.pipeline + ": " +
                           std::strerror(errno == 0 ? ENOENT : errno))
        .with_remedy("Name a pipeline file: 'ashore " + arguments.command + " PIPELINE'.");
  }
  return config::read_pipeline(*text, arguments.pipeline, environment_variable, unset);
}

Result<config::Pipeline> load_pipeline(const Arguments& arguments) {
  TRY(auto reading, read_pipeline_file(arguments, config::UnsetVariables::kComplain));
  if (!reading.pipeline) return config::complaints_error(reading.complaints);
  return std::move(*reading.pipeline);
}

namespace {

// Whether the command opens the pipeline's destinations.
bool uses_destinations(std::string_view command) {
  constexpr std::array<std::string_view, 8> kCommands = {
      "run", "load", "answers", "reconcile", "replay", "rollback", "quarantine", "doctor"};
  return std::ranges::find(kCommands, command) != kCommands.end();
}

// A bucket holds no database: what the line names lies below the working folder, what the pipeline
// file names would lie in the data folder.
base::Status place_duckdb_files(const Arguments& arguments,
                                std::vector<config::DestinationSpec>* destinations) {
  if (!is_on_s3(arguments.data_dir)) return {};
  for (auto& destination : *destinations) {
    auto& path = destination.path;
    if (destination.kind != config::DestinationKind::kDuckDb || path.empty() ||
        path == ":memory:" || path.starts_with('/')) {
      continue;
    }
    if (!arguments.to.empty()) {
      path = absolute_path(path);
    } else if (uses_destinations(arguments.command)) {
      return base::permanent("the destination duckdb:" + path +
                             " lies in the data folder, and none can lie on " +
                             data_location(arguments.data_dir))
          .with_remedy(
              "Say where to load: --to duckdb:FILE (on this machine) or --to "
              "postgresql://...");
    }
  }
  return {};
}

}  // namespace

Result<std::vector<config::DestinationSpec>> destinations_of(const Arguments& arguments,
                                                             const config::Pipeline& pipeline) {
  std::vector<config::DestinationSpec> destinations = pipeline.destinations;
  if (!arguments.to.empty()) destinations.clear();
  for (const auto& text : arguments.to) {
    TRY(auto destination, parse_destination(text));
    destinations.push_back(std::move(destination));
  }
  TRY(place_duckdb_files(arguments, &destinations));
  for (auto& destination : destinations) {
    if (destination.kind != config::DestinationKind::kPostgreSql || !destination.url.empty()) {
      continue;
    }
    if (const auto url = environment_variable("DATABASE_URL")) {
      destination.url = base::Secret(*url);
    }
  }
  return destinations;
}

Result<std::vector<inspect::Question>> load_questions(const config::Pipeline& pipeline) {
  const auto folder = std::filesystem::path(pipeline.path).parent_path();
  std::vector<inspect::Question> questions;
  for (const auto& name : pipeline.questions) {
    std::optional<std::string> sql;
    // The shipped layout has questions/ beside pipelines/.
    for (const auto& base : {std::filesystem::path("."), folder, folder / ".."}) {
      if (!sql) sql = read_file(base / name);
    }
    if (!sql) {
      return base::permanent("cannot read question: " + name)
          .with_remedy(
              "Paths of questions are tried from the current folder, then from the "
              "pipeline file's.");
    }
    questions.push_back({std::filesystem::path(name).stem().string(), std::move(*sql)});
  }
  return questions;
}

}  // namespace ashore::cli
