// Delta log files: read, written and read again they say the same.
#include <set>

#include "delta/commit.h"
#include "target.h"

namespace ashore::fuzz {

void delta_log(std::string_view bytes) {
  const auto read = delta::parse_commit(bytes, 7);
  if (!read.ok()) return;
  auto commit = read.value();
  // What no writer may ask for.
  std::set<std::string> added;
  for (const auto& file : commit.add) added.insert(file.path);
  for (const auto& file : commit.remove) {
    must(!file.path.starts_with('/') && file.path.find("../") != 0, "a file lies in its table");
    if (added.contains(file.path)) return;
  }
  const auto text = delta::commit_json(commit);
  const auto again = delta::parse_commit(text, 7);
  must(again.ok(), "what is written can be read");
  must(delta::commit_json(again.value()) == text, "what is read and written is the same");
  must(again.value().add.size() == commit.add.size(), "no added file is lost");
  must(again.value().remove.size() == commit.remove.size(), "no removed file is lost");
}

}  // namespace ashore::fuzz
