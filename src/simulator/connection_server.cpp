// Serves each connection with httplib's own request code over a stream that blocks in the kernel.
#include "simulator/connection_server.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstring>
#include <utility>

namespace ashore::simulator {

namespace {

constexpr time_t kIdleSecondsMax = 60;  // of a connection that says nothing, or reads nothing

// A buffered stream over a blocking socket, which it does not own.
class SocketStream final : public httplib::Stream {
 public:
  explicit SocketStream(socket_t socket) : socket_(socket) {}

  using httplib::Stream::write;

  [[nodiscard]] bool is_readable() const override { return true; }
  [[nodiscard]] bool is_writable() const override { return true; }

  ssize_t read(char* target, size_t size) override {
    if (begin_ == end_ && !fill()) return 0;
    const size_t bytes = std::min(size, end_ - begin_);
    std::memcpy(target, buffer_.data() + begin_, bytes);
    begin_ += bytes;
    return static_cast<ssize_t>(bytes);
  }

  ssize_t write(const char* bytes, size_t size) override {
    return ::send(socket_, bytes, size, MSG_NOSIGNAL);
  }

  // Waits for the next request. Returns false when the connection has ended.
  bool wait() { return begin_ != end_ || fill(); }

  void get_remote_ip_and_port(std::string& ip, int& port) const override {
    ip.clear();
    port = socket_;
  }
  void get_local_ip_and_port(std::string& ip, int& port) const override {
    ip.clear();
    port = 0;
  }
  [[nodiscard]] socket_t socket() const override { return socket_; }

 private:
  bool fill() {
    const ssize_t bytes = ::recv(socket_, buffer_.data(), buffer_.size(), 0);
    begin_ = 0;
    end_ = bytes > 0 ? static_cast<size_t>(bytes) : 0;
    return end_ > 0;
  }

  socket_t socket_;
  std::array<char, 16'384> buffer_{};
  size_t begin_ = 0;
  size_t end_ = 0;
};

void set_limits(socket_t socket) {
  const timeval limit{.tv_sec = kIdleSecondsMax, .tv_usec = 0};
  (void)::setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  (void)::setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
  const int on = 1;
  // Headers and body are two sends: without this the second waits for the client's delayed ACK.
  (void)::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

}  // namespace

void ConnectionQueue::enqueue(std::function<void()> connection) {
  const std::scoped_lock lock(mutex_);
  waiting_.push_back(std::move(connection));
  if (idle_ < waiting_.size() && threads_.size() < threads_max_) {
    threads_.emplace_back([this] { work(); });
  }
  changed_.notify_one();
}

void ConnectionQueue::shutdown() {
  {
    const std::scoped_lock lock(mutex_);
    ending_ = true;
  }
  changed_.notify_all();
  threads_.clear();
}

void ConnectionQueue::work() {
  std::unique_lock lock(mutex_);
  while (true) {
    ++idle_;
    // Not wait(): g++ 12 takes it from a newer libstdc++ than the Python wheel may ask for.
    while (!ending_ && waiting_.empty()) changed_.wait_for(lock, std::chrono::hours(1));
    --idle_;
    if (waiting_.empty()) return;
    const std::function<void()> connection = std::move(waiting_.front());
    waiting_.pop_front();
    lock.unlock();
    connection();
    lock.lock();
  }
}

void ConnectionServer::end_connections() {
  const std::scoped_lock lock(mutex_);
  ending_ = true;
  for (const socket_t socket : open_) hang_up(socket);
}

void ConnectionServer::hang_up(int connection) { (void)::shutdown(connection, SHUT_RDWR); }

bool ConnectionServer::admit(socket_t socket) {
  const std::scoped_lock lock(mutex_);
  if (!ending_) open_.insert(socket);
  return !ending_;
}

void ConnectionServer::close(socket_t socket) {
  const std::scoped_lock lock(mutex_);
  open_.erase(socket);
  hang_up(socket);
  (void)::close(socket);
}

bool ConnectionServer::process_and_close_socket(socket_t socket) {
  const bool admitted = admit(socket);
  if (admitted) {
    set_limits(socket);
    SocketStream stream(socket);
    const auto prepare = [this](httplib::Request& request) {
      if (!compress_) request.headers.erase("Accept-Encoding");
    };
    bool closed = false;
    bool served = true;
    while (served && !closed && stream.wait())
      served = process_request(stream, false, closed, prepare);
  }
  close(socket);
  return admitted;
}

}  // namespace ashore::simulator
