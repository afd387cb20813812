// The parts of which the table of keys is put together; for the sources of config only.
#pragma once

#include <vector>

#include "config/keys.h"

namespace ashore::config {

// Pure. The sections below `extract`, and itself, as documented.
std::vector<Section> extract_sections();
// Pure. The section with these keys at its end.
Section with_keys(Section section, std::vector<Key> more);

}  // namespace ashore::config
