// The sections of the pipeline file, each read by one function into structs or drafts of structs.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "config/mapping_reader.h"
#include "config/pipeline.h"

namespace ashore::config {

// A part of the extract section that names things of the tables section, with its place.
struct ExtractDraft {
  Extract extract;
  Mark window_column_mark;
  Mark lookup_mark;
};

// A column before its type is known: a parent's column or the time of another decides it.
struct ColumnDraft {
  Column column;                         // `type` is set when `type` below is
  std::optional<base::ColumnType> type;  // as written
  std::optional<std::string> default_json;
  Mark type_mark;
  Mark of_mark;
  Mark default_mark;
  Mark zone_mark;
  Mark from_mark;
  Mark format_mark;
  Mark null_when_mark;
  bool is_readable = true;  // false: complained of, so nothing else is said about it
};

struct CheckDraft {
  Check check;  // its rule's columns are named once all is known to be right
  std::vector<MarkedName> columns;
  std::vector<MarkedName> other_columns;
  Mark other_table_mark;
  std::vector<Mark> value_marks;  // of accepted_json
  Mark min_mark;
  Mark max_mark;
};

struct TableDraft {
  Table table;  // name, parent, each, keep, missing, thresholds, mark
  Mark from_mark;
  Mark key_mark;
  Mark each_mark;
  std::optional<Mark> missing_mark;  // where the table itself says so
  std::vector<ColumnDraft> columns;
  std::vector<MarkedName> key;
  std::vector<MarkedName> drop_when_null;
  std::optional<MarkedName> partition;
  std::optional<MarkedName> latest;  // keep: {latest: COLUMN}
  std::vector<CheckDraft> checks;
};

// What the file says for all tables, before each says its own.
struct TableDefaults {
  Missing missing = Missing::kKeep;
  std::int64_t rejected_rows_max = Table{}.rejected_rows_max;
  double rejected_share_max = Table{}.rejected_share_max;
};

// A request, and the run values that it names. `inherited` gives the fields that are absent.
struct RequestDraft {
  Request request;
  std::vector<MarkedName> run_values;
};
// Takes method, path, headers, query and body from `section`, which has more keys in a lookup.
RequestDraft read_request(MappingReader& section, const RequestDraft* inherited);

ExtractDraft read_extract(ValueReader& values, const Entry& entry);

// Takes missing, rejected_max_rows and rejected_max.
void read_table_defaults(MappingReader& section, TableDefaults& defaults);
std::vector<TableDraft> read_tables(ValueReader& values, const Entry& entry,
                                    const TableDefaults& defaults);
ColumnDraft read_column(ValueReader& values, const Entry& entry);
std::vector<CheckDraft> read_checks(ValueReader& values, const Node& node);
// Complains unless `name` may be a column or table in every destination.
bool check_identifier(ValueReader& values, const std::string& name, Mark mark);

Publish read_publish(ValueReader& values, const Entry& entry);
std::vector<DestinationSpec> read_destinations(ValueReader& values, const Node& node);
std::vector<std::string> read_questions(ValueReader& values, const Node& node);

// Complains where tables and columns do not fit together, and decides the types that one column
// has from another.
void connect_tables(ValueReader& values, std::vector<TableDraft>& drafts);
// Complains where a check asks of a column what its type has not. `type` is the column's, `name`
// the column as the check names it.
void check_column_type(ValueReader& values, const CheckDraft& draft, const MarkedName& name,
                       base::ColumnType type);
// Complains where the window names no time column of a table from items.
void check_window(ValueReader& values, const ExtractDraft& extract,
                  const std::vector<TableDraft>& drafts);
// Complains where a lookup could not ask for the rows of an item table: it asks by items.id.
void check_lookup(ValueReader& values, const ExtractDraft& extract,
                  const std::vector<TableDraft>& drafts);
// The tables that the drafts describe, parents before children. Precondition: they were connected
// without a complaint.
std::vector<Table> finished_tables(std::vector<TableDraft> drafts);

}  // namespace ashore::config
