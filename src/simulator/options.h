// What the stand-in API serves, where it listens and which faults it plays.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace ashore::simulator {

// Faults on request. A request that is to fail is answered by the first fault below, in this order,
// that still has a count left; each fault counts the requests that it spoiled itself. So
// {too_many_requests_first = 2, server_error_first = 1} gives 429, 429, 503 and then good answers.
struct Faults {
  // Every answer waits this long first. Default none; at most one minute.
  std::chrono::milliseconds latency{0};
  // 429 with Retry-After on the first n requests, and on every n-th request (0: never).
  std::int64_t too_many_requests_first = 0;
  std::int64_t too_many_requests_every = 0;
  std::chrono::seconds retry_after{1};
  // A server error on the first n requests, with this status (500 to 599).
  std::int64_t server_error_first = 0;
  int server_error_status = 503;
  // No answer at all on the first n requests: the connection is held this long, then closed.
  std::int64_t timeout_first = 0;
  std::chrono::milliseconds timeout_hold{60'000};
  // On the first n requests half of the promised body is sent, then the connection is closed.
  std::int64_t cut_body_first = 0;
  // An HTML page with status 200 on the first n requests.
  std::int64_t html_first = 0;
  // totalDocs is one too many on this page (0: on none), this many times (0: always).
  std::int64_t wrong_total_page = 0;
  std::int64_t wrong_total_times = 1;
  // After this page (0: none) was served, the first item of the next page moves to the front of
  // every later answer: one item is lost and another doubled for who goes on reading. The item
  // stays where it moved to, so a second whole reading is consistent; this many moves (0: no end).
  std::int64_t move_after_page = 0;
  std::int64_t move_times = 1;
  // No fault but latency is played after this many requests in all (0: no such end).
  std::int64_t until_request = 0;
};

struct Options {
  // A JSON array of launches as GET /v5/launches gives it, or a folder with launches.json and any
  // of cores.json, rockets.json, launchpads.json. Empty: the snapshot of facts in this binary.
  // Collections that the path does not give come from the snapshot of facts.
  std::string snapshot_path = {};
  // Serves this many made-up launches (0 to 16,777,216) instead of the snapshot's.
  std::optional<std::int64_t> synthetic_count = std::nullopt;
  // Made-up launches differ by seed; the same seed always gives the same.
  std::uint64_t seed = 1;
  // How many made-up launches share a day, 1 to 1440: 20,000 at 3 a day lie on 6,667 days.
  std::int64_t synthetic_per_day = 3;
  // The address to listen on. Anything but the default is the user's own decision.
  std::string host = "127.0.0.1";
  // 0 takes a free port.
  int port = 0;
  // Connections served at once, 1 to 1024; a thread each, started when needed.
  int threads = 64;
  // Bodies are compressed when the client says it takes that. Costs far more than the answer
  // itself.
  bool compress = false;
  Faults faults = {};
};

}  // namespace ashore::simulator
