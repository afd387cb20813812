// The transport against real loopback servers: good answers, redirects, and everything that breaks.
#include "io/curl_transport.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "io/testing/servers.h"

namespace ashore::io {
namespace {

using base::ErrorKind;
using std::chrono::milliseconds;
using testing::HasSubstr;
using testing::Not;
using PlainServer = RunningServer<httplib::Server>;

class CurlTransportTest : public testing::Test {
 protected:
  CurlTransportTest() {
    // The servers are on this machine: no proxy of the tester's.
    for (const auto* name :
         {"http_proxy", "https_proxy", "all_proxy", "HTTPS_PROXY", "ALL_PROXY"}) {
      ::unsetenv(name);
    }
  }

  base::Result<HttpResponse> get(const std::string& url) {
    HttpRequest request;
    request.url = url;
    return send(request);
  }
  base::Result<HttpResponse> send(const HttpRequest& request) {
    return transport_.send(request, std::stop_token());
  }
  void expect_failure(const std::string& url, ErrorKind kind, std::string_view why) {
    const auto response = get(url);
    ASSERT_FALSE(response.ok()) << why;
    EXPECT_EQ(response.error().kind(), kind) << response.error().message();
    EXPECT_THAT(response.error().message(), HasSubstr(std::string(why)));
    EXPECT_THAT(response.error().message(), HasSubstr(url.substr(0, url.find('?'))));
    EXPECT_FALSE(response.error().remedy().empty()) << response.error().message();
  }

