// Sends events by HTTP or appends them to a file; waits for no receiver longer than seconds.
#include "cli/lineage_receiver.h"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <stop_token>
#include <utility>

#include "cli/environment.h"
#include "cli/places.h"
#include "io/http_transport.h"
#include "io/url.h"

namespace ashore::cli {

namespace {

using base::Result;
using base::Status;

constexpr std::string_view kFile = "file:";

// "file:///var/log/lineage.jsonl" and "file:lineage.jsonl".
std::string path_of(std::string_view url) {
  url.remove_prefix(kFile.size());
  if (url.starts_with("//")) url.remove_prefix(2);
  return std::string(url);
}

Status append_line(const std::string& path, const std::string& event) {
  errno = 0;
  std::ofstream file(path, std::ios::app | std::ios::binary);
  // One write per line, so that lines of several processes do not mix.
  file << event + "\n" << std::flush;
  if (file) return {};
  return base::transient("cannot append to " + path + ": " + std::strerror(errno) + ".");
}

struct Receiver {
  std::string url;
  std::optional<base::Secret> token;
};

Status post(const Receiver& receiver, io::HttpTransport& http, const std::string& event) {
  io::HttpRequest request;
  request.method = "POST";
  request.url = receiver.url;
  request.headers = {{"Content-Type", "application/json"}};
  if (receiver.token) request.secret_headers.emplace_back("Authorization", *receiver.token);
  request.body = event;
  request.connect_timeout = std::chrono::seconds(2);
  request.total_timeout = std::chrono::seconds(5);
  request.body_bytes_max = 1 << 20;
  // Not the run's stop: how it was interrupted is told, too.
  TRY(const auto response, http.send(request, std::stop_token()));
  if (response.status >= 200 && response.status < 300) return {};
  return base::transient(receiver.url + " answered " + std::to_string(response.status) + ".");
}

Result<Receiver> receiver_of(const std::string& base) {
  const auto parsed = io::Url::parse(base);
  if (!parsed.ok()) return base::permanent("OPENLINEAGE_URL " + parsed.error().message());
  if (parsed.value().has_credentials()) {
    return base::permanent("OPENLINEAGE_URL holds a user or password")
        .with_remedy("Give a token as OPENLINEAGE_API_KEY.");
  }
  Receiver receiver;
  receiver.url = parsed.value().without_query();
  if (!receiver.url.ends_with('/')) receiver.url += '/';
  receiver.url += environment_variable("OPENLINEAGE_ENDPOINT").value_or("api/v1/lineage");
  if (const auto key = environment_variable("OPENLINEAGE_API_KEY")) {
    receiver.token = base::Secret("Bearer " + *key);
  }
  return receiver;
}

Result<std::string> parent_of(const char* variable) {
  auto parent = environment_variable(variable).value_or("");
  if (parent.empty()) return parent;
  const auto fault = report::lineage_parent_fault(parent);
  if (fault.empty()) return parent;
  return base::permanent(std::string(variable) + " " + fault)
      .with_remedy("It names the run that this one is a part of: NAMESPACE/NAME/RUN_ID.");
}

Result<report::Lineage::Send> send_to(const std::string& url, io::HttpTransport& http) {
  if (url.starts_with(kFile)) {
    const auto path = path_of(url);
    if (path.empty()) return base::permanent("OPENLINEAGE_URL names no file");
    return report::Lineage::Send(
        [path](const std::string& event) { return append_line(path, event); });
  }
  TRY(auto receiver, receiver_of(url));
  return report::Lineage::Send([receiver = std::move(receiver), &http](const std::string& event) {
    return post(receiver, http, event);
  });
}

}  // namespace

Result<std::unique_ptr<report::Lineage>> open_lineage(const Arguments& arguments,
                                                      const config::Pipeline& pipeline,
                                                      Runtime& runtime) {
  const auto url = environment_variable("OPENLINEAGE_URL").value_or("");
  if (url.empty() || environment_variable("OPENLINEAGE_DISABLED") == "true") return nullptr;
  auto& env = runtime.env();
  TRY(auto send, send_to(url, env.http));
  report::LineageJob job{
      .pipeline = pipeline,
      .command = arguments.command,
      .job_namespace = environment_variable("OPENLINEAGE_NAMESPACE").value_or("default"),
      .source_url = arguments.source_url.value_or(pipeline.source_url),
      .data_folder = data_location(arguments.data_dir),
      .version = ASHORE_VERSION};
  TRY(job.parent, parent_of("OPENLINEAGE_PARENT_ID"));
  TRY(job.root_parent, parent_of("OPENLINEAGE_ROOT_PARENT_ID"));
  return std::make_unique<report::Lineage>(std::move(job), std::move(send), runtime.terminal(),
                                           env.clock, env.random);
}

}  // namespace ashore::cli
