#ifndef SPOOR_LIB_SIMULATE_SIGHASH_H_
#define SPOOR_LIB_SIMULATE_SIGHASH_H_

#include <cstddef>
#include <optional>

#include "absl/types/span.h"
#include "spoor/bitcoin/transaction.h"
#include "spoor/chain/digest.h"

namespace spoor::simulate {

// What signatures of one transaction commit to. All with SIGHASH_ALL (SIGHASH_DEFAULT for Taproot).
class SighashMaker {
 public:
  // Both must outlive this. `spent` are the outputs that the inputs spend, in their order.
  SighashMaker(const bitcoin::Transaction& tx, absl::Span<const bitcoin::TxOut> spent);

  // Before BIP 143; `script_code` is the spent script_pubkey.
  Digest256 Legacy(size_t input, ByteSpan script_code) const;
  // BIP 143, for witness version 0; `script_code` as it says, without its size.
  Digest256 WitnessV0(size_t input, ByteSpan script_code);
  // BIP 341, key path, no annex.
  Digest256 Taproot(size_t input);

 private:
  // SHA-256 of the parts that all inputs share.
  struct Shared {
    Digest256 prevouts, sequences, outputs, amounts, scripts;
  };
  const Shared& GetShared();

  const bitcoin::Transaction& tx_;
  absl::Span<const bitcoin::TxOut> spent_;
  std::optional<Shared> shared_;
};

}  // namespace spoor::simulate

#endif  // SPOOR_LIB_SIMULATE_SIGHASH_H_
