#include "spoor/bitcoin/transaction.h"

#include "absl/strings/str_cat.h"
#include "lib/bitcoin/cursor.h"
#include "lib/bitcoin/decode.h"
#include "lib/bitcoin/transaction_ids.h"
#include "spoor/base/status_macros.h"

namespace spoor::bitcoin {
namespace {

// A witness stack of no items, serialised.
constexpr uint8_t kEmptyStack[] = {0};

void DecodeInputs(Cursor* in, std::vector<TxIn>* inputs) {
  inputs->resize(in->Count(kMinTxInSize));
  for (TxIn& input : *inputs) {
    const ByteSpan txid = in->Take(Txid::kSize, {});
    if (!in->ok()) return;
    input.prevout.txid = Txid::FromBytes(txid);
    input.prevout.index = in->Le32();
    input.script_sig = in->SizedBytes();
    input.sequence = in->Le32();
    input.witness = ByteSpan();
  }
}

void DecodeOutputs(const Network& network, Cursor* in, std::vector<TxOut>* outputs) {
  const size_t begin = in->offset();
  outputs->resize(in->Count(kMinTxOutSize));
  uint64_t sum = 0;
  for (TxOut& output : *outputs) {
    const size_t at = in->offset();
    const uint64_t sat = in->Le64();
    if (sat > network.max_money) {
      in->Fail(at, absl::StrCat("an output of ", sat, " units, at most ", network.max_money,
                                " can exist"));
    }
    if (!in->ok()) return;
    output.value = *Amount::FromSat(sat);
    output.script_pubkey = in->SizedBytes();
    sum += sat;
    // Checked at each, so that the sum of many cannot wrap around.
    if (sum > network.max_money) {
      return in->Fail(begin, absl::StrCat("outputs of more than ", network.max_money,
                                          " units, which is all that can exist"));
    }
  }
}

void DecodeWitnesses(Cursor* in, std::vector<TxIn>* inputs) {
  const size_t first = in->offset();
  bool any = false;
  for (TxIn& input : *inputs) {
    const size_t begin = in->offset();
    const size_t items = in->Count(/*least_size=*/1);
    for (size_t i = 0; i < items && in->ok(); ++i) in->SizedBytes();
    if (!in->ok()) return;
    input.witness = in->Since(begin);
    any |= items > 0;
  }
  if (!any) in->Fail(first, "the witness flag is set and there is no witness");
}

void AppendInputs(const Transaction& tx, Bytes* out) {
  AppendCompactSize(tx.inputs.size(), out);
  for (const TxIn& input : tx.inputs) {
    AppendBytes(input.prevout.txid.span(), out);
    AppendLe32(input.prevout.index, out);
    AppendCompactSize(input.script_sig.size(), out);
    AppendBytes(input.script_sig, out);
    AppendLe32(input.sequence, out);
  }
}

void AppendOutputs(const Transaction& tx, Bytes* out) {
  AppendCompactSize(tx.outputs.size(), out);
  for (const TxOut& output : tx.outputs) {
    AppendLe64(output.value.sat(), out);
    AppendCompactSize(output.script_pubkey.size(), out);
    AppendBytes(output.script_pubkey, out);
  }
}

void Append(const Transaction& tx, uint8_t flags, Bytes* out) {
  AppendLe32(static_cast<uint32_t>(tx.version), out);
  if (flags != 0) {
    out->push_back(0);
    out->push_back(flags);
  }
  AppendInputs(tx, out);
  AppendOutputs(tx, out);
  if ((flags & kFlagWitness) != 0) {
    for (const TxIn& input : tx.inputs) {
      AppendBytes(input.witness.empty() ? ByteSpan(kEmptyStack) : input.witness, out);
    }
  }
  if ((flags & kFlagMweb) != 0) out->push_back(0);
  AppendLe32(tx.lock_time, out);
}

}  // namespace

bool Transaction::HasWitness() const {
  for (const TxIn& input : inputs) {
    // The shortest stack that is not empty is a count and an item of no bytes.
    if (input.witness.size() > sizeof kEmptyStack) return true;
  }
  return false;
}

void DecodeTransaction(const Network& network, Cursor* in, Transaction* tx,
                       TransactionBytes* bytes) {
  const size_t begin = in->offset();
  tx->version = static_cast<int32_t>(in->Le32());
  const size_t after_version = in->offset();
  uint8_t flags = 0;
  size_t body = after_version;
  DecodeInputs(in, &tx->inputs);
  if (tx->inputs.empty() && in->ok()) {
    // No inputs is how BIP 144 marks the extended form.
    flags = in->U8();
    const uint8_t known = network.mweb ? kFlagWitness | kFlagMweb : kFlagWitness;
    if ((flags & ~known) != 0) {
      return in->Fail(after_version + 1, absl::StrCat("unknown transaction flag ", flags));
    }
    body = in->offset();
    if (flags != 0) DecodeInputs(in, &tx->inputs);
    if (tx->inputs.empty()) return in->Fail(after_version, "a transaction without inputs");
  }
  const size_t outputs_at = in->offset();
  DecodeOutputs(network, in, &tx->outputs);
  if (tx->outputs.empty()) return in->Fail(outputs_at, "a transaction without outputs");
  bytes->flags = flags;
  bytes->inputs_and_outputs = in->Since(body);
  const size_t before_witnesses = in->offset();
  if ((flags & kFlagWitness) != 0) DecodeWitnesses(in, &tx->inputs);
  bytes->witnesses = in->Since(before_witnesses);
  const size_t after_witnesses = in->offset();
  tx->hogex = (flags & kFlagMweb) != 0;
  if (tx->hogex && in->U8() != 0) {
    return in->Fail(after_witnesses, "a MimbleWimble transaction outside of an extension block");
  }
  tx->lock_time = in->Le32();
  bytes->whole = in->Since(begin);
}

namespace {

// One transaction, and its ids.
Transaction DecodeAlone(const Network& network, Cursor* in) {
  Transaction tx;
  TransactionBytes bytes;
  DecodeTransaction(network, in, &tx, &bytes);
  if (!in->ok()) return tx;
  TransactionIds ids(bytes.whole.size());
  ids.Add(bytes, &tx);
  ids.Set();
  return tx;
}

}  // namespace

absl::StatusOr<Transaction> DecodeTransaction(const Network& network, ByteReader* in) {
  const size_t base = in->offset();
  ByteReader rest = *in;
  SPOOR_ASSIGN_OR_RETURN(const ByteSpan bytes, rest.ReadBytes(rest.remaining()));
  Cursor cursor(bytes, base);
  Transaction tx = DecodeAlone(network, &cursor);
  SPOOR_RETURN_IF_ERROR(cursor.status());
  SPOOR_RETURN_IF_ERROR(in->ReadBytes(cursor.offset()).status());
  return tx;
}

absl::StatusOr<Transaction> DecodeTransaction(const Network& network, ByteSpan bytes) {
  Cursor cursor(bytes);
  Transaction tx = DecodeAlone(network, &cursor);
  if (cursor.remaining() != 0) {
    cursor.Fail(absl::StrCat(cursor.remaining(), " bytes left over after the transaction"));
  }
  SPOOR_RETURN_IF_ERROR(cursor.status());
  return tx;
}

void EncodeTransaction(const Transaction& tx, Bytes* out) {
  const int flags = (tx.HasWitness() ? kFlagWitness : 0) | (tx.hogex ? kFlagMweb : 0);
  Append(tx, static_cast<uint8_t>(flags), out);
}

Bytes EncodeTransaction(const Transaction& tx) {
  Bytes out;
  EncodeTransaction(tx, &out);
  return out;
}

void ComputeIds(Transaction* tx) {
  Bytes bytes;
  Append(*tx, /*flags=*/0, &bytes);
  tx->wtxid = Sha256d(bytes);
  tx->txid = Txid::FromBytes(tx->wtxid);
  if (!tx->HasWitness()) return;
  bytes.clear();
  Append(*tx, kFlagWitness, &bytes);
  tx->wtxid = Sha256d(bytes);
}

std::vector<ByteSpan> WitnessItems(ByteSpan witness) {
  std::vector<ByteSpan> items;
  if (witness.empty()) return items;
  Cursor in(witness);
  items.resize(in.Count(/*least_size=*/1));
  for (ByteSpan& item : items) item = in.SizedBytes();
  SPOOR_CHECK(in.ok() && in.remaining() == 0);
  return items;
}

}  // namespace spoor::bitcoin
