// How fast pages become typed columns: the shipped pipeline's tables in full, unmapped counting on.
#include <benchmark/benchmark.h>

#include <string>
#include <vector>

#include "shipped_pipeline.h"
#include "simulator/synthetic_documents.h"
#include "transform/page_decoder.h"
#include "transform/plan.h"

namespace {

constexpr std::int64_t kBytesMin = 100'000'000;
constexpr std::int64_t kSeed = 1;
constexpr std::int64_t kPerDay = 3;

// What transform decodes at once where pages are small: landing_reader.cpp.
constexpr std::size_t kChunkBytes = std::size_t{1} << 20;

// At least kBytesMin of pages with so many documents each.
std::vector<std::string> synthetic_pages(std::int64_t page_documents) {
  const ashore::simulator::SyntheticDocuments documents(
      ashore::simulator::SyntheticDocuments::kCountMax, kSeed, kPerDay);
  std::vector<std::string> pages;
  std::int64_t bytes = 0;
  for (std::int64_t next = 0; bytes < kBytesMin;) {
    std::string page = R"({"docs":[)";
    for (std::int64_t document = 0; document < page_documents; ++document) {
      if (document > 0) page += ',';
      documents.append(next++, page);
    }
    page += "]}";
    bytes += static_cast<std::int64_t>(page.size());
    pages.push_back(std::move(page));
  }
  return pages;
}

void decode_pages(benchmark::State& state) {
  const auto pipeline = shipped_pipeline();
  const auto plan = ashore::transform::make_plan(pipeline);
  const auto pages = synthetic_pages(state.range(0));
  ashore::transform::PageDecoder decoder(plan, pipeline.extract.items, 65'536);
  std::int64_t bytes = 0;
  std::int64_t rejected = 0;
  for (auto _ : state) {
    for (std::size_t begin = 0; begin < pages.size();) {
      std::vector<ashore::transform::PageText> chunk;
      std::size_t chunk_bytes = 0;
      do {
        chunk_bytes += pages[begin].size();
        chunk.push_back({pages[begin++], "page-00001.json"});
      } while (begin < pages.size() && chunk_bytes + pages[begin].size() <= kChunkBytes);
      const auto rows = decoder.decode(chunk, "bench");
      if (!rows.ok()) return state.SkipWithError(rows.error().message().c_str());
      for (const auto& table : rows.value().tables) rejected += table.rejected;
      bytes += static_cast<std::int64_t>(chunk_bytes);
    }
  }
  if (rejected > 0) state.SkipWithError("rows were rejected");
  state.SetBytesProcessed(bytes);
}
BENCHMARK(decode_pages)->Arg(10)->Arg(100)->Arg(10'000)->Unit(benchmark::kMillisecond);

}  // namespace

BENCHMARK_MAIN();
