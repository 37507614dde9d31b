#ifndef SPOOR_LEDGER_MODEL_H_
#define SPOOR_LEDGER_MODEL_H_

#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "spoor/chain/amount.h"
#include "spoor/chain/fingerprint.h"
#include "spoor/chain/hash.h"

// One model for both families of ledger (docs/model.md). Value rests in holdings; a
// movement spends some holdings whole and shares what they held among takers.

namespace spoor {

enum class Family : uint8_t {
  kUtxo = 1,     // Bitcoin and its kin: a holding is a transaction output
  kAccount = 2,  // Ethereum and its kin, any account export: a holding is a balance
};

// What a ledger says of one of its chains, fixed when the chain is first ingested.
struct ChainInfo {
  std::string name;  // "bitcoin", "ethereum": as in `CHAIN:` before a seed and in reports
  Family family = Family::kUtxo;
  std::string network;  // Network::name for Bitcoin's kin, else empty
  std::string symbol;   // of the native asset: "BTC"
  int decimals = 8;     // digits after the point when the native asset is shown to people
  // Of an account chain: some of it came from a source without the transfers that contracts make of
  // the native asset. Every result on the chain must say so.
  bool internal_transfers_missing = false;

  // The native asset as reports name it: "bitcoin:BTC".
  std::string NativeAsset() const { return name + ":" + symbol; }
  friend bool operator==(const ChainInfo&, const ChainInfo&) = default;
};

// Where a movement stands in its chain: 0, 1, 2, ... without gaps, in the order of execution.
struct Position {
  uint64_t number = 0;

  friend bool operator==(const Position&, const Position&) = default;
  friend auto operator<=>(const Position&, const Position&) = default;
  template <typename H>
  friend H AbslHashValue(H h, const Position& v) {
    return H::combine(std::move(h), v.number);
  }
};

// An address (Bitcoin: a script) of a chain: 0, 1, 2, ... in the order of first appearance.
struct AddressId {
  static constexpr uint64_t kNobody = ~uint64_t{0};
  uint64_t number = kNobody;

  bool IsNobody() const { return number == kNobody; }
  friend bool operator==(const AddressId&, const AddressId&) = default;
  friend auto operator<=>(const AddressId&, const AddressId&) = default;
  template <typename H>
  friend H AbslHashValue(H h, const AddressId& v) {
    return H::combine(std::move(h), v.number);
  }
};

// An asset of a chain; 0 is the native one. Others are numbered in the order of first appearance.
using AssetId = uint32_t;
inline constexpr AssetId kNativeAsset = 0;

// What a ledger says of an asset.
struct AssetInfo {
  std::string key;     // of its contract, made as an address key is; empty for the native asset
  std::string symbol;  // for people only: anybody may call a token anything
  int decimals = 0;    // likewise
  // Whether no balance of it can be from before the ledger begins: it was made in it.
  bool whole = false;
  // Whether its transfers are known not to be what they say: whoever added it said so, or it is
  // whole and a balance of it would have gone below zero, or a balance would have passed 256 bits.
  bool lying = false;
  uint64_t openings = 0;  // how many balances of it have an opening balance

  friend bool operator==(const AssetInfo&, const AssetInfo&) = default;
};

// Where value rests. On a UTXO chain: output `minor` of the movement at position `major`. On an
// account chain: the balance of asset `minor` of address `major`.
struct Holding {
  uint64_t major = 0;
  uint32_t minor = 0;

  static Holding Output(Position p, uint32_t index) { return {p.number, index}; }
  static Holding Balance(AddressId a, AssetId asset) { return {a.number, asset}; }

