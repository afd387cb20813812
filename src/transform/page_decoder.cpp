// Decodes items by a recursive walk along the tree of paths.
// A recursive walk as deep as the tree of paths; what no table names is stepped over.
#include "transform/page_decoder.h"

#include <algorithm>
#include <deque>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

#include "json/text.h"
#include "transform/json_cursor.h"
#include "transform/json_index.h"
#include "transform/json_text.h"
#include "transform/table_rows.h"

namespace ashore::transform {

namespace {

using base::Result;
using base::Status;

constexpr int kUnknown = -1;
// Texts are copied when their batch ends: so many of them are still in the processor's cache.
constexpr std::size_t kBatchBytes = std::size_t{1} << 20;

std::size_t at(int index) { return static_cast<std::size_t>(index); }

// What is done with each value at one node.
struct NodeSteps {
  bool is_leaf = false;                             // it is nothing but the value of columns
  std::int64_t seen = 0;                            // in these pages
  std::vector<std::pair<TableRows*, int>> targets;  // columns that take it
};

// A key that an object of some node has had: the node it leads to, or the unmapped path it is.
struct KnownKey {
  std::string quoted;  // as it is written
  int node = kUnknown;
  int unmapped = kUnknown;
  NodeSteps* leaf = nullptr;  // the node's, where it is one

  [[nodiscard]] std::string_view key() const {
    return std::string_view(quoted).substr(1, quoted.size() - 2);
  }
};

struct TextHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const {
    return std::hash<std::string_view>()(text);
  }
};

// What is remembered of the objects at one node. Items mostly name their fields in one order, so
// the key that stood here last time is tried before the map.
struct ObjectMemory {
  std::deque<KnownKey> keys;  // stable addresses
  std::unordered_map<std::string_view, KnownKey*, TextHash, std::equal_to<>> by_key;
  struct Usual {
    std::string_view quoted;  // known's
    const KnownKey* known = nullptr;
  };
  std::vector<Usual> sequence;
};

struct UnmappedTally {
  std::string path;
  std::int64_t count = 0;
  std::string example;
};

base::Error broken_page(std::string_view page, std::string_view why) {
  return base::permanent("page '" + std::string(page) + "' cannot be read: " + std::string(why))
      .with_remedy("Fetch it again with extract");
}

}  // namespace

class PageDecoder::Walk {
 public:
  Walk(const Plan& plan, const config::Items& items, std::int64_t batch_rows_max)
      : plan_(plan),
        items_at_(items.at),
        may_lack_items_(items.absent_means_none),
        batch_rows_max_(batch_rows_max),
        memories_(plan.nodes.size()),
        unmapped_nodes_(plan.nodes.size(), kUnknown) {
    tables_.reserve(plan.tables.size());  // they are pointed to
    for (std::size_t table = 0; table < plan.tables.size(); ++table) {
      tables_.emplace_back(plan, static_cast<int>(table));
    }
    for (const auto& node : plan.nodes) {
      auto& steps = steps_.emplace_back();
      steps.is_leaf = is_leaf(node);
      for (const auto& target : node.columns) {
        steps.targets.emplace_back(&tables_[at(target.table)], target.column);
      }
    }
  }

  Result<PageRows> decode(std::span<const PageText> pages, const std::string& run_id) {
    begin();
    for (const auto& page : pages) TRY(decode_page(page, run_id));
    TRY(flush(run_id));
    for (const auto& steps : steps_) rows_.seen.push_back(steps.seen);
    finish_unmapped();
    return std::exchange(rows_, {});
  }

 private:
  void begin() {
    rows_ = {};
    rows_.tables.resize(plan_.tables.size());
    for (auto& steps : steps_) steps.seen = 0;
    items_.clear();
    batch_bytes_ = 0;
    if (unmapped_.size() > kUnmappedPathsMax) forget();
    for (const int index : touched_) unmapped_[at(index)].count = 0;
    touched_.clear();
  }

  Status decode_page(const PageText& page, const std::string& run_id) {
    auto indexed = index_.build(page.json);
    if (!indexed.ok()) {
      return std::move(indexed).within("page '" + std::string(page.name) + "'");
    }
    cursor_.emplace(page.json, index_.positions());
    escapes_ = EscapeFinder(page.json);
    page_name_ = page.name;
    page_items_ = 0;
    switch (go_to_items()) {
      case Found::kItems:
        return walk_items(run_id);
      case Found::kNone:
        if (may_lack_items_) return {};
        [[fallthrough]];
      case Found::kNoPlace:
        break;
    }
    return broken_page(page.name, "no items at '" + items_at_.to_string() + "'");
  }

