// Names the stages.
#include "state/stage.h"

namespace ashore::state {

std::string_view stage_name(Stage stage) {
  constexpr std::array<std::string_view, kStages.size()> kNames = {"extract", "transform", "merge",
                                                                   "audit",   "publish",   "load"};
  return kNames[static_cast<std::size_t>(stage)];
}

}  // namespace ashore::state
