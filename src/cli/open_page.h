// Shows a file in the program that the desktop has for it.
#pragma once

#include <string>

#include "base/result.h"

namespace ashore::cli {

// Starts xdg-open and waits for it; what it starts lives on. kPermanent: there is no xdg-open, or
// it found no program.
base::Status open_in_desktop(const std::string& path);

}  // namespace ashore::cli
