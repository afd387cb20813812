// DuckDB is made equal to the published tables.
#include "load/load.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "load/load_cases.h"

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
    world.options.data_folder = folder_.string();
    world.options.destinations = {{spec::DestinationKind::kDuckDb, "main.duckdb", {}}};
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::string file() const { return (folder_ / "main.duckdb").string(); }
  std::string file_bytes() const {
    std::ifstream stream(file(), std::ios::binary);
    return (std::ostringstream() << stream.rdbuf()).str();
  }

  std::filesystem::path folder_;
  World world;
  DuckDbFile destination{(std::filesystem::path(testing::TempDir()) /
                          ("ashore_load_" + std::to_string(getpid()) + "_" +
                           testing::UnitTest::GetInstance()->current_test_info()->name()) /
                          "main.duckdb")
                             .string()};
};

TEST_F(LoadTest, AFirstLoadHoldsAll) { expect_first_load_holds_all(world, destination); }
TEST_F(LoadTest, ChangesAreApplied) { expect_changes_are_applied(world, destination); }
TEST_F(LoadTest, ManyVersionsAreCaughtUp) {
  expect_many_versions_are_caught_up(world, destination);
}
TEST_F(LoadTest, AFullLoadMendsEdits) { expect_full_load_mends_edits(world, destination); }
TEST_F(LoadTest, DriftIsNoticed) { expect_drift_is_noticed(world, destination); }
TEST_F(LoadTest, RangesLeaveTheVersion) { expect_ranges_leave_the_version(world, destination); }
TEST_F(LoadTest, AFirstRangeIsCaughtUp) { expect_a_first_range_is_caught_up(world, destination); }
TEST_F(LoadTest, NewColumnsAreAdded) { expect_new_columns_are_added(world, destination); }
TEST_F(LoadTest, AnotherTableIdIsRefused) { expect_other_table_id_is_refused(world, destination); }

TEST_F(LoadTest, TheSameVersionLeavesTheFileAsItIs) {
  expect_same_version_writes_nothing(world, destination);
  const auto before = file_bytes();
  EXPECT_TRUE(world.run().summary.nothing_new);
  EXPECT_EQ(file_bytes(), before);
}

TEST_F(LoadTest, AFailureInTheMiddleLeavesAllAsBefore) {
  world.publish(three_orders());
  EXPECT_EQ(world.run_counts(), "3 0 0 0");
  world.before_data_read([] { return base::transient("the disk is away"); });
  expect_failure_leaves_all_as_before(world, destination, base::ErrorKind::kTransient);
}

TEST_F(LoadTest, AStopLeavesAllAsBefore) {
  world.publish(three_orders());
  EXPECT_EQ(world.run_counts(), "3 0 0 0");
  Orders orders = three_orders();
  orders.erase("a");
  world.publish(orders);
  world.before_data_read([this] {
    world.stop.request_stop();
    return base::Status();
  });
  orders["c"].pieces = 3;
  world.publish(orders);
  EXPECT_EQ(world.run_failure().kind(), base::ErrorKind::kInterrupted);
  EXPECT_EQ(destination.orders(), kThreeOrders);
}

TEST_F(LoadTest, NothingPublishedMakesNoFile) {
  const auto loaded =
      load(world.pipeline, world.options, world.env, world.events, world.stop.get_token());
  ASSERT_FALSE(loaded.ok());
  EXPECT_EQ(loaded.error().kind(), base::ErrorKind::kNotFound);
  EXPECT_FALSE(std::filesystem::exists(file()));
}

TEST_F(LoadTest, ATableSomebodyElseFilledIsRefused) {
  world.publish(three_orders());
  destination.execute("CREATE TABLE orders(n integer)");
  destination.execute("INSERT INTO orders VALUES (1)");
  expect_refused(world, "ashore did not load", "load --adopt");
}

TEST_F(LoadTest, AnEmptyTableOfAnotherShapeIsRefusedWithTheAlter) {
  world.publish(three_orders());
  destination.execute(
      "CREATE TABLE orders(\"order \"\"id\" VARCHAR NOT NULL, note VARCHAR, pieces BIGINT,"
      " amount DECIMAL(10,2), details JSON, paid BOOLEAN, \"day\" DATE)");
  expect_refused(world, "\"pieces\" is BIGINT, not INTEGER",
                 "ALTER COLUMN \"pieces\" TYPE INTEGER");
}

TEST_F(LoadTest, AnEmptyTableOfTheRightShapeIsFilledWhateverItsColumnOrder) {
  world.publish(three_orders());
  destination.execute(
      "CREATE TABLE orders(\"day\" DATE, paid BOOLEAN, details JSON, amount DECIMAL(10,2),"
      " pieces INTEGER, note VARCHAR, \"order \"\"id\" VARCHAR NOT NULL)");
  EXPECT_EQ(world.run_counts(), "3 0 0 0");
  EXPECT_EQ(destination.orders(), kThreeOrders);
}

TEST_F(LoadTest, AKeyThatIsHeldTwiceIsRefused) {
  world.publish(three_orders());
  EXPECT_EQ(world.run_counts(), "3 0 0 0");
  destination.execute("INSERT INTO orders SELECT * FROM orders WHERE pieces = 1");
  world.options.full = true;
  expect_refused(world, "keys more than once", "drop the table");
}

