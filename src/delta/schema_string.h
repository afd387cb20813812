// A schema as Spark's struct JSON, both ways: what metaData.schemaString holds.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "base/schema.h"

namespace ashore::delta {

// Pure. {"type":"struct","fields":[{"name","type","nullable","metadata"}]}. A json column is a
// string whose metadata says {"ashore.type":"json"}, so that the schema comes back as it was.
std::string schema_string(const base::Schema& schema);
// Pure. kPermanent: not such JSON; a type that ashore does not have or a column invariant, with the
// column named.
base::Result<base::Schema> parse_schema_string(std::string_view text);

}  // namespace ashore::delta
