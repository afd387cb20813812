// DocumentSource is a collection: numbered documents, held in memory or made up when asked for.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "simulator/document.h"
#include "simulator/query_request.h"

namespace ashore::simulator {

// Where a document's fields are cut when it is not held in memory.
struct Scratch {
  std::string text;
  std::vector<FieldView> fields;
};

// The documents [begin, end), and whether every one of them passes the filter that was asked about.
struct Candidates {
  std::int64_t begin = 0;
  std::int64_t end = 0;
  bool all_match = false;
};

// Immutable. Threads: every method may be called from several threads at once.
class DocumentSource {
 public:
  virtual ~DocumentSource() = default;
  // Documents are numbered 0 to count() - 1 in the order in which GET gives them.
  [[nodiscard]] virtual std::int64_t count() const = 0;
  // Appends the exact text of a document.
  virtual void append(std::int64_t index, std::string& text) const = 0;
  // The document's fields; they point into the source or into `scratch`, until its next use.
  virtual const std::vector<FieldView>& fields(std::int64_t index, Scratch& scratch) const = 0;
  [[nodiscard]] virtual std::string id(std::int64_t index) const = 0;
  // The document with this id, in lower case.
  [[nodiscard]] virtual std::optional<std::int64_t> find(std::string_view id) const = 0;
  // Whether documents of this collection have the field.
  [[nodiscard]] virtual bool knows(std::string_view field) const = 0;
  // Documents outside of what this returns do not pass the filter.
  [[nodiscard]] virtual Candidates narrow(const Filter& filter) const = 0;
  // Whether documents stand in this order (ties by _id) as they are numbered.
  [[nodiscard]] virtual bool is_numbered_by(const std::vector<SortKey>& sort) const = 0;
  // The value of a field, null where the document lacks it.
  [[nodiscard]] virtual Value value(std::int64_t index, std::string_view field,
                                    Scratch& scratch) const;
};

}  // namespace ashore::simulator
