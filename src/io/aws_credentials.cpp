// Asks each provider of AWS keys in turn, and keeps what it got until shortly before it ends.
#include "io/aws_credentials.h"

#include <fstream>
#include <map>
#include <mutex>
#include <nlohmann/json.hpp>
#include <pugixml.hpp>
#include <sstream>
#include <utility>

#include "base/percent_encoding.h"

namespace ashore::io {

namespace {

using base::ErrorKind;
using base::Result;

constexpr std::chrono::minutes kRenewBefore{5};
// Addresses that only a container or an instance can reach: where there is none they never answer.
constexpr std::chrono::milliseconds kLocalTimeout{2'000};
constexpr std::string_view kContainerHost = "http://169.254.170.2";
constexpr std::string_view kInstanceHost = "http://169.254.169.254";

class FixedCredentials final : public AwsCredentials {
 public:
  explicit FixedCredentials(AwsKeys keys) : keys_(std::move(keys)) {}
  Result<AwsKeys> keys(const std::stop_token&) override { return keys_; }
  bool renew(const AwsKeys&) override { return false; }

 private:
  const AwsKeys keys_;
};

Result<std::string> read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  if (!file) return base::permanent("cannot read " + path);
  return std::move(text).str();
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view kSpace = " \t\r\n";
  const auto first = text.find_first_not_of(kSpace);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(kSpace) - first + 1);
}

using Profile = std::map<std::string, std::string, std::less<>>;

// Adds the keys of one section of an INI file. Lines that are indented belong to a key before them
// and say nothing of keys.
void read_profile(const std::string& text, std::string_view section, Profile* profile,
                  bool* is_there) {
  std::istringstream lines(text);
  bool is_inside = false;
  for (std::string line; std::getline(lines, line);) {
    const auto plain = trimmed(line);
    if (plain.empty() || plain.front() == '#' || plain.front() == ';') continue;
    if (plain.front() == '[') {
      is_inside = trimmed(plain.substr(1, plain.find(']') - 1)) == section;
      *is_there = *is_there || is_inside;
      continue;
    }
    const auto equals = plain.find('=');
    const bool is_indented = line.front() == ' ' || line.front() == '\t';
    if (!is_inside || is_indented || equals == std::string_view::npos) continue;
    profile->insert_or_assign(std::string(trimmed(plain.substr(0, equals))),
                              std::string(trimmed(plain.substr(equals + 1))));
  }
}

// The profile of both files; empty where there is none and none was asked for.
Result<Profile> profile_of(const AwsSettings& settings) {
  const auto name = settings.profile.empty() ? std::string("default") : settings.profile;
  Profile profile;
  bool is_there = false;
  // The file of credentials has the last word.
  if (const auto text = read_file(settings.config_file); text.ok()) {
    read_profile(text.value(), name == "default" ? name : "profile " + name, &profile, &is_there);
  }
  if (const auto text = read_file(settings.shared_credentials_file); text.ok()) {
    read_profile(text.value(), name, &profile, &is_there);
  }
  if (is_there || settings.profile.empty()) return profile;
  return base::permanent("AWS_PROFILE: there is no profile '" + name + "' in " +
                         settings.shared_credentials_file + " nor in " + settings.config_file);
}

std::string value_of(const Profile& profile, std::string_view key) {
  const auto found = profile.find(key);
  return found == profile.end() ? std::string() : found->second;
}

// Three texts and the end, as all who give temporary keys name them but for the token.
Result<AwsKeys> keys_of(const std::string& access_key, std::string secret, std::string token,
                        const std::string& expiration) {
  if (access_key.empty() || secret.empty()) {
    return base::permanent("the answer holds no keys");
  }
  AwsKeys keys{.access_key = access_key,
               .secret_key = base::Secret(std::move(secret)),
               .session_token = base::Secret(std::move(token)),
               .expires = {}};
  if (expiration.empty()) return keys;
  const auto expires = base::parse_timestamp(expiration, base::ZoneRule::kRequired);
  if (!expires.ok()) return base::permanent("the answer's Expiration is no time");
  keys.expires = expires.value();
  return keys;
}

// Of a container's endpoint and of an instance's metadata.
Result<AwsKeys> keys_in_json(const std::string& body) {
  const auto json = nlohmann::json::parse(body, nullptr, false);
  if (!json.is_object()) return base::permanent("the answer is no JSON object");
  const auto text = [&](const char* key) {
    const auto found = json.find(key);
    return found != json.end() && found->is_string() ? found->get<std::string>() : std::string();
  };
  return keys_of(text("AccessKeyId"), text("SecretAccessKey"), text("Token"), text("Expiration"));
}

Result<AwsKeys> keys_in_xml(const std::string& body) {
  pugi::xml_document document;
  if (!document.load_buffer(body.data(), body.size())) {
    return base::permanent("the answer is no XML");
  }
  const auto keys = document.child("AssumeRoleWithWebIdentityResponse")
                        .child("AssumeRoleWithWebIdentityResult")
                        .child("Credentials");
  return keys_of(keys.child_value("AccessKeyId"), keys.child_value("SecretAccessKey"),
                 keys.child_value("SessionToken"), keys.child_value("Expiration"));
}

class ChainedCredentials final : public AwsCredentials {
 public:
  ChainedCredentials(AwsSettings settings, HttpTransport& http, Clock& clock)
      : settings_(std::move(settings)), http_(http), clock_(clock) {}

