#include "lib/bitcoin/transaction_ids.h"

#include "absl/types/span.h"
#include "spoor/base/status_macros.h"
#include "spoor/chain/digest.h"

namespace spoor::bitcoin {

ByteSpan TransactionIds::Join(std::initializer_list<ByteSpan> pieces) {
  const size_t begin = copies_.size();
  for (const ByteSpan piece : pieces) {
    SPOOR_CHECK(piece.size() <= copies_.capacity() - copies_.size());
    AppendBytes(piece, &copies_);
  }
  return ByteSpan(copies_).subspan(begin);
}

void TransactionIds::Add(const TransactionBytes& bytes, Transaction* tx) {
  constexpr size_t kVersionSize = 4;
  constexpr size_t kLockTimeSize = 4;
  const ByteSpan version = bytes.whole.first(kVersionSize);
  const ByteSpan lock_time = bytes.whole.last(kLockTimeSize);
  const bool has_witness = (bytes.flags & kFlagWitness) != 0;
  transactions_.push_back(tx);
  has_other_wtxid_.push_back(has_witness);
  messages_.push_back(bytes.flags == 0 ? bytes.whole
                                       : Join({version, bytes.inputs_and_outputs, lock_time}));
  if (!has_witness) return;
  if (bytes.flags == kFlagWitness) {
    messages_.push_back(bytes.whole);
    return;
  }
  // A wtxid covers no MimbleWimble part, nor the flag of one.
  const uint8_t marker_and_flag[] = {0, kFlagWitness};
  messages_.push_back(
      Join({version, marker_and_flag, bytes.inputs_and_outputs, bytes.witnesses, lock_time}));
}

void TransactionIds::Set() {
  std::vector<Digest256> digests(messages_.size());
  Sha256dOfEach(messages_, absl::MakeSpan(digests));
  auto next = digests.begin();
  for (size_t i = 0; i < transactions_.size(); ++i) {
    Transaction& tx = *transactions_[i];
    const Digest256& txid = *next++;
    tx.txid = Txid::FromBytes(txid);
    tx.wtxid = has_other_wtxid_[i] ? *next++ : txid;
  }
}

}  // namespace spoor::bitcoin
