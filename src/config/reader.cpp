// Reads the sections in order, connects them, and gives either a Pipeline or every complaint.
#include "config/reader.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "base/digest.h"
#include "config/sections.h"
#include "io/shown_url.h"
#include "io/url.h"

namespace ashore::config {
namespace {

// File systems end at 255 bytes; a temporary name is made by putting something behind this one.
constexpr std::size_t kFolderNameBytesMax = 63;

// Names that become folders: raw/<source>/.
bool is_folder_name(std::string_view name) {
  const auto is_alphanumeric = [](char character) {
    return (character >= 'a' && character <= 'z') || (character >= 'A' && character <= 'Z') ||
           (character >= '0' && character <= '9');
  };
  return !name.empty() && name.size() <= kFolderNameBytesMax && is_alphanumeric(name.front()) &&
         std::all_of(name.begin(), name.end(), [&](char character) {
           return is_alphanumeric(character) || character == '_' || character == '-';
         });
}

std::string read_folder_name(ValueReader& values, const Node& node) {
  auto name = values.text(node, "'name'");
  if (!name) return {};
  if (!is_folder_name(*name)) {
    values.complain(node.mark, "'name' cannot name a folder: " + shown(node.text),
                    "Use letters, digits, '-' and '_', beginning with a letter or digit, at most "
                    "63.");
  }
  return *std::move(name);
}

void read_source(ValueReader& values, const Entry& entry, Pipeline& pipeline) {
  MappingReader section(values, entry.value, section_of("source"), entry.mark);
  pipeline.source_name = pipeline.name;
  if (const auto* const name = section.take("name")) {
    pipeline.source_name = read_folder_name(values, *name);
  }
  if (const auto* const node = section.require("url", "Say {url: \"https://api.example.com\"}.")) {
    const auto url = values.text(*node, "'url'");
    const auto fault = url ? source_url_fault(*url) : std::string();
    if (!fault.empty()) {
      values.complain(node->mark, "'url' " + fault + ": " + shown(io::without_keys(node->text)),
                      std::string(kSourceUrlRemedy));
    }
    if (url) pipeline.source_url = *url;
  }
  section.finish();
}

void read_version(MappingReader& file) {
  const auto* const node = file.require("version", "Say 'version: 1'.");
  if (node != nullptr) (void)file.values().integer(*node, "'version'", {1, 1});
}

// Reads the whole file; the pipeline is right only if nothing was complained of.
Pipeline read_file(ValueReader& values, const Node& root) {
  Pipeline pipeline;
  MappingReader file(values, root, section_of("file"), root.mark);
  const auto with = [&](const Node* node, std::string_view key, const auto& read) {
    if (node != nullptr) read(Entry{std::string(key), file.mark_of(key), *node});
  };
  read_version(file);
  if (const auto* const name = file.require("name", "Say what the pipeline is called.")) {
    pipeline.name = read_folder_name(values, *name);
  }
  with(file.require("source", "Say {url: \"https://api.example.com\"}."), "source",
       [&](const Entry& entry) { read_source(values, entry, pipeline); });
  ExtractDraft extract;
  with(file.require("extract", "Say at least {request: {path: /...}}."), "extract",
       [&](const Entry& entry) { extract = read_extract(values, entry); });
  TableDefaults defaults;
  read_table_defaults(file, defaults);
  std::vector<TableDraft> drafts;
  with(file.require("tables", "Say at least one table."), "tables",
       [&](const Entry& entry) { drafts = read_tables(values, entry, defaults); });
  with(file.take("publish"), "publish",
       [&](const Entry& entry) { pipeline.publish = read_publish(values, entry); });
  if (const auto* const node = file.take("destinations")) {
    pipeline.destinations = read_destinations(values, *node);
  }
  if (const auto* const node = file.take("questions")) {
    pipeline.questions = read_questions(values, *node);
  }
  file.finish();
  connect_tables(values, drafts);
  check_window(values, extract, drafts);
  check_lookup(values, extract, drafts);
  pipeline.extract = std::move(extract.extract);
  // Finishing takes for granted that every name was resolved.
  if (values.findings().empty()) pipeline.tables = finished_tables(std::move(drafts));
  pipeline.environment = values.captured();
  return pipeline;
}

std::vector<Complaint> in_file_order(std::vector<Finding> findings, const std::string& path) {
  std::stable_sort(findings.begin(), findings.end(), [](const Finding& left, const Finding& right) {
    return std::tie(left.mark.line, left.mark.column) <
           std::tie(right.mark.line, right.mark.column);
  });
  std::vector<Complaint> complaints;
  complaints.reserve(findings.size());
  for (auto& finding : findings) {
    complaints.push_back({path, finding.mark, std::move(finding.what), std::move(finding.remedy)});
  }
  return complaints;
}

}  // namespace

std::string source_url_fault(std::string_view url) {
  if (url.starts_with("embedded:")) return {};
  const auto parsed = io::Url::parse(url);
  if (!parsed.ok()) return parsed.error().what();
  if (parsed.value().has_credentials()) return "holds credentials";
  return url.find_first_of("?#") == std::string_view::npos ? "" : "holds '?' or '#'";
}

std::string Complaint::message() const {
  auto text =
      file + ":" + std::to_string(mark.line) + ":" + std::to_string(mark.column) + ": " + what;
  if (!remedy.empty()) text += (text.ends_with('.') ? " " : ". ") + remedy;
  return text;
}

Reading read_pipeline(std::string_view text, const std::string& path,
                      const EnvironmentLookup& lookup, UnsetVariables unset) {
  Reading reading;
  auto document = parse_yaml(text);
  auto findings = std::move(document.findings);
  if (document.root) {
    ValueReader values(lookup, unset);
    auto pipeline = read_file(values, *document.root);
    findings.insert(findings.end(), values.findings().begin(), values.findings().end());
    pipeline.path = path;
    pipeline.text = text;
    pipeline.sha256 = base::to_hex(base::sha256(text));
    reading.warnings = in_file_order(values.warnings(), path);
    for (const auto& warning : reading.warnings) pipeline.warnings.push_back(warning.message());
    if (findings.empty()) reading.pipeline = std::move(pipeline);
  }
  reading.complaints = in_file_order(std::move(findings), path);
  return reading;
}

base::Error complaints_error(const std::vector<Complaint>& complaints) {
  std::string text;
  for (const auto& complaint : complaints) {
    text += (text.empty() ? "" : "\n") + complaint.message();
  }
  return base::permanent(std::move(text));
}

}  // namespace ashore::config
