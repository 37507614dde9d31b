#include <algorithm>
#include <array>
#include <limits>

#include "absl/strings/str_cat.h"
#include "lib/bitcoin/cursor.h"
#include "spoor/base/status_macros.h"
#include "spoor/bitcoin/block_file.h"
#include "spoor/chain/key.h"

namespace spoor::bitcoin {
namespace {

// How Bitcoin Core writes the scripts of coins (compressor.h): a number, then for these the hash or
// the x coordinate of the key, and from kRawScript on the script itself, of number - kRawScript
// bytes.
constexpr uint64_t kP2pkh = 0;
constexpr uint64_t kP2sh = 1;
constexpr uint64_t kP2pkEven = 2;  // and 3: of a compressed key, whose prefix the number is
constexpr uint64_t kP2pkFull = 4;  // and 5: of an uncompressed key; its y is even, or odd
constexpr uint64_t kRawScript = 6;

constexpr uint8_t kOpDup = 0x76;
constexpr uint8_t kOpHash160 = 0xa9;
constexpr uint8_t kOpEqual = 0x87;
constexpr uint8_t kOpEqualVerify = 0x88;
constexpr uint8_t kOpCheckSig = 0xac;

// Least bytes of an output in a record: height, amount, and a script of a number alone.
constexpr size_t kMinCoinSize = 3;

// Bitcoin Core's VARINT: big-endian base 128, with one added at each step so that every number has
// one form only. Not CompactSize, and not our own varints.
uint64_t ReadCoreVarint(Cursor* in) {
  const size_t at = in->offset();
  uint64_t v = 0;
  while (true) {
    const uint8_t byte = in->U8();
    if (!in->ok()) return 0;
    if (v > (std::numeric_limits<uint64_t>::max() >> 7)) {
      in->Fail(at, "a number of more than 64 bits");
      return 0;
    }
    v = v << 7 | (byte & 0x7f);
    if ((byte & 0x80) == 0) return v;
    if (v == std::numeric_limits<uint64_t>::max()) {
      in->Fail(at, "a number of more than 64 bits");
      return 0;
    }
    ++v;
  }
}

void AppendCoreVarint(uint64_t v, Bytes* out) {
  std::array<uint8_t, 10> bytes;
  size_t n = 0;
  while (true) {
    bytes[n] = static_cast<uint8_t>((v & 0x7f) | (n > 0 ? 0x80 : 0));
    ++n;
    if (v <= 0x7f) break;
    v = (v >> 7) - 1;
  }
  for (; n > 0; --n) out->push_back(bytes[n - 1]);
}

// Amounts are written as mantissa and number of trailing zeros (compressor.cpp): 0 is 0; otherwise
// with e zeros, up to 9, and d the last digit before them, 1 + 10 * (9 * rest + d - 1) + e, or
// 1 + 10 * (rest - 1) + 9 for nine zeros and more.
uint64_t CompressAmount(uint64_t sat) {
  if (sat == 0) return 0;
  uint64_t zeros = 0;
  for (; sat % 10 == 0 && zeros < 9; ++zeros) sat /= 10;
  if (zeros == 9) return 1 + 10 * (sat - 1) + 9;
  return 1 + 10 * (9 * (sat / 10) + sat % 10 - 1) + zeros;
}

// max + 1 if it is more than `max`.
uint64_t DecompressAmount(uint64_t code, uint64_t max) {
  if (code == 0) return 0;
  --code;
  const uint64_t zeros = code % 10;
  code /= 10;
  uint64_t sat = zeros < 9 ? code / 9 * 10 + code % 9 + 1 : code + 1;
  for (uint64_t i = 0; i < zeros && sat <= max; ++i) sat *= 10;
  return std::min(sat, max + 1);
}

void ReadScript(Cursor* in, Bytes* arena) {
  const size_t at = in->offset();
  const uint64_t form = ReadCoreVarint(in);
  const auto append = [arena](std::initializer_list<uint8_t> head, ByteSpan body,
                              std::initializer_list<uint8_t> tail) {
    AppendBytes(head, arena);
    AppendBytes(body, arena);
    AppendBytes(tail, arena);
  };
  if (form >= kRawScript) {
    const uint64_t size = form - kRawScript;
    if (size > in->remaining()) {
      return in->Fail(at,
                      absl::StrCat("a script of ", size, " bytes, ", in->remaining(), " remain"));
    }
    return AppendBytes(in->Take(static_cast<size_t>(size), {}), arena);
  }
  const ByteSpan body = in->Take(form <= kP2sh ? 20 : 32, {});
  if (!in->ok()) return;
  if (form == kP2pkh) {
    append({kOpDup, kOpHash160, 20}, body, {kOpEqualVerify, kOpCheckSig});
  } else if (form == kP2sh) {
    append({kOpHash160, 20}, body, {kOpEqual});
  } else if (form < kP2pkFull) {
    append({33, static_cast<uint8_t>(form)}, body, {kOpCheckSig});
  } else {
    Bytes compressed = {static_cast<uint8_t>(form - kP2pkFull + kP2pkEven)};
    AppendBytes(body, &compressed);
    const absl::StatusOr<PublicKey> key = PublicKey::Parse(compressed);
    if (!key.ok()) return in->Fail(at, "a public key that is no point of the curve");
    append({65}, key->Uncompressed(), {kOpCheckSig});
  }
}

void AppendScript(ByteSpan script, Bytes* out) {
  const auto special = [out](uint64_t form, ByteSpan body) {
    AppendCoreVarint(form, out);
    AppendBytes(body, out);
  };
  const size_t n = script.size();
  if (n == 25 && script[0] == kOpDup && script[1] == kOpHash160 && script[2] == 20 &&
      script[23] == kOpEqualVerify && script[24] == kOpCheckSig) {
    return special(kP2pkh, script.subspan(3, 20));
  }
  if (n == 23 && script[0] == kOpHash160 && script[1] == 20 && script[22] == kOpEqual) {
    return special(kP2sh, script.subspan(2, 20));
  }
  if (n == 35 && script[0] == 33 && (script[1] == 2 || script[1] == 3) &&
      script[34] == kOpCheckSig) {
    return special(script[1], script.subspan(2, 32));
  }
  if (n == 67 && script[0] == 65 && script[1] == 4 && script[66] == kOpCheckSig) {
    const absl::StatusOr<PublicKey> key = PublicKey::Parse(script.subspan(1, 65));
    // Bytes that only look like a key could not be restored from x.
    if (key.ok()) return special(kP2pkFull + (script[65] & 1), script.subspan(2, 32));
  }
  AppendCoreVarint(kRawScript + n, out);
  AppendBytes(script, out);
}

void ReadCoin(const Network& network, Cursor* in, Bytes* arena, TxOut* coin) {
  const uint64_t height_and_coinbase = ReadCoreVarint(in);
  // A transaction's version once, and ever since a zero.
  if (height_and_coinbase >> 1 != 0) ReadCoreVarint(in);
  const size_t at = in->offset();
  const uint64_t sat = DecompressAmount(ReadCoreVarint(in), network.max_money);
  if (sat > network.max_money) {
    return in->Fail(at, absl::StrCat("an output of more than the ", network.max_money,
                                     " units that can exist"));
  }
  coin->value = *Amount::FromSat(sat);
  const size_t begin = arena->size();
  ReadScript(in, arena);
  coin->script_pubkey = ByteSpan(*arena).subspan(begin);
}

}  // namespace

absl::StatusOr<std::vector<std::vector<TxOut>>> DecodeBlockUndo(const Network& network,
                                                                ByteSpan bytes, Bytes* arena) {
  arena->clear();
  // The spans into the arena must outlive its growth, so it gets all it can need at once: a script
  // is at most twice its compressed form (67 bytes of P2PK against 33, with height and amount 35).
  const size_t capacity = 2 * bytes.size();
  arena->reserve(capacity);
  Cursor in(bytes);
  std::vector<std::vector<TxOut>> spent(in.Count(/*least_size=*/1));
  for (std::vector<TxOut>& outputs : spent) {
    outputs.resize(in.Count(kMinCoinSize));
    for (TxOut& output : outputs) {
      ReadCoin(network, &in, arena, &output);
      if (!in.ok()) return in.status();
    }
    if (!in.ok()) break;
  }
  if (in.remaining() != 0 && !network.mweb) {
    in.Fail(absl::StrCat(in.remaining(), " bytes left over after the undo record"));
  }
  SPOOR_RETURN_IF_ERROR(in.status());
  SPOOR_CHECK(arena->size() <= capacity);
  return spent;
}

Bytes EncodeBlockUndo(absl::Span<const std::vector<TxOut>> spent) {
  Bytes out;
  AppendCompactSize(spent.size(), &out);
  for (const std::vector<TxOut>& outputs : spent) {
    AppendCompactSize(outputs.size(), &out);
    for (const TxOut& output : outputs) {
      AppendCoreVarint(0, &out);
      AppendCoreVarint(CompressAmount(output.value.sat()), &out);
      AppendScript(output.script_pubkey, &out);
    }
  }
  return out;
}

}  // namespace spoor::bitcoin
