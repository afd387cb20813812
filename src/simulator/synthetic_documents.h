// SyntheticDocuments makes up launches: each is computed from (seed, number) when it is asked for.
#pragma once

#include <cstdint>

#include "base/result.h"
#include "simulator/document_source.h"

namespace ashore::simulator {

// Launches of the API's shape, about 1.6 kB each, with nulls, placeholders, equal dates and triple
// cores about as often as the real ones. Dates begin in 1970 and never go back as numbers go up;
// nor do ids, so a window, a page and an order by date or id need arithmetic only. Holds no
// documents.
class SyntheticDocuments final : public DocumentSource {
 public:
  static constexpr std::int64_t kCountMax = std::int64_t{1} << 24;
  static constexpr std::int64_t kPerDayMax = 1440;

  // Preconditions: 0 <= count <= kCountMax, 1 <= per_day <= kPerDayMax.
  SyntheticDocuments(std::int64_t count, std::uint64_t seed, std::int64_t per_day);

  [[nodiscard]] std::int64_t count() const override { return count_; }
  void append(std::int64_t index, std::string& text) const override;
  const std::vector<FieldView>& fields(std::int64_t index, Scratch& scratch) const override;
  [[nodiscard]] std::string id(std::int64_t index) const override;
  [[nodiscard]] std::optional<std::int64_t> find(std::string_view id) const override;
  [[nodiscard]] bool knows(std::string_view field) const override;
  // Narrows by the conditions on date_utc.
  [[nodiscard]] Candidates narrow(const Filter& filter) const override;
  [[nodiscard]] bool is_numbered_by(const std::vector<SortKey>& sort) const override;
  [[nodiscard]] Value value(std::int64_t index, std::string_view field,
                            Scratch& scratch) const override;

 private:
  // What decides the rest of a document.
  struct Facts {
    std::int64_t index;
    std::uint64_t hash;
    std::int64_t seconds;  // since 1970
    bool placeholder;      // the day has no time yet
    bool upcoming;
  };

  [[nodiscard]] Facts facts_of(std::int64_t index) const;
  void append_fairings(const Facts& facts, std::string& text) const;
  void append_links(const Facts& facts, std::string& text) const;
  void append_outcome(const Facts& facts, std::string& text) const;
  void append_relations(const Facts& facts, std::string& text) const;
  void append_dates(const Facts& facts, std::string& text) const;
  void append_cores(const Facts& facts, std::string& text) const;
  void append_core(const Facts& facts, std::int64_t place, std::string& text) const;
  // The first document whose date is at or after `date` (or after it), compared as text.
  [[nodiscard]] std::int64_t first_from(std::string_view date, bool after) const;

  std::int64_t count_;
  std::uint64_t seed_;
  std::int64_t per_day_;
  std::vector<std::string> field_names_;
};

}  // namespace ashore::simulator
