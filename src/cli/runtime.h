// Builds what one command uses of the outside: files, network, clock, chance, terminal.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/result.h"
#include "cli/arguments.h"
#include "cli/signals.h"
#include "cli/terminal.h"
#include "config/pipeline.h"
#include "io/curl_transport.h"
#include "io/env.h"
#include "io/faulty_transport.h"
#include "io/numbered_faults.h"
#include "io/object_store.h"
#include "io/system_clock.h"
#include "io/system_random.h"
#include "run/options.h"
#include "simulator/simulator.h"
#include "state/run_context.h"

namespace ashore::cli {

// Where libduckdb.so and libadbc_driver_postgresql.so lie: ASHORE_DRIVERS, else lib/ beside the
// binary, else lib/ashore/ beside the binary's folder.
std::string driver_folder();

// How requests are made: our name, and the authorities of SSL_CERT_FILE.
io::CurlOptions http_options();

// For tests of crashes (docs/decisions/0012-fault-points.md) the runtime can be made to fail and to
// stand still: ASHORE_TEST_FAULTS is a plan of io::NumberedFaults, ASHORE_TEST_TIME the one instant
// that all clocks show, which also makes chance repeatable.
class Runtime {
 public:
  // Opens the data folder, making it if need be; of one on S3 nothing is asked yet. kPermanent: it
  // cannot be used, or one of the variables above is wrong.
  static base::Result<std::unique_ptr<Runtime>> open(const Arguments& arguments, Signals& signals);

  [[nodiscard]] io::Env& env() { return *env_; }
  [[nodiscard]] Terminal& terminal() { return terminal_; }

  // What the stages of one command share. `signals` and this outlive it.
  [[nodiscard]] state::RunContext context(const Arguments& arguments, const Signals& signals);

  // What stages are told. Starts the stand-in API where the source is `embedded:`, which then runs
  // as long as this. Errors as Simulator::start and destinations_of.
  base::Result<run::Options> stage_options(const Arguments& arguments,
                                           const config::Pipeline& pipeline);

 private:
  // What stands in for the machine where a test says so; all may be null.
  struct TestDoubles {
    std::unique_ptr<io::NumberedFaults> faults;
    std::unique_ptr<io::Clock> clock;
    std::unique_ptr<io::Random> random;
  };

  static base::Result<TestDoubles> read_test_doubles();
  Runtime(const Arguments& arguments, TestDoubles doubles);

  [[nodiscard]] io::HttpTransport& http();
  [[nodiscard]] io::Clock& clock();

  TestDoubles test_doubles_;
  io::CurlTransport http_;
  std::optional<io::FaultyTransport> faulty_http_;
  io::SystemClock clock_;
  io::SystemRandom random_;
  Terminal terminal_;
  std::unique_ptr<io::ObjectStore> store_;
  std::optional<io::Env> env_;  // once the store is open
  std::unique_ptr<simulator::Simulator> simulator_;
};

}  // namespace ashore::cli
