// Manifests: read, written and read again they are the same text.
#include "state/manifest.h"
#include "target.h"

namespace ashore::fuzz {

void manifest(std::string_view bytes) {
  const auto read = state::parse_manifest(bytes);
  if (!read.ok()) return;
  for (const auto& file : read.value().files) {
    must(!file.path.starts_with('/') && !file.path.starts_with("../") &&
             file.path.find("/../") == std::string::npos,
         "a file lies in the data folder");
  }
  const auto text = state::manifest_json(read.value());
  const auto again = state::parse_manifest(text);
  must(again.ok(), "what is written can be read");
  must(state::manifest_json(again.value()) == text, "what is read and written is the same");
}

}  // namespace ashore::fuzz
