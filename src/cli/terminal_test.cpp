// Lines and the bar on stderr: labels, levels, JSON, and a bar only where a person watches.
#include "cli/terminal.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <memory>

#include "io/fake_clock.h"

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

TEST(TerminalTest, TextFromOutsideSteersNoTerminal) {
  const auto text = written({}, [](Terminal& terminal, io::FakeClock&) {
    terminal.emit(base::Warned{"an item\n  named \x1b]0;x\x07"});
  });
  EXPECT_EQ(text, "warning: an item\n  named \\x1b]0;x\\x07\n");
}

}  // namespace
}  // namespace ashore::cli
