// Arrow's own Parquet writer and reader, set so that bytes depend on rows
// alone.
#include "columnar/parquet_file.h"

#include <arrow/api.h>
#include <arrow/io/memory.h>
#include <arrow/util/future.h>
#include <parquet/arrow/reader.h>
#include <parquet/arrow/writer.h>
#include <parquet/exception.h>
#include <parquet/file_reader.h>
#include <parquet/metadata.h>
#include <parquet/properties.h>
#include <parquet/schema.h>

#include <cassert>
#include <exception>
#include <numeric>
#include <type_traits>
#include <utility>

#include "base/digest.h"
#include "columnar/arrow_schema.h"
#include "columnar/field_id.h"
#include "columnar/file_statistics.h"
#include "columnar/small_parquet.h"
#include "columnar/small_parquet_reader.h"

namespace ashore::columnar {

namespace {

using base::Result;
using base::Status;

// Rows of a row group: bounds what a reader must hold; a file of ours is rarely
// so long.
constexpr std::int64_t kRowGroupRowsMax = std::int64_t{1} << 20;
// Up to this size a file is read in one piece.
constexpr std::int64_t kWholeReadBytesMax = std::int64_t{4} << 20;

using Properties = std::shared_ptr<parquet::WriterProperties>;

parquet::WriterProperties::Builder common_properties() {
  parquet::WriterProperties::Builder builder;
  builder.version(parquet::ParquetVersion::PARQUET_2_6)
      ->data_page_version(parquet::ParquetDataPageVersion::V1)
      ->compression(parquet::Compression::SNAPPY)
      ->enable_page_checksum()
      ->max_row_group_length(kRowGroupRowsMax)
      ->created_by(kParquetCreatedBy);
  return builder;
}

// Immutable, made once, as all below.
const Properties& table_properties() {
  static const auto properties =
      common_properties().enable_statistics()->enable_write_page_index()->build();
  return properties;
}

const Properties& window_properties() {
  static const auto properties =
      common_properties().disable_statistics()->disable_dictionary()->build();
  return properties;
}

const std::shared_ptr<parquet::ArrowWriterProperties>& arrow_writer_properties() {
  static const auto properties =
      parquet::ArrowWriterProperties::Builder().set_use_threads(false)->build();
  return properties;
}

arrow::Status write_table(const arrow::Table& table, const Properties& properties,
                          const std::shared_ptr<ByteOutput>& output) {
  ARROW_ASSIGN_OR_RAISE(
      auto writer, parquet::arrow::FileWriter::Open(*table.schema(), arrow::default_memory_pool(),
                                                    output, properties, arrow_writer_properties()));
  ARROW_RETURN_NOT_OK(writer->WriteTable(table, kRowGroupRowsMax));
  return writer->Close();
}

// The table with exactly the schema's nullability, which the writer insists on, and with field ids.
std::shared_ptr<arrow::Table> with_schema(const arrow::Table& table, const base::Schema& schema) {
  assert(static_cast<std::size_t>(table.num_columns()) == schema.fields.size());
  const auto types = arrow_schema(schema);
  arrow::FieldVector fields;
  for (const auto& field : types->fields()) {
    const auto id = std::to_string(field_id(field->name()));
    fields.push_back(field->WithMetadata(arrow::key_value_metadata({"PARQUET:field_id"}, {id})));
  }
  auto exact =
      arrow::Table::Make(arrow::schema(std::move(fields)), table.columns(), table.num_rows());
  assert(exact->Validate().ok());
  return exact;
}

Status encode(const arrow::Table& table, const base::Schema& schema, const Properties& properties,
              const TakeBytes& take) {
  if (table.num_rows() > 0 && table.num_rows() <= kSmallRowsMax) {
    return take(encode_small_parquet(table, schema));
  }
  const auto exact = with_schema(table, schema);
  const auto output = std::make_shared<ByteOutput>(take);
  try {
    return output->status_of(write_table(*exact, properties, output), "encode a Parquet file");
  } catch (const std::exception& exception) {
    // Parquet throws what the output said.
    TRY(output->status_of(arrow::Status::OK(), ""));
    return base::bug(exception.what()).within("encode a Parquet file");
  }
}

}  // namespace

Result<EncodedFile> encode_parquet(const arrow::Table& table, const base::Schema& schema) {
  std::string bytes;
  TRY(auto encoded, encode_parquet(table, schema, [&bytes](std::string_view piece) -> Status {
        bytes += piece;
        return {};
      }));
  encoded.bytes = std::move(bytes);
  return encoded;
}

Result<EncodedFile> encode_window(const arrow::Table& table, const base::Schema& schema) {
  EncodedFile encoded;
  encoded.rows = table.num_rows();
  TRY(encode(table, schema, window_properties(), [&encoded](std::string_view piece) -> Status {
    encoded.bytes += piece;
    return {};
  }));
  return encoded;
}

Result<EncodedFile> encode_parquet(const arrow::Table& table, const base::Schema& schema,
                                   const TakeBytes& take) {
  EncodedFile encoded;
  encoded.rows = table.num_rows();
  encoded.stats_json = delta_statistics(table, schema);
  TRY(encode(table, schema, table_properties(), take));
  return encoded;
}

// --- reading
// --------------------------------------------------------------------------------

namespace {

// Lets Arrow read an object of a store at random.
class ObjectFile final : public arrow::io::RandomAccessFile {
 public:
  explicit ObjectFile(std::unique_ptr<io::ObjectReader> reader) : reader_(std::move(reader)) {}

