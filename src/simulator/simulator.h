// Simulator stands in for the SpaceX API: its routes, its query rules, its envelope, and its bad
// days.
//
// Routes: GET /v4|v5/launches, GET /v4|v5/launches/:id, POST /v4|v5/launches/query, and under /v4
// the same for cores, rockets and launchpads. Anything else is 404 "Not Found".
// A query body is {query, options}. query: top-level fields by value or by $eq $gte $gt $lte $lt
// $in, and $or; text compares bytewise, values of different types never match, a value matches an
// array that holds it, unknown fields are ignored (`id` is one: the stored name is `_id`). options:
// select, sort, page, limit, offset, pagination; others (populate) are ignored. Unknown operators,
// ids that are not 24 hex digits and invalid JSON are 400 with the reason as text.
// Documents are served as stored; v4 and v5 differ only in the path.
#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "simulator/options.h"

namespace ashore::simulator {

// A running server. Threads: every method may be called from any thread.
class Simulator {
 public:
  // Binds, listens and serves on threads of its own; answers are accepted when it returns.
  // kPermanent: an option out of its range, or a snapshot that cannot be read or is not an array of
  // documents with text ids of 24 hex digits. kTransient: the address cannot be bound.
  static base::Result<std::unique_ptr<Simulator>> start(const Options& options);
  // Stops and joins, as stop() does.
  ~Simulator();
  Simulator(const Simulator&) = delete;
  Simulator& operator=(const Simulator&) = delete;

  [[nodiscard]] int port() const;
  // "http://127.0.0.1:34567", without a slash at the end.
  [[nodiscard]] std::string url() const;
  // Waits until stop() was called (from another thread) and all threads have ended.
  void wait();
  // Ends every connection and joins all threads; takes milliseconds, open connections or not.
  // Further calls do nothing.
  void stop();

 private:
  class Serving;
  explicit Simulator(std::unique_ptr<Serving> serving);
  std::unique_ptr<Serving> serving_;
};

}  // namespace ashore::simulator
