// Indexes JSON text with simdjson's kernels.
// The one file that includes simdjson here; nothing of it is compiled for a newer CPU.
#include "transform/json_index.h"

#include <simdjson.h>

#include <limits>
#include <string>

namespace ashore::transform {

struct JsonIndex::Parser {
  std::unique_ptr<simdjson::internal::dom_parser_implementation> implementation;
};

JsonIndex::JsonIndex() : parser_(std::make_unique<Parser>()) {}
JsonIndex::~JsonIndex() = default;

namespace {

constexpr std::size_t kDepth = 1;  // the second stage, which alone has a depth, never runs
constexpr std::size_t kFirstCapacity = std::size_t{1} << 16;

base::Error refused(simdjson::error_code code) {
  return base::permanent(std::string("not JSON: ") + simdjson::error_message(code));
}

}  // namespace

base::Status JsonIndex::build(std::string_view json) {
  if (json.size() > std::numeric_limits<std::int32_t>::max()) {
    return base::permanent("a page of over 2 GiB: " + std::to_string(json.size()) + " bytes");
  }
  auto& implementation = parser_->implementation;
  if (implementation == nullptr) {
    const auto* simd =
        static_cast<const simdjson::implementation*>(simdjson::get_active_implementation());
    const auto made =
        simd->create_dom_parser_implementation(kFirstCapacity, kDepth, implementation);
    if (made != simdjson::SUCCESS) return base::transient("no memory to index JSON");
  }
  if (json.size() > implementation->capacity()) {
    if (implementation->set_capacity(json.size()) != simdjson::SUCCESS) {
      return base::transient("no memory to index JSON");
    }
  }
  const auto code = implementation->stage1(reinterpret_cast<const std::uint8_t*>(json.data()),
                                           json.size(), simdjson::stage1_mode::regular);
  if (code != simdjson::SUCCESS) return refused(code);
  return {};
}

std::span<const std::uint32_t> JsonIndex::positions() const {
  const auto& implementation = *parser_->implementation;
  return {implementation.structural_indexes.get(), implementation.n_structural_indexes};
}

}  // namespace ashore::transform