  void forget() {
    memories_ = std::vector<ObjectMemory>(plan_.nodes.size());
    unmapped_nodes_.assign(plan_.nodes.size(), kUnknown);
    unmapped_.clear();
    touched_.clear();
  }

  // --- the way to the items -----------------------------------------------------------------

  // kNone: null, or an object that lacks the last key.
  enum class Found { kItems, kNone, kNoPlace };

  Found go_to_items() {
    const auto& tokens = items_at_.tokens();
    for (std::size_t index = 0; index < tokens.size(); ++index) {
      if (go_to_member(tokens[index])) continue;
      return index + 1 == tokens.size() && cursor_->peek() == '}' ? Found::kNone : Found::kNoPlace;
    }
    if (cursor_->peek() == '[' || cursor_->peek() == '{') return Found::kItems;
    return cursor_->token(cursor_->at()) == "null" ? Found::kNone : Found::kNoPlace;
  }

  bool go_to_member(std::string_view wanted) {
    if (cursor_->peek() != '{') return false;
    cursor_->next();
    while (cursor_->peek() == '"') {
      std::string_view key;
      if (!read_key(&key)) return false;
      if (key == wanted) return true;
      if (!cursor_->skip_value() || cursor_->peek() != ',') return false;
      cursor_->next();
    }
    return false;
  }

  // Reads a key and its colon. Keys with escapes are unescaped into scratch_.
  bool read_key(std::string_view* key) {
    const auto token = cursor_->token(cursor_->at());
    if (token.size() < 2 || token.front() != '"' || token.back() != '"') return false;
    cursor_->next();
    if (cursor_->peek() != ':') return false;
    cursor_->next();
    *key = token.substr(1, token.size() - 2);
    return true;
  }

  // --- items --------------------------------------------------------------------------------

  // An object where the array should be is one item.
  Status walk_items(const std::string& run_id) {
    if (cursor_->peek() == '{') return walk_item();
    cursor_->next();
    if (cursor_->peek() == ']') return {};
    while (true) {
      TRY(walk_item());
      if (is_full()) TRY(flush(run_id));
      const char separator = cursor_->peek();
      cursor_->next();
      if (separator == ']') return {};
      if (separator != ',') return broken_page(page_name_, "a comma is missing");
    }
  }

  Status walk_item() {
    const auto begin = cursor_->at();
    if (!walk_value(0, page_items_)) return broken_page(page_name_, "its brackets do not match");
    items_.push_back({cursor_->value_from(begin), page_name_, page_items_});
    batch_bytes_ += items_.back().text.size();
    ++page_items_;
    ++rows_.items;
    return {};
  }

  [[nodiscard]] bool is_full() const {
    if (batch_bytes_ >= kBatchBytes) return true;
    for (const auto& table : tables_) {
      if (table.count() >= batch_rows_max_) return true;
    }
    return false;
  }

  Status flush(const std::string& run_id) {
    std::vector<DecidedRows> decided;
    decided.reserve(tables_.size());  // parents are pointed to
    for (std::size_t table = 0; table < tables_.size(); ++table) {
      const int parent = plan_.tables[table].parent;
      TRY(auto rows, tables_[table]
                         .decide(parent < 0 ? nullptr : &decided[at(parent)])
                         .within("table '" + plan_.tables[table].table->name + "'"));
      decided.push_back(std::move(rows));
    }
    add_batch(plan_, {run_id, items_}, decided, &rows_);
    items_.clear();
    batch_bytes_ = 0;
    return {};
  }

  // --- values -------------------------------------------------------------------------------

  static bool is_leaf(const PathNode& node) {
    return node.members.empty() && node.element < 0 && node.tables.empty() &&
           node.arrays_of.empty() && !node.columns.empty();
  }

  bool walk_leaf(NodeSteps* steps) {
    ++steps->seen;
    std::string_view value;
    if (!cursor_->take_value(&value)) return false;
    take_value(*steps, value);
    return true;
  }

  void take_value(const NodeSteps& steps, std::string_view value) {
    const bool has_escapes = escapes_.is_in(value);
    for (const auto& [rows, column] : steps.targets) rows->take(column, value, has_escapes);
  }

