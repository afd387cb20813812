// Text from outside is shown on a terminal and never sent to it as commands.
#pragma once

#include <string>
#include <string_view>

namespace ashore::cli {

// Pure. Control characters (C0 but for tabs, DEL, C1) as `\n`, `\x1b`, `\u009b`; with `keeps_lines`
// line breaks stay.
std::string visible_text(std::string_view text, bool keeps_lines);

}  // namespace ashore::cli
