// Lines and the bar on stderr: labels, levels, JSON, and a bar only where a person watches.
#include "cli/terminal.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <memory>

#include "io/testing/fake_clock.h"

namespace ashore::cli {
namespace {

using testing::HasSubstr;
using testing::Not;

// What a terminal with these options writes for some events.
template <typename Emit>
std::string written(TerminalOptions options, const Emit& emit) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::tmpfile(), &std::fclose);
  io::FakeClock clock;
  {
    Terminal terminal(options, file.get(), clock);
    emit(terminal, clock);
  }
  std::rewind(file.get());
  std::array<char, 8192> buffer{};
  return {buffer.data(), std::fread(buffer.data(), 1, buffer.size(), file.get())};
}

TEST(TerminalTest, WarningsAreLabelledAndColouredOnlyWhereAsked) {
  const auto warn = [](Terminal& terminal, io::FakeClock&) { terminal.emit(base::Warned{"look"}); };
  EXPECT_EQ(written({}, warn), "warning: look\n");
  EXPECT_THAT(written({.has_color = true}, warn), HasSubstr("\x1b[33mwarning:\x1b[0m look"));
  EXPECT_EQ(written({.level = base::Level::kError}, warn), "");
}

TEST(TerminalTest, JsonLinesHaveTimeAndLevel) {
  const auto text = written({.format = LogFormat::kJson}, [](Terminal& terminal, io::FakeClock&) {
    terminal.emit(base::Warned{"a \"b\""});
  });
  EXPECT_THAT(text, testing::StartsWith(R"({"time":")"));
  EXPECT_THAT(text, HasSubstr(R"("level":"warn")"));
  EXPECT_THAT(text, HasSubstr(R"(a \"b\")"));
}

TEST(TerminalTest, JsonLinesSayWhatTheyBelongTo) {
  const TerminalOptions options{.format = LogFormat::kJson, .trace_id = "4bf92f3577b34da6"};
  const auto text = written(options, [](Terminal& terminal, io::FakeClock&) {
    terminal.emit(base::Warned{"before"});
    terminal.emit(base::RunStarted{"run-1", "shop", "everything", "http://x"});
    terminal.emit(base::StageStarted{"merge"});
    terminal.emit(base::Warned{"within"});
    terminal.emit(base::StageEnded{"merge", 1, "done"});
    terminal.emit(base::Warned{"after"});
  });
  const std::string trace = R"("trace_id":"4bf92f3577b34da6",)";
  EXPECT_THAT(text, HasSubstr(R"("run_id":"","pipeline":"","stage":"",)" + trace +
                              R"("event":"Warned","what":"before")"));
  EXPECT_THAT(text, HasSubstr(R"("run_id":"run-1","pipeline":"shop","stage":"",)" + trace +
                              R"("event":"RunStarted","window")"));
  EXPECT_THAT(text,
              HasSubstr(R"("stage":"merge",)" + trace + R"("event":"Warned","what":"within")"));
  EXPECT_THAT(text, HasSubstr(R"("stage":"merge",)" + trace + R"("event":"StageEnded","seconds")"));
  EXPECT_THAT(text, HasSubstr(R"("stage":"",)" + trace + R"("event":"Warned","what":"after")"));
}

TEST(TerminalTest, ATraceIsNamedByAValidHeaderOnly) {
  const std::string trace = "4bf92f3577b34da6a3ce929d0e0e4736";
  EXPECT_EQ(trace_id_of("00-" + trace + "-00f067aa0ba902b7-01"), trace);
  EXPECT_EQ(trace_id_of("cc-" + trace + "-00f067aa0ba902b7-01-later"), trace);
  EXPECT_EQ(trace_id_of("00-00000000000000000000000000000000-00f067aa0ba902b7-01"), "");
  EXPECT_EQ(trace_id_of("00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01"), "");
  EXPECT_EQ(trace_id_of("00-" + trace), "");
  EXPECT_EQ(trace_id_of(""), "");
}

TEST(TerminalTest, TheBarShowsOnlyOnATerminalOrWhereAsked) {
  const auto land = [](Terminal& terminal, io::FakeClock& clock) {
    for (std::int64_t page = 1; page <= 4; ++page) {
      clock.advance(std::chrono::seconds(6));
      base::PageLanded event;
      event.pages_total = 4;
      terminal.emit(event);
    }
  };
  const auto level = base::Level::kError;
  EXPECT_EQ(written({.level = level}, land), "");
  EXPECT_EQ(written({.level = level, .progress = Progress::kNone, .is_terminal = true}, land), "");
  const auto bar = written({.level = level, .is_terminal = true}, land);
  EXPECT_THAT(bar, HasSubstr("4"));
  EXPECT_THAT(bar, HasSubstr("pages"));
  const auto plain = written({.level = level, .progress = Progress::kPlain}, land);
  EXPECT_THAT(plain, HasSubstr("pages"));
  EXPECT_THAT(plain, Not(HasSubstr("\x1b")));
}

TEST(TerminalTest, TheFirstFrameHasNoRateAndWhereNobodyKnowsThePagesItemsAreShown) {
  const auto text = written({.level = base::Level::kError, .is_terminal = true},
                            [](Terminal& terminal, io::FakeClock& clock) {
                              base::PageLanded event;
                              event.items = 7;
                              terminal.emit(event);
                              clock.advance(std::chrono::seconds(2));
                              terminal.emit(event);
                            });
  const auto first = text.substr(0, text.find('\r', 1));
  EXPECT_THAT(first, HasSubstr("7 items"));
  EXPECT_THAT(first, Not(HasSubstr("/s")));
  EXPECT_THAT(text, HasSubstr("14 items, 7/s"));
}

TEST(TerminalTest, TextFromOutsideSteersNoTerminal) {
  const auto text = written({}, [](Terminal& terminal, io::FakeClock&) {
    terminal.emit(base::Warned{"an item\n  named \x1b]0;x\x07"});
  });
  EXPECT_EQ(text, "warning: an item\n  named \\x1b]0;x\\x07\n");
}

}  // namespace
}  // namespace ashore::cli
