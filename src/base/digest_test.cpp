// The published vectors of SHA-256.
#include "base/digest.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>

namespace ashore::base {
namespace {

TEST(DigestTest, GivesTheVectorsOfFips180) {
  EXPECT_EQ(to_hex(sha256("")), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(to_hex(sha256("abc")),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(to_hex(sha256(std::string(1'000'000, 'a'))),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(DigestTest, PiecesGiveTheDigestOfTheWhole) {
  Sha256Stream stream;
  for (const auto* piece : {"a", "", "bc"}) stream.update(piece);
  Sha256Stream moved = std::move(stream);
  EXPECT_EQ(std::move(moved).finish(), sha256("abc"));
}

TEST(DigestTest, HexIsLowerCaseTwoDigitsAByte) {
  const std::uint8_t bytes[] = {0x00, 0x0f, 0xab, 0xff};
  EXPECT_EQ(to_hex(bytes), "000fabff");
}

}  // namespace
}  // namespace ashore::base
