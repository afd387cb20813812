// Shows what taking over a destination's tables changes, and asks for consent.
#pragma once

#include <functional>
#include <string>

#include "cli/arguments.h"
#include "load/options.h"

namespace ashore::cli {

// Pure. What changes, table by table, with a few keys and the statements.
std::string adoption_text(const load::Adoption& adoption);
// Pure. {"adoption": {"destination": ..., "tables": {...}}} on one line.
std::string adoption_json(const load::Adoption& adoption);

// What load asks before it takes tables over; nothing where --adopt was not said. It prints the
// adoption to stdout and says yes, but no to --dry-run; where stdin is a terminal it asks first,
// unless --yes was said. `arguments` must outlive it.
std::function<bool(const load::Adoption&)> adoption_question(const Arguments& arguments);

}  // namespace ashore::cli
