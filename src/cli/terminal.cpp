// Writes events to stderr and draws the progress bar, at most ten times per second.
#include "cli/terminal.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "cli/visible_text.h"

namespace ashore::cli {

namespace {

using base::Level;

std::string_view level_name(Level level) {
  switch (level) {
    case Level::kDebug:
      return "debug";
    case Level::kInfo:
      return "info";
    case Level::kWarn:
      return "warn";
    case Level::kError:
      return "error";
  }
  return "error";
}

// Warnings and errors say what they are; ordinary lines need no label.
std::string label_of(Level level, bool has_color) {
  if (level == Level::kWarn) return has_color ? "\x1b[33mwarning:\x1b[0m " : "warning: ";
  if (level == Level::kError) return has_color ? "\x1b[31merror:\x1b[0m " : "error: ";
  return "";
}

std::string duration_text(double seconds) {
  if (seconds < 60) return fmt::format("{:.0f} s", seconds);
  return fmt::format("{:.0f} min {:.0f} s", std::floor(seconds / 60), std::fmod(seconds, 60));
}

bool is_hex(std::string_view text) {
  return text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

}  // namespace

std::string trace_id_of(std::string_view traceparent) {
  // version "-" trace id "-" parent id "-" flags; later versions may add fields.
  constexpr std::size_t kTraceBegin = 3;
  constexpr std::size_t kTraceDigits = 32;
  constexpr std::size_t kLeastBytes = 55;
  if (traceparent.size() < kLeastBytes || traceparent[2] != '-' || traceparent[35] != '-' ||
      traceparent[52] != '-' || !is_hex(traceparent.substr(0, 2))) {
    return {};
  }
  const auto trace = traceparent.substr(kTraceBegin, kTraceDigits);
  const bool is_zero = trace.find_first_not_of('0') == std::string_view::npos;
  return is_hex(trace) && !is_zero ? std::string(trace) : std::string();
}

base::Level level_of(const std::string& name) {
  if (name == "debug") return Level::kDebug;
  if (name == "warn") return Level::kWarn;
  if (name == "error") return Level::kError;
  return Level::kInfo;
}

Terminal::Terminal(TerminalOptions options, std::FILE* stream, io::Clock& clock)
    : options_(std::move(options)), stream_(stream), clock_(clock) {}

Terminal::~Terminal() { clear(); }

void Terminal::emit(const base::Event& event) {
  const std::lock_guard lock(mutex_);
  if (const auto* page = std::get_if<base::PageLanded>(&event)) {
    if (page->pages_total) {
      advance("pages", bar_.noun == "pages" ? bar_.done + 1 : 1, *page->pages_total);
    } else {  // nobody knows how many pages there will be
      advance("items", bar_.noun == "items" ? bar_.done + page->items : page->items, 0);
    }
  } else if (const auto* rows = std::get_if<base::RowsDecoded>(&event)) {
    decoded_[rows->table] = rows->rows;
    std::int64_t sum = 0;
    for (const auto& [table, count] : decoded_) sum += count;
    advance("rows", sum, 0);
  } else if (std::holds_alternative<base::StageEnded>(event)) {
    clear();
    bar_ = Bar();
  }
  if (const auto* stage = std::get_if<base::StageStarted>(&event)) stage_ = stage->stage;
  if (const auto* run = std::get_if<base::RunStarted>(&event)) {
    run_id_ = run->run_id;
    pipeline_ = run->pipeline;
  }
  const auto level = base::event_level(event);
  if (level >= options_.level) {
    clear();
    if (options_.format != LogFormat::kText) {
      write_json(event, level);
    } else {
      write_text(event, level);
    }
  }
  if (std::holds_alternative<base::StageEnded>(event)) stage_.clear();
}

void Terminal::write_text(const base::Event& event, Level level) {
  const auto line =
      label_of(level, options_.has_color) + visible_text(base::event_text(event), true) + "\n";
  (void)std::fwrite(line.data(), 1, line.size(), stream_);
  (void)std::fflush(stream_);
}

void Terminal::write_json(const base::Event& event, Level level) {
  std::vector<base::EventField> first = {{"time", base::format_timestamp(clock_.now())},
                                         {"level", std::string(level_name(level))},
                                         {"run_id", run_id_},
                                         {"pipeline", pipeline_},
                                         {"stage", stage_}};
  if (!options_.trace_id.empty()) first.emplace_back("trace_id", options_.trace_id);
  const auto line = base::event_json(event, first) + "\n";
  (void)std::fwrite(line.data(), 1, line.size(), stream_);
  (void)std::fflush(stream_);
}

void Terminal::advance(const std::string& noun, std::int64_t done, std::int64_t total) {
  const bool wants_bar = options_.progress == Progress::kPlain ||
                         (options_.progress == Progress::kAuto && options_.is_terminal);
  if (!wants_bar) return;
  const auto now = clock_.steady_now();
  if (bar_.noun != noun) {
    clear();
    bar_ = Bar();
    bar_.noun = noun;
    bar_.started = now;
  }
  bar_.done = done;
  bar_.total = total;
  const auto since_drawn = now - bar_.drawn;
  const bool is_due = options_.progress == Progress::kPlain
                          ? since_drawn >= std::chrono::seconds(5)
                          : since_drawn >= std::chrono::milliseconds(100);
  // The last step is always drawn, so that a finished bar is full.
  if (!is_due && (total == 0 || done < total)) return;
  bar_.drawn = now;
  draw();
}

void Terminal::draw() {
  // A rate is told once there was time to measure one.
  constexpr double kSecondsLeast = 0.5;
  const double seconds = std::chrono::duration<double>(bar_.drawn - bar_.started).count();
  const bool has_rate = seconds >= kSecondsLeast && bar_.done > 0;
  const double rate = has_rate ? static_cast<double>(bar_.done) / seconds : 0;
  std::string line;
  if (bar_.total > 0) {
    const auto width = std::int64_t{24};
    const auto filled = std::min(width, width * bar_.done / bar_.total);
    const double left = static_cast<double>(bar_.total - bar_.done) / std::max(rate, 1e-9);
    line = fmt::format("[{:=<{}}{: <{}}] {}/{} {}", "", filled, "", width - filled, bar_.done,
                       bar_.total, bar_.noun);
    if (has_rate) {
      line += fmt::format(", {:.0f}/s, {} left", rate, duration_text(std::max(left, 0.0)));
    }
  } else {
    line = fmt::format("{} {}", bar_.done, bar_.noun);
    if (has_rate) line += fmt::format(", {:.0f}/s", rate);
  }
  const bool is_plain = options_.progress == Progress::kPlain;
  // Overwrites its own line: CR, then "erase to the end of the line" (ECMA-48).
  line = is_plain ? line + "\n" : "\r\x1b[K" + line;
  bar_.is_shown = !is_plain;
  (void)std::fwrite(line.data(), 1, line.size(), stream_);
  (void)std::fflush(stream_);
}

void Terminal::clear() {
  if (!bar_.is_shown) return;
  (void)std::fputs("\r\x1b[K", stream_);
  bar_.is_shown = false;
}

}  // namespace ashore::cli
