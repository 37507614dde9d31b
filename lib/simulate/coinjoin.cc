#include "lib/simulate/coinjoin.h"

#include <algorithm>
#include <string>

#include "absl/container/flat_hash_set.h"
#include "spoor/base/status_macros.h"

namespace spoor::simulate {
namespace {

constexpr uint64_t kCoin = 100'000'000;
constexpr uint64_t kWhirlpoolSizes[] = {kCoin / 2, kCoin / 20, kCoin / 100, kCoin / 1000};
constexpr size_t kWhirlpoolPeople = 5;
// Wasabi 1 kept its denomination near a tenth of a coin.
constexpr uint64_t kWasabi1Sizes[] = {kCoin / 10, kCoin / 100, kCoin / 1000};
constexpr size_t kWasabi1Least = 10;
constexpr size_t kWasabi1Most = 60;
constexpr size_t kWasabi2People = 24;
constexpr size_t kWasabi2LeastInputs = 50;
constexpr uint64_t kWasabi2LeastOutput = 5'000;
// Of a few participants' inputs and outputs; the share of each in the mining fee.
constexpr double kJoinFeeRate = 3;

// WabiSabi's standard sizes: powers of two and three, twice the powers of three, and 1, 2 and 5
// times the powers of ten; descending.
std::vector<uint64_t> StandardSizes() {
  constexpr uint64_t kMost = 1'000 * kCoin;
  std::vector<uint64_t> sizes;
  for (uint64_t x = 1; x <= kMost; x *= 2) sizes.push_back(x);
  for (uint64_t x = 1; x <= kMost; x *= 3) {
    sizes.push_back(x);
    sizes.push_back(2 * x);
  }
  for (uint64_t x = 1; x <= kMost; x *= 10) {
    for (const uint64_t k : {1, 2, 5}) sizes.push_back(k * x);
  }
  std::sort(sizes.rbegin(), sizes.rend());
  sizes.erase(std::unique(sizes.begin(), sizes.end()), sizes.end());
  while (sizes.back() < kWasabi2LeastOutput) sizes.pop_back();
  return sizes;
}

uint64_t ShareOfFee(const World& world, const std::vector<CoinId>& coins, size_t outputs) {
  uint64_t weight = 40 + outputs * OutputWeight(AddressKind::kP2wpkh);
  for (const CoinId id : coins) weight += InputWeight(world.address(world.coin(id).address).kind);
  return LedgerBuilder::Fee(kJoinFeeRate, weight);
}

}  // namespace

absl::string_view JoinName(JoinKind kind) {
  switch (kind) {
    case JoinKind::kWhirlpool:
      return "whirlpool";
    case JoinKind::kWasabi1:
      return "wasabi1";
    case JoinKind::kWasabi2:
      return "wasabi2";
    case JoinKind::kJoinMarket:
      return "joinmarket";
  }
  return "";
}

CoinJoins::CoinJoins(LedgerBuilder* ledger) : ledger_(ledger) {
  for (int i = 0; i < kJoinKinds; ++i) {
    World& world = ledger_->world();
    coordinators_[i] = world.AddActor(ActorKind::kCoordinator);
    world.actor(coordinators_[i]).script = AddressKind::kP2wpkh;
    world.actor(coordinators_[i]).habit = AddressHabit::kSticky;
  }
  ledger_->SetServiceName(coordinators_[static_cast<int>(JoinKind::kWhirlpool)],
                          "Whirlpool coordinator");
  ledger_->SetServiceName(coordinators_[static_cast<int>(JoinKind::kWasabi1)],
                          "Wasabi coordinator");
  for (const uint64_t size : kWhirlpoolSizes) pools_.push_back({size, {}, {}});
}

AddressId CoinJoins::CoordinatorAddress(JoinKind kind) {
  return ledger_->ReceivingAddress(coordinators_[static_cast<int>(kind)]);
}

AddressId CoinJoins::FreshAddress(ActorId owner, Role role) {
  return ledger_->world().AddAddress(owner, AddressKind::kP2wpkh, role);
}

uint64_t CoinJoins::RankedBalance(size_t rank) {
  World& world = ledger_->world();
  std::vector<uint64_t> balances;
  for (int i = 0; i < 200; ++i) {
    const auto id = static_cast<ActorId>(ledger_->random().Below(world.actor_count()));
    const Actor& actor = world.actor(id);
    balances.push_back(actor.kind == ActorKind::kUser ? actor.balance : 0);
  }
  std::sort(balances.rbegin(), balances.rend());
  return balances[std::min(rank, balances.size() - 1)];
}

std::vector<CoinJoins::Participant> CoinJoins::Gather(size_t wanted, uint64_t least,
                                                      size_t most_coins) {
  World& world = ledger_->world();
  Random& random = ledger_->random();
  std::vector<Participant> found;
  absl::flat_hash_set<ActorId> seen;
  for (size_t tries = 0; tries < 60 * wanted && found.size() < wanted; ++tries) {
    const auto id = static_cast<ActorId>(random.Below(world.actor_count()));
    const Actor& actor = world.actor(id);
    if (actor.kind != ActorKind::kUser || actor.balance < least || !seen.insert(id).second) {
      continue;
    }
    std::vector<size_t> places;
    Participant participant;
    participant.owner = id;
    // A few coins more than needed, as mixing wallets take what they can.
    const size_t take = random.Between(1, most_coins);
    for (size_t i = 0; i < actor.coins.size() && places.size() < most_coins; ++i) {
      if (participant.in >= least && places.size() >= take) break;
      places.push_back(i);
      participant.in += world.coin(actor.coins[i]).value;
    }
    if (participant.in < least) continue;
    participant.coins = world.TakeCoins(id, places);
    found.push_back(std::move(participant));
  }
  return found;
}

void CoinJoins::GiveBack(const std::vector<Participant>& participants) {
  for (const Participant& participant : participants) {
    if (participant.guest) continue;
    for (const CoinId coin : participant.coins) ledger_->world().Give(participant.owner, coin);
  }
}

CoinJoins::Participant CoinJoins::FromGuest(const Guest& guest) const {
  Participant participant;
  participant.owner = guest.owner;
  participant.coins = guest.coins;
  participant.guest = true;
  for (const CoinId id : guest.coins) participant.in += ledger_->world().coin(id).value;
  return participant;
}

Added CoinJoins::Finish(JoinKind kind, uint64_t denomination,
                        const std::vector<Participant>& participants,
                        std::vector<MarkedOutput>* outputs) {
  Random& random = ledger_->random();
  const World& world = ledger_->world();
  std::vector<std::pair<CoinId, ActorId>> inputs;
  for (const Participant& participant : participants) {
    for (const CoinId coin : participant.coins) inputs.emplace_back(coin, participant.owner);
  }
  random.Shuffle(&inputs);
  random.Shuffle(outputs);
  Draft draft;
  std::vector<std::string> input_owners, output_owners;
  for (const auto& [coin, owner] : inputs) {
    draft.inputs.push_back(coin);
    input_owners.push_back(world.ActorName(owner));
  }
  for (const MarkedOutput& marked : *outputs) {
    draft.outputs.push_back(marked.output);
    output_owners.push_back(world.ActorName(world.address(marked.output.to).owner));
  }
  Added added = ledger_->Add(draft);
  ledger_->truth().CoinJoin(added.txid, JoinName(kind), ledger_->height(), denomination,
                            input_owners, output_owners);
  ledger_->CountCoinJoin();
  return added;
}

CoinJoins::Result CoinJoins::GuestResult(const Added& added, uint64_t denomination,
                                         const std::vector<Participant>& participants,
                                         const std::vector<MarkedOutput>& outputs) {
  Result result;
  result.txid = added.txid;
  for (const bool equal : {true, false}) {
    for (size_t i = 0; i < outputs.size(); ++i) {
      const MarkedOutput& marked = outputs[i];
      if (marked.participant == kNobody) {
        result.fee_coin = added.coins[i];
      } else if (participants[marked.participant].guest &&
                 (marked.output.value == denomination) == equal) {
        result.coins.push_back(added.coins[i]);
      }
    }
  }
  return result;
}

std::optional<CoinJoins::Result> CoinJoins::Wasabi1(const Guest* guest) {
  Random& random = ledger_->random();
  World& world = ledger_->world();
  const size_t wanted = random.Between(kWasabi1Least, kWasabi1Most);
  uint64_t richest = RankedBalance(kWasabi1Least);
  if (guest != nullptr) richest = std::min(richest, FromGuest(*guest).in);
  uint64_t size = 0;
  for (const uint64_t candidate : kWasabi1Sizes) {
    if (size == 0 && candidate * 12 / 10 < richest) size = candidate;
  }
  if (size == 0) return std::nullopt;
  size += size * random.Below(60) / 1000;
  const uint64_t least = size * 103 / 100 + 40 * kDust;
  std::vector<Participant> people = Gather(wanted, least, 4);
  if (guest != nullptr) people.push_back(FromGuest(*guest));
  if (people.size() < kWasabi1Least || people.back().in < least) {
    GiveBack(people);
    return std::nullopt;
  }
  // The coordinator's fee: .003 % for each of the others.
  const uint64_t fee_each = size * 3 * people.size() / 100'000;
  std::vector<MarkedOutput> outputs;
  for (size_t i = 0; i < people.size(); ++i) {
    const Role role = people[i].guest ? Role::kHeld : Role::kWallet;
    const uint64_t cost = size + fee_each + ShareOfFee(world, people[i].coins, 2);
    SPOOR_CHECK(people[i].in >= cost);
    outputs.push_back({{FreshAddress(people[i].owner, role), size, {}}, i});
    if (people[i].in - cost > 5 * kDust) {
      outputs.push_back({{FreshAddress(people[i].owner, role), people[i].in - cost, {}}, i});
    }
  }
  Output fee;
  fee.to = CoordinatorAddress(JoinKind::kWasabi1);
  fee.value = fee_each * people.size();
  outputs.push_back({fee, kNobody});
  const Added added = Finish(JoinKind::kWasabi1, size, people, &outputs);
  Result result = GuestResult(added, size, people, outputs);
  result.fee_paid = fee_each;
  return result;
}

std::optional<CoinJoins::Result> CoinJoins::Wasabi2(const Guest* guest) {
  static const std::vector<uint64_t>* const kSizes = new std::vector<uint64_t>(StandardSizes());
  Random& random = ledger_->random();
  const uint64_t least = 60 * kDust;
  std::vector<Participant> people = Gather(kWasabi2People + random.Below(kWasabi2People), least, 8);
  if (guest != nullptr) people.push_back(FromGuest(*guest));
  size_t inputs = 0;
  for (const Participant& participant : people) inputs += participant.coins.size();
  if (inputs < kWasabi2LeastInputs || people.back().in < least) {
    GiveBack(people);
    return std::nullopt;
  }
  std::vector<MarkedOutput> outputs;
  for (size_t i = 0; i < people.size(); ++i) {
    const Role role = people[i].guest ? Role::kHeld : Role::kWallet;
    const size_t most_outputs = random.Between(3, 8);
    const uint64_t fee = ShareOfFee(ledger_->world(), people[i].coins, most_outputs);
    // Coins worth less than it costs to bring them: their owner pays what there is.
    if (people[i].in < fee + kWasabi2LeastOutput) continue;
    uint64_t left = people[i].in - fee;
    for (size_t made = 0; made < most_outputs; ++made) {
      // Not always the largest that fits: wallets choose among decompositions.
      auto at = std::lower_bound(kSizes->begin(), kSizes->end(), left, std::greater<uint64_t>());
      if (at == kSizes->end()) break;
      if (random.Chance(0.3) && at + 1 != kSizes->end()) ++at;
      outputs.push_back({{FreshAddress(people[i].owner, role), *at, {}}, i});
      left -= *at;
    }
    // What no standard size takes is change, or too small and left to the fee.
    if (left > 10 * kDust) {
      outputs.push_back({{FreshAddress(people[i].owner, role), left, {}}, i});
    }
  }
  const Added added = Finish(JoinKind::kWasabi2, /*denomination=*/0, people, &outputs);
  return GuestResult(added, 0, people, outputs);
}

uint64_t CoinJoins::WhirlpoolDenomination() {
  const uint64_t balance = RankedBalance(12);
  for (const uint64_t size : kWhirlpoolSizes) {
    if (size * 3 < balance) return size;
  }
  return kWhirlpoolSizes[std::size(kWhirlpoolSizes) - 1];
}

CoinJoins::Pool* CoinJoins::FindPool(uint64_t denomination) {
  for (Pool& pool : pools_) {
    if (pool.denomination == denomination) return &pool;
  }
  SPOOR_CHECK(false);
  return nullptr;
}

// TX0: a user's coins become several of the pool's size, the coordinator is paid, the rest is
// change that must never be mixed ("toxic").
bool CoinJoins::PrepareWhirlpool(Pool* pool) {
  Random& random = ledger_->random();
  const uint64_t premix = PremixValue(pool->denomination);
  const uint64_t pool_fee = PoolFee(pool->denomination);
  std::vector<Participant> found = Gather(1, premix + pool_fee + 30 * kDust, /*most_coins=*/10);
  if (found.empty()) return false;
  const Participant& user = found[0];
  Draft draft;
  draft.inputs = user.coins;
  Bytes data;
  for (int i = 0; i < 64; ++i) data.push_back(static_cast<uint8_t>(random.Below(256)));
  draft.outputs.push_back(DataOutput(data));
  draft.outputs.push_back({CoordinatorAddress(JoinKind::kWhirlpool), pool_fee, {}});
  const uint64_t most = std::min<uint64_t>(8, (user.in - pool_fee) / (premix + kDust));
  uint64_t left = user.in - pool_fee;
  for (uint64_t i = 0; i < most; ++i) {
    draft.outputs.push_back({FreshAddress(user.owner, Role::kHeld), premix, {}});
    const uint64_t fee = LedgerBuilder::Fee(kJoinFeeRate, ledger_->Weight(draft) + 150);
    if (left < premix + fee) {
      draft.outputs.pop_back();
      break;
    }
    left -= premix;
  }
  const size_t made = draft.outputs.size() - 2;
  const uint64_t fee = LedgerBuilder::Fee(kJoinFeeRate, ledger_->Weight(draft) + 150);
  if (made == 0 || left < fee) {
    GiveBack(found);
    return false;
  }
  const bool change = left - fee > kDust;
  if (change) draft.outputs.push_back({FreshAddress(user.owner, Role::kWallet), left - fee, {}});
  const Added added = ledger_->Add(draft);
  for (size_t i = 0; i < made; ++i) pool->premix.push_back({added.coins[2 + i], user.owner});
  if (change) {
    ledger_->truth().Change(added.txid, static_cast<uint32_t>(draft.outputs.size() - 1));
  }
  return true;
}

std::optional<CoinJoins::Result> CoinJoins::Whirlpool(const Guest* guest) {
  Random& random = ledger_->random();
  World& world = ledger_->world();
  Pool* pool = guest != nullptr ? FindPool(world.coin(guest->coins.at(0)).value - kPremixFee)
                                : FindPool(WhirlpoolDenomination());
  std::vector<Participant> people;
  absl::flat_hash_set<ActorId> owners;
  if (guest != nullptr) {
    people.push_back(FromGuest(*guest));
    owners.insert(guest->owner);
  }
  // Chosen by place first, so that nothing is taken if there are too few. Two at least are new and
  // bring the fee.
  std::vector<size_t> new_places, old_places;
  for (const auto& [coins, places, most] :
       {std::tuple{&pool->premix, &new_places, random.Between(2, 3)},
        std::tuple{&pool->postmix, &old_places, uint64_t{3}},
        std::tuple{&pool->premix, &new_places, uint64_t{kWhirlpoolPeople}}}) {
    for (size_t i = coins->size(); i-- > 0;) {
      const size_t chosen = people.size() + new_places.size() + old_places.size();
      if (chosen == kWhirlpoolPeople || places->size() >= most) break;
      if (!owners.insert((*coins)[i].owner).second) continue;
      places->push_back(i);
    }
  }
  if (people.size() + new_places.size() + old_places.size() < kWhirlpoolPeople ||
      people.size() + new_places.size() < 2) {
    return std::nullopt;
  }
  for (const auto& [coins, places] :
       {std::pair{&pool->premix, &new_places}, std::pair{&pool->postmix, &old_places}}) {
    std::sort(places->rbegin(), places->rend());
    for (const size_t place : *places) {
      const PoolCoin chosen = (*coins)[place];
      coins->erase(coins->begin() + static_cast<ptrdiff_t>(place));
      people.push_back({chosen.owner, {chosen.coin}, world.coin(chosen.coin).value, false});
    }
  }
  std::vector<MarkedOutput> outputs;
  for (size_t i = 0; i < people.size(); ++i) {
    outputs.push_back({{FreshAddress(people[i].owner, Role::kHeld), pool->denomination, {}}, i});
  }
  const Added added = Finish(JoinKind::kWhirlpool, pool->denomination, people, &outputs);
  for (size_t i = 0; i < outputs.size(); ++i) {
    const Participant& owner = people[outputs[i].participant];
    if (owner.guest) continue;
    if (random.Chance(0.5)) {
      pool->postmix.push_back({added.coins[i], owner.owner});
    } else {
      world.Give(owner.owner, added.coins[i]);
    }
  }
  return GuestResult(added, pool->denomination, people, outputs);
}

// The taker pays the makers for taking part, and the mining fee.
bool CoinJoins::JoinMarket() {
  Random& random = ledger_->random();
  World& world = ledger_->world();
  const size_t makers = random.Between(3, 9);
  const uint64_t size = RankedBalance(20) * random.Between(30, 80) / 100;
  const uint64_t least = size * 103 / 100 + 60 * kDust;
  if (size < 50 * kDust) return false;
  std::vector<Participant> people = Gather(makers + 1, least, 3);
  if (people.size() < 4) {
    GiveBack(people);
    return false;
  }
  uint64_t taker_cost = 0;
  std::vector<CoinId> coins;
  for (const Participant& participant : people) {
    coins.insert(coins.end(), participant.coins.begin(), participant.coins.end());
  }
  taker_cost += ShareOfFee(world, coins, 2 * people.size());
  std::vector<MarkedOutput> outputs;
  for (size_t i = 1; i < people.size(); ++i) {
    const uint64_t earned = size * random.Between(2, 30) / 100'000;
    taker_cost += earned;
    outputs.push_back({{FreshAddress(people[i].owner, Role::kWallet), size, {}}, i});
    outputs.push_back(
        {{FreshAddress(people[i].owner, Role::kWallet), people[i].in - size + earned, {}}, i});
  }
  if (people[0].in < size + taker_cost) {
    GiveBack(people);
    return false;
  }
  outputs.push_back({{FreshAddress(people[0].owner, Role::kWallet), size, {}}, 0});
  const uint64_t change = people[0].in - size - taker_cost;
  if (change > 5 * kDust) {
    outputs.push_back({{FreshAddress(people[0].owner, Role::kWallet), change, {}}, 0});
  }
  Finish(JoinKind::kJoinMarket, size, people, &outputs);
  return true;
}

bool CoinJoins::Hold() {
  static constexpr double kKinds[kJoinKinds] = {0.55, 0.12, 0.13, 0.20};
  switch (static_cast<JoinKind>(ledger_->random().Weighted(kKinds))) {
    case JoinKind::kWasabi1:
      return Wasabi1(nullptr).has_value();
    case JoinKind::kWasabi2:
      return Wasabi2(nullptr).has_value();
    case JoinKind::kJoinMarket:
      return JoinMarket();
    case JoinKind::kWhirlpool:
      break;
  }
  return Whirlpool(nullptr).has_value() || PrepareWhirlpool(FindPool(WhirlpoolDenomination()));
}

std::optional<CoinJoins::Result> CoinJoins::HoldWith(JoinKind kind, const Guest& guest) {
  switch (kind) {
    case JoinKind::kWasabi1:
      return Wasabi1(&guest);
    case JoinKind::kWasabi2:
      return Wasabi2(&guest);
    case JoinKind::kJoinMarket:
      return std::nullopt;
    case JoinKind::kWhirlpool:
      break;
  }
  Pool* pool = FindPool(ledger_->world().coin(guest.coins.at(0)).value - kPremixFee);
  for (int tries = 0; tries < 8; ++tries) {
    std::optional<Result> result = Whirlpool(&guest);
    if (result) return result;
    PrepareWhirlpool(pool);
  }
  return std::nullopt;
}

}  // namespace spoor::simulate
