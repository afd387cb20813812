// Reads the sections in order, connects them, and gives either a Pipeline or every complaint.
#include "spec/reader.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "base/digest.h"
#include "spec/sections.h"

namespace ashore::spec {
namespace {

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

// Why the text is no source url; empty if it is one.
std::string url_fault(std::string_view url) {
  if (url.starts_with("embedded:")) return {};
  const bool is_https = url.starts_with("https://");
  if (!is_https && !url.starts_with("http://")) return "'url' is not an http(s) url";
  const auto rest = url.substr(is_https ? 8 : 7);
  const auto host = rest.substr(0, rest.find('/'));
  if (host.empty()) return "'url' names no host";
  if (host.find('@') != std::string_view::npos) return "'url' holds credentials";
  if (rest.find_first_of("?#") != std::string_view::npos) return "'url' holds '?' or '#'";
  const bool has_space = std::any_of(url.begin(), url.end(), [](char character) {
    return static_cast<unsigned char>(character) <= 0x20 || character == 0x7f;
  });
  return has_space ? "'url' holds a space or a control character" : std::string();
}

void read_source(ValueReader& values, const Entry& entry, Pipeline& pipeline) {
  MappingReader section(values, entry.value, "'source'", entry.mark);
  pipeline.source_name = pipeline.name;
  if (const auto* const name = section.take("name")) {
    pipeline.source_name = read_folder_name(values, *name);
  }
  if (const auto* const node = section.require("url", "Say {url: \"https://api.example.com\"}.")) {
    const auto url = values.text(*node, "'url'");
    const auto fault = url ? url_fault(*url) : std::string();
    if (!fault.empty()) {
      values.complain(node->mark, fault + ": " + shown(node->text),
                      "Write scheme, host and a path at most, or 'embedded:'; credentials belong "
                      "under extract.auth, parameters under extract.request.query.");
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
  MappingReader file(values, root, "the file", root.mark);
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

std::string Complaint::message() const {
  auto text =
      file + ":" + std::to_string(mark.line) + ":" + std::to_string(mark.column) + ": " + what;
  if (!remedy.empty()) text += (text.ends_with('.') ? " " : ". ") + remedy;
  return text;
}

Reading read_pipeline(std::string_view text, const std::string& path,
                      const EnvironmentLookup& lookup) {
  Reading reading;
  auto document = parse_yaml(text);
  auto findings = std::move(document.findings);
  if (document.root) {
    ValueReader values(lookup);
    auto pipeline = read_file(values, *document.root);
    findings.insert(findings.end(), values.findings().begin(), values.findings().end());
    pipeline.path = path;
    pipeline.text = text;
    pipeline.sha256 = base::to_hex(base::sha256(text));
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

}  // namespace ashore::spec
