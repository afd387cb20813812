// Compares a destination's table with the published one and says what DDL would make them agree.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/schema.h"
#include "load/statements.h"
#include "warehouse/connection.h"

namespace ashore::load {

struct HeldColumn {
  std::string name;
  std::string type;  // as the database names it
  bool is_nullable = true;
  bool is_key = false;  // part of the primary key
};
struct TableShape {
  bool is_table = true;  // false: a view or something else that cannot be loaded
  std::vector<HeldColumn> columns;
};

// The table's name in statements: qualified with database and schema, quoted.
// Errors as Connection::query().
base::Result<std::string> qualifier(warehouse::Connection& connection);
// The names of all tables in our schema, on PostgreSQL of all views, too. Errors as
// Connection::query().
base::Result<std::set<std::string>> table_names(warehouse::Connection& connection);
// The shape of a table or view in our schema, or nothing. Errors as Connection::query().
base::Result<std::optional<TableShape>> read_shape(warehouse::Connection& connection,
                                                   const std::string& table);
// The shape of one of table_names(): on DuckDB in a tenth of the time, for read_shape() goes
// through all of its catalog. `qualifier` is qualifier(). Errors as read_shape(); kTransient: it is
// gone.
base::Result<TableShape> read_table_shape(warehouse::Connection& connection,
                                          const std::string& qualifier, const std::string& table);

// Pure. Columns in the published order; on PostgreSQL the key is the primary key.
std::string create_table(const Target& target);
// Pure. The same without a primary key, and the statement that adds it: for a table that is filled
// in between, which costs less than an index kept up row by row.
std::string create_table_without_key(const Target& target);
std::string add_primary_key(const Target& target);

// The ALTER TABLE statements that make a held table fit.
struct ShapeChanges {
  // Add new nullable columns; of an adopted table on DuckDB also what it lacks.
  std::vector<std::string> first;
  // Of an adopted table, once its rows are right (PostgreSQL).
  std::vector<std::string> last;
};
// Pure. No statement where the shapes agree; column order does not matter. An adopted table may
// lack NOT NULL and a primary key: it gets them. kPermanent: any other difference, all of them
// named, with the ALTER that would fix each; also columns that the published table has not (a load
// could not fill them).
base::Result<ShapeChanges> shape_changes(const Target& target, const TableShape& shape,
                                         bool is_adopted);

// Pure. kPermanent: a name that PostgreSQL would cut (63 bytes).
base::Status check_names(const Target& target, std::string_view table);

}  // namespace ashore::load
