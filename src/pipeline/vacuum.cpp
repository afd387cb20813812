// Removing needs no intent: what is removed belongs to nobody, so half of it may stay.
#include "pipeline/vacuum.h"

#include <fmt/format.h>
#include <unistd.h>

#include "pipeline/rebuild.h"
#include "publish/publish.h"
#include "state/lock.h"

namespace ashore::pipeline {

base::Result<Vacuumed> vacuum(const VacuumOptions& options, io::Env& env, base::EventSink& events,
                              const std::stop_token& stop) {
  const auto holder = fmt::format("ashore vacuum, process {}", ::getpid());
  TRY(const auto lock, state::take_lock(env, holder, options.wait, stop));
  TRY(clear_scratch(env.store));
  TRY(const auto finished, publish::finish_intent(env, events));
  (void)finished;
  TRY(const auto found, publish::find_vacuumed(env.store, env.clock.now() - options.older_than));
  Vacuumed vacuumed;
  for (const auto& object : found) {
    if (stop.stop_requested())
      return base::Error(base::ErrorKind::kInterrupted, "stopped on request");
    if (!options.dry_run) TRY(env.store.remove(object.path));
    vacuumed.files.push_back(object.path);
    vacuumed.bytes += object.bytes;
  }
  return vacuumed;
}

}  // namespace ashore::pipeline
