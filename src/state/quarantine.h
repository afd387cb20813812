// Writes and reads rejected rows, one JSON object per line; counts them by run, table and rule.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "io/object_store.h"

namespace ashore::state {

// One rejected row (docs/formats/quarantine.md).
struct Rejection {
  std::string run_id;
  std::string source_page;
  std::int64_t item_index = 0;
  std::string table;
  std::optional<std::string> column;
  std::string rule;
  std::optional<std::string> value;  // exact JSON text
  std::string item;                  // exact JSON text
};

// The same as views, for those who write many.
struct RejectionView {
  std::string_view run_id;
  std::string_view source_page;
  std::int64_t item_index = 0;
  std::string_view table;
  std::optional<std::string_view> column;
  std::string_view rule;
  std::optional<std::string_view> value;
  std::string_view item;
};
// Valid while the rejection lives.
RejectionView view_of(const Rejection& rejection);
// Appends the row's line, without a line feed.
void append_rejection(const RejectionView& rejection, std::string* lines);

// Calls `take` for each rejected row of such lines. kPermanent: a line that is not such JSON, named
// by `place` ("quarantine/1/orders.jsonl") and its number.
base::Status read_rejections(std::string_view lines, const std::string& place,
                             const std::function<void(const Rejection&)>& take);

// Which rows are meant; "" is all.
struct QuarantineFilter {
  std::string run_id;
  std::string table;
};

// Calls `take` for each rejected row, by run folder, table and place. kPermanent: a line that is
// not such JSON (file and line named), a name that no run can have, or a run or table that has none
// although it was named.
base::Status read_quarantine(io::ObjectStore& store, const QuarantineFilter& filter,
                             const std::function<void(const Rejection&)>& take);

struct RejectionCount {
  std::string run_id;
  std::string table;
  std::string rule;
  std::int64_t rows = 0;
};
// In order of run, table and rule. Errors as read_quarantine().
base::Result<std::vector<RejectionCount>> count_quarantine(io::ObjectStore& store,
                                                           const QuarantineFilter& filter);

}  // namespace ashore::state
