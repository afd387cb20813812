// The records of publications: which one is under way, where the next is recorded, and its end.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/timestamp.h"
#include "io/object_store.h"
#include "state/intent.h"
#include "state/run_context.h"

namespace ashore::publish {

// An intent as it was found, or as it was put.
struct RecordedIntent {
  std::string path;
  state::Intent intent;
};

// What the store says of publications. On a disk there is one place for a record, removed at the
// end; the lock keeps others off. On an object storage records are numbered, stage/.intents/<20
// digits>.json: who puts the next number may publish, and the last one stays, finished, so that no
// number is given twice.
struct Intents {
  std::optional<RecordedIntent> open;  // to be finished first, by whoever finds it
  std::string next_path;               // for put_if_absent()
};

// Errors: kPermanent: the newest record is damaged (names `recover --from-log`); as read().
base::Result<Intents> read_intents(io::ObjectStore& store);

// What settle_intents() did.
struct Settled {
  std::string finished_run;  // whose publication it finished, or ""
  std::string next_path;     // as in Intents
};

// Finishes or undoes the publication that another process left or has under way, and removes
// candidates that nobody will publish (dead_candidates.h, `kept_run` as there). Precondition, on a
// disk: the caller holds the lock.
base::Result<Settled> settle_intents(const state::RunContext& context,
                                     std::string_view kept_run = {});

// The last steps of a publication, all of whose tables have their outcome: its staged log files go,
// then the record goes, or says that it is finished. May be done by several processes, again and
// again.
base::Status close_intent(io::ObjectStore& store, const RecordedIntent& record);

// Removes finished records of an object storage that are older than a day and not the newest: their
// numbers are safe from whoever still believes them to be the next.
base::Status remove_old_intents(io::ObjectStore& store, base::Timestamp now);

// Moves the newest record, which cannot be read, to stage/.evidence/, and leaves a finished one in
// its place where numbers count. Nothing where there is no such. Returns whether there was.
base::Result<bool> set_damaged_intent_aside(io::ObjectStore& store);

}  // namespace ashore::publish
