// Writes random tables as Parquet by our writer, and as Arrow IPC by Arrow's: 00000.parquet and
// 00000.arrow hold the same rows.
//
//   parquet_samples FOLDER COUNT SEED
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>

#include "columnar/parquet_file.h"
#include "columnar/row_stream.h"
#include "columnar/small_parquet.h"
#include "columnar/testing/random_table.h"

namespace {

bool write(const std::string& path, const std::string& bytes) {
  std::ofstream file(path, std::ios::binary);
  file << bytes;
  return static_cast<bool>(file.flush());
}

bool encode_rows(const arrow::Table& table, std::string* bytes) {
  const auto take = [bytes](std::string_view some) -> ashore::base::Status {
    *bytes += some;
    return {};
  };
  auto stream = ashore::columnar::RowStream::open(table.schema(), take,
                                                  ashore::columnar::RowFormat::kFile);
  return stream.ok() && stream.value()->write(table).ok() && stream.value()->close().ok();
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) return 2;
  ashore::columnar::RandomTables random(std::strtoull(argv[3], nullptr, 10));
  const auto count = std::strtol(argv[2], nullptr, 10);
  for (long number = 0; number < count; ++number) {
    const auto table = random.next(ashore::columnar::kSmallRowsMax);
    char name[32];
    (void)std::snprintf(name, sizeof name, "%05ld", number);
    const auto path = std::string(argv[1]) + "/" + name;
    const auto encoded = ashore::columnar::encode_parquet(*table.rows, table.schema);
    std::string rows;
    if (!encoded.ok() || !encode_rows(*table.rows, &rows) ||
        !write(path + ".parquet", encoded.value().bytes) || !write(path + ".arrow", rows)) {
      (void)std::fprintf(stderr, "cannot write %s\n", path.c_str());
      return 1;
    }
  }
}
