// Small tables for tests, written as JSON rows and read by Arrow itself.
#pragma once

#include <arrow/api.h>
#include <arrow/json/from_string.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/schema.h"
#include "columnar/arrow_schema.h"

namespace ashore::columnar {

// One array a column, each written as Arrow's JSON: `["a", null]`. Dates and times are numbers.
inline std::shared_ptr<arrow::Table> table_of(const base::Schema& schema,
                                              const std::vector<std::string>& columns) {
  arrow::ArrayVector arrays;
  for (std::size_t index = 0; index < columns.size(); ++index) {
    auto array =
        arrow::json::ArrayFromJSONString(arrow_type(schema.fields[index].type), columns[index]);
    EXPECT_TRUE(array.ok()) << array.status().ToString();
    arrays.push_back(*array);
  }
  return arrow::Table::Make(arrow_schema(schema), arrays);
}

inline base::Field field_of(std::string name, const std::string& type, bool is_nullable = true) {
  return {std::move(name), base::parse_type(type).value(), is_nullable};
}

}  // namespace ashore::columnar
