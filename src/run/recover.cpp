// Takes the lock and finishes what an earlier process left.
#include "run/recover.h"

#include <fmt/format.h>
#include <unistd.h>

#include "publish/publish.h"
#include "run/scratch_tables.h"
#include "state/lock.h"

namespace ashore::run {

base::Result<std::string> recover(std::chrono::milliseconds wait,
                                  const state::RunContext& context) {
  const auto holder = fmt::format("ashore recover, process {}", ::getpid());
  TRY(const auto lock, state::take_lock(context.env, holder, wait, context.stop));
  TRY(clear_scratch(context.env.store));
  return publish::finish_intent(context);
}

base::Status recover_from_log(std::chrono::milliseconds wait, const state::RunContext& context) {
  const auto holder = fmt::format("ashore recover, process {}", ::getpid());
  TRY(const auto lock, state::take_lock(context.env, holder, wait, context.stop));
  TRY(clear_scratch(context.env.store));
  return publish::follow_logs(context);
}

}  // namespace ashore::run
