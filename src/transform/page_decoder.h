// PageDecoder reads pages one after another: each item once, only the paths that tables name.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "config/pipeline.h"
#include "transform/page_rows.h"
#include "transform/plan.h"

namespace ashore::transform {

// A page to decode.
struct PageText {
  std::string_view json;
  std::string_view name;  // its file's, for messages and the quarantine: "page-00003.json"
};

// Remembers the order of fields from page to page, which makes it quick and changes no result.
// Threads: one at a time. The plan must outlive it.
class PageDecoder {
 public:
  // `items` says where the array of items lies in a page, and whether it may be absent. Rows are
  // gathered in batches of whole items, each as soon as a table has `batch_rows_max` rows.
  PageDecoder(const Plan& plan, const config::Items& items, std::int64_t batch_rows_max);
  ~PageDecoder();
  PageDecoder(const PageDecoder&) = delete;
  PageDecoder& operator=(const PageDecoder&) = delete;

  // The rows of these pages, in their order. A batch goes on over the ends of pages: small ones
  // cost no arrays of their own. kPermanent: a page is not JSON, or has neither array nor object of
  // items; kTransient: out of memory. Bad rows are no errors: they are in the result.
  base::Result<PageRows> decode(std::span<const PageText> pages, const std::string& run_id);

 private:
  class Walk;
  std::unique_ptr<Walk> walk_;
};

}  // namespace ashore::transform
