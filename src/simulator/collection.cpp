// Finds by testing documents one by one unless ids or the source's own order narrow them first.
#include "simulator/collection.h"

#include <algorithm>
#include <numeric>
#include <utility>

namespace ashore::simulator {

namespace {

constexpr std::size_t kFoundMax = 16;  // results kept

bool holds(const Value& stored, Comparison comparison, const Value& operand) {
  if (stored.kind != operand.kind || stored.kind == ValueKind::kOther) return false;
  const int order = compare(stored, operand);
  switch (comparison) {
    case Comparison::kEqual:
    case Comparison::kIn:
      return order == 0;
    case Comparison::kGreaterOrEqual:
      return order >= 0;
    case Comparison::kGreater:
      return order > 0;
    case Comparison::kLessOrEqual:
      return order <= 0;
    case Comparison::kLess:
      return order < 0;
  }
  return false;
}

bool holds(const Value& stored, const Condition& condition) {
  return std::ranges::any_of(condition.operands, [&](const Value& operand) {
    return holds(stored, condition.comparison, operand);
  });
}

// Tests documents of one source against filters; made once a query, used by one thread.
class Tester {
 public:
  explicit Tester(const DocumentSource& source) : source_(source) {}

  bool passes(std::int64_t index, const Filter& filter) {
    const auto holds_here = [&](const Condition& condition) { return passes(index, condition); };
    const auto any_passes = [&](const std::vector<Filter>& group) {
      return std::ranges::any_of(group, [&](const Filter& one) { return passes(index, one); });
    };
    return std::ranges::all_of(filter.conditions, holds_here) &&
           std::ranges::all_of(filter.any_of, any_passes);
  }

 private:
  bool passes(std::int64_t index, const Condition& condition) {
    if (condition.field == "_id") {
      return holds(Value{.kind = ValueKind::kText, .number = 0, .text = source_.id(index)},
                   condition);
    }
    if (condition.field == "id" || !source_.knows(condition.field)) return true;
    for (const FieldView& field : source_.fields(index, scratch_)) {
      if (field.key == condition.field) return passes(field.value, condition);
    }
    return holds(Value{}, condition);
  }

  static bool passes(std::string_view json, const Condition& condition) {
    if (json.front() != '[') return holds(value_of(json), condition);
    const std::vector<std::string_view> elements = split_elements(json);
    return std::ranges::any_of(
        elements, [&](std::string_view one) { return holds(value_of(one), condition); });
  }

