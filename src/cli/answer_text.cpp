// Lays out tables of answers as text, CSV and JSON.
// Widths count code points, so that names in any script stay aligned.
#include "cli/answer_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "cli/visible_text.h"

namespace ashore::cli {

namespace {

using inspect::Answer;
using inspect::Cell;
using Json = nlohmann::ordered_json;

std::size_t width_of(const std::string& text) {
  return static_cast<std::size_t>(std::ranges::count_if(
      text, [](char byte) { return (static_cast<unsigned char>(byte) & 0xc0) != 0x80; }));
}

struct CellText {
  std::string operator()(std::monostate) const { return ""; }
  std::string operator()(bool value) const { return value ? "true" : "false"; }
  std::string operator()(std::int64_t value) const { return std::to_string(value); }
  std::string operator()(double value) const { return fmt::format("{}", value); }
  std::string operator()(const std::string& value) const { return value; }
};

struct CellJson {
  Json operator()(std::monostate) const { return nullptr; }
  template <typename T>
  Json operator()(const T& value) const {
    return value;
  }
};

std::string cell_text(const Cell& cell) { return std::visit(CellText(), cell); }

// By the first cell with a value: a column of an answer has one type.
std::vector<bool> numeric_columns(const Answer& answer) {
  std::vector<bool> numeric(answer.columns.size(), false);
  for (std::size_t column = 0; column < numeric.size(); ++column) {
    const auto with_value = std::ranges::find_if(answer.rows, [&](const auto& row) {
      return !std::holds_alternative<std::monostate>(row[column]);
    });
    if (with_value == answer.rows.end()) continue;
    const Cell& cell = (*with_value)[column];
    numeric[column] =
        std::holds_alternative<std::int64_t>(cell) || std::holds_alternative<double>(cell);
  }
  return numeric;
}

std::vector<std::vector<std::string>> text_rows(const Answer& answer) {
  std::vector<std::vector<std::string>> rows;
  for (const auto& row : answer.rows) {
    rows.emplace_back();
    for (const auto& cell : row) rows.back().push_back(cell_text(cell));
  }
  return rows;
}

Json rows_json(const Answer& answer) {
  Json rows = Json::array();
  for (const auto& row : answer.rows) {
    Json cells = Json::array();
    for (const auto& cell : row) cells.push_back(std::visit(CellJson(), cell));
    rows.push_back(std::move(cells));
  }
  return rows;
}

// RFC 4180.
std::string csv_field(const std::string& text) {
  if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char character : text) {
    if (character == '"') quoted += '"';
    quoted += character;
  }
  return quoted + "\"";
}

std::string csv_line(const std::vector<std::string>& fields) {
  std::string line;
  for (std::size_t index = 0; index < fields.size(); ++index) {
    line += (index == 0 ? "" : ",") + csv_field(fields[index]);
  }
  return line + "\n";
}

}  // namespace

std::string text_table(const std::vector<std::string>& header,
                       const std::vector<std::vector<std::string>>& rows,
                       const std::vector<bool>& right) {
  std::vector<std::size_t> widths;
  for (const auto& name : header) widths.push_back(width_of(name));
  auto shown = rows;
  for (auto& row : shown) {
    for (auto& field : row) field = visible_text(field, false);
  }
  for (const auto& row : shown) {
    for (std::size_t column = 0; column < row.size(); ++column) {
      widths[column] = std::max(widths[column], width_of(row[column]));
    }
  }
  const auto line = [&](const std::vector<std::string>& fields) {
    std::string text = " ";
    for (std::size_t column = 0; column < fields.size(); ++column) {
      const std::string pad(widths[column] - width_of(fields[column]), ' ');
      text += " " + (right[column] ? pad + fields[column] : fields[column] + pad);
    }
    // No blanks at the end of a line: answers are pasted and compared.
    return text.substr(0, text.find_last_not_of(' ') + 1) + "\n";
  };
  std::string text = line(header);
  std::vector<std::string> rule;
  for (const auto width : widths) rule.emplace_back(width, '-');
  text += line(rule);
  for (const auto& row : shown) text += line(row);
  return text;
}

std::string answers_table(const std::vector<Answer>& answers) {
  std::string text;
  for (const auto& answer : answers) {
    if (!text.empty()) text += "\n";
    text += answer.heading + "\n";
    text += text_table(answer.columns, text_rows(answer), numeric_columns(answer));
    text += fmt::format("  ({} row{})\n", answer.rows.size(), answer.rows.size() == 1 ? "" : "s");
  }
  return text;
}

std::string answers_csv(const std::vector<Answer>& answers) {
  std::string text;
  for (const auto& answer : answers) text += "# " + answer.name + "\n" + answer_csv(answer);
  return text;
}

std::string answer_csv(const Answer& answer) {
  std::string text = csv_line(answer.columns);
  for (const auto& row : text_rows(answer)) text += csv_line(row);
  return text;
}

std::string answers_json(const std::vector<Answer>& answers) {
  Json json = Json::object();
  for (const auto& answer : answers) {
    json[answer.name] = {{"columns", answer.columns}, {"rows", rows_json(answer)}};
  }
  return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string answers_for_page(const std::vector<Answer>& answers) {
  Json json = Json::array();
  for (const auto& answer : answers) {
    json.push_back({{"name", answer.name},
                    {"heading", answer.heading},
                    {"columns", answer.columns},
                    {"rows", rows_json(answer)},
                    {"rows_total", answer.rows_total}});
  }
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace ashore::cli
