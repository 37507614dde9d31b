#include "spoor/ethereum/raw_block.h"

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "spoor/base/status_macros.h"
#include "spoor/chain/digest.h"
#include "spoor/chain/key.h"

namespace spoor::ethereum {
namespace {

constexpr uint8_t kMostType = 4;
// Legacy signatures: the parity and this, or twice the chain and that.
constexpr uint64_t kPlainV = 27;
constexpr uint64_t kChainV = 35;
// Signed over the chain, there stand two empty items for the signature.
constexpr std::array<uint8_t, 2> kEmptySignature = {0x80, 0x80};

Address ToAddress(ByteSpan bytes) {
  Address address;
  std::copy(bytes.begin(), bytes.end(), address.begin());
  return address;
}

absl::Status Bad(const RlpReader& in, absl::string_view what) {
  return absl::DataLossError(absl::StrCat("RLP before offset ", in.offset(), ": ", what));
}

absl::Status ReadAddress(RlpReader* in, Address* address) {
  SPOOR_ASSIGN_OR_RETURN(const ByteSpan bytes, in->ReadBytes(20));
  *address = ToAddress(bytes);
  return absl::OkStatus();
}

template <typename Hash>
absl::Status ReadHash(RlpReader* in, Hash* hash) {
  SPOOR_ASSIGN_OR_RETURN(const ByteSpan bytes, in->ReadBytes(32));
  *hash = Hash::FromBytes(bytes);
  return absl::OkStatus();
}

// r or s: a number of at most 32 bytes.
absl::Status ReadScalar(RlpReader* in, uint8_t* out) {
  SPOOR_ASSIGN_OR_RETURN(const ByteSpan bytes, in->ReadBytes());
  if (bytes.size() > 32 || (!bytes.empty() && bytes[0] == 0)) {
    return Bad(*in, "found no half of a signature");
  }
  std::fill(out, out + 32, uint8_t{0});
  std::copy(bytes.begin(), bytes.end(), out + 32 - bytes.size());
  return absl::OkStatus();
}

// The sender of what `signed_bytes` hash to.
absl::Status RecoverSender(RlpReader* in, ByteSpan signed_bytes, int parity, Address* sender) {
  std::array<uint8_t, 64> r_and_s;
  SPOOR_RETURN_IF_ERROR(ReadScalar(in, r_and_s.data()));
  SPOOR_RETURN_IF_ERROR(ReadScalar(in, r_and_s.data() + 32));
  const auto key = PublicKey::Recover(Keccak256(signed_bytes), r_and_s, parity);
  if (!key.ok()) return Bad(*in, key.status().message());
  const std::array<uint8_t, 65> point = key->Uncompressed();
  const Digest256 hash = Keccak256(ByteSpan(point).subspan(1));
  *sender = ToAddress(ByteSpan(hash).subspan(12));
  return absl::OkStatus();
}

// 21,000, a created contract and the call data, before Byzantium.
uint64_t IntrinsicGas(ByteSpan data, bool creates) {
  uint64_t gas = 21'000 + (creates ? 32'000 : 0);
  for (const uint8_t byte : data) gas += byte == 0 ? 4 : 68;
  return gas;
}

// From the nonce to the call data; `highest_fee` where two prices stand.
absl::Status ReadBody(RlpReader* in, bool two_prices, RawTransaction* out) {
  Transaction& tx = out->tx;
  SPOOR_ASSIGN_OR_RETURN(tx.nonce, in->ReadNumber());
  if (two_prices) SPOOR_RETURN_IF_ERROR(in->ReadUnits().status());
  SPOOR_ASSIGN_OR_RETURN(out->gas_price, in->ReadUnits());
  SPOOR_ASSIGN_OR_RETURN(tx.gas, in->ReadNumber());
  SPOOR_ASSIGN_OR_RETURN(const ByteSpan to, in->ReadBytes());
  if (!to.empty() && to.size() != 20) {
    return Bad(*in, absl::StrCat("found a receiver of ", to.size(), " bytes, wanted 20 or none"));
  }
  if (!to.empty()) tx.to = ToAddress(to);
  SPOOR_ASSIGN_OR_RETURN(tx.value, in->ReadUnits());
  SPOOR_ASSIGN_OR_RETURN(const ByteSpan data, in->ReadBytes());
  tx.intrinsic_gas = IntrinsicGas(data, to.empty());
  return absl::OkStatus();
}

absl::Status ReadLegacy(RlpReader in, RawTransaction* out) {
  const size_t begin = in.offset();
  SPOOR_RETURN_IF_ERROR(ReadBody(&in, /*two_prices=*/false, out));
  const ByteSpan body = in.Since(begin);
  Bytes items(body.begin(), body.end());
  SPOOR_ASSIGN_OR_RETURN(const uint64_t v, in.ReadNumber());
  uint64_t parity = 0;
  if (v == kPlainV || v == kPlainV + 1) {
    parity = v - kPlainV;
  } else if (v >= kChainV) {
    out->chain = (v - kChainV) / 2;
    parity = (v - kChainV) % 2;
    AppendRlpNumber(*out->chain, &items);
    AppendBytes(kEmptySignature, &items);
  } else {
    return Bad(in, absl::StrCat("found v ", v, ", wanted 27, 28, or 35 and more"));
  }
  Bytes signed_bytes;
  AppendRlpList(items, &signed_bytes);
  SPOOR_RETURN_IF_ERROR(RecoverSender(&in, signed_bytes, static_cast<int>(parity), &out->tx.from));
  return in.ExpectEnd();
}

absl::Status ReadTyped(uint8_t type, RlpReader in, RawTransaction* out) {
  const size_t begin = in.offset();
  SPOOR_ASSIGN_OR_RETURN(out->chain, in.ReadNumber());
  SPOOR_RETURN_IF_ERROR(ReadBody(&in, /*two_prices=*/type >= 2, out));
  if (type >= 3 && !out->tx.to.has_value()) return Bad(in, "found no receiver, wanted one");
  SPOOR_RETURN_IF_ERROR(in.ReadList().status());                  // accesses
  if (type == 3) SPOOR_RETURN_IF_ERROR(in.ReadUnits().status());  // highest fee for blobs
  if (type >= 3) SPOOR_RETURN_IF_ERROR(in.ReadList().status());   // blobs, or authorisations
  Bytes signed_bytes = {type};
  AppendRlpList(in.Since(begin), &signed_bytes);
  SPOOR_ASSIGN_OR_RETURN(const uint64_t parity, in.ReadNumber());
  if (parity > 1) return Bad(in, absl::StrCat("found parity ", parity, ", wanted 0 or 1"));
  SPOOR_RETURN_IF_ERROR(RecoverSender(&in, signed_bytes, static_cast<int>(parity), &out->tx.from));
  return in.ExpectEnd();
}

// A block's header, as DecodeBlock() gives it.
absl::Status ReadHeader(RlpReader in, BlockHeader* header, Digest256* uncles) {
  SPOOR_RETURN_IF_ERROR(ReadHash(&in, &header->parent));
  SPOOR_ASSIGN_OR_RETURN(const ByteSpan uncles_hash, in.ReadBytes(32));
  std::copy(uncles_hash.begin(), uncles_hash.end(), uncles->begin());
  SPOOR_RETURN_IF_ERROR(ReadAddress(&in, &header->fee_recipient));
  // Roots of state, transactions and receipts.
  for (int i = 0; i < 3; ++i) SPOOR_RETURN_IF_ERROR(in.ReadBytes(32).status());
  SPOOR_RETURN_IF_ERROR(in.ReadBytes(256).status());  // bloom
  SPOOR_RETURN_IF_ERROR(in.ReadUnits().status());     // difficulty
  SPOOR_ASSIGN_OR_RETURN(header->number, in.ReadNumber());
  SPOOR_RETURN_IF_ERROR(in.ReadNumber().status());  // gas limit
  SPOOR_RETURN_IF_ERROR(in.ReadNumber().status());  // gas used
  SPOOR_ASSIGN_OR_RETURN(const uint64_t time, in.ReadNumber());
  if (time > std::numeric_limits<uint32_t>::max()) {
    return Bad(in, absl::StrCat("found time ", time, ", wanted one before 2106"));
  }
  header->time = static_cast<int64_t>(time);
  SPOOR_RETURN_IF_ERROR(in.ReadBytes().status());    // extra data
  SPOOR_RETURN_IF_ERROR(in.ReadBytes(32).status());  // mix hash
  SPOOR_RETURN_IF_ERROR(in.ReadBytes(8).status());   // nonce
  if (!in.empty()) {
    SPOOR_ASSIGN_OR_RETURN(header->base_fee.emplace(), in.ReadUnits());
  }
  // What later forks have added, and may yet.
  while (!in.empty()) SPOOR_RETURN_IF_ERROR(in.Skip());
  return absl::OkStatus();
}

absl::Status ReadUncles(RlpReader in, std::vector<Uncle>* uncles) {
  while (!in.empty()) {
    SPOOR_ASSIGN_OR_RETURN(const RlpReader header, in.ReadList());
    BlockHeader uncle;
    Digest256 unused;
    SPOOR_RETURN_IF_ERROR(ReadHeader(header, &uncle, &unused));
    uncles->push_back({uncle.number, uncle.fee_recipient});
  }
  return absl::OkStatus();
}

absl::Status ReadWithdrawals(RlpReader in, std::vector<Withdrawal>* withdrawals) {
  while (!in.empty()) {
    SPOOR_ASSIGN_OR_RETURN(RlpReader one, in.ReadList());
    Withdrawal& withdrawal = withdrawals->emplace_back();
    SPOOR_RETURN_IF_ERROR(one.ReadNumber().status());  // its index
    SPOOR_RETURN_IF_ERROR(one.ReadNumber().status());  // the validator's
    SPOOR_RETURN_IF_ERROR(ReadAddress(&one, &withdrawal.to));
    SPOOR_ASSIGN_OR_RETURN(withdrawal.gwei, one.ReadNumber());
    SPOOR_RETURN_IF_ERROR(one.ExpectEnd());
  }
  return absl::OkStatus();
}

// From a reader that stands at it in a block, or at the beginning of all there is.
absl::Status ReadTransaction(RlpReader* in, RawTransaction* out) {
  if (in->AtList()) {
    const size_t begin = in->offset();
    SPOOR_ASSIGN_OR_RETURN(const RlpReader list, in->ReadList());
    out->tx.hash = Txid::FromBytes(Keccak256(in->Since(begin)));
    return ReadLegacy(list, out);
  }
  SPOOR_ASSIGN_OR_RETURN(const ByteSpan bytes, in->ReadBytes());
  if (bytes.empty() || bytes[0] == 0 || bytes[0] > kMostType) {
    return Bad(*in, bytes.empty() ? "found no transaction"
                                  : absl::StrCat("found a transaction of type ", bytes[0],
                                                 ", wanted 1 to 4"));
  }
  out->tx.type = bytes[0];
  out->tx.hash = Txid::FromBytes(Keccak256(bytes));
  RlpReader typed(bytes.subspan(1), in->offset() - bytes.size() + 1);
  SPOOR_ASSIGN_OR_RETURN(const RlpReader list, typed.ReadList());
  SPOOR_RETURN_IF_ERROR(typed.ExpectEnd());
  return ReadTyped(bytes[0], list, out);
}

}  // namespace

