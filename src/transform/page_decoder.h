// PageDecoder reads one page after another: each item once, only the paths that tables name.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"
#include "json/pointer.h"
#include "transform/page_rows.h"
#include "transform/plan.h"

namespace ashore::transform {

// Remembers the order of fields from page to page, which makes it quick and changes no result.
// Threads: one at a time. The plan must outlive it.
class PageDecoder {
 public:
  // `items_at` is where the array of items lies in a page. Rows are gathered in batches of whole
  // items, each as soon as a table has `batch_rows_max` rows.
  PageDecoder(const Plan& plan, json::Pointer items_at, std::int64_t batch_rows_max);
  ~PageDecoder();
  PageDecoder(const PageDecoder&) = delete;
  PageDecoder& operator=(const PageDecoder&) = delete;

  // The rows of a page. kPermanent: it is not JSON, or has neither array nor object of items;
  // kTransient: out of memory. Bad rows are no errors: they are in the result.
  base::Result<PageRows> decode(std::string_view page, const PageOfRun& origin);

 private:
  class Walk;
  std::unique_ptr<Walk> walk_;
};

}  // namespace ashore::transform
