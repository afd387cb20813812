// What the line may name as places: a source's url, a data folder.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace ashore::cli {

// Pure. kPermanent: no source url, or one with a secret in it, which is not shown.
base::Status check_source_url(const std::string& url);

// A bucket and what all keys in it begin with.
struct S3Place {
  std::string bucket;
  std::string prefix;  // without a slash at either end; "" for none
};
// Pure. Whether the data folder is on S3: "s3://…".
bool is_on_s3(std::string_view data_dir);
// Pure. "s3://bucket" or "s3://bucket/prefix". kPermanent: what no bucket is called, or a prefix
// with empty parts, "." or "..".
base::Result<S3Place> s3_place_of(std::string_view data_dir);
// Pure. kPermanent: a url other than of S3 ("gs://bucket"), which would become a folder called
// "gs:"; as s3_place_of().
base::Status check_data_dir(const std::string& path);
// An absolute path, lexically.
std::string absolute_path(const std::string& path);
// Where the data folder is, for messages and links: an absolute path or "s3://bucket/prefix".
std::string data_location(const std::string& data_dir);

}  // namespace ashore::cli
