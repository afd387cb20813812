// Answers are typed cells that read the same whichever integer or time type a database chose.
#include "inspect/answers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "warehouse/connection.h"

namespace ashore::inspect {
namespace {

using testing::AllOf;
using testing::HasSubstr;

// A fresh DuckDB file with a table of two orders.
class AnswersTest : public testing::Test {
 protected:
  AnswersTest() {
    const auto* test = testing::UnitTest::GetInstance()->current_test_info();
    folder_ =
        std::filesystem::path(testing::TempDir()) / ("ashore_answers_" + std::string(test->name()));
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
    destination_.kind = config::DestinationKind::kDuckDb;
    destination_.path = "shop.duckdb";
    options_.data_folder = folder_;
    options_.driver_folder = ASHORE_DRIVER_FOLDER;
  }
  ~AnswersTest() override { std::filesystem::remove_all(folder_); }

  void make_orders() {
    warehouse::ConnectOptions connect;
    connect.driver_folder = ASHORE_DRIVER_FOLDER;
    connect.path = folder_ / "shop.duckdb";
    const auto connection = warehouse::Connection::open(connect);
    ASSERT_TRUE(connection.ok()) << connection.error().message();
    ASSERT_TRUE(connection.value()->execute("CREATE TABLE orders (id INTEGER, note VARCHAR)").ok());
    ASSERT_TRUE(connection.value()->execute("CREATE TABLE _ashore_loads (run_id VARCHAR)").ok());
    ASSERT_TRUE(
        connection.value()->execute("INSERT INTO orders VALUES (1, 'one'), (2, NULL)").ok());
  }

  base::Result<std::vector<Answer>> ask(const std::vector<Question>& questions) {
    return answer(questions, destination_, options_);
  }

  std::vector<Cell> cells(const std::string& sql) {
    const auto answers = ask({{"q", sql}});
    EXPECT_TRUE(answers.ok()) << answers.error().message();
    return answers.ok() ? answers.value().front().rows.front() : std::vector<Cell>();
  }

