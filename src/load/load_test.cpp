// DuckDB is made equal to the published tables.
#include "load/load.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "load/testing/load_cases.h"

namespace ashore::load {
namespace {

class DuckDbFile final : public Destination {
 public:
  explicit DuckDbFile(std::string path) : path_(std::move(path)) {}
  std::unique_ptr<warehouse::Connection> session() override {
    auto connection = warehouse::Connection::open({.dialect = warehouse::Dialect::kDuckDb,
                                                   .driver_folder = ASHORE_DRIVER_FOLDER,
                                                   .path = path_,
                                                   .url = {}});
    EXPECT_TRUE(connection.ok()) << connection.error().message();
    return std::move(connection).value();
  }

 private:
  std::string path_;
};

class LoadTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::path(testing::TempDir()) /
              ("ashore_load_" + std::to_string(getpid()) + "_" +
               testing::UnitTest::GetInstance()->current_test_info()->name());
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
    shop.options.data_folder = folder_.string();
    shop.options.destinations = {{config::DestinationKind::kDuckDb, "main.duckdb", {}}};
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::string file() const { return (folder_ / "main.duckdb").string(); }
  std::string file_bytes() const {
    std::ifstream stream(file(), std::ios::binary);
    return (std::ostringstream() << stream.rdbuf()).str();
  }

