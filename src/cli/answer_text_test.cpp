// Answers print the same rows as a table, as CSV and as JSON.
#include "cli/answer_text.h"

#include <gtest/gtest.h>

namespace ashore::cli {
namespace {

using inspect::Answer;

std::vector<Answer> two_answers() {
  return {{"most_used",
           "What sold most",
           {"product", "sold"},
           {{std::string("Bj\xc3\xb6rn's rope"), std::int64_t{12}},
            {std::string("sail, \"big\""), std::int64_t{3}},
            {std::monostate(), 0.5}}},
          {"none", "none", {"paid"}, {}}};
}

TEST(AnswerTextTest, TablesAreAlignedByCharactersAndNumbersStandToTheRight) {
  EXPECT_EQ(answers_table(two_answers()),
            "What sold most\n"
            "  product      sold\n"
            "  ------------ ----\n"
            "  Bj\xc3\xb6rn's rope   12\n"
            "  sail, \"big\"     3\n"
            "                0.5\n"
            "  (3 rows)\n"
            "\n"
            "none\n"
            "  paid\n"
            "  ----\n"
            "  (0 rows)\n");
}

TEST(AnswerTextTest, CsvQuotesWhatItMust) {
  EXPECT_EQ(answers_csv(two_answers()),
            "# most_used\n"
            "product,sold\n"
            "Bj\xc3\xb6rn's rope,12\n"
            "\"sail, \"\"big\"\"\",3\n"
            ",0.5\n"
            "# none\n"
            "paid\n");
}

TEST(AnswerTextTest, JsonIsOneObjectOnOneLine) {
  EXPECT_EQ(answers_json(two_answers()),
            R"({"most_used":{"columns":["product","sold"],"rows":[["Björn's rope",12],)"
            R"(["sail, \"big\"",3],[null,0.5]]},"none":{"columns":["paid"],"rows":[]}})"
            "\n");
}

TEST(AnswerTextTest, WhatWouldSteerATerminalIsShownAndNotSent) {
  EXPECT_EQ(text_table({"name"},
                       {{"a\x1b[2Jb\nc\x7f\xc2\x9b"
                         "d"}},
                       {false}),
            "  name\n"
            "  -----------------------\n"
            "  a\\x1b[2Jb\\nc\\x7f\\u009bd\n");
}

}  // namespace
}  // namespace ashore::cli
