// Chooses the fault of each request.
// Every fault has a counter of its own; the first one that is not used up spoils the request.
#include "simulator/fault_plan.h"

#include <algorithm>
#include <utility>

namespace ashore::simulator {

namespace {

bool take(std::int64_t& used, std::int64_t available) {
  if (used >= available) return false;
  ++used;
  return true;
}

}  // namespace

FaultPlan::FaultPlan(const Faults& faults) : faults_(faults) {}

bool FaultPlan::healed() const {
  return faults_.until_request > 0 && requests_ > faults_.until_request;
}

Outcome FaultPlan::next() {
  const std::scoped_lock lock(mutex_);
  ++requests_;
  if (healed()) return Outcome::kAnswer;
  if (take(too_many_requests_, faults_.too_many_requests_first)) return Outcome::kTooManyRequests;
  if (take(server_errors_, faults_.server_error_first)) return Outcome::kServerError;
  if (take(silences_, faults_.timeout_first)) return Outcome::kSilence;
  if (take(cut_bodies_, faults_.cut_body_first)) return Outcome::kCutBody;
  if (take(html_pages_, faults_.html_first)) return Outcome::kHtml;
  const std::int64_t every = faults_.too_many_requests_every;
  return every > 0 && requests_ % every == 0 ? Outcome::kTooManyRequests : Outcome::kAnswer;
}

std::int64_t FaultPlan::total_error(std::int64_t page) {
  const std::scoped_lock lock(mutex_);
  if (page != faults_.wrong_total_page || healed()) return 0;
  const bool always = faults_.wrong_total_times == 0;
  return always || take(wrong_totals_, faults_.wrong_total_times) ? 1 : 0;
}

Indexes FaultPlan::rearrange(Indexes found) {
  const std::scoped_lock lock(mutex_);
  if (moved_.empty() || healed()) return found;
  const auto has_moved = [&](std::int64_t index) {
    return std::ranges::find(moved_, index) != moved_.end();
  };
  std::vector<std::int64_t> order;
  order.reserve(found->size());
  for (const std::int64_t index : moved_) {
    if (std::ranges::find(*found, index) != found->end()) order.push_back(index);
  }
  std::ranges::copy_if(*found, std::back_inserter(order),
                       [&](std::int64_t index) { return !has_moved(index); });
  return std::make_shared<const std::vector<std::int64_t>>(std::move(order));
}

void FaultPlan::page_served(std::int64_t page, const Indexes& documents, std::size_t end) {
  const std::scoped_lock lock(mutex_);
  if (page != faults_.move_after_page || end >= documents->size() || healed()) return;
  const std::int64_t moving = (*documents)[end];
  const auto known = std::ranges::find(moved_, moving);
  const bool may_move = faults_.move_times == 0 || std::ssize(moved_) < faults_.move_times;
  if (known != moved_.end()) {
    moved_.erase(known);
  } else if (!may_move) {
    return;
  }
  moved_.insert(moved_.begin(), moving);
}

}  // namespace ashore::simulator
