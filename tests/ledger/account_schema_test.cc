#include "lib/ledger/account_schema.h"

#include <limits>
#include <random>
#include <string>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "lib/ledger/schema.h"
#include "spoor/base/bytes.h"

namespace spoor::schema {
namespace {

Txid CountingTxid() {
  Bytes bytes(Txid::kSize);
  for (size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<uint8_t>(i);
  return Txid::FromBytes(bytes);
}

// Account 4 pays 7 of asset 300 to account 127, after it had 5 units less than nothing.
AccountRow SomeRow() {
  AccountRow row;
  row.txid = CountingTxid();
  row.height = 200;
  row.index = 3;
  row.asset = 300;
  row.gives = row.takes = true;
  row.amount = 7;
  row.raise = 2;
  row.touches[0].owner = AddressId{4};
  row.touches[0].relative = Units(0) - 5;
  row.touches[0].previous = Position{998};
  row.touches[0].previous_slot = 1;
  row.touches[1].owner = AddressId{127};
  row.touches[1].relative = Units(1) << 64;
  row.touches[1].next = Position{1001};
  return row;
}

TEST(AccountSchema, HasTheseBytes) {
  std::string row;
  EncodeAccountRow(Position{1000}, SomeRow(), &row);
  EXPECT_EQ(ToHex(AsBytes(row)),
            absl::StrCat("a3",  // gives, takes, a transfer, the opening balance rises
                         "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f", "c801",
                         "03", "ac02", "0107", "0102",        //
                         "04", "8105", "05",                  // two back, its second
                         "7f", "09000000000000000001", "00",  //
                         "ffffffffff", "e903000000"));
  Balance balance;
  balance.amount = 258;
  balance.received = (Uint512(1) << 256) + 1;
  balance.movements = 3;
  balance.last = Position{64};
  balance.slot = 1;
  EXPECT_EQ(ToHex(AsBytes(EncodeBalance(balance))),
            absl::StrCat("8101", "03", "020201", "00", "2101", std::string(62, '0'), "01"));
  AssetRow asset;
  asset.stated = {"key", "TOK", -1, true, true, 0};
  asset.tally = {128, 1};
  EXPECT_EQ(ToHex(AsBytes(EncodeAsset(asset))),
            "03018001010"
            "36b657903544f4b");
  EXPECT_EQ(ToHex(AsBytes(BalanceKey(2, Holding{258, 3}))), "02000000010200000003");
  EXPECT_EQ(BalanceOfKey(BalanceKey(2, Holding{258, 3})), (Holding{258, 3}));
  EXPECT_EQ(ToHex(AsBytes(AssetKey(2, 3))), "0200000003");
  EXPECT_EQ(ToHex(AsBytes(AssetIdKey(2, "k"))), "026b");
  EXPECT_EQ(ToHex(AsBytes(EncodeAssetId(3))), "00000003");
}

AccountRow RandomRow(std::mt19937_64& rng, uint64_t position) {
  const auto chance = [&](uint64_t n) { return rng() % n == 0; };
  const auto amount = [&]() -> Units {
    Units v = 0;
    for (uint64_t n = rng() % 5; n > 0; --n) v = v << 64 | rng();
    if (chance(10)) v = std::numeric_limits<Units>::max();
    return v >> (rng() % 64);
  };
  AccountRow row;
  row.txid = CountingTxid();
  row.height = static_cast<uint32_t>(rng() >> (rng() % 64));
  row.index = static_cast<uint32_t>(rng() >> (rng() % 64));
  row.asset = static_cast<uint32_t>(rng() >> (rng() % 64));
  row.kind = static_cast<MovementKind>(1 + rng() % 3);
  const bool fee = row.kind == MovementKind::kFee;
  row.gives = fee || chance(2);
  row.takes = !fee && (!row.gives || chance(2));
  row.to_self = row.gives && row.takes && chance(3);
  row.impossible = chance(9);
  row.amount = amount();
  if (fee && chance(2)) row.burned = row.amount / 2;
  if (row.gives && chance(2)) row.raise = row.amount / 3;
  for (size_t i = 0; i < row.size(); ++i) {
    Touch& touch = row.touches[i];
    touch.owner = AddressId{(rng() >> (rng() % 64)) % kNone40};
    touch.relative = chance(2) ? Units(Units(0) - amount()) : amount();
    if (position > 0 && chance(2)) {
      touch.previous = Position{position - 1 - (rng() >> (rng() % 64)) % position};
      touch.previous_slot = rng() % 2;
    }
    if (chance(2)) touch.next = Position{position + 1 + rng() % 1000};
  }
  return row;
}

TEST(AccountSchema, DecodesWhatItEncodesAndNothingShorterOrLonger) {
  std::mt19937_64 rng(/*seed=*/20260401);
  AccountRow decoded;
  for (int i = 0; i < 3000; ++i) {
    const Position position{rng() % (uint64_t{1} << (rng() % 39))};
    const AccountRow row = RandomRow(rng, position.number);
    std::string bytes;
    EncodeAccountRow(position, row, &bytes);
    const absl::Status status = DecodeAccountRow(position, bytes, &decoded);
    ASSERT_TRUE(status.ok()) << status << " " << ToHex(AsBytes(bytes));
    // Rows that touch less than the one decoded before leave it a touch.
    for (size_t t = row.size(); t < 2; ++t) decoded.touches[t] = row.touches[t];
    ASSERT_TRUE(decoded == row) << ToHex(AsBytes(bytes));
    for (size_t size = 0; size < bytes.size(); ++size) {
      EXPECT_FALSE(
          DecodeAccountRow(position, absl::string_view(bytes).substr(0, size), &decoded).ok());
    }
    EXPECT_FALSE(DecodeAccountRow(position, bytes + '\0', &decoded).ok());
    // Whatever a damaged row says, it is read within bounds.
    bytes[rng() % bytes.size()] ^= static_cast<char>(1 << (rng() % 8));
    DecodeAccountRow(position, bytes, &decoded).IgnoreError();
  }
}

TEST(AccountSchema, BalancesAndAssetsComeBack) {
  std::mt19937_64 rng(/*seed=*/20260402);
  for (int i = 0; i < 1000; ++i) {
    const auto any = [&] { return rng() >> (rng() % 64); };
    Balance balance;
    balance.amount = Units(any()) << (rng() % 190);
    balance.opening = rng() % 2 == 0 ? Units(0) : Units(any());
    balance.received = Uint512(any()) << (rng() % 440);
    balance.movements = 1 + (any() >> 1);
    balance.last = Position{any() >> 24};
    balance.slot = rng() % 2;
    const std::string bytes = EncodeBalance(balance);
    Balance decoded;
    ASSERT_TRUE(DecodeBalance(bytes, &decoded).ok());
    EXPECT_TRUE(decoded == balance);
    AssetRow asset;
    asset.stated.key = std::string(rng() % 40, 'k');
    asset.stated.symbol = std::string(rng() % 300, 's');
    asset.stated.decimals = static_cast<int>(rng() % 256) - 100;
    asset.stated.whole = rng() % 2 == 0;
    asset.stated.lying = rng() % 2 == 0;
    asset.tally = {any(), any()};
    const std::string asset_bytes = EncodeAsset(asset);
    AssetRow decoded_asset;
    ASSERT_TRUE(DecodeAsset(asset_bytes, &decoded_asset).ok());
    EXPECT_TRUE(decoded_asset.stated == asset.stated && decoded_asset.tally == asset.tally);
    for (size_t size = 0; size < bytes.size(); ++size) {
      EXPECT_FALSE(DecodeBalance(absl::string_view(bytes).substr(0, size), &decoded).ok());
    }
    for (size_t size = 0; size < asset_bytes.size(); ++size) {
      EXPECT_FALSE(
          DecodeAsset(absl::string_view(asset_bytes).substr(0, size), &decoded_asset).ok());
    }
    EXPECT_FALSE(DecodeBalance(bytes + '\0', &decoded).ok());
    EXPECT_FALSE(DecodeAsset(asset_bytes + '\0', &decoded_asset).ok());
  }
}

TEST(AccountSchema, AnOperandSaysWhatTouchesABalanceNext) {
  std::mt19937_64 rng(/*seed=*/20260403);
  for (int i = 0; i < 500; ++i) {
    AccountRow row = RandomRow(rng, 500);
    std::string bytes;
    EncodeAccountRow(Position{500}, row, &bytes);
    std::string operand;
    for (int n = 0; n < 4; ++n) {
      const auto touch = static_cast<uint32_t>(rng() % row.size());
      std::optional<Position>& next = row.touches[touch].next;
      next.reset();
      if (rng() % 3 != 0) next = Position{501 + rng() % 100};
      AppendNext(touch, next, &operand);
    }
    std::string wanted;
    EncodeAccountRow(Position{500}, row, &wanted);
    const std::string before = bytes;
    ASSERT_TRUE(ApplyNexts(operand, &bytes));
    EXPECT_EQ(ToHex(AsBytes(bytes)), ToHex(AsBytes(wanted)));
    if (row.touches[0].next.has_value()) {
      SetNext(0, *row.touches[0].next, bytes.data(), bytes.size());
      EXPECT_EQ(bytes, wanted);
    }
    EXPECT_FALSE(ApplyNexts(operand.substr(1), &bytes));
    std::string beyond;
    AppendNext(static_cast<uint32_t>(row.size()), Position{501}, &beyond);
    EXPECT_FALSE(ApplyNexts(beyond, &bytes));
    std::string cut = before.substr(0, 20);
    EXPECT_FALSE(ApplyNexts(operand, &cut));
  }
}

}  // namespace
}  // namespace spoor::schema