  CurlTransport transport_{"ashore/test"};
};

// Answers with what came: method, then interesting headers, then the body.
void echo(const httplib::Request& request, httplib::Response& response) {
  std::string text = request.method + "\n";
  for (const auto* name : {"User-Agent", "X-Plain", "X-Key", "Content-Type"}) {
    if (request.has_header(name)) text += name + (": " + request.get_header_value(name)) + "\n";
  }
  for (const auto& [name, value] : request.params) text += name + "=" + value + "\n";
  response.set_content(text + request.body, "text/plain");
}

TEST_F(CurlTransportTest, GivesStatusHeadersAndBody) {
  PlainServer server;
  server.routes().Get("/page", [](const httplib::Request&, httplib::Response& response) {
    response.status = 429;
    response.set_header("Retry-After", "7");
    response.set_content("slow down", "text/plain");
  });
  server.start();
  const auto response = get(server.url("/page?x=1"));
  ASSERT_TRUE(response.ok()) << response.error().message();
  EXPECT_EQ(response.value().status, 429);
  EXPECT_EQ(response.value().body, "slow down");
  ASSERT_NE(response.value().header("retry-after"), nullptr);
  EXPECT_EQ(*response.value().header("retry-after"), "7");
  EXPECT_EQ(response.value().header("no-such"), nullptr);
  EXPECT_EQ(response.value().effective_url, server.url("/page?x=1"));
  EXPECT_GT(response.value().elapsed.count(), 0);
}

TEST_F(CurlTransportTest, SendsMethodHeadersSecretsAndBody) {
  PlainServer server;
  server.routes().Post("/page", echo);
  server.start();
  HttpRequest request;
  request.method = "POST";
  request.url = server.url("/page?a=1");
  request.headers = {{"X-Plain", "p"}, {"Content-Type", "application/json"}};
  request.secret_headers = {{"X-Key", base::Secret("k")}};
  request.secret_query = {{"token", base::Secret("t&u")}};
  request.body = "{\"b\":\n2}";
  const auto response = send(request);
  ASSERT_TRUE(response.ok()) << response.error().message();
  EXPECT_EQ(response.value().body,
            "POST\nUser-Agent: ashore/test\nX-Plain: p\nX-Key: k\nContent-Type: application/json\n"
            "a=1\ntoken=t&u\n{\"b\":\n2}");
  EXPECT_EQ(response.value().effective_url, server.url("/page?a=1"));
}

TEST_F(CurlTransportTest, AGetWithABodyStaysAGet) {
  std::string seen;
  RawServer server([&](int connection) {
    char bytes[4096];
    const auto count = ::recv(connection, bytes, sizeof bytes, 0);
    seen.assign(bytes, static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
    constexpr std::string_view kAnswer = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
    (void)!::send(connection, kAnswer.data(), kAnswer.size(), MSG_NOSIGNAL);
  });
  HttpRequest request;
  request.url = server.url();
  request.body = "{}";
  ASSERT_TRUE(send(request).ok());
  EXPECT_THAT(seen, testing::StartsWith("GET /page HTTP/1.1"));
  EXPECT_THAT(seen, testing::EndsWith("\r\n\r\n{}"));
}

TEST_F(CurlTransportTest, BodiesAreDecodedAndTheirLimitIsOfDecodedBytes) {
  PlainServer server;
  const std::string body(100'000, 'a');
  server.routes().Get("/page", [&](const httplib::Request&, httplib::Response& response) {
    response.set_content(body, "application/json");
  });
  server.start();
  HttpRequest request;
  request.url = server.url("/page");
  request.body_bytes_max = 100'000;
  const auto whole = send(request);
  ASSERT_TRUE(whole.ok()) << whole.error().message();
  EXPECT_EQ(whole.value().body, body);
  EXPECT_NE(whole.value().header("content-encoding"), nullptr) << "the server did not compress";
  request.body_bytes_max = 99'999;
  const auto refused = send(request);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().kind(), ErrorKind::kPermanent);
  EXPECT_THAT(refused.error().message(), HasSubstr("over the limit of 99999 bytes"));
}

TEST_F(CurlTransportTest, SecretsStayBehindWhenARedirectLeavesTheHost) {
  PlainServer other;
  other.routes().Get("/page", echo);
  other.start();
  PlainServer server;
  server.routes().Get("/page", echo);
  server.routes().Get("/away", [&](const httplib::Request&, httplib::Response& response) {
    response.set_redirect(other.url("/page"), 302);
  });
  server.routes().Get("/here", [&](const httplib::Request&, httplib::Response& response) {
    response.set_redirect("/page?b=2", 302);
  });
  server.start();
  HttpRequest request;
  request.headers = {{"X-Plain", "p"}};
  request.secret_headers = {{"X-Key", base::Secret("hidden")}};
  request.secret_query = {{"token", base::Secret("hidden")}};
  request.url = server.url("/away");
  const auto away = send(request);
  ASSERT_TRUE(away.ok()) << away.error().message();
  EXPECT_EQ(away.value().body, "GET\nUser-Agent: ashore/test\nX-Plain: p\n");
  EXPECT_EQ(away.value().effective_url, other.url("/page"));
  request.url = server.url("/here");
  const auto here = send(request);
  ASSERT_TRUE(here.ok()) << here.error().message();
  EXPECT_THAT(here.value().body, HasSubstr("X-Key: hidden"));
  EXPECT_THAT(here.value().body, HasSubstr("token=hidden"));
  EXPECT_EQ(here.value().effective_url, server.url("/page?b=2"));
}

TEST_F(CurlTransportTest, ASecretBodyStaysWithItsHost) {
  PlainServer other;
  other.routes().Post("/page", echo);
  other.start();
  PlainServer server;
  server.routes().Post("/page", echo);
  server.routes().Post("/away", [&](const httplib::Request&, httplib::Response& response) {
    response.set_redirect(other.url("/page"), 307);
  });
  server.routes().Post("/here", [&](const httplib::Request&, httplib::Response& response) {
    response.set_redirect("/page", 308);
  });
  server.start();
  HttpRequest request;
  request.method = "POST";
  request.body = "{\"token\":\"hidden\"}";
  request.is_body_secret = true;
  request.url = server.url("/away");
  const auto away = send(request);
  ASSERT_FALSE(away.ok());
  EXPECT_EQ(away.error().kind(), base::ErrorKind::kPermanent);
  EXPECT_THAT(away.error().message(), HasSubstr("stay with " + server.url("")));
  EXPECT_EQ(away.error().message().find("hidden"), std::string::npos);
  request.url = server.url("/here");
  EXPECT_TRUE(send(request).ok());
  request.is_body_secret = false;
  request.url = server.url("/away");
  EXPECT_TRUE(send(request).ok());
}

TEST_F(CurlTransportTest, RedirectedPostsKeepTheirMethodOnlyOn307And308) {
  PlainServer server;
  server.routes().Get("/page", echo);
  server.routes().Post("/page", echo);
  server.routes().Post(R"(/go/(\d+))",
                       [](const httplib::Request& request, httplib::Response& response) {
                         response.set_redirect("/page", std::stoi(request.matches[1]));
                       });
  server.start();
  for (const auto& [status, expected] : std::vector<std::pair<int, std::string>>{
           {301, "GET\n"}, {302, "GET\n"}, {303, "GET\n"}, {307, "POST\n"}, {308, "POST\n"}}) {
    HttpRequest request;
    request.method = "POST";
    request.url = server.url("/go/" + std::to_string(status));
    request.headers = {{"Content-Type", "application/json"}};
    request.body = "{}";
    const auto response = send(request);
    ASSERT_TRUE(response.ok()) << response.error().message();
    EXPECT_THAT(response.value().body, testing::StartsWith(expected)) << status;
    EXPECT_EQ(response.value().body.ends_with("application/json\n{}"), expected == "POST\n");
  }
}

TEST_F(CurlTransportTest, EndlessRedirectsAndThoseToOtherProtocolsArePermanent) {
  PlainServer server;
  int asked = 0;
  server.routes().Get("/loop", [&](const httplib::Request&, httplib::Response& response) {
    ++asked;
    response.set_redirect("/loop", 302);
  });
  server.routes().Get("/file", [](const httplib::Request&, httplib::Response& response) {
    response.set_redirect("file:///etc/hostname", 302);
  });
  server.start();
  expect_failure(server.url("/loop"), ErrorKind::kPermanent, "more than 5 redirects");
  EXPECT_EQ(asked, 6);
  const auto elsewhere = get(server.url("/file"));
  ASSERT_FALSE(elsewhere.ok());
  EXPECT_EQ(elsewhere.error().kind(), ErrorKind::kPermanent);
  EXPECT_THAT(elsewhere.error().message(), HasSubstr("file:///etc/hostname"));
}

TEST_F(CurlTransportTest, UrlsThatAreNotHttpArePermanent) {
  expect_failure("ftp://127.0.0.1/x", ErrorKind::kPermanent, "is not an http(s) url");
  expect_failure("file:///etc/hostname", ErrorKind::kPermanent, "is not an http(s) url");
  expect_failure("127.0.0.1/x", ErrorKind::kPermanent, "is not an http(s) url");
  expect_failure("http://127.0.0.1:99999/x", ErrorKind::kPermanent,
                 "names a port that is no number");
}

TEST_F(CurlTransportTest, ALineBreakInAHeaderIsRefusedWithoutItsSecret) {
  HttpRequest request;
  request.url = "http://127.0.0.1:1/";
  request.secret_headers = {{"X-Key", base::Secret("hidden\n")}};
  const auto response = send(request);
  ASSERT_FALSE(response.ok());
  EXPECT_EQ(response.error().kind(), ErrorKind::kPermanent);
  EXPECT_THAT(response.error().message(), HasSubstr("X-Key"));
  EXPECT_THAT(response.error().message(), Not(HasSubstr("hidden")));
}

TEST_F(CurlTransportTest, ARefusedConnectionIsTransientAndTellsNoSecrets) {
  std::string url;
  {
    RawServer gone(RawServer::answer_with(""));
    url = gone.url();
  }
  HttpRequest request;
  request.url = url;
  request.secret_query = {{"token", base::Secret("hidden")}};
  const auto response = send(request);
  ASSERT_FALSE(response.ok());
  EXPECT_EQ(response.error().kind(), ErrorKind::kTransient);
  EXPECT_THAT(response.error().message(), HasSubstr(url));
  EXPECT_THAT(response.error().message(), Not(HasSubstr("hidden")));
}

TEST_F(CurlTransportTest, AnswersThatBreakOffAreTransient) {
  for (const auto* answer : {
           "",
           "HTTP/1.1 200",
           "HTTP/1.1 200 OK\r\nContent-Le",
           "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"a\":",
           "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{\"a\":\r\n",
           "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}",
           "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 5\r\n\r\nnogz!",
           "SSH-2.0-OpenSSH_9.2\r\n",
       }) {
    RawServer server(RawServer::answer_with(answer));
    const auto response = get(server.url());
    ASSERT_FALSE(response.ok()) << answer;
    EXPECT_EQ(response.error().kind(), ErrorKind::kTransient) << response.error().message();
    EXPECT_THAT(response.error().message(), HasSubstr(server.url()));
  }
}

TEST_F(CurlTransportTest, AFloodOfHeadersIsPermanent) {
  std::string answer = "HTTP/1.1 200 OK\r\n";
  for (int index = 0; index < 40'000; ++index) {
    answer += "X-Header-" + std::to_string(index) + ": and a value of some length\r\n";
  }
  RawServer server(RawServer::answer_with(answer + "Content-Length: 0\r\n\r\n"));
  const auto response = get(server.url());
  ASSERT_FALSE(response.ok());
  EXPECT_THAT(response.error().message(), HasSubstr("headers"));
}

TEST_F(CurlTransportTest, TheTimeLimitIsForTheWholeExchange) {
  RawServer silent(&RawServer::wait_for_close);
  PlainServer server;
  server.routes().Get("/go", [&](const httplib::Request&, httplib::Response& response) {
    response.set_redirect(silent.url(), 302);
  });
  server.start();
  for (const auto& url : {silent.url(), server.url("/go")}) {
    HttpRequest request;
    request.url = url;
    request.total_timeout = milliseconds(60);
    const auto start = std::chrono::steady_clock::now();
    const auto response = send(request);
    ASSERT_FALSE(response.ok());
    EXPECT_EQ(response.error().kind(), ErrorKind::kTransient);
    EXPECT_THAT(response.error().message(), HasSubstr("imed out"));
    EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(20));
  }
}

TEST_F(CurlTransportTest, AStopEndsACallThatWaits) {
  std::stop_source source;
  RawServer silent([&](int connection) {
    source.request_stop();
    RawServer::wait_for_close(connection);
  });
  HttpRequest request;
  request.url = silent.url();
  const auto response = transport_.send(request, source.get_token());
  ASSERT_FALSE(response.ok());
  EXPECT_EQ(response.error().kind(), ErrorKind::kInterrupted);
  const auto again = transport_.send(request, source.get_token());
  ASSERT_FALSE(again.ok());
  EXPECT_EQ(again.error().kind(), ErrorKind::kInterrupted);
}

TEST_F(CurlTransportTest, ConnectionsAreReused) {
  PlainServer server;
  server.routes().set_keep_alive_max_count(4);
  std::set<int> ports;
  server.routes().Get("/page", [&](const httplib::Request& request, httplib::Response& response) {
    ports.insert(request.remote_port);
    response.set_content("x", "text/plain");
  });
  server.start();
  for (int index = 0; index < 4; ++index) ASSERT_TRUE(get(server.url("/page")).ok());
  EXPECT_EQ(ports.size(), 1U);
}

TEST_F(CurlTransportTest, ManyThreadsMaySendAtOnce) {
  PlainServer server;
  server.routes().Get("/page", echo);
  server.start();
  std::atomic<int> wrong{0};
  {
    std::vector<std::jthread> threads;
    for (int thread = 0; thread < 4; ++thread) {
      threads.emplace_back([&, thread] {
        for (int index = 0; index < 20; ++index) {
          const auto number = "n=" + std::to_string(thread * 100 + index);
          const auto response = get(server.url("/page?" + number));
          if (!response.ok() || !response.value().body.ends_with(number + "\n")) ++wrong;
        }
      });
    }
  }
  EXPECT_EQ(wrong, 0);
}

TEST_F(CurlTransportTest, CertificatesAreVerified) {
  const SelfSigned self_signed;
  RunningServer<httplib::SSLServer> server(self_signed.certificate(), self_signed.key());
  server.routes().Get("/page", [](const httplib::Request&, httplib::Response& response) {
    response.set_content("safe", "text/plain");
  });
  server.start();
  const auto url = "https://127.0.0.1:" + server.port() + "/page";
  expect_failure(url, ErrorKind::kPermanent, "certificate");

  const auto file = testing::TempDir() + "ashore-authority-" + server.port() + ".pem";
  self_signed.write_to(file);
  CurlTransport trusting(CurlOptions{.user_agent = "ashore/test", .authorities_file = file});
  HttpRequest request;
  request.url = url;
  const auto response = trusting.send(request, std::stop_token());
  std::remove(file.c_str());
  ASSERT_TRUE(response.ok()) << response.error().message();
  EXPECT_EQ(response.value().body, "safe");
}

}  // namespace
}  // namespace ashore::io
