// The lock, then the intent: the same two steps with which every publishing command begins.
#include "pipeline/recover.h"

#include <fmt/format.h>
#include <unistd.h>

#include "pipeline/rebuild.h"
#include "publish/publish.h"
#include "state/lock.h"

namespace ashore::pipeline {

base::Result<std::string> recover(std::chrono::milliseconds wait, io::Env& env,
                                  base::EventSink& events, const std::stop_token& stop) {
  const auto holder = fmt::format("ashore recover, process {}", ::getpid());
  TRY(const auto lock, state::take_lock(env, holder, wait, stop));
  TRY(clear_scratch(env.store));
  return publish::finish_intent(env, events);
}

}  // namespace ashore::pipeline