TEST_F(LoadTest, AKeyThatIsHeldTwiceIsWrittenAnewWhereAsked) {
  world.publish(three_orders());
  EXPECT_EQ(world.run_counts(), "3 0 0 0");
  destination.execute("INSERT INTO orders SELECT * FROM orders WHERE pieces = 1");
  world.options.full = true;
  world.options.mends_repeated_keys = true;
  EXPECT_EQ(world.run_counts(), "1 0 2 2");
  EXPECT_EQ(destination.orders(), kThreeOrders);
}

constexpr const char* kForeignOrders =
    "CREATE TABLE orders(\"order \"\"id\" VARCHAR, note VARCHAR, pieces INTEGER,"
    " amount DECIMAL(10,2), details JSON, paid BOOLEAN, \"day\" DATE)";

TEST_F(LoadTest, ATableSomebodyElseFilledIsAdopted) {
  expect_a_filled_table_is_adopted(
      world, destination, {kForeignOrders, kForeignRow[0], kForeignRow[1], kForeignRow[2]});
  EXPECT_EQ(destination.lines("SELECT CAST(is_nullable AS VARCHAR) FROM duckdb_columns()"
                              " WHERE table_name = 'orders' AND column_index = 1"),
            "false\n");
}

TEST_F(LoadTest, ALostStageIsAdopted) { expect_a_lost_stage_is_adopted(world, destination); }

TEST_F(LoadTest, CopiesOfAKeyAreNotAdopted) {
  world.publish(three_orders());
  for (const auto* statement : {kForeignOrders, kForeignRow[0], kForeignRow[0]}) {
    destination.execute(statement);
  }
  world.options.adopt = [](const Adoption&) { return true; };
  expect_refused(world, "more than once: ", "Delete the copies");
  EXPECT_NE(world.run_failure().message().find("\"orders\": c"), std::string::npos);
}

TEST_F(LoadTest, EveryDifferenceOfAShapeIsNamedAtOnce) {
  world.publish(three_orders());
  destination.execute("CREATE TABLE orders(\"order \"\"id\" INTEGER, mine VARCHAR)");
  destination.execute("INSERT INTO orders VALUES (1, 'x')");
  world.options.adopt = [](const Adoption&) { return true; };
  expect_refused(world, "is INTEGER, not VARCHAR; it has a column", "DROP COLUMN \"mine\"");
}

TEST_F(LoadTest, ADroppedTableIsLoadedAgain) {
  world.publish(three_orders());
  EXPECT_EQ(world.run_counts(), "3 0 0 0");
  destination.execute("DROP TABLE orders");
  EXPECT_EQ(world.run_counts(), "3 0 0 0");
}

TEST_F(LoadTest, ARangeOfATableWithoutDatesIsRefused) {
  world.pipeline.tables[0].partition_by.reset();
  world.publish(three_orders());
  world.options.range = base::Window{base::parse_date("2022-11-02").value(), std::nullopt};
  const auto loaded =
      load(world.pipeline, world.options, world.env, world.events, world.stop.get_token());
  ASSERT_FALSE(loaded.ok());
  EXPECT_EQ(loaded.error().kind(), base::ErrorKind::kPermanent);
}

TEST_F(LoadTest, ATableWithoutPartitionsIsLoaded) {
  world.pipeline.tables[0].partition_by.reset();
  Orders orders = three_orders();
  for (auto& [id, order] : orders) order.day.reset();
  world.publish(orders);
  EXPECT_EQ(world.run_counts(), "3 0 0 0");
  orders["a"].pieces = 2;
  orders.erase("b");
  world.publish(orders);
  EXPECT_EQ(world.run_counts(), "0 1 1 1");
}

TEST_F(LoadTest, OneDestinationThatFailsDoesNotKeepTheOthersBack) {
  world.publish(three_orders());
  world.options.destinations.insert(world.options.destinations.begin(),
                                    {spec::DestinationKind::kDuckDb, "/no/such/folder/x.db", {}});
  const auto loaded = world.run();
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
  world.publish(three_orders());
  EXPECT_EQ(world.run_counts(), "3 0 0 0");
  Holder holder(file());
  world.clock.on_sleep = [&] {
    if (world.clock.slept >= std::chrono::milliseconds(600)) holder.release();
  };
  EXPECT_EQ(world.run_counts(), "0 0 0 3");
}

TEST_F(LoadTest, AFileThatStaysHeldIsTransientAndSaysWhoHoldsIt) {
  world.publish(three_orders());
  EXPECT_EQ(world.run_counts(), "3 0 0 0");
  Holder holder(file());
  const auto error = world.run_failure();
  EXPECT_EQ(error.kind(), base::ErrorKind::kTransient);
  EXPECT_NE(error.message().find("PID " + std::to_string(holder.process())), std::string::npos)
      << error.message();
  EXPECT_EQ(world.clock.slept, std::chrono::milliseconds(1000));
}

TEST(DestinationNameTest, ShowsNoSecret) {
  EXPECT_EQ(destination_name({spec::DestinationKind::kDuckDb, "warehouse.duckdb", {}}),
            "duckdb:warehouse.duckdb");
  EXPECT_EQ(destination_name({spec::DestinationKind::kPostgreSql, "",
                              base::Secret("postgresql://me:hush@db:5433/sales")}),
            "postgresql://db:5433/sales");
}

}  // namespace
}  // namespace ashore::load
