// Column types as Arrow types, both ways.
#pragma once

#include <memory>

#include <arrow/type_fwd.h>

#include "base/result.h"
#include "base/schema.h"

namespace ashore::columnar {

// Pure. string/json: utf8; boolean: bool; int32, int64, float64 (double);
// decimal: decimal128; date: date32; timestamp: timestamp[us, UTC].
std::shared_ptr<arrow::DataType> arrow_type(base::ColumnType type);
std::shared_ptr<arrow::Schema> arrow_schema(const base::Schema& schema);

// Pure. An Arrow failure as an Error: out of memory and I/O are kTransient,
// else kBug.
base::Error arrow_error(const arrow::Status& status, std::string_view step);

}  // namespace ashore::columnar
