// ValueReader takes typed values from nodes and collects a complaint for each that is not one.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "config/reader.h"
#include "config/yaml_node.h"
#include "json/pointer.h"

namespace ashore::config {

// A name in the file and where it stands: columns and tables that are looked up later.
struct MarkedName {
  std::string name;
  Mark mark;
};

// A quantity's least and most, both allowed.
struct Range {
  std::int64_t min = 0;
  std::int64_t max = 0;
};

// Each reading function returns nothing exactly when it has complained, or warned of a variable.
// `what` names the value in messages: "'attempts'". Scalars are expanded: `${UPPER}` becomes the
// environment's value, which no complaint ever shows. Threads: one.
class ValueReader {
 public:
  // `lookup` must outlive the reader.
  explicit ValueReader(const EnvironmentLookup& lookup,
                       UnsetVariables unset = UnsetVariables::kComplain)
      : lookup_(lookup), unset_(unset) {}

  void complain(Mark mark, std::string what, std::string remedy);
  // For what is right today and should be written otherwise.
  void warn(Mark mark, std::string what, std::string remedy);
  // "expected ..., found ..." at the node.
  void complain_type(const Node& node, std::string_view what, std::string_view expected);

  std::optional<std::string> text(const Node& node, std::string_view what);
  std::optional<bool> boolean(const Node& node, std::string_view what);
  std::optional<std::int64_t> integer(const Node& node, std::string_view what, Range range);
  std::optional<double> number(const Node& node, std::string_view what);
  // From 0 to `max`, as a number or a percentage.
  std::optional<double> share(const Node& node, std::string_view what, double max = 1);
  std::optional<std::chrono::milliseconds> duration(const Node& node, std::string_view what);
  std::optional<std::int64_t> bytes(const Node& node, std::string_view what);
  std::optional<json::Pointer> pointer(const Node& node, std::string_view what);
  // The index of the choice.
  std::optional<std::size_t> choice(const Node& node, std::string_view what,
                                    std::span<const std::string_view> choices);
  // A list of names without repetition, or one name as a list of one. Not expanded.
  std::vector<MarkedName> names(const Node& node, std::string_view what);
  std::optional<MarkedName> name(const Node& node, std::string_view what);
  // The node as JSON text, scalars expanded.
  std::optional<std::string> json(const Node& node);

  // A text inside a request: left as written, its `${...}` checked and the environment's values
  // captured. Names used are added to `run_values`.
  std::optional<std::string> request_text(const Node& node, std::string_view what,
                                          std::vector<MarkedName>& run_values);
  // Checks and captures the `${...}` of a text without a node, a mapping's key.
  bool check_request_text(const std::string& text, Mark mark, std::vector<MarkedName>& run_values);

  // The environment's variable, empty ones too; nothing if it is not set.
  [[nodiscard]] std::optional<std::string> variable(std::string_view name) const;

  [[nodiscard]] const std::vector<Finding>& findings() const { return findings_; }
  [[nodiscard]] const std::vector<Finding>& warnings() const { return warnings_; }
  // What `${UPPER}` stood for in requests.
  [[nodiscard]] const std::map<std::string, base::Secret>& captured() const { return captured_; }

 private:
  // A scalar's text with the environment filled in. Complains about anything else.
  std::optional<std::string> expanded(const Node& node, std::string_view what,
                                      std::string_view expected);

  // A variable that is not set: a complaint, or a warning.
  void note_unset(Mark mark, std::string_view what, const std::string& name);

  const EnvironmentLookup& lookup_;
  const UnsetVariables unset_;
  std::vector<Finding> findings_;
  std::vector<Finding> warnings_;
  std::map<std::string, base::Secret> captured_;
};

// Pure. Quoted for a message, without control characters, cut after 60 bytes.
std::string shown(std::string_view text);
// Pure. What a node is, in words: "a list", "the number 5".
std::string described(const Node& node);
// Pure. The node in YAML's flow form: "{min: 1, max: 5}", for verdicts.
std::string flow_text(const Node& node);
// Pure. The node as JSON text; scalars by YAML's core schema, numbers exactly as written.
std::string json_text(const Node& node);

}  // namespace ashore::config
