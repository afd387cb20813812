// check_default() says whether a default in the pipeline file fits its column's type.
#pragma once

#include <string>

#include "base/result.h"
#include "base/schema.h"
#include "base/timestamp.h"

namespace ashore::config {

// Pure. By the rules that decide on a source's values: exact, or kPermanent. Numbers are held to
// plain digits, because a default is written by a person.
base::Status check_default(const std::string& json, base::ColumnType type, base::ZoneRule zone);

}  // namespace ashore::config
