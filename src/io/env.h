// Env hands down the outside world: network, files, time and chance, and nothing else.
#pragma once

#include "io/clock.h"
#include "io/http_transport.h"
#include "io/object_store.h"
#include "io/random.h"

namespace ashore::io {

// References to seams that outlive every stage. It does not grow: what a function needs besides
// is in its parameters. Threads: as the seams say, from any thread.
struct Env {
  HttpTransport& http;
  ObjectStore& store;  // the data folder
  Clock& clock;
  Random& random;
};

}  // namespace ashore::io
