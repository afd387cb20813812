// Examples keep the order of columns, nulls, and bytes that are no UTF-8.
#include "state/row_examples.h"

#include <gtest/gtest.h>

#include "io/memory_store.h"

namespace ashore::state {
namespace {

TEST(RowExamplesTest, AreWrittenAsPairsAndTriples) {
  TableExamples orders;
  orders.table = "orders";
  orders.inserted.push_back({{{"id", "o1"}}, {{"b", "2"}, {"a", std::nullopt}}, {}});
  orders.updated.push_back({{{"id", "o2"}}, {}, {{"b", std::nullopt, "\xff"}}});
  EXPECT_EQ(examples_json({orders}),
            R"({"format":"ashore.examples/1","tables":{"orders":{)"
            R"("inserted":[{"key":[["id","o1"]],"row":[["b","2"],["a",null]]}],)"
            R"("updated":[{"key":[["id","o2"]],"changes":[["b",null,")"
            "\uFFFD"
            R"("]]}],"moved":[],"deleted":[]}}})"
            "\n");
}

TEST(RowExamplesTest, LieInTheRunsFolder) {
  io::MemoryStore store;
  ASSERT_TRUE(write_examples(store, "run-1", {}).ok());
  EXPECT_EQ(store.read("runs/run-1/examples.json").value(),
            "{\"format\":\"ashore.examples/1\",\"tables\":{}}\n");
}

}  // namespace
}  // namespace ashore::state
