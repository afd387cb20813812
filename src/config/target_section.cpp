// Reads where tables go: publish, destinations, questions.
#include <algorithm>
#include <utility>

#include "config/sections.h"
#include "config/template_part.h"
#include "io/shown_url.h"

namespace ashore::config {
namespace {

// "postgresql://user:password@host/..." with something between ':' and '@'.
bool has_password(std::string_view url) {
  const auto scheme = url.find("://");
  if (scheme == std::string_view::npos) return false;
  const auto authority = url.substr(scheme + 3, url.find_first_of("/?", scheme + 3) - scheme - 3);
  const auto at = authority.rfind('@');
  return (at != std::string_view::npos && authority.substr(0, at).find(':') < at) ||
         url.find("password=") != std::string_view::npos;
}

// A variable that is not set leaves the url to DATABASE_URL and PG*, so it is no complaint here.
bool is_unset_variable(const ValueReader& values, const Node& node) {
  const auto parts = parse_template(node.text);
  if (node.kind != NodeKind::kScalar || !parts.ok() || parts.value().size() != 1) return false;
  const auto& part = parts.value().front();
  if (part.kind != PartKind::kEnvironment || part.fallback) return false;
  return values.variable(part.text).value_or("").empty();
}

base::Secret read_url(ValueReader& values, const Node& node) {
  if (is_unset_variable(values, node)) return {};
  auto url = values.text(node, "'url'");
  if (!url) return {};
  const bool is_literal = node.text.find("${") == std::string::npos;
  if (!url->empty() && !url->starts_with("postgresql://") && !url->starts_with("postgres://")) {
    values.complain(
        node.mark,
        "not a PostgreSQL url" + (is_literal ? ": " + shown(io::without_keys(*url)) : ""),
        "It looks like postgresql://user@host:5432/database.");
  } else if (is_literal && has_password(*url)) {
    values.complain(node.mark, "a password is written out in the file",
                    "Every run keeps a copy of the file: write \"${DATABASE_URL}\".");
  }
  return base::Secret(*std::move(url));
}

void read_postgresql(ValueReader& values, const Node& node, Mark where, DestinationSpec& target) {
  target.kind = DestinationKind::kPostgreSql;
  if (node.kind == NodeKind::kNull) return;
  if (node.kind == NodeKind::kScalar) {
    target.url = read_url(values, node);
    return;
  }
  MappingReader section(values, node, section_of("postgresql"), where);
  if (const auto* const url = section.take("url")) target.url = read_url(values, *url);
  section.finish();
}

void read_duckdb_path(ValueReader& values, const Node& node, DestinationSpec& target) {
  const auto text = values.text(node, "'duckdb'");
  if (text && text->empty()) {
    values.complain(node.mark, "the path is empty", "Name the file: warehouse.duckdb.");
  }
  if (text && text->find("://") != std::string::npos) {
    values.complain(node.mark, "a DuckDB destination is a file, this is a url",
                    "Name the file, warehouse.duckdb, or say {postgresql: \"${DATABASE_URL}\"}.");
  }
  if (text) target.path = *text;
}

void read_duckdb(ValueReader& values, const Node& node, Mark where, DestinationSpec& target) {
  target.kind = DestinationKind::kDuckDb;
  if (node.kind != NodeKind::kMapping) return read_duckdb_path(values, node, target);
  MappingReader section(values, node, section_of("duckdb"), where);
  if (const auto* const path = section.require("path", "Name the file: warehouse.duckdb.")) {
    read_duckdb_path(values, *path, target);
  }
  section.finish();
}

DestinationSpec read_destination(ValueReader& values, const Node& node) {
  DestinationSpec target;
  MappingReader section(values, node, section_of("destination"), node.mark);
  if (const auto* const duckdb = section.take("duckdb")) {
    read_duckdb(values, *duckdb, section.mark_of("duckdb"), target);
  }
  if (const auto* const postgresql = section.take("postgresql")) {
    read_postgresql(values, *postgresql, section.mark_of("postgresql"), target);
  }
  section.finish();
  if (section.is_mapping() && node.entries.size() != 1) {
    values.complain(node.mark, "a destination needs exactly one kind",
                    "Choices: {duckdb: warehouse.duckdb}, {postgresql: \"${DATABASE_URL}\"}.");
  }
  return target;
}

// By what the file says: two spellings of one database are found when they are opened.
bool is_same(const DestinationSpec& left, const DestinationSpec& right) {
  return left.kind == right.kind && left.path == right.path && left.url == right.url;
}

std::string question_name(const std::string& path) {
  const auto slash = path.rfind('/');
  return path.substr(slash == std::string::npos ? 0 : slash + 1);
}

}  // namespace

Publish read_publish(ValueReader& values, const Entry& entry) {
  Publish publish;
  MappingReader section(values, entry.value, section_of("publish"), entry.mark);
  section.take_into("retain", publish.retain);
  section.finish();
  return publish;
}

std::vector<DestinationSpec> read_destinations(ValueReader& values, const Node& node) {
  std::vector<DestinationSpec> targets;
  if (node.kind != NodeKind::kList) {
    values.complain_type(node, "'destinations'", "a list");
    return targets;
  }
  for (const auto& item : node.items) {
    auto target = read_destination(values, item);
    const bool is_repeated =
        std::any_of(targets.begin(), targets.end(),
                    [&](const DestinationSpec& other) { return is_same(other, target); });
    if (is_repeated) values.complain(item.mark, "this destination is named twice", "Remove one.");
    targets.push_back(std::move(target));
  }
  return targets;
}

std::vector<std::string> read_questions(ValueReader& values, const Node& node) {
  std::vector<std::string> paths;
  if (node.kind != NodeKind::kList) {
    values.complain_type(node, "'questions'", "a list");
    return paths;
  }
  for (const auto& item : node.items) {
    auto path = values.text(item, "a question");
    if (!path) continue;
    if (!path->ends_with(".sql")) {
      values.complain(item.mark, "a question is not an .sql file: " + shown(item.text),
                      "Name a file such as questions/busy_days.sql.");
    }
    const bool is_repeated = std::any_of(paths.begin(), paths.end(), [&](const std::string& other) {
      return question_name(other) == question_name(*path);
    });
    if (is_repeated) {
      values.complain(item.mark, "two questions have one name: " + shown(question_name(item.text)),
                      "Answers go by the file's name: rename one.");
    }
    paths.push_back(*std::move(path));
  }
  return paths;
}

}  // namespace ashore::config
