// Shows what of a url people may see.
#include "io/shown_url.h"

#include <gtest/gtest.h>

namespace ashore::io {
namespace {

TEST(ShownUrlTest, UserInformationIsHidden) {
  EXPECT_EQ(without_keys("http://user:PASS@host/a"), "http://***@host/a");
  EXPECT_EQ(without_keys("at https://TOKEN@host:8443, and http://h/@me"),
            "at https://***@host:8443, and http://h/@me");
  EXPECT_EQ(without_keys("postgresql://u:p@ss@db:5432/x?a=1"), "postgresql://***@db:5432/x?a=1");
  EXPECT_EQ(without_keys("postgresql://u:p/s@db/x"), "postgresql://***@db/x");
  EXPECT_EQ(without_keys("http://user:pa/ss@host/a"), "http://***@host/a");
  EXPECT_EQ(without_keys("http://host:80/a@b"), "http://host:80/a@b");
}

TEST(ShownUrlTest, ParametersThatCarryKeysAreHiddenInWholeAndRelativeUrls) {
  EXPECT_EQ(without_keys("https://h/o?page=2&api_key=abc&from=2022-01-01"),
            "https://h/o?page=2&api_key=***&from=2022-01-01");
  EXPECT_EQ(without_keys("</o?apiKey=abc>; rel=\"next\""), "</o?apiKey=***>; rel=\"next\"");
  EXPECT_EQ(without_keys("?X-Amz-Signature=abc#x"), "?X-Amz-Signature=***#x");
  EXPECT_EQ(without_keys("?access_token="), "?access_token=");
}

TEST(ShownUrlTest, OtherParametersStayReadable) {
  for (const char* text : {"https://h/o?page=2&limit=100", "?keyword=moon", "?cursor=abc&sort=id",
                           "a = b & c=d", "?monkey=1", "no url at all: x@y", "?keys=1,2"}) {
    EXPECT_EQ(without_keys(text), text);
  }
}

}  // namespace
}  // namespace ashore::io
