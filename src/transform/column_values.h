// The values of one column of a batch: JSON text in, an Arrow array out, exact or refused.
#pragma once

#include <arrow/type_fwd.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time_format.h"
#include "base/time_zone.h"
#include "config/pipeline.h"
#include "transform/rule.h"

namespace ashore::transform {

// Threads: one at a time. Movable.
class ColumnValues {
 public:
  // Precondition: the reader of the pipeline file accepted the column's format and zone.
  explicit ColumnValues(const config::Column& column);
  ~ColumnValues();
  ColumnValues(ColumnValues&&) noexcept;
  ColumnValues& operator=(ColumnValues&&) noexcept;

  // Makes room for as much as the last array had: batches are mostly alike, and growing costs more
  // than decoding. Optional.
  void begin_batch();
  // Appends the value of an exact JSON text, written as the column's `from`, `format` and zone say.
  // What the type refuses is appended as null and the reason returned. JSON null, and a text of
  // `null_when`, is the column's default, or null.
  Rule append(std::string_view json);
  // Appends what stands for an absent path: the default, or null.
  Rule append_absent();
  void append_null();
  // Precondition: an int32 or int64 column.
  Rule append_integer(std::int64_t value);

  // The array of all values; the column is empty afterwards. kTransient: out of memory;
  // kPermanent: over 2 GiB of text.
  base::Result<std::shared_ptr<arrow::Array>> finish();

 private:
  Rule append_written(std::string_view json);
  Rule append_unix_time(std::string_view json);
  Rule append_formatted(std::string_view text);
  Rule append_instant(base::Timestamp time, bool has_zone);
  void append_micros(base::Timestamp time);
  [[nodiscard]] bool stands_for_null(std::string_view json);
  // As the type itself is written in JSON.
  Rule append_value(std::string_view json);
  Rule append_text(std::string_view json);
  Rule append_raw(std::string_view json);
  Rule append_boolean(std::string_view json);
  Rule append_number(std::string_view json);
  Rule append_moment(std::string_view json);
  // The text of a JSON string, in `raw` or in scratch_.
  Rule text_of(std::string_view json, std::string_view* text);
  void keep(const arrow::Status& status);
  [[nodiscard]] bool is_text() const;

  base::ColumnType type_;
  base::ZoneRule zone_;
  config::From from_;
  std::vector<std::string> null_when_;
  std::optional<base::TimeFormat> format_;
  std::optional<base::TimeZone> time_zone_;
  std::optional<std::string> default_json_;
  std::unique_ptr<arrow::ArrayBuilder> builder_;
  std::string scratch_;
  std::unique_ptr<arrow::Status> failure_;  // the first, told by finish()
  std::int64_t last_length_ = 0;
  std::int64_t last_text_bytes_ = 0;
};

}  // namespace ashore::transform