  Result<AwsKeys> keys(const std::stop_token& stop) override {
    const std::lock_guard lock(mutex_);
    const bool is_ending = keys_ && keys_->expires && *keys_->expires - kRenewBefore < clock_.now();
    if (keys_ && !is_ending) return *keys_;
    auto found = find(stop);
    if (found.ok()) {
      keys_ = std::move(found).value();
      return *keys_;
    }
    // Those that end soon are still good.
    const bool is_good = keys_ && keys_->expires && *keys_->expires > clock_.now();
    if (is_good && found.error().kind() == ErrorKind::kTransient) return *keys_;
    return found;
  }

  bool renew(const AwsKeys& refused) override {
    const std::lock_guard lock(mutex_);
    if (!keys_ || keys_->access_key != refused.access_key) return true;
    if (keys_->session_token.empty()) return false;  // keys that do not end
    keys_.reset();
    return true;
  }

 private:
  Result<AwsKeys> find(const std::stop_token& stop) {
    if (!settings_.access_key_id.empty() || !settings_.secret_access_key.empty()) {
      return keys_of_variables();
    }
    if (!settings_.web_identity_token_file.empty()) {
      return keys_of_web_identity(stop).within("the web identity of AWS_WEB_IDENTITY_TOKEN_FILE");
    }
    TRY(const auto profile, profile_of(settings_));
    if (!profile.empty()) {
      TRY(auto of_profile, keys_of_profile(profile));
      if (of_profile) return std::move(*of_profile);
    }
    if (!settings_.container_credentials_relative_uri.empty() ||
        !settings_.container_credentials_full_uri.empty()) {
      return keys_of_container(stop).within("the container's credentials");
    }
    if (!settings_.ec2_metadata_disabled) {
      auto of_instance = keys_of_instance(stop);
      if (of_instance.ok() || of_instance.error().kind() == ErrorKind::kInterrupted) {
        return of_instance;
      }
    }
    return base::permanent(
               "there are no AWS credentials: no variables, no web identity, no "
               "profile, no container and no instance gives any")
        .with_remedy(
            "Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE, or run where a role "
            "is given (docs/cloud.md).");
  }

  [[nodiscard]] Result<AwsKeys> keys_of_variables() const {
    if (settings_.access_key_id.empty()) {
      return base::permanent("AWS_SECRET_ACCESS_KEY is set and AWS_ACCESS_KEY_ID is not");
    }
    if (settings_.secret_access_key.empty()) {
      return base::permanent("AWS_ACCESS_KEY_ID is set and AWS_SECRET_ACCESS_KEY is not");
    }
    return AwsKeys{
        settings_.access_key_id, settings_.secret_access_key, settings_.session_token, {}};
  }

  // Nothing: the profile says nothing of keys.
  [[nodiscard]] Result<std::optional<AwsKeys>> keys_of_profile(const Profile& profile) const {
    const auto access_key = value_of(profile, "aws_access_key_id");
    if (!access_key.empty()) {
      auto keys = keys_of(access_key, value_of(profile, "aws_secret_access_key"),
                          value_of(profile, "aws_session_token"), "");
      if (keys.ok()) return std::optional(std::move(keys).value());
      return base::permanent("the AWS profile has aws_access_key_id and no aws_secret_access_key");
    }
    for (const auto* key : {"role_arn", "sso_session", "sso_start_url", "credential_process"}) {
      if (value_of(profile, key).empty()) continue;
      return base::permanent(std::string("the AWS profile gives its keys by ") + key +
                             ", which ashore does not follow")
          .with_remedy(
              "Let the AWS command line do it: eval \"$(aws configure export-credentials "
              "--format env)\"");
    }
    return std::optional<AwsKeys>();
  }

