// Removes what find_vacuumed() names.
// Removing needs no intent: what is removed belongs to nobody, so half of it may stay.
#include "run/vacuum.h"

#include <fmt/format.h>
#include <unistd.h>

#include "publish/publish.h"
#include "run/scratch_tables.h"
#include "state/lock.h"

namespace ashore::run {

base::Result<Vacuumed> vacuum(const VacuumOptions& options, const state::RunContext& context) {
  const auto holder = fmt::format("ashore vacuum, process {}", ::getpid());
  TRY(const auto lock, state::take_lock(context.env, holder, options.wait, context.stop));
  TRY(clear_scratch(context.env.store));
  TRY(const auto finished, publish::finish_intent(context));
  (void)finished;
  TRY(const auto found,
      publish::find_vacuumed(context.env.store, context.env.clock.now() - options.older_than));
  Vacuumed vacuumed;
  for (const auto& object : found) {
    if (context.stop.stop_requested())
      return base::Error(base::ErrorKind::kInterrupted, "stopped on request");
    if (!options.dry_run) TRY(context.env.store.remove(object.path));
    vacuumed.files.push_back(object.path);
    vacuumed.bytes += object.bytes;
  }
  return vacuumed;
}

}  // namespace ashore::run
