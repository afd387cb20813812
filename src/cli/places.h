// What the line may name as places: a source's url, a data folder.
#pragma once

#include <string>

#include "base/result.h"

namespace ashore::cli {

// Pure. kPermanent: no source url, or one with a secret in it, which is not shown.
base::Status check_source_url(const std::string& url);
// Pure. kPermanent: a url ("s3://bucket"), which would become a folder called "s3:".
base::Status check_data_dir(const std::string& path);

}  // namespace ashore::cli
