// Items are sliced once; the other fields are looked up one by one.
#include "json/envelope.h"

#include <charconv>

#include "json/items.h"
#include "json/locate.h"
#include "json/padded_body.h"

namespace ashore::json {

namespace {

using base::Error;
using base::Result;

Error missing(const Pointer& pointer, std::string_view why) {
  return base::permanent("the answer's field '" + pointer.to_string() + "' " + std::string(why))
      .with_remedy("Compare extract.items and extract.pages with an answer of the source.");
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

// The exact text of the id in one item; nothing for null and absent.
std::optional<std::string> id_of(std::string_view item, const Pointer& pointer,
                                 simdjson::ondemand::parser* parser) {
  const PaddedBody padded(item);
  simdjson::ondemand::document document;
  if (parser->iterate(padded.view()).get(document) != simdjson::SUCCESS) return std::nullopt;
  auto text = scalar_at(document, pointer);
  if (!text.ok() || !text.value() || *text.value() == "null") return std::nullopt;
  return std::move(text).value();
}

}  // namespace

Result<Envelope> read_envelope(std::string_view body, const EnvelopePaths& paths) {
  Envelope envelope;
  TRY(const auto slices, slice_items(body, paths.items));
  envelope.items_count = static_cast<std::int64_t>(slices.size());
  if (paths.id) {
    simdjson::ondemand::parser parser;
    for (const auto& slice : slices) {
      auto id = id_of(slice.of(body), *paths.id, &parser);
      if (id) envelope.ids.push_back(std::move(*id));
    }
  }
  const PaddedBody padded(body);
  simdjson::ondemand::parser parser;
  simdjson::ondemand::document document;
  if (parser.iterate(padded.view()).get(document) != simdjson::SUCCESS) {
    return missing(paths.items, "cannot be read");
  }
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
