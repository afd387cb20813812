// Routes turns HTTP requests into answers of the collections, spoiled by faults where asked for.
#pragma once

#include <httplib.h>

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "simulator/collections.h"
#include "simulator/fault_plan.h"

namespace ashore::simulator {

// A wait that ends early when the server stops. Threads: any.
class Pause {
 public:
  void wait(std::chrono::milliseconds duration);
  // Ends all waits, those to come too.
  void end();

 private:
  std::mutex mutex_;
  std::condition_variable ended_;
  bool is_ended_ = false;  // guarded by mutex_
};

// Threads: answer() may be called from several threads at once.
class Routes {
 public:
  Routes(Collections collections, const Faults& faults);

  // Answers GET, HEAD and POST of any path.
  void answer(const httplib::Request& request, httplib::Response& response);
  // Ends all waits, so that the server can stop.
  void end_pauses() { pause_.end(); }

 private:
  // The part of a path after the version: /v4/<collection>/<rest>.
  struct Route {
    Collection* collection = nullptr;
    std::string rest;
  };

  [[nodiscard]] Route route_of(std::string_view path) const;
  void answer_well(const httplib::Request& request, httplib::Response& response);
  void answer_query(Collection& collection, const httplib::Request& request,
                    httplib::Response& response);
  static void answer_all(const Collection& collection, const httplib::Request& request,
                         httplib::Response& response);
  static void answer_one(const Collection& collection, const std::string& id,
                         const httplib::Request& request, httplib::Response& response);

  const Collections collections_;
  const Faults faults_;
  FaultPlan plan_;
  Pause pause_;
};

}  // namespace ashore::simulator
