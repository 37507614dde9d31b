#ifndef SPOOR_TESTS_BITCOIN_VECTORS_H_
#define SPOOR_TESTS_BITCOIN_VECTORS_H_

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "spoor/base/bytes.h"

namespace spoor::bitcoin {

inline Bytes Hex(absl::string_view hex) { return FromHex(hex).value(); }

// Bitcoin's first block: header, and its one transaction.
constexpr absl::string_view kGenesisHeader =
    "0100000000000000000000000000000000000000000000000000000000000000000000003ba3edfd7a7b12b27ac72c"
    "3e"
    "67768f617fc81bc3888a51323a9fb8aa4b1e5e4a29ab5f49ffff001d1dac2b7c";
constexpr absl::string_view kGenesisCoinbase =
    "01000000010000000000000000000000000000000000000000000000000000000000000000ffffffff4d04ffff001d"
    "01"
    "04455468652054696d65732030332f4a616e2f32303039204368616e63656c6c6f72206f6e206272696e6b206f6620"
    "73"
    "65636f6e64206261696c6f757420666f722062616e6b73ffffffff0100f2052a01000000434104678afdb0fe554827"
    "19"
    "67f1a67130b7105cd6a828e03909a67962e0ea1f61deb649f6bc3f4cef38c4f35504e51ec112de5c384df7ba0b8d57"
    "8a"
    "4c702b6bf11d5fac00000000";
inline Bytes GenesisBlock() { return Hex(absl::StrCat(kGenesisHeader, "01", kGenesisCoinbase)); }

// The signed transaction of BIP 143's "native P2WPKH" example: a P2PK input with an empty witness
// stack, then a P2WPKH one.
constexpr absl::string_view kBip143Transaction =
    "01000000000102fff7f7881a8099afa6940d42d1e7f6362bec38171ea3edf433541db4e4ad969f0000000049483045"
    "02"
    "21008b9d1dc26ba6a9cb62127b02742fa9d754cd3bebf337f7a55d114c8e5cdd30be022040529b194ba3f9281a99f2"
    "b1"
    "c0a19c0489bc22ede944ccf4ecbab4cc618ef3ed01eeffffffef51e1b804cc89d182d279655c3aa89e815b1b309fe2"
    "87"
    "d9b2b55d57b90ec68a0100000000ffffffff02202cb206000000001976a9148280b37df378db99f66f85c95a783a76"
    "ac"
    "7a6d5988ac9093510d000000001976a9143bde42dbee7e4dbe6a21b2d50ce2f0167faa815988ac0002473044022036"
    "09"
    "e17b84f6a7d30c80bfa610b5b4542f32a8a0d5447a12fb1366d7f01cc44a0220573a954c4518331561406f90300e8f"
    "33"
    "58f51928d43c212a8caed02de67eebee0121025476c2e83188368da1ff3e292e7acafcdb3566bb0ad253f62fc70f07"
    "ae"
    "ee635711000000";

}  // namespace spoor::bitcoin

#endif  // SPOOR_TESTS_BITCOIN_VECTORS_H_
