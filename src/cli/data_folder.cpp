// Reads AWS's variables under their own names, and opens the store.
#include "cli/data_folder.h"

#include <filesystem>
#include <utility>

#include "cli/environment.h"
#include "cli/places.h"
#include "io/aws_credentials.h"
#include "io/disk_store.h"
#include "io/s3_store.h"
#include "io/url.h"

namespace ashore::cli {

namespace {

using base::Result;

std::string variable(std::string_view name) {
  return environment_variable(name).value_or(std::string());
}

std::string first_of(std::string_view name, std::string_view other) {
  auto value = variable(name);
  return value.empty() ? variable(other) : value;
}

// AWS_WEB_IDENTITY_TOKEN_FILE and its like are names of their own, not NAME_FILE of another.
std::string file_or_default(std::string_view name, const std::string& below_home) {
  auto path = variable(name);
  return path.empty() ? variable("HOME") + below_home : path;
}

Result<std::string> endpoint() {
  auto url = first_of("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL");
  if (url.empty()) return url;
  TRY(const auto parsed, io::Url::parse(url).within("AWS_ENDPOINT_URL_S3"));
  if (parsed.has_credentials()) {
    return base::permanent("AWS_ENDPOINT_URL_S3 names a user or password");
  }
  while (url.ends_with('/')) url.pop_back();
  return url;
}

io::AwsSettings aws_settings() {
  return {
      .access_key_id = variable("AWS_ACCESS_KEY_ID"),
      .secret_access_key = base::Secret(variable("AWS_SECRET_ACCESS_KEY")),
      .session_token = base::Secret(variable("AWS_SESSION_TOKEN")),
      .region = first_of("AWS_REGION", "AWS_DEFAULT_REGION"),
      .profile = first_of("AWS_PROFILE", "AWS_DEFAULT_PROFILE"),
      .shared_credentials_file =
          file_or_default("AWS_SHARED_CREDENTIALS_FILE", "/.aws/credentials"),
      .config_file = file_or_default("AWS_CONFIG_FILE", "/.aws/config"),
      .role_arn = variable("AWS_ROLE_ARN"),
      .role_session_name = variable("AWS_ROLE_SESSION_NAME"),
      .web_identity_token_file = variable("AWS_WEB_IDENTITY_TOKEN_FILE"),
      .endpoint_url_sts = first_of("AWS_ENDPOINT_URL_STS", "AWS_ENDPOINT_URL"),
      .container_credentials_relative_uri = variable("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"),
      .container_credentials_full_uri = variable("AWS_CONTAINER_CREDENTIALS_FULL_URI"),
      .container_authorization_token = base::Secret(variable("AWS_CONTAINER_AUTHORIZATION_TOKEN")),
      .container_authorization_token_file = variable("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"),
      .ec2_metadata_service_endpoint = variable("AWS_EC2_METADATA_SERVICE_ENDPOINT"),
      .ec2_metadata_disabled = variable("AWS_EC2_METADATA_DISABLED") == "true",
  };
}

Result<std::unique_ptr<io::ObjectStore>> open_s3(const std::string& data_dir,
                                                 io::HttpTransport& http, io::Clock& clock,
                                                 std::stop_token stop) {
  TRY(auto place, s3_place_of(data_dir));
  io::S3Options options{.bucket = std::move(place.bucket), .prefix = std::move(place.prefix)};
  TRY(options.endpoint, endpoint());
  auto settings = aws_settings();
  TRY(settings.region, io::aws_region(settings));
  if (settings.region.empty() && !options.endpoint.empty()) settings.region = "us-east-1";
  if (settings.region.empty()) {
    return base::permanent("--data-dir " + data_dir + ": which region the bucket is in is not told")
        .with_remedy("Set AWS_REGION, or the region of the profile.");
  }
  options.region = settings.region;
  options.credentials = io::chained_credentials(std::move(settings), http, clock);
  options.spill_folder = std::filesystem::temp_directory_path().string();
  return std::make_unique<io::S3Store>(std::move(options), http, clock, std::move(stop));
}

}  // namespace

Result<std::unique_ptr<io::ObjectStore>> open_data_folder(const std::string& data_dir,
                                                          io::HttpTransport& http, io::Clock& clock,
                                                          std::stop_token stop,
                                                          io::FaultPoints* faults) {
  if (is_on_s3(data_dir)) return open_s3(data_dir, http, clock, std::move(stop));
  TRY(auto store, io::DiskStore::open(data_location(data_dir), faults));
  return std::unique_ptr<io::ObjectStore>(std::move(store));
}

}  // namespace ashore::cli