  arrow::Status Close() override {
    is_closed_ = true;
    return arrow::Status::OK();
  }
  [[nodiscard]] bool closed() const override { return is_closed_; }
  [[nodiscard]] arrow::Result<std::int64_t> Tell() const override { return position_; }
  arrow::Status Seek(std::int64_t position) override {
    position_ = position;
    return arrow::Status::OK();
  }
  arrow::Result<std::int64_t> GetSize() override { return reader_->bytes(); }

  arrow::Result<std::int64_t> ReadAt(std::int64_t position, std::int64_t bytes,
                                     void* target) override {
    const auto length = std::min(bytes, std::max<std::int64_t>(reader_->bytes() - position, 0));
    auto status = reader_->read_at(
        position, std::span<char>(static_cast<char*>(target), static_cast<std::size_t>(length)));
    if (!status.ok()) return arrow::Status::IOError(status.error().message());
    return length;
  }
  arrow::Result<std::shared_ptr<arrow::Buffer>> ReadAt(std::int64_t position,
                                                       std::int64_t bytes) override {
    ARROW_ASSIGN_OR_RAISE(auto buffer, arrow::AllocateResizableBuffer(bytes));
    ARROW_ASSIGN_OR_RAISE(const auto length, ReadAt(position, bytes, buffer->mutable_data()));
    ARROW_RETURN_NOT_OK(buffer->Resize(length));
    return std::shared_ptr<arrow::Buffer>(std::move(buffer));
  }
  arrow::Result<std::int64_t> Read(std::int64_t bytes, void* target) override {
    ARROW_ASSIGN_OR_RAISE(const auto length, ReadAt(position_, bytes, target));
    position_ += length;
    return length;
  }
  arrow::Result<std::shared_ptr<arrow::Buffer>> Read(std::int64_t bytes) override {
    ARROW_ASSIGN_OR_RAISE(auto buffer, ReadAt(position_, bytes));
    position_ += buffer->size();
    return buffer;
  }

