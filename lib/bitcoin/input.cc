#include "spoor/bitcoin/input.h"

#include <algorithm>
#include <utility>

#include "absl/functional/function_ref.h"
#include "lib/bitcoin/cursor.h"
#include "spoor/chain/digest.h"
#include "spoor/chain/revealed.h"

namespace spoor::bitcoin {
namespace {

constexpr uint8_t kOpPushData1 = 0x4c;
constexpr uint8_t kOpPushData2 = 0x4d;
constexpr uint8_t kOp1Negate = 0x4f;
constexpr uint8_t kOp1 = 0x51;
constexpr uint8_t kOp16 = 0x60;
constexpr uint8_t kOpDup = 0x76;
constexpr uint8_t kOpEqual = 0x87;
constexpr uint8_t kOpEqualVerify = 0x88;
constexpr uint8_t kOpHash160 = 0xa9;
constexpr uint8_t kOpCheckSig = 0xac;

constexpr size_t kKeyProgram = 2 + 20;     // the script of P2WPKH
constexpr size_t kScriptProgram = 2 + 32;  // that of P2WSH
constexpr uint32_t kHeightsEnd = 500'000'000;
constexpr uint32_t kRecentHeights = 100;
constexpr uint32_t kNoRelativeLock = 0x80000000;

// Takes a push of data of at most 65,535 bytes, or of a small number, which then is empty, from the
// front of `*script`.
std::optional<ByteSpan> TakePush(ByteSpan* script) {
  const uint8_t op = script->front();
  script->remove_prefix(1);
  size_t size = op;
  if (op == kOp1Negate || (op >= kOp1 && op <= kOp16)) return ByteSpan();
  if (op == kOpPushData1 || op == kOpPushData2) {
    const size_t bytes = op == kOpPushData1 ? 1 : 2;
    if (script->size() < bytes) return std::nullopt;
    size = (*script)[0] | (bytes == 2 ? size_t{(*script)[1]} << 8 : 0);
    script->remove_prefix(bytes);
  } else if (op > kOpPushData1) {
    return std::nullopt;
  }
  if (script->size() < size) return std::nullopt;
  const ByteSpan data = script->subspan(0, size);
  script->remove_prefix(size);
  return data;
}

// Visits the pushes of a script that has nothing else; false if it has.
bool VisitPushes(ByteSpan script, absl::FunctionRef<void(ByteSpan)> visit) {
  while (!script.empty()) {
    const std::optional<ByteSpan> push = TakePush(&script);
    if (!push.has_value()) return false;
    visit(*push);
  }
  return true;
}

void VisitWitness(ByteSpan witness, absl::FunctionRef<void(ByteSpan)> visit) {
  if (witness.empty()) return;
  Cursor in(witness);
  for (size_t left = in.Count(/*least_size=*/1); left > 0; --left) visit(in.SizedBytes());
}

class Pieces {
 public:
  void operator()(ByteSpan piece) {
    last_ = piece;
    ++count_;
  }
  ByteSpan last() const { return last_; }
  size_t count() const { return count_; }

