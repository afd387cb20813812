// The texts of many files, written side by side: a table of thousands has megabytes of them.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "delta/snapshot.h"

namespace ashore::delta {

using AppendFile = std::function<void(const AddFile&, std::string*)>;

// Appends what `append` writes of each file, in their order, with `separator` between two. `append`
// is called on up to `threads` threads.
void append_files(std::span<const AddFile> files, std::string_view separator, int threads,
                  const AppendFile& append, std::string* text);

}  // namespace ashore::delta
