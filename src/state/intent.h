// An intent is the record of a publication under way, from which another process can finish it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace ashore::state {

// On a disk; on an object storage intents are numbered (publish/intents.h).
inline constexpr std::string_view kIntentPath = "stage/.intent.json";

// One table's part. Its log file lies staged, synced before the intent is written: what is added
// and removed is read from it.
struct IntentTable {
  std::string table;
  std::int64_t version = 0;   // that the log file makes
  std::string commit_path;    // of the staged log file, relative to the data folder
  std::string commit_sha256;  // of its bytes, hex
  std::int64_t rows = 0;      // of the whole table at that version
};

// Format "ashore.intent/1" (docs/formats/intent.md). Tables are committed in this order.
struct Intent {
  std::string run_id;
  bool is_finished = false;         // only the number still counts: nothing is left to be done
  bool deletes_superseded = false;  // retain is 0: removed files go after the commit
  std::vector<IntentTable> tables;
  // Of the run's publication, written when all tables are committed.
  std::string manifest_text;
  std::string summary_text;
};

// Pure. JSON.
std::string intent_json(const Intent& intent);
// Pure. kPermanent: not such JSON.
base::Result<Intent> parse_intent(std::string_view text);

}  // namespace ashore::state