absl::StatusOr<RawTransaction> DecodeTransaction(ByteSpan bytes) {
  RawTransaction out;
  // In a block, one with a type is wrapped as bytes; alone it is not.
  Bytes wrapped;
  if (!bytes.empty() && bytes[0] <= kMostType) {
    AppendRlpBytes(bytes, &wrapped);
    bytes = wrapped;
  }
  if (bytes.empty()) return absl::DataLossError("found no bytes, wanted a transaction");
  RlpReader in(bytes);
  SPOOR_RETURN_IF_ERROR(ReadTransaction(&in, &out));
  SPOOR_RETURN_IF_ERROR(in.ExpectEnd());
  return out;
}

absl::StatusOr<BlockData> DecodeBlock(RlpReader* in) {
  BlockData data;
  SPOOR_ASSIGN_OR_RETURN(RlpReader block, in->ReadList());
  const size_t begin = block.offset();
  SPOOR_ASSIGN_OR_RETURN(const RlpReader header, block.ReadList());
  data.header.hash = BlockHash::FromBytes(Keccak256(block.Since(begin)));
  Digest256 uncles_hash{};
  SPOOR_RETURN_IF_ERROR(ReadHeader(header, &data.header, &uncles_hash));
  const auto rest = [&]() -> absl::Status {
    SPOOR_ASSIGN_OR_RETURN(RlpReader transactions, block.ReadList());
    while (!transactions.empty()) {
      RawTransaction raw;
      raw.tx.index = static_cast<uint32_t>(data.transactions.size());
      SPOOR_RETURN_IF_ERROR(Annotate(ReadTransaction(&transactions, &raw),
                                     absl::StrCat("transaction ", raw.tx.index)));
      data.transactions.push_back(std::move(raw.tx));
    }
    const size_t uncles_begin = block.offset();
    SPOOR_ASSIGN_OR_RETURN(const RlpReader uncles, block.ReadList());
    if (Keccak256(block.Since(uncles_begin)) != uncles_hash) {
      return Bad(block, "the uncles are not those of the header");
    }
    SPOOR_RETURN_IF_ERROR(ReadUncles(uncles, &data.header.uncles));
    if (!block.empty()) {
      SPOOR_ASSIGN_OR_RETURN(const RlpReader withdrawals, block.ReadList());
      SPOOR_RETURN_IF_ERROR(ReadWithdrawals(withdrawals, &data.header.withdrawals));
    }
    return block.ExpectEnd();
  };
  SPOOR_RETURN_IF_ERROR(Annotate(rest(), absl::StrCat("block ", data.header.number)));
  return data;
}

}  // namespace spoor::ethereum
