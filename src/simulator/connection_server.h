// ConnectionServer is an HTTP server that can end its connections at once, idle or not.
#pragma once

#include <httplib.h>

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <set>
#include <thread>
#include <vector>

namespace ashore::simulator {

// Runs connections on threads that are started when needed, `threads` at most.
// Threads: enqueue() and shutdown() come from the listening thread.
class ConnectionQueue final : public httplib::TaskQueue {
 public:
  explicit ConnectionQueue(std::size_t threads) : threads_max_(threads) {}
  ~ConnectionQueue() override = default;
  void enqueue(std::function<void()> connection) override;
  // Waits for connections that are being served; those still waiting are served too.
  void shutdown() override;

 private:
  void work();

  const std::size_t threads_max_;
  std::vector<std::jthread> threads_;
  std::mutex mutex_;
  std::condition_variable changed_;
  // Guarded by mutex_.
  std::deque<std::function<void()>> waiting_;
  std::size_t idle_ = 0;
  bool ending_ = false;
};

// httplib's server keeps an idle connection's thread for seconds after stop(); this one knows its
// sockets and shuts them down. A request's remote_port is the number that hang_up() takes.
class ConnectionServer final : public httplib::Server {
 public:
  // `compress`: let httplib compress bodies for clients that accept it.
  explicit ConnectionServer(bool compress) : compress_(compress) {}

  // Ends every connection and refuses new ones. Threads: any.
  void end_connections();
  // Ends one connection: what its handler answers is not sent. Threads: that handler's.
  static void hang_up(int connection);

 private:
  bool process_and_close_socket(socket_t socket) override;
  bool admit(socket_t socket);
  void close(socket_t socket);

  const bool compress_;
  std::mutex mutex_;
  // Guarded by mutex_.
  std::set<socket_t> open_;
  bool ending_ = false;
};

}  // namespace ashore::simulator
