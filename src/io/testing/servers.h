// Loopback servers for the transport's tests: well-behaved ones and ones that break off.
#pragma once

#include <arpa/inet.h>
#include <httplib.h>
#include <netinet/in.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

namespace ashore::io {

// Runs an httplib server (plain or TLS) on a free port until it goes.
template <typename Server>
class RunningServer {
 public:
  template <typename... Arguments>
  explicit RunningServer(Arguments&&... arguments)
      : server_(std::forward<Arguments>(arguments)...),
        port_(server_.bind_to_any_port("127.0.0.1")) {
    // One request a connection unless a test says otherwise: idle ones would delay the end.
    server_.set_keep_alive_max_count(1);
  }
  ~RunningServer() {
    server_.stop();
    if (thread_.joinable()) thread_.join();
  }
  RunningServer(const RunningServer&) = delete;
  RunningServer& operator=(const RunningServer&) = delete;

  Server& routes() { return server_; }
  // After the routes are set.
  void start() {
    thread_ = std::thread([this] { server_.listen_after_bind(); });
    while (!server_.is_running()) std::this_thread::yield();
  }
  [[nodiscard]] std::string port() const { return std::to_string(port_); }
  [[nodiscard]] std::string url(const std::string& path) const {
    return "http://127.0.0.1:" + port() + path;
  }

 private:
  Server server_;
  int port_;
  std::thread thread_;
};

// Accepts connections on a free port; what happens on each is the test's.
class RawServer {
 public:
  using Talk = std::function<void(int connection)>;

  explicit RawServer(Talk talk) : talk_(std::move(talk)) {
    listener_ = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address;
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    (void)::bind(listener_, generic, length);
    (void)::getsockname(listener_, generic, &length);
    port_ = ntohs(address.sin_port);
    (void)::listen(listener_, 16);
    thread_ = std::thread([this] { accept_all(); });
  }
  ~RawServer() {
    (void)::shutdown(listener_, SHUT_RDWR);
    {
      const std::lock_guard lock(mutex_);
      if (connection_ >= 0) (void)::shutdown(connection_, SHUT_RDWR);
    }
    thread_.join();
    ::close(listener_);
  }
  RawServer(const RawServer&) = delete;
  RawServer& operator=(const RawServer&) = delete;

  [[nodiscard]] std::string url() const {
    return "http://127.0.0.1:" + std::to_string(port_) + "/page";
  }

  // Reads what has come of a request, sends `answer` and closes.
  static Talk answer_with(std::string answer) {
    return [answer = std::move(answer)](int connection) {
      char request[4096];
      (void)!::recv(connection, request, sizeof request, 0);
      (void)!::send(connection, answer.data(), answer.size(), MSG_NOSIGNAL);
    };
  }
  // Waits until the other side closes.
  static void wait_for_close(int connection) {
    char bytes[4096];
    while (::recv(connection, bytes, sizeof bytes, 0) > 0) {
    }
  }

 private:
  void accept_all() {
    while (true) {
      const int connection = ::accept(listener_, nullptr, nullptr);
      if (connection < 0) return;
      set_connection(connection);
      talk_(connection);
      (void)::shutdown(connection, SHUT_WR);
      wait_for_close(connection);
      set_connection(-1);
      ::close(connection);
    }
  }

  void set_connection(int connection) {
    const std::lock_guard lock(mutex_);
    connection_ = connection;
  }

  Talk talk_;
  int listener_ = -1;
  int port_ = 0;
  std::mutex mutex_;
  int connection_ = -1;  // the one being served; guarded by mutex_
  std::thread thread_;
};

// A certificate for 127.0.0.1 that signed itself.
class SelfSigned {
 public:
  SelfSigned() : key_(EVP_EC_gen("P-256")), certificate_(X509_new()) {
    X509_set_version(certificate_, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate_), 1);
    X509_gmtime_adj(X509_getm_notBefore(certificate_), -3'600);
    X509_gmtime_adj(X509_getm_notAfter(certificate_), 3'600);
    X509_set_pubkey(certificate_, key_);
    X509_NAME* name = X509_get_subject_name(certificate_);
    const unsigned char common_name[] = "ashore test";
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, common_name, -1, -1, 0);
    X509_set_issuer_name(certificate_, name);
    add_extension(NID_subject_alt_name, "IP:127.0.0.1");
    add_extension(NID_basic_constraints, "critical,CA:TRUE");
    X509_sign(certificate_, key_, EVP_sha256());
  }
  ~SelfSigned() {
    X509_free(certificate_);
    EVP_PKEY_free(key_);
  }
  SelfSigned(const SelfSigned&) = delete;
  SelfSigned& operator=(const SelfSigned&) = delete;

  [[nodiscard]] X509* certificate() const { return certificate_; }
  [[nodiscard]] EVP_PKEY* key() const { return key_; }
  void write_to(const std::string& path) const {
    std::FILE* file = std::fopen(path.c_str(), "w");
    PEM_write_X509(file, certificate_);
    std::fclose(file);
  }

 private:
  void add_extension(int kind, const char* value) {
    X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, nullptr, kind, value);
    X509_add_ext(certificate_, extension, -1);
    X509_EXTENSION_free(extension);
  }

  EVP_PKEY* key_;
  X509* certificate_;
};

}  // namespace ashore::io
