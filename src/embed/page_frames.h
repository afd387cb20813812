// What comes through the pipe: texts one after another, each behind its length.
#pragma once

#include <string_view>
#include <vector>

#include "base/result.h"

namespace ashore::embed {

// Pure. Views of the texts in `bytes`: each is its length as eight bytes, the lowest first, then so
// many bytes (docs/formats/embed.md). kPermanent: the last one is cut.
base::Result<std::vector<std::string_view>> read_frames(std::string_view bytes);

}  // namespace ashore::embed
