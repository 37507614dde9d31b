#ifndef SPOOR_LIB_TAINT_STEP_H_
#define SPOOR_LIB_TAINT_STEP_H_

#include <cstdint>
#include <optional>
#include <vector>

#include "lib/taint/agenda.h"
#include "lib/taint/blocks.h"
#include "spoor/ledger/model.h"
#include "spoor/taint/follow.h"
#include "spoor/taint/policy.h"

namespace spoor {

// A movement as a trace goes through it: units enter and leave. Backwards they enter by what it
// took and leave by what gave.
template <typename U>
struct Step {
  struct Entry {
    std::optional<Holding> holding;  // nullopt: nothing traced can be there
    AddressId owner;                 // or one of Flow's that stand for no address
    U amount = 0;
    bool at_output = true;  // Endpoint
  };
  struct Exit {
    EndpointKind rests = EndpointKind::kUnspent;  // if they do not go on
    AddressId owner;
    bool at_output = true;
    uint32_t index = 0;
    // Where they go on, and by which movement: `next`, or the block's coinbase, for a fee.
    Holding holding;
    std::optional<Position> next;
    bool to_coinbase = false;
  };

  // Reads `movement` anew; memory is reused.
  void Set(const Movement& movement, Direction direction, FeeRule fees);

  Position position;
  uint32_t height = 0;
  Txid txid;
  AssetId asset = kNativeAsset;
  uint64_t unresolved_inputs = 0;
  std::vector<Entry> entries;
  std::vector<Exit> exits;
  std::vector<Taker<U>> takers;  // the exits, as a policy sees them

 private:
  void SetForward(const Movement& movement, FeeRule fees);
  void SetBack(const Movement& movement);
};

template <typename U>
void Step<U>::Set(const Movement& movement, Direction direction, FeeRule fees) {
  position = movement.position;
  height = movement.height;
  txid = movement.txid;
  asset = movement.asset;
  unresolved_inputs = 0;
  for (const Give& give : movement.gives) {
    unresolved_inputs += give.kind == GiveKind::kUnresolved ? 1 : 0;
  }
  entries.clear();
  exits.clear();
  takers.clear();
  if (direction == Direction::kForward) {
    SetForward(movement, fees);
  } else {
    SetBack(movement);
  }
}

inline AddressId FlowOwner(const Take& take) {
  switch (take.kind) {
    case TakerKind::kFee:
      return Flow::kToFees;
    case TakerKind::kBurned:
      return Flow::kToBurned;
    case TakerKind::kHolding:
      break;
  }
  return take.owner;
}

template <typename U>
void Step<U>::SetForward(const Movement& movement, FeeRule fees) {
  if (movement.minted != 0) {
    entries.push_back({std::nullopt, Flow::kFromMinted, static_cast<U>(movement.minted)});
  }
  for (const Give& give : movement.gives) {
    Entry& entry = entries.emplace_back();
    if (give.kind == GiveKind::kHolding) entry.holding = give.holding;
    entry.owner = give.owner;
    entry.amount = static_cast<U>(give.amount);
  }
  for (size_t i = 0; i < movement.takes.size(); ++i) {
    const Take& take = movement.takes[i];
    Exit& exit = exits.emplace_back();
    exit.owner = FlowOwner(take);
    const bool fee = take.kind == TakerKind::kFee;
    if (fee) {
      exit.rests = EndpointKind::kFee;
      exit.at_output = false;
      exit.holding = FeeHolding(movement.position);
      exit.to_coinbase = fees != FeeRule::kEnd && !movement.coinbase;
    } else {
      if (take.kind == TakerKind::kBurned) exit.rests = EndpointKind::kBurned;
      exit.index = static_cast<uint32_t>(i);
      exit.holding = take.holding;
      exit.next = take.next;
    }
    takers.push_back({static_cast<U>(take.amount), fee});
  }
}

template <typename U>
void Step<U>::SetBack(const Movement& movement) {
  for (const Take& take : movement.takes) {
    const bool fee = take.kind == TakerKind::kFee;
    entries.push_back({fee ? FeeHolding(movement.position) : take.holding, FlowOwner(take),
                       static_cast<U>(take.amount), !fee});
  }
  if (movement.minted != 0) {
    Exit& exit = exits.emplace_back();
    exit.rests = EndpointKind::kMinted;
    exit.at_output = false;
    exit.owner = Flow::kFromMinted;
    takers.push_back({static_cast<U>(movement.minted)});
  }
  for (size_t i = 0; i < movement.gives.size(); ++i) {
    const Give& give = movement.gives[i];
    Exit& exit = exits.emplace_back();
    exit.owner = give.owner;
    exit.at_output = false;
    switch (give.kind) {
      case GiveKind::kHolding:
        exit.holding = give.holding;
        exit.next = Position{give.holding.major};
        break;
      case GiveKind::kOutside:
        exit.rests =
            give.owner == Flow::kFromMinted ? EndpointKind::kMinted : EndpointKind::kOutside;
        if (exit.rests == EndpointKind::kOutside) exit.index = static_cast<uint32_t>(i);
        break;
      case GiveKind::kUnresolved:
        exit.rests = EndpointKind::kUnresolved;
        exit.index = static_cast<uint32_t>(i);
        break;
    }
    takers.push_back({static_cast<U>(give.amount)});
  }
}

}  // namespace spoor

#endif  // SPOOR_LIB_TAINT_STEP_H_
