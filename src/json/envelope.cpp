// Reads a page's envelope by simdjson On-Demand.
// The items are walked once, without decoding them; the other fields are looked up one by one.
#include "json/envelope.h"

#include <charconv>
#include <set>
#include <type_traits>

#include "json/locate.h"
#include "json/padded_body.h"

namespace ashore::json {

namespace {

using base::Error;
using base::Result;
using base::Status;

Error missing(const Pointer& pointer, std::string_view why) {
  return base::permanent("the answer's field '" + pointer.to_string() + "' " + std::string(why))
      .with_remedy("Compare extract.items and extract.pages with an answer of the source.");
}

Error no_items(const Pointer& pointer) {
  return base::permanent("no array or object of items at '" + pointer.to_string() + "'")
      .with_remedy("Set extract.items.at to where the items lie in the answer.");
}

// The exact text of a scalar at a pointer; nothing where it is absent.
Result<std::optional<std::string>> scalar_at(simdjson::ondemand::document& document,
                                             const Pointer& pointer) {
  simdjson::ondemand::value value;
  const auto code = locate(document, pointer).get(value);
  if (code == simdjson::NO_SUCH_FIELD || code == simdjson::INDEX_OUT_OF_BOUNDS) {
    return std::optional<std::string>();
  }
  if (code != simdjson::SUCCESS) return missing(pointer, "cannot be reached");
  bool is_scalar = false;
  if (value.is_scalar().get(is_scalar) != simdjson::SUCCESS || !is_scalar) {
    return missing(pointer, "is an array or object");
  }
  return std::optional(std::string(trimmed(value.raw_json_token())));
}

Result<std::int64_t> count_at(simdjson::ondemand::document& document, const Pointer& pointer) {
  TRY(const auto text, scalar_at(document, pointer));
  if (!text) return missing(pointer, "is missing");
  std::int64_t count = 0;
  const auto [end, failure] = std::from_chars(text->data(), text->data() + text->size(), count);
  if (failure != std::errc() || end != text->data() + text->size() || count < 0) {
    return missing(pointer, "is not a count: " + text->substr(0, 60));
  }
  return count;
}

Status take_next(simdjson::ondemand::document& document, const Pointer& pointer,
                 Envelope* envelope) {
  simdjson::ondemand::value value;
  if (locate(document, pointer).get(value) != simdjson::SUCCESS) return {};
  simdjson::ondemand::json_type type{};
  if (value.type().get(type) != simdjson::SUCCESS) return missing(pointer, "cannot be read");
  envelope->next_kind = NextKind::kNull;
  if (type == simdjson::ondemand::json_type::null) return {};
  envelope->next_kind = NextKind::kValue;
  if (type == simdjson::ondemand::json_type::number) {
    envelope->next = std::string(trimmed(value.raw_json_token()));
    return {};
  }
  std::string_view text;
  if (type != simdjson::ondemand::json_type::string ||
      value.get_string().get(text) != simdjson::SUCCESS) {
    return missing(pointer, "is neither text nor a number");
  }
  if (text.empty()) {
    envelope->next_kind = NextKind::kEmpty;
  } else {
    envelope->next = std::string(text);
  }
  return {};
}

Result<std::optional<bool>> more_at(simdjson::ondemand::document& document,
                                    const Pointer& pointer) {
  TRY(const auto text, scalar_at(document, pointer));
  if (!text) return std::optional<bool>();
  if (*text == "true" || *text == "false") return std::optional(*text == "true");
  return missing(pointer, "is not true or false: " + text->substr(0, 60));
}

// The way to a value inside the last of several items.
Result<Pointer> in_last_item(const EnvelopePaths& paths, std::int64_t items_count) {
  return Pointer::parse(paths.items.to_string() + "/" + std::to_string(items_count - 1) +
                        paths.last_item->to_string());
}

// Adds the exact text of the id of one item; nothing for null and absent.
Status take_id(simdjson::ondemand::value item, const Pointer& pointer, Envelope* envelope) {
  if (!pointer.is_root()) {
    simdjson::ondemand::value found;
    const auto code = locate(item, pointer).get(found);
    // A scalar where an object with an id was expected is transform's to reject.
    if (code != simdjson::SUCCESS) return {};
    item = found;
  }
  bool is_scalar = false;
  if (item.is_scalar().get(is_scalar) != simdjson::SUCCESS || !is_scalar) {
    return missing(pointer, "of an item is an array or object, where an id was expected");
  }
  const auto text = trimmed(item.raw_json_token());
  if (text != "null") envelope->ids.emplace_back(text);
  return {};
}

Status take_items(simdjson::ondemand::array items, const EnvelopePaths& paths, Envelope* envelope) {
  for (auto element : items) {
    simdjson::ondemand::value item;
    if (element.get(item) != simdjson::SUCCESS) return missing(paths.items, "cannot be read");
    ++envelope->items_count;
    if (paths.id) TRY(take_id(item, *paths.id, envelope));
  }
  return {};
}

// `Node` is a document, where the items' pointer is the root, or a value.
template <typename Node>
Status take_items_of(Node& node, const EnvelopePaths& paths, Envelope* envelope) {
  simdjson::ondemand::json_type type{};
  if (node.type().get(type) != simdjson::SUCCESS) return no_items(paths.items);
  if (type == simdjson::ondemand::json_type::array) {
    simdjson::ondemand::array items;
    if (node.get_array().get(items) != simdjson::SUCCESS) return no_items(paths.items);
    return take_items(items, paths, envelope);
  }
  if (type != simdjson::ondemand::json_type::object) return no_items(paths.items);
  envelope->items_count = 1;
  simdjson::ondemand::value item;
  if constexpr (std::is_same_v<Node, simdjson::ondemand::document>) {
    if (node.get_value().get(item) != simdjson::SUCCESS) return no_items(paths.items);
  } else {
    item = node;
  }
  return paths.id ? take_id(item, *paths.id, envelope) : Status();
}

Status take_items_at(simdjson::ondemand::document& document, const EnvelopePaths& paths,
                     Envelope* envelope) {
  if (paths.items.is_root()) return take_items_of(document, paths, envelope);
  simdjson::ondemand::value value;
  if (locate(document, paths.items).get(value) != simdjson::SUCCESS) return no_items(paths.items);
  return take_items_of(value, paths, envelope);
}

// Walks the objects on the way to declared fields and refuses keys that come twice.
class KeysOnce {
 public:
  explicit KeysOnce(const EnvelopePaths& paths) {
    add(paths.items);
    for (const auto* pointer : {&paths.total, &paths.page_count, &paths.next, &paths.more}) {
      if (*pointer) add(**pointer);
    }
  }

