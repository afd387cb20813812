// The FaultPoints of a process under test: it dies or fails at the n-th outside call, or lists all.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "base/result.h"
#include "io/disk_store.h"
#include "io/fault_points.h"

namespace ashore::io {

// Threads: as FaultPoints; with several threads the numbers of their calls vary from run to run.
class NumberedFaults final : public FaultPoints {
 public:
  // `plan` is one of
  //   "kill:17"        SIGKILL in place of the 17th call
  //   "fail:17:EIO"    the 17th call fails once (EIO, ENOSPC, ECONNRESET)
  //   "trace:/a/file"  every call is appended to the file: number, call, subject, one per line
  // kPermanent: another text, or the file cannot be made.
  static base::Result<std::unique_ptr<NumberedFaults>> parse(std::string_view plan);

  int reach(std::string_view call, std::string_view subject) override;

 private:
  enum class Action { kKill, kFail, kTrace };

  NumberedFaults() = default;

  Action action_ = Action::kTrace;
  std::int64_t number_ = 0;
  int code_ = 0;
  FileDescriptor trace_;
  std::mutex mutex_;
  std::int64_t reached_ = 0;  // guarded by mutex_
};

}  // namespace ashore::io