  friend bool operator==(const Holding&, const Holding&) = default;
  friend auto operator<=>(const Holding&, const Holding&) = default;
  template <typename H>
  friend H AbslHashValue(H h, const Holding& v) {
    return H::combine(std::move(h), v.major, v.minor);
  }
};

// What a ledger that begins in mid-life knows of a holding that a movement spends (docs/model.md,
// "Value and movement").
enum class GiveKind : uint8_t {
  kHolding,     // it came to be in this ledger
  kOutside,     // it came to be before; its amount and owner are known from elsewhere
  kUnresolved,  // nothing is known of it
};

// A holding that a movement spends, whole.
struct Give {
  GiveKind kind = GiveKind::kHolding;
  Holding holding;  // of kHolding
  AddressId owner;  // nobody if kUnresolved
  // Of an unresolved give, the least that lets the movement pay out what it paid: the first such
  // give of a movement takes all that is wanting, the others 0.
  Units amount;
  // Of a balance whose history begins before the ledger: what it must have held then at the least
  // ("Opening balance", docs/model.md), of which `amount` has what is left. Later blocks may raise
  // it, for all movements of the balance, and undoing them lowers it again.
  Units opening = 0;
  // Of a balance, the movement before this one that touched it; nullopt if this is the first.
  std::optional<Position> previous = std::nullopt;
};

enum class TakerKind : uint8_t { kHolding, kBurned, kFee };

// One who shares in what a movement spent.
struct Take {
  TakerKind kind = TakerKind::kHolding;
  // Of kHolding and, on a UTXO chain, kBurned: which one. (A burned output is a place too, that
  // nobody can spend.)
  Holding holding;
  AddressId owner;  // nobody for kBurned and kFee
  Units amount;
  // What the holding held before, which lies in front of what it takes: always 0 on a UTXO chain.
  Units before;
  // As Give::opening, of the balance that takes.
  Units opening = 0;
  // As Give::previous, of the balance that takes; nullopt of change, which is of the balance given.
  std::optional<Position> previous = std::nullopt;
  // The next movement that touches the holding: on a UTXO chain, its spender; on an account chain,
  // the next that gives from the balance or adds to it. nullopt if there is none yet.
  std::optional<Position> next = std::nullopt;
};

enum class MovementKind : uint8_t {
  kTransaction,  // of a UTXO chain; coinbases too
  kFee,          // what an account pays for a transaction
  kTransfer,     // of an account chain; also what is minted and what is burned
  kReward,       // what a chain pays out: for blocks, priority fees, withdrawals
};

// Takes follow each other in the order in which they share. What was given and minted equals what
// was taken, always.
// UTXO chain: the outputs, then one kFee (whose amount may be 0; coinbases have none).
// Account chain: at most one give, a balance whole, and nothing is given where all is minted. Then
//   kTransfer, kReward   the receiver's balance or kBurned; the change
//   kFee                 kBurned, unless it is 0; kFee, which may be 0; the change
// The change is what the giver keeps, maybe 0: wherever something is given, it is the last take.
// Who pays itself has two takes of one holding: the receipt, with nothing before, then the change,
// with the receipt before it.
struct Movement {
  Position position;
  Txid txid;
  uint32_t height = 0;
  MovementKind kind = MovementKind::kTransaction;
  bool coinbase = false;
  Fingerprint fingerprint;  // of a UTXO chain
  // Of an account chain: which transfer of its transaction, from 0, fees not counted.
  uint32_t index = 0;
  AssetId asset = kNativeAsset;
  Units minted;  // new units, before the gives in the sequence: in a coinbase, all it pays out
  std::vector<Give> gives;
  std::vector<Take> takes;

  // Whether takes[i] is what a giver keeps of its balance.
  bool IsChange(size_t i) const {
    return kind != MovementKind::kTransaction && !gives.empty() && i + 1 == takes.size();
  }
};

// What inputs have shown of the script that an address is the hash of (chain/revealed.h).
struct RevealedScript {
  Position first;     // the first movement that showed it
  std::string bytes;  // a public key or a multisig script, as it was shown there

  friend bool operator==(const RevealedScript&, const RevealedScript&) = default;
};

// A balance of an account chain as it stands. What was sent is opening + received - amount.
struct BalanceInfo {
  Holding holding;
  Units amount;            // the opening balance included
  Units opening = 0;       // as Give::opening
  Uint512 received;        // in all
  uint64_t movements = 0;  // that gave from it or added to it
  Position last;           // of these
};

// Running totals of a chain, up to and including some block.
struct LedgerTotals {
  uint64_t blocks = 0;
  uint64_t transactions = 0;
  uint64_t movements = 0;  // also the position after the last movement
  uint64_t inputs = 0;     // that spend something: a coinbase's input does not count
  uint64_t outputs = 0;
  uint64_t addresses = 0;
  uint64_t transfers = 0;          // of account chains
  uint64_t unresolved_inputs = 0;  // on an account chain: balances with an opening balance
  uint64_t assets = 0;             // of account chains, without the native one

  friend bool operator==(const LedgerTotals&, const LedgerTotals&) = default;
};

struct BlockInfo {
  uint32_t height = 0;
  BlockHash hash;
  BlockHash previous;
  int64_t time = 0;   // seconds since 1970-01-01 UTC, as the block states
  uint32_t bits = 0;  // its proof-of-work target, in the compact form of headers; 0: has none
  // The block's time or its parent's order_time, whichever is later: never decreases.
  int64_t order_time = 0;
  Position first;       // its first movement; its last is totals.movements - 1
  LedgerTotals totals;  // up to and including this block

  friend bool operator==(const BlockInfo&, const BlockInfo&) = default;
};

}  // namespace spoor

#endif  // SPOOR_LEDGER_MODEL_H_
