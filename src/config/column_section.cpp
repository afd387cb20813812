// Reads one column: where its value comes from, its type, and what an absent value means.
#include <algorithm>
#include <array>

#include "base/time_format.h"
#include "base/time_zone.h"
#include "config/sections.h"

namespace ashore::config {
namespace {

constexpr std::size_t kNameBytesMax = 63;  // PostgreSQL cuts longer names in silence
constexpr std::string_view kTypesRemedy =
    "Types: string, boolean, int32, int64, float64, decimal(p,s) with p up to 38, date, timestamp, "
    "json.";

bool is_identifier(std::string_view name) {
  const auto is_letter = [](char character) {
    return (character >= 'a' && character <= 'z') || character == '_';
  };
  return !name.empty() && is_letter(name.front()) &&
         std::all_of(name.begin(), name.end(), [&](char character) {
           return is_letter(character) || (character >= '0' && character <= '9');
         });
}

// Every table has these already (PostgreSQL 16, section 5.6), so none can be made with them.
bool is_system_column(std::string_view name) {
  constexpr std::array<std::string_view, 6> kNames = {"tableoid", "xmin", "cmin",
                                                      "xmax",     "cmax", "ctid"};
  return std::find(kNames.begin(), kNames.end(), name) != kNames.end();
}

void read_type(MappingReader& section, ColumnDraft& draft) {
  const auto* const node = section.take("type");
  draft.type_mark = section.mark_of("type");
  if (node == nullptr) return;
  draft.type_mark = node->mark;
  const auto name = section.values().text(*node, "'type'");
  if (!name) {
    draft.is_readable = false;
    return;
  }
  const auto type = base::parse_type(*name);
  if (type.ok()) {
    draft.type = type.value();
    return;
  }
  draft.is_readable = false;
  // {type: decimal(10,2)} ends at its comma.
  const bool is_cut = name->starts_with("decimal(") && !name->ends_with(')');
  section.values().complain(
      node->mark, type.error().what(),
      is_cut ? "Between braces it needs quotes: \"decimal(10,2)\"." : std::string(kTypesRemedy));
}

void read_of(MappingReader& section, const Node& node, ColumnSource source, ColumnDraft& draft) {
  draft.column.source = source;
  const auto name =
      section.values().name(node, source == ColumnSource::kParent ? "'parent'" : "'date_of'");
  draft.of_mark = node.mark;
  if (name) draft.column.of = name->name;
  if (!name) draft.is_readable = false;
}

// Exactly one of path, parent, date_of and position says where the value comes from.
void read_source(MappingReader& section, ColumnDraft& draft) {
  const auto* const path = section.take("path");
  const auto* const parent = section.take("parent");
  const auto* const date_of = section.take("date_of");
  const auto* const position = section.take("position");
  const auto said = (path != nullptr ? 1 : 0) + (parent != nullptr ? 1 : 0) +
                    (date_of != nullptr ? 1 : 0) + (position != nullptr ? 1 : 0);
  if (said != 1) {
    draft.is_readable = false;
    if (!section.is_mapping()) return;
    section.values().complain(
        section.where(),
        "column '" + draft.column.name +
            "': needs exactly one of path, "
            "parent, date_of, position",
        "Say where its value comes from: {path: /" + draft.column.name + ", type: string}.");
    return;
  }
  if (path != nullptr) {
    const auto pointer = section.values().pointer(*path, "'path'");
    if (pointer) draft.column.path = *pointer;
  }
  if (parent != nullptr) read_of(section, *parent, ColumnSource::kParent, draft);
  if (date_of != nullptr) read_of(section, *date_of, ColumnSource::kDateOf, draft);
  if (position == nullptr) return;
  draft.column.source = ColumnSource::kPosition;
  if (section.values().boolean(*position, "'position'") == false) {
    section.values().complain(position->mark, "'position' is false", "Say 'position: true'.");
  }
}

void read_zone(MappingReader& section, ColumnDraft& draft) {
  const auto* const node = section.take("zone");
  if (node == nullptr) return;
  draft.zone_mark = section.mark_of("zone");
  const auto name = section.values().text(*node, "'zone'");
  if (!name) return;
  if (*name == "UTC") {
    draft.column.zone = base::ZoneRule::kAssumeUtc;
    return;
  }
  if (const auto zone = base::TimeZone::find(*name); !zone.ok()) {
    const bool is_unknown = zone.error().kind() == base::ErrorKind::kNotFound;
    section.values().complain(node->mark, zone.error().what(),
                              is_unknown ? "Name one of the IANA time zone data: UTC, "
                                           "Europe/Berlin, America/New_York."
                                         : zone.error().remedy());
    return;
  }
  draft.column.time_zone = *name;
}

void read_from(MappingReader& section, ColumnDraft& draft) {
  const auto* const node = section.take("from");
  if (node == nullptr) return;
  draft.from_mark = section.mark_of("from");
  const auto index = section.choice("from", *node);
  if (index) draft.column.from = static_cast<From>(*index + 1);
}

void read_format(MappingReader& section, ColumnDraft& draft) {
  const auto* const node = section.take("format");
  if (node == nullptr) return;
  draft.format_mark = section.mark_of("format");
  const auto pattern = section.values().text(*node, "'format'");
  if (!pattern) return;
  if (const auto format = base::TimeFormat::parse(*pattern); !format.ok()) {
    section.values().complain(node->mark, format.error().what(), format.error().remedy());
    return;
  }
  draft.column.format = *pattern;
}

void read_null_when(MappingReader& section, ColumnDraft& draft) {
  const auto* const node = section.take("null_when");
  if (node == nullptr) return;
  draft.null_when_mark = section.mark_of("null_when");
  if (node->kind != NodeKind::kList) {
    return section.values().complain_type(*node, "'null_when'", "a list of texts");
  }
  for (const auto& item : node->items) {
    const auto text = section.values().text(item, "a text of 'null_when'");
    if (text) draft.column.null_when.push_back(*text);
  }
}

void read_default(MappingReader& section, ColumnDraft& draft) {
  const auto* const node = section.take("default");
  if (node == nullptr) return;
  draft.default_mark = node->mark;
  if (node->kind == NodeKind::kNull) {
    section.values().complain(section.mark_of("default"), "a default of nothing has no effect",
                              "Remove it.");
    return;
  }
  draft.default_json = section.values().json(*node);
}

// Keys that only some sources know.
void check_keys_of_source(MappingReader& section, const ColumnDraft& draft) {
  const auto refuse = [&](std::string_view key, std::string_view why) {
    section.values().complain(section.mark_of(key), quoted(key) + std::string(why), "Remove it.");
  };
  if (draft.column.source != ColumnSource::kPath && draft.default_mark.line != 0) {
    refuse("default", " belongs to a column with a path");
  }
  for (const auto& [key, mark] :
       {std::pair{"from", draft.from_mark}, std::pair{"format", draft.format_mark},
        std::pair{"null_when", draft.null_when_mark}}) {
    const bool has_path = draft.column.source == ColumnSource::kPath;
    if (!has_path && mark.line != 0) refuse(key, " belongs to a column with a path");
  }
  if (draft.column.source == ColumnSource::kPosition && draft.column.is_required) {
    refuse("required", ": a position is always there");
  }
}

}  // namespace

bool check_identifier(ValueReader& values, const std::string& name, Mark mark) {
  if (!is_identifier(name) || name.size() > kNameBytesMax) {
    values.complain(mark, "not a name for a table or column: " + shown(name),
                    "Use a-z, 0-9 and '_', not beginning with a digit, at most 63; a column's "
                    "'path' may be anything.");
    return false;
  }
  if (name.starts_with("_ashore")) {
    values.complain(mark, "names beginning with '_ashore' are reserved: " + shown(name),
                    "Choose another name.");
    return false;
  }
  return true;
}

ColumnDraft read_column(ValueReader& values, const Entry& entry) {
  ColumnDraft draft;
  draft.column.name = entry.key;
  draft.column.mark = entry.mark;
  check_identifier(values, entry.key, entry.mark);
  if (is_system_column(entry.key)) {
    values.complain(entry.mark, "PostgreSQL has a system column of this name: " + shown(entry.key),
                    "Choose another name; the column's 'path' may stay.");
  }
  MappingReader section(values, entry.value, section_of("column"), entry.mark,
                        "column " + shown(entry.key));
  read_source(section, draft);
  read_type(section, draft);
  section.take_into("required", draft.column.is_required);
  read_zone(section, draft);
  read_from(section, draft);
  read_format(section, draft);
  read_null_when(section, draft);
  read_default(section, draft);
  if (draft.is_readable && draft.column.source == ColumnSource::kDateOf) {
    if (const auto index = section.take_choice("unit")) {
      draft.column.unit = static_cast<DateUnit>(*index);
    }
  }
  section.finish();
  if (!draft.is_readable) return draft;
  check_keys_of_source(section, draft);
  if (draft.column.source == ColumnSource::kPath && !draft.type) {
    draft.is_readable = false;
    values.complain(entry.mark, "column " + shown(entry.key) + ": missing key 'type'",
                    std::string(kTypesRemedy));
  }
  return draft;
}

}  // namespace ashore::config
