// Writes what transform makes of pages as streams.
#include "embed/pages.h"

#include <arrow/api.h>

#include <cassert>
#include <memory>
#include <optional>
#include <string>

#include "columnar/arrow_schema.h"
#include "state/quarantine.h"
#include "transform/transform.h"

namespace ashore::embed {

namespace {

using base::Result;
using base::Status;

constexpr const char* kNameKey = "ashore.table";

Status write_stream(std::string_view name, const arrow::Table& rows,
                    const columnar::TakeBytes& take) {
  // Streams follow one another without a frame: whoever reads them learns the name here.
  const auto metadata = arrow::key_value_metadata({{kNameKey, std::string(name)}});
  const auto named = rows.ReplaceSchemaMetadata(metadata);
  TRY(const auto stream, columnar::RowStream::open(named->schema(), take));
  TRY(stream->write(*named));
  return stream->close();
}

// The columns of rejections, as builders.
class RejectedRows {
 public:
  arrow::Status add(const state::Rejection& rejection) {
    ARROW_RETURN_NOT_OK(source_page_.Append(rejection.source_page));
    ARROW_RETURN_NOT_OK(item_index_.Append(rejection.item_index));
    ARROW_RETURN_NOT_OK(table_.Append(rejection.table));
    ARROW_RETURN_NOT_OK(append(rejection.column, &column_));
    ARROW_RETURN_NOT_OK(rule_.Append(rejection.rule));
    ARROW_RETURN_NOT_OK(append(rejection.value, &value_));
    return item_.Append(rejection.item);
  }

  arrow::Result<std::shared_ptr<arrow::Table>> finish() {
    const auto& text = arrow::utf8();
    const auto schema = arrow::schema(
        {arrow::field("source_page", text, false),
         arrow::field("item_index", arrow::int64(), false), arrow::field("table", text, false),
         arrow::field("column", text), arrow::field("rule", text, false),
         arrow::field("value", text), arrow::field("item", text, false)});
    arrow::ArrayVector columns;
    for (auto* builder : std::initializer_list<arrow::ArrayBuilder*>{
             &source_page_, &item_index_, &table_, &column_, &rule_, &value_, &item_}) {
      ARROW_ASSIGN_OR_RAISE(auto column, builder->Finish());
      columns.push_back(std::move(column));
    }
    return arrow::Table::Make(schema, columns);
  }

 private:
  static arrow::Status append(const std::optional<std::string>& text,
                              arrow::StringBuilder* builder) {
    return text ? builder->Append(*text) : builder->AppendNull();
  }

  arrow::StringBuilder source_page_;
  arrow::Int64Builder item_index_;
  arrow::StringBuilder table_;
  arrow::StringBuilder column_;
  arrow::StringBuilder rule_;
  arrow::StringBuilder value_;
  arrow::StringBuilder item_;
};

// Lines are what transform makes for the quarantine: read back, a row means the same in both
// places.
Result<std::shared_ptr<arrow::Table>> rejected_rows(std::string_view lines) {
  RejectedRows rows;
  arrow::Status added;
  TRY(state::read_rejections(lines, "the rejections", [&](const state::Rejection& rejection) {
    if (added.ok()) added = rows.add(rejection);
  }));
  if (!added.ok()) return columnar::arrow_error(added, "gather rejections");
  auto table = rows.finish();
  if (!table.ok()) return columnar::arrow_error(table.status(), "gather rejections");
  return table.MoveValueUnsafe();
}

}  // namespace

Status write_transformed(const config::Pipeline& pipeline,
                         const std::vector<std::string_view>& pages,
                         const state::RunContext& context, const columnar::TakeBytes& take) {
  for (const auto& table : pipeline.tables) {
    if (table.name != kRejected) continue;
    return base::permanent("a table is called 'rejected', as the rejections of pages are")
        .with_remedy("Rename it in the pipeline file");
  }
  TRY(const auto transformed, transform::transform_pages(pipeline, pages, context));
  assert(transformed.tables.size() == pipeline.tables.size());
  for (std::size_t table = 0; table < transformed.tables.size(); ++table) {
    TRY(write_stream(pipeline.tables[table].name, *transformed.tables[table], take));
  }
  TRY(const auto rejected, rejected_rows(transformed.rejections));
  return write_stream(kRejected, *rejected, take);
}

}  // namespace ashore::embed
