// Small Parquet files: whatever the bytes say, what is given is sound and of the types asked for.
#include <arrow/api.h>

#include "columnar/arrow_schema.h"
#include "columnar/small_parquet_reader.h"
#include "target.h"

namespace ashore::fuzz {

void small_parquet(std::string_view bytes) {
  base::Schema schema;
  for (const auto* type : {"string", "json", "boolean", "int32", "int64", "float64",
                           "decimal(20,4)", "date", "timestamp"}) {
    schema.fields.push_back({std::string(type).substr(0, 7), base::parse_type(type).value(), true});
  }
  const auto rows = columnar::read_small_parquet(bytes, schema, {});
  if (rows == nullptr) return;
  must(rows->Validate().ok(), "offsets lead into their texts");
  must(rows->schema()->Equals(*columnar::arrow_schema(schema)), "the columns are those asked for");
  must(rows->num_rows() > 0, "no file of ours is without rows");
}

}  // namespace ashore::fuzz
