// Intents come back as they were written.
#include "state/intent.h"

#include <gtest/gtest.h>

namespace ashore::state {
namespace {

TEST(IntentTest, WhatWasWrittenIsReadBack) {
  Intent intent;
  intent.run_id = "r";
  intent.deletes_superseded = true;
  intent.tables.push_back({.table = "orders",
                           .version = 3,
                           .commit_path = "stage/.staged/r/.commit/orders.json",
                           .commit_sha256 = "ab",
                           .rows = 7});
  intent.manifest_text = "{\n}\n";
  const auto text = intent_json(intent);
  const auto again = parse_intent(text);
  ASSERT_TRUE(again.ok()) << again.error().message();
  EXPECT_EQ(intent_json(again.value()), text);
  EXPECT_EQ(again.value().tables[0].rows, 7);
}

TEST(IntentTest, WhatIsNoIntentIsRefused) {
  EXPECT_EQ(parse_intent("{\"format\":\"ashore.intent/2\"}").error().kind(),
            base::ErrorKind::kPermanent);
  EXPECT_EQ(parse_intent("{}").error().kind(), base::ErrorKind::kPermanent);
}

}  // namespace
}  // namespace ashore::state