  Result<std::string> ask(HttpRequest request, const std::stop_token& stop) {
    request.redirects_max = 0;
    request.body_bytes_max = 1 << 20;
    TRY(auto response, http_.send(request, stop));
    if (response.status == 200) return std::move(response.body);
    const auto what = "answered with status " + std::to_string(response.status);
    return response.status >= 500 || response.status == 429 ? base::transient(what)
                                                            : base::permanent(what);
  }

  Result<AwsKeys> keys_of_web_identity(const std::stop_token& stop) {
    TRY(const auto token, read_file(settings_.web_identity_token_file));
    if (settings_.role_arn.empty()) return base::permanent("AWS_ROLE_ARN is not set");
    HttpRequest request;
    request.method = "POST";
    request.url = settings_.endpoint_url_sts;
    if (request.url.empty()) {
      request.url = settings_.region.empty()
                        ? "https://sts.amazonaws.com/"
                        : "https://sts." + settings_.region + ".amazonaws.com/";
    }
    request.headers.emplace_back("Content-Type", "application/x-www-form-urlencoded");
    const auto session =
        settings_.role_session_name.empty() ? std::string("ashore") : settings_.role_session_name;
    request.body = "Action=AssumeRoleWithWebIdentity&Version=2011-06-15&RoleArn=" +
                   base::percent_encoded(settings_.role_arn) +
                   "&RoleSessionName=" + base::percent_encoded(session) +
                   "&WebIdentityToken=" + base::percent_encoded(trimmed(token));
    request.is_body_secret = true;
    TRY(const auto body, ask(std::move(request), stop));
    return keys_in_xml(body);
  }

  Result<AwsKeys> keys_of_container(const std::stop_token& stop) {
    HttpRequest request;
    request.connect_timeout = request.total_timeout = kLocalTimeout;
    const bool is_relative = !settings_.container_credentials_relative_uri.empty();
    request.url = is_relative
                      ? std::string(kContainerHost) + settings_.container_credentials_relative_uri
                      : settings_.container_credentials_full_uri;
    auto token = settings_.container_authorization_token;
    if (!settings_.container_authorization_token_file.empty()) {
      TRY(const auto text, read_file(settings_.container_authorization_token_file));
      token = base::Secret(std::string(trimmed(text)));
    }
    if (!token.empty()) request.secret_headers.emplace_back("Authorization", token);
    TRY(const auto body, ask(std::move(request), stop));
    return keys_in_json(body);
  }

  Result<AwsKeys> keys_of_instance(const std::stop_token& stop) {
    const auto host = settings_.ec2_metadata_service_endpoint.empty()
                          ? std::string(kInstanceHost)
                          : settings_.ec2_metadata_service_endpoint;
    HttpRequest request;
    request.connect_timeout = request.total_timeout = kLocalTimeout;
    request.method = "PUT";
    request.url = host + "/latest/api/token";
    request.headers.emplace_back("x-aws-ec2-metadata-token-ttl-seconds", "21600");
    TRY(auto token, ask(request, stop));
    request.method = "GET";
    request.headers.clear();
    request.secret_headers.emplace_back("x-aws-ec2-metadata-token", base::Secret(std::move(token)));
    request.url = host + "/latest/meta-data/iam/security-credentials/";
    TRY(const auto roles, ask(request, stop));
    const auto role = trimmed(std::string_view(roles).substr(0, roles.find('\n')));
    request.url += base::percent_encoded(role);
    TRY(const auto body, ask(std::move(request), stop));
    return keys_in_json(body);
  }

  const AwsSettings settings_;
  HttpTransport& http_;
  Clock& clock_;
  std::mutex mutex_;
  std::optional<AwsKeys> keys_;  // guarded by mutex_
};

}  // namespace

std::unique_ptr<AwsCredentials> fixed_credentials(AwsKeys keys) {
  return std::make_unique<FixedCredentials>(std::move(keys));
}

Result<std::string> aws_region(const AwsSettings& settings) {
  if (!settings.region.empty()) return settings.region;
  TRY(const auto profile, profile_of(settings));
  return value_of(profile, "region");
}

std::unique_ptr<AwsCredentials> chained_credentials(AwsSettings settings, HttpTransport& http,
                                                    Clock& clock) {
  return std::make_unique<ChainedCredentials>(std::move(settings), http, clock);
}

}  // namespace ashore::io