  Status check(simdjson::ondemand::document& document) {
    simdjson::ondemand::object object;
    if (pointers_.empty() || document.get_object().get(object) != simdjson::SUCCESS) return {};
    return check_object(object, pointers_, 0);
  }

 private:
  using Pointers = std::vector<const Pointer*>;

  void add(const Pointer& pointer) {
    if (!pointer.is_root()) pointers_.push_back(&pointer);
  }

  static Status check_object(simdjson::ondemand::object& object, const Pointers& pointers,
                             std::size_t depth) {
    std::set<std::string> seen;
    for (auto field : object) {
      std::string_view view;
      if (field.unescaped_key().get(view) != simdjson::SUCCESS) return {};
      const std::string key(view);
      Pointers deeper;
      bool is_named = false;
      for (const auto* pointer : pointers) {
        if (pointer->tokens()[depth] != key) continue;
        is_named = true;
        if (pointer->tokens().size() > depth + 1) deeper.push_back(pointer);
      }
      if (!is_named) continue;
      if (!seen.insert(key).second) {
        return base::transient("the answer has the key '" + key + "' twice");
      }
      simdjson::ondemand::object inner;
      if (deeper.empty() || field.value().get_object().get(inner) != simdjson::SUCCESS) continue;
      TRY(check_object(inner, deeper, depth + 1));
    }
    return {};
  }

  Pointers pointers_;
};

}  // namespace

Result<Envelope> read_envelope(std::string_view body, const EnvelopePaths& paths) {
  const PaddedBody padded(body);
  simdjson::ondemand::parser parser;
  simdjson::ondemand::document document;
  if (parser.iterate(padded.view()).get(document) != simdjson::SUCCESS) {
    return missing(paths.items, "cannot be read");
  }
  TRY(KeysOnce(paths).check(document));
  document.rewind();
  Envelope envelope;
  TRY(take_items_at(document, paths, &envelope));
  // A pointer is looked up from the front again.
  if (paths.total) {
    TRY(envelope.total, count_at(document, *paths.total));
  }
  if (paths.page_count) {
    TRY(envelope.page_count, count_at(document, *paths.page_count));
  }
  if (paths.next) TRY(take_next(document, *paths.next, &envelope));
  if (paths.last_item && envelope.items_count > 0) {
    TRY(const auto pointer, in_last_item(paths, envelope.items_count));
    TRY(take_next(document, pointer, &envelope));
  }
  if (paths.more) {
    TRY(envelope.more, more_at(document, *paths.more));
  }
  return envelope;
}

namespace {

constexpr std::size_t kKeysShownMax = 30;

// The keys of an object; nothing for what is none.
template <typename Node>
std::vector<std::string> keys_of(Node& node) {
  std::vector<std::string> keys;
  simdjson::ondemand::object object;
  if (node.get_object().get(object) != simdjson::SUCCESS) return keys;
  for (auto field : object) {
    std::string_view key;
    if (field.unescaped_key().get(key) != simdjson::SUCCESS || keys.size() == kKeysShownMax) break;
    keys.emplace_back(key);
  }
  return keys;
}

}  // namespace

std::vector<std::string> keys_near(std::string_view body, const Pointer& pointer) {
  const PaddedBody padded(body);
  simdjson::ondemand::parser parser;
  std::string way = pointer.to_string();
  while (!way.empty()) {
    way.resize(way.rfind('/'));
    simdjson::ondemand::document document;
    if (parser.iterate(padded.view()).get(document) != simdjson::SUCCESS) return {};
    if (way.empty()) return keys_of(document);
    simdjson::ondemand::value value;
    if (document.at_pointer(way).get(value) == simdjson::SUCCESS) return keys_of(value);
  }
  return {};
}

std::vector<std::string> keys_of_first_item(std::string_view body, const Pointer& items) {
  const auto first = Pointer::parse(items.to_string() + "/0/-");
  return first.ok() ? keys_near(body, first.value()) : std::vector<std::string>();
}

}  // namespace ashore::json