  const DocumentSource& source_;
  Scratch scratch_;
};

const Condition* ids_asked_for(const Filter& filter) {
  const auto is_list = [](const Condition& one) {
    return one.field == "_id" &&
           (one.comparison == Comparison::kIn || one.comparison == Comparison::kEqual);
  };
  const auto found = std::ranges::find_if(filter.conditions, is_list);
  return found == filter.conditions.end() ? nullptr : &*found;
}

std::string text_of(bool value) { return value ? "true" : "false"; }

// What an envelope says after the documents.
struct Envelope {
  std::int64_t total = 0;
  std::optional<std::int64_t> offset;
  std::int64_t limit = 0;
  std::int64_t total_pages = 1;
  std::int64_t page = 1;
  std::int64_t paging_counter = 1;
  std::optional<std::int64_t> previous_page;
  std::optional<std::int64_t> next_page;
};

std::string text_of(std::optional<std::int64_t> number) {
  return number ? std::to_string(*number) : "null";
}

std::string tail_of(const Envelope& envelope) {
  std::string text = "],\"totalDocs\":" + std::to_string(envelope.total);
  if (envelope.offset) text += ",\"offset\":" + std::to_string(*envelope.offset);
  text += ",\"limit\":" + std::to_string(envelope.limit);
  text += ",\"totalPages\":" + std::to_string(envelope.total_pages);
  text += ",\"page\":" + std::to_string(envelope.page);
  text += ",\"pagingCounter\":" + std::to_string(envelope.paging_counter);
  text += ",\"hasPrevPage\":" + text_of(envelope.previous_page.has_value());
  text += ",\"hasNextPage\":" + text_of(envelope.next_page.has_value());
  text += ",\"prevPage\":" + text_of(envelope.previous_page);
  text += ",\"nextPage\":" + text_of(envelope.next_page) + "}";
  return text;
}

// The offset in force: the one given, or 0 when neither it nor a page was given.
std::optional<std::int64_t> offset_of(const Paging& paging) {
  if (paging.offset || paging.page) return paging.offset;
  return 0;
}

void number_pages(const Paging& paging, Envelope& envelope) {
  const std::int64_t limit = paging.limit;
  envelope.limit = limit;
  envelope.total_pages = std::max<std::int64_t>((envelope.total + limit - 1) / limit, 1);
  envelope.page = envelope.offset ? *envelope.offset / limit + 1 : *paging.page;
  envelope.paging_counter = (envelope.page - 1) * limit + 1;
  if (envelope.page > 1) envelope.previous_page = envelope.page - 1;
  if (envelope.page == 1 && envelope.offset.value_or(0) != 0) envelope.previous_page = 1;
  if (envelope.page < envelope.total_pages) envelope.next_page = envelope.page + 1;
}

bool is_selected(const Selection& selection, std::string_view key) {
  if (key == "id") return true;
  const bool named = std::ranges::find(selection.fields, key) != selection.fields.end();
  return named != selection.excludes;
}

}  // namespace

Answer cut_page(Indexes found, const QueryRequest& request, std::int64_t total) {
  const Paging& paging = request.paging;
  Envelope envelope{.total = total,
                    .offset = offset_of(paging),
                    .limit = total,
                    .previous_page = {},
                    .next_page = {}};
  std::size_t begin = 0;
  std::size_t end = found->size();
  if (paging.paginate && paging.limit == 0) {
    envelope.limit = 0;
    end = 0;
  } else if (paging.paginate) {
    number_pages(paging, envelope);
    const std::int64_t skipped =
        envelope.offset ? *envelope.offset : (*paging.page - 1) * paging.limit;
    begin = std::min(static_cast<std::size_t>(std::min<std::int64_t>(skipped, INT32_MAX)), end);
    end = std::min(begin + static_cast<std::size_t>(paging.limit), end);
  }
  return {.documents = std::move(found),
          .begin = begin,
          .end = end,
          .selection = request.selection,
          .tail = tail_of(envelope)};
}

Collection::Collection(std::unique_ptr<DocumentSource> source) : source_(std::move(source)) {}

Indexes Collection::find(const QueryRequest& request) {
  {
    const std::scoped_lock lock(mutex_);
    const auto known = found_.find(request.identity);
    if (known != found_.end()) return known->second;
  }
  std::vector<std::int64_t> indexes = matches(request.filter);
  sort(request.sort, indexes);
  auto found = std::make_shared<const std::vector<std::int64_t>>(std::move(indexes));
  const std::scoped_lock lock(mutex_);
  if (found_.size() >= kFoundMax) found_.clear();
  found_.emplace(request.identity, found);
  return found;
}

std::vector<std::int64_t> Collection::matches(const Filter& filter) const {
  std::vector<std::int64_t> indexes;
  Tester tester(*source_);
  if (const Condition* ids = ids_asked_for(filter)) {
    for (const Value& id : ids->operands) {
      const std::optional<std::int64_t> index = source_->find(id.text);
      if (index && tester.passes(*index, filter)) indexes.push_back(*index);
    }
    std::ranges::sort(indexes);
    indexes.erase(std::unique(indexes.begin(), indexes.end()), indexes.end());
    return indexes;
  }
  const Candidates candidates = source_->narrow(filter);
  if (candidates.all_match) {
    indexes.resize(static_cast<std::size_t>(candidates.end - candidates.begin));
    std::iota(indexes.begin(), indexes.end(), candidates.begin);
    return indexes;
  }
  for (std::int64_t index = candidates.begin; index < candidates.end; ++index) {
    if (tester.passes(index, filter)) indexes.push_back(index);
  }
  return indexes;
}

void Collection::sort(const std::vector<SortKey>& keys, std::vector<std::int64_t>& indexes) const {
  if (source_->is_numbered_by(keys)) return;
  struct Row {
    std::vector<Value> values;
    std::string id;
    std::int64_t index;
  };
  Scratch scratch;
  std::vector<Row> rows;
  rows.reserve(indexes.size());
  for (const std::int64_t index : indexes) {
    Row& row = rows.emplace_back(Row{.values = {}, .id = source_->id(index), .index = index});
    for (const SortKey& key : keys) {
      const bool by_id = key.field == "_id";
      row.values.push_back(by_id ? Value{.kind = ValueKind::kText, .number = 0, .text = row.id}
                                 : source_->value(index, key.field, scratch));
    }
  }
  std::ranges::sort(rows, [&](const Row& left, const Row& right) {
    for (std::size_t at = 0; at < keys.size(); ++at) {
      const int order = compare(left.values[at], right.values[at]);
      if (order != 0) return keys[at].descending ? order > 0 : order < 0;
    }
    return left.id < right.id;
  });
  std::ranges::transform(rows, indexes.begin(), &Row::index);
}

void Collection::append(std::int64_t index, const Selection& selection, Scratch& scratch,
                        std::string& text) const {
  if (selection.fields.empty()) {
    source_->append(index, text);
    return;
  }
  char separator = '{';
  for (const FieldView& field : source_->fields(index, scratch)) {
    if (!is_selected(selection, field.key)) continue;
    ((((text += separator) += '"') += field.key) += "\":") += field.value;
    separator = ',';
  }
  text += '}';
}

void Collection::append_all(const Answer& answer, std::size_t begin, std::size_t end,
                            std::string& text) const {
  Scratch scratch;
  for (std::size_t at = begin; at < end; ++at) {
    // Documents are of one size, more or less: room for all once the first is written.
    if (at == begin + 1) text.reserve(text.size() + text.size() * (end - begin) * 5 / 4);
    if (at != answer.begin) text += ',';
    append((*answer.documents)[at], answer.selection, scratch, text);
  }
}

}  // namespace ashore::simulator
