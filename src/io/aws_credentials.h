// AwsCredentials finds and renews the keys that requests to AWS are signed with.
#pragma once

#include <memory>
#include <optional>
#include <stop_token>
#include <string>

#include "base/result.h"
#include "base/secret.h"
#include "base/timestamp.h"
#include "io/clock.h"
#include "io/http_transport.h"

namespace ashore::io {

struct AwsKeys {
  std::string access_key;
  base::Secret secret_key;
  base::Secret session_token;              // of temporary keys; empty for others
  std::optional<base::Timestamp> expires;  // when temporary keys end, where it is told
};

// Threads: any, at once.
class AwsCredentials {
 public:
  virtual ~AwsCredentials() = default;
  // Keys for the next request. kPermanent: none are to be had, and why; kTransient: who gives them
  // does not answer; kInterrupted. Messages hold no secret.
  virtual base::Result<AwsKeys> keys(const std::stop_token& stop) = 0;
  // A server said that these are over: true where keys() may have others by now.
  virtual bool renew(const AwsKeys& refused) = 0;
};

// The same keys for good.
std::unique_ptr<AwsCredentials> fixed_credentials(AwsKeys keys);

// What AWS's variables say, named as they are; "" where unset. Paths are of this machine.
struct AwsSettings {
  std::string access_key_id;
  base::Secret secret_access_key;
  base::Secret session_token;
  std::string region;                   // AWS_REGION, AWS_DEFAULT_REGION
  std::string profile;                  // AWS_PROFILE; "" is "default", which need not be there
  std::string shared_credentials_file;  // ~/.aws/credentials
  std::string config_file;              // ~/.aws/config
  std::string role_arn;
  std::string role_session_name;
  std::string web_identity_token_file;
  std::string endpoint_url_sts;
  std::string container_credentials_relative_uri;
  std::string container_credentials_full_uri;
  base::Secret container_authorization_token;
  std::string container_authorization_token_file;
  std::string ec2_metadata_service_endpoint;  // "" is http://169.254.169.254
  bool ec2_metadata_disabled = false;
};

// The region: as set, else the profile's; "" where neither says one. kPermanent: a file that is
// named cannot be read.
base::Result<std::string> aws_region(const AwsSettings& settings);

// Asks in the order of AWS's own clients, and takes the first that is set up: the variables, a web
// identity (AssumeRoleWithWebIdentity of STS), the profile's keys, the container's endpoint, the
// instance's metadata (IMDSv2). Keys that end within five minutes are got anew. A profile that only
// points elsewhere (a role, single sign-on, a process) is kPermanent, with what to do. Format of
// the answers: AWS SDKs and Tools Reference Guide, "Standardized credential providers". `http` and
// `clock` must outlive it.
std::unique_ptr<AwsCredentials> chained_credentials(AwsSettings settings, HttpTransport& http,
                                                    Clock& clock);

}  // namespace ashore::io
