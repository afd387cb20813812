// Where a library could do what our code does: both, on the same input. docs/decisions/0039 has the numbers.
#include <arrow/api.h>
#include <arrow/compute/api.h>
#include <arrow/compute/initialize.h>
#include <benchmark/benchmark.h>
#include <simdjson.h>

#include <string>
#include <vector>

#include "columnar/keys.h"
#include "json/validate.h"
#include "simulator/synthetic_documents.h"

namespace {

// A page of made-up documents, about 300 kB per 100.
std::string page_of(std::int64_t documents) {
  const ashore::simulator::SyntheticDocuments made(ashore::simulator::SyntheticDocuments::kCountMax,
                                                   1, 3);
  std::string page = R"({"docs":[)";
  for (std::int64_t next = 0; next < documents; ++next) {
    if (next > 0) page += ',';
    made.append(next, page);
  }
  return page + "]}";
}

void validate_ours(benchmark::State& state) {
  const auto page = page_of(state.range(0));
  for (auto _ : state) {
    if (!ashore::json::validate(page, {}).ok()) state.SkipWithError("not JSON");
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(page.size()) * state.iterations());
}

// The whole-document parser: it checks everything and writes a tape beside it.
void validate_simdjson(benchmark::State& state) {
  const simdjson::padded_string page(page_of(state.range(0)));
  simdjson::dom::parser parser;
  for (auto _ : state) {
    simdjson::dom::element document;
    if (parser.parse(page).get(document) != simdjson::SUCCESS) state.SkipWithError("not JSON");
  }
  state.SetBytesProcessed(static_cast<std::int64_t>(page.size()) * state.iterations());
}
BENCHMARK(validate_ours)->Arg(10)->Arg(100)->Arg(3'000);
BENCHMARK(validate_simdjson)->Arg(10)->Arg(100)->Arg(3'000);

// Texts, integers and booleans with a null in ten, and every second row in another order.
struct Rows {
  std::shared_ptr<arrow::Table> table;
  std::vector<std::int64_t> order;
};

Rows rows_of(std::int64_t count) {
  arrow::StringBuilder texts;
  arrow::Int64Builder numbers;
  arrow::BooleanBuilder flags;
  Rows rows;
  for (std::int64_t row = 0; row < count; ++row) {
    const bool is_null = row % 10 == 3;
    (void)(is_null ? texts.AppendNull() : texts.Append("5eb87d" + std::to_string(row * 7919)));
    (void)(is_null ? numbers.AppendNull() : numbers.Append(row));
    (void)(is_null ? flags.AppendNull() : flags.Append(row % 3 == 0));
    if (row % 2 == 0) rows.order.push_back(row * 7919 % count);
  }
  rows.table = arrow::Table::Make(
      arrow::schema({arrow::field("a", arrow::utf8()), arrow::field("b", arrow::int64()),
                     arrow::field("c", arrow::boolean())}),
      {texts.Finish().ValueOrDie(), numbers.Finish().ValueOrDie(), flags.Finish().ValueOrDie()});
  return rows;
}

void take_ours(benchmark::State& state) {
  const auto rows = rows_of(state.range(0));
  for (auto _ : state) {
    benchmark::DoNotOptimize(ashore::columnar::take_rows(*rows.table, rows.order));
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(rows.order.size()) * state.iterations());
}

void take_arrow(benchmark::State& state) {
  static const auto kInitialized = arrow::compute::Initialize();
  const auto rows = rows_of(state.range(0));
  if (!kInitialized.ok()) state.SkipWithError("compute is not there");
  for (auto _ : state) {
    arrow::Int64Builder indices;
    (void)indices.AppendValues(rows.order);
    const auto taken = arrow::compute::Take(rows.table, indices.Finish().ValueOrDie());
    if (!taken.ok()) state.SkipWithError(taken.status().ToString().c_str());
  }
  state.SetItemsProcessed(static_cast<std::int64_t>(rows.order.size()) * state.iterations());
}
BENCHMARK(take_ours)->Arg(100)->Arg(10'000)->Arg(1'000'000);
BENCHMARK(take_arrow)->Arg(100)->Arg(10'000)->Arg(1'000'000);

}  // namespace

BENCHMARK_MAIN();
