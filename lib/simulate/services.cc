#include "lib/simulate/services.h"

#include <algorithm>
#include <optional>

#include "absl/strings/str_cat.h"
#include "spoor/base/status_macros.h"

namespace spoor::simulate {
namespace {

constexpr size_t kMostSwept = 250;
constexpr size_t kMostKnownDeposits = 200;
constexpr double kKnownDepositChance = 0.03;
// Withdrawals wait for company, but not longer than this many blocks.
constexpr uint32_t kBatchPatience = 3;

std::string HexDigits(Random* random, size_t digits) {
  static constexpr char kHex[] = "0123456789abcdef";
  std::string out;
  for (size_t i = 0; i < digits; ++i) out.push_back(kHex[random->Below(16)]);
  return out;
}

}  // namespace

Services::Services(LedgerBuilder* ledger) : ledger_(ledger) {
  Found(ActorKind::kExchange, "Halcyon Exchange", AddressKind::kP2wpkh, false, 150);
  Found(ActorKind::kExchange, "Meridian Markets", AddressKind::kP2shP2wpkh, true, 100);
  Found(ActorKind::kExchange, "Northstar Coin", AddressKind::kP2pkh, false, 60);
  Found(ActorKind::kExchange, "Pelican Trade", AddressKind::kP2wpkh, true, 25);
  Found(ActorKind::kPaymentProcessor, "Tollgate Pay", AddressKind::kP2shP2wpkh, true, 40);
  Found(ActorKind::kGambling, "Lucky Heron", AddressKind::kP2pkh, false, 1);
  Found(ActorKind::kMarket, "Grey Lantern", AddressKind::kP2pkh, true, 10);
  Found(ActorKind::kMixer, "Mistral Mixer", AddressKind::kP2wpkh, true, 2);
  Found(ActorKind::kBroker, "Okapi OTC", AddressKind::kP2pkh, false, 1);
  Found(ActorKind::kBroker, "Ibex Desk", AddressKind::kP2wpkh, false, 1);
  Found(ActorKind::kBridge, "Causeway Bridge", AddressKind::kP2wpkh, false, 1);
}

void Services::Found(ActorKind kind, absl::string_view name, AddressKind script,
                     bool fresh_deposits, size_t most_batched) {
  World& world = ledger_->world();
  Service service;
  service.kind = kind;
  service.name = std::string(name);
  service.fresh_deposits = fresh_deposits;
  service.most_batched = most_batched;
  service.actor = world.AddActor(kind);
  ledger_->SetServiceName(service.actor, service.name);
  Actor& actor = world.actor(service.actor);
  actor.script = script;
  actor.habit = AddressHabit::kForever;
  actor.change_to_sender = true;
  actor.change_place = ledger_->random().Chance(0.5) ? ChangePlace::kLast : ChangePlace::kRandom;
  service.hot_addresses.push_back(world.AddAddress(service.actor, script, Role::kWallet));
  service.cold_address = world.AddAddress(service.actor, AddressKind::kP2wsh, Role::kHeld);
  actor.current = service.hot_addresses[0];
  services_.push_back(std::move(service));
}

std::vector<ServiceId> Services::All(ActorKind kind) const {
  std::vector<ServiceId> all;
  for (ServiceId id = 0; id < services_.size(); ++id) {
    if (services_[id].kind == kind) all.push_back(id);
  }
  return all;
}

ServiceId Services::Pick(ActorKind kind) {
  const std::vector<ServiceId> all = All(kind);
  std::vector<double> weights;
  for (size_t i = 0; i < all.size(); ++i) weights.push_back(1.0 / static_cast<double>(1 + i));
  return all[ledger_->random().Weighted(weights)];
}

AddressId Services::NewDepositAddress(Service* service) {
  const AddressKind script = ledger_->world().actor(service->actor).script;
  const AddressId address = ledger_->world().AddAddress(service->actor, script, Role::kDeposit);
  if (service->known_deposits.size() < kMostKnownDeposits &&
      ledger_->random().Chance(kKnownDepositChance)) {
    service->known_deposits.push_back(address);
  }
  return address;
}

AddressId Services::FreshDepositAddress(ServiceId id) {
  Service& service = services_[id];
  // Brokers and bridges have no customers' accounts: one pays the address that they name.
  if (service.kind == ActorKind::kBroker || service.kind == ActorKind::kBridge) {
    return service.hot_addresses.back();
  }
  // Known to nobody: a thief's, and one who looks it up asks the service.
  return ledger_->world().AddAddress(service.actor, ledger_->world().actor(service.actor).script,
                                     Role::kDeposit);
}

AddressId Services::DepositAddress(ServiceId id, ActorId customer) {
  Service& service = services_[id];
  if (service.kind == ActorKind::kBroker || service.kind == ActorKind::kBridge) {
    return service.hot_addresses.back();
  }
  if (service.fresh_deposits && ledger_->random().Chance(0.8)) return NewDepositAddress(&service);
  const auto [it, inserted] = personal_.try_emplace({id, customer}, kNone);
  if (inserted) it->second = NewDepositAddress(&service);
  return it->second;
}

uint64_t Services::Balance(ServiceId id) const {
  return ledger_->world().actor(services_[id].actor).balance;
}

void Services::RequestWithdrawal(ServiceId id, ActorId customer, uint64_t amount, uint32_t due) {
  services_[id].withdrawals.push_back({customer, due, amount});
}

void Services::PromiseMixed(ServiceId mixer, ActorId customer, uint64_t amount,
                            uint32_t longest_delay) {
  Random& random = ledger_->random();
  uint64_t left = amount - amount * random.Between(10, 30) / 1000;
  const uint64_t parts = random.Between(1, 4);
  for (uint64_t i = 1; i <= parts && left > 20 * kDust; ++i) {
    const uint64_t part = i == parts ? left : left * random.Between(20, 60) / 100;
    left -= part;
    RequestWithdrawal(mixer, customer, part,
                      ledger_->height() + static_cast<uint32_t>(random.Between(1, longest_delay)));
  }
}

bool Services::Bet(ActorId player, uint64_t amount) {
  Random& random = ledger_->random();
  World& world = ledger_->world();
  Service& site = services_[Pick(ActorKind::kGambling)];
  // A few well-known addresses, one for each of the odds; the favourite takes most bets.
  if (site.known_deposits.size() < 8) {
    site.known_deposits.push_back(world.AddAddress(site.actor, AddressKind::kP2pkh, Role::kHeld));
  }
  const AddressId game =
      site.known_deposits[random.PowerLaw(1, site.known_deposits.size(), 1.8) - 1];
  Output bet;
  bet.to = game;
  bet.value = amount;
  const std::optional<Added> placed = ledger_->Pay(player, {bet});
  if (!placed) return false;
  const CoinId coin = placed->PaidCoin(0);
  const AddressId back = ledger_->ReceivingAddress(player);
  if (random.Chance(0.48) && world.actor(site.actor).balance > 3 * amount) {
    // Won: the stake doubled, from the house's wallet, to which the stake is added.
    world.Give(site.actor, coin);
    Output prize;
    prize.to = back;
    prize.value = amount * 196 / 100;
    ledger_->Pay(site.actor, {prize});
    return true;
  }
  // Lost: a token of the stake goes back in the same block, the rest to the house. (SatoshiDice
  // told a player so that they had lost.)
  Draft draft;
  draft.inputs = {coin};
  Output token;
  token.to = back;
  token.value = std::max<uint64_t>(amount / 200, 600);
  Output rest;
  rest.to = site.hot_addresses[0];
  draft.outputs = {token, rest};
  const uint64_t cost = token.value + LedgerBuilder::Fee(1.1, ledger_->Weight(draft));
  if (amount < cost + kDust) {
    world.Give(site.actor, coin);
    return true;
  }
  draft.outputs[1].value = amount - cost;
  ledger_->Add(draft);
  return true;
}

Output Services::BridgeMemo() {
  return DataOutput(AsBytes(absl::StrCat("=:ETH.ETH:0x", HexDigits(&ledger_->random(), 40))));
}

bool Services::Sweep(Service* service) {
  Random& random = ledger_->random();
  World& world = ledger_->world();
  const size_t waiting = world.actor(service->actor).deposits.size();
  // Alone, a deposit is swept rarely: companies wait for more to save fees.
  if (waiting < 2 || (waiting < service->next_sweep && !random.Chance(0.02))) return false;
  service->next_sweep = random.PowerLaw(6, kMostSwept, 1.5);
  Draft draft;
  draft.inputs = world.TakeDeposits(service->actor, kMostSwept);
  Output output;
  output.to = service->hot_addresses[random.Below(service->hot_addresses.size())];
  for (const CoinId id : draft.inputs) output.value += world.coin(id).value;
  draft.outputs.push_back(output);
  const uint64_t fee = LedgerBuilder::Fee(ledger_->FeeRate(), ledger_->Weight(draft));
  if (output.value < fee + kDust) {
    for (const CoinId id : draft.inputs) world.Release(id);
    return false;
  }
  draft.outputs[0].value -= fee;
  ledger_->Add(draft);
  return true;
}

bool Services::PayWithdrawals(Service* service) {
  std::deque<Withdrawal>& queue = service->withdrawals;
  if (queue.empty()) return false;
  Random& random = ledger_->random();
  const uint64_t balance = ledger_->world().actor(service->actor).balance;
  const bool patient = queue.front().due + kBatchPatience > ledger_->height();
  const size_t wanted = random.PowerLaw(1, service->most_batched, 1.25);
  if (patient && queue.size() < wanted) return false;
  std::vector<Output> outputs;
  std::vector<size_t> places;
  uint64_t total = 0;
  // Not further down than this, so that a long queue costs no more than a short one.
  const size_t looked_at = std::min<size_t>(queue.size(), 4 * service->most_batched + 16);
  for (size_t i = 0; i < looked_at && outputs.size() < wanted; ++i) {
    const Withdrawal& next = queue[i];
    if (next.due > ledger_->height() || (total + next.amount) > balance / 2) continue;
    Output output;
    output.to = ledger_->ReceivingAddress(next.customer);
    output.value = next.amount;
    total += next.amount;
    outputs.push_back(output);
    places.push_back(i);
  }
  if (outputs.empty()) {
    // What cannot be paid goes to the back, so that it does not stop the others.
    queue.push_back(queue.front());
    queue.pop_front();
    return false;
  }
  if (service->kind == ActorKind::kBridge) {
    outputs.push_back(DataOutput(AsBytes(absl::StrCat("OUT:", HexDigits(&random, 64)))));
  }
  if (!ledger_->Pay(service->actor, std::move(outputs))) return false;
  for (size_t i = places.size(); i-- > 0;) {
    queue.erase(queue.begin() + static_cast<ptrdiff_t>(places[i]));
  }
  return true;
}

// Keeps the hot wallet between a tenth and three fifths of what the service holds.
bool Services::BalanceStorage(Service* service) {
  World& world = ledger_->world();
  const uint64_t hot = world.actor(service->actor).balance;
  uint64_t cold = 0;
  for (const CoinId id : service->cold) cold += world.coin(id).value;
  if (hot > (hot + cold) / 10 * 6 && hot > 1'000 * kDust) {
    Output output;
    output.to = service->cold_address;
    output.value = hot * 4 / 10;
    const std::optional<Added> added = ledger_->Pay(service->actor, {output});
    if (added) service->cold.push_back(added->PaidCoin(0));
    return added.has_value();
  }
  if (hot >= (hot + cold) / 10 || service->cold.empty()) return false;
  Draft draft;
  draft.inputs = {service->cold.front()};
  Output output;
  output.to = service->hot_addresses.back();
  output.value = world.coin(draft.inputs[0]).value;
  draft.outputs.push_back(output);
  const uint64_t fee = LedgerBuilder::Fee(ledger_->FeeRate(), ledger_->Weight(draft));
  if (output.value < fee + kDust) return false;
  draft.outputs[0].value -= fee;
  service->cold.erase(service->cold.begin());
  ledger_->Add(draft);
  return true;
}

// Brokers and merchants' processors turn coins into cash where everybody does.
bool Services::SellToExchange(Service* service) {
  const uint64_t balance = ledger_->world().actor(service->actor).balance;
  if (balance < 1000 * kDust) return false;
  Output output;
  output.to = DepositAddress(Pick(ActorKind::kExchange), service->actor);
  output.value = balance / 100 * ledger_->random().Between(20, 80);
  return ledger_->Pay(service->actor, {output}).has_value();
}

bool Services::Work() {
  Random& random = ledger_->random();
  static constexpr double kDuties[] = {0.5, 0.42, 0.04, 0.04};
  for (int tries = 0; tries < 6; ++tries) {
    Service& service = services_[random.Below(services_.size())];
    switch (random.Weighted(kDuties)) {
      case 0:
        if (PayWithdrawals(&service)) return true;
        break;
      case 1:
        if (Sweep(&service)) return true;
        break;
      case 2:
        if (service.kind == ActorKind::kExchange && BalanceStorage(&service)) return true;
        break;
      default:
        if ((service.kind == ActorKind::kBroker || service.kind == ActorKind::kPaymentProcessor) &&
            SellToExchange(&service)) {
          return true;
        }
    }
  }
  return false;
}

void Services::WriteTag(const Service& service, AddressId address, absl::string_view what,
                        absl::string_view confidence) {
  if (!ledger_->world().address(address).published) return;
  ledger_->truth().WriteTag({ledger_->AddressText(address), absl::StrCat(service.name, " ", what),
                             KindCategory(service.kind), confidence,
                             ledger_->world().ActorName(service.actor)});
}

void Services::WriteTags() {
  for (const Service& service : services_) {
    for (const AddressId address : service.hot_addresses) {
      WriteTag(service, address, "hot wallet", "service_data");
    }
    for (const AddressId address : service.known_deposits) {
      WriteTag(service, address, service.kind == ActorKind::kGambling ? "game" : "deposit address",
               "manual_transaction");
    }
  }
}

}  // namespace spoor::simulate
