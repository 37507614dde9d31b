#ifndef SPOOR_LIB_SIMULATE_WORLD_H_
#define SPOOR_LIB_SIMULATE_WORLD_H_

#include <cstdint>
#include <deque>
#include <limits>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "lib/simulate/coin_selection.h"
#include "spoor/chain/hash.h"

namespace spoor::simulate {

// Everything in the world is an index into a table: millions of each must fit in memory.
using ActorId = uint32_t;
using AddressId = uint32_t;
using CoinId = uint32_t;
inline constexpr uint32_t kNone = std::numeric_limits<uint32_t>::max();

enum class ActorKind : uint8_t {
  kUser,
  kMerchant,
  kPool,
  kExchange,
  kPaymentProcessor,
  kGambling,
  kMarket,
  kMixer,
  kBroker,
  kBridge,
  kCoordinator,
  kThief,
};
inline constexpr int kActorKinds = static_cast<int>(ActorKind::kThief) + 1;

absl::string_view KindName(ActorKind kind);
// The TagPack category of a service; empty for the kinds that are none.
absl::string_view KindCategory(ActorKind kind);

// What an address commits to. One public key may stand behind addresses of several kinds.
enum class AddressKind : uint8_t {
  kP2pk,
  kP2pkh,
  kP2shP2wpkh,
  kP2wpkh,
  kP2tr,
  kP2wsh,  // two of three keys
};

// Where an address's coins go when they arrive.
enum class Role : uint8_t {
  kWallet,   // into the owner's wallet
  kDeposit,  // onto the service's pile of deposits, until a sweep
  kHeld,     // nowhere: whoever had it made keeps track of its coins
};

struct Address {
  ActorId owner;
  uint32_t key;
  AddressKind kind;
  Role role;
  bool published;    // has been paid, and so is in the truth
  bool has_sibling;  // another address of the same key exists
};

struct Coin {
  Txid txid;
  uint64_t value;
  uint32_t vout;
  AddressId address;
  uint32_t height;
};

// How a wallet treats receiving addresses.
enum class AddressHabit : uint8_t {
  kFresh,    // a new one every time
  kSticky,   // the same one for a while
  kForever,  // one for everything, change included
};
enum class ChangePlace : uint8_t { kRandom, kFirst, kLast };

struct Actor {
  ActorKind kind = ActorKind::kUser;
  AddressKind script = AddressKind::kP2wpkh;
  CoinSelection selection = CoinSelection::kOldestFirst;
  ChangePlace change_place = ChangePlace::kRandom;
  AddressHabit habit = AddressHabit::kFresh;
  bool change_to_sender = false;  // change goes back to an input's address
  bool same_key = false;          // has addresses of several kinds for one key, as some wallets did
  uint32_t number = 0;            // among its kind, from 1
  AddressId current = kNone;      // for the sticky
  uint64_t balance = 0;
  std::vector<CoinId> coins;     // oldest first
  std::vector<CoinId> deposits;  // to its deposit addresses; not in `balance`
};

// Who there is, what addresses they have, and which coins exist. Knows nothing of transactions.
class World {
 public:
  ActorId AddActor(ActorKind kind);
  Actor& actor(ActorId id) { return actors_[id]; }
  const Actor& actor(ActorId id) const { return actors_[id]; }
  size_t actor_count() const { return actors_.size(); }
  // "user-17".
  std::string ActorName(ActorId id) const;

  AddressId AddAddress(ActorId owner, AddressKind kind, Role role);
  // Of the same key as `other`, which has no sibling yet, of another kind and in the same role.
  AddressId AddSibling(AddressId other, AddressKind kind);
  Address& address(AddressId id) { return addresses_[id]; }
  const Address& address(AddressId id) const { return addresses_[id]; }
  size_t key_count() const { return keys_; }

  // A coin that nobody holds yet.
  CoinId AddCoin(const Coin& coin);
  // Puts a coin that nobody holds where its address's role says.
  void Release(CoinId id);
  // Puts a coin that nobody holds into the actor's wallet, whatever its role.
  void Give(ActorId to, CoinId id);
  const Coin& coin(CoinId id) const { return coins_[id]; }
  // Forgets a coin that is in no wallet any more: its number will be used again.
  void RemoveCoin(CoinId id);
  uint64_t coin_count() const { return coins_.size() - free_coins_.size(); }
  uint64_t coin_total() const { return coin_total_; }

  // Takes coins out of a wallet. `places` are ascending indices into actor(id).coins.
  std::vector<CoinId> TakeCoins(ActorId id, const std::vector<size_t>& places);
  // Takes up to `most` of the oldest deposits.
  std::vector<CoinId> TakeDeposits(ActorId id, size_t most);

 private:
  std::vector<Actor> actors_;
  std::vector<Address> addresses_;
  std::vector<Coin> coins_;
  std::vector<CoinId> free_coins_;
  uint32_t per_kind_[kActorKinds] = {};
  uint32_t keys_ = 0;
  uint64_t coin_total_ = 0;
};

}  // namespace spoor::simulate

#endif  // SPOOR_LIB_SIMULATE_WORLD_H_
