// Paths come back as they were, and no path leaves its folder.
#include "delta/path_encoding.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "delta/snapshot.h"

namespace ashore::delta {
namespace {

// Any text, with the bytes that matter to folders and URIs much more often than by chance.
rc::Gen<std::string> awkward_text() {
  return rc::gen::container<std::string>(
      rc::gen::oneOf(rc::gen::elementOf(std::string("/.%=: #?&+'\"\\[]{}^*_~\n\x01\x7f\xc3\xa9")),
                     rc::gen::inRange('a', 'z')));
}

TEST(PathEncodingTest, LogPathsArePercentEncoded) {
  EXPECT_EQ(encode_log_path("region=a%2Fb/part-1.parquet"), "region=a%252Fb/part-1.parquet");
  EXPECT_EQ(encode_log_path("region=a b\xc3\xa9/x"), "region=a%20b%C3%A9/x");
  EXPECT_EQ(decode_log_path("region=a%252Fb/x").value(), "region=a%2Fb/x");
}

TEST(PathEncodingTest, LogPathsComeBack) {
  EXPECT_TRUE(rc::check([] {
    const auto value = *awkward_text();
    RC_PRE(value.find('/') == std::string::npos);
    const auto path = "region=" + value + "/part-0.parquet";
    const auto encoded = encode_log_path(path);
    const auto decoded = decode_log_path(encoded);
    RC_ASSERT(decoded.ok());
    RC_ASSERT(decoded.value() == path);
  }));
}

TEST(PathEncodingTest, PathsOutsideTheTableAreRefused) {
  for (const auto* bad : {"/etc/x", "s3://bucket/x", "file:/x", "../x", "a/../../x", "a//x",
                          "a/./x", "%2E%2E/x", "%2Fx", "a%", "a%2", "a%zz", "", "a%00b"}) {
    const auto decoded = decode_log_path(bad);
    ASSERT_FALSE(decoded.ok()) << bad;
    EXPECT_EQ(decoded.error().kind(), base::ErrorKind::kPermanent);
  }
}

}  // namespace
}  // namespace ashore::delta
