// Answers the pipeline's questions: SQL in, small typed tables out.
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <variant>
#include <vector>

#include "base/result.h"
#include "config/pipeline.h"
#include "run/destination_access.h"

namespace ashore::inspect {

// A question: the name of its file without ending, and its SQL.
struct Question {
  std::string name;
  std::string sql;
};

// Null, a truth value, a whole number, a float, or text (decimals, dates `YYYY-MM-DD`, timestamps
// RFC 3339 with Z: docs/formats/answers.md).
using Cell = std::variant<std::monostate, bool, std::int64_t, double, std::string>;

struct Answer {
  std::string name;
  std::string heading;  // the question's first SQL comment, else its name
  std::vector<std::string> columns;
  std::vector<std::vector<Cell>> rows;  // the first of them, where they were cut
  std::int64_t rows_total = 0;
};

inline constexpr std::int64_t kAllRows = std::numeric_limits<std::int64_t>::max();

// Runs every question in one session and keeps the first `rows_max` rows of each answer. kNotFound,
// naming the command that loads it: a question fails and nothing was ever loaded. Other errors as
// warehouse::Connection; a question that fails is named.
base::Result<std::vector<Answer>> answer(const std::vector<Question>& questions,
                                         const config::DestinationSpec& destination,
                                         const run::AccessOptions& options,
                                         std::int64_t rows_max = kAllRows);

}  // namespace ashore::inspect
