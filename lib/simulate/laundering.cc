#include "lib/simulate/laundering.h"

#include <algorithm>
#include <numeric>
#include <optional>
#include <utility>

#include "spoor/base/status_macros.h"

namespace spoor::simulate {
namespace {

constexpr uint32_t kFirstSpendable = 101;
constexpr size_t kMostTheftInputs = 80;
constexpr size_t kMostMerged = 60;
constexpr int kMostFailures = 6;
// Every third theft is by the thief of the one before, whose older loot joins the new.
constexpr uint32_t kThiefReturns = 3;
// A chain ends when so little is left.
constexpr uint64_t kLeastPeeled = 30 * kDust;

bool EndsLaundering(Pattern pattern) {
  switch (pattern) {
    case Pattern::kConsolidation:
    case Pattern::kSplitMerge:
    case Pattern::kCoinJoin:
      return false;
    case Pattern::kPeelChain:
    case Pattern::kMixer:
    case Pattern::kDormancy:
    case Pattern::kExchangeDeposits:
    case Pattern::kBroker:
    case Pattern::kBridge:
      break;
  }
  return true;
}

}  // namespace

Underworld::Underworld(const SimulationOptions& options, uint32_t blocks, LedgerBuilder* ledger,
                       Services* services, CoinJoins* coinjoins)
    : options_(options),
      blocks_(blocks),
      ledger_(ledger),
      services_(services),
      coinjoins_(coinjoins),
      book_(ledger) {
  // The first when a third of the economy's life is over, the last at two thirds: there must be
  // something to steal, and time to launder it.
  const uint32_t life = blocks > kFirstSpendable ? blocks - kFirstSpendable : 0;
  for (uint32_t i = 0; i < options.thefts; ++i) {
    PlannedTheft plan;
    plan.height = kFirstSpendable + life / 3 +
                  static_cast<uint32_t>(uint64_t{life} * i / (3 * uint64_t{options.thefts}));
    plan.with_last_thief = i % kThiefReturns == kThiefReturns - 1;
    planned_.push_back(plan);
  }
}

uint32_t Underworld::Pause(uint32_t steps) {
  const uint32_t left = blocks_ > ledger_->height() ? blocks_ - ledger_->height() : 1;
  return static_cast<uint32_t>(ledger_->random().Below(std::max(1u, 2 * left / (steps + 1))));
}

Output Underworld::ToSelf(ActorId thief, uint64_t value) {
  const AddressId to =
      ledger_->world().AddAddress(thief, ledger_->world().actor(thief).script, Role::kHeld);
  return {to, value, {}};
}

uint64_t Underworld::ValueOf(const Loot& loot) const {
  return ledger_->world().coin(loot.coin).value;
}

std::vector<CoinId> Underworld::MaybeClean(ActorId thief, double chance) {
  if (ledger_->world().actor(thief).coins.empty() || !ledger_->random().Chance(chance)) return {};
  return ledger_->world().TakeCoins(thief, {0});
}

void Underworld::Queue(Job job, uint32_t wait) {
  if (!job.patterns.empty() && job.patterns.front() == Pattern::kDormancy) {
    dormant_.push_back(std::move(job));
    return;
  }
  job.due = ledger_->height() + wait;
  jobs_.push_back(std::move(job));
}

bool Underworld::PutOff(Job job) {
  if (++job.failures > kMostFailures) {
    dormant_.push_back(std::move(job));
  } else {
    Queue(std::move(job), 1 + Pause(20));
  }
  return false;
}

void Underworld::NextPattern(Job job, std::vector<Loot> loot) {
  job.loot = std::move(loot);
  job.patterns.pop_front();
  job.stage = 0;
  job.failures = 0;
  Queue(std::move(job), Pause(8));
}

bool Underworld::Act() {
  if (!planned_.empty() && planned_.front().height <= ledger_->height()) {
    PlannedTheft plan = planned_.front();
    planned_.pop_front();
    if (Steal(plan)) return true;
    // Nobody worth it now; perhaps later.
    plan.height = ledger_->height() + 1;
    if (plan.height < blocks_) planned_.push_front(plan);
    return false;
  }
  for (size_t i = 0; i < jobs_.size(); ++i) {
    if (jobs_[i].due > ledger_->height()) continue;
    Job job = std::move(jobs_[i]);
    jobs_.erase(jobs_.begin() + static_cast<ptrdiff_t>(i));
    Work(std::move(job));
    return true;
  }
  return false;
}

bool Underworld::Steal(const PlannedTheft& plan) {
  World& world = ledger_->world();
  Random& random = ledger_->random();
  // The richest exchange, or one of the others who have much.
  std::vector<ServiceId> victims = services_->All(ActorKind::kExchange);
  if (book_.thefts() > 0) {
    for (const ActorKind kind : {ActorKind::kMarket, ActorKind::kPaymentProcessor,
                                 ActorKind::kMixer, ActorKind::kBridge}) {
      for (const ServiceId id : services_->All(kind)) victims.push_back(id);
    }
    random.Shuffle(&victims);
    victims.resize(3);
  }
  const ServiceId victim = *std::max_element(
      victims.begin(), victims.end(),
      [this](ServiceId a, ServiceId b) { return services_->Balance(a) < services_->Balance(b); });
  if (services_->Balance(victim) < 5'000 * kDust) return false;
  const ActorId actor = services_->ActorOf(victim);
  std::vector<size_t> places(std::min(world.actor(actor).coins.size(), kMostTheftInputs));
  std::iota(places.begin(), places.end(), size_t{0});
  Draft draft;
  draft.inputs = world.TakeCoins(actor, places);
  uint64_t left = 0;
  for (const CoinId id : draft.inputs) left += world.coin(id).value;
  ActorId thief = last_thief_;
  if (!plan.with_last_thief || thief == kNone) {
    thief = world.AddActor(ActorKind::kThief);
    const bool legacy = random.Chance(0.3);
    world.actor(thief).script = legacy ? AddressKind::kP2pkh : AddressKind::kP2wpkh;
  }
  const size_t parts = book_.thefts() == 0 ? 5 : random.PowerLaw(1, 12, 1.6);
  for (size_t i = 0; i < parts; ++i) draft.outputs.push_back(ToSelf(thief, 0));
  const uint64_t fee = LedgerBuilder::Fee(2 * ledger_->FeeRate(), ledger_->Weight(draft));
  if (left < fee + parts * 500 * kDust) {
    for (const CoinId id : draft.inputs) world.Give(actor, id);
    return false;
  }
  left -= fee;
  for (size_t i = 0; i < parts; ++i) {
    const uint64_t value =
        i + 1 == parts ? left : left / (parts - i) / 100 * random.Between(60, 140);
    draft.outputs[i].value = value;
    left -= value;
  }
  last_thief_ = thief;
  const Added added = ledger_->Add(draft);
  Job job;
  job.thief = thief;
  job.branches = PlanBranches(book_.thefts());
  job.loot = book_.RecordTheft(actor, thief, added.coins);
  // What this thief left lying, or has not yet divided, comes along.
  for (std::vector<Job>* jobs : {&dormant_, &jobs_}) {
    for (size_t i = jobs->size(); i-- > 0;) {
      Job& older = (*jobs)[i];
      if (older.thief != thief || (jobs == &jobs_ && older.branches.empty())) continue;
      job.loot.insert(job.loot.end(), older.loot.begin(), older.loot.end());
      jobs->erase(jobs->begin() + static_cast<ptrdiff_t>(i));
    }
  }
  for (const Loot& loot : job.loot) job.total += ValueOf(loot);
  job.patterns = {Pattern::kConsolidation};
  Queue(std::move(job), 1 + Pause(30));
  return true;
}

std::vector<Underworld::Branch> Underworld::PlanBranches(size_t theft) {
  using P = Pattern;
  Random& random = ledger_->random();
  std::vector<Branch> branches;
  if (!options_.patterns.empty()) {
    // What does not end the laundering is done to all of the loot, in order; then each of the
    // others gets its part.
    std::deque<P> first;
    for (const P pattern : options_.patterns) {
      if (!EndsLaundering(pattern)) first.push_back(pattern);
    }
    for (const P pattern : options_.patterns) {
      if (EndsLaundering(pattern)) branches.push_back({1, {pattern}});
    }
    if (branches.empty()) branches.push_back({1, {P::kDormancy}});
    for (Branch& branch : branches) {
      branch.patterns.insert(branch.patterns.begin(), first.begin(), first.end());
    }
    return branches;
  }
  std::vector<Branch> all = {{0.38, {P::kPeelChain}},
                             {0.17, {P::kCoinJoin, P::kExchangeDeposits}},
                             {0.12, {P::kSplitMerge, P::kPeelChain}},
                             {0.09, {P::kMixer}},
                             {0.07, {P::kBridge}},
                             {0.06, {P::kBroker}},
                             {0.11, {P::kDormancy}}};
  if (theft == 0) return all;
  branches = std::move(all);
  branches.push_back({0.3, {P::kExchangeDeposits}});
  branches.push_back({0.2, {P::kSplitMerge, P::kCoinJoin, P::kMixer}});
  branches.push_back({0.2, {P::kCoinJoin, P::kCoinJoin, P::kPeelChain}});
  random.Shuffle(&branches);
  branches.resize(random.Between(1, 4));
  for (Branch& branch : branches) branch.share *= random.LogNormal(1, 0.5);
  if (theft % kThiefReturns == kThiefReturns - 2) branches.push_back({0.1, {P::kDormancy}});
  return branches;
}

bool Underworld::Work(Job job) {
  if (job.patterns.empty()) {
    if (!job.branches.empty()) return Divide(std::move(job));
    dormant_.push_back(std::move(job));
    return true;
  }
  switch (job.patterns.front()) {
    case Pattern::kConsolidation:
      return Consolidate(std::move(job));
    case Pattern::kPeelChain:
      return Peel(std::move(job));
    case Pattern::kSplitMerge:
      return SplitMerge(std::move(job));
    case Pattern::kCoinJoin:
      return JoinCoins(std::move(job));
    case Pattern::kExchangeDeposits:
      return job.stage == 0 ? SplitForDeposits(std::move(job)) : Deposit(std::move(job));
    case Pattern::kMixer:
      return PayOut(std::move(job), ActorKind::kMixer);
    case Pattern::kBroker:
      return PayOut(std::move(job), ActorKind::kBroker);
    case Pattern::kBridge:
      return PayOut(std::move(job), ActorKind::kBridge);
    case Pattern::kDormancy:
      break;  // never queued
  }
  SPOOR_CHECK(false);
  return false;
}

// Up to kMostMerged coins into one, until there is one.
bool Underworld::Consolidate(Job job) {
  if (job.loot.size() == 1) {
    NextPattern(job, job.loot);
    return true;
  }
  LootMove move;
  move.kind = "consolidation";
  move.thief = job.thief;
  const size_t n = std::min(job.loot.size(), kMostMerged);
  move.loot.assign(job.loot.begin(), job.loot.begin() + static_cast<ptrdiff_t>(n));
  move.outputs = {ToSelf(job.thief, 0)};
  const auto moved = book_.Move(std::move(move));
  if (!moved) return PutOff(std::move(job));
  job.loot.erase(job.loot.begin(), job.loot.begin() + static_cast<ptrdiff_t>(n));
  job.loot.push_back((*moved)[0]);
  if (job.loot.size() > 1) {
    Queue(std::move(job), 0);
  } else {
    NextPattern(job, job.loot);
  }
  return true;
}

bool Underworld::Divide(Job job) {
  double shares = 0;
  for (const Branch& branch : job.branches) shares += branch.share;
  LootMove move;
  move.kind = "distribution";
  move.thief = job.thief;
  move.loot = job.loot;
  uint64_t value = 0;
  for (const Loot& loot : job.loot) value += ValueOf(loot);
  for (const Branch& branch : job.branches) {
    move.outputs.push_back(ToSelf(
        job.thief, static_cast<uint64_t>(static_cast<double>(value) * (branch.share / shares))));
  }
  const auto moved = book_.Move(std::move(move));
  if (!moved) return PutOff(std::move(job));
  for (size_t i = 0; i < job.branches.size(); ++i) {
    Job part;
    part.thief = job.thief;
    part.loot = {(*moved)[i]};
    part.patterns = job.branches[i].patterns;
    part.total = job.total;
    Queue(std::move(part), 1 + Pause(12));
  }
  return true;
}

// One step: a part to a fresh deposit address (seldom elsewhere), the rest onwards to a new
// address.
bool Underworld::Peel(Job job) {
  Random& random = ledger_->random();
  if (job.stage == 0) {
    // Tens to hundreds of steps, as the ledger's length permits; fewer where only a crumb of the
    // whole is left to peel.
    job.stage = 1;
    const uint64_t left = blocks_ - std::min(blocks_, ledger_->height());
    const uint64_t crumbs = 2 + 300 * ValueOf(job.loot.back()) / (job.total + 1);
    job.steps_left = std::min<uint64_t>({random.Between(25, 250), 4 * left, crumbs});
  }
  const Loot& main = job.loot.back();
  const uint64_t value = ValueOf(main);
  ActorKind kind = ActorKind::kExchange;
  if (random.Chance(0.15)) {
    static constexpr ActorKind kOthers[] = {ActorKind::kBroker, ActorKind::kMarket,
                                            ActorKind::kPaymentProcessor, ActorKind::kMixer};
    kind = kOthers[random.Below(std::size(kOthers))];
  }
  const AddressId to = services_->FreshDepositAddress(services_->Pick(kind));
  LootMove move;
  move.kind = "peel";
  move.thief = job.thief;
  move.loot = {main};
  const bool last = job.steps_left <= 1 || value < 3 * kLeastPeeled;
  if (last) {
    move.outputs = {{to, 0, {}}};
  } else {
    const double fair = static_cast<double>(value) / static_cast<double>(job.steps_left);
    const double drawn = random.LogNormal(fair, 0.5);
    const uint64_t peeled = std::clamp(static_cast<uint64_t>(drawn), kLeastPeeled, value / 2);
    move.outputs = {{to, peeled, {}}, ToSelf(job.thief, 0)};
    move.absorber = 1;
    move.clean = MaybeClean(job.thief, 0.06);
  }
  const auto moved = book_.Move(std::move(move));
  if (!moved) return PutOff(std::move(job));
  job.failures = 0;
  --job.steps_left;
  job.loot.pop_back();
  if (!last && !(*moved)[1].lots.empty()) {
    job.loot.push_back((*moved)[1]);
  } else if (!last) {
    ledger_->world().Give(job.thief, (*moved)[1].coin);
  }
  if (job.loot.empty()) return true;
  if (last) job.stage = 0;  // the next coin's chain
  const auto steps = static_cast<uint32_t>(job.steps_left);
  Queue(std::move(job), random.Chance(0.5) ? 0 : Pause(steps));
  return true;
}

// Into many, then together again in a few rounds.
bool Underworld::SplitMerge(Job job) {
  Random& random = ledger_->random();
  LootMove move;
  move.thief = job.thief;
  if (job.stage == 0) {
    const Loot whole = job.loot.back();
    const uint64_t value = ValueOf(whole);
    const uint64_t parts = std::min<uint64_t>(random.Between(60, 300), value / (20 * kDust));
    if (parts < 4) {
      NextPattern(job, job.loot);
      return true;
    }
    move.kind = "split";
    move.loot = {whole};
    for (uint64_t i = 0; i < parts; ++i) {
      move.outputs.push_back(ToSelf(job.thief, value / parts / 100 * random.Between(50, 98)));
    }
    auto moved = book_.Move(std::move(move));
    if (!moved) return PutOff(std::move(job));
    random.Shuffle(&*moved);
    job.loot.pop_back();
    job.loot.insert(job.loot.end(), moved->begin(), moved->end());
    job.stage = 1;
    Queue(std::move(job), 1 + Pause(12));
    return true;
  }
  move.kind = "merge";
  const size_t n = std::min<size_t>(job.loot.size(), random.Between(8, kMostMerged));
  move.loot.assign(job.loot.begin(), job.loot.begin() + static_cast<ptrdiff_t>(n));
  move.outputs = {ToSelf(job.thief, 0)};
  move.clean = MaybeClean(job.thief, 0.1);
  const auto moved = book_.Move(std::move(move));
  if (!moved) return PutOff(std::move(job));
  job.loot.erase(job.loot.begin(), job.loot.begin() + static_cast<ptrdiff_t>(n));
  job.loot.push_back((*moved)[0]);
  if (job.loot.size() > 2) {
    Queue(std::move(job), Pause(30));
  } else {
    NextPattern(job, job.loot);
  }
  return true;
}

bool Underworld::JoinCoins(Job job) {
  Random& random = ledger_->random();
  if (job.stage == 2) return MixWhirlpool(std::move(job));
  if (job.stage == 0 && random.Chance(0.4)) return PrepareWhirlpool(std::move(job));
  job.stage = 1;
  // One coin at a time; the rest follow in jobs of their own.
  while (job.loot.size() > 1) {
    Job other = job;
    other.loot = {job.loot.back()};
    job.loot.pop_back();
    Queue(std::move(other), Pause(20));
  }
  const LootBook::JoinInputs inputs = book_.DescribeInputs(job.thief, job.loot);
  const JoinKind kind = random.Chance(0.5) ? JoinKind::kWasabi1 : JoinKind::kWasabi2;
  const auto joined = coinjoins_->HoldWith(kind, {job.thief, {job.loot[0].coin}});
  if (!joined) {
    if (job.failures < kMostFailures) return PutOff(std::move(job));
    NextPattern(job, job.loot);
    return false;
  }
  std::vector<Loot> out = book_.RecordJoin(inputs, *joined);
  // Units may all have gone in fees; what is clean of them is the thief's still.
  std::vector<Loot> loot;
  for (Loot& each : out) {
    if (each.lots.empty()) {
      ledger_->world().Give(job.thief, each.coin);
    } else {
      loot.push_back(std::move(each));
    }
  }
  if (!loot.empty()) NextPattern(std::move(job), std::move(loot));
  return true;
}

// TX0. The change, which Whirlpool will not take, skips the mix.
bool Underworld::PrepareWhirlpool(Job job) {
  const uint64_t size = coinjoins_->WhirlpoolDenomination();
  const uint64_t premix = CoinJoins::PremixValue(size);
  const uint64_t pool_fee = CoinJoins::PoolFee(size);
  const Loot whole = job.loot.back();
  const uint64_t value = ValueOf(whole);
  if (value < 2 * premix + pool_fee + 40 * kDust) {
    job.stage = 1;
    return JoinCoins(std::move(job));
  }
  const uint64_t most = (value - pool_fee - 20 * kDust) / premix;
  const uint64_t parts = std::min<uint64_t>(most, ledger_->random().Between(3, 12));
  LootMove move;
  move.kind = "coinjoin-preparation";
  move.thief = job.thief;
  move.loot = {whole};
  move.absorber = parts;
  for (uint64_t i = 0; i < parts; ++i) move.outputs.push_back(ToSelf(job.thief, premix));
  move.outputs.push_back(ToSelf(job.thief, 0));
  move.outputs.push_back({coinjoins_->CoordinatorAddress(JoinKind::kWhirlpool), pool_fee, {}});
  move.outputs.push_back(DataOutput(Bytes(64, static_cast<uint8_t>(ledger_->height()))));
  auto moved = book_.Move(std::move(move));
  if (!moved) return PutOff(std::move(job));
  job.loot.pop_back();
  if (!job.loot.empty()) {
    Job others = job;
    Queue(std::move(others), Pause(10));
  }
  Job change = job;
  NextPattern(std::move(change), {(*moved)[parts]});
  moved->resize(parts);
  job.loot = *std::move(moved);
  job.stage = 2;
  Queue(std::move(job), 1 + Pause(20));
  return true;
}

bool Underworld::MixWhirlpool(Job job) {
  const std::vector<Loot> one = {job.loot.back()};
  const LootBook::JoinInputs inputs = book_.DescribeInputs(job.thief, one);
  const auto joined = coinjoins_->HoldWith(JoinKind::kWhirlpool, {job.thief, {one[0].coin}});
  std::vector<Loot> out = one;
  if (joined) {
    out = book_.RecordJoin(inputs, *joined);
  } else if (job.failures < kMostFailures) {
    return PutOff(std::move(job));
  }
  job.loot.pop_back();
  Job mixed = job;
  NextPattern(std::move(mixed), std::move(out));
  if (!job.loot.empty()) Queue(std::move(job), Pause(40));
  return joined.has_value();
}

// Several addresses of the thief's own first, so that no two deposits come from one transaction.
bool Underworld::SplitForDeposits(Job job) {
  Random& random = ledger_->random();
  const Loot whole = job.loot.back();
  const uint64_t value = ValueOf(whole);
  const uint64_t parts = std::min<uint64_t>(random.Between(2, 7), value / (100 * kDust));
  job.loot.pop_back();
  if (!job.loot.empty()) {
    Job others = job;
    Queue(std::move(others), Pause(20));
  }
  job.stage = 1;
  if (parts < 2) {
    job.loot = {whole};
    return Deposit(std::move(job));
  }
  LootMove move;
  move.kind = "deposit-preparation";
  move.thief = job.thief;
  move.loot = {whole};
  for (uint64_t i = 0; i < parts; ++i) {
    move.outputs.push_back(ToSelf(job.thief, value / parts / 100 * random.Between(70, 98)));
  }
  const auto moved = book_.Move(std::move(move));
  if (!moved) {
    job.loot = {whole};
    return PutOff(std::move(job));
  }
  for (const Loot& loot : *moved) {
    Job part = job;
    part.loot = {loot};
    Queue(std::move(part), 1 + Pause(10));
  }
  return true;
}

bool Underworld::Deposit(Job job) {
  LootMove move;
  move.kind = "deposit";
  move.thief = job.thief;
  move.loot = job.loot;
  const ServiceId exchange = services_->Pick(ActorKind::kExchange);
  move.outputs = {{services_->FreshDepositAddress(exchange), 0, {}}};
  if (!book_.Move(std::move(move))) return PutOff(std::move(job));
  return true;
}

// All of one coin, or a part now and the rest later, to a mixer, a broker or a bridge.
bool Underworld::PayOut(Job job, ActorKind kind) {
  Random& random = ledger_->random();
  const Loot coin = job.loot.back();
  const uint64_t value = ValueOf(coin);
  const ServiceId service = services_->Pick(kind);
  const bool part = job.stage < 3 && value > 200 * kDust && random.Chance(0.6);
  LootMove move;
  move.kind = KindName(kind);
  move.thief = job.thief;
  move.loot = {coin};
  move.outputs = {{services_->FreshDepositAddress(service),
                   part ? value / 100 * random.Between(20, 60) : 0,
                   {}}};
  if (part) {
    move.outputs.push_back(ToSelf(job.thief, 0));
    move.absorber = 1;
  }
  if (kind == ActorKind::kBridge) move.outputs.push_back(services_->BridgeMemo());
  const auto moved = book_.Move(std::move(move));
  if (!moved) return PutOff(std::move(job));
  if (kind == ActorKind::kMixer) {
    // What comes back is other people's money, and goes into the thief's ordinary wallet.
    services_->PromiseMixed(service, job.thief, ValueOf((*moved)[0]), 1 + Pause(6));
  }
  job.loot.pop_back();
  if (part) job.loot.push_back((*moved)[1]);
  ++job.stage;
  if (!job.loot.empty()) Queue(std::move(job), Pause(10));
  return true;
}

void Underworld::Finish() {
  for (const std::vector<Job>* jobs : {&jobs_, &dormant_}) {
    for (const Job& job : *jobs) {
      for (const Loot& loot : job.loot) book_.RecordUnspent(loot);
    }
  }
}

}  // namespace spoor::simulate
