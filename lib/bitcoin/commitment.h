#ifndef SPOOR_LIB_BITCOIN_COMMITMENT_H_
#define SPOOR_LIB_BITCOIN_COMMITMENT_H_

#include <array>
#include <cstdint>

namespace spoor::bitcoin {

// How the script_pubkey of a witness commitment begins: OP_RETURN, a push of 36 bytes, and BIP
// 141's mark. 32 bytes of commitment follow; anything may come after them.
inline constexpr std::array<uint8_t, 6> kCommitmentMark = {0x6a, 0x24, 0xaa, 0x21, 0xa9, 0xed};

}  // namespace spoor::bitcoin

#endif  // SPOOR_LIB_BITCOIN_COMMITMENT_H_