  std::filesystem::path folder_;
  config::DestinationSpec destination_;
  run::AccessOptions options_;
};

TEST_F(AnswersTest, OfManyRowsTheFirstAreKeptAndAllAreCounted) {
  make_orders();
  const std::string sql = "SELECT range AS n FROM range(10000) ORDER BY 1";
  const auto answers = answer({{"many", sql}}, destination_, options_, 3);
  ASSERT_TRUE(answers.ok()) << answers.error().message();
  const auto& many = answers.value().front();
  const std::vector<std::vector<Cell>> first{
      {std::int64_t{0}}, {std::int64_t{1}}, {std::int64_t{2}}};
  EXPECT_EQ(many.rows, first);
  EXPECT_EQ(many.rows_total, 10'000);
}

TEST_F(AnswersTest, AnswersComeInTheOrderOfTheQuestionsWithNullsAsNothing) {
  make_orders();
  const auto answers = ask({{"notes", "-- What was noted\nSELECT id, note FROM orders ORDER BY id"},
                            {"none", "SELECT id FROM orders WHERE id > 9"}});
  ASSERT_TRUE(answers.ok()) << answers.error().message();
  const auto& notes = answers.value()[0];
  EXPECT_EQ(notes.name, "notes");
  EXPECT_EQ(notes.heading, "What was noted");
  EXPECT_EQ(notes.columns, (std::vector<std::string>{"id", "note"}));
  EXPECT_EQ(notes.rows, (std::vector<std::vector<Cell>>{{std::int64_t{1}, std::string("one")},
                                                        {std::int64_t{2}, std::monostate()}}));
  EXPECT_EQ(answers.value()[1].heading, "none");
  EXPECT_EQ(answers.value()[1].columns, std::vector<std::string>{"id"});
  EXPECT_TRUE(answers.value()[1].rows.empty());
}

TEST_F(AnswersTest, AHeadingIsTheFirstCommentIfItSaysSomething) {
  make_orders();
  for (const auto& [sql, heading] : std::map<std::string, std::string>{
           {"--\nSELECT 1", "q"}, {"--   spaced\nSELECT 1", "spaced"}, {"SELECT 1 -- no", "q"}}) {
    EXPECT_EQ(ask({{"q", sql}}).value().front().heading, heading) << sql;
  }
}

TEST_F(AnswersTest, WholeNumbersOfAnyWidthAreNumbers) {
  make_orders();
  for (const auto* type : {"TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT",
                           "UINTEGER", "UBIGINT"}) {
    EXPECT_EQ(cells("SELECT 7::" + std::string(type)).front(), Cell(std::int64_t{7})) << type;
  }
  EXPECT_EQ(cells("SELECT 18446744073709551615::UBIGINT").front(),
            Cell(std::string("18446744073709551615")));
}

TEST_F(AnswersTest, OtherTypesAreTruthsFloatsAndTexts) {
  make_orders();
  EXPECT_EQ(cells("SELECT true, 0.5::FLOAT, 0.25::DOUBLE, 1.50::DECIMAL(9,2), 'x'"),
            (std::vector<Cell>{true, 0.5, 0.25, std::string("1.50"), std::string("x")}));
}

TEST_F(AnswersTest, DatesAndTimestampsAreRfc3339InUtc) {
  make_orders();
  EXPECT_EQ(cells("SELECT DATE '1969-12-31', TIMESTAMPTZ '2022-11-01 02:00:00.5+02', "
                  "TIMESTAMP_S '2022-11-01 00:00:00', TIMESTAMP_MS '2022-11-01 00:00:00.001', "
                  "TIMESTAMP_NS '1969-12-31 23:59:59.999999999'"),
            (std::vector<Cell>{std::string("1969-12-31"), std::string("2022-11-01T00:00:00.500Z"),
                               std::string("2022-11-01T00:00:00Z"),
                               std::string("2022-11-01T00:00:00.001Z"),
                               std::string("1969-12-31T23:59:59.999999Z")}));
}

TEST_F(AnswersTest, AQuestionThatFailsIsNamed) {
  make_orders();
  const auto answers = ask({{"fine", "SELECT 1"}, {"broken", "SELECT missing FROM orders"}});
  ASSERT_FALSE(answers.ok());
  EXPECT_EQ(answers.error().kind(), base::ErrorKind::kPermanent);
  EXPECT_THAT(answers.error().message(),
              AllOf(HasSubstr("question 'broken'"), HasSubstr("missing")));
}

TEST_F(AnswersTest, QuestionsOnlyRead) {
  make_orders();
  EXPECT_FALSE(ask({{"q", "DELETE FROM orders"}}).ok());
  EXPECT_EQ(cells("SELECT count(*) FROM orders").front(), Cell(std::int64_t{2}));
}

TEST_F(AnswersTest, BeforeTheFirstLoadTheCommandToRunIsNamed) {
  const auto answers = ask({{"q", "SELECT 1"}});
  ASSERT_FALSE(answers.ok());
  EXPECT_EQ(answers.error().kind(), base::ErrorKind::kNotFound);
  EXPECT_THAT(answers.error().message(),
              AllOf(HasSubstr("nothing is loaded yet"), HasSubstr("ashore run")));
}

TEST_F(AnswersTest, ADatabaseThatNobodyLoadedSaysTheSame) {
  make_orders();
  warehouse::ConnectOptions connect;
  connect.driver_folder = ASHORE_DRIVER_FOLDER;
  connect.path = folder_ / "shop.duckdb";
  ASSERT_TRUE(
      warehouse::Connection::open(connect).value()->execute("DROP TABLE _ashore_loads").ok());
  const auto answers = ask({{"q", "SELECT * FROM lines"}});
  ASSERT_FALSE(answers.ok());
  EXPECT_EQ(answers.error().kind(), base::ErrorKind::kNotFound);
  EXPECT_THAT(
      answers.error().message(),
      AllOf(HasSubstr("nothing is loaded yet into duckdb:shop.duckdb"), HasSubstr("ashore run")));
}

}  // namespace
}  // namespace ashore::inspect
