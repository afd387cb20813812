// Shows events on stderr: text or JSON lines, and a progress bar where a person watches.
#pragma once

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

#include "base/event.h"
#include "cli/arguments.h"
#include "io/clock.h"

namespace ashore::cli {

struct TerminalOptions {
  LogFormat format = LogFormat::kText;
  base::Level level = base::Level::kInfo;
  Progress progress = Progress::kAuto;
  bool is_terminal = false;  // stderr is one
  bool has_color = false;
  std::string trace_id = {};  // for JSON lines; "" for none
};

// Pure. The trace id in a traceparent header (W3C Trace Context): 32 hex digits, not all zero. ""
// for a text that is none.
std::string trace_id_of(std::string_view traceparent);

// Pure. The level of that name; kInfo for names that are none.
base::Level level_of(const std::string& name);

// Threads: emit() from any.
class Terminal final : public base::EventSink {
 public:
  // `stream` (stderr) and `clock` must outlive this.
  Terminal(TerminalOptions options, std::FILE* stream, io::Clock& clock);
  ~Terminal() override;

  void emit(const base::Event& event) override;

 private:
  // What the bar shows: pages while they land, rows while they are decoded.
  struct Bar {
    std::string noun;
    std::int64_t done = 0;
    std::int64_t total = 0;  // 0: not known
    std::chrono::steady_clock::time_point started;
    std::chrono::steady_clock::time_point drawn;
    bool is_shown = false;
  };

  void write_text(const base::Event& event, base::Level level);
  void write_json(const base::Event& event, base::Level level);
  void advance(const std::string& noun, std::int64_t done, std::int64_t total);
  void draw();
  void clear();

  const TerminalOptions options_;
  std::FILE* const stream_;
  io::Clock& clock_;
  std::mutex mutex_;  // guards all below
  Bar bar_;
  std::map<std::string, std::int64_t> decoded_;  // rows by table
  std::string run_id_;                           // these three: "" while there is none
  std::string pipeline_;
  std::string stage_;
};

}  // namespace ashore::cli
