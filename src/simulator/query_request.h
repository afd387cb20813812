// QueryRequest is the body of a query, read and checked: what to find, in what order, which page.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "simulator/document.h"

namespace ashore::simulator {

enum class Comparison { kEqual, kGreaterOrEqual, kGreater, kLessOrEqual, kLess, kIn };

// `field` compared with an operand, or with any of them for kIn.
struct Condition {
  std::string field;
  Comparison comparison = Comparison::kEqual;
  std::vector<Value> operands;
};

// A document passes when every condition holds and, of every group, at least one filter passes.
struct Filter {
  std::vector<Condition> conditions;
  std::vector<std::vector<Filter>> any_of;
};

struct SortKey {
  std::string field;
  bool descending = false;
};

// Which fields an answer keeps. `id` is always kept; an empty list keeps all.
struct Selection {
  std::vector<std::string> fields;
  bool excludes = false;  // the fields are those to leave out
};

struct Paging {
  std::int64_t limit = 10;  // 0: no documents, the count only
  std::optional<std::int64_t> page;
  std::optional<std::int64_t> offset;  // wins over page
  bool paginate = true;
};

struct QueryRequest {
  Filter filter;
  std::vector<SortKey> sort;
  Selection selection;
  Paging paging;
  // The same text for requests that find the same documents in the same order.
  std::string identity;
};

// Pure. Reads `{query, options}`; an empty body is an empty request. kPermanent, with what the
// client is told: invalid JSON, a part of the wrong type, an unknown operator, a bad id, nesting
// over 32.
base::Result<QueryRequest> read_query_request(std::string_view body);

// Pure. Whether the text is 24 hex digits.
bool is_id(std::string_view text);
// Pure. Hex digits in lower case.
std::string lower_case(std::string_view text);

}  // namespace ashore::simulator
