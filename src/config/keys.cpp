// The keys of a file and its tables, one entry each; what the readers do with a value stands in the
// sections' own files.
#include "config/keys.h"

#include <algorithm>
#include <array>
#include <cassert>

#include "config/key_sections.h"

namespace ashore::config {

namespace {

constexpr std::array<std::string_view, 2> kKeeps = {"last", "first"};
constexpr std::array<std::string_view, 2> kMissing = {"keep", "delete"};
constexpr std::array<std::string_view, 2> kDrifts = {"report", "block"};
constexpr std::array<std::string_view, 3> kUnits = {"day", "month", "year"};
constexpr std::array<std::string_view, 5> kWritten = {"text", "number", "unix_seconds",
                                                      "unix_millis", "unix_micros"};
constexpr std::array<std::string_view, 2> kSeverities = {"fail", "warn"};
constexpr std::array<std::string_view, 1> kNone = {"none"};
// A count that fits a double exactly, since JSON Schema's numbers are doubles to most readers.
constexpr std::int64_t kRowsMax = 1'000'000'000'000'000;

constexpr std::string_view kRejectedRowsMeaning =
    "a run is blocked when more rows of the table are rejected than both this and `rejected_max` "
    "allow";
constexpr std::string_view kRejectedShareMeaning =
    "the same as a share of the table's rows: `0.001`, `0.1%`";
constexpr std::string_view kMissingMeaning =
    "rows published in the window that a complete landing no longer has: `keep` (reported) or "
    "`delete`; child rows go with their parents. With a `lookup` the source decides";

std::vector<Key> thresholds(std::string_view rows, std::string_view share,
                            std::string_view missing) {
  return {{.name = "rejected_max_rows",
           .shape = Shape::kInteger,
           .meaning = kRejectedRowsMeaning,
           .default_text = rows,
           .max = kRowsMax},
          {.name = "rejected_max",
           .shape = Shape::kShare,
           .meaning = kRejectedShareMeaning,
           .default_text = share},
          {.name = "missing",
           .shape = Shape::kChoice,
           .meaning = kMissingMeaning,
           .default_text = missing,
           .choices = kMissing,
           .earlier = "vanished"}};
}

Section file_section() {
  Section file{
      "file",
      "the file",
      {{.name = "version",
        .shape = Shape::kInteger,
        .meaning = "1",
        .default_text = "required",
        .min = 1,
        .max = 1},
       {.name = "name",
        .meaning = "of the pipeline; letters, digits, `-`, `_`, at most 63",
        .default_text = "required"},
       {.name = "source",
        .shape = Shape::kSection,
        .meaning = "where the items come from",
        .default_text = "required",
        .of = "source"},
       {.name = "extract",
        .shape = Shape::kSection,
        .meaning = "how the source is asked",
        .default_text = "required",
        .of = "extract"},
       {.name = "tables",
        .shape = Shape::kSectionsByName,
        .meaning = "what is made of the answers; at least one `from: items`",
        .default_text = "required",
        .of = "table"},
       {.name = "publish",
        .shape = Shape::kSection,
        .meaning = "how tables are published",
        .of = "publish"},
       {.name = "destinations",
        .shape = Shape::kSections,
        .meaning = "where they are loaded; `--to` replaces the list. None: tables are published, "
                   "nothing is loaded",
        .of = "destination"},
       {.name = "questions",
        .shape = Shape::kTexts,
        .meaning = "`.sql` files for `ashore answers`; an answer's name is the file's"}}};
  auto keys = thresholds("`0`", "`0.1%`", "`keep`");
  return with_keys(std::move(file), std::move(keys));
}

Section source_section() {
  return {"source",
          "'source'",
          {{.name = "url",
            .meaning = "http, https, or `embedded:` (the stand-in API); scheme, host and a path",
            .default_text = "required"},
           {.name = "name",
            .meaning = "the folder of its pages, `raw/<name>/`",
            .default_text = "the pipeline's"}}};
}

Section table_section() {
  Section table{
      "table",
      "a table",
      {{.name = "from", .meaning = "`items`, or the parent table", .default_text = "required"},
       {.name = "each",
        .shape = Shape::kPointer,
        .meaning = "child tables: the array, or a list of arrays in arrays, outermost first",
        .default_text = "required there",
        .or_shape = Shape::kTexts},
       {.name = "key",
        .shape = Shape::kColumns,
        .meaning = "the columns that tell rows apart; a child's contains its parent's, as "
                   "`{parent: ...}` columns",
        .default_text = "required"},
       {.name = "columns",
        .shape = Shape::kSectionsByName,
        .meaning = "in the table's order",
        .default_text = "required",
        .of = "column"},
       {.name = "keep",
        .shape = Shape::kChoice,
        .meaning = "which of two rows with one key wins: `last` or `first` by their order, or "
                   "`{latest: updated_at}`: the one with the larger value of that column "
                   "(timestamp, date, integer or decimal; null is smallest, of equal ones the "
                   "landing's), within a window and against the published row. A row that loses "
                   "is counted as `unchanged` and `older`, and the published row keeps its "
                   "children. Values more than a day ahead of the landing are warned of: they "
                   "freeze their rows",
        .default_text = "`last`",
        .choices = kKeeps,
        .or_shape = Shape::kSection,
        .or_of = "keep"},
       {.name = "drop_when_null",
        .shape = Shape::kColumns,
        .meaning = "rows with a null here are skipped by design and counted"},
       {.name = "partition",
        .shape = Shape::kSection,
        .meaning = "`{by: column}` or `none`",
        .default_text = "`none`",
        .choices = kNone,
        .of = "partition",
        .or_shape = Shape::kChoice},
       {.name = "checks",
        .shape = Shape::kSections,
        .meaning = "a list; see [checks](#checks)",
        .of = "check"},
       {.name = "drift",
        .shape = Shape::kChoice,
        .meaning = "what a change of the source's shape does: `report`, or `block` (exit 3): "
                   "values that came in another type, a named path that no item has any more, a "
                   "path that no column names and that the last published landing had not",
        .default_text = "`report`",
        .choices = kDrifts}}};
  return with_keys(std::move(table), thresholds("the file's", "the file's", "the file's"));
}

Section keep_section() {
  return {"keep",
          "'keep'",
          {{.name = "latest",
            .shape = Shape::kColumn,
            .meaning = "the column that tells which row is newer",
            .default_text = "required"}}};
}

Section partition_section() {
  return {"partition",
          "'partition'",
          {{.name = "by",
            .shape = Shape::kColumn,
            .meaning =
                "a column of type string, int32, int64, boolean or date, by which readers filter. "
                "Each value is a folder: with fewer than some thousand rows each, readers spend "
                "their time opening files, and a coarser `unit` of the date is better",
            .default_text = "required"}}};
}

Section column_section() {
  return {
      "column",
      "a column",
      {{.name = "path",
        .shape = Shape::kPointer,
        .meaning = "a JSON Pointer in the item or element; `type` is required"},
       {.name = "parent",
        .shape = Shape::kColumn,
        .meaning = "a column of the parent table; the type is the parent's"},
       {.name = "date_of",
        .shape = Shape::kColumn,
        .meaning = "the UTC day of a timestamp or date column of this table; the type is `date`"},
       {.name = "position",
        .shape = Shape::kBoolean,
        .meaning = "`true`: the element's place in its array, from 0; the type is `int32`"},
       {.name = "type",
        .meaning = "`string`, `boolean`, `int32`, `int64`, `float64`, `decimal(p,s)` (p up to "
                   "38), `date`, `timestamp`, `json`; where the source decides it, it may be left "
                   "out, and must agree if it is there",
        .default_text = "required with `path`"},
       {.name = "unit",
        .shape = Shape::kChoice,
        .meaning = "with `date_of`: `month` or `year` gives the first day of it",
        .default_text = "`day`",
        .choices = kUnits},
       {.name = "required",
        .shape = Shape::kBoolean,
        .meaning = "`true`: null or absent rejects the row; key columns always are",
        .default_text = "`false`"},
       {.name = "default",
        .shape = Shape::kJson,
        .meaning = "taken where a path is absent or null; must fit the type"},
       {.name = "from",
        .shape = Shape::kChoice,
        .meaning = "how the source writes the values, where it is not the type's own way: `text` "
                   "(decimal, int32, int64, float64: also a JSON string that is exactly a JSON "
                   "number, `\"12.50\"`), `number` (boolean: also 0 and 1), `unix_seconds`, "
                   "`unix_millis`, `unix_micros` (timestamp: a number, exact to the microsecond)",
        .default_text = "the type's",
        .choices = kWritten},
       {.name = "format",
        .meaning = "how the source writes a timestamp or date: letters as `strptime` has them, "
                   "always in English: `%Y %y %m %b %B %d %e %j %H %I %p %M %S %f` (fraction of a "
                   "second) `%z %a %A %F %T %R %%`; white space stands for any white space",
        .default_text = "RFC 3339, `YYYY-MM-DD`"},
       {.name = "zone",
        .meaning = "for timestamps that come without a zone, which are rejected otherwise: `UTC`, "
                   "or an IANA name (`Europe/Berlin`); a local time that the zone's clocks skip "
                   "or show twice is rejected. Where a text has a zone, that one counts. Which "
                   "instant a local time is depends on the time zone data: its version is in the "
                   "window's manifest"},
       {.name = "null_when",
        .shape = Shape::kTexts,
        .meaning = "texts that stand for null: `[\"\"]`, `[\"\", \"n/a\"]`"}}};
}

Section check_section() {
  return {
      "check",
      "a check",
      {{.name = "not_null", .shape = Shape::kColumns, .meaning = "fails where a value is null"},
       {.name = "unique",
        .shape = Shape::kColumns,
        .meaning = "fails where two rows agree in all of the columns (comparable ones)"},
       {.name = "references",
        .shape = Shape::kPairs,
        .meaning = "`{order_id: orders.order_id}`, or columns, table and to: fails where the other "
                   "table has no such row (comparable columns)",
        .or_shape = Shape::kSection,
        .or_of = "references"},
       {.name = "accepted_values",
        .shape = Shape::kJson,
        .meaning = "`{currency: [EUR, USD]}`: fails where a value is not in the list (one "
                   "comparable column)"},
       {.name = "range",
        .shape = Shape::kJson,
        .meaning = "`{total: {min: 0, max: 100}}`: fails where a value is below `min` or above "
                   "`max` (one column: a number, date or timestamp)"},
       {.name = "matches",
        .shape = Shape::kPairs,
        .meaning = "`{order_id: \"o-[0-9]{6}\"}`: fails where the regular expression does not "
                   "match the **whole** text (one string column)"},
       {.name = "row_count",
        .shape = Shape::kSection,
        .meaning = "fails where the table has fewer rows than `min` or more than `max`",
        .of = "row_count"},
       {.name = "row_count_change",
        .shape = Shape::kSection,
        .meaning = "fails where it has fewer (`decrease_max`) or more (`increase_max`) rows than "
                   "the published version, by a share of that; a table's first rows pass",
        .of = "row_count_change"},
       {.name = "freshness",
        .shape = Shape::kPairs,
        .meaning = "`{placed_at: 2d}`: fails where the newest value is older than that when the "
                   "landing began, or there is no value at all (one date or timestamp column)"},
       {.name = "deleted",
        .shape = Shape::kSection,
        .meaning = "fails where a run deletes more rows than the larger of `max_rows` and `max` "
                   "of the rows that its window held; put to every item table, also where none "
                   "is written",
        .of = "deleted",
        .earlier = "withdrawn"},
       {.name = "sql", .meaning = "fails where the query returns a row"},
       {.name = "severity",
        .shape = Shape::kChoice,
        .meaning = "`fail` blocks the run, `warn` is only told",
        .default_text = "`fail`",
        .choices = kSeverities},
       {.name = "name",
        .meaning = "stands for the check in verdicts: `sql: shipped_before_placed`; unique in its "
                   "table",
        .default_text = "the check as written"}}};
}

std::vector<Section> check_part_sections() {
  return {{"references",
           "'references'",
           {{.name = "columns",
             .shape = Shape::kColumns,
             .meaning = "this table's columns",
             .default_text = "required"},
            {.name = "table", .meaning = "the other table", .default_text = "required"},
            {.name = "to",
             .shape = Shape::kColumns,
             .meaning = "its columns",
             .default_text = "the same names"}}},
          {"range",
           "'range'",
           {{.name = "min", .shape = Shape::kJson, .meaning = "included"},
            {.name = "max", .shape = Shape::kJson, .meaning = "included"}}},
          {"row_count",
           "'row_count'",
           {{.name = "min", .shape = Shape::kInteger, .meaning = "included", .max = kRowsMax},
            {.name = "max", .shape = Shape::kInteger, .meaning = "included", .max = kRowsMax}}},
          {"row_count_change",
           "'row_count_change'",
           {{.name = "decrease_max", .shape = Shape::kShare, .meaning = "0 to 1"},
            {.name = "increase_max", .shape = Shape::kShare, .meaning = "0 to 1,000,000"}}},
          {"deleted",
           "'deleted'",
           {{.name = "max_rows",
             .shape = Shape::kInteger,
             .meaning = "rows",
             .default_text = "5",
             .max = kRowsMax},
            {.name = "max", .shape = Shape::kShare, .meaning = "a share", .default_text = "20%"}}}};
}

std::vector<Section> target_sections() {
  return {
      {"publish",
       "'publish'",
       {{.name = "retain",
         .shape = Shape::kDuration,
         .meaning = "how long superseded files stay: with `0s` a query that began before a "
                    "publication may find its files gone, so give it longer than the longest query "
                    "on the files; destinations are not concerned",
         .default_text = "`0s`"}}},
      {"destination",
       "a destination",
       {{.name = "duckdb",
         .meaning = "a file, under `--data-dir` where it is relative",
         .or_shape = Shape::kSection,
         .or_of = "duckdb"},
        {.name = "postgresql",
         .meaning = "`\"${DATABASE_URL}\"`, a `postgresql://` url, or nothing: `DATABASE_URL` "
                    "or libpq's `PG*`",
         .or_shape = Shape::kSection,
         .or_of = "postgresql"}}},
      {"duckdb", "'duckdb'", {{.name = "path", .meaning = "the file", .default_text = "required"}}},
      {"postgresql", "'postgresql'", {{.name = "url", .meaning = "a `postgresql://` url"}}}};
}

std::vector<Section> make_sections() {
  std::vector<Section> all = {file_section(), source_section()};
  const auto add = [&](const std::vector<Section>& more) {
    all.insert(all.end(), more.begin(), more.end());
  };
  add(extract_sections());
  add({table_section(), keep_section(), partition_section(), column_section()});
  add({check_section()});
  add(check_part_sections());
  add(target_sections());
  return all;
}

}  // namespace

Section with_keys(Section section, std::vector<Key> more) {
  section.keys.insert(section.keys.end(), more.begin(), more.end());
  return section;
}

const std::vector<Section>& sections() {
  static const std::vector<Section> kSections = make_sections();
  return kSections;
}

const Section& section_of(std::string_view name) {
  const auto found = std::ranges::find(sections(), name, &Section::name);
  assert(found != sections().end());
  return *found;
}

const Key* find_key(const Section& section, std::string_view name) {
  const auto found = std::ranges::find(section.keys, name, &Key::name);
  return found == section.keys.end() ? nullptr : &*found;
}

}  // namespace ashore::config
