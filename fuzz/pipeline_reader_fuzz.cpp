// The reader of pipeline files: any text is a pipeline or has complaints that say where.
#include "config/reader.h"
#include "target.h"

namespace ashore::fuzz {

void pipeline_reader(std::string_view bytes) {
  const auto reading = config::read_pipeline(
      bytes, "file.yaml", [](std::string_view) { return std::optional<std::string>("value"); });
  must(reading.pipeline.has_value() == reading.complaints.empty(), "a pipeline or complaints");
  for (const auto& complaint : reading.complaints) {
    must(complaint.message().starts_with("file.yaml:"), "a complaint says where");
    must(!complaint.what.empty(), "a complaint says what");
  }
  if (!reading.pipeline) return;
  must(reading.pipeline->text == bytes, "the text is kept");
  for (const auto& table : reading.pipeline->tables) {
    for (const auto& name : table.key) (void)table.column(name);
    must(!table.key.empty(), "a table has a key");
  }
  must(!config::sha256_without_checks(bytes).empty(), "an accepted file has a digest");
}

}  // namespace ashore::fuzz
