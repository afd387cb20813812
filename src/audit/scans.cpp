// Scans columns for nulls, values, the newest time and keys, each in one pass.
#include "audit/scans.h"

#include <arrow/api.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <optional>

#include "base/digest.h"
#include "base/timestamp.h"
#include "columnar/keys.h"
#include "delta/statistics.h"

namespace ashore::audit {

using base::Result;

namespace {

// Calls visit(chunk, number of its first row) for each chunk of the column.
template <typename Visit>
void for_each_chunk(const arrow::Table& part, const std::string& column, std::int64_t first_row,
                    const Visit& visit) {
  for (const auto& chunk : part.GetColumnByName(column)->chunks()) {
    visit(*chunk, first_row);
    first_row += chunk->length();
  }
}

// Numbers of the part's rows in which none of the columns is null.
std::vector<std::int64_t> rows_without_null(const arrow::Table& part,
                                            const std::vector<std::string>& columns) {
  std::vector<bool> has_null(static_cast<std::size_t>(part.num_rows()), false);
  for (const auto& name : columns) {
    for_each_chunk(part, name, 0, [&](const arrow::Array& chunk, std::int64_t first_row) {
      if (chunk.null_count() == 0) return;
      for (std::int64_t index = 0; index < chunk.length(); ++index) {
        if (chunk.IsNull(index)) has_null[static_cast<std::size_t>(first_row + index)] = true;
      }
    });
  }
  std::vector<std::int64_t> rows;
  for (std::size_t row = 0; row < has_null.size(); ++row) {
    if (!has_null[row]) rows.push_back(static_cast<std::int64_t>(row));
  }
  return rows;
}

std::shared_ptr<arrow::Table> with_columns(const arrow::Table& part,
                                           const std::vector<std::string>& columns) {
  std::vector<int> indices;
  for (const auto& name : columns) indices.push_back(part.schema()->GetFieldIndex(name));
  return *part.SelectColumns(indices);
}

}  // namespace

void Finding::add(std::int64_t row) {
  ++count;
  if (rows.size() == kRowsMax && row >= rows.back()) return;
  const auto at = std::ranges::lower_bound(rows, row);
  if (at != rows.end() && *at == row) return;
  rows.insert(at, row);
  if (rows.size() > kRowsMax) rows.pop_back();
}

// Files of other writers may have no counts: then the column is read.
bool NullScan::is_answered_by(const delta::AddFile& file) const {
  return std::ranges::all_of(columns(), [&](const std::string& column) {
    return delta::null_count(file, column) == std::int64_t{0};
  });
}

void NullScan::take(const arrow::Table& part, std::int64_t first_row) {
  for (const auto& name : columns()) {
    for_each_chunk(part, name, first_row, [&](const arrow::Array& chunk, std::int64_t chunk_row) {
      if (chunk.null_count() == 0) return;
      for (std::int64_t index = 0; index < chunk.length(); ++index) {
        if (chunk.IsNull(index)) finding_.add(chunk_row + index);
      }
    });
  }
}

void ValueScan::take(const arrow::Table& part, std::int64_t first_row) {
  for_each_chunk(part, columns().front(), first_row,
                 [&](const arrow::Array& chunk, std::int64_t chunk_row) {
                   rule_(chunk, chunk_row, &finding_);
                 });
}

void NewestScan::take(const arrow::Table& part, std::int64_t first_row) {
  const auto take_value = [&](std::int64_t value_us) {
    newest_us_ = std::max(newest_us_.value_or(value_us), value_us);
  };
  for_each_chunk(part, columns().front(), first_row, [&](const arrow::Array& chunk, std::int64_t) {
    for (std::int64_t index = 0; index < chunk.length(); ++index) {
      if (chunk.IsNull(index)) continue;
      if (chunk.type_id() == arrow::Type::DATE32) {
        const auto day = static_cast<const arrow::Date32Array&>(chunk).Value(index);
        take_value(std::chrono::microseconds(std::chrono::days(day)).count());
      } else {
        take_value(static_cast<const arrow::TimestampArray&>(chunk).Value(index));
      }
    }
  });
}

void KeyScan::take(const arrow::Table& part, std::int64_t first_row) {
  const auto narrow = with_columns(part, columns());
  const auto rows = rows_without_null(*narrow, columns());
  const auto keys = columnar::KeyColumn::encode(*columnar::take_rows(*narrow, rows), columns());
  for (std::size_t index = 0; index < rows.size() && status_.ok(); ++index) {
    const auto digest = base::sha256(keys.at(static_cast<std::int64_t>(index)));
    KeyHash hash;
    std::memcpy(hash.key.data(), digest.data(), sizeof hash.key);
    hash.row = first_row + rows[index];
    status_ = hashes_.add(hash);
  }
}

Result<Finding> KeyScan::duplicates() {
  TRY(status_);
  hashes_.sort();
  Finding finding;
  io::RecordSorter<KeyHash>::Reader reader(hashes_);
  std::optional<KeyHash> earlier;
  while (const auto* const hash = reader.next()) {
    if (earlier && earlier->key == hash->key) finding.add(hash->row);
    earlier = *hash;
  }
  return finding;
}

Result<Finding> KeyScan::missing_in(KeyScan& targets) {
  TRY(status_);
  TRY(targets.status_);
  hashes_.sort();
  targets.hashes_.sort();
  Finding finding;
  io::RecordSorter<KeyHash>::Reader reader(hashes_);
  io::RecordSorter<KeyHash>::Reader target_reader(targets.hashes_);
  const auto* target = target_reader.next();
  while (const auto* const hash = reader.next()) {
    while (target != nullptr && target->key < hash->key) target = target_reader.next();
    if (target == nullptr || target->key != hash->key) finding.add(hash->row);
  }
  return finding;
}

}  // namespace ashore::audit
