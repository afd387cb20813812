// Documents are exact JSON text; a field is a slice of that text, found without building a tree.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace ashore::simulator {

// One top-level field. Points into the document's text, which must outlive it.
struct FieldView {
  std::string_view key;    // between its quotes, escapes as they stand
  std::string_view value;  // without space around it
};

// Pure. The fields of an object in stored order, in `fields` (cleared first).
// Precondition: `text` is a valid JSON object.
void split_fields(std::string_view text, std::vector<FieldView>& fields);

// Pure. The elements of a JSON array as slices of `text`.
// Precondition: `text` is a valid JSON array.
std::vector<std::string_view> split_elements(std::string_view text);

// Pure. The documents of an array of objects as slices of `text`. kPermanent: not valid JSON, not
// an array, an element that is not an object.
base::Result<std::vector<std::string_view>> split_documents(std::string_view text);

// The order of the kinds is the one that sorting uses between values of different kinds.
enum class ValueKind { kNull, kNumber, kText, kOther, kBoolean };

// A scalar as queries compare it; arrays and objects are kOther. A value type.
struct Value {
  ValueKind kind = ValueKind::kNull;
  double number = 0;  // of kNumber, and 0 or 1 of kBoolean
  std::string text;   // of kText, unescaped
};

// Pure. Precondition: `json` is one valid JSON value.
Value value_of(std::string_view json);
// Pure. Less than 0, 0 or more than 0; kinds first, then numbers by size, text bytewise.
int compare(const Value& left, const Value& right);

}  // namespace ashore::simulator
