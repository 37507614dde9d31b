#include "lib/simulate/economy.h"

#include <algorithm>
#include <numeric>
#include <optional>

#include "absl/strings/str_cat.h"
#include "spoor/base/status_macros.h"

namespace spoor::simulate {
namespace {

constexpr size_t kPools = 4;
constexpr size_t kMostConsolidated = 300;
// Shares of the hash rate.
constexpr double kHashRate[] = {0.38, 0.27, 0.17, 0.10, 0.08};  // the pools', then lone miners'
// This pool pays its members in the coinbase itself, as P2Pool and Eligius did.
constexpr size_t kCoinbasePayer = 3;
constexpr double kUsersAtTheStart = 0.25;
// Index to the users: u^k for uniform u. The first to come are the busiest.
constexpr double kSkew = 2.6;

Output PaymentTo(AddressId to, uint64_t value) {
  Output output;
  output.to = to;
  output.value = value;
  return output;
}

// Whether one key, as it is, stands behind an address of the kind.
bool HasPlainKey(AddressKind kind) {
  return kind != AddressKind::kP2tr && kind != AddressKind::kP2wsh;
}

// People like round numbers: two digits and zeros.
uint64_t Rounded(uint64_t value) {
  uint64_t unit = 1;
  while (value / unit >= 100) unit *= 10;
  return value / unit * unit;
}

}  // namespace

Economy::Economy(LedgerBuilder* ledger, Services* services, CoinJoins* coinjoins, uint32_t users,
                 uint32_t blocks)
    : ledger_(ledger),
      services_(services),
      coinjoins_(coinjoins),
      users_wanted_(users),
      blocks_(blocks) {
  World& world = ledger_->world();
  Random& random = ledger_->random();
  for (size_t i = 0; i < kPools; ++i) {
    const ActorId id = world.AddActor(ActorKind::kPool);
    Actor& pool = world.actor(id);
    pool.script = i < 2 ? AddressKind::kP2pkh : AddressKind::kP2wpkh;
    pool.habit = AddressHabit::kForever;
    pools_.push_back(id);
  }
  for (uint32_t i = 0; i < 3 + users / 60; ++i) {
    const ActorId id = world.AddActor(ActorKind::kMerchant);
    Actor& merchant = world.actor(id);
    merchant.script = random.Chance(0.5) ? AddressKind::kP2pkh : AddressKind::kP2wpkh;
    merchant.habit = random.Chance(0.2) ? AddressHabit::kForever : AddressHabit::kFresh;
    merchants_.push_back(id);
  }
}

// Which scripts wallets made in each quarter of the ledger's life, one row a time. The mixture of
// the real chain in 2012, 2017, 2019 and 2023, roughly.
AddressKind Economy::WalletScript() {
  // P2PK, P2PKH, P2SH-P2WPKH, P2WPKH, P2TR, P2WSH
  static constexpr double kMix[4][6] = {{0.05, 0.95, 0.00, 0.00, 0.00, 0.00},
                                        {0.00, 0.80, 0.17, 0.03, 0.00, 0.00},
                                        {0.00, 0.36, 0.37, 0.25, 0.00, 0.02},
                                        {0.00, 0.14, 0.16, 0.52, 0.15, 0.03}};
  const uint32_t quarter = std::min<uint32_t>(3, 4 * ledger_->height() / blocks_);
  const auto kind = static_cast<AddressKind>(ledger_->random().Weighted(kMix[quarter]));
  // Litecoin Core's regtest is run here without Taproot.
  const bool taproot = ledger_->network().id == NetworkId::kRegtest;
  return kind == AddressKind::kP2tr && !taproot ? AddressKind::kP2wpkh : kind;
}

void Economy::Join() {
  Random& random = ledger_->random();
  const ActorId id = ledger_->world().AddActor(ActorKind::kUser);
  Actor& user = ledger_->world().actor(id);
  user.script = WalletScript();
  static constexpr double kSelections[] = {0.45, 0.30, 0.25};
  user.selection = static_cast<CoinSelection>(random.Weighted(kSelections));
  static constexpr double kHabits[] = {0.68, 0.22, 0.10};
  user.habit = static_cast<AddressHabit>(random.Weighted(kHabits));
  static constexpr double kPlaces[] = {0.55, 0.15, 0.30};
  user.change_place = static_cast<ChangePlace>(random.Weighted(kPlaces));
  user.change_to_sender = user.habit == AddressHabit::kForever || random.Chance(0.08);
  user.same_key = HasPlainKey(user.script) && random.Chance(0.04);
  users_.push_back(id);
}

void Economy::BeginBlock() {
  const double done = static_cast<double>(ledger_->height()) / blocks_;
  const double share = kUsersAtTheStart + (1 - kUsersAtTheStart) * done;
  const auto wanted = static_cast<size_t>(users_wanted_ * share) + 1;
  while (users_.size() < std::min<size_t>(wanted, users_wanted_)) Join();
  // Some get a new wallet, of the kind that is made now. In the end most will have had two.
  Random& random = ledger_->random();
  const size_t renewed = 2 * users_.size() / blocks_ + (random.Chance(0.5) ? 1 : 0);
  for (size_t i = 0; i < renewed; ++i) {
    Actor& user = ledger_->world().actor(SomeUser());
    user.script = WalletScript();
    user.current = kNone;
    user.same_key = user.same_key && HasPlainKey(user.script);
  }
}

ActorId Economy::SomeUser() {
  const double u = ledger_->random().Unit();
  const double skewed = u > 0 ? PortableExp(kSkew * PortableLog(u)) : 0;
  return users_[static_cast<size_t>(skewed * static_cast<double>(users_.size()))];
}

uint64_t Economy::Typical() const {
  return ledger_->world().coin_total() / (users_.size() + 1) / 8 + 20 * kDust;
}

uint64_t Economy::Amount(double share_of_typical, double sigma, uint64_t most) {
  Random& random = ledger_->random();
  const double median = share_of_typical * static_cast<double>(Typical());
  const double drawn = random.LogNormal(median, sigma);
  uint64_t amount = most;
  if (drawn < static_cast<double>(most)) amount = static_cast<uint64_t>(drawn);
  if (random.Chance(0.35)) amount = Rounded(amount);
  return std::max(amount, 3 * kDust);
}

ActorId Economy::SomePayer() {
  Random& random = ledger_->random();
  for (int tries = 0; tries < 12; ++tries) {
    const ActorId id = SomeUser();
    if (ledger_->world().actor(id).balance > 12 * kDust) return id;
    // Somebody without coins buys some.
    if (!random.Chance(0.25)) continue;
    const ServiceId exchange = services_->Pick(ActorKind::kExchange);
    const uint64_t most = services_->Balance(exchange) / 50;
    if (most < 100 * kDust) continue;
    services_->RequestWithdrawal(exchange, id, Amount(0.8, 1.6, most), ledger_->height());
  }
  return kNone;
}

std::vector<Output> Economy::MinerShares(std::string* tag) {
  Random& random = ledger_->random();
  const size_t miner = random.Weighted(kHashRate);
  if (miner >= kPools) {
    *tag = "lone miner";
    return {PaymentTo(ledger_->ReceivingAddress(SomeUser()), 0)};
  }
  *tag = absl::StrCat("pool-", miner + 1);
  std::vector<Output> shares;
  if (miner == kCoinbasePayer) {
    uint64_t left = ledger_->Reward();
    const size_t members = random.PowerLaw(10, 120, 1.5);
    for (size_t i = 0; i < members && left > 100 * kDust; ++i) {
      const uint64_t share = left * random.Between(2, 12) / 100;
      left -= share;
      shares.push_back(PaymentTo(ledger_->ReceivingAddress(SomeUser()), share));
    }
  }
  shares.push_back(PaymentTo(ledger_->ReceivingAddress(pools_[miner]), 0));
  return shares;
}

bool Economy::PoolPayout() {
  Random& random = ledger_->random();
  const ActorId pool = random.Pick(pools_);
  const uint64_t balance = ledger_->world().actor(pool).balance;
  if (balance < 2000 * kDust) return false;
  const uint64_t paid = balance / 100 * 90;
  std::vector<Output> outputs;
  // The pool's operators and its largest members sell.
  const uint64_t sold = paid / 100 * random.Between(40, 75);
  outputs.push_back(
      PaymentTo(services_->DepositAddress(services_->Pick(ActorKind::kExchange), pool), sold));
  std::vector<double> weights(random.PowerLaw(5, 400, 1.45));
  double sum = 0;
  for (double& weight : weights) sum += weight = random.LogNormal(1, 1.5);
  for (const double weight : weights) {
    const auto share = static_cast<uint64_t>(static_cast<double>(paid - sold) * (weight / sum));
    if (share > 5 * kDust)
      outputs.push_back(PaymentTo(ledger_->ReceivingAddress(SomeUser()), share));
  }
  random.Shuffle(&outputs);
  return ledger_->Pay(pool, std::move(outputs)).has_value();
}

bool Economy::PayUser(ActorId payer) {
  const uint64_t most = ledger_->world().actor(payer).balance * 9 / 10;
  const ActorId payee = SomeUser();

  const uint64_t value = Amount(0.12, 1.9, most);
  return ledger_->Pay(payer, {PaymentTo(ledger_->ReceivingAddress(payee), value)}).has_value();
}

bool Economy::PayMerchant(ActorId payer) {
  Random& random = ledger_->random();
  const ActorId merchant = merchants_[random.PowerLaw(1, merchants_.size(), 1.4) - 1];
  const uint64_t value = Amount(0.05, 1.1, ledger_->world().actor(payer).balance * 9 / 10);
  // Some have a processor take the payment.
  if (ledger_->world().actor(merchant).number % 3 == 0) {
    const ServiceId processor = services_->Pick(ActorKind::kPaymentProcessor);
    if (!ledger_->Pay(payer, {PaymentTo(services_->DepositAddress(processor, merchant), value)})) {
      return false;
    }
    services_->RequestWithdrawal(processor, merchant, value * 99 / 100, ledger_->height() + 6);
    return true;
  }
  return ledger_->Pay(payer, {PaymentTo(ledger_->ReceivingAddress(merchant), value)}).has_value();
}

bool Economy::PaySeveral(ActorId payer) {
  const uint64_t balance = ledger_->world().actor(payer).balance;
  const size_t payees = ledger_->random().PowerLaw(2, 40, 2.1);
  std::vector<Output> outputs;
  for (size_t i = 0; i < payees; ++i) {
    outputs.push_back(PaymentTo(ledger_->ReceivingAddress(SomeUser()),
                                Amount(0.06, 1.5, balance / (payees + 1))));
  }
  return ledger_->Pay(payer, std::move(outputs)).has_value();
}

bool Economy::PayService(ActorId payer, ActorKind kind) {
  const ServiceId service = services_->Pick(kind);
  const uint64_t value = Amount(kind == ActorKind::kMarket ? 0.06 : 0.5, 1.6,
                                ledger_->world().actor(payer).balance * 9 / 10);
  const AddressId to = services_->DepositAddress(service, payer);
  if (!ledger_->Pay(payer, {PaymentTo(to, value)})) return false;
  if (kind == ActorKind::kMarket) {
    services_->RequestWithdrawal(service, SomeUser(), value * 95 / 100, ledger_->height() + 4);
  }
  return true;
}

bool Economy::SpendWhole(ActorId owner, size_t coins, AddressId to, double fee_rate) {
  World& world = ledger_->world();
  std::vector<size_t> places(std::min(world.actor(owner).coins.size(), coins));
  if (places.empty()) return false;
  std::iota(places.begin(), places.end(), size_t{0});
  Draft draft;
  draft.inputs = world.TakeCoins(owner, places);
  uint64_t in = 0;
  for (const CoinId id : draft.inputs) in += world.coin(id).value;
  draft.outputs.push_back(PaymentTo(to, in));
  const uint64_t fee = LedgerBuilder::Fee(fee_rate, ledger_->Weight(draft));
  if (in < fee + kDust) {
    for (const CoinId id : draft.inputs) world.Give(owner, id);
    return false;
  }
  draft.outputs[0].value -= fee;
  ledger_->Add(draft);
  return true;
}

// Many coins into one, when it is cheap.
bool Economy::Consolidate(ActorId owner) {
  const size_t coins = ledger_->random().PowerLaw(4, kMostConsolidated, 1.35);
  if (ledger_->world().actor(owner).coins.size() < 4) return false;
  return SpendWhole(owner, coins, ledger_->ReceivingAddress(owner), 1.2);
}

// All of a coin or two: to sell it, to move to a new wallet, or to somebody who takes what there
// is.
bool Economy::MoveWhole(ActorId owner) {
  Random& random = ledger_->random();
  AddressId to;
  if (random.Chance(0.5)) {
    to = services_->DepositAddress(services_->Pick(ActorKind::kExchange), owner);
  } else {
    to = ledger_->ReceivingAddress(random.Chance(0.6) ? owner : SomeUser());
  }
  return SpendWhole(owner, random.PowerLaw(1, 8, 2.5), to, ledger_->FeeRate());
}

bool Economy::WriteData(ActorId payer) {
  Random& random = ledger_->random();
  Bytes data;
  const size_t size = random.Between(8, 72);
  for (size_t i = 0; i < size; ++i) data.push_back(static_cast<uint8_t>(random.Below(256)));
  std::vector<Output> outputs = {DataOutput(data)};
  // Now and then an output of nothing at all, which is allowed and seen.
  if (random.Chance(0.05)) outputs.push_back(PaymentTo(ledger_->ReceivingAddress(payer), 0));
  return ledger_->Pay(payer, std::move(outputs)).has_value();
}

bool Economy::MerchantCashesIn() {
  Random& random = ledger_->random();
  const ActorId merchant = merchants_[random.PowerLaw(1, merchants_.size(), 1.4) - 1];
  const uint64_t balance = ledger_->world().actor(merchant).balance;
  if (balance < 200 * kDust) return false;
  const AddressId to = services_->DepositAddress(services_->Pick(ActorKind::kExchange), merchant);
  return ledger_->Pay(merchant, {PaymentTo(to, balance / 100 * random.Between(40, 90))})
      .has_value();
}

bool Economy::Mix(ActorId payer) {
  const ServiceId mixer = services_->Pick(ActorKind::kMixer);
  const uint64_t value = Amount(0.4, 1.2, ledger_->world().actor(payer).balance * 9 / 10);
  if (!ledger_->Pay(payer, {PaymentTo(services_->DepositAddress(mixer, payer), value)})) {
    return false;
  }
  services_->PromiseMixed(mixer, payer, value, /*longest_delay=*/20);
  return true;
}

bool Economy::Bridge(ActorId payer) {
  Random& random = ledger_->random();
  const ServiceId bridge = services_->Pick(ActorKind::kBridge);
  const uint64_t value = Amount(0.5, 1.4, ledger_->world().actor(payer).balance * 9 / 10);
  if (!ledger_->Pay(payer, {PaymentTo(services_->DepositAddress(bridge, payer), value),
                            services_->BridgeMemo()})) {
    return false;
  }
  // Others come the other way.
  if (random.Chance(0.8)) {
    services_->RequestWithdrawal(bridge, SomeUser(), value * random.Between(50, 95) / 100,
                                 ledger_->height());
  }
  return true;
}

bool Economy::Act() {
  enum Activity {
    kUserPays,
    kMerchantPaid,
    kDeposit,
    kServiceWorks,
    kPoolPays,
    kBets,
    kConsolidates,
    kMovesWhole,
    kPaysSeveral,
    kWritesData,
    kMixes,
    kBuysAtMarket,
    kBridges,
    kSellsToBroker,
    kMerchantSells,
    kJoinsCoins,
    kActivities
  };
  static constexpr double kShares[kActivities] = {28,  14,  9, 20, 1,   6,   1.5, 7,
                                                  3.5, 1.3, 1, 2,  0.6, 0.3, 2,   0.25};
  Random& random = ledger_->random();
  const auto activity = static_cast<Activity>(random.Weighted(kShares));
  switch (activity) {
    case kServiceWorks:
      return services_->Work();
    case kPoolPays:
      return PoolPayout();
    case kMerchantSells:
      return MerchantCashesIn();
    case kJoinsCoins:
      return coinjoins_->Hold();
    default:
      break;
  }
  const ActorId payer = SomePayer();
  if (payer == kNone) return services_->Work();
  switch (activity) {
    case kUserPays:
      return PayUser(payer);
    case kMerchantPaid:
      return PayMerchant(payer);
    case kDeposit:
      return PayService(payer, ActorKind::kExchange);
    case kBets:
      return services_->Bet(payer, Amount(0.01, 1.2, ledger_->world().actor(payer).balance / 2));
    case kConsolidates:
      return Consolidate(payer);
    case kMovesWhole:
      return MoveWhole(payer);
    case kPaysSeveral:
      return PaySeveral(payer);
    case kWritesData:
      return WriteData(payer);
    case kMixes:
      return Mix(payer);
    case kBuysAtMarket:
      return PayService(payer, ActorKind::kMarket);
    case kBridges:
      return Bridge(payer);
    default:
      return PayService(payer, ActorKind::kBroker);
  }
}

}  // namespace spoor::simulate