  std::filesystem::path folder_;
  Shop shop;
  DuckDbFile destination{(std::filesystem::path(testing::TempDir()) /
                          ("ashore_load_" + std::to_string(getpid()) + "_" +
                           testing::UnitTest::GetInstance()->current_test_info()->name()) /
                          "main.duckdb")
                             .string()};
};

TEST_F(LoadTest, AKeyThatIsPublishedTwiceIsRefused) {
  expect_a_key_that_is_published_twice_is_refused(shop,
                                                  "published table holds 1 keys more than once");
}

TEST_F(LoadTest, AFirstLoadHoldsAll) { expect_first_load_holds_all(shop, destination); }
TEST_F(LoadTest, ChangesAreApplied) { expect_changes_are_applied(shop, destination); }
TEST_F(LoadTest, ToldChangesAreApplied) { expect_told_changes_are_applied(shop, destination); }
TEST_F(LoadTest, ToldChangesAreNotEnough) { expect_told_changes_are_not_enough(shop, destination); }
TEST_F(LoadTest, AnotherHistoryIsCompared) { expect_another_history_is_compared(shop); }
TEST_F(LoadTest, BookkeepingOfEarlierReleasesIsTakenOn) {
  expect_bookkeeping_of_earlier_releases_is_taken_on(shop, destination);
}
TEST_F(LoadTest, ManyVersionsAreCaughtUp) { expect_many_versions_are_caught_up(shop, destination); }
TEST_F(LoadTest, AFullLoadFixesEdits) { expect_full_load_fixes_edits(shop, destination); }
TEST_F(LoadTest, AFullLoadFixesAnyEdit) { expect_full_load_fixes_any_edit(shop, destination); }
TEST_F(LoadTest, DriftIsNoticed) { expect_drift_is_noticed(shop, destination); }
TEST_F(LoadTest, RangesLeaveTheVersion) { expect_ranges_leave_the_version(shop, destination); }
TEST_F(LoadTest, AFirstRangeIsCaughtUp) { expect_a_first_range_is_caught_up(shop, destination); }
TEST_F(LoadTest, NewColumnsAreAdded) { expect_new_columns_are_added(shop, destination); }
TEST_F(LoadTest, AnotherTableIdIsRefused) { expect_other_table_id_is_refused(shop, destination); }

TEST_F(LoadTest, TheSameVersionLeavesTheFileAsItIs) {
  expect_same_version_writes_nothing(shop, destination);
  const auto before = file_bytes();
  EXPECT_TRUE(shop.run().summary.nothing_new);
  EXPECT_EQ(file_bytes(), before);
}

TEST_F(LoadTest, AFailureInTheMiddleLeavesAllAsBefore) {
  shop.publish(three_orders());
  EXPECT_EQ(shop.run_counts(), "3 0 0 0");
  shop.before_data_read([] { return base::transient("the disk is away"); });
  expect_failure_leaves_all_as_before(shop, destination, base::ErrorKind::kTransient);
}

TEST_F(LoadTest, AStopLeavesAllAsBefore) {
  shop.publish(three_orders());
  EXPECT_EQ(shop.run_counts(), "3 0 0 0");
  Orders orders = three_orders();
  orders.erase("a");
  shop.publish(orders);
  shop.before_data_read([this] {
    shop.stop.request_stop();
    return base::Status();
  });
  orders["c"].pieces = 3;
  shop.publish(orders);
  EXPECT_EQ(shop.run_failure().kind(), base::ErrorKind::kInterrupted);
  EXPECT_EQ(destination.orders(), kThreeOrders);
}

TEST_F(LoadTest, NothingPublishedMakesNoFile) {
  const auto loaded =
      load(shop.pipeline, shop.options, {shop.env, shop.notes, shop.stop.get_token()});
  ASSERT_FALSE(loaded.ok());
  EXPECT_EQ(loaded.error().kind(), base::ErrorKind::kNotFound);
  EXPECT_FALSE(std::filesystem::exists(file()));
}

TEST_F(LoadTest, ATableSomebodyElseFilledIsRefused) {
  shop.publish(three_orders());
  destination.execute("CREATE TABLE orders(n integer)");
  destination.execute("INSERT INTO orders VALUES (1)");
  expect_refused(shop, "ashore did not load", "load --adopt");
}

TEST_F(LoadTest, AViewInItsPlaceIsRefused) {
  shop.publish(three_orders());
  destination.execute("CREATE VIEW orders AS SELECT 1 AS one WHERE false");
  expect_refused(shop, "a view", "Rename or drop");
  destination.execute("DROP VIEW orders");
  EXPECT_EQ(shop.run_counts(), "3 0 0 0");
}

TEST_F(LoadTest, AnEmptyTableOfAnotherShapeIsRefusedWithTheAlter) {
  shop.publish(three_orders());
  destination.execute(
      "CREATE TABLE orders(\"order \"\"id\" VARCHAR NOT NULL, note VARCHAR, pieces BIGINT,"
      " amount DECIMAL(10,2), details JSON, paid BOOLEAN, \"day\" DATE)");
  expect_refused(shop, "\"pieces\" is BIGINT, not INTEGER", "ALTER COLUMN \"pieces\" TYPE INTEGER");
}

TEST_F(LoadTest, AnEmptyTableOfTheRightShapeIsFilledWhateverItsColumnOrder) {
  shop.publish(three_orders());
  destination.execute(
      "CREATE TABLE orders(\"day\" DATE, paid BOOLEAN, details JSON, amount DECIMAL(10,2),"
      " pieces INTEGER, note VARCHAR, \"order \"\"id\" VARCHAR NOT NULL)");
  EXPECT_EQ(shop.run_counts(), "3 0 0 0");
  EXPECT_EQ(destination.orders(), kThreeOrders);
}

TEST_F(LoadTest, AKeyThatIsHeldTwiceIsRefused) {
  shop.publish(three_orders());
  EXPECT_EQ(shop.run_counts(), "3 0 0 0");
  destination.execute("INSERT INTO orders SELECT * FROM orders WHERE pieces = 1");
  shop.options.full = true;
  expect_refused(shop, "keys more than once", "drop the table");
}

// The copy's partition differs, the published one does not: only the join of all rows sees both.
TEST_F(LoadTest, AKeyThatIsHeldTwiceInTwoPartitionsIsRefused) {
  shop.publish(three_orders());
  EXPECT_EQ(shop.run_counts(), "3 0 0 0");
  destination.execute(
      "INSERT INTO orders SELECT * REPLACE (DATE '2022-11-02' AS day) FROM orders WHERE pieces = "
      "1");
  shop.options.full = true;
  expect_refused(shop, "keys more than once", "drop the table");
}

TEST_F(LoadTest, AKeyThatIsHeldTwiceIsWrittenAnewWhereAsked) {
  shop.publish(three_orders());
  EXPECT_EQ(shop.run_counts(), "3 0 0 0");
  destination.execute("INSERT INTO orders SELECT * FROM orders WHERE pieces = 1");
  shop.options.full = true;
  shop.options.fixes_repeated_keys = true;
  EXPECT_EQ(shop.run_counts(), "1 0 2 2");
  EXPECT_EQ(destination.orders(), kThreeOrders);
}

constexpr const char* kForeignOrders =
    "CREATE TABLE orders(\"order \"\"id\" VARCHAR, note VARCHAR, pieces INTEGER,"
    " amount DECIMAL(10,2), details JSON, paid BOOLEAN, \"day\" DATE)";

TEST_F(LoadTest, ATableSomebodyElseFilledIsAdopted) {
  expect_a_filled_table_is_adopted(
      shop, destination, {kForeignOrders, kForeignRow[0], kForeignRow[1], kForeignRow[2]});
  EXPECT_EQ(destination.lines("SELECT CAST(is_nullable AS VARCHAR) FROM duckdb_columns()"
                              " WHERE table_name = 'orders' AND column_index = 1"),
            "false\n");
}

TEST_F(LoadTest, ALostStageIsAdopted) { expect_a_lost_stage_is_adopted(shop, destination); }

TEST_F(LoadTest, CopiesOfAKeyAreNotAdopted) {
  shop.publish(three_orders());
  for (const auto* statement : {kForeignOrders, kForeignRow[0], kForeignRow[0]}) {
    destination.execute(statement);
  }
  shop.options.adopt = [](const Adoption&) { return true; };
  expect_refused(shop, "more than once: ", "Delete the copies");
  EXPECT_NE(shop.run_failure().message().find("\"orders\": c"), std::string::npos);
}

TEST_F(LoadTest, EveryDifferenceOfAShapeIsNamedAtOnce) {
  shop.publish(three_orders());
  destination.execute("CREATE TABLE orders(\"order \"\"id\" INTEGER, mine VARCHAR)");
  destination.execute("INSERT INTO orders VALUES (1, 'x')");
  shop.options.adopt = [](const Adoption&) { return true; };
  expect_refused(shop, "is INTEGER, not VARCHAR; it has a column", "DROP COLUMN \"mine\"");
}

TEST_F(LoadTest, ADroppedTableIsLoadedAgain) {
  shop.publish(three_orders());
  EXPECT_EQ(shop.run_counts(), "3 0 0 0");
  destination.execute("DROP TABLE orders");
  EXPECT_EQ(shop.run_counts(), "3 0 0 0");
}

TEST_F(LoadTest, ARangeOfATableWithoutDatesIsRefused) {
  shop.pipeline.tables[0].partition_by.reset();
  shop.publish(three_orders());
  shop.options.range = base::Window{base::parse_date("2022-11-02").value(), std::nullopt};
  const auto loaded =
      load(shop.pipeline, shop.options, {shop.env, shop.notes, shop.stop.get_token()});
  ASSERT_FALSE(loaded.ok());
  EXPECT_EQ(loaded.error().kind(), base::ErrorKind::kPermanent);
}

TEST_F(LoadTest, ATableWithoutPartitionsIsLoaded) {
  shop.pipeline.tables[0].partition_by.reset();
  Orders orders = three_orders();
  for (auto& [id, order] : orders) order.day.reset();
  shop.publish(orders);
  EXPECT_EQ(shop.run_counts(), "3 0 0 0");
  orders["a"].pieces = 2;
  orders.erase("b");
  shop.publish(orders);
  EXPECT_EQ(shop.run_counts(), "0 1 1 1");
}

TEST_F(LoadTest, OneDestinationThatFailsDoesNotKeepTheOthersBack) {
  shop.publish(three_orders());
  shop.options.destinations.insert(shop.options.destinations.begin(),
                                   {config::DestinationKind::kDuckDb, "/no/such/folder/x.db", {}});
  const auto loaded = shop.run();
  EXPECT_EQ(loaded.status.error().kind(), base::ErrorKind::kPermanent);
  EXPECT_NE(loaded.summary.destinations.at(0).error, "");
  EXPECT_EQ(loaded.summary.destinations.at(1).error, "");
  EXPECT_EQ(destination.orders(), kThreeOrders);
}

// Another process that holds the file's lock as DuckDB does, until it is released.
class Holder {
 public:
  explicit Holder(const std::string& path) {
    int ready[2];
    int go[2];
    if (pipe(ready) != 0 || pipe(go) != 0) return;
    child_ = fork();
    if (child_ == 0) {
      const int file = open(path.c_str(), O_RDWR | O_CREAT, 0644);
      struct flock lock {};
      lock.l_type = F_WRLCK;
      const bool is_held = fcntl(file, F_SETLK, &lock) == 0;
      char byte = is_held ? '1' : '0';
      (void)!write(ready[1], &byte, 1);
      close(go[1]);
      (void)!read(go[0], &byte, 1);  // ends when the parent lets go
      _exit(0);
    }
    close(go[0]);
    go_ = go[1];
    char byte = '0';
    (void)!read(ready[0], &byte, 1);
    EXPECT_EQ(byte, '1');
  }
  ~Holder() { release(); }
  void release() {
    if (child_ <= 0) return;
    close(go_);
    waitpid(child_, nullptr, 0);
    child_ = 0;
  }
  pid_t process() const { return child_; }

