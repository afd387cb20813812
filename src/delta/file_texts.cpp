// Writes some hundred files a thread, then joins what was written.
#include "delta/file_texts.h"

#include <algorithm>
#include <cassert>
#include <stop_token>
#include <vector>

#include "base/parallel.h"

namespace ashore::delta {

void append_files(std::span<const AddFile> files, std::string_view separator, int threads,
                  const AppendFile& append, std::string* text) {
  constexpr std::size_t kFilesAtOnce = 512;
  std::vector<std::string> parts((files.size() + kFilesAtOnce - 1) / kFilesAtOnce);
  const auto all = base::for_each_index(
      parts.size(), threads,
      [&](std::size_t part) -> base::Status {
        const auto begin = part * kFilesAtOnce;
        const auto count = std::min(kFilesAtOnce, files.size() - begin);
        for (const auto& file : files.subspan(begin, count)) {
          if (!parts[part].empty()) parts[part] += separator;
          append(file, &parts[part]);
        }
        return {};
      },
      std::stop_token());
  assert(all.ok());
  (void)all;
  std::size_t bytes = text->size();
  for (const auto& part : parts) bytes += part.size() + separator.size();
  text->reserve(bytes);
  for (std::size_t part = 0; part < parts.size(); ++part) {
    if (part > 0) *text += separator;
    *text += parts[part];
  }
}

}  // namespace ashore::delta
