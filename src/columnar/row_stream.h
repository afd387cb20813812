// RowStream writes rows as an Arrow IPC stream or file, batch by batch, to whoever takes bytes.
#pragma once

#include <memory>

#include <arrow/type_fwd.h>

#include "base/result.h"
#include "columnar/byte_output.h"

namespace ashore::columnar {

// Arrow's formats: a stream is read from its beginning, a file at any batch.
enum class RowFormat { kStream, kFile };

// Uncompressed. Streams may follow one another: each says where it ends. Threads: one at a time.
class RowStream {
 public:
  // Begins a stream of such rows. Errors: those of `take`.
  static base::Result<std::unique_ptr<RowStream>> open(const std::shared_ptr<arrow::Schema>& schema,
                                                       TakeBytes take,
                                                       RowFormat format = RowFormat::kStream);
  ~RowStream();
  RowStream(const RowStream&) = delete;
  RowStream& operator=(const RowStream&) = delete;

  // Precondition: rows of the stream's schema. Errors: those of `take`; kTransient: out of memory.
  base::Status write(const arrow::Table& rows);
  // Ends the stream: without it a reader sees that it is cut. Errors as write().
  base::Status close();

 private:
  class Writer;
  explicit RowStream(std::unique_ptr<Writer> writer);
  std::unique_ptr<Writer> writer_;
};

}  // namespace ashore::columnar
