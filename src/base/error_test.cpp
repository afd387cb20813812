// Messages read as promised, and TRY passes errors on.
#include "base/error.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <type_traits>

#include "base/result.h"
#include "base/secret.h"

namespace ashore::base {
namespace {

TEST(ErrorTest, AMessageIsStepsThenWhatThenRemedy) {
  const auto error = transient("cannot open file: /data/x: Permission denied")
                         .within("copy")
                         .within("load table 'orders'")
                         .with_remedy("Give the user the right to read it.");
  EXPECT_EQ(error.message(),
            "load table 'orders': copy: cannot open file: /data/x: Permission denied. Give the "
            "user the right to read it.");
  EXPECT_EQ(permanent("no such table").message(), "no such table");
}

TEST(ErrorTest, TheInnermostRemedyStays) {
  const auto error = permanent("x").with_remedy("Inner.").with_remedy("Outer.");
  EXPECT_EQ(error.remedy(), "Inner.");
}

TEST(ErrorTest, TerminalsObeyNoMessage) {
  EXPECT_EQ(permanent("a\nb\tc\x1b[2Jd\x7f").message(), "a\\nb\\x09c\\x1b[2Jd\\x7f");
  EXPECT_EQ(permanent(std::string("a\0b", 3)).message(), "a\\x00b");
  // U+009B begins a terminal's command as ESC [ does; é and 😀 are text.
  EXPECT_EQ(permanent("a\xc2\x9b"
                      "2Jb \xc3\xa9 \xf0\x9f\x98\x80")
                .message(),
            "a\\xc2\\x9b2Jb \xc3\xa9 \xf0\x9f\x98\x80");
}

TEST(ErrorTest, KindsDecideTheExitCode) {
  EXPECT_EQ(exit_code_of(transient("x").kind()), 1);
  EXPECT_EQ(exit_code_of(permanent("x").kind()), 2);
  EXPECT_EQ(exit_code_of(not_found("x").kind()), 2);
  EXPECT_EQ(exit_code_of(ErrorKind::kBlockedByCheck), 3);
  EXPECT_EQ(exit_code_of(ErrorKind::kBlockedByQuarantine), 4);
  EXPECT_EQ(exit_code_of(ErrorKind::kInterrupted), 130);
  EXPECT_EQ(exit_code_of(bug("x").kind()), 70);
  EXPECT_EQ(transient("x").as(ErrorKind::kPermanent).kind(), ErrorKind::kPermanent);
}

Result<int> half(int number) {
  if (number % 2 != 0) return permanent("odd: " + std::to_string(number));
  return number / 2;
}
Status check_positive(int number) {
  if (number <= 0) return permanent("not positive");
  return {};
}
Result<std::string> quarter(int number) {
  TRY(check_positive(number));
  TRY(const int once, half(number));
  TRY(const int twice, half(once).within("second half"));
  if (twice > 100) TRY(check_positive(-1));
  return std::to_string(twice);
}
Result<std::unique_ptr<int>> boxed(int number) {
  TRY(auto box, Result<std::unique_ptr<int>>(std::make_unique<int>(number)));
  return box;
}

TEST(ResultTest, TryBindsTheValueOrPassesTheErrorOn) {
  EXPECT_EQ(quarter(12).value(), "3");
  EXPECT_EQ(quarter(0).error().message(), "not positive");
  EXPECT_EQ(quarter(7).error().message(), "odd: 7");
  EXPECT_EQ(quarter(6).error().message(), "second half: odd: 3");
  EXPECT_EQ(quarter(1000).error().message(), "not positive");
  EXPECT_EQ(*boxed(5).value(), 5);
}

TEST(ResultTest, WithinLeavesSuccessAlone) {
  EXPECT_TRUE(Status().within("step").ok());
  EXPECT_EQ(half(4).within("step").value(), 2);
}

TEST(SecretTest, HasNoFormatterAndNoConversion) {
  static_assert(!std::is_convertible_v<Secret, std::string>);
  static_assert(!std::is_convertible_v<std::string, Secret>);
  EXPECT_EQ(Secret("a").reveal(), "a");
  EXPECT_TRUE(Secret().empty());
}

}  // namespace
}  // namespace ashore::base
