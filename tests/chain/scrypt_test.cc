#include "spoor/chain/scrypt.h"

#include <algorithm>
#include <string>

#include "gtest/gtest.h"

namespace spoor {
namespace {

// As Litecoin Core prints a proof of work: the last byte first.
std::string Reversed(Digest256 digest) {
  std::reverse(digest.begin(), digest.end());
  return ToHex(digest);
}

TEST(ScryptPow, MatchesLitecoinCore) {
  struct Case {
    const char* name;
    const char* header;
    const char* hash;
  };
  for (const Case& c : {
           Case{"genesis",
                "010000000000000000000000000000000000000000000000000000000000000000000000d9ced4ed11"
                "30f7b7faad9be25323ffafa33232a17c3edf6cfd97bee6bafbdd97b9aa8e4ef0ff0f1ecd513f7c",
                "0000050c34a64b415b6b15b37f2216634b5b1669cb9a2e38d76f7213b0671e00"},
           Case{"of scrypt_tests.cpp",
                "020000004c1271c211717198227392b029a64a7971931d351b387bb80db027f270411e398a07046f7d"
                "4a08dd815412a8712f874a7ebf0507e3878bd24e20a3b73fd750a667d2f451eac7471b00de6659",
                "00000000002bef4107f882f6115e0b01f348d21195dacd3582aa2dabd7985806"},
       }) {
    SCOPED_TRACE(c.name);
    EXPECT_EQ(Reversed(ScryptPow(FromHex(c.header).value())), c.hash);
  }
}

}  // namespace
}  // namespace spoor
