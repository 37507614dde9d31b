#ifndef SPOOR_LIB_LEDGER_ACCOUNT_ROW_H_
#define SPOOR_LIB_LEDGER_ACCOUNT_ROW_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "spoor/ledger/model.h"

// Movements of account chains as they are kept. What a balance held when a movement touched it is
// kept less its opening balance, which is known only when the last block is: so a later block that
// raises the opening balance changes no earlier row.

namespace spoor {

// A balance as the ledger stands.
struct Balance {
  Units amount;  // the opening balance included
  Units opening;
  Uint512 received;
  uint64_t movements = 0;  // that touched it
  Position last;           // of these
  uint32_t slot = 0;       // which balance of the movement `last` it is: an index of touches

  friend bool operator==(const Balance&, const Balance&) = default;
};

// A balance that a movement touches.
struct Touch {
  AddressId owner;
  // What it held before, less its opening balance; modulo 2^256, because that may be below zero.
  Units relative;
  // The movement that touched it before this one, and which of that one's it was.
  std::optional<Position> previous;
  uint32_t previous_slot = 0;
  std::optional<Position> next;

  friend bool operator==(const Touch&, const Touch&) = default;
};

struct AccountRow {
  Txid txid;
  uint32_t height = 0;
  MovementKind kind = MovementKind::kTransfer;
  uint32_t index = 0;
  AssetId asset = kNativeAsset;
  bool gives = false;       // whether there is a giver, touches[0]
  bool takes = false;       // whether there is a receiver, the last of touches
  bool to_self = false;     // who are one
  bool impossible = false;  // `amount` was so much that balances would have passed 256 bits
  Units amount;             // that moves
  Units burned;             // of a fee
  Units raise;              // by so much the giver's opening balance rose
  std::array<Touch, 2> touches;

  size_t size() const { return (gives ? 1 : 0) + (takes && !to_self ? 1 : 0); }
  Holding holding(size_t i) const { return Holding::Balance(touches[i].owner, asset); }

  friend bool operator==(const AccountRow&, const AccountRow&) = default;
};

// How often an asset's balances went wrong.
struct AssetTally {
  uint64_t openings = 0;  // balances that have an opening balance
  uint64_t impossible = 0;

  friend bool operator==(const AssetTally&, const AssetTally&) = default;
};

// What a movement of a new block states (ledger_writer.h).
AccountRow RowOfStated(const Movement& stated);

// Moves what `row` says between `balances`, those of row->touches, and notes in the row what they
// were. A balance that no movement touched yet is all zeros.
void ApplyRow(Position position, const std::array<Balance*, 2>& balances, AssetTally* asset,
              AccountRow* row);
// The reverse: balances and tally are what they were.
void UndoRow(const AccountRow& row, const std::array<Balance*, 2>& balances, AssetTally* asset);

// The first raise of an opening balance from zero.
bool OpensBalance(const AccountRow& row);

// Fills all of `*out`, reusing its memory. `openings` are those of row.touches as the ledger
// stands. False if they do not go together.
bool MovementOfRow(Position position, const AccountRow& row, const std::array<Units, 2>& openings,
                   Movement* out);

// AssetInfo as it is seen, of what was said when it was added.
AssetInfo SeenAsset(AssetInfo stated, const AssetTally& tally);

}  // namespace spoor

#endif  // SPOOR_LIB_LEDGER_ACCOUNT_ROW_H_
