// Opens the data folder, on this machine or on S3 as AWS's environment variables say.
#pragma once

#include <memory>
#include <stop_token>
#include <string>

#include "base/result.h"
#include "io/clock.h"
#include "io/fault_points.h"
#include "io/http_transport.h"
#include "io/object_store.h"

namespace ashore::cli {

// A folder of this machine is made if need be, and fails where `faults` says so. Of one on S3
// nothing is asked yet; AWS_ACCESS_KEY_ID, AWS_PROFILE and their like say who asks,
// AWS_ENDPOINT_URL_S3 or AWS_ENDPOINT_URL names a server that is asked by path, whose region is
// us-east-1 unless told. `http` and `clock` must outlive the store. kPermanent: no place on S3; no
// region; an endpoint that is no http(s) url; as DiskStore::open().
base::Result<std::unique_ptr<io::ObjectStore>> open_data_folder(const std::string& data_dir,
                                                                io::HttpTransport& http,
                                                                io::Clock& clock,
                                                                std::stop_token stop = {},
                                                                io::FaultPoints* faults = nullptr);

}  // namespace ashore::cli
