// Names the stages of a run, in their order.
#pragma once

#include <array>
#include <string_view>

namespace ashore::state {

enum class Stage { kExtract, kTransform, kMerge, kAudit, kPublish, kLoad };

inline constexpr std::array kStages = {Stage::kExtract, Stage::kTransform, Stage::kMerge,
                                       Stage::kAudit,   Stage::kPublish,   Stage::kLoad};

// Pure. "extract", "transform", ...: the command, and the stage's name in manifests and reports.
std::string_view stage_name(Stage stage);

}  // namespace ashore::state
