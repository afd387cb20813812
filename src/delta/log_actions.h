// What one log file says, action by action.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "delta/commit.h"
#include "delta/snapshot.h"

namespace ashore::delta {

// The actions of one log file that matter for a snapshot or a recovery.
struct LogActions {
  bool has_protocol = false;  // a known one; others are errors
  std::optional<Commit::Metadata> metadata;
  std::vector<Transaction> transactions;
  std::vector<AddFile> add;
  std::vector<AddFile> remove;  // only path, partition values and bytes
  std::string run_id;           // commitInfo.ashoreRunId, or "" of another writer
  std::int64_t time_ms = 0;     // commitInfo.timestamp
};

// Pure. The text is parsed where it lies, on up to `threads` threads where it is large. kPermanent,
// with the line named: not JSON, a protocol, feature, action or type that ashore does not know (by
// name), a file outside the table.
base::Result<LogActions> parse_log(std::string_view text, int threads = 1);

// Who committed a log file, and when.
struct LogAuthor {
  std::string run_id;  // "" of another writer
  std::int64_t time_ms = 0;
};

// Pure. The same as parse_log() says, without reading the files of a log file that ashore wrote:
// there commitInfo is the first line. What else is wrong with such a file is not noticed, but an
// end that was cut off. Errors as parse_log().
base::Result<LogAuthor> parse_log_author(std::string_view text);

// Pure. Whether a log file is damaged, rather than written by another program in a way of its own:
// empty, a line that is not JSON, or, in a file of ashore's, an end that was cut off.
bool is_damaged_log(std::string_view text);

// Pure. The digits of the version a log file's name says, or nothing: "00000000000000000007.json".
std::optional<std::int64_t> version_of_log_name(std::string_view name);

}  // namespace ashore::delta