 private:
  std::unique_ptr<io::ObjectReader> reader_;
  std::int64_t position_ = 0;
  bool is_closed_ = false;
};

Status check_digest(std::string_view sha256, std::string_view digest) {
  if (sha256.starts_with(digest)) return {};
  return base::permanent("the file is damaged: its sha256 begins with " +
                         std::string(sha256.substr(0, digest.size())) + ", not " +
                         std::string(digest));
}

// Reads a large file once, piece by piece, for its digest alone.
Status verify_large(io::ObjectReader& reader, std::string_view digest) {
  base::Sha256Stream hash;
  std::string piece;
  for (std::int64_t at = 0; at < reader.bytes(); at += kWholeReadBytesMax) {
    piece.resize(static_cast<std::size_t>(std::min(kWholeReadBytesMax, reader.bytes() - at)));
    TRY(reader.read_at(at, std::span<char>(piece)));
    hash.update(piece);
  }
  return check_digest(base::to_hex(std::move(hash).finish()), digest);
}

// What is asked of a file before its columns are read.
struct Wanted {
  std::string_view digest;
  bool is_whole = false;  // all columns will be read
};

Result<std::shared_ptr<arrow::io::RandomAccessFile>> open_file(io::ObjectStore& store,
                                                               const std::string& path,
                                                               const Wanted& wanted) {
  TRY(auto reader, store.open(path));
  if (reader->bytes() > kWholeReadBytesMax) {
    if (wanted.is_whole && !wanted.digest.empty()) TRY(verify_large(*reader, wanted.digest));
    return std::make_shared<ObjectFile>(std::move(reader));
  }
  std::string bytes(static_cast<std::size_t>(reader->bytes()), '\0');
  TRY(reader->read_at(0, std::span<char>(bytes)));
  if (!wanted.digest.empty()) {
    TRY(check_digest(base::to_hex(base::sha256(bytes)), wanted.digest));
  }
  return std::make_shared<arrow::io::BufferReader>(arrow::Buffer::FromString(std::move(bytes)));
}

// A file that other tools wrote may hold timestamps in Parquet's old 96-bit
// form (Spark's default).
parquet::ArrowReaderProperties reader_properties(std::int64_t batch_rows) {
  parquet::ArrowReaderProperties properties(/*use_threads=*/false);
  properties.set_coerce_int96_timestamp_unit(arrow::TimeUnit::MICRO);
  if (batch_rows > 0) {
    properties.set_batch_size(batch_rows);
    properties.set_pre_buffer(false);  // it would hold a row group's bytes
  }
  return properties;
}

// The column as our type, or nothing where the file holds another type.
std::shared_ptr<arrow::ChunkedArray> as_type(const std::shared_ptr<arrow::ChunkedArray>& column,
                                             const parquet::ColumnDescriptor& descriptor,
                                             const std::shared_ptr<arrow::DataType>& type) {
  if (column->type()->Equals(*type)) return column;
  if (descriptor.physical_type() != parquet::Type::INT96) return nullptr;
  if (type->id() != arrow::Type::TIMESTAMP) return nullptr;
  auto viewed = column->View(type);
  return viewed.ok() ? viewed.MoveValueUnsafe() : nullptr;
}

struct WantedColumns {
  std::vector<const base::Field*> fields;  // in the order asked
  std::vector<int> indices;                // in the file; -1: absent
};

Result<WantedColumns> find_columns(const parquet::SchemaDescriptor& descriptor,
                                   const base::Schema& schema,
                                   const std::vector<std::string>& columns) {
  WantedColumns wanted;
  if (columns.empty()) {
    for (const auto& field : schema.fields) wanted.fields.push_back(&field);
  }
  for (const auto& name : columns) {
    const auto index = schema.index_of(name);
    assert(index.has_value());
    wanted.fields.push_back(&schema.fields[*index]);
  }
  for (const auto* field : wanted.fields) {
    const int index = descriptor.ColumnIndex(field->name);
    if (index < 0 && !field->is_nullable) {
      return base::permanent("the file has no column '" + field->name + "'");
    }
    wanted.indices.push_back(index);
  }
  return wanted;
}

std::vector<int> present_only(const std::vector<int>& indices) {
  std::vector<int> present;
  for (const int index : indices) {
    if (index >= 0) present.push_back(index);
  }
  return present;
}

// Puts what was read into the order asked, with null columns for what the file
// lacks.
Result<std::shared_ptr<arrow::Table>> arrange(const arrow::Table& read,
                                              const parquet::SchemaDescriptor& descriptor,
                                              const WantedColumns& wanted, std::int64_t rows) {
  arrow::FieldVector fields;
  arrow::ChunkedArrayVector arrays;
  for (std::size_t index = 0; index < wanted.fields.size(); ++index) {
    const auto& field = *wanted.fields[index];
    const auto type = arrow_type(field.type);
    fields.push_back(arrow::field(field.name, type, field.is_nullable));
    if (wanted.indices[index] < 0) {
      auto nulls = arrow::MakeArrayOfNull(type, rows);
      if (!nulls.ok()) return arrow_error(nulls.status(), "make a column of nulls");
      arrays.push_back(std::make_shared<arrow::ChunkedArray>(nulls.MoveValueUnsafe()));
      continue;
    }
    const auto column = read.GetColumnByName(field.name);
    auto typed = as_type(column, *descriptor.Column(wanted.indices[index]), type);
    if (typed == nullptr) {
      return base::permanent("column '" + field.name + "' is " + column->type()->ToString() +
                             " in the file and " + base::type_name(field.type) + " is expected");
    }
    arrays.push_back(std::move(typed));
  }
  return arrow::Table::Make(arrow::schema(std::move(fields)), std::move(arrays), rows);
}

// A file that Arrow cannot read is no file of ours: its content is at fault,
// not this program.
base::Error unreadable(const arrow::Status& status) {
  const bool is_outside = status.IsOutOfMemory() || status.IsIOError();
  if (!is_outside) return base::permanent(status.message());
  // Arrow says "IOError" for damaged content too; only what the store said is
  // worth a retry.
  const bool is_store = status.message().find("Parquet") == std::string::npos;
  return is_store ? base::transient(status.message()) : base::permanent(status.message());
}

// Rows that are given to a visitor at once.
constexpr std::int64_t kVisitedRows = 8'192;

// A file whose columns are found. `batch_rows`: of a reader that goes batch by batch; 0: it reads
// all at once.
struct OpenedFile {
  std::shared_ptr<parquet::FileMetaData> metadata;
  WantedColumns wanted;
  std::unique_ptr<parquet::arrow::FileReader> reader;
};

Result<OpenedFile> open_columns(const std::shared_ptr<arrow::io::RandomAccessFile>& file,
                                const base::Schema& schema, const std::vector<std::string>& columns,
                                std::int64_t batch_rows) {
  parquet::ReaderProperties properties;
  properties.set_page_checksum_verification(true);
  if (batch_rows > 0) properties.enable_buffered_stream();  // column chunks are read piece by piece
  auto parquet_reader = parquet::ParquetFileReader::Open(file, properties);
  OpenedFile opened;
  opened.metadata = parquet_reader->metadata();
  TRY(opened.wanted, find_columns(*opened.metadata->schema(), schema, columns));
  auto reader = parquet::arrow::FileReader::Make(
      arrow::default_memory_pool(), std::move(parquet_reader), reader_properties(batch_rows));
  if (!reader.ok()) return unreadable(reader.status());
  opened.reader = reader.MoveValueUnsafe();
  return opened;
}

Result<std::shared_ptr<arrow::Table>> read_columns(
    const std::shared_ptr<arrow::io::RandomAccessFile>& file, const base::Schema& schema,
    const std::vector<std::string>& columns) {
  const auto bytes = file->GetSize();
  if (bytes.ok() && *bytes <= kWholeReadBytesMax) {
    const auto whole = file->ReadAt(0, *bytes);  // lies in memory already
    auto small =
        whole.ok() ? read_small_parquet(std::string_view(**whole), schema, columns) : nullptr;
    if (small != nullptr) return small;
  }
  TRY(auto opened, open_columns(file, schema, columns, 0));
  auto table = opened.reader->ReadTable(present_only(opened.wanted.indices));
  if (!table.ok()) return unreadable(table.status());
  return arrange(**table, *opened.metadata->schema(), opened.wanted, opened.metadata->num_rows());
}

Status visit_columns(const std::shared_ptr<arrow::io::RandomAccessFile>& file,
                     const base::Schema& schema, const std::vector<std::string>& columns,
                     const VisitRows& visit) {
  const auto bytes = file->GetSize();
  if (bytes.ok() && *bytes <= kWholeReadBytesMax) {
    TRY(const auto rows, read_columns(file, schema, columns));
    return rows->num_rows() == 0 ? Status() : visit(rows, 0);
  }
  TRY(auto opened, open_columns(file, schema, columns, kVisitedRows));
  std::vector<int> groups(static_cast<std::size_t>(opened.metadata->num_row_groups()));
  std::iota(groups.begin(), groups.end(), 0);
  auto batches = opened.reader->GetRecordBatchReader(groups, present_only(opened.wanted.indices));
  if (!batches.ok()) return unreadable(batches.status());
  std::int64_t first_row = 0;
  while (true) {
    std::shared_ptr<arrow::RecordBatch> batch;
    const auto read = (*batches)->ReadNext(&batch);
    if (!read.ok()) return unreadable(read);
    if (batch == nullptr) return {};
    const auto rows = arrow::Table::Make(batch->schema(), batch->columns(), batch->num_rows());
    TRY(const auto arranged,
        arrange(*rows, *opened.metadata->schema(), opened.wanted, batch->num_rows()));
    TRY(visit(arranged, first_row));
    first_row += batch->num_rows();
  }
}

// Opens a file for those columns and lets `read` work on it; what Arrow throws becomes an Error.
template <typename Read>
std::invoke_result_t<Read, const std::shared_ptr<arrow::io::RandomAccessFile>&> with_file(
    io::ObjectStore& store, const std::string& path, const Wanted& wanted, const Read& read) {
  const auto step = "read Parquet file '" + store.location_of(path) + "'";
  auto opened = open_file(store, path, wanted);
  if (!opened.ok() && opened.error().kind() != base::ErrorKind::kPermanent) return opened.error();
  if (!opened.ok()) return std::move(opened).error().within(step);
  const auto file = std::move(opened).value();
  try {
    return read(file).within(step);
  } catch (const parquet::ParquetStatusException& exception) {
    return unreadable(exception.status()).within(step);
  } catch (const std::exception& exception) {
    return base::permanent(exception.what()).within(step);
  }
}

bool is_whole(const base::Schema& schema, const std::vector<std::string>& columns) {
  return columns.empty() || columns.size() == schema.fields.size();
}

}  // namespace

Result<std::shared_ptr<arrow::Table>> read_parquet(io::ObjectStore& store, const std::string& path,
                                                   const base::Schema& schema,
                                                   const std::vector<std::string>& columns,
                                                   std::string_view digest) {
  return with_file(store, path, {digest, is_whole(schema, columns)},
                   [&](const auto& file) { return read_columns(file, schema, columns); });
}

Status visit_parquet(io::ObjectStore& store, const ParquetSource& source,
                     const std::vector<std::string>& columns, const VisitRows& visit) {
  // What `visit` says is its own, not the file's.
  Status visited;
  const Wanted wanted{source.digest, is_whole(source.schema, columns)};
  auto status = with_file(store, source.path, wanted, [&](const auto& file) -> Status {
    return visit_columns(file, source.schema, columns,
                         [&](const auto& rows, std::int64_t first_row) -> Status {
                           visited = visit(rows, first_row);
                           return visited;
                         });
  });
  return visited.ok() ? status : visited;
}

}  // namespace ashore::columnar
