// Prints answers and other small tables: aligned, as CSV, as JSON.
#pragma once

#include <string>
#include <vector>

#include "inspect/answers.h"

namespace ashore::cli {

// Pure. Each answer under its heading, columns aligned, numbers to the right.
std::string answers_table(const std::vector<inspect::Answer>& answers);
// Pure. One answer as CSV (RFC 4180, line feeds), the first line its columns.
std::string answer_csv(const inspect::Answer& answer);
// Pure. Each answer as CSV, a line "# name" before each.
std::string answers_csv(const std::vector<inspect::Answer>& answers);
// Pure. {"<question>": {"columns": [...], "rows": [[...], ...]}, ...} on one line.
std::string answers_json(const std::vector<inspect::Answer>& answers);
// Pure. [{name, heading, columns, rows}, ...], as a run's page takes them (report/page.h).
std::string answers_for_page(const std::vector<inspect::Answer>& answers);

// Pure. Rows of text under a header, aligned; columns named in `right` to the right.
std::string text_table(const std::vector<std::string>& header,
                       const std::vector<std::vector<std::string>>& rows,
                       const std::vector<bool>& right);

}  // namespace ashore::cli
