// The one file that calls yaml-cpp: turns its events into Nodes and its exceptions into Findings.
#include "config/yaml_node.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <exception>
#include <memory>
#include <set>
#include <sstream>
#include <utility>

#include "json/text.h"

namespace ashore::config {
namespace {

Mark mark_of(const YAML::Mark& mark) { return {mark.line + 1, mark.column + 1}; }

// Where a byte of the text lies; columns count bytes as yaml-cpp's do.
Mark mark_at(std::string_view text, std::size_t offset) {
  const auto before = text.substr(0, offset);
  const auto line = std::count(before.begin(), before.end(), '\n');
  const auto line_start = before.rfind('\n');
  const auto column =
      line_start == std::string_view::npos ? before.size() : before.size() - line_start - 1;
  return {static_cast<int>(line) + 1, static_cast<int>(column) + 1};
}

// Builds Nodes from events. What cannot be read is found once and ends the building, not the
// parsing: yaml-cpp's parser has no way to stop, and its input is bounded.
class NodeBuilder final : public YAML::EventHandler {
 public:
  explicit NodeBuilder(YamlDocument& document) : document_(document) {}

  [[nodiscard]] bool is_stopped() const { return is_stopped_; }

  void OnDocumentStart(const YAML::Mark& /*mark*/) override {}
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark& mark, YAML::anchor_t /*anchor*/) override {
    add_leaf(Node{
        .kind = NodeKind::kNull, .mark = mark_of(mark), .text = {}, .items = {}, .entries = {}});
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t /*anchor*/) override {
    stop(mark, "aliases (*name) are not read", "Write the value out where it is used.");
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t /*anchor*/,
                const std::string& value) override {
    if (!check_tag(mark, tag)) return;
    Node node;
    node.kind = NodeKind::kScalar;
    node.mark = mark_of(mark);
    node.text = value;
    node.is_plain = tag.empty() || tag == "?";
    if (node.is_plain && scalar_kind(value) == ScalarKind::kNull) node.kind = NodeKind::kNull;
    add_leaf(std::move(node));
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t /*anchor*/,
                       YAML::EmitterStyle::value /*style*/) override {
    open(NodeKind::kList, mark, tag);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t /*anchor*/,
                  YAML::EmitterStyle::value /*style*/) override {
    open(NodeKind::kMapping, mark, tag);
  }
  void OnMapEnd() override { close(); }

 private:
  // A list or mapping that is not closed yet.
  struct Open {
    Node node;
    std::optional<Entry> pending;  // a key that waits for its value
    std::set<std::string> keys;
  };

  void stop(const YAML::Mark& mark, std::string what, std::string remedy) {
    if (is_stopped_) return;
    is_stopped_ = true;
    document_.findings.push_back({mark_of(mark), std::move(what), std::move(remedy)});
  }

  bool check_tag(const YAML::Mark& mark, const std::string& tag) {
    if (tag.empty() || tag == "?" || tag == "!") return !is_stopped_;
    stop(mark, "tags (!name) are not read",
         "Remove the tag; quote a text that looks like a number.");
    return false;
  }

  void open(NodeKind kind, const YAML::Mark& mark, const std::string& tag) {
    if (!check_tag(mark, tag)) return;
    if (expects_key()) {
      return stop(mark, "a key is a list or a mapping", "Write the key as a plain word.");
    }
    if (open_.size() >= kDepthMax) {
      return stop(mark, "nested deeper than " + std::to_string(kDepthMax) + " levels",
                  "Flatten the file.");
    }
    Open opened;
    opened.node.kind = kind;
    opened.node.mark = mark_of(mark);
    open_.push_back(std::move(opened));
  }

  void close() {
    if (is_stopped_ || open_.empty()) return;
    Node node = std::move(open_.back().node);
    open_.pop_back();
    add(std::move(node));
  }

  [[nodiscard]] bool expects_key() const {
    return !open_.empty() && open_.back().node.kind == NodeKind::kMapping && !open_.back().pending;
  }

  void add_leaf(Node node) {
    if (is_stopped_) return;
    if (!expects_key()) return add(std::move(node));
    const Mark mark = node.mark;
    open_.back().pending = Entry{std::move(node.text), mark, {}};
  }

  void add(Node node) {
    if (open_.empty()) {
      document_.root = std::move(node);
      return;
    }
    auto& parent = open_.back();
    if (parent.node.kind == NodeKind::kList) {
      parent.node.items.push_back(std::move(node));
      return;
    }
    Entry entry = std::move(*parent.pending);
    parent.pending.reset();
    if (!parent.keys.insert(entry.key).second) {
      document_.findings.push_back(
          {entry.mark, "duplicate key '" + entry.key + "'", "Remove one of the two."});
      return;
    }
    entry.value = std::move(node);
    parent.node.entries.push_back(std::move(entry));
  }

