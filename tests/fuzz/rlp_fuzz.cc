// Whatever the bytes, reading them as a transaction or as blocks ends; a transaction that is taken
// has the hash of its bytes, and a block's transactions are numbered as they stand.

#include <cstdint>
#include <cstdlib>

#include "spoor/base/bytes.h"
#include "spoor/chain/digest.h"
#include "spoor/ethereum/raw_block.h"

namespace {

void Require(bool law) {
  if (!law) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const spoor::ByteSpan bytes(data, size);
  if (const auto tx = spoor::ethereum::DecodeTransaction(bytes); tx.ok()) {
    Require(tx->tx.hash == spoor::Txid::FromBytes(spoor::Keccak256(bytes)));
  }
  spoor::ethereum::RlpReader in(bytes);
  while (!in.empty()) {
    const size_t before = in.offset();
    const auto block = spoor::ethereum::DecodeBlock(&in);
    if (!block.ok()) break;
    Require(in.offset() > before);
    for (size_t i = 0; i < block->transactions.size(); ++i) {
      Require(block->transactions[i].index == i);
    }
  }
  return 0;
}