  // Walks the value here and goes behind it; `position` is its place in the array it lies in.
  bool walk_value(int index, std::int64_t position) {
    const auto& node = plan_.nodes[at(index)];
    ++steps_[at(index)].seen;
    for (const int table : node.tables) begin_row(table, position);
    const auto begin = cursor_->at();
    const char first = cursor_->peek();
    if (!walk_inside(node, index, first)) return false;
    if (!node.columns.empty()) take_value(steps_[at(index)], cursor_->value_from(begin));
    if (!node.arrays_of.empty() && first != '[') reject_arrays(node, begin, first);
    for (const int table : node.tables) tables_[at(table)].end_row();
    return true;
  }

  bool walk_inside(const PathNode& node, int index, char first) {
    if (first == '{' && !node.members.empty()) return walk_object(node, index);
    if (first == '[' && node.element >= 0) return walk_rows(node);
    if (first == '[' && !node.members.empty()) return walk_members_of_array(node, index);
    const auto begin = cursor_->at();
    if (!cursor_->skip_value()) return false;
    if (is_lost(node, first)) note_unmapped_node(node, index, begin);
    return true;
  }

  // A value where tables name only what would be inside it: nobody takes it.
  static bool is_lost(const PathNode& node, char first) {
    return node.columns.empty() && node.arrays_of.empty() && !node.is_under_json && first != 'n';
  }

  void begin_row(int table, std::int64_t position) {
    const int parent = plan_.tables[at(table)].parent;
    const auto parent_row = parent < 0 ? -1 : tables_[at(parent)].count() - 1;
    tables_[at(table)].begin_row(item_number(), position, parent_row);
  }

  [[nodiscard]] std::uint32_t item_number() const {
    return static_cast<std::uint32_t>(items_.size());
  }

  void reject_arrays(const PathNode& node, std::size_t begin, char first) {
    if (first == 'n') return;
    for (const int table : node.arrays_of) {
      const int parent = plan_.tables[at(table)].parent;
      tables_[at(table)].reject_array(item_number(), tables_[at(parent)].count() - 1,
                                      cursor_->value_from(begin));
    }
  }

  bool walk_object(const PathNode& node, int index) {
    cursor_->next();
    if (cursor_->peek() == '}') {
      cursor_->next();
      return true;
    }
    const auto& sequence = memories_[at(index)].sequence;
    for (std::size_t ordinal = 0;; ++ordinal) {
      const KnownKey* known = nullptr;
      if (ordinal < sequence.size() && cursor_->skip_key(sequence[ordinal].quoted)) {
        known = sequence[ordinal].known;
      } else {
        std::string_view raw;
        if (!read_key(&raw)) return false;
        known = find_key(node, index, raw, ordinal);
      }
      if (!walk_field(known)) return false;
      const char separator = cursor_->peek();
      cursor_->next();
      if (separator == '}') return true;
      if (separator != ',') return false;
    }
  }

  bool walk_field(const KnownKey* known) {
    if (known != nullptr && known->leaf != nullptr) return walk_leaf(known->leaf);
    if (known != nullptr && known->node >= 0) return walk_value(known->node, 0);
    const auto begin = cursor_->at();
    if (!cursor_->skip_value()) return false;
    if (known != nullptr && known->unmapped >= 0) note_unmapped(known->unmapped, begin);
    return true;
  }

  // An array whose elements are rows, or hold arrays of rows.
  bool walk_rows(const PathNode& node) {
    cursor_->next();
    if (cursor_->peek() == ']') {
      cursor_->next();
      return true;
    }
    for (std::int64_t position = 0;; ++position) {
      const auto begin = cursor_->at();
      if (!walk_value(node.element, position)) return false;
      if (!walk_again(node, begin, position)) return false;
      const char separator = cursor_->peek();
      cursor_->next();
      if (separator == ']') return true;
      if (separator != ',') return false;
    }
  }

  // A path may name an element by its number (`/stops/0/name`) beside a table of all elements.
  bool walk_again(const PathNode& node, std::size_t begin, std::int64_t position) {
    if (node.members.empty()) return true;
    const int member = numbered_member(node, position);
    if (member < 0) return true;
    cursor_->go_to(begin);
    return walk_value(member, position);
  }

  static int numbered_member(const PathNode& node, std::int64_t position) {
    const auto token = std::to_string(position);
    for (const auto& [key, member] : node.members) {
      if (key == token) return member;
    }
    return kUnknown;
  }

