// PostgreSQL is made equal to the published tables (needs ASHORE_TEST_POSTGRES:
// scripts/with_postgres).
#include <cstdlib>

#include "load/testing/load_cases.h"

namespace ashore::load {
namespace {

std::string server_url() {
  const char* url = std::getenv("ASHORE_TEST_POSTGRES");
  return url == nullptr ? "" : url;
}

class Server final : public Destination {
 public:
  std::unique_ptr<warehouse::Connection> session() override {
    auto connection = warehouse::Connection::open({.dialect = warehouse::Dialect::kPostgreSql,
                                                   .driver_folder = ASHORE_DRIVER_FOLDER,
                                                   .path = {},
                                                   .url = base::Secret(server_url())});
    EXPECT_TRUE(connection.ok()) << connection.error().message();
    return std::move(connection).value();
  }
};

class LoadPgtest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_FALSE(server_url().empty()) << "run me by scripts/with_postgres";
    destination.execute("DROP SCHEMA public CASCADE");
    destination.execute("CREATE SCHEMA public");
    shop.options.destinations = {
        {config::DestinationKind::kPostgreSql, "", base::Secret(server_url())}};
  }

  // Where and when each row and table was written: changes with any write.
  std::string traces() {
    return destination.lines(
        "SELECT 'o', xmin::text, ctid::text FROM orders"
        " UNION ALL SELECT 'l', xmin::text, ctid::text FROM _ashore_loads"
        " UNION ALL SELECT relname::text, xmin::text, relfilenode::text FROM pg_class"
        " UNION ALL SELECT 'x', '', pg_catalog.txid_snapshot_xmax(txid_current_snapshot())::text"
        " ORDER BY 1, 2, 3");
  }

  Shop shop;
  Server destination;
};

TEST_F(LoadPgtest, AKeyThatIsPublishedTwiceIsRefused) {
  expect_a_key_that_is_published_twice_is_refused(
      shop, "published table holds keys more than once: PostgreSQL: ");
}

TEST_F(LoadPgtest, AFirstLoadHoldsAll) { expect_first_load_holds_all(shop, destination); }
TEST_F(LoadPgtest, ChangesAreApplied) { expect_changes_are_applied(shop, destination); }
TEST_F(LoadPgtest, ToldChangesAreApplied) { expect_told_changes_are_applied(shop, destination); }
TEST_F(LoadPgtest, ToldChangesAreNotEnough) {
  expect_told_changes_are_not_enough(shop, destination);
}
TEST_F(LoadPgtest, AnotherHistoryIsCompared) { expect_another_history_is_compared(shop); }
TEST_F(LoadPgtest, BookkeepingOfEarlierReleasesIsTakenOn) {
  expect_bookkeeping_of_earlier_releases_is_taken_on(shop, destination);
}
TEST_F(LoadPgtest, ManyVersionsAreCaughtUp) {
  expect_many_versions_are_caught_up(shop, destination);
}
TEST_F(LoadPgtest, AFullLoadFixesEdits) { expect_full_load_fixes_edits(shop, destination); }
TEST_F(LoadPgtest, AFullLoadFixesAnyEdit) { expect_full_load_fixes_any_edit(shop, destination); }
TEST_F(LoadPgtest, DriftIsNoticed) { expect_drift_is_noticed(shop, destination); }
TEST_F(LoadPgtest, RangesLeaveTheVersion) { expect_ranges_leave_the_version(shop, destination); }
TEST_F(LoadPgtest, AFirstRangeIsCaughtUp) { expect_a_first_range_is_caught_up(shop, destination); }
TEST_F(LoadPgtest, NewColumnsAreAdded) { expect_new_columns_are_added(shop, destination); }
TEST_F(LoadPgtest, AnotherTableIdIsRefused) { expect_other_table_id_is_refused(shop, destination); }

TEST_F(LoadPgtest, TheSameVersionWritesNothing) {
  expect_same_version_writes_nothing(shop, destination);
  const auto before = traces();
  EXPECT_TRUE(shop.run().summary.nothing_new);
  EXPECT_EQ(traces(), before);
}

