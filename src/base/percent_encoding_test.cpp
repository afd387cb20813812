// Each set keeps what its readers expect, and all can be decoded again.
#include "base/percent_encoding.h"

#include <gtest/gtest.h>

#include <rapidcheck/gtest.h>

namespace ashore::base {
namespace {

TEST(PercentEncodingTest, EachSetKeepsItsOwnBytes) {
  const std::string text = "aZ9-._~/=: %\"é";
  EXPECT_EQ(percent_encoded(text), "aZ9-._~%2F%3D%3A%20%25%22%C3%A9");
  EXPECT_EQ(percent_encoded(text, PlainBytes::kUrlPath), "aZ9-._~/=:%20%25%22%C3%A9");
  EXPECT_EQ(percent_encoded(text, PlainBytes::kLogPath), "aZ9-._~/=%3A%20%25%22%C3%A9");
  EXPECT_EQ(percent_encoded(text, PlainBytes::kFolderName), "aZ9-._%7E%2F%3D%3A%20%25%22%C3%A9");
  EXPECT_EQ(percent_encoded(text, PlainBytes::kHive), "aZ9-._~%2F%3D%3A %25%22é");
}

TEST(PercentEncodingTest, WhatIsEncodedAlreadyStaysWhereAsked) {
  EXPECT_EQ(percent_encoded_once("a%20b%2", PlainBytes::kUrlPath), "a%20b%252");
  EXPECT_EQ(percent_encoded("a%20b", PlainBytes::kUrlPath), "a%2520b");
}

TEST(PercentEncodingTest, AStrayPercentIsNothingOrItself) {
  EXPECT_EQ(percent_decoded("a%20b"), "a b");
  EXPECT_EQ(percent_decoded("100%"), std::nullopt);
  EXPECT_EQ(percent_decoded("%zz"), std::nullopt);
  EXPECT_EQ(percent_decoded_where_valid("100%%41%zz"), "100%A%zz");
}

RC_GTEST_PROP(PercentEncodingTest, AnyBytesComeBack, (const std::string& text)) {
  for (const auto plain : {PlainBytes::kUnreserved, PlainBytes::kUrlPath, PlainBytes::kLogPath,
                           PlainBytes::kFolderName, PlainBytes::kHive}) {
    RC_ASSERT(percent_decoded(percent_encoded(text, plain)) == text);
  }
}

}  // namespace
}  // namespace ashore::base
