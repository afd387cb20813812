// Which windows the source is asked about, and how a result ends.
#include "reconcile/reconcile.h"

#include <gtest/gtest.h>

#include "reconcile/reconcile_places.h"

namespace ashore::reconcile {
namespace {

base::Window days(std::optional<int> start, std::optional<int> end) {
  const auto instant = [](int day) { return base::Timestamp(base::Date(std::chrono::days(day))); };
  base::Window window;
  if (start) window.start = instant(*start);
  if (end) window.end = instant(*end);
  return window;
}

TEST(ReconcileTest, WindowsThatMeetAreOne) {
  EXPECT_EQ(joined_windows({days(5, 7), days(1, 3), days(3, 5)}),
            (std::vector<base::Window>{days(1, 7)}));
  EXPECT_EQ(joined_windows({days(1, 9), days(2, 3)}), (std::vector<base::Window>{days(1, 9)}));
}

TEST(ReconcileTest, WindowsApartStayApart) {
  EXPECT_EQ(joined_windows({days(5, 7), days(1, 3)}),
            (std::vector<base::Window>{days(1, 3), days(5, 7)}));
  EXPECT_TRUE(joined_windows({}).empty());
}

TEST(ReconcileTest, OpenEndsTakeAll) {
  EXPECT_EQ(joined_windows({days(5, 7), days({}, {}), days(1, 3)}),
            (std::vector<base::Window>{days({}, {})}));
  EXPECT_EQ(joined_windows({days(5, {}), days(6, 7), days({}, 2)}),
            (std::vector<base::Window>{days({}, 2), days(5, {})}));
}

TEST(ReconcileTest, ADifferenceEndsWithOneAndAFailureWithItsOwnCode) {
  Reconciled result;
  EXPECT_EQ(result.exit_code(), 0);
  EXPECT_TRUE(result.is_equal());
  result.not_compared.push_back({"source", "no route", base::ErrorKind::kPermanent});
  EXPECT_EQ(result.exit_code(), 2);
  result.findings.push_back({"raw", "", "", "raw/page", "", "gone"});
  EXPECT_EQ(result.exit_code(), 1);
}

}  // namespace
}  // namespace ashore::reconcile
