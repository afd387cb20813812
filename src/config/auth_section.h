// Reads the credentials that extract adds to requests.
#pragma once

#include "config/mapping_reader.h"

namespace ashore::config {

// The secret itself must come from the environment: the file is copied into every run's folder.
Auth read_auth(ValueReader& values, const Entry& entry);

}  // namespace ashore::config
