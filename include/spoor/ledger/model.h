#ifndef SPOOR_LEDGER_MODEL_H_
#define SPOOR_LEDGER_MODEL_H_

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "spoor/chain/amount.h"
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

// An asset of a chain; 0 is the native one.
using AssetId = uint32_t;
inline constexpr AssetId kNativeAsset = 0;

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
};

enum class TakerKind : uint8_t { kHolding, kBurned, kFee };

// One who shares in what a movement spent.
struct Take {
  TakerKind kind = TakerKind::kHolding;
  // Of kHolding and kBurned: which one. (A burned output is a place too, that nobody can spend.)
  Holding holding;
  AddressId owner;  // nobody for kBurned and kFee
  Units amount;
  // What the holding held before: always 0 on a UTXO chain.
  Units before;
  // The next movement that touches the holding: on a UTXO chain, its spender. nullopt if there is
  // none yet.
  std::optional<Position> next;
};

// Takes follow each other in the order in which they share: on a UTXO chain the outputs, then one
// kFee (whose amount may be 0; coinbases have none). What was given and minted equals what was
// taken, always.
struct Movement {
  Position position;
  Txid txid;
  uint32_t height = 0;
  bool coinbase = false;
  AssetId asset = kNativeAsset;
  Units minted;  // new units, before the gives in the sequence: in a coinbase, all it pays out
  std::vector<Give> gives;
  std::vector<Take> takes;
};

// Running totals of a chain, up to and including some block.
struct LedgerTotals {
  uint64_t blocks = 0;
  uint64_t transactions = 0;
  uint64_t movements = 0;  // also the position after the last movement
  uint64_t inputs = 0;     // that spend something: a coinbase's input does not count
  uint64_t outputs = 0;
  uint64_t addresses = 0;
  uint64_t transfers = 0;  // of account chains
  uint64_t unresolved_inputs = 0;

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