 private:
  ByteSpan last_;
  size_t count_ = 0;
};

void SetScript(std::initializer_list<uint8_t> before, ByteSpan hash,
               std::initializer_list<uint8_t> after, Revealed* revealed) {
  uint8_t* out = std::copy(before.begin(), before.end(), revealed->script.data());
  out = std::copy(hash.begin(), hash.end(), out);
  out = std::copy(after.begin(), after.end(), out);
  revealed->script_size = static_cast<size_t>(out - revealed->script.data());
}

// The forms that an input may have, by the script that it then spends from.
enum class Form : uint8_t { kP2pkh, kP2sh, kP2wpkh, kP2wsh };

struct InputForm {
  Form form = Form::kP2pkh;
  ByteSpan bytes;    // what was hashed
  ByteSpan program;  // of witness version 0, if that was hashed once more, for P2SH
};

// Of the program of witness version 0 with these items.
std::optional<InputForm> FormOfWitness(const Pieces& items) {
  if (items.count() == 2 && IsKeySized(items.last())) {
    return InputForm{Form::kP2wpkh, items.last(), {}};
  }
  if (ParseMultisig(items.last()).has_value()) return InputForm{Form::kP2wsh, items.last(), {}};
  return std::nullopt;
}

std::optional<InputForm> FormOf(const TxIn& input) {
  Pieces items;
  VisitWitness(input.witness, [&](ByteSpan item) { items(item); });
  if (input.script_sig.empty()) {
    return items.count() == 0 ? std::nullopt : FormOfWitness(items);
  }
  Pieces pushes;
  if (!VisitPushes(input.script_sig, [&](ByteSpan push) { pushes(push); })) return std::nullopt;
  const ByteSpan last = pushes.last();
  if (items.count() == 0) {
    if (IsKeySized(last)) return InputForm{Form::kP2pkh, last, {}};
    if (ParseMultisig(last).has_value()) return InputForm{Form::kP2sh, last, {}};
    return std::nullopt;
  }
  // P2SH that holds a program of witness version 0 is spent by a push of it and nothing else.
  if (pushes.count() != 1 || (last.size() != kKeyProgram && last.size() != kScriptProgram)) {
    return std::nullopt;
  }
  std::optional<InputForm> form = FormOfWitness(items);
  if (form.has_value()) form->program = last;
  return form;
}

void SetP2sh(const Digest256& sha256, Revealed* revealed) {
  SetScript({kOpHash160, 20}, Ripemd160(sha256), {kOpEqual}, revealed);
}

// What an input of that form reveals; nullopt if its program is that of something else. The digests
// are of the form's bytes and of its program.
std::optional<Revealed> RevealedBy(const InputForm& form, const Digest256& of_bytes,
                                   const Digest256& of_program) {
  Revealed revealed;
  revealed.bytes = form.bytes;
  switch (form.form) {
    case Form::kP2pkh:
      SetScript({kOpDup, kOpHash160, 20}, Ripemd160(of_bytes), {kOpEqualVerify, kOpCheckSig},
                &revealed);
      break;
    case Form::kP2sh:
      SetP2sh(of_bytes, &revealed);
      break;
    case Form::kP2wpkh:
      SetScript({0, 20}, Ripemd160(of_bytes), {}, &revealed);
      break;
    case Form::kP2wsh:
      SetScript({0, 32}, of_bytes, {}, &revealed);
      break;
  }
  if (form.program.empty()) return revealed;
  if (revealed.script_pubkey() != form.program) return std::nullopt;
  SetP2sh(of_program, &revealed);
  return revealed;
}

// Strict DER (BIP 66) as far as needed to find R, and a byte that says what is signed.
bool IsEcdsaSignature(ByteSpan s) {
  if (s.size() < 9 || s.size() > 73 || s[0] != 0x30 || size_t{s[1]} + 3 != s.size()) return false;
  const size_t r = s[3];
  if (s[2] != 2 || r == 0 || r + 7 > s.size() || s[4 + r] != 2) return false;
  return size_t{s[5 + r]} + r + 7 == s.size();
}

Fingerprint::Sequence SequenceOf(uint32_t sequence, int32_t version) {
  switch (sequence) {
    case 0xffffffff:
      return Fingerprint::kFinal;
    case 0xfffffffe:
      return Fingerprint::kNotFinal;
    case 0xfffffffd:
      return Fingerprint::kReplaceable;
    default:
      // Versions count as unsigned (BIP 68).
      return static_cast<uint32_t>(version) >= 2 && (sequence & kNoRelativeLock) == 0
                 ? Fingerprint::kRelative
                 : Fingerprint::kOtherSequence;
  }
}

}  // namespace

std::optional<Revealed> RevealedBy(const TxIn& input) {
  const std::optional<InputForm> form = FormOf(input);
  if (!form.has_value()) return std::nullopt;
  return RevealedBy(*form, Sha256(form->bytes), Sha256(form->program));
}

void RevealedByInputs(const Block& block, std::vector<std::optional<Revealed>>* revealed) {
  revealed->clear();
  std::vector<std::pair<size_t, InputForm>> forms;  // of the inputs that have one
  std::vector<ByteSpan> messages;  // the bytes of each and, if it has one, its program
  for (size_t t = 1; t < block.transactions.size(); ++t) {
    for (const TxIn& input : block.transactions[t].inputs) {
      const size_t i = revealed->size();
      revealed->emplace_back();
      const std::optional<InputForm> form = FormOf(input);
      if (!form.has_value()) continue;
      forms.emplace_back(i, *form);
      messages.push_back(form->bytes);
      if (!form->program.empty()) messages.push_back(form->program);
    }
  }
  std::vector<Digest256> digests(messages.size());
  Sha256OfEach(messages, absl::MakeSpan(digests));
  auto next = digests.begin();
  for (const auto& [i, form] : forms) {
    const Digest256& of_bytes = *next++;
    (*revealed)[i] = RevealedBy(form, of_bytes, form.program.empty() ? Digest256() : *next++);
  }
}

Fingerprint FingerprintOf(const Transaction& tx) {
  Fingerprint f;
  if (tx.IsCoinbase()) return f;
  f.version = tx.version == 1   ? Fingerprint::Version::kOne
              : tx.version == 2 ? Fingerprint::Version::kTwo
              : tx.version == 3 ? Fingerprint::Version::kThree
                                : Fingerprint::Version::kOther;
  for (const TxIn& input : tx.inputs) {
    f.sequences |= SequenceOf(input.sequence, tx.version);
    const auto look = [&f](ByteSpan piece) {
      if (!IsEcdsaSignature(piece)) return;
      f.ecdsa = true;
      f.high_r |= piece[3] > 32;
    };
    VisitPushes(input.script_sig, look);
    VisitWitness(input.witness, look);
  }
  return f;
}

Fingerprint::LockTime LockTimeOf(const Transaction& tx, uint32_t height) {
  if (tx.lock_time == 0 || tx.IsCoinbase()) return Fingerprint::LockTime::kNone;
  if (tx.lock_time >= kHeightsEnd) return Fingerprint::LockTime::kTime;
  return tx.lock_time < height && height - tx.lock_time <= kRecentHeights
             ? Fingerprint::LockTime::kRecent
             : Fingerprint::LockTime::kHeight;
}

}  // namespace spoor::bitcoin
