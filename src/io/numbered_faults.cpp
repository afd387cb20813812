// Counts outside calls and fails or kills the process at the chosen ones.
// Counts calls; SIGKILL is sent to ourselves, so that no destructor and no buffer has a say.
#include "io/numbered_faults.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstring>
#include <utility>

namespace ashore::io {

namespace {

using base::Result;

// The text up to the next colon; `rest` keeps what follows.
std::string_view take_part(std::string_view* rest) {
  const auto colon = rest->find(':');
  const auto part = rest->substr(0, colon);
  rest->remove_prefix(colon == std::string_view::npos ? rest->size() : colon + 1);
  return part;
}

std::int64_t number_of(std::string_view text) {
  std::int64_t number = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), number);
  return parsed.ptr == text.data() + text.size() ? number : 0;
}

int errno_of(std::string_view name) {
  constexpr std::array<std::pair<std::string_view, int>, 3> kCodes = {
      {{"EIO", EIO}, {"ENOSPC", ENOSPC}, {"ECONNRESET", ECONNRESET}}};
  for (const auto& [known, code] : kCodes) {
    if (known == name) return code;
  }
  return 0;
}

}  // namespace

Result<std::unique_ptr<NumberedFaults>> NumberedFaults::parse(std::string_view plan) {
  std::unique_ptr<NumberedFaults> faults(new NumberedFaults());
  auto rest = plan;
  const auto action = take_part(&rest);
  if (action == "trace") {
    faults->trace_ = FileDescriptor(
        ::open(std::string(rest).c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666));
    if (faults->trace_.is_open()) return faults;
    return base::permanent("cannot make trace of calls: " + std::string(rest) + ": " +
                           std::strerror(errno));
  }
  faults->action_ = action == "kill" ? Action::kKill : Action::kFail;
  faults->number_ = number_of(take_part(&rest));
  faults->code_ = errno_of(rest);
  const bool is_known = action == "kill" ? rest.empty() : action == "fail" && faults->code_ != 0;
  if (is_known && faults->number_ > 0) return faults;
  return base::permanent("not a plan of faults: " + std::string(plan))
      .with_remedy("Say kill:N, fail:N:EIO, fail:N:ENOSPC, fail:N:ECONNRESET or trace:FILE.");
}

int NumberedFaults::reach(std::string_view call, std::string_view subject) {
  const std::lock_guard lock(mutex_);
  ++reached_;
  if (action_ == Action::kTrace) {
    std::string line = std::to_string(reached_) + " ";
    line.append(call).append(" ").append(subject.substr(0, subject.find('\n'))) += '\n';
    (void)!::write(trace_.number(), line.data(), line.size());
    return 0;
  }
  if (reached_ != number_) return 0;
  if (action_ == Action::kFail) return code_;
  (void)::raise(SIGKILL);
  return 0;
}

}  // namespace ashore::io
