// Turns the JSON of a request into plain structs; every refusal is worded for the client.
#include "simulator/query_request.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>
#include <utility>

namespace ashore::simulator {

namespace {

using nlohmann::ordered_json;

constexpr int kDepthMax = 32;
constexpr int kBodyDepthMax = 128;  // copying and printing JSON recurse: deeper text is not parsed
constexpr std::int64_t kNumberMax =
    2'000'000'000;  // of page, limit and offset; products fit 64 bits

constexpr std::array<std::pair<std::string_view, Comparison>, 6> kComparisons{{
    {"$eq", Comparison::kEqual},
    {"$gte", Comparison::kGreaterOrEqual},
    {"$gt", Comparison::kGreater},
    {"$lte", Comparison::kLessOrEqual},
    {"$lt", Comparison::kLess},
    {"$in", Comparison::kIn},
}};

base::Result<Value> operand_of(const std::string& field, const ordered_json& json) {
  if (field == "_id") {
    if (!json.is_string() || !is_id(json.get_ref<const std::string&>())) {
      return base::permanent("Cast to ObjectId failed for value " + json.dump() +
                             " at path \"_id\"");
    }
    return Value{
        .kind = ValueKind::kText, .number = 0, .text = lower_case(json.get<std::string>())};
  }
  switch (json.type()) {
    case ordered_json::value_t::null:
      return Value{};
    case ordered_json::value_t::boolean:
      return Value{.kind = ValueKind::kBoolean, .number = json.get<bool>() ? 1.0 : 0.0, .text = {}};
    case ordered_json::value_t::string:
      return Value{.kind = ValueKind::kText, .number = 0, .text = json.get<std::string>()};
    case ordered_json::value_t::object:
    case ordered_json::value_t::array:
      return Value{.kind = ValueKind::kOther, .number = 0, .text = {}};
    default:
      return Value{.kind = ValueKind::kNumber, .number = json.get<double>(), .text = {}};
  }
}

base::Result<Condition> read_condition(const std::string& field, const std::string& word,
                                       const ordered_json& json) {
  const auto* known =
      std::ranges::find(kComparisons, word, &std::pair<std::string_view, Comparison>::first);
  if (known == kComparisons.end()) return base::permanent("unknown operator: " + word);
  Condition condition{.field = field, .comparison = known->second, .operands = {}};
  if (condition.comparison != Comparison::kIn) {
    TRY(Value operand, operand_of(field, json));
    condition.operands.push_back(std::move(operand));
    return condition;
  }
  if (!json.is_array()) return base::permanent("$in needs an array");
  for (const ordered_json& one : json) {
    TRY(Value operand, operand_of(field, one));
    condition.operands.push_back(std::move(operand));
  }
  return condition;
}

base::Status read_field(const std::string& field, const ordered_json& json, Filter& filter) {
  const bool has_operators =
      json.is_object() && !json.empty() && json.begin().key().starts_with('$');
  if (!has_operators) {
    TRY(Condition condition, read_condition(field, "$eq", json));
    filter.conditions.push_back(std::move(condition));
    return {};
  }
  for (const auto& [word, operand] : json.items()) {
    TRY(Condition condition, read_condition(field, word, operand));
    filter.conditions.push_back(std::move(condition));
  }
  return {};
}

base::Result<Filter> read_filter(const ordered_json& json, int depth) {
  if (!json.is_object()) return base::permanent("a query must be an object");
  if (depth > kDepthMax) return base::permanent("a query is nested too deeply");
  Filter filter;
  for (const auto& [field, value] : json.items()) {
    if (field != "$or") {
      if (field.starts_with('$')) return base::permanent("unknown operator: " + field);
      TRY(read_field(field, value, filter));
      continue;
    }
    if (!value.is_array() || value.empty())
      return base::permanent("$or needs an array that is not empty");
    std::vector<Filter>& group = filter.any_of.emplace_back();
    for (const ordered_json& one : value) {
      TRY(Filter part, read_filter(one, depth + 1));
      group.push_back(std::move(part));
    }
  }
  return filter;
}

std::vector<std::string> words_of(const std::string& text) {
  std::vector<std::string> words;
  std::size_t begin = text.find_first_not_of(' ');
  while (begin != std::string::npos) {
    const std::size_t end = std::min(text.find(' ', begin), text.size());
    words.push_back(text.substr(begin, end - begin));
    begin = text.find_first_not_of(' ', end);
  }
  return words;
}

// A name with its sign taken off: "-name" is true, "name" and "+name" are false.
std::pair<std::string, bool> signed_name(const std::string& word) {
  if (word.starts_with('-')) return {word.substr(1), true};
  return {word.starts_with('+') ? word.substr(1) : word, false};
}

base::Result<bool> is_descending(const ordered_json& json) {
  const std::string word = json.is_string() ? json.get<std::string>() : json.dump();
  if (word == "1" || word == "asc" || word == "ascending") return false;
  if (word == "-1" || word == "desc" || word == "descending") return true;
  return base::permanent("Invalid sort value: " + word);
}

base::Result<std::vector<SortKey>> read_sort(const ordered_json& json) {
  std::vector<SortKey> sort;
  if (json.is_null()) return sort;
  if (json.is_string()) {
    for (const std::string& word : words_of(json.get<std::string>())) {
      auto [field, descending] = signed_name(word);
      sort.push_back({.field = std::move(field), .descending = descending});
    }
    return sort;
  }
  if (!json.is_object()) return base::permanent("sort must be an object or a string");
  for (const auto& [field, direction] : json.items()) {
    TRY(const bool descending, is_descending(direction));
    sort.push_back({.field = field, .descending = descending});
  }
  return sort;
}

// Whether a selected field is wanted: 1, true; not: 0, false.
base::Result<bool> is_wanted(const ordered_json& json) {
  if (json.is_boolean()) return json.get<bool>();
  if (json.is_number()) return json.get<double>() != 0;
  return base::permanent("select knows 1 and 0 only: " + json.dump());
}

base::Result<Selection> selection_of(const std::vector<std::pair<std::string, bool>>& named) {
  Selection selection;
  for (const auto& [field, excluded] : named) {
    if (field == "_id" || field == "id") continue;  // the id is always there
    if (!selection.fields.empty() && selection.excludes != excluded) {
      return base::permanent("select cannot mix fields to keep and to leave out");
    }
    selection.excludes = excluded;
    selection.fields.push_back(field);
  }
  if (selection.fields.empty() && !named.empty()) {
    selection.excludes = named.front().second;
    selection.fields.emplace_back("_id");
  }
  return selection;
}

base::Result<Selection> read_selection(const ordered_json& json) {
  std::vector<std::pair<std::string, bool>> named;
  if (json.is_string()) {
    for (const std::string& word : words_of(json.get<std::string>()))
      named.push_back(signed_name(word));
  } else if (json.is_array()) {
    for (const ordered_json& one : json) {
      if (!one.is_string()) return base::permanent("select names fields as text");
      named.push_back(signed_name(one.get<std::string>()));
    }
  } else if (json.is_object()) {
    for (const auto& [field, wanted] : json.items()) {
      TRY(const bool keeps, is_wanted(wanted));
      named.emplace_back(field, !keeps);
    }
  } else if (!json.is_null()) {
    return base::permanent("select must be an object, an array or a string");
  }
  return selection_of(named);
}

// A whole number, or text that begins with one, cut to what paging can use.
base::Result<std::int64_t> read_number(const ordered_json& json, std::string_view name) {
  double number = std::nan("");
  if (json.is_number()) number = json.get<double>();
  if (json.is_string()) {
    const std::string text = json.get<std::string>();
    (void)std::from_chars(text.data(), text.data() + text.size(), number);
  }
  if (std::isnan(number))
    return base::permanent(std::string(name) + " must be a number: " + json.dump());
  const auto limit = static_cast<double>(kNumberMax);
  return static_cast<std::int64_t>(std::clamp(std::trunc(number), -limit, limit));
}

base::Result<Paging> read_paging(const ordered_json& options) {
  Paging paging;
  paging.paginate = options.value("pagination", ordered_json(true)) != ordered_json(false);
  if (options.contains("limit")) {
    TRY(const std::int64_t limit, read_number(options["limit"], "limit"));
    paging.limit = std::max<std::int64_t>(limit, 0);
  }
  if (options.contains("page")) {
    TRY(const std::int64_t page, read_number(options["page"], "page"));
    paging.page = std::max<std::int64_t>(page, 1);
  }
  if (options.contains("offset")) {
    TRY(const std::int64_t offset, read_number(options["offset"], "offset"));
    if (offset < 0) return base::permanent("offset must not be negative");
    paging.offset = offset;
  }
  return paging;
}

// Whether brackets outside of strings nest too deeply.
bool is_too_deep(std::string_view body) {
  int depth = 0;
  bool in_text = false;
  for (std::size_t at = 0; at < body.size(); ++at) {
    const char character = body[at];
    if (in_text && character == '\\') ++at;
    if (character == '"') in_text = !in_text;
    if (in_text) continue;
    if (character == '{' || character == '[') ++depth;
    if (character == '}' || character == ']') --depth;
    if (depth > kBodyDepthMax) return true;
  }
  return false;
}

ordered_json part_of(const ordered_json& body, const char* name) {
  return body.contains(name) && !body[name].is_null() ? body[name] : ordered_json::object();
}

base::Result<QueryRequest> read_parts(const ordered_json& query, const ordered_json& options) {
  if (!options.is_object()) return base::permanent("options must be an object");
  QueryRequest request;
  TRY(request.filter, read_filter(query, 0));
  const ordered_json sort = options.value("sort", ordered_json());
  TRY(request.sort, read_sort(sort));
  TRY(request.selection, read_selection(options.value("select", ordered_json())));
  TRY(request.paging, read_paging(options));
  using Handler = ordered_json::error_handler_t;
  request.identity =
      query.dump(-1, ' ', false, Handler::replace) + sort.dump(-1, ' ', false, Handler::replace);
  return request;
}

}  // namespace

base::Result<QueryRequest> read_query_request(std::string_view body) {
  if (body.find_first_not_of(" \t\r\n") == std::string_view::npos) body = "{}";
  if (is_too_deep(body)) return base::permanent("the body is nested too deeply");
  const ordered_json json = ordered_json::parse(body, nullptr, false);
  if (json.is_discarded()) return base::permanent("the body is not valid JSON");
  if (!json.is_object()) return base::permanent("the body must be an object");
  return read_parts(part_of(json, "query"), part_of(json, "options"));
}

bool is_id(std::string_view text) {
  return text.size() == 24 &&
         text.find_first_not_of("0123456789abcdefABCDEF") == std::string_view::npos;
}

std::string lower_case(std::string_view text) {
  std::string lower(text);
  for (char& character : lower) {
    if (character >= 'A' && character <= 'F') character = static_cast<char>(character - 'A' + 'a');
  }
  return lower;
}

}  // namespace ashore::simulator
