#include "lib/ledger/account_schema.h"

#include <limits>

#include "absl/strings/str_cat.h"
#include "lib/ledger/schema.h"
#include "lib/ledger/schema_bytes.h"
#include "spoor/base/bytes.h"
#include "spoor/base/status_macros.h"

namespace spoor::schema {
namespace {

constexpr size_t kNextSize = 4 + kSpenderSize;  // of an entry of a merge operand
constexpr uint8_t kGives = 1;
constexpr uint8_t kTakes = 2;
constexpr uint8_t kToSelf = 4;
constexpr uint8_t kImpossible = 8;
constexpr int kKindShift = 4;
constexpr uint8_t kKindMask = 3;
constexpr uint8_t kBurns = 64;
constexpr uint8_t kRaises = 128;
constexpr uint8_t kBelowZero = 128;
constexpr uint64_t kMax32 = std::numeric_limits<uint32_t>::max();

template <typename Number>
constexpr size_t kMostBytes = std::numeric_limits<Number>::digits / 8;

template <typename Number>
void AppendAmount(Number amount, uint8_t sign, std::string* out) {
  const size_t begin = out->size();
  out->push_back(0);
  if (amount <= std::numeric_limits<uint64_t>::max()) {
    for (auto v = static_cast<uint64_t>(amount); v != 0; v >>= 8) {
      out->push_back(static_cast<char>(v));
    }
  } else {
    for (; amount != 0; amount >>= 64) {
      const auto word = static_cast<uint64_t>(amount & std::numeric_limits<uint64_t>::max());
      for (int i = 0; i < 8; ++i) out->push_back(static_cast<char>(word >> (8 * i)));
    }
    while (out->back() == 0) out->pop_back();
  }
  (*out)[begin] = static_cast<char>((out->size() - begin - 1) | sign);
}

template <typename Number>
bool ConsumeAmount(absl::string_view* in, Number* amount, bool* below_zero = nullptr) {
  if (in->empty()) return false;
  auto size = static_cast<uint8_t>(in->front());
  if (below_zero != nullptr) {
    *below_zero = (size & kBelowZero) != 0;
    size &= static_cast<uint8_t>(~kBelowZero);
    if (*below_zero && size == 0) return false;
  }
  if (size > kMostBytes<Number> || size >= in->size()) return false;
  in->remove_prefix(1);
  const absl::string_view bytes = in->substr(0, size);
  in->remove_prefix(size);
  if (size > 0 && bytes.back() == 0) return false;
  *amount = 0;
  for (size_t end = size; end > 0;) {
    const size_t begin = (end - 1) / 8 * 8;
    uint64_t word = 0;
    for (size_t i = end; i-- > begin;) word = word << 8 | static_cast<uint8_t>(bytes[i]);
    if (size > 8) *amount <<= 64;
    *amount |= word;
    end = begin;
  }
  return true;
}

size_t Touches(uint8_t flags) {
  return ((flags & kGives) != 0 ? 1 : 0) +
         ((flags & kTakes) != 0 && (flags & kToSelf) == 0 ? 1 : 0);
}

bool ConsumeUint32(absl::string_view* in, uint32_t* v) {
  uint64_t wide = 0;
  if (!ConsumeVarint(in, &wide) || wide > kMax32) return false;
  *v = static_cast<uint32_t>(wide);
  return true;
}

bool ConsumeTouch(Position position, absl::string_view* in, Touch* touch) {
  bool below_zero = false;
  uint64_t previous = 0;
  if (!ConsumeVarint(in, &touch->owner.number) || touch->owner.number >= kNone40 ||
      !ConsumeAmount(in, &touch->relative, &below_zero) || !ConsumeVarint(in, &previous)) {
    return false;
  }
  if (below_zero) touch->relative = Units(0) - touch->relative;
  touch->previous.reset();
  touch->previous_slot = 0;
  if (previous == 0) return true;
  const uint64_t distance = previous / 2;
  if (distance == 0 || distance > position.number) return false;
  touch->previous = Position{position.number - distance};
  touch->previous_slot = static_cast<uint32_t>(previous % 2);
  return true;
}

bool ConsumeRow(Position position, absl::string_view in, AccountRow* out) {
  if (in.size() < 1 + Txid::kSize) return false;
  const auto flags = static_cast<uint8_t>(in[0]);
  out->txid = Txid::FromBytes(AsBytes(in.substr(1, Txid::kSize)));
  in.remove_prefix(1 + Txid::kSize);
  out->gives = (flags & kGives) != 0;
  out->takes = (flags & kTakes) != 0;
  out->to_self = (flags & kToSelf) != 0;
  out->impossible = (flags & kImpossible) != 0;
  out->kind = static_cast<MovementKind>(flags >> kKindShift & kKindMask);
  out->burned = 0;
  out->raise = 0;
  const bool is_fee = out->kind == MovementKind::kFee;
  if (out->kind == MovementKind::kTransaction || (out->to_self && !(out->gives && out->takes)) ||
      (!out->gives && !out->takes) || (is_fee && (!out->gives || out->takes)) ||
      !ConsumeUint32(&in, &out->height) || !ConsumeUint32(&in, &out->index) ||
      !ConsumeUint32(&in, &out->asset) || !ConsumeAmount(&in, &out->amount) ||
      ((flags & kBurns) != 0 &&
       (!is_fee || !ConsumeAmount(&in, &out->burned) || out->burned == 0)) ||
      ((flags & kRaises) != 0 &&
       (!out->gives || !ConsumeAmount(&in, &out->raise) || out->raise == 0)) ||
      out->burned > out->amount || out->raise > out->amount) {
    return false;
  }
  for (size_t i = 0; i < out->size(); ++i) {
    if (!ConsumeTouch(position, &in, &out->touches[i])) return false;
  }
  if (in.size() != out->size() * kSpenderSize) return false;
  for (size_t i = 0; i < out->size(); ++i) {
    std::optional<Position>& next = out->touches[i].next;
    next.reset();
    const uint64_t number = LoadLe40(in.data() + i * kSpenderSize);
    if (number == kNone40) continue;
    if (number <= position.number) return false;  // whoever follows it would go in circles
    next = Position{number};
  }
  return true;
}

absl::Status Damaged(const char* what) {
  return absl::DataLossError(absl::StrCat("the record of ", what, " is damaged"));
}

}  // namespace

std::string BalancePrefix(uint8_t chain, AddressId id) { return AddressRowKey(chain, id); }

std::string BalanceKey(uint8_t chain, const Holding& balance) {
  std::string key = AddressRowKey(chain, AddressId{balance.major});
  AppendBe(balance.minor, 4, &key);
  return key;
}

Holding BalanceOfKey(absl::string_view key) {
  return {LoadBe(key.substr(1, 5)), static_cast<uint32_t>(LoadBe(key.substr(6, 4)))};
}

std::string AssetKey(uint8_t chain, AssetId asset) {
  std::string key(1, static_cast<char>(chain));
  AppendBe(asset, 4, &key);
  return key;
}

AssetId AssetOfKey(absl::string_view key) { return static_cast<AssetId>(LoadBe(key.substr(1, 4))); }

std::string AssetIdKey(uint8_t chain, absl::string_view key) { return AddressIdKey(chain, key); }

void EncodeAccountRow(Position position, const AccountRow& row, std::string* out) {
  out->push_back(static_cast<char>(
      (row.gives ? kGives : 0) | (row.takes ? kTakes : 0) | (row.to_self ? kToSelf : 0) |
      (row.impossible ? kImpossible : 0) | static_cast<int>(row.kind) << kKindShift |
      (row.burned != 0 ? kBurns : 0) | (row.raise != 0 ? kRaises : 0)));
  out->append(AsChars(row.txid.span()).data(), Txid::kSize);
  AppendVarint(row.height, out);
  AppendVarint(row.index, out);
  AppendVarint(row.asset, out);
  AppendAmount(row.amount, 0, out);
  if (row.burned != 0) AppendAmount(row.burned, 0, out);
  if (row.raise != 0) AppendAmount(row.raise, 0, out);
  for (size_t i = 0; i < row.size(); ++i) {
    const Touch& touch = row.touches[i];
    AppendVarint(touch.owner.number, out);
    // Either is right, modulo 2^256; the lesser is meant.
    const Units negated = Units(0) - touch.relative;
    negated < touch.relative ? AppendAmount(negated, kBelowZero, out)
                             : AppendAmount(touch.relative, 0, out);
    AppendVarint(touch.previous.has_value()
                     ? (position.number - touch.previous->number) * 2 + touch.previous_slot
                     : 0,
                 out);
  }
  for (size_t i = 0; i < row.size(); ++i) {
    const size_t at = out->size();
    out->resize(at + kSpenderSize);
    const std::optional<Position>& next = row.touches[i].next;
    StoreLe40(next.has_value() ? next->number : kNone40, out->data() + at);
  }
}

absl::Status DecodeAccountRow(Position position, absl::string_view value, AccountRow* out) {
  if (ConsumeRow(position, value, out)) return absl::OkStatus();
  return absl::DataLossError(
      absl::StrCat("the record of movement ", position.number, " is damaged"));
}

void SetNext(uint32_t touch, Position next, char* row, size_t size) {
  const size_t touches = Touches(static_cast<uint8_t>(row[0]));
  SPOOR_CHECK(touch < touches);
  StoreLe40(next.number, row + size - (touches - touch) * kSpenderSize);
}

void AppendNext(uint32_t touch, std::optional<Position> next, std::string* operand) {
  AppendLe(touch, 4, operand);
  AppendLe(next.has_value() ? next->number : kNone40, kSpenderSize, operand);
}

bool ApplyNexts(absl::string_view operand, std::string* movement) {
  if (operand.size() % kNextSize != 0 || movement->empty()) return false;
  const size_t touches = Touches(static_cast<uint8_t>(movement->front()));
  if (movement->size() < 1 + Txid::kSize + touches * kSpenderSize) return false;
  char* nexts = movement->data() + movement->size() - touches * kSpenderSize;
  for (; !operand.empty(); operand.remove_prefix(kNextSize)) {
    const uint32_t touch = LoadLe32(AsBytes(operand).data());
    if (touch >= touches) return false;
    StoreLe40(LoadLe40(operand.data() + 4), nexts + touch * kSpenderSize);
  }
  return true;
}

std::string EncodeBalance(const Balance& balance) {
  std::string value;
  AppendVarint(balance.last.number * 2 + balance.slot, &value);
  AppendVarint(balance.movements, &value);
  AppendAmount(balance.amount, 0, &value);
  AppendAmount(balance.opening, 0, &value);
  AppendAmount(balance.received, 0, &value);
  return value;
}

absl::Status DecodeBalance(absl::string_view value, Balance* out) {
  uint64_t last = 0;
  if (!ConsumeVarint(&value, &last) || !ConsumeVarint(&value, &out->movements) ||
      out->movements == 0 || !ConsumeAmount(&value, &out->amount) ||
      !ConsumeAmount(&value, &out->opening) || !ConsumeAmount(&value, &out->received) ||
      !value.empty()) {
    return Damaged("a balance");
  }
  out->last = Position{last / 2};
  out->slot = static_cast<uint32_t>(last % 2);
  return absl::OkStatus();
}

std::string EncodeAsset(const AssetRow& asset) {
  std::string value(1,
                    static_cast<char>((asset.stated.whole ? 1 : 0) | (asset.stated.lying ? 2 : 0)));
  const int64_t decimals = asset.stated.decimals;
  AppendVarint(static_cast<uint64_t>(decimals) << 1 ^ static_cast<uint64_t>(decimals >> 63),
               &value);
  AppendVarint(asset.tally.openings, &value);
  AppendVarint(asset.tally.impossible, &value);
  AppendString(asset.stated.key, &value);
  AppendString(asset.stated.symbol, &value);
  return value;
}

absl::Status DecodeAsset(absl::string_view value, AssetRow* out) {
  if (value.empty()) return Damaged("an asset");
  const auto flags = static_cast<uint8_t>(value[0]);
  value.remove_prefix(1);
  uint64_t decimals = 0;
  if (flags > 3 || !ConsumeVarint(&value, &decimals) || decimals > kMax32 ||
      !ConsumeVarint(&value, &out->tally.openings) ||
      !ConsumeVarint(&value, &out->tally.impossible) || !ConsumeString(&value, &out->stated.key) ||
      !ConsumeString(&value, &out->stated.symbol) || !value.empty()) {
    return Damaged("an asset");
  }
  out->stated.whole = (flags & 1) != 0;
  out->stated.lying = (flags & 2) != 0;
  out->stated.decimals =
      static_cast<int>(static_cast<int64_t>(decimals >> 1) ^ -static_cast<int64_t>(decimals & 1));
  out->stated.openings = 0;
  return absl::OkStatus();
}

std::string EncodeAssetId(AssetId id) {
  std::string value;
  AppendBe(id, 4, &value);
  return value;
}

absl::StatusOr<AssetId> DecodeAssetId(absl::string_view value) {
  if (value.size() != 4) return Damaged("an asset's number");
  return static_cast<AssetId>(LoadBe(value));
}

}  // namespace spoor::schema
