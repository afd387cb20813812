// Every rule has a name of its own and a sentence that says what is wrong with the value.
#include "transform/rule.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

namespace ashore::transform {
namespace {

using testing::AllOf;
using testing::HasSubstr;

std::string explained(Rule rule, base::TypeKind kind, std::string_view value) {
  config::Column column;
  column.type.kind = kind;
  return explain(rule, &column, value);
}

TEST(RuleTest, EveryRuleHasItsOwnNameAndASentence) {
  std::set<std::string_view> names;
  const auto last = static_cast<int>(Rule::kParentRejected);
  for (int index = 1; index <= last; ++index) {
    const auto rule = static_cast<Rule>(index);
    EXPECT_TRUE(names.insert(rule_name(rule)).second) << rule_name(rule);
    EXPECT_NE(rule_name(rule), "");
    EXPECT_NE(explain(rule, nullptr, "1"), "") << rule_name(rule);
  }
}

TEST(RuleTest, AnInexactNumberIsExplainedByItsColumnsType) {
  EXPECT_EQ(explained(Rule::kInexact, base::TypeKind::kInt64, "1.5"), "1.5 is not an integer");
  EXPECT_EQ(explained(Rule::kInexact, base::TypeKind::kFloat64, "9007199254740993"),
            "9007199254740993 does not fit float64 exactly");
}

TEST(RuleTest, AValueOfAnotherKindNamesWhatWouldTakeIt) {
  EXPECT_THAT(explained(Rule::kWrongType, base::TypeKind::kInt64, R"("12")"),
              HasSubstr("'from: text'"));
  EXPECT_EQ(explained(Rule::kWrongType, base::TypeKind::kInt64, R"("twelve")"),
            R"("twelve" is no int64)");
  EXPECT_THAT(explained(Rule::kWrongType, base::TypeKind::kBoolean, "1"),
              HasSubstr("'from: number'"));
  EXPECT_THAT(explained(Rule::kWrongType, base::TypeKind::kTimestamp, "1667260800"),
              HasSubstr("'from: unix_seconds'"));
}

TEST(RuleTest, LongValuesAreCutBetweenCharacters) {
  const std::string value = "\"" + std::string(58, 'x') + "\xc3\xa9 and more\"";
  EXPECT_EQ(explain(Rule::kBadDate, nullptr, value),
            "\"" + std::string(58, 'x') + "... is not a date (YYYY-MM-DD)");
}

TEST(RuleTest, APartitionThatIsTooLongSaysHowLongTheLimitAndTheWayOut) {
  const auto text =
      explain(Rule::kPartitionTooLong, nullptr, "\"" + std::string(300, 'x') + R"(\n\u0001")");
  EXPECT_THAT(text, AllOf(HasSubstr("xxx... has 302 bytes"), HasSubstr("at most 255"),
                          HasSubstr("partition by a column of shorter values")));
}

}  // namespace
}  // namespace ashore::transform