  bool walk_members_of_array(const PathNode& node, int index) {
    const auto begin = cursor_->at();
    bool took_any = false;
    cursor_->next();
    for (std::int64_t position = 0; cursor_->peek() != ']'; ++position) {
      const int member = numbered_member(node, position);
      took_any = took_any || member >= 0;
      if (!(member >= 0 ? walk_value(member, position) : cursor_->skip_value())) return false;
      if (cursor_->peek() == ',') cursor_->next();
    }
    cursor_->next();
    if (!took_any && is_lost(node, '[')) note_unmapped_node(node, index, begin);
    return true;
  }

  // --- keys ---------------------------------------------------------------------------------

  const KnownKey* find_key(const PathNode& node, int index, std::string_view raw,
                           std::size_t ordinal) {
    auto& memory = memories_[at(index)];
    const auto found = memory.by_key.find(raw);
    const auto* known = found != memory.by_key.end() ? found->second : learn_key(node, index, raw);
    if (known == nullptr) return nullptr;
    if (ordinal < memory.sequence.size()) {
      memory.sequence[ordinal] = {known->quoted, known};
    } else if (ordinal == memory.sequence.size()) {
      memory.sequence.push_back({known->quoted, known});
    }
    return known;
  }

  // Keys are remembered as they are written: two spellings of one key are two entries.
  const KnownKey* learn_key(const PathNode& node, int index, std::string_view raw) {
    std::string key(raw);
    if (has_escape(raw) && unescape(raw, &key) != Rule::kNone) key = raw;
    KnownKey known{'"' + std::string(raw) + '"'};
    for (const auto& [name, child] : node.members) {
      if (name == key) known.node = child;
    }
    if (known.node >= 0 && steps_[at(known.node)].is_leaf) known.leaf = &steps_[at(known.node)];
    if (known.node < 0 && !node.is_under_json) {
      if (touched_.size() >= kUnmappedPathsMax) return nullptr;
      known.unmapped = add_unmapped(node.path + "/" + json::pointer_token(key));
    }
    auto& memory = memories_[at(index)];
    memory.keys.push_back(std::move(known));
    memory.by_key.emplace(memory.keys.back().key(), &memory.keys.back());
    return &memory.keys.back();
  }

  // --- what nobody named --------------------------------------------------------------------

  int add_unmapped(std::string path) {
    unmapped_.push_back({std::move(path), 0, {}});
    return static_cast<int>(unmapped_.size()) - 1;
  }

  void note_unmapped(int index, std::size_t begin) {
    auto& tally = unmapped_[at(index)];
    if (tally.count == 0) {
      if (touched_.size() >= kUnmappedPathsMax) return;
      touched_.push_back(index);
      tally.example = example_of(cursor_->value_from(begin));
    }
    ++tally.count;
  }

  void note_unmapped_node(const PathNode& node, int index, std::size_t begin) {
    auto& known = unmapped_nodes_[at(index)];
    if (known < 0) known = add_unmapped(node.path);
    note_unmapped(known, begin);
  }

  void finish_unmapped() {
    for (const int index : touched_) {
      const auto& tally = unmapped_[at(index)];
      rows_.unmapped.push_back({tally.path, tally.count, tally.example});
    }
  }

  const Plan& plan_;
  json::Pointer items_at_;
  bool may_lack_items_;
  std::int64_t batch_rows_max_;
  JsonIndex index_;
  std::optional<JsonCursorView> cursor_;
  EscapeFinder escapes_;
  std::vector<TableRows> tables_;
  std::vector<NodeSteps> steps_;        // by node
  std::vector<ObjectMemory> memories_;  // by node
  std::vector<int> unmapped_nodes_;     // by node: its own unmapped path, if it had one
  std::vector<UnmappedTally> unmapped_;
  std::vector<int> touched_;     // unmapped paths of these pages, in the order met
  std::vector<ItemView> items_;  // of this batch
  std::size_t batch_bytes_ = 0;  // of their texts
  std::string_view page_name_;   // of the page that is walked
  std::int64_t page_items_ = 0;  // items of it that were walked
  PageRows rows_;
};

PageDecoder::PageDecoder(const Plan& plan, const config::Items& items, std::int64_t batch_rows_max)
    : walk_(std::make_unique<Walk>(plan, items, batch_rows_max)) {}
PageDecoder::~PageDecoder() = default;

Result<PageRows> PageDecoder::decode(std::span<const PageText> pages, const std::string& run_id) {
  return walk_->decode(pages, run_id);
}

}  // namespace ashore::transform
