// Every rule has a name of its own and a sentence that says what is wrong with the value.
#include "transform/rule.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

namespace ashore::transform {
namespace {

using testing::AllOf;
using testing::HasSubstr;

const base::ColumnType kText{base::TypeKind::kString};

TEST(RuleTest, EveryRuleHasItsOwnNameAndASentence) {
  std::set<std::string_view> names;
  const auto last = static_cast<int>(Rule::kParentRejected);
  for (int index = 1; index <= last; ++index) {
    const auto rule = static_cast<Rule>(index);
    EXPECT_TRUE(names.insert(rule_name(rule)).second) << rule_name(rule);
    EXPECT_NE(rule_name(rule), "");
    EXPECT_NE(explain(rule, kText, "1"), "") << rule_name(rule);
  }
}

TEST(RuleTest, AnInexactNumberIsExplainedByItsColumnsType) {
  EXPECT_EQ(explain(Rule::kInexact, {base::TypeKind::kInt64}, "1.5"), "1.5 is not an integer");
  EXPECT_EQ(explain(Rule::kInexact, {base::TypeKind::kFloat64}, "9007199254740993"),
            "9007199254740993 does not fit float64 exactly");
}

TEST(RuleTest, LongValuesAreCutBetweenCharacters) {
  const std::string value = "\"" + std::string(58, 'x') + "\xc3\xa9 and more\"";
  EXPECT_EQ(explain(Rule::kBadDate, kText, value),
            "\"" + std::string(58, 'x') + "... is not a date (YYYY-MM-DD)");
}

TEST(RuleTest, APartitionThatIsTooLongSaysHowLongTheLimitAndTheWayOut) {
  const auto text =
      explain(Rule::kPartitionTooLong, kText, "\"" + std::string(300, 'x') + R"(\n\u0001")");
  EXPECT_THAT(text, AllOf(HasSubstr("xxx... has 302 bytes"), HasSubstr("at most 255"),
                          HasSubstr("partition by a column of shorter values")));
}

}  // namespace
}  // namespace ashore::transform
