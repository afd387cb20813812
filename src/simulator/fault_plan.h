// FaultPlan decides for each request which fault is played, and counts so that retries heal.
#pragma once

#include <cstdint>
#include <mutex>
#include <vector>

#include "simulator/collection.h"
#include "simulator/options.h"

namespace ashore::simulator {

enum class Outcome { kAnswer, kTooManyRequests, kServerError, kSilence, kCutBody, kHtml };

// Threads: every method may be called from several threads at once.
class FaultPlan {
 public:
  explicit FaultPlan(const Faults& faults);

  // Counts a request and says what becomes of it.
  Outcome next();
  // What the envelope of this page adds to the true total.
  std::int64_t total_error(std::int64_t page);
  // The documents in the order that moves have brought them to.
  Indexes rearrange(Indexes found);
  // Told after a page was cut: documents[end] would be the first item of the next page.
  void page_served(std::int64_t page, const Indexes& documents, std::size_t end);

 private:
  [[nodiscard]] bool healed() const;

  const Faults faults_;
  std::mutex mutex_;
  // Guarded by mutex_.
  std::int64_t requests_ = 0;
  std::int64_t too_many_requests_ = 0;
  std::int64_t server_errors_ = 0;
  std::int64_t silences_ = 0;
  std::int64_t cut_bodies_ = 0;
  std::int64_t html_pages_ = 0;
  std::int64_t wrong_totals_ = 0;
  std::vector<std::int64_t> moved_;  // the latest move first
};

}  // namespace ashore::simulator
