// Opens the collections that a stand-in serves: from a file, made up, or from the binary itself.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "base/result.h"
#include "simulator/collection.h"
#include "simulator/options.h"

namespace ashore::simulator {

// By name: launches, cores, rockets, launchpads.
using Collections = std::map<std::string, std::unique_ptr<Collection>, std::less<>>;

// Reads what options name. kPermanent: the path cannot be read, or holds no array of documents.
base::Result<Collections> open_collections(const Options& options);

}  // namespace ashore::simulator