  YamlDocument& document_;
  std::vector<Open> open_;
  bool is_stopped_ = false;
};

// The length of the UTF-8 sequence at the beginning, or 0 if there is none.
std::size_t sequence_length(std::string_view text) {
  const auto byte = [&](std::size_t index) { return static_cast<unsigned char>(text[index]); };
  const unsigned char lead = byte(0);
  if (lead < 0x80) return 1;
  const std::size_t length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (lead < 0xc2 || lead > 0xf4 || text.size() < length) return 0;
  for (std::size_t index = 1; index < length; ++index) {
    if ((byte(index) & 0xc0U) != 0x80) return 0;
  }
  const bool is_overlong = (lead == 0xe0 && byte(1) < 0xa0) || (lead == 0xf0 && byte(1) < 0x90);
  const bool is_outside = (lead == 0xed && byte(1) > 0x9f) || (lead == 0xf4 && byte(1) > 0x8f);
  return is_overlong || is_outside ? 0 : length;
}

std::optional<Finding> unreadable_text(std::string_view text) {
  if (text.size() > kTextBytesMax) {
    return Finding{{1, 1},
                   "the file is larger than " + std::to_string(kTextBytesMax) + " bytes",
                   "A pipeline file is a few kilobytes; is this the right file?"};
  }
  for (std::size_t offset = 0; offset < text.size();) {
    const auto length = sequence_length(text.substr(offset));
    if (length == 0) {
      return Finding{mark_at(text, offset), "the file is not UTF-8 text", "Save it as UTF-8."};
    }
    const auto byte = static_cast<unsigned char>(text[offset]);
    if (byte < 0x20 && byte != '\n' && byte != '\r' && byte != '\t') {
      return Finding{mark_at(text, offset), "the file holds a control character",
                     "Remove it; is this the right file?"};
    }
    offset += length;
  }
  return std::nullopt;
}

// yaml-cpp's scanner and parser recurse and look back over open brackets: counting them before
// costs nothing and bounds both. Brackets in texts and comments are counted too, so the bound is
// generous.
constexpr int kOpenBracketsMax = 2000;
std::optional<Finding> too_many_brackets(std::string_view text) {
  int open = 0;
  for (std::size_t offset = 0; offset < text.size(); ++offset) {
    const char character = text[offset];
    if (character == '[' || character == '{') ++open;
    if ((character == ']' || character == '}') && open > 0) --open;
    if (open > kOpenBracketsMax) {
      return Finding{mark_at(text, offset), "too many brackets are open", "Close them."};
    }
  }
  return std::nullopt;
}

void run_parser(std::string_view text, YamlDocument& document) {
  std::istringstream stream{std::string(text)};
  YAML::Parser parser(stream);
  NodeBuilder builder(document);
  if (!parser.HandleNextDocument(builder) || (!document.root && !builder.is_stopped())) {
    document.findings.push_back({{1, 1}, "the file is empty", "See docs/pipeline.md."});
    return;
  }
  YamlDocument next;
  NodeBuilder next_builder(next);
  if (!builder.is_stopped() && parser.HandleNextDocument(next_builder)) {
    const Mark mark = next.root ? next.root->mark : Mark{1, 1};
    document.findings.push_back(
        {mark, "a second YAML document begins", "A file holds one pipeline; remove the '---'."});
    document.root.reset();
  }
  if (builder.is_stopped()) document.root.reset();
}

}  // namespace

ScalarKind scalar_kind(std::string_view text) {
  if (text.empty() || text == "~" || text == "null" || text == "Null" || text == "NULL") {
    return ScalarKind::kNull;
  }
  for (const auto* word : {"true", "True", "TRUE", "false", "False", "FALSE"}) {
    if (text == word) return ScalarKind::kBoolean;
  }
  return json::is_number(text) ? ScalarKind::kNumber : ScalarKind::kText;
}

YamlDocument parse_yaml(std::string_view text) {
  YamlDocument document;
  constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  auto finding = unreadable_text(text);
  if (!finding) finding = too_many_brackets(text);
  if (finding) {
    document.findings.push_back(*std::move(finding));
    return document;
  }
  try {
    run_parser(text, document);
  } catch (const YAML::Exception& error) {
    document.root.reset();
    const bool is_placed = error.mark.line >= 0;
    document.findings.push_back({is_placed ? mark_of(error.mark) : Mark{1, 1},
                                 "this is not YAML: " + error.msg,
                                 "Check the indentation, quotes and brackets here and above."});
  } catch (const std::exception& error) {
    document.root.reset();
    document.findings.push_back(
        {{1, 1}, std::string("this is not YAML: ") + error.what(), "Check the file."});
  }
  return document;
}

}  // namespace ashore::config