TEST_F(LoadPgtest, RowsThatAreEqualAreNotWritten) {
  shop.publish(three_orders());
  EXPECT_EQ(shop.run_counts(), "3 0 0 0");
  const std::string equal_rows =
      "SELECT ctid::text, xmin::text FROM orders WHERE pieces IS DISTINCT FROM 2 ORDER BY 1";
  Orders orders = three_orders();
  orders["a"].pieces = 2;
  shop.publish(orders);
  const auto before = destination.lines(
      "SELECT ctid::text, xmin::text FROM orders WHERE pieces IS DISTINCT FROM 1 ORDER BY 1");
  EXPECT_EQ(shop.run_counts(), "0 1 0 2");
  EXPECT_EQ(destination.lines(equal_rows), before);
}

TEST_F(LoadPgtest, TablesHaveTheContractsTypesAndKeys) {
  shop.publish(three_orders());
  EXPECT_EQ(shop.run_counts(), "3 0 0 0");
  EXPECT_EQ(
      destination.lines("SELECT attname::text, format_type(atttypid, atttypmod), attnotnull::text"
                        " FROM pg_attribute WHERE attrelid = 'orders'::regclass AND attnum > 0"
                        " ORDER BY attnum"),
      "order \"id|text|true\nnote|text|false\npieces|integer|false\n"
      "amount|numeric(10,2)|false\ndetails|json|false\npaid|boolean|false\n"
      "day|date|false\n");
  EXPECT_EQ(destination.lines("SELECT pg_get_constraintdef(oid) FROM pg_constraint"
                              " WHERE conrelid = 'orders'::regclass"),
            "PRIMARY KEY (\"order \"\"id\")\n");
  EXPECT_EQ(
      destination.lines("SELECT string_agg(attname || ' ' || format_type(atttypid, atttypmod), ', '"
                        " ORDER BY attnum) FROM pg_attribute"
                        " WHERE attrelid = '_ashore_loads'::regclass AND attnum > 0"),
      "table_name text, table_id text, version bigint, run_id text, row_count bigint,"
      " loaded_at timestamp with time zone, log_sha256 text\n");
}

TEST_F(LoadPgtest, ABackendThatIsEndedInTheMiddleLeavesAllAsBefore) {
  shop.publish(three_orders());
  EXPECT_EQ(shop.run_counts(), "3 0 0 0");
  shop.before_data_read([this] {
    destination.lines(
        "SELECT pg_terminate_backend(pid)::text FROM pg_stat_activity"
        " WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'");
    return base::Status();
  });
  expect_failure_leaves_all_as_before(shop, destination, base::ErrorKind::kTransient);
}

TEST_F(LoadPgtest, AFailedReadLeavesAllAsBefore) {
  shop.publish(three_orders());
  EXPECT_EQ(shop.run_counts(), "3 0 0 0");
  shop.before_data_read([] { return base::transient("the disk is away"); });
  expect_failure_leaves_all_as_before(shop, destination, base::ErrorKind::kTransient);
}

TEST_F(LoadPgtest, ATableSomebodyElseFilledIsRefused) {
  shop.publish(three_orders());
  destination.execute("CREATE TABLE public.orders(n integer)");
  destination.execute("INSERT INTO public.orders VALUES (1)");
  expect_refused(shop, "ashore did not load", "load --adopt");
  EXPECT_EQ(destination.lines("SELECT n::text FROM orders"), "1\n");
  EXPECT_EQ(destination.lines("SELECT to_regclass('public._ashore_loads')::text"), "\n");
}

std::string create_orders(const std::string& note_type, const std::string& rest) {
  return "CREATE TABLE public.orders(\"order \"\"id\" text, note " + note_type +
         ", pieces integer, amount numeric(10,2), details json, paid boolean, day date" + rest +
         ")";
}

TEST_F(LoadPgtest, ATableSomebodyElseFilledIsAdoptedAndGetsItsKey) {
  expect_a_filled_table_is_adopted(
      shop, destination,
      {create_orders("text", ""), kForeignRow[0], kForeignRow[1], kForeignRow[2]});
  EXPECT_EQ(destination.lines("SELECT pg_get_constraintdef(oid) FROM pg_constraint"
                              " WHERE conrelid = 'orders'::regclass"),
            "PRIMARY KEY (\"order \"\"id\")\n");
}

TEST_F(LoadPgtest, ALostStageIsAdopted) { expect_a_lost_stage_is_adopted(shop, destination); }

TEST_F(LoadPgtest, CopiesOfAKeyAreNotAdopted) {
  shop.publish(three_orders());
  const std::string create = create_orders("text", "");
  for (const std::string& statement :
       {create, std::string(kForeignRow[0]), std::string(kForeignRow[0])}) {
    destination.execute(statement);
  }
  shop.options.adopt = [](const Adoption&) { return true; };
  expect_refused(shop, "more than once: \"public\".\"orders\": c", "Delete the copies");
}

