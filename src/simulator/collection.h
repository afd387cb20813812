// Collection answers queries over one source of documents: finds, sorts, cuts pages, writes
// envelopes.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "simulator/document_source.h"
#include "simulator/query_request.h"

namespace ashore::simulator {

// Documents by number, in the order of an answer.
using Indexes = std::shared_ptr<const std::vector<std::int64_t>>;

// What an answer will hold, before its text is written. A value type.
struct Answer {
  Indexes documents;
  std::size_t begin = 0;  // the page is documents[begin, end)
  std::size_t end = 0;
  Selection selection;
  std::string tail;  // the envelope after the documents, from "]" on
};

// Pure. The page of `found` that is asked for; `total` is what the envelope says is there in all.
// The envelope is that of mongoose-paginate: its keys, their order, its rules at the ends.
Answer cut_page(Indexes found, const QueryRequest& request, std::int64_t total);

// Threads: every method may be called from several threads at once.
class Collection {
 public:
  explicit Collection(std::unique_ptr<DocumentSource> source);

  [[nodiscard]] const DocumentSource& source() const { return *source_; }
  // The documents that pass, in the order asked for; ties and no order at all go by _id. The last
  // few results are kept, so reading page after page finds and sorts once.
  Indexes find(const QueryRequest& request);
  // Appends one document, with the fields that are selected.
  void append(std::int64_t index, const Selection& selection, Scratch& scratch,
              std::string& text) const;
  // Appends documents[begin, end) with commas between them.
  void append_all(const Answer& answer, std::size_t begin, std::size_t end,
                  std::string& text) const;

 private:
  [[nodiscard]] std::vector<std::int64_t> matches(const Filter& filter) const;
  void sort(const std::vector<SortKey>& keys, std::vector<std::int64_t>& indexes) const;

  std::unique_ptr<DocumentSource> source_;
  std::mutex mutex_;
  // Guarded by mutex_.
  std::map<std::string, Indexes> found_;
};

}  // namespace ashore::simulator