 private:
  pid_t child_ = 0;
  int go_ = -1;
};

TEST_F(LoadTest, AFileThatIsHeldIsWaitedFor) {
  shop.publish(three_orders());
  EXPECT_EQ(shop.run_counts(), "3 0 0 0");
  Holder holder(file());
  shop.clock.on_sleep = [&] {
    if (shop.clock.slept >= std::chrono::milliseconds(600)) holder.release();
  };
  EXPECT_EQ(shop.run_counts(), "0 0 0 3");
}

TEST_F(LoadTest, AFileThatStaysHeldIsTransientAndSaysWhoHoldsIt) {
  shop.publish(three_orders());
  EXPECT_EQ(shop.run_counts(), "3 0 0 0");
  Holder holder(file());
  const auto error = shop.run_failure();
  EXPECT_EQ(error.kind(), base::ErrorKind::kTransient);
  EXPECT_NE(error.message().find("PID " + std::to_string(holder.process())), std::string::npos)
      << error.message();
  EXPECT_EQ(shop.clock.slept, std::chrono::milliseconds(1000));
}

TEST(DestinationNameTest, ShowsNoSecret) {
  EXPECT_EQ(destination_name({config::DestinationKind::kDuckDb, "warehouse.duckdb", {}}),
            "duckdb:warehouse.duckdb");
  EXPECT_EQ(destination_name({config::DestinationKind::kPostgreSql, "",
                              base::Secret("postgresql://me:hush@db:5433/sales")}),
            "postgresql://db:5433/sales");
}

}  // namespace
}  // namespace ashore::load
