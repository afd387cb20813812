// Has the assembler take the snapshot's files in, so that no file is needed where the binary runs.
#include "simulator/embedded_snapshot.h"

// ASHORE_SNAPSHOT_FOLDER comes from the build; a final zero byte keeps empty files apart.
#define ASHORE_EMBED(name)                            \
  asm(".section .rodata\n"                            \
      ".global ashore_snapshot_" #name                \
      "_begin\n"                                      \
      ".global ashore_snapshot_" #name                \
      "_end\n"                                        \
      "ashore_snapshot_" #name                        \
      "_begin:\n"                                     \
      ".incbin \"" ASHORE_SNAPSHOT_FOLDER "/" #name   \
      ".json\"\n"                                     \
      "ashore_snapshot_" #name                        \
      "_end:\n"                                       \
      ".byte 0\n"                                     \
      ".previous\n");                                 \
  extern "C" {                                        \
  extern const char ashore_snapshot_##name##_begin[]; \
  extern const char ashore_snapshot_##name##_end[];   \
  }

ASHORE_EMBED(launches)
ASHORE_EMBED(cores)
ASHORE_EMBED(rockets)
ASHORE_EMBED(launchpads)

namespace ashore::simulator {

std::string_view embedded_snapshot(std::string_view collection) {
  if (collection == "launches")
    return {ashore_snapshot_launches_begin, ashore_snapshot_launches_end};
  if (collection == "cores") return {ashore_snapshot_cores_begin, ashore_snapshot_cores_end};
  if (collection == "rockets") return {ashore_snapshot_rockets_begin, ashore_snapshot_rockets_end};
  if (collection == "launchpads")
    return {ashore_snapshot_launchpads_begin, ashore_snapshot_launchpads_end};
  return {};
}

}  // namespace ashore::simulator
