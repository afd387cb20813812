// The items are walked once, without decoding them; the other fields are looked up one by one.
#include "json/envelope.h"

#include <charconv>
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

Result<std::optional<std::string>> next_at(simdjson::ondemand::document& document,
                                           const Pointer& pointer) {
  simdjson::ondemand::value value;
  if (locate(document, pointer).get(value) != simdjson::SUCCESS) {
    return std::optional<std::string>();
  }
  simdjson::ondemand::json_type type{};
  if (value.type().get(type) != simdjson::SUCCESS) return missing(pointer, "cannot be read");
  if (type == simdjson::ondemand::json_type::null) return std::optional<std::string>();
  if (type == simdjson::ondemand::json_type::number) {
    return std::optional(std::string(trimmed(value.raw_json_token())));
  }
  std::string_view text;
  if (type != simdjson::ondemand::json_type::string ||
      value.get_string().get(text) != simdjson::SUCCESS) {
    return missing(pointer, "is neither text nor a number");
  }
  if (text.empty()) return std::optional<std::string>();
  return std::optional(std::string(text));
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

}  // namespace

Result<Envelope> read_envelope(std::string_view body, const EnvelopePaths& paths) {
  const PaddedBody padded(body);
  simdjson::ondemand::parser parser;
  simdjson::ondemand::document document;
  if (parser.iterate(padded.view()).get(document) != simdjson::SUCCESS) {
    return missing(paths.items, "cannot be read");
  }
  Envelope envelope;
  TRY(take_items_at(document, paths, &envelope));
  // A pointer is looked up from the front again.
  if (paths.total) {
    TRY(envelope.total, count_at(document, *paths.total));
  }
  if (paths.page_count) {
    TRY(envelope.page_count, count_at(document, *paths.page_count));
  }
  if (paths.next) {
    TRY(envelope.next, next_at(document, *paths.next));
  }
  return envelope;
}

}  // namespace ashore::json
