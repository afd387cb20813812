// Paths and partition folders come back as they were, and no value leaves its folder.
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

// What Spark does with a folder name (ExternalCatalogUtils.unescapePathName).
std::string hive_decoded(const std::string& text) {
  std::string decoded;
  for (std::size_t index = 0; index < text.size(); ++index) {
    if (text[index] == '%' && index + 2 < text.size()) {
      decoded += static_cast<char>(std::stoi(text.substr(index + 1, 2), nullptr, 16));
      index += 2;
    } else {
      decoded += text[index];
    }
  }
  return decoded;
}

TEST(PathEncodingTest, partition_folders_are_sparks) {
  EXPECT_EQ(partition_folder("p_day", "2022-11-01"), "p_day=2022-11-01");
  EXPECT_EQ(partition_folder("region", "a/b"), "region=a%2Fb");
  EXPECT_EQ(partition_folder("region", "50%"), "region=50%25");
  EXPECT_EQ(partition_folder("region", ".."), "region=..");
  EXPECT_EQ(partition_folder("region", "S\xc3\xa3o Paulo"), "region=S\xc3\xa3o Paulo");
  EXPECT_EQ(partition_folder("a b=c", "x"), "a b%3Dc=x");
  EXPECT_EQ(partition_folder("region", std::nullopt), "region=__HIVE_DEFAULT_PARTITION__");
  EXPECT_EQ(partition_folder("region", ""), "region=__HIVE_DEFAULT_PARTITION__");
}

TEST(PathEncodingTest, decoding_a_folder_gives_the_value_and_no_value_leaves_its_folder) {
  EXPECT_TRUE(rc::check([] {
    const auto value = *awkward_text();
    RC_PRE(!value.empty());
    const auto folder = partition_folder("region", value);
    RC_ASSERT(folder.starts_with("region="));
    RC_ASSERT(folder.find('/') == std::string::npos);
    RC_ASSERT(folder.find('\0') == std::string::npos);
    RC_ASSERT(hive_decoded(folder.substr(7)) == value);
  }));
}

TEST(PathEncodingTest, a_text_named_like_null_stays_a_text) {
  const auto folder = partition_folder("region", "__HIVE_DEFAULT_PARTITION__");
  EXPECT_NE(folder, partition_folder("region", std::nullopt));
  EXPECT_EQ(hive_decoded(folder), "region=__HIVE_DEFAULT_PARTITION__");
}

TEST(PathEncodingTest, log_paths_are_percent_encoded) {
  EXPECT_EQ(encode_log_path("region=a%2Fb/part-1.parquet"), "region=a%252Fb/part-1.parquet");
  EXPECT_EQ(encode_log_path("region=a b\xc3\xa9/x"), "region=a%20b%C3%A9/x");
  EXPECT_EQ(decode_log_path("region=a%252Fb/x").value(), "region=a%2Fb/x");
}

TEST(PathEncodingTest, log_paths_come_back) {
  EXPECT_TRUE(rc::check([] {
    const auto value = *awkward_text();
    const auto path = partition_folder("region", value) + "/part-0.parquet";
    const auto encoded = encode_log_path(path);
    const auto decoded = decode_log_path(encoded);
    RC_ASSERT(decoded.ok());
    RC_ASSERT(decoded.value() == path);
  }));
}

TEST(PathEncodingTest, paths_outside_the_table_are_refused) {
  for (const auto* bad : {"/etc/x", "s3://bucket/x", "file:/x", "../x", "a/../../x", "a//x",
                          "a/./x", "%2E%2E/x", "%2Fx", "a%", "a%2", "a%zz", "", "a%00b"}) {
    const auto decoded = decode_log_path(bad);
    ASSERT_FALSE(decoded.ok()) << bad;
    EXPECT_EQ(decoded.error().kind(), base::ErrorKind::kPermanent);
  }
}

}  // namespace
}  // namespace ashore::delta
