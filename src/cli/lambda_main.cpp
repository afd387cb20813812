// The Lambda function: lands shards, as the runtime asks for them. Links no Arrow.
//
// ASHORE_PIPELINE names the pipeline file, ASHORE_DATA_DIR the data folder (s3://BUCKET/PREFIX); a
// call outside Lambda says so.
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <utility>

#include "cli/data_folder.h"
#include "cli/environment.h"
#include "cli/places.h"
#include "cli/terminal.h"
#include "cloud/lambda.h"
#include "cloud/lambda_shard.h"
#include "config/reader.h"
#include "io/curl_transport.h"
#include "io/system_clock.h"
#include "io/system_random.h"

namespace ashore::cli {

namespace {

using base::Result;
using base::Status;

std::string variable_or(std::string_view name, std::string other) {
  return environment_variable(name).value_or(std::move(other));
}

// Where the authorities lie differs between the image's Debian and the service's Amazon Linux.
std::string authorities() {
  if (auto file = environment_variable("SSL_CERT_FILE")) return *file;
  constexpr std::array<const char*, 2> kFiles = {"/etc/ssl/certs/ca-certificates.crt",
                                                 "/etc/pki/tls/certs/ca-bundle.crt"};
  std::error_code code;
  const auto* const found = std::ranges::find_if(
      kFiles, [&](const char* file) { return std::filesystem::exists(file, code); });
  return found == kFiles.end() ? "" : *found;
}

Result<config::Pipeline> read_pipeline() {
  const auto path = std::filesystem::path(variable_or("LAMBDA_TASK_ROOT", ".")) /
                    variable_or("ASHORE_PIPELINE", ASHORE_DEFAULT_PIPELINE);
  std::ifstream file(path, std::ios::binary);
  const std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  if (!file.is_open() || file.bad()) {
    return base::permanent("cannot read the pipeline file " + path.string())
        .with_remedy("Set ASHORE_PIPELINE to its path in the function's folder.");
  }
  auto reading = config::read_pipeline(text, path.string(), environment_variable,
                                       config::UnsetVariables::kComplain);
  if (!reading.pipeline) return config::complaints_error(reading.complaints);
  return std::move(*reading.pipeline);
}

// Half of the function's memory for buffers, 256 MB where it is not told.
std::int64_t memory_bytes() {
  const auto text = variable_or("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "512");
  std::int64_t megabytes = 512;
  (void)std::from_chars(text.data(), text.data() + text.size(), megabytes);
  return std::max<std::int64_t>(megabytes, 32) * 500'000;
}

// The outside world of one function, from its first invocation to its last.
class Function {
 public:
  Function() = default;

  Status run(const std::string& api) {
    cloud::LambdaRuntime runtime(api, http_, clock_);
    auto opened = open();
    if (!opened.ok()) {
      terminal_.emit(base::Failed{opened.error().message(), 2});
      TRY(runtime.refuse(opened.error()));
      return opened;
    }
    return runtime.serve([this](const cloud::Invocation& invocation,
                                std::stop_token stop) { return land(invocation, std::move(stop)); },
                         {});
  }

 private:
  Status open() {
    TRY(pipeline_, read_pipeline());
    const auto data_dir = variable_or("ASHORE_DATA_DIR", "");
    if (data_dir.empty()) {
      return base::permanent("ASHORE_DATA_DIR is not set")
          .with_remedy("Set it to s3://BUCKET/PREFIX.");
    }
    TRY(check_data_dir(data_dir));
    TRY(store_, open_data_folder(data_dir, http_, clock_));
    return {};
  }

  Result<std::string> land(const cloud::Invocation& invocation, std::stop_token stop) {
    io::Env env{http_, *store_, clock_, random_};
    const state::RunContext context{.env = env,
                                    .events = terminal_,
                                    .stop = std::move(stop),
                                    .threads = 1,
                                    .memory_bytes = memory_bytes(),
                                    .version = ASHORE_VERSION};
    auto answer = cloud::answer_event(pipeline_, invocation.event, context);
    if (!answer.ok()) {
      const auto& error = answer.error();
      terminal_.emit(base::Failed{error.message(), base::exit_code_of(error.kind())});
    }
    return answer;
  }

  io::CurlTransport http_{io::CurlOptions{.user_agent = "ashore-lambda/" ASHORE_VERSION,
                                          .authorities_file = authorities()}};
  io::SystemClock clock_;
  io::SystemRandom random_;
  Terminal terminal_{TerminalOptions{.format = LogFormat::kJson,
                                     .level = level_of(variable_or("ASHORE_LOG_LEVEL", "info")),
                                     .progress = Progress::kNone},
                     stderr, clock_};
  config::Pipeline pipeline_;
  std::unique_ptr<io::ObjectStore> store_;
};

int run_function() {
  const auto api = environment_variable("AWS_LAMBDA_RUNTIME_API");
  if (!api) {
    (void)std::fputs(
        "ashore-lambda is started by AWS Lambda or its emulator (docs/cloud.md); 'ashore extract "
        "--shard' lands a shard from a terminal.\n",
        stderr);
    return 2;
  }
  Function function;
  const auto status = function.run(*api);
  return status.ok() ? 0 : base::exit_code_of(status.error().kind());
}

}  // namespace

}  // namespace ashore::cli

int main() {
  try {
    return ashore::cli::run_function();
  } catch (const std::exception& exception) {
    (void)std::fprintf(stderr, "ashore-lambda: a bug in ashore: %s\n", exception.what());
  } catch (...) {
    (void)std::fputs("ashore-lambda: a bug in ashore\n", stderr);
  }
  return 70;
}
