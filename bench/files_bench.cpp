// What a small Parquet file costs: three rows of the shipped launches, all their columns but the
// partition's, encoded and read by ashore and by Arrow's own writer and reader.
#include <arrow/api.h>
#include <arrow/io/memory.h>
#include <benchmark/benchmark.h>
#include <parquet/arrow/reader.h>
#include <parquet/arrow/writer.h>

#include <cstdlib>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "base/digest.h"
#include "columnar/parquet_file.h"
#include "io/disk_store.h"
#include "shipped_pipeline.h"
#include "simulator/synthetic_documents.h"
#include "transform/page_decoder.h"
#include "transform/plan.h"

namespace {

constexpr std::int64_t kFiles = 2'000;
constexpr std::int64_t kRowsPerFile = 3;

struct Launches {
  ashore::base::Schema schema;
  std::vector<std::shared_ptr<arrow::Table>> files;  // the rows of each
};

Launches made_up_launches() {
  const auto pipeline = shipped_pipeline();
  const auto plan = ashore::transform::make_plan(pipeline);
  const ashore::simulator::SyntheticDocuments documents(
      ashore::simulator::SyntheticDocuments::kCountMax, 1, kRowsPerFile);
  std::string page = R"({"docs":[)";
  for (std::int64_t next = 0; next < kFiles * kRowsPerFile; ++next) {
    if (next > 0) page += ',';
    documents.append(next, page);
  }
  page += "]}";
  ashore::transform::PageDecoder decoder(plan, pipeline.extract.items, 1 << 30);
  const std::vector<ashore::transform::PageText> pages{{page, "page-00001.json"}};
  const auto decoded = decoder.decode(pages, "bench");
  const auto rows = decoded.value().tables.front().batches.front().rows;
  const auto& table = pipeline.tables.front();
  const auto partition = *table.schema().index_of(*table.partition_by);
  Launches launches{table.schema(), {}};
  launches.schema.fields.erase(launches.schema.fields.begin() +
                               static_cast<std::ptrdiff_t>(partition));
  const auto stored = rows->RemoveColumn(static_cast<int>(partition)).ValueOrDie();
  for (std::int64_t first = 0; first + kRowsPerFile <= stored->num_rows(); first += kRowsPerFile) {
    launches.files.push_back(stored->Slice(first, kRowsPerFile));
  }
  return launches;
}

const Launches& launches() {
  static const Launches made = made_up_launches();
  return made;
}

std::string encoded(const arrow::Table& rows) {
  return ashore::columnar::encode_parquet(rows, launches().schema).value().bytes;
}

void per_file(benchmark::State& state) {
  state.SetItemsProcessed(state.iterations() * std::ssize(launches().files));
}

void encode_by_ashore(benchmark::State& state) {
  const auto& files = launches().files;
  for (auto _ : state) {
    for (const auto& rows : files) benchmark::DoNotOptimize(encoded(*rows));
  }
  per_file(state);
}

void encode_by_arrow(benchmark::State& state) {
  const auto& files = launches().files;
  for (auto _ : state) {
    for (const auto& rows : files) {
      const auto sink = arrow::io::BufferOutputStream::Create().ValueOrDie();
      if (!parquet::arrow::WriteTable(*rows, arrow::default_memory_pool(), sink).ok()) {
        return state.SkipWithError("not written");
      }
    }
  }
  per_file(state);
}

// A folder in memory's file system that goes with this.
class Scratch {
 public:
  Scratch() {
    std::string pattern = "/dev/shm/ashore-bench-XXXXXX";
    if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("no folder in /dev/shm");
    folder_ = pattern;
  }
  ~Scratch() {
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;

  [[nodiscard]] const std::string& folder() const { return folder_; }

 private:
  std::string folder_;
};

// From files: opened, read, their digest verified, decoded.
void read_by_ashore(benchmark::State& state) {
  const Scratch scratch;
  const auto store = ashore::io::DiskStore::open(scratch.folder()).value();
  std::vector<std::pair<std::string, std::string>> written;  // path, digest
  for (const auto& rows : launches().files) {
    const auto bytes = encoded(*rows);
    const auto path = "part-" + std::to_string(written.size()) + ".parquet";
    if (!store->write_new(path, bytes).ok()) return state.SkipWithError("not written");
    written.emplace_back(path, ashore::base::to_hex(ashore::base::sha256(bytes)));
  }
  for (auto _ : state) {
    for (const auto& [path, digest] : written) {
      const auto read =
          ashore::columnar::read_parquet(*store, path, launches().schema, {}, digest);
      if (!read.ok()) return state.SkipWithError(read.error().message().c_str());
    }
  }
  per_file(state);
}

// From memory, checksums verified, as ashore had it read before.
void read_by_arrow(benchmark::State& state) {
  std::vector<std::shared_ptr<arrow::Buffer>> files;
  for (const auto& rows : launches().files) {
    files.push_back(arrow::Buffer::FromString(encoded(*rows)));
  }
  parquet::ReaderProperties properties;
  properties.set_page_checksum_verification(true);
  for (auto _ : state) {
    for (const auto& file : files) {
      auto opened = parquet::ParquetFileReader::Open(
          std::make_shared<arrow::io::BufferReader>(file), properties);
      const auto reader =
          parquet::arrow::FileReader::Make(arrow::default_memory_pool(), std::move(opened));
      if (!(*reader)->ReadTable().ok()) return state.SkipWithError("not read");
    }
  }
  per_file(state);
}

BENCHMARK(encode_by_ashore)->Unit(benchmark::kMillisecond);
BENCHMARK(encode_by_arrow)->Unit(benchmark::kMillisecond);
BENCHMARK(read_by_ashore)->Unit(benchmark::kMillisecond);
BENCHMARK(read_by_arrow)->Unit(benchmark::kMillisecond);

}  // namespace

BENCHMARK_MAIN();
