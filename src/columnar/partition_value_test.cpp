// Partition folders are Spark's, and no value leaves its folder.
#include "columnar/partition_value.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

namespace ashore::columnar {
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

TEST(PartitionValueTest, PartitionFoldersAreSparks) {
  EXPECT_EQ(partition_folder("p_day", "2022-11-01"), "p_day=2022-11-01");
  EXPECT_EQ(partition_folder("region", "a/b"), "region=a%2Fb");
  EXPECT_EQ(partition_folder("region", "50%"), "region=50%25");
  EXPECT_EQ(partition_folder("region", ".."), "region=..");
  EXPECT_EQ(partition_folder("region", "S\xc3\xa3o Paulo"), "region=S\xc3\xa3o Paulo");
  EXPECT_EQ(partition_folder("a b=c", "x"), "a b%3Dc=x");
  EXPECT_EQ(partition_folder("region", std::nullopt), "region=__HIVE_DEFAULT_PARTITION__");
  EXPECT_EQ(partition_folder("region", ""), "region=__HIVE_DEFAULT_PARTITION__");
}

TEST(PartitionValueTest, DecodingAFolderGivesTheValueAndNoValueLeavesItsFolder) {
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

TEST(PartitionValueTest, ATextNamedLikeNullStaysAText) {
  const auto folder = partition_folder("region", "__HIVE_DEFAULT_PARTITION__");
  EXPECT_NE(folder, partition_folder("region", std::nullopt));
  EXPECT_EQ(hive_decoded(folder), "region=__HIVE_DEFAULT_PARTITION__");
}

}  // namespace
}  // namespace ashore::columnar
