// Checks the options, binds, and owns the listening thread from start to stop.
#include "simulator/simulator.h"

#include <sys/socket.h>

#include <mutex>
#include <thread>
#include <utility>

#include "simulator/connection_server.h"
#include "simulator/routes.h"
#include "simulator/synthetic_documents.h"

namespace ashore::simulator {

namespace {

// Bounds of a test server: enough for any client of ours, and a wrong one cannot fill memory.
constexpr std::size_t kRequestBytesMax = std::size_t{16} << 20U;
constexpr std::size_t kRequestsPerConnectionMax = 1'000'000;
constexpr int kThreadsMax = 1'024;
constexpr std::chrono::minutes kLatencyMax{1};

base::Status refuse(std::string what) {
  return base::permanent("option out of range: " + std::move(what));
}

base::Status check(const Options& options) {
  const std::int64_t synthetic = options.synthetic_count.value_or(0);
  if (synthetic < 0 || synthetic > SyntheticDocuments::kCountMax) {
    return refuse("made-up launches: 0 to 16777216, not " + std::to_string(synthetic));
  }
  if (options.synthetic_per_day < 1 || options.synthetic_per_day > SyntheticDocuments::kPerDayMax) {
    return refuse("made-up launches a day: 1 to 1440, not " +
                  std::to_string(options.synthetic_per_day));
  }
  if (options.port < 0 || options.port > 65'535)
    return refuse("port: " + std::to_string(options.port));
  if (options.threads < 1 || options.threads > kThreadsMax) {
    return refuse("threads: 1 to 1024, not " + std::to_string(options.threads));
  }
  const int status = options.faults.server_error_status;
  if (status < 500 || status > 599) return refuse("server error status: " + std::to_string(status));
  if (options.faults.latency > kLatencyMax) return refuse("latency: at most one minute");
  return {};
}

// httplib's own choice, SO_REUSEPORT, would let two servers share a port and nobody notice.
void allow_reuse_of_closed(socket_t socket) {
  const int on = 1;
  (void)::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
}

}  // namespace

class Simulator::Serving {
 public:
  Serving(const Options& options, Collections collections)
      : host_(options.host),
        routes_(std::move(collections), options.faults),
        server_(options.compress) {
    const auto answer = [this](const httplib::Request& request, httplib::Response& response) {
      routes_.answer(request, response);
    };
    server_.Get(".*", answer);
    server_.Post(".*", answer);
    server_.set_socket_options(allow_reuse_of_closed);
    server_.set_payload_max_length(kRequestBytesMax);
    server_.set_keep_alive_max_count(kRequestsPerConnectionMax);
    server_.set_keep_alive_timeout(60);
    const auto threads = static_cast<std::size_t>(options.threads);
    // httplib takes ownership of the queue through this pointer.
    server_.new_task_queue = [threads] {
      return std::make_unique<ConnectionQueue>(threads).release();
    };
  }

  base::Status listen(int port) {
    const bool any = port == 0;
    port_ = any ? server_.bind_to_any_port(host_) : server_.bind_to_port(host_, port) ? port : -1;
    if (port_ < 0) {
      return base::transient("cannot listen: " + host_ + ":" + std::to_string(port))
          .with_remedy("Name a free port, or 0 to take any");
    }
    listener_ = std::jthread([this] { (void)server_.listen_after_bind(); });
    while (!server_.is_running()) std::this_thread::yield();
    return {};
  }

  void stop() {
    routes_.end_pauses();
    server_.end_connections();
    server_.stop();
    wait();
  }

  void wait() {
    const std::scoped_lock lock(joining_);
    if (listener_.joinable()) listener_.join();
  }

  [[nodiscard]] int port() const { return port_; }
  [[nodiscard]] std::string url() const {
    const std::string host = host_.find(':') == std::string::npos ? host_ : "[" + host_ + "]";
    return "http://" + host + ":" + std::to_string(port_);
  }

 private:
  std::string host_;
  int port_ = -1;
  Routes routes_;
  ConnectionServer server_;
  std::mutex joining_;
  std::jthread listener_;  // joined under joining_
};

base::Result<std::unique_ptr<Simulator>> Simulator::start(const Options& options) {
  TRY(check(options));
  TRY(Collections collections, open_collections(options));
  auto serving = std::make_unique<Serving>(options, std::move(collections));
  TRY(serving->listen(options.port));
  return std::unique_ptr<Simulator>(new Simulator(std::move(serving)));
}

Simulator::Simulator(std::unique_ptr<Serving> serving) : serving_(std::move(serving)) {}

Simulator::~Simulator() { stop(); }

int Simulator::port() const { return serving_->port(); }

std::string Simulator::url() const { return serving_->url(); }

void Simulator::wait() { serving_->wait(); }

void Simulator::stop() { serving_->stop(); }

}  // namespace ashore::simulator
