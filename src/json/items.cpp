// Finds the exact text of each item by simdjson On-Demand.
#include "json/items.h"

#include <string>

#include "json/locate.h"
#include "json/padded_body.h"

namespace ashore::json {

namespace {

using base::Result;

base::Error no_items(const Pointer& pointer) {
  return base::permanent("no array or object of items at '" + pointer.to_string() + "'")
      .with_remedy("Set extract.items.at to where the items lie in the answer.");
}

// The exact text of a value, which On-Demand then is done with.
simdjson::simdjson_result<std::string_view> text_of(simdjson::ondemand::value value) {
  simdjson::ondemand::json_type type{};
  if (const auto code = value.type().get(type); code != simdjson::SUCCESS) return code;
  if (type == simdjson::ondemand::json_type::array) {
    simdjson::ondemand::array array;
    if (const auto code = value.get_array().get(array); code != simdjson::SUCCESS) return code;
    return array.raw_json();
  }
  if (type == simdjson::ondemand::json_type::object) {
    simdjson::ondemand::object object;
    if (const auto code = value.get_object().get(object); code != simdjson::SUCCESS) return code;
    return object.raw_json();
  }
  return value.raw_json_token();
}

ItemSlice slice_of(std::string_view text, const char* start) {
  const auto exact = trimmed(text);
  return {static_cast<std::size_t>(exact.data() - start), exact.size()};
}

Result<std::vector<ItemSlice>> slices_of(simdjson::ondemand::array array, const char* start,
                                         const Pointer& pointer) {
  std::vector<ItemSlice> slices;
  for (auto element : array) {
    simdjson::ondemand::value value;
    std::string_view text;
    if (element.get(value) != simdjson::SUCCESS) return no_items(pointer);
    if (text_of(value).get(text) != simdjson::SUCCESS) return no_items(pointer);
    slices.push_back(slice_of(text, start));
  }
  return slices;
}

// `node` is a document or a value.
template <typename Node>
Result<std::vector<ItemSlice>> slices_at(Node& node, const char* start, const Pointer& pointer) {
  simdjson::ondemand::json_type type{};
  if (node.type().get(type) != simdjson::SUCCESS) return no_items(pointer);
  if (type == simdjson::ondemand::json_type::array) {
    simdjson::ondemand::array array;
    if (node.get_array().get(array) != simdjson::SUCCESS) return no_items(pointer);
    return slices_of(array, start, pointer);
  }
  if (type == simdjson::ondemand::json_type::object) {
    simdjson::ondemand::object object;
    std::string_view text;
    if (node.get_object().get(object) != simdjson::SUCCESS) return no_items(pointer);
    if (object.raw_json().get(text) != simdjson::SUCCESS) return no_items(pointer);
    return std::vector<ItemSlice>{slice_of(text, start)};
  }
  return no_items(pointer);
}

}  // namespace

Result<std::vector<ItemSlice>> slice_items(std::string_view body, const Pointer& items) {
  const PaddedBody padded(body);
  simdjson::ondemand::parser parser;
  simdjson::ondemand::document document;
  if (parser.iterate(padded.view()).get(document) != simdjson::SUCCESS) return no_items(items);
  const char* start = padded.view().data();
  if (items.is_root()) return slices_at(document, start, items);
  simdjson::ondemand::value value;
  if (locate(document, items).get(value) != simdjson::SUCCESS) return no_items(items);
  return slices_at(value, start, items);
}

}  // namespace ashore::json
