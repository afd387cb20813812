// Finds one field among those of a document; sources that can compute it directly override this.
#include "simulator/document_source.h"

namespace ashore::simulator {

Value DocumentSource::value(std::int64_t index, std::string_view field, Scratch& scratch) const {
  for (const FieldView& one : fields(index, scratch)) {
    if (one.key == field) return value_of(one.value);
  }
  return {};
}

}  // namespace ashore::simulator
