// StoredDocuments is a collection held in memory: exact text and the slices of its fields.
#pragma once

#include <memory>
#include <string>
#include <unordered_map>

#include "base/result.h"
#include "simulator/document_source.h"

namespace ashore::simulator {

class StoredDocuments final : public DocumentSource {
 public:
  // Takes the text of a JSON array of objects. kPermanent: it is not that, or an object has no text
  // `id` of 24 hex digits, or an id comes twice.
  static base::Result<std::unique_ptr<StoredDocuments>> make(std::string text);

  [[nodiscard]] std::int64_t count() const override;
  void append(std::int64_t index, std::string& text) const override;
  const std::vector<FieldView>& fields(std::int64_t index, Scratch& scratch) const override;
  [[nodiscard]] std::string id(std::int64_t index) const override;
  [[nodiscard]] std::optional<std::int64_t> find(std::string_view id) const override;
  [[nodiscard]] bool knows(std::string_view field) const override;
  [[nodiscard]] Candidates narrow(const Filter& filter) const override;
  [[nodiscard]] bool is_numbered_by(const std::vector<SortKey>& sort) const override;

 private:
  struct Document {
    std::string_view text;
    std::string id;
    std::vector<FieldView> fields;
  };

  StoredDocuments() = default;
  base::Status add(std::string_view document);

  std::string text_;
  std::vector<Document> documents_;
  std::unordered_map<std::string, std::int64_t> indexes_;
  std::vector<std::string> field_names_;
};

}  // namespace ashore::simulator
