// Reads a page's envelope by simdjson On-Demand.
// One walk takes the items, without decoding them, and the other fields as they come.
#include "json/envelope.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <functional>
#include <set>
#include <type_traits>
#include <utility>

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
      .with_remedy(
          "Set extract.items.at to where the items lie in the answer; where the source leaves an "
          "empty list out, or writes null for it, say items: {absent_means_none: true}.");
}

using Value = simdjson::ondemand::value;

// The exact text of a scalar.
Result<std::string> scalar_of(Value value, const Pointer& pointer) {
  bool is_scalar = false;
  if (value.is_scalar().get(is_scalar) != simdjson::SUCCESS || !is_scalar) {
    return missing(pointer, "is an array or object");
  }
  return std::string(trimmed(value.raw_json_token()));
}

Result<std::int64_t> count_of(Value value, const Pointer& pointer) {
  TRY(const auto text, scalar_of(value, pointer));
  std::int64_t count = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (failure != std::errc() || end != text.data() + text.size() || count < 0) {
    return missing(pointer, "is not a count: " + text.substr(0, 60));
  }
  return count;
}

Status take_next(Value value, const Pointer& pointer, Envelope* envelope) {
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

Result<bool> flag_of(Value value, const Pointer& pointer) {
  TRY(const auto text, scalar_of(value, pointer));
  if (text == "true" || text == "false") return text == "true";
  return missing(pointer, "is not true or false: " + text.substr(0, 60));
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
  if (type == simdjson::ondemand::json_type::null && paths.absent_items_are_none) {
    envelope->are_items_absent = true;
    return {};
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

// Takes the declared fields, each from the one walk through the objects on the way to them, which
// also refuses keys that come twice. What lies in arrays is looked up afterwards, from the front.
class EnvelopeReader {
 public:
  EnvelopeReader(const EnvelopePaths& paths, simdjson::ondemand::document& document)
      : paths_(paths), document_(document) {
    add(paths_.items, [this](Value value) { return take_items_of(value, paths_, &envelope_); });
    if (paths_.total) add_count(*paths_.total, &envelope_.total);
    if (paths_.page_count) add_count(*paths_.page_count, &envelope_.page_count);
    if (paths_.next) {
      add(
          *paths_.next, [this](Value value) { return take_next(value, *paths_.next, &envelope_); },
          Need::kNone);
    }
    if (paths_.more) {
      add(*paths_.more, [this](Value value) -> Status {
        TRY(envelope_.more, flag_of(value, *paths_.more));
        return {};
      });
    }
  }

  Result<Envelope> read() {
    simdjson::ondemand::object object;
    if (document_.get_object().get(object) == simdjson::SUCCESS) {
      std::vector<Field*> all;
      for (auto& field : fields_) {
        if (!field.pointer.is_root()) all.push_back(&field);
      }
      TRY(walk(object, all, 0));
    } else {
      for (auto& field : fields_) field.place = Place::kElsewhere;
    }
    for (auto& field : fields_) TRY(settle(&field));
    if (envelope_.are_items_absent) {
      if (paths_.total && !envelope_.total) envelope_.total = 0;
      if (paths_.page_count && !envelope_.page_count) envelope_.page_count = 0;
    }
    if (paths_.last_item && envelope_.items_count > 0) TRY(take_last_item());
    return std::move(envelope_);
  }

 private:
  enum class Place { kAbsent, kTaken, kElsewhere };

  // What is wrong where a field is not there: that it is absent, that it cannot be reached (through
  // a scalar), or nothing.
  enum class Need { kThere, kReachable, kNone };

  struct Field {
    const Pointer& pointer;
    Need need;
    std::function<Status(Value)> take;
    Place place = Place::kAbsent;
    Status taken = {};  // told once it is known that no key comes twice
  };

  void add(const Pointer& pointer, std::function<Status(Value)> take,
           Need need = Need::kReachable) {
    const auto place = pointer.is_root() ? Place::kElsewhere : Place::kAbsent;
    fields_.push_back({pointer, need, std::move(take), place});
  }
  void add_count(const Pointer& pointer, std::optional<std::int64_t>* count) {
    const auto take = [&pointer, count](Value value) -> Status {
      TRY(*count, count_of(value, pointer));
      return {};
    };
    add(pointer, take, Need::kThere);
  }

  // `fields` lie in this object or below it.
  Status walk(simdjson::ondemand::object& object, const std::vector<Field*>& fields,
              std::size_t depth) {
    std::set<std::string> seen;
    for (auto member : object) {
      simdjson::ondemand::raw_json_string spelled;
      std::string_view key;
      if (member.key().get(spelled) != simdjson::SUCCESS) return {};
      if (member.unescaped_key().get(key) != simdjson::SUCCESS) return {};
      std::vector<Field*> deeper;
      Field* here = nullptr;
      bool is_named = false;
      for (auto* const field : fields) {
        const auto& tokens = field->pointer.tokens();
        if (tokens[depth] != key) continue;
        is_named = true;
        // As at_pointer() has it: a key with escapes is found only by its own spelling.
        if (!spelled.unsafe_is_equal(tokens[depth])) continue;
        if (tokens.size() > depth + 1) {
          deeper.push_back(field);
        } else if (here == nullptr) {
          here = field;
        } else {
          field->place = Place::kElsewhere;  // two fields in one place
        }
      }
      if (!is_named) continue;
      if (!seen.emplace(key).second) {
        return base::transient("the answer has the key '" + std::string(key) + "' twice");
      }
      TRY(visit(member.value(), here, deeper, depth));
    }
    return {};
  }

  // The value of a key that leads to `here` itself, or to the `deeper` ones.
  Status visit(simdjson::simdjson_result<Value> found, Field* here,
               const std::vector<Field*>& deeper, std::size_t depth) {
    Value value;
    if (found.get(value) != simdjson::SUCCESS) return {};
    if (here != nullptr && deeper.empty()) {
      here->place = Place::kTaken;
      here->taken = here->take(value);
      return {};
    }
    if (here != nullptr) here->place = Place::kElsewhere;
    simdjson::ondemand::object inner;
    if (value.get_object().get(inner) == simdjson::SUCCESS) return walk(inner, deeper, depth + 1);
    for (auto* const field : deeper) field->place = Place::kElsewhere;
    return {};
  }

  Status settle(Field* field) {
    if (field->place == Place::kTaken) return std::move(field->taken);
    if (field->place == Place::kElsewhere) return look_up(*field);
    return absent(*field);
  }

  Status absent(const Field& field) {
    if (&field.pointer == &paths_.items) {
      if (!paths_.absent_items_are_none || !has_parent(field.pointer))
        return no_items(field.pointer);
      envelope_.are_items_absent = true;
      return {};
    }
    const bool may_lack = field.need != Need::kThere || envelope_.are_items_absent;
    return may_lack ? Status() : Status(missing(field.pointer, "is missing"));
  }

  // Whether the object is there that could have the pointer's last key.
  bool has_parent(const Pointer& pointer) {
    const auto text = pointer.to_string();
    const auto parent = Pointer::parse(text.substr(0, text.rfind('/')));
    simdjson::ondemand::object object;
    document_.rewind();
    if (!parent.ok()) return false;
    if (parent.value().is_root()) return document_.get_object().get(object) == simdjson::SUCCESS;
    Value value;
    return locate(document_, parent.value()).get(value) == simdjson::SUCCESS &&
           value.get_object().get(object) == simdjson::SUCCESS;
  }

  Status look_up(const Field& field) {
    const bool are_items = &field.pointer == &paths_.items;
    document_.rewind();
    if (field.pointer.is_root()) {
      if (are_items) return take_items_of(document_, paths_, &envelope_);
      return missing(field.pointer, "is an array or object");
    }
    Value value;
    const auto code = locate(document_, field.pointer).get(value);
    if (code == simdjson::SUCCESS) return field.take(value);
    const bool is_absent = code == simdjson::NO_SUCH_FIELD || code == simdjson::INDEX_OUT_OF_BOUNDS;
    if (is_absent || are_items) return absent(field);
    if (field.need == Need::kNone) return {};
    return missing(field.pointer, "cannot be reached");
  }

  Status take_last_item() {
    TRY(const auto pointer, in_last_item(paths_, envelope_.items_count));
    Value value;
    if (locate(document_, pointer).get(value) != simdjson::SUCCESS) return {};
    return take_next(value, pointer, &envelope_);
  }

  const EnvelopePaths& paths_;
  simdjson::ondemand::document& document_;
  Envelope envelope_;
  std::vector<Field> fields_;
};

}  // namespace

Result<Envelope> read_envelope(std::string_view body, const EnvelopePaths& paths) {
  const PaddedBody padded(body);
  simdjson::ondemand::parser parser;
  simdjson::ondemand::document document;
  if (parser.iterate(padded.view()).get(document) != simdjson::SUCCESS) {
    return missing(paths.items, "cannot be read");
  }
  TRY(auto envelope, EnvelopeReader(paths, document).read());
  if (envelope.are_items_absent && has_own_error(body)) return no_items(paths.items);
  return envelope;
}

bool has_own_error(std::string_view body) {
  const PaddedBody padded(body);
  simdjson::ondemand::parser parser;
  simdjson::ondemand::document document;
  simdjson::ondemand::object object;
  if (parser.iterate(padded.view()).get(document) != simdjson::SUCCESS ||
      document.get_object().get(object) != simdjson::SUCCESS) {
    return false;
  }
  constexpr std::array<std::string_view, 6> kNothing = {"null", "false", "0", "\"\"", "[]", "{}"};
  for (auto field : object) {
    std::string_view key;
    Value value;
    std::string_view text;
    if (field.unescaped_key().get(key) != simdjson::SUCCESS) return false;
    if (key != "error" && key != "errors") continue;
    if (field.value().get(value) != simdjson::SUCCESS) return false;
    if (simdjson::to_json_string(value).get(text) != simdjson::SUCCESS) return true;
    std::string dense(text);
    std::erase_if(dense, [](char one) { return one == ' ' || (one >= '\t' && one <= '\r'); });
    if (std::ranges::find(kNothing, dense) == kNothing.end()) return true;
  }
  return false;
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
