// Copies the cells of small answers into strings.
#include "load/small_answer.h"

#include <arrow/api.h>

namespace ashore::load {

base::Result<std::vector<TextRow>> query_texts(warehouse::Connection& connection,
                                               std::string_view sql) {
  TRY(const auto table, connection.query(sql));
  std::vector<TextRow> rows(static_cast<std::size_t>(table->num_rows()));
  for (const auto& column : table->columns()) {
    std::size_t row = 0;
    for (const auto& chunk : column->chunks()) {
      if (chunk->type_id() != arrow::Type::STRING) {
        return base::bug("a catalog query answers a column of type " + chunk->type()->ToString());
      }
      const auto& texts = static_cast<const arrow::StringArray&>(*chunk);
      for (std::int64_t index = 0; index < texts.length(); ++index, ++row) {
        rows[row].push_back(texts.IsNull(index) ? std::string() : texts.GetString(index));
      }
    }
  }
  return rows;
}

base::Result<std::int64_t> query_number(warehouse::Connection& connection, std::string_view sql) {
  TRY(const auto table, connection.query(sql));
  if (table->num_rows() != 1 || table->num_columns() != 1 ||
      table->column(0)->type()->id() != arrow::Type::INT64) {
    return base::bug("a counting query answers something else than one number");
  }
  return static_cast<const arrow::Int64Array&>(*table->column(0)->chunk(0)).Value(0);
}

}  // namespace ashore::load
