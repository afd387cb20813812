// Maps column types to Delta's names (docs/formats/types.md) and refuses the types that ashore
// lacks.
#include "delta/schema_string.h"

#include <cassert>
#include <map>

#include "delta/json_fields.h"
#include "json/text.h"

namespace ashore::delta {

namespace {

using base::Result;
using base::TypeKind;

// Delta has no JSON type; other readers ignore metadata that they do not know.
constexpr std::string_view kTypeKey = "ashore.type";

std::string delta_type(base::ColumnType type) {
  switch (type.kind) {
    case TypeKind::kString:
    case TypeKind::kJson:
      return "string";
    case TypeKind::kBoolean:
      return "boolean";
    case TypeKind::kInt32:
      return "integer";
    case TypeKind::kInt64:
      return "long";
    case TypeKind::kFloat64:
      return "double";
    case TypeKind::kDecimal:
      return "decimal(" + std::to_string(type.precision) + "," + std::to_string(type.scale) + ")";
    case TypeKind::kDate:
      return "date";
    case TypeKind::kTimestamp:
      return "timestamp";
  }
  assert(false);
  return {};
}

void append_field(const base::Field& field, std::string* json) {
  json::ObjectWriter writer(json);
  writer.text("name", field.name);
  writer.text("type", delta_type(field.type));
  writer.boolean("nullable", field.is_nullable);
  json::ObjectWriter metadata(writer.field("metadata"));
  if (field.type.kind == TypeKind::kJson) metadata.text(kTypeKey, "json");
  metadata.close();
  writer.close();
}

Result<base::ColumnType> column_type(const std::string& name) {
  static const std::map<std::string, TypeKind, std::less<>> kKinds = {
      {"string", TypeKind::kString},      {"boolean", TypeKind::kBoolean},
      {"integer", TypeKind::kInt32},      {"long", TypeKind::kInt64},
      {"double", TypeKind::kFloat64},     {"date", TypeKind::kDate},
      {"timestamp", TypeKind::kTimestamp}};
  if (const auto found = kKinds.find(name); found != kKinds.end()) {
    return base::ColumnType{.kind = found->second};
  }
  if (name.starts_with("decimal")) return base::parse_type(name);
  return base::permanent("type that ashore does not have: '" + name + "'");
}

// Metadata values may be of any type; only two keys matter here.
Result<bool> says_json(const JsonElement& field) {
  const auto metadata = find_field(field, "metadata");
  if (!metadata) return false;
  // An invariant is a writer feature: who does not check it must not write (Delta protocol, writer
  // version 2).
  if (find_field(*metadata, "delta.invariants")) {
    return base::permanent("column invariant ('delta.invariants')");
  }
  const auto type = find_field(*metadata, kTypeKey);
  std::string_view text;
  return type && type->get(text) == simdjson::SUCCESS && text == "json";
}

Result<base::Field> parse_field(const JsonElement& json, const std::string& name) {
  base::Field column{.name = name, .type = {}, .is_nullable = true};
  TRY(const auto type, field(json, "type"));
  std::string_view type_text;
  if (type.get(type_text) != simdjson::SUCCESS) {
    return base::permanent("nested type, which ashore does not have");
  }
  TRY(column.type, column_type(std::string(type_text)));
  TRY(column.is_nullable, boolean_field(json, "nullable"));
  TRY(const bool is_json, says_json(json));
  if (is_json && column.type.kind == TypeKind::kString) column.type.kind = TypeKind::kJson;
  return column;
}

}  // namespace

std::string schema_string(const base::Schema& schema) {
  std::string json;
  json::ObjectWriter writer(&json);
  writer.text("type", "struct");
  *writer.field("fields") += '[';
  for (std::size_t index = 0; index < schema.fields.size(); ++index) {
    if (index > 0) json += ',';
    append_field(schema.fields[index], &json);
  }
  json += ']';
  writer.close();
  return json;
}

Result<base::Schema> parse_schema_string(std::string_view text) {
  simdjson::dom::parser parser;
  JsonElement json;
  if (parser.parse(text.data(), text.size()).get(json) != simdjson::SUCCESS) {
    return base::permanent("schemaString is not JSON");
  }
  base::Schema schema;
  TRY(const auto fields, array_field(json, "fields"));
  for (const auto element : fields) {
    TRY(const auto name, text_field(element, "name"));
    TRY(auto column, parse_field(element, name).within("column '" + name + "'"));
    schema.fields.push_back(std::move(column));
  }
  return schema;
}

}  // namespace ashore::delta
