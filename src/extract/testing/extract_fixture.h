// A pipeline, a made-up source of orders and all seams in memory, for the tests of extract.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "extract/extract.h"
#include "io/memory_store.h"
#include "io/testing/fake_clock.h"
#include "io/testing/scripted_transport.h"
#include "io/testing/seeded_random.h"

namespace ashore::extract {

// Keeps every event. Threads: as EventSink.
class KeptEvents final : public base::EventSink {
 public:
  void emit(const base::Event& event) override {
    const std::lock_guard lock(mutex_);
    events_.push_back(event);
  }
  template <typename Kind>
  std::vector<Kind> of() {
    const std::lock_guard lock(mutex_);
    std::vector<Kind> found;
    for (const auto& event : events_) {
      if (const auto* kind = std::get_if<Kind>(&event)) found.push_back(*kind);
    }
    return found;
  }

 private:
  std::mutex mutex_;
  std::vector<base::Event> events_;  // guarded by mutex_
};

inline json::Pointer pointer(const std::string& text) { return json::Pointer::parse(text).value(); }

inline io::HttpResponse answer(int status, std::string body, io::HttpHeaders headers = {}) {
  io::HttpResponse response;
  response.status = status;
  response.body = std::move(body);
  response.headers = std::move(headers);
  return response;
}

// The value of a query parameter, or -1.
inline std::int64_t number_in(const std::string& url, const std::string& name) {
  auto at = url.find("?" + name + "=");
  if (at == std::string::npos) at = url.find("&" + name + "=");
  return at == std::string::npos ? -1 : std::stoll(url.substr(at + name.size() + 2));
}

// {"id":"o1"},{"id":"o2"} for the orders first..last, first included, last not.
inline std::string orders(std::int64_t first, std::int64_t last) {
  std::string text;
  for (auto order = first; order < last; ++order) {
    text += (text.empty() ? "" : ",") + std::string("{\"id\":\"o") + std::to_string(order) + "\"}";
  }
  return text;
}

inline std::string envelope(std::int64_t total, const std::string& items) {
  return "{\"items\":[" + items + "],\"total\":" + std::to_string(total) + "}";
}

// Page `page` of `total` orders, 10 a page.
inline std::string orders_page(std::int64_t page, std::int64_t total) {
  const auto first = std::min((page - 1) * 10, total);
  return envelope(total, orders(first, std::min(first + 10, total)));
}

class ExtractFixture : public testing::Test {
 public:
  using Source = std::function<base::Result<io::HttpResponse>(const io::HttpRequest&)>;

 protected:
  ExtractFixture() {
    pipeline.name = "shop";
    pipeline.sha256 = std::string(64, 'a');
    pipeline.source_name = "orders_api";
    pipeline.source_url = "http://a.example";
    pipeline.extract.request.path = "/orders";
    pipeline.extract.request.query = {{"page", "${page}"}, {"limit", "${limit}"}};
    pipeline.extract.pages = {.style = config::PageStyle::kNumber,
                              .size = 10,
                              .first = 1,
                              .parallel = 1,
                              .cursor = {},
                              .next = {}};
    pipeline.extract.items = {.at = pointer("/items"),
                              .id = pointer("/id"),
                              .total = pointer("/total"),
                              .page_count = {}};
    options.run_id = "20220101T000000Z-abcdef";
  }

  // Runs extract against a source; `requests` are what it was asked.
  base::Result<Landing> run(const Source& source, const std::stop_token& stop = {}) {
    io::ScriptedTransport transport(source);
    auto landing = run_over(transport, stop);
    requests = transport.requests();
    return landing;
  }
  base::Result<Landing> run_over(io::HttpTransport& transport, const std::stop_token& stop = {}) {
    io::Env env{.http = transport, .store = store, .clock = clock, .random = random};
    return extract(pipeline, options,
                   {.env = env,
                    .events = events,
                    .stop = stop,
                    .memory_bytes = memory_bytes,
                    .version = "0.1.0"});
  }
  // A source of `total` orders that follows its own rules.
  static Source shop(std::int64_t total) {
    return [total](const io::HttpRequest& request) -> base::Result<io::HttpResponse> {
      return answer(200, orders_page(number_in(request.url, "page"), total));
    };
  }

  std::string read(const std::string& path) {
    auto bytes = store.read(path);
    return bytes.ok() ? bytes.value() : "error: " + bytes.error().message();
  }
  std::string raw(const std::string& name) {
    return "raw/orders_api/20220101T000000Z-abcdef/" + name;
  }
  // Names of all objects below the raw folder of the run.
  std::vector<std::string> landed() {
    const auto prefix = raw("");
    std::vector<std::string> names;
    for (const auto& info : store.list(prefix.substr(0, prefix.size() - 1)).value()) {
      names.push_back(info.path.substr(prefix.size()));
    }
    return names;
  }

  config::Pipeline pipeline;
  Options options;
  std::int64_t memory_bytes = std::int64_t{512} << 20;
  io::MemoryStore store;
  io::FakeClock clock;
  io::SeededRandom random{7};
  KeptEvents events;
  std::vector<io::HttpRequest> requests;
};

}  // namespace ashore::extract
