// Data folders: of this machine, on S3, and what is neither.
#include "cli/places.h"

#include <gtest/gtest.h>

#include <filesystem>

namespace ashore::cli {
namespace {

TEST(PlacesTest, ABucketAndAPrefix) {
  const auto place = s3_place_of("s3://my-bucket/a/b c=d/");
  ASSERT_TRUE(place.ok()) << place.error().message();
  EXPECT_EQ(place.value().bucket, "my-bucket");
  EXPECT_EQ(place.value().prefix, "a/b c=d");
  EXPECT_EQ(s3_place_of("s3://my.bucket").value().prefix, "");
  EXPECT_EQ(s3_place_of("s3://my.bucket/").value().prefix, "");
}

TEST(PlacesTest, WhatIsNoPlaceOnS3) {
  for (const auto* text :
       {"s3://", "s3:///a", "s3://Big", "s3://ab", "s3://a_b_c", "s3://bucket//a",
        "s3://bucket/a/../b", "s3://bucket/./a", "s3://user@bucket/a"}) {
    const auto status = check_data_dir(text);
    ASSERT_FALSE(status.ok()) << text;
    EXPECT_EQ(base::exit_code_of(status.error().kind()), 2);
    EXPECT_NE(status.error().remedy().find("s3://BUCKET"), std::string::npos);
  }
}

TEST(PlacesTest, OtherStoresAreNoFolders) {
  for (const auto* text : {"gs://bucket/a", "https://host/a", "S3://bucket"}) {
    EXPECT_FALSE(check_data_dir(text).ok()) << text;
  }
  for (const auto* text : {"resources", "/data/x", "./s3:/a", "s3:/bucket"}) {
    EXPECT_TRUE(check_data_dir(text).ok()) << text;
  }
}

TEST(PlacesTest, LocationsAreWholeAndEndInNoSlash) {
  EXPECT_EQ(data_location("s3://bucket/a/"), "s3://bucket/a");
  EXPECT_EQ(data_location("/data/x/../y/"), "/data/y");
  EXPECT_EQ(data_location("there"), (std::filesystem::current_path() / "there").string());
}

}  // namespace
}  // namespace ashore::cli
