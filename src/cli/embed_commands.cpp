// Reads stdin, calls embed, writes what it gives to stdout; knows nothing of the data folder but
// its path.
#include "cli/embed_commands.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <string>
#include <string_view>
#include <thread>

#include "cli/data_folder.h"
#include "cli/environment.h"
#include "cli/places.h"
#include "cli/runtime.h"
#include "cli/signals.h"
#include "config/reader.h"
#include "embed/page_frames.h"
#include "embed/pages.h"
#include "embed/published_table.h"
#include "io/disk_store.h"
#include "io/memory_store.h"

namespace ashore::cli {

namespace {

using base::Result;
using base::Status;

Result<std::string> read_stdin() {
  std::string bytes;
  std::array<char, 1 << 16> some{};
  while (true) {
    const auto count = std::fread(some.data(), 1, some.size(), stdin);
    bytes.append(some.data(), count);
    if (count < some.size()) break;
  }
  if (std::ferror(stdin) != 0) {
    return base::transient(std::string("cannot read standard input: ") + std::strerror(errno));
  }
  return bytes;
}

Status write_stdout(std::string_view bytes) {
  if (std::fwrite(bytes.data(), 1, bytes.size(), stdout) == bytes.size()) return {};
  return base::transient(std::string("cannot write standard output: ") + std::strerror(errno));
}

Result<config::Pipeline> pipeline_of(std::string_view text, const std::string& name) {
  // Pages are there: only a run needs the variables that are not set.
  auto reading =
      config::read_pipeline(text, name, environment_variable, config::UnsetVariables::kWarn);
  if (!reading.pipeline) return config::complaints_error(reading.complaints);
  return *std::move(reading.pipeline);
}

// What embed is given: threads and memory, and no outside but `store`.
class EmbedRuntime {
 public:
  explicit EmbedRuntime(io::ObjectStore& store)
      : http_(http_options()), env_{http_, store, clock_, random_} {}

  state::RunContext context(const Arguments& arguments, const Signals& signals) {
    const int cores = static_cast<int>(std::thread::hardware_concurrency());
    return {.env = env_,
            .events = events_,
            .stop = signals.token(),
            .threads = arguments.threads > 0 ? arguments.threads : std::max(1, cores),
            .memory_bytes = arguments.memory_bytes,
            .version = ASHORE_VERSION};
  }

 private:
  io::CurlTransport http_;
  io::SystemClock clock_;
  io::SystemRandom random_;
  io::Env env_;
  base::NullEventSink events_;
};

Status transform(const Arguments& arguments, const Signals& signals) {
  TRY(const auto bytes, read_stdin());
  TRY(auto frames, embed::read_frames(bytes));
  if (frames.empty()) {
    return base::permanent("standard input is empty")
        .with_remedy("The text of the pipeline file comes first, then the pages");
  }
  TRY(const auto pipeline, pipeline_of(frames.front(), arguments.pipeline));
  frames.erase(frames.begin());
  io::MemoryStore store;
  EmbedRuntime runtime(store);
  return embed::write_transformed(pipeline, frames, runtime.context(arguments, signals),
                                  write_stdout);
}

Status table(const Arguments& arguments, const Signals& signals) {
  const auto folder = data_location(arguments.data_dir);
  std::error_code code;
  // Opening would make the folder.
  if (!is_on_s3(folder) && !std::filesystem::is_directory(folder, code)) {
    return base::not_found("there is no data folder " + folder)
        .with_remedy("Name the one that 'ashore run' wrote to with --data-dir.");
  }
  io::CurlTransport http(http_options());
  io::SystemClock clock;
  TRY(const auto store, open_data_folder(folder, http, clock, signals.token()));
  EmbedRuntime runtime(*store);
  const auto& options = arguments.embed;
  return embed::write_table({options.table, options.columns, options.version},
                            runtime.context(arguments, signals), write_stdout);
}

}  // namespace

Result<int> run_embed(const Arguments& arguments) {
  if (isatty(STDOUT_FILENO) == 1) {
    return base::permanent("'embed' writes bytes for programs, and stdout is a terminal")
        .with_remedy("Give it a pipe or a file; 'ashore answers' prints rows for people.");
  }
  const Signals signals;
  TRY(arguments.embed.action == "table" ? table(arguments, signals)
                                        : transform(arguments, signals));
  if (std::fflush(stdout) != 0) {
    return base::transient(std::string("cannot write standard output: ") + std::strerror(errno));
  }
  return 0;
}

}  // namespace ashore::cli
