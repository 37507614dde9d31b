#ifndef SPOOR_LIB_LEDGER_ACCOUNT_SCHEMA_H_
#define SPOOR_LIB_LEDGER_ACCOUNT_SCHEMA_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "lib/ledger/account_row.h"
#include "spoor/ledger/model.h"

// What account chains have in the store beside what every chain has (lib/ledger/schema.h): column
// families that are made when the first account chain is added.
//
//   account.movements  C P            -> the movement: see EncodeAccountRow. That a later movement
//                                        touches its balances is a merge operand.
//   account.balances   C A asset(4)   -> the balance as the ledger stands: see EncodeBalance
//   account.assets     C asset(4)     -> the asset: see EncodeAsset. The native one has a row only
//                                        while its tally is not all 0.
//   account.asset_ids  C key          -> asset(4)
//
// A row of txids is there for the first movement of each run of movements of one transaction; its
// value is the text that the transaction is called by, if it is not called by its hash.

namespace spoor::schema {

inline constexpr char kAccountPrefix[] = "account.";
inline constexpr char kAccountMovements[] = "account.movements";
inline constexpr char kBalances[] = "account.balances";
inline constexpr char kAssets[] = "account.assets";
inline constexpr char kAssetIds[] = "account.asset_ids";

std::string BalancePrefix(uint8_t chain, AddressId id);
std::string BalanceKey(uint8_t chain, const Holding& balance);
// Requires a key as BalanceKey() makes them.
Holding BalanceOfKey(absl::string_view key);
std::string AssetKey(uint8_t chain, AssetId asset);
// Requires a key as AssetKey() makes them.
AssetId AssetOfKey(absl::string_view key);
std::string AssetIdKey(uint8_t chain, absl::string_view key);

// An amount is its number of bytes(1), at most 32 (of what a balance received, 64), and these, the
// least first and the last not 0.
//
//   flags(1): 1 gives, 2 takes, 4 to oneself, 8 impossible; 16 times the kind, 1 kFee, 2 kTransfer,
//     3 kReward; 64 some is burned, 128 the opening balance rises
//   txid(32)  height(varint)  index(varint)  asset(varint)  what moves(amount)
//   what is burned(amount), what it rises by(amount), where flags say so
//   for each balance touched, the giver's first:
//     owner(varint): the address id
//     what it held before, less its opening balance(amount; 128 added to the first byte: below 0)
//     previous(varint): 0 if no movement touched it before, else twice the distance to that one,
//       plus which of its balances it was
//   for each of these five bytes, little-endian: the next movement that touches it, kNone40 if none
// The position is in the key.
void EncodeAccountRow(Position position, const AccountRow& row, std::string* out);
// Fills all of `*out`. DATA_LOSS if `value` is not exactly that.
absl::Status DecodeAccountRow(Position position, absl::string_view value, AccountRow* out);

// A merge operand on a movement: any number of entries, each touch(4) next(5), little-endian;
// applied in order, the next kNone40 stands for none.
void AppendNext(uint32_t touch, std::optional<Position> next, std::string* operand);
// Sets what touches a balance of the encoded movement next, in place. Requires that there is one.
void SetNext(uint32_t touch, Position next, char* row, size_t size);
// Applies an operand to an encoded movement in place. False if it does not fit.
bool ApplyNexts(absl::string_view operand, std::string* movement);

// last(varint): twice the position of the last movement that touched it, plus which of its balances
// it is; movements(varint); then amounts: what it is, its opening balance, what it received.
std::string EncodeBalance(const Balance& balance);
absl::Status DecodeBalance(absl::string_view value, Balance* out);

// flags(1): 1 whole, 2 said to lie; then varints: decimals (zigzag), openings, impossible; then key
// and symbol, each a varint length and its bytes.
struct AssetRow {
  AssetInfo stated;
  AssetTally tally;
};
std::string EncodeAsset(const AssetRow& asset);
absl::Status DecodeAsset(absl::string_view value, AssetRow* out);

std::string EncodeAssetId(AssetId id);
absl::StatusOr<AssetId> DecodeAssetId(absl::string_view value);

}  // namespace spoor::schema

#endif  // SPOOR_LIB_LEDGER_ACCOUNT_SCHEMA_H_
