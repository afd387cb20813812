// JsonIndex finds where the tokens of a JSON text begin, at the speed of the CPU's vectors.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "base/result.h"

namespace ashore::transform {

// The structural index is simdjson's first stage, called through the library, which chooses the
// instruction set when the program runs. On-Demand would be compiled for one instruction set into
// our own code (the fallback, unless every reader's CPU were promised); a cursor over this index
// is plain code and reads the same positions. Threads: one at a time; reused over texts.
class JsonIndex {
 public:
  JsonIndex();
  ~JsonIndex();
  JsonIndex(const JsonIndex&) = delete;
  JsonIndex& operator=(const JsonIndex&) = delete;

  // Indexes `json`; also checks its UTF-8 and that its strings end. kPermanent: it does not pass,
  // or is over 2 GiB.
  base::Status build(std::string_view json);
  // Where each of `{ } [ ] : ,`, each string and each other scalar begins, ascending. The element
  // after the last is readable and is the text's length. Valid until the next build().
  [[nodiscard]] std::span<const std::uint32_t> positions() const;

 private:
  struct Parser;
  std::unique_ptr<Parser> parser_;
};

}  // namespace ashore::transform
