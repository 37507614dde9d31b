#include "lib/simulate/world.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "spoor/base/status_macros.h"

namespace spoor::simulate {

absl::string_view KindName(ActorKind kind) {
  static constexpr absl::string_view kNames[kActorKinds] = {
      "user",   "merchant", "pool",   "exchange", "payment-processor", "gambling",
      "market", "mixer",    "broker", "bridge",   "coordinator",       "thief"};
  return kNames[static_cast<int>(kind)];
}

absl::string_view KindCategory(ActorKind kind) {
  switch (kind) {
    case ActorKind::kExchange:
      return "exchange";
    case ActorKind::kPaymentProcessor:
      return "payment_processor";
    case ActorKind::kGambling:
      return "gambling";
    case ActorKind::kMarket:
      return "market";
    case ActorKind::kMixer:
      return "mixing_service";
    case ActorKind::kBroker:
      return "spoor:otc_broker";
    case ActorKind::kBridge:
      return "defi_bridge";
    case ActorKind::kCoordinator:
      return "coinjoin";
    case ActorKind::kThief:
      return "perpetrator";
    case ActorKind::kUser:
    case ActorKind::kMerchant:
    case ActorKind::kPool:
      break;
  }
  return "";
}

ActorId World::AddActor(ActorKind kind) {
  actors_.emplace_back();
  actors_.back().kind = kind;
  actors_.back().number = ++per_kind_[static_cast<int>(kind)];
  return static_cast<ActorId>(actors_.size() - 1);
}

std::string World::ActorName(ActorId id) const {
  return absl::StrCat(KindName(actors_[id].kind), "-", actors_[id].number);
}

AddressId World::AddAddress(ActorId owner, AddressKind kind, Role role) {
  addresses_.push_back({owner, keys_++, kind, role, false, false});
  return static_cast<AddressId>(addresses_.size() - 1);
}

AddressId World::AddSibling(AddressId other, AddressKind kind) {
  SPOOR_CHECK(!addresses_[other].has_sibling && addresses_[other].kind != kind);
  addresses_[other].has_sibling = true;
  Address sibling = addresses_[other];
  sibling.kind = kind;
  sibling.published = false;
  addresses_.push_back(sibling);
  return static_cast<AddressId>(addresses_.size() - 1);
}

CoinId World::AddCoin(const Coin& coin) {
  CoinId id;
  if (free_coins_.empty()) {
    id = static_cast<CoinId>(coins_.size());
    coins_.push_back(coin);
  } else {
    id = free_coins_.back();
    free_coins_.pop_back();
    coins_[id] = coin;
  }
  coin_total_ += coin.value;
  return id;
}

void World::Release(CoinId id) {
  const Address& to = addresses_[coins_[id].address];
  switch (to.role) {
    case Role::kWallet:
      Give(to.owner, id);
      break;
    case Role::kDeposit:
      actors_[to.owner].deposits.push_back(id);
      break;
    case Role::kHeld:
      break;
  }
}

void World::Give(ActorId to, CoinId id) {
  actors_[to].coins.push_back(id);
  actors_[to].balance += coins_[id].value;
}

void World::RemoveCoin(CoinId id) {
  coin_total_ -= coins_[id].value;
  free_coins_.push_back(id);
}

std::vector<CoinId> World::TakeCoins(ActorId id, const std::vector<size_t>& places) {
  std::vector<CoinId> taken;
  if (places.empty()) return taken;
  Actor& actor = actors_[id];
  taken.reserve(places.size());
  size_t kept = places.front();
  auto next = places.begin();
  // The selection looked at the oldest few only, so what is behind the last place moves in one go.
  for (size_t i = kept; i <= places.back(); ++i) {
    if (i == *next) {
      taken.push_back(actor.coins[i]);
      actor.balance -= coins_[actor.coins[i]].value;
      ++next;
    } else {
      actor.coins[kept++] = actor.coins[i];
    }
  }
  actor.coins.erase(actor.coins.begin() + kept, actor.coins.begin() + places.back() + 1);
  return taken;
}

std::vector<CoinId> World::TakeDeposits(ActorId id, size_t most) {
  std::vector<CoinId>& pile = actors_[id].deposits;
  const size_t n = std::min(most, pile.size());
  std::vector<CoinId> taken(pile.begin(), pile.begin() + n);
  pile.erase(pile.begin(), pile.begin() + n);
  return taken;
}

}  // namespace spoor::simulate
