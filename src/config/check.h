// What a check of a table asks: one struct per kind.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "config/mark.h"

namespace ashore::config {

enum class Severity { kFail, kWarn };

// Columns are this table's. Values are JSON texts that fit the column's type (the reader checked
// it).
struct NotNullCheck {
  std::vector<std::string> columns;
};
struct UniqueCheck {
  std::vector<std::string> columns;
};
struct ReferencesCheck {
  std::vector<std::string> columns;
  std::string other_table = {};
  std::vector<std::string> other_columns = {};  // as many
};
// Of the whole table as it would be, both ends included.
struct RowCountCheck {
  std::optional<std::int64_t> rows_min;
  std::optional<std::int64_t> rows_max;
};
struct AcceptedValuesCheck {
  std::string column;
  std::vector<std::string> accepted_json = {};  // not empty
};
// Both ends included; one of the two is there.
struct RangeCheck {
  std::string column;
  std::optional<std::string> min_json = {};
  std::optional<std::string> max_json = {};
};
struct MatchesCheck {
  std::string column;
  std::string pattern = {};  // a base::Pattern
};
// Shares of the published rows; one of the two is there.
struct RowCountChangeCheck {
  std::optional<double> decrease_max;
  std::optional<double> increase_max;
};
struct FreshnessCheck {
  std::string column;
  std::chrono::milliseconds age_max{0};  // of the newest value when the landing began
};
// The larger of the two is allowed.
struct DeletedCheck {
  std::int64_t rows_max = 5;
  double share_max = 0.2;  // of the rows that the window held
};
struct SqlCheck {
  std::string query;
};

// In the order of check_kinds().
using CheckRule = std::variant<NotNullCheck, UniqueCheck, ReferencesCheck, RowCountCheck,
                               AcceptedValuesCheck, RangeCheck, MatchesCheck, RowCountChangeCheck,
                               FreshnessCheck, DeletedCheck, SqlCheck>;

struct Check {
  CheckRule rule;
  Severity severity = Severity::kFail;
  std::string name;  // as given; "": none
  std::string text;  // for verdicts: as written, "not_null: [order_id]", or "sql: <name>"
  Mark mark;
};

// Pure. The kinds' names, "not_null" ...; the index is that of the rule.
const std::vector<std::string>& check_kinds();

}  // namespace ashore::config
