#include "lib/simulate/sighash.h"

#include "spoor/base/bytes.h"
#include "spoor/base/status_macros.h"

namespace spoor::simulate {
namespace {

constexpr uint32_t kSighashAll = 1;

void AppendOutPoint(const bitcoin::OutPoint& outpoint, Bytes* out) {
  AppendBytes(outpoint.txid.span(), out);
  AppendLe32(outpoint.index, out);
}

void AppendSized(ByteSpan bytes, Bytes* out) {
  AppendCompactSize(bytes.size(), out);
  AppendBytes(bytes, out);
}

void AppendOutput(const bitcoin::TxOut& output, Bytes* out) {
  AppendLe64(output.value.sat(), out);
  AppendSized(output.script_pubkey, out);
}

}  // namespace

SighashMaker::SighashMaker(const bitcoin::Transaction& tx, absl::Span<const bitcoin::TxOut> spent)
    : tx_(tx), spent_(spent) {
  SPOOR_CHECK(spent.size() == tx.inputs.size());
}

Digest256 SighashMaker::Legacy(size_t input, ByteSpan script_code) const {
  Bytes bytes;
  AppendLe32(static_cast<uint32_t>(tx_.version), &bytes);
  AppendCompactSize(tx_.inputs.size(), &bytes);
  for (size_t i = 0; i < tx_.inputs.size(); ++i) {
    AppendOutPoint(tx_.inputs[i].prevout, &bytes);
    AppendSized(i == input ? script_code : ByteSpan(), &bytes);
    AppendLe32(tx_.inputs[i].sequence, &bytes);
  }
  AppendCompactSize(tx_.outputs.size(), &bytes);
  for (const bitcoin::TxOut& output : tx_.outputs) AppendOutput(output, &bytes);
  AppendLe32(tx_.lock_time, &bytes);
  AppendLe32(kSighashAll, &bytes);
  return Sha256d(bytes);
}

const SighashMaker::Shared& SighashMaker::GetShared() {
  if (shared_) return *shared_;
  Bytes prevouts, sequences, outputs, amounts, scripts;
  for (size_t i = 0; i < tx_.inputs.size(); ++i) {
    AppendOutPoint(tx_.inputs[i].prevout, &prevouts);
    AppendLe32(tx_.inputs[i].sequence, &sequences);
    AppendLe64(spent_[i].value.sat(), &amounts);
    AppendSized(spent_[i].script_pubkey, &scripts);
  }
  for (const bitcoin::TxOut& output : tx_.outputs) AppendOutput(output, &outputs);
  shared_ = Shared{Sha256(prevouts), Sha256(sequences), Sha256(outputs), Sha256(amounts),
                   Sha256(scripts)};
  return *shared_;
}

Digest256 SighashMaker::WitnessV0(size_t input, ByteSpan script_code) {
  const Shared& shared = GetShared();
  Bytes bytes;
  AppendLe32(static_cast<uint32_t>(tx_.version), &bytes);
  AppendBytes(Sha256(shared.prevouts), &bytes);
  AppendBytes(Sha256(shared.sequences), &bytes);
  AppendOutPoint(tx_.inputs[input].prevout, &bytes);
  AppendSized(script_code, &bytes);
  AppendLe64(spent_[input].value.sat(), &bytes);
  AppendLe32(tx_.inputs[input].sequence, &bytes);
  AppendBytes(Sha256(shared.outputs), &bytes);
  AppendLe32(tx_.lock_time, &bytes);
  AppendLe32(kSighashAll, &bytes);
  return Sha256d(bytes);
}

Digest256 SighashMaker::Taproot(size_t input) {
  const Shared& shared = GetShared();
  Bytes bytes;
  bytes.push_back(0);  // epoch
  bytes.push_back(0);  // SIGHASH_DEFAULT
  AppendLe32(static_cast<uint32_t>(tx_.version), &bytes);
  AppendLe32(tx_.lock_time, &bytes);
  AppendBytes(shared.prevouts, &bytes);
  AppendBytes(shared.amounts, &bytes);
  AppendBytes(shared.scripts, &bytes);
  AppendBytes(shared.sequences, &bytes);
  AppendBytes(shared.outputs, &bytes);
  bytes.push_back(0);  // spend type: key path, no annex
  AppendLe32(static_cast<uint32_t>(input), &bytes);
  return TaggedHash("TapSighash", {bytes});
}

}  // namespace spoor::simulate
