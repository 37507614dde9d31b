#include "lib/ledger/schema.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "lib/ledger/schema_bytes.h"
#include "spoor/base/bytes.h"
#include "spoor/base/status_macros.h"
#include "spoor/base/varint.h"
#include "spoor/chain/revealed.h"

namespace spoor::schema {
namespace {

constexpr uint8_t kCoinbase = 1;
constexpr uint64_t kMax32 = std::numeric_limits<uint32_t>::max();
constexpr uint64_t kLeastGive = 3;  // bytes
constexpr uint64_t kUnresolved = 0;
constexpr uint64_t kOutside = 1;

uint64_t ZigZag(int64_t v) {
  return static_cast<uint64_t>(v) << 1 ^ static_cast<uint64_t>(v >> 63);
}
int64_t UnZigZag(uint64_t v) { return static_cast<int64_t>(v >> 1) ^ -static_cast<int64_t>(v & 1); }

uint64_t OwnerField(AddressId owner) { return owner.IsNobody() ? 0 : owner.number + 1; }
AddressId OwnerFromField(uint64_t field) { return field == 0 ? AddressId() : AddressId{field - 1}; }

// Entries of a merge operand on a chunk.
constexpr uint8_t kSpend = 0x00;
constexpr uint8_t kAddition = 0x40;
constexpr uint8_t kCut = 0x80;

char PlaceOf(Position position, uint8_t entry) {
  return static_cast<char>(entry | position.number % kInChunk);
}

// How many movements it has; nullopt if that is not all, or more than a chunk may have.
std::optional<uint64_t> CountInChunk(absl::string_view chunk) {
  uint64_t count = 0;
  for (absl::string_view movement; ConsumeFromChunk(&chunk, &movement);) ++count;
  return chunk.empty() && count <= kInChunk ? std::optional(count) : std::nullopt;
}

uint64_t Narrow(const Units& amount) {
  SPOOR_CHECK(amount <= std::numeric_limits<uint64_t>::max());
  return static_cast<uint64_t>(amount);
}

// False if it is damaged. Every trace decodes millions: the numbers go through registers.
bool Decode(Position position, absl::string_view value, Movement* out) {
  const char* in = value.data();
  const char* const all_end = in + value.size();
  const auto next = [&](uint64_t* v) {
    in = ReadVarint(in, all_end, v);
    return in != nullptr;
  };
  const auto left = [&] { return static_cast<size_t>(all_end - in); };
  uint64_t outputs = 0;
  if (!next(&outputs) || left() < Txid::kSize + 1 || outputs > left() / (2 + kSpenderSize)) {
    return false;
  }
  out->position = position;
  out->kind = MovementKind::kTransaction;
  out->index = 0;
  out->txid = Txid::FromBytes(AsBytes(absl::string_view(in, Txid::kSize)));
  in += Txid::kSize;
  const auto flags = static_cast<uint8_t>(*in++);
  if ((flags & ~kCoinbase) != 0) return false;
  out->coinbase = flags == kCoinbase;
  out->asset = kNativeAsset;
  uint64_t height = 0;
  uint64_t code = 0;
  uint64_t gives = 0;
  if (!next(&height) || height > kMax32 || !next(&code) || code > Fingerprint::kMostCode ||
      !next(&gives) || gives > left() / kLeastGive || (out->coinbase && gives != 0)) {
    return false;
  }
  const std::optional<Fingerprint> fingerprint = Fingerprint::FromCode(static_cast<uint32_t>(code));
  if (!fingerprint.has_value()) return false;
  out->fingerprint = *fingerprint;
  out->height = static_cast<uint32_t>(height);
  out->gives.resize(gives);
  uint64_t given = 0;
  for (Give& give : out->gives) {
    uint64_t distance = 0;
    uint64_t index = 0;  // or, at distance 0, which kind of give
    uint64_t owner = 0;
    uint64_t amount = 0;
    if (!next(&distance) || distance > position.number || !next(&index) ||
        index > (distance == 0 ? kOutside : kMax32)) {
      return false;
    }
    give.kind = distance != 0       ? GiveKind::kHolding
                : index == kOutside ? GiveKind::kOutside
                                    : GiveKind::kUnresolved;
    if (give.kind != GiveKind::kUnresolved && !next(&owner)) return false;
    if (!next(&amount) || __builtin_add_overflow(given, amount, &given)) return false;
    give.holding = give.kind == GiveKind::kHolding
                       ? Holding{position.number - distance, static_cast<uint32_t>(index)}
                       : Holding();
    give.owner = OwnerFromField(owner);
    give.amount = amount;
    give.opening = 0;
    give.previous.reset();
  }
  if (outputs > left() / (2 + kSpenderSize)) return false;
  out->takes.resize(outputs + (out->coinbase ? 0 : 1));
  uint64_t taken = 0;
  const char* const spenders = all_end - outputs * kSpenderSize;
  for (size_t i = 0; i < outputs; ++i) {
    Take& take = out->takes[i];
    uint64_t owner = 0;
    uint64_t amount = 0;
    if (!next(&owner) || !next(&amount) || __builtin_add_overflow(taken, amount, &taken)) {
      return false;
    }
    take.kind = owner == 0 ? TakerKind::kBurned : TakerKind::kHolding;
    take.holding = Holding::Output(position, static_cast<uint32_t>(i));
    take.owner = OwnerFromField(owner);
    take.amount = amount;
    take.before = 0;
    take.opening = 0;
    take.previous.reset();
    take.next.reset();
    if (const uint64_t next_one = LoadLe40(spenders + i * kSpenderSize); next_one != kNone40) {
      if (next_one <= position.number) return false;  // whoever follows it would go in circles
      take.next = Position{next_one};
    }
  }
  if (in != spenders) return false;
  if (out->coinbase) {
    out->minted = taken;
    return true;
  }
  if (taken > given) return false;
  out->minted = 0;
  // Field by field: to copy a whole Take costs half of what decoding all the rest does.
  Take& fee = out->takes.back();
  fee.kind = TakerKind::kFee;
  fee.holding = Holding();
  fee.owner = AddressId();
  fee.amount = given - taken;
  fee.before = 0;
  fee.opening = 0;
  fee.previous.reset();
  fee.next.reset();
  return true;
}

}  // namespace

std::string ChainKey(uint8_t chain) { return absl::StrCat("chain", std::string(1, chain)); }

std::string BlockKey(uint8_t chain, uint32_t height) {
  std::string key(1, static_cast<char>(chain));
  AppendBe(height, 4, &key);
  return key;
}

std::string MovementKey(Family family, uint8_t chain, Position position) {
  std::string key(1, static_cast<char>(chain));
  AppendBe(MovementRow(family, position), 5, &key);
  return key;
}

std::string TxidPrefix(uint8_t chain, const Txid& txid) {
  std::string key(1, static_cast<char>(chain));
  key.append(reinterpret_cast<const char*>(txid.bytes().data()), kTxidPrefix - 1);
  return key;
}

std::string TxidKey(uint8_t chain, const Txid& txid, Position position) {
  std::string key = TxidPrefix(chain, txid);
  AppendBe(position.number, 5, &key);
  return key;
}

std::string TxidKey(uint8_t chain, uint64_t txid_head, Position position) {
  std::string key(1, static_cast<char>(chain));
  AppendBe(txid_head, kTxidPrefix - 1, &key);
  AppendBe(position.number, 5, &key);
  return key;
}

std::string AddressRowKey(uint8_t chain, AddressId id) {
  std::string key(1, static_cast<char>(chain));
  AppendBe(id.number, 5, &key);
  return key;
}

std::string AddressIdKey(uint8_t chain, absl::string_view address_key) {
  std::string key(1, static_cast<char>(chain));
  key.append(address_key.data(), address_key.size());
  return key;
}

std::string RevealedKey(uint8_t chain, AddressId id) { return AddressRowKey(chain, id); }

std::string ReceiptPrefix(uint8_t chain, AddressId id) { return AddressRowKey(chain, id); }

std::string ReceiptKey(uint8_t chain, AddressId id, Position position) {
  std::string key = ReceiptPrefix(chain, id);
  AppendBe(position.number, 5, &key);
  return key;
}

uint64_t TrailingNumber(absl::string_view key) { return LoadBe(key.substr(key.size() - 5)); }

void EncodeAddressRow(const AddressRow& row, std::string* out) {
  AppendBe(row.first_receipt.has_value() ? row.first_receipt->number : kNone40, kFirstReceiptSize,
           out);
  out->append(row.key.data(), row.key.size());
}

absl::StatusOr<AddressRow> DecodeAddressRow(AddressId id, absl::string_view value) {
  if (value.size() < kFirstReceiptSize) {
    return absl::DataLossError(absl::StrCat("the row of address ", id.number, " is damaged"));
  }
  AddressRow row;
  const uint64_t first = LoadBe(value.substr(0, kFirstReceiptSize));
  if (first != kNone40) row.first_receipt = Position{first};
  row.key = value.substr(kFirstReceiptSize);
  return row;
}

bool SetFirstReceipt(Position position, char* row) {
  const uint64_t first = LoadBe(absl::string_view(row, kFirstReceiptSize));
  if (first != kNone40) return first == position.number;
  std::string bytes;
  AppendBe(position.number, kFirstReceiptSize, &bytes);
  std::copy(bytes.begin(), bytes.end(), row);
  return true;
}

std::string EncodeAddressId(AddressId id) {
  std::string value;
  AppendBe(id.number, 5, &value);
  return value;
}

absl::StatusOr<AddressId> DecodeAddressId(absl::string_view value) {
  if (value.size() != 5) {
    return absl::DataLossError(absl::StrCat("an address id has ", value.size(), " bytes, not 5"));
  }
  return AddressId{LoadBe(value)};
}

std::string EncodeChain(const ChainInfo& chain) {
  std::string value(1, static_cast<char>(chain.family));
  AppendString(chain.name, &value);
  AppendString(chain.network, &value);
  AppendString(chain.symbol, &value);
  value.push_back(static_cast<char>(chain.decimals));
  if (chain.family == Family::kAccount) {
    value.push_back(static_cast<char>(chain.internal_transfers_missing ? 1 : 0));
  }
  return value;
}

absl::StatusOr<ChainInfo> DecodeChain(absl::string_view value) {
  ChainInfo chain;
  absl::string_view in = value;
  bool ok = !in.empty();
  if (ok) {
    chain.family = static_cast<Family>(in[0]);
    ok = chain.family == Family::kUtxo || chain.family == Family::kAccount;
    in.remove_prefix(1);
  }
  ok = ok && ConsumeString(&in, &chain.name) && ConsumeString(&in, &chain.network) &&
       ConsumeString(&in, &chain.symbol) && in.size() == (chain.family == Family::kAccount ? 2 : 1);
  if (ok && chain.family == Family::kAccount) {
    ok = in[1] == 0 || in[1] == 1;
    chain.internal_transfers_missing = in[1] == 1;
  }
  if (!ok) return absl::DataLossError("the record of a chain is damaged");
  chain.decimals = static_cast<uint8_t>(in[0]);
  return chain;
}

std::string EncodeBlock(const BlockInfo& block) {
  std::string value(AsChars(block.hash.span()));
  value.append(AsChars(block.previous.span()).data(), BlockHash::kSize);
  const LedgerTotals& t = block.totals;
  for (const uint64_t v : {ZigZag(block.time), ZigZag(block.order_time), uint64_t{block.bits},
                           block.first.number, t.blocks, t.transactions, t.movements, t.inputs,
                           t.outputs, t.addresses, t.transfers, t.unresolved_inputs}) {
    AppendVarint(v, &value);
  }
  if (t.assets != 0) AppendVarint(t.assets, &value);
  return value;
}

absl::StatusOr<BlockInfo> DecodeBlock(uint32_t height, absl::string_view value) {
  constexpr size_t kHashes = 2 * BlockHash::kSize;
  BlockInfo block;
  block.height = height;
  uint64_t time = 0;
  uint64_t order_time = 0;
  uint64_t bits = 0;
  bool ok = value.size() >= kHashes;
  if (ok) {
    block.hash = BlockHash::FromBytes(AsBytes(value.substr(0, BlockHash::kSize)));
    block.previous =
        BlockHash::FromBytes(AsBytes(value.substr(BlockHash::kSize, BlockHash::kSize)));
    absl::string_view in = value.substr(kHashes);
    LedgerTotals& t = block.totals;
    for (uint64_t* v :
         {&time, &order_time, &bits, &block.first.number, &t.blocks, &t.transactions, &t.movements,
          &t.inputs, &t.outputs, &t.addresses, &t.transfers, &t.unresolved_inputs}) {
      ok = ok && ConsumeVarint(&in, v);
    }
    if (ok && !in.empty()) ok = ConsumeVarint(&in, &t.assets) && t.assets != 0;
    ok = ok && in.empty() && bits <= kMax32;
  }
  if (!ok) return absl::DataLossError(absl::StrCat("the record of block ", height, " is damaged"));
  block.bits = static_cast<uint32_t>(bits);
  block.time = UnZigZag(time);
  block.order_time = UnZigZag(order_time);
  return block;
}

void EncodeMovement(const Movement& movement, std::string* out) {
  size_t outputs = 0;
  for (const Take& take : movement.takes) outputs += take.kind == TakerKind::kFee ? 0 : 1;
  // Written into room for the longest that it can be.
  constexpr size_t kMostFields = 4;
  const size_t begin = out->size();
  out->resize(begin + Txid::kSize + 1 +
              kMostVarint * (kMostFields + 4 * movement.gives.size() + 2 * outputs) +
              kSpenderSize * outputs);
  char* p = PutVarint(outputs, out->data() + begin);
  p = std::copy_n(AsChars(movement.txid.span()).data(), Txid::kSize, p);
  *p++ = static_cast<char>(movement.coinbase ? kCoinbase : 0);
  p = PutVarint(movement.height, p);
  p = PutVarint(movement.fingerprint.Code(), p);
  p = PutVarint(movement.gives.size(), p);
  for (const Give& give : movement.gives) {
    switch (give.kind) {
      case GiveKind::kHolding:
        p = PutVarint(movement.position.number - give.holding.major, p);
        p = PutVarint(give.holding.minor, p);
        p = PutVarint(OwnerField(give.owner), p);
        break;
      case GiveKind::kOutside:
        p = PutVarint(0, p);
        p = PutVarint(kOutside, p);
        p = PutVarint(OwnerField(give.owner), p);
        break;
      case GiveKind::kUnresolved:
        p = PutVarint(0, p);
        p = PutVarint(kUnresolved, p);
        break;
    }
    p = PutVarint(Narrow(give.amount), p);
  }
  for (const Take& take : movement.takes) {
    if (take.kind == TakerKind::kFee) continue;
    p = PutVarint(take.kind == TakerKind::kBurned ? 0 : OwnerField(take.owner), p);
    p = PutVarint(Narrow(take.amount), p);
  }
  for (size_t i = 0; i < outputs; ++i, p += kSpenderSize) StoreLe40(kNone40, p);
  out->resize(static_cast<size_t>(p - out->data()));
}

absl::Status DecodeMovement(Position position, absl::string_view value, Movement* out) {
  if (Decode(position, value, out)) return absl::OkStatus();
  return absl::DataLossError(
      absl::StrCat("the record of movement ", position.number, " is damaged"));
}

std::string EncodeRevealed(Position first, absl::string_view bytes) {
  std::string value;
  AppendBe(first.number, 5, &value);
  value.append(bytes.data(), bytes.size());
  return value;
}

absl::StatusOr<RevealedScript> DecodeRevealed(AddressId id, absl::string_view value) {
  if (value.size() < 5 || !IsRevealable(AsBytes(value.substr(5)))) {
    return absl::DataLossError(
        absl::StrCat("the record of what inputs revealed of address ", id.number, " is damaged"));
  }
  return RevealedScript{Position{LoadBe(value.substr(0, 5))}, std::string(value.substr(5))};
}

void AppendToChunk(absl::string_view movement, std::string* chunk) {
  char head[kMostChunkHead];
  chunk->append(head, static_cast<size_t>(PutChunkHead(movement.size(), head) - head));
  chunk->append(movement.data(), movement.size());
}

bool ConsumeFromChunk(absl::string_view* chunk, absl::string_view* movement) {
  absl::string_view in = *chunk;
  uint64_t size = 0;
  if (!ConsumeVarint(&in, &size) || size > in.size()) return false;
  *movement = in.substr(0, size);
  *chunk = in.substr(size);
  return true;
}

std::optional<absl::string_view> FindInChunk(absl::string_view chunk, Position position) {
  absl::string_view movement;
  for (uint64_t i = 0; i <= position.number % kInChunk; ++i) {
    if (!ConsumeFromChunk(&chunk, &movement)) return std::nullopt;
  }
  return movement;
}

void AppendSpend(Position position, uint32_t output, std::optional<Position> spender,
                 std::string* operand) {
  operand->push_back(PlaceOf(position, kSpend));
  AppendLe(output, 4, operand);
  AppendLe(spender.has_value() ? spender->number : kNone40, kSpenderSize, operand);
}

void AppendAddition(Position first, absl::string_view movements, std::string* operand) {
  SPOOR_CHECK(movements.size() <= kMax32);
  operand->push_back(PlaceOf(first, kAddition));
  AppendLe(movements.size(), 4, operand);
  operand->append(movements.data(), movements.size());
}

void AppendCut(Position end, std::string* operand) { operand->push_back(PlaceOf(end, kCut)); }

bool ApplyToChunk(absl::string_view operand, std::string* chunk) {
  while (!operand.empty()) {
    const auto first = static_cast<uint8_t>(operand[0]);
    const Position place{first % kInChunk};
    operand.remove_prefix(1);
    switch (first / kInChunk * kInChunk) {
      case kSpend: {
        constexpr size_t kSize = 4 + kSpenderSize;
        const std::optional<absl::string_view> movement = FindInChunk(*chunk, place);
        if (operand.size() < kSize || !movement.has_value()) return false;
        absl::string_view in = *movement;
        uint64_t outputs = 0;
        const uint32_t output = LoadLe32(AsBytes(operand).data());
        if (!ConsumeVarint(&in, &outputs) || outputs > in.size() / kSpenderSize ||
            output >= outputs) {
          return false;
        }
        const auto end = static_cast<size_t>(in.data() + in.size() - chunk->data());
        StoreLe40(LoadLe40(operand.data() + 4),
                  chunk->data() + end - (outputs - output) * kSpenderSize);
        operand.remove_prefix(kSize);
        break;
      }
      case kAddition: {
        if (operand.size() < 4) return false;
        const uint32_t size = LoadLe32(AsBytes(operand).data());
        operand.remove_prefix(4);
        if (size > operand.size()) return false;
        const absl::string_view added = operand.substr(0, size);
        const std::optional<uint64_t> more = CountInChunk(added);
        if (!more.has_value() || place.number + *more > kInChunk ||
            CountInChunk(*chunk) != place.number) {
          return false;
        }
        chunk->append(added.data(), added.size());
        operand.remove_prefix(size);
        break;
      }
      case kCut: {
        absl::string_view in = *chunk;
        absl::string_view movement;
        for (uint64_t i = 0; i < place.number; ++i) {
          if (!ConsumeFromChunk(&in, &movement)) return false;
        }
        chunk->resize(static_cast<size_t>(in.data() - chunk->data()));
        break;
      }
      default:
        return false;
    }
  }
  return true;
}

void SetSpender(uint32_t output, uint32_t outputs, Position spender, char* end) {
  SPOOR_CHECK(output < outputs);
  StoreLe40(spender.number, end - (outputs - output) * kSpenderSize);
}

}  // namespace spoor::schema
