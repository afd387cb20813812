// Cuts every document once, when it is taken in; answering only copies slices.
#include "simulator/stored_documents.h"

#include <algorithm>
#include <utility>

namespace ashore::simulator {

base::Result<std::unique_ptr<StoredDocuments>> StoredDocuments::make(std::string text) {
  std::unique_ptr<StoredDocuments> source(new StoredDocuments());
  source->text_ = std::move(text);
  TRY(const std::vector<std::string_view> documents, split_documents(source->text_));
  source->documents_.reserve(documents.size());
  for (const std::string_view document : documents) TRY(source->add(document));
  return source;
}

base::Status StoredDocuments::add(std::string_view text) {
  Document document{.text = text, .id = {}, .fields = {}};
  split_fields(text, document.fields);
  for (const FieldView& field : document.fields) {
    if (field.key == "id") document.id = lower_case(value_of(field.value).text);
    if (!knows(field.key)) field_names_.emplace_back(field.key);
  }
  const auto index = static_cast<std::int64_t>(documents_.size());
  const std::string place = "document " + std::to_string(index) + ": ";
  if (!is_id(document.id))
    return base::permanent(place + "its id is not 24 hex digits: " + document.id);
  if (!indexes_.emplace(document.id, index).second) {
    return base::permanent(place + "its id came before: " + document.id);
  }
  documents_.push_back(std::move(document));
  return {};
}

std::int64_t StoredDocuments::count() const { return static_cast<std::int64_t>(documents_.size()); }

void StoredDocuments::append(std::int64_t index, std::string& text) const {
  text += documents_[static_cast<std::size_t>(index)].text;
}

const std::vector<FieldView>& StoredDocuments::fields(std::int64_t index,
                                                      Scratch& /*scratch*/) const {
  return documents_[static_cast<std::size_t>(index)].fields;
}

std::string StoredDocuments::id(std::int64_t index) const {
  return documents_[static_cast<std::size_t>(index)].id;
}

std::optional<std::int64_t> StoredDocuments::find(std::string_view id) const {
  const auto found = indexes_.find(std::string(id));
  if (found == indexes_.end()) return std::nullopt;
  return found->second;
}

bool StoredDocuments::knows(std::string_view field) const {
  return std::ranges::find(field_names_, field) != field_names_.end();
}

Candidates StoredDocuments::narrow(const Filter& filter) const {
  return {
      .begin = 0, .end = count(), .all_match = filter.conditions.empty() && filter.any_of.empty()};
}

bool StoredDocuments::is_numbered_by(const std::vector<SortKey>& /*sort*/) const { return false; }

}  // namespace ashore::simulator
