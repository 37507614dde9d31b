// Decoding and encoding a transaction are inverses, and the ids do not depend on which came first.

#include <cstdlib>

#include "spoor/bitcoin/transaction.h"

using namespace spoor;           // NOLINT
using namespace spoor::bitcoin;  // NOLINT

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  for (const NetworkId id : {NetworkId::kMain, NetworkId::kLitecoin}) {
    const auto tx = DecodeTransaction(GetNetwork(id), ByteSpan(data, size));
    if (!tx.ok()) continue;
    if (ByteSpan(EncodeTransaction(*tx)) != ByteSpan(data, size)) std::abort();
    Transaction computed = *tx;
    ComputeIds(&computed);
    if (computed.txid != tx->txid || computed.wtxid != tx->wtxid) std::abort();
    for (const TxIn& input : tx->inputs) {
      if (tx->HasWitness() && WitnessItems(input.witness).size() > size) std::abort();
    }
  }
  return 0;
}