TEST_F(LoadPgtest, AnotherShapeIsRefusedWithTheAlter) {
  shop.publish(three_orders());
  const std::string key = ", PRIMARY KEY (\"order \"\"id\")";
  destination.execute(create_orders("varchar(4)", key));
  expect_refused(shop, "\"note\" is character varying(4), not text",
                 "ALTER COLUMN \"note\" TYPE text");
  destination.execute("DROP TABLE orders");
  destination.execute(create_orders("text NOT NULL", key));
  expect_refused(shop, "may not be null", "ALTER COLUMN \"note\" DROP NOT NULL");
  destination.execute("DROP TABLE orders");
  destination.execute(create_orders("text", ", mine text" + key));
  expect_refused(shop, "published table has not: \"mine\"", "DROP COLUMN \"mine\"");
  destination.execute("DROP TABLE orders");
  destination.execute("CREATE VIEW public.orders AS SELECT 1 AS one WHERE false");
  expect_refused(shop, "a view", "Rename or drop");
  destination.execute("DROP VIEW orders");
  destination.execute(create_orders("text", key));
  EXPECT_EQ(shop.run_counts(), "3 0 0 0");
}

TEST_F(LoadPgtest, AMissingPrimaryKeyIsRefusedWithTheAlter) {
  shop.publish(three_orders());
  destination.execute(create_orders("text", ""));
  destination.execute("ALTER TABLE orders ALTER COLUMN \"order \"\"id\" SET NOT NULL");
  expect_refused(shop, "primary key", "ADD PRIMARY KEY (\"order \"\"id\")");
}

TEST_F(LoadPgtest, MissingRightsArePermanent) {
  shop.publish(three_orders());
  destination.execute("DROP ROLE IF EXISTS loader");
  destination.execute("CREATE ROLE loader LOGIN PASSWORD 'loader'");
  std::string url = server_url();
  url.replace(13, url.find('@') - 13, "loader:loader");
  shop.options.destinations[0].url = base::Secret(url);
  expect_refused(shop, "permission denied for schema public", "GRANT");
}

TEST_F(LoadPgtest, ASessionThatIsLoadingIsWaitedForAndThenTransient) {
  shop.publish(three_orders());
  const auto other = destination.session();
  ASSERT_TRUE(other->begin().ok());
  ASSERT_TRUE(other->query("SELECT pg_advisory_xact_lock(107083932660325)::text").ok());
  shop.options.busy_wait = std::chrono::milliseconds(50);
  const auto error = shop.run_failure();
  EXPECT_EQ(error.kind(), base::ErrorKind::kTransient) << error.message();
  ASSERT_TRUE(other->rollback().ok());
  EXPECT_EQ(shop.run_counts(), "3 0 0 0");
}

TEST_F(LoadPgtest, ATableThatIsLockedIsWaitedForNotWithoutAWord) {
  shop.publish(three_orders());
  EXPECT_EQ(shop.run_counts(), "3 0 0 0");
  Orders orders = three_orders();
  orders["a"].pieces = 2;
  shop.publish(orders);
  const auto other = destination.session();
  ASSERT_TRUE(other->begin().ok());
  ASSERT_TRUE(other->execute("LOCK TABLE orders IN ACCESS EXCLUSIVE MODE").ok());
  shop.options.busy_wait = std::chrono::seconds(12);
  const auto error = shop.run_failure();
  EXPECT_EQ(error.kind(), base::ErrorKind::kTransient) << error.message();
  EXPECT_NE(error.message().find("table 'orders' is locked by another session"), std::string::npos)
      << error.message();
  ASSERT_EQ(shop.notes.notes.size(), 1U);
  EXPECT_NE(shop.notes.notes[0].find("waiting for table 'orders'"), std::string::npos);
  EXPECT_NE(shop.notes.notes[0].find("(process "), std::string::npos);
  ASSERT_TRUE(other->rollback().ok());
  EXPECT_EQ(shop.run_counts(), "0 1 0 2");
}

TEST_F(LoadPgtest, ANameThatPostgresqlWouldCutIsRefused) {
  shop.pipeline.tables[0].columns.push_back(column(std::string(64, 'n'), base::TypeKind::kString));
  shop.publish(three_orders());
  expect_refused(shop, "longer than PostgreSQL keeps", "shorter name");
}

}  // namespace
}  // namespace ashore::load
