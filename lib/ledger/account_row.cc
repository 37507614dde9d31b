#include "lib/ledger/account_row.h"

#include <limits>
#include <utility>

#include "spoor/base/status_macros.h"

namespace spoor {
namespace {

const Units kMostUnits = std::numeric_limits<Units>::max();

// Whether its opening balance, if it must rise for that, leaves all that it ever held below 2^256.
bool CanPay(const Balance& balance, const Units& amount) {
  if (balance.amount >= amount) return true;
  const Uint512 opening = Uint512(balance.opening) + Uint512(Units(amount - balance.amount));
  return opening + balance.received <= Uint512(kMostUnits);
}

}  // namespace

AccountRow RowOfStated(const Movement& stated) {
  AccountRow row;
  row.txid = stated.txid;
  row.height = stated.height;
  row.kind = stated.kind;
  row.index = stated.index;
  row.asset = stated.asset;
  row.gives = !stated.gives.empty();
  if (row.gives) row.touches[0].owner = stated.gives[0].owner;
  if (stated.kind == MovementKind::kFee) {
    for (const Take& take : stated.takes) row.amount += take.amount;
    if (stated.takes[0].kind == TakerKind::kBurned) row.burned = stated.takes[0].amount;
    return row;
  }
  const Take& take = stated.takes[0];
  row.amount = take.amount;
  row.takes = take.kind == TakerKind::kHolding;
  row.to_self = row.takes && row.gives && take.owner == row.touches[0].owner;
  if (row.takes && !row.to_self) row.touches[row.gives ? 1 : 0].owner = take.owner;
  return row;
}

void ApplyRow(Position position, const std::array<Balance*, 2>& balances, AssetTally* asset,
              AccountRow* row) {
  const size_t size = row->size();
  Balance* const giver = row->gives ? balances[0] : nullptr;
  Balance* const receiver = !row->takes ? nullptr : balances[size - 1];
  row->impossible =
      (giver != nullptr && !CanPay(*giver, row->amount)) ||
      (receiver != nullptr && !row->to_self && row->amount > kMostUnits - receiver->amount);
  if (row->impossible) {
    asset->impossible += 1;
    row->amount = 0;
    row->burned = 0;
  }
  for (size_t i = 0; i < size; ++i) {
    Balance& balance = *balances[i];
    Touch& touch = row->touches[i];
    touch.relative = balance.amount - balance.opening;
    touch.next.reset();
    touch.previous.reset();
    touch.previous_slot = 0;
    if (balance.movements > 0) {
      touch.previous = balance.last;
      touch.previous_slot = balance.slot;
    }
    balance.movements += 1;
    balance.last = position;
    balance.slot = static_cast<uint32_t>(i);
  }
  row->raise = 0;
  if (giver != nullptr) {
    if (giver->amount < row->amount) {
      row->raise = row->amount - giver->amount;
      if (giver->opening == 0) asset->openings += 1;
      giver->opening += row->raise;
      giver->amount = row->amount;
    }
    giver->amount -= row->amount;
  }
  if (receiver != nullptr) {
    receiver->amount += row->amount;
    receiver->received += row->amount;
  }
}

void UndoRow(const AccountRow& row, const std::array<Balance*, 2>& balances, AssetTally* asset) {
  const size_t size = row.size();
  if (row.takes) {
    balances[size - 1]->amount -= row.amount;
    balances[size - 1]->received -= row.amount;
  }
  if (row.gives) {
    Balance& giver = *balances[0];
    giver.amount += row.amount;
    giver.amount -= row.raise;
    giver.opening -= row.raise;
    if (row.raise != 0 && giver.opening == 0) asset->openings -= 1;
  }
  for (size_t i = 0; i < size; ++i) {
    Balance& balance = *balances[i];
    const Touch& touch = row.touches[i];
    balance.movements -= 1;
    balance.last = touch.previous.value_or(Position());
    balance.slot = touch.previous_slot;
  }
  if (row.impossible) asset->impossible -= 1;
}

bool OpensBalance(const AccountRow& row) {
  // What it fell to, less what it rose by now, was the opening balance before.
  return row.raise != 0 && row.amount - row.touches[0].relative == row.raise;
}

bool MovementOfRow(Position position, const AccountRow& row, const std::array<Units, 2>& openings,
                   Movement* out) {
  out->position = position;
  out->txid = row.txid;
  out->height = row.height;
  out->kind = row.kind;
  out->coinbase = false;
  out->fingerprint = Fingerprint();
  out->index = row.index;
  out->asset = row.asset;
  out->minted = 0;
  Units before;
  out->gives.resize(row.gives ? 1 : 0);
  if (row.gives) {
    before = row.touches[0].relative + openings[0];
    if (before < row.amount) return false;
    Give& give = out->gives[0];
    give.kind = GiveKind::kHolding;
    give.holding = row.holding(0);
    give.owner = row.touches[0].owner;
    give.amount = before;
    give.opening = openings[0];
    give.previous = row.touches[0].previous;
  } else {
    out->minted = row.amount;
  }
  const bool two_sinks = row.kind == MovementKind::kFee && row.burned != 0;
  if (row.burned > row.amount) return false;
  out->takes.assign((two_sinks ? 2 : 1) + (row.gives ? 1 : 0), Take());
  Take& first = out->takes[0];
  if (row.kind == MovementKind::kFee) {
    if (two_sinks) {
      first.kind = TakerKind::kBurned;
      first.amount = row.burned;
    }
    Take& fee = out->takes[two_sinks ? 1 : 0];
    fee.kind = TakerKind::kFee;
    fee.amount = row.amount - row.burned;
  } else if (row.takes) {
    const size_t i = row.size() - 1;
    first.kind = TakerKind::kHolding;
    first.holding = row.holding(i);
    first.owner = row.touches[i].owner;
    first.amount = row.amount;
    first.opening = openings[i];
    first.next = row.touches[i].next;
    if (!row.to_self) {
      first.before = row.touches[i].relative + openings[i];
      first.previous = row.touches[i].previous;
      if (first.amount > kMostUnits - first.before) return false;
    }
  } else {
    first.kind = TakerKind::kBurned;
    first.amount = row.amount;
  }
  if (row.gives) {
    Take& change = out->takes.back();
    change.kind = TakerKind::kHolding;
    change.holding = row.holding(0);
    change.owner = row.touches[0].owner;
    change.amount = before - row.amount;
    if (row.to_self) change.before = row.amount;
    change.opening = openings[0];
    change.next = row.touches[0].next;
  }
  return true;
}

AssetInfo SeenAsset(AssetInfo stated, const AssetTally& tally) {
  stated.openings = tally.openings;
  stated.lying |= tally.impossible > 0 || (stated.whole && tally.openings > 0);
  return stated;
}

}  // namespace spoor
