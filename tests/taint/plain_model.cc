#include "tests/taint/plain_model.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "spoor/base/status_macros.h"

namespace spoor::plain {
namespace {

// Owners that are no addresses, in the gives of a coinbase that fees are followed into.
constexpr AddressId kFeePayer{AddressId::kNobody - 1001};
constexpr AddressId kMinter{AddressId::kNobody - 1002};

// Where a fee waits for its block's coinbase.
Holding FeePlace(uint64_t position) { return {position, 4'000'000'000}; }

// The movements in the order in which they take place. If fees are followed, a block's coinbase is
// its last and spends the subsidy and the fees; its own fee is what it does not claim.
std::vector<Movement> InOrder(const std::vector<Movement>& movements, const Options& options) {
  if (options.fees == "end") return movements;
  std::vector<Movement> ordered;
  for (size_t begin = 0, end = 0; begin < movements.size(); begin = end) {
    Movement coinbase = movements[begin];
    Units fees = 0;
    for (end = begin + 1; end < movements.size() && !movements[end].coinbase; ++end) {
      ordered.push_back(movements[end]);
      const Units fee = movements[end].takes.back().amount;
      coinbase.gives.push_back({GiveKind::kHolding, FeePlace(end), kFeePayer, fee});
      fees += fee;
    }
    auto subsidy = static_cast<Units>(options.subsidy(coinbase.height));
    if (fees + subsidy < coinbase.minted) subsidy = coinbase.minted - fees;
    const Give minted{GiveKind::kOutside, {}, kMinter, subsidy};
    if (options.fees == "subsidy-first") {
      coinbase.gives.insert(coinbase.gives.begin(), minted);
    } else {
      coinbase.gives.push_back(minted);
    }
    Take unclaimed;
    unclaimed.kind = TakerKind::kFee;
    unclaimed.amount = fees + subsidy - coinbase.minted;
    coinbase.takes.push_back(unclaimed);
    coinbase.minted = 0;
    ordered.push_back(coinbase);
  }
  return ordered;
}

std::string OwnerOf(const Take& take) {
  if (take.kind == TakerKind::kFee) return kFees;
  if (take.kind == TakerKind::kBurned) return kBurned;
  return OwnerName(take.owner);
}

using Moved = std::map<std::pair<std::string, std::string>, Number>;

// What a movement moved from owner to owner.
Moved Flows(const UnitRules&, const Movement& movement,
            const std::vector<UnitRules::Content>& givers,
            const std::vector<UnitRules::Content>& slices) {
  const size_t minters = givers.size() - movement.gives.size();
  Moved moved;
  for (size_t i = 0; i < slices.size(); ++i) {
    for (const Unit& unit : slices[i]) {
      if (unit.source == 0) continue;
      moved[{OwnerName(movement.gives[unit.giver - minters].owner), OwnerOf(movement.takes[i])}] +=
          1;
    }
  }
  return moved;
}

Moved Flows(const HaircutRules&, const Movement&, const std::vector<HaircutRules::Content>&,
            const std::vector<HaircutRules::Content>&) {
  return {};
}

// All that a taker got may have come from any of the tainted owners.
Moved Flows(const PoisonRules&, const Movement& movement,
            const std::vector<PoisonRules::Content>& givers,
            const std::vector<PoisonRules::Content>&) {
  const size_t minters = givers.size() - movement.gives.size();
  std::set<std::string> from;
  for (size_t i = 0; i < movement.gives.size(); ++i) {
    if (!givers[minters + i].sources.empty()) from.insert(OwnerName(movement.gives[i].owner));
  }
  Moved moved;
  for (const std::string& owner : from) {
    for (const Take& take : movement.takes) {
      if (take.amount > 0) moved[{owner, OwnerOf(take)}] += Number(take.amount);
    }
  }
  return moved;
}

// Where the units of a movement's takers came from; `givers` begin with what was minted, if any
// was.
Moved FlowsBack(const UnitRules&, const std::vector<std::string>& givers,
                const std::vector<std::string>& takers, const std::vector<UnitRules::Content>&,
                const std::vector<UnitRules::Content>& slices) {
  Moved moved;
  for (size_t i = 0; i < slices.size(); ++i) {
    for (const Unit& unit : slices[i]) {
      if (unit.source != 0) moved[{givers[i], takers[unit.giver]}] += 1;
    }
  }
  return moved;
}

Moved FlowsBack(const HaircutRules&, const std::vector<std::string>&,
                const std::vector<std::string>&, const std::vector<HaircutRules::Content>&,
                const std::vector<HaircutRules::Content>&) {
  return {};
}

Moved FlowsBack(const PoisonRules&, const std::vector<std::string>& givers,
                const std::vector<std::string>& takers,
                const std::vector<PoisonRules::Content>& held,
                const std::vector<PoisonRules::Content>& slices) {
  std::set<std::string> to;
  for (size_t i = 0; i < takers.size(); ++i) {
    if (!held[i].sources.empty()) to.insert(takers[i]);
  }
  Moved moved;
  for (const std::string& owner : to) {
    for (size_t i = 0; i < givers.size(); ++i) {
      if (slices[i].amount > 0) moved[{givers[i], owner}] += slices[i].amount;
    }
  }
  return moved;
}

// What the two directions have in common.
template <typename Rules>
class Tracer {
 protected:
  using Content = typename Rules::Content;
  struct Resting {
    Content content;
    Endpoint place;  // but for what is computed from `content`
  };

  Tracer(Rules rules, const std::vector<Seed>& seeds, const Options& options)
      : rules_(std::move(rules)), seeds_(seeds), options_(options) {
    for (const Seed& seed : seeds_) limits_.push_back(seed.limit.value_or(Number(1) << 300));
  }

  // Why the units do not go through the movement at `position`; "" if they do.
  std::string Stop(const Resting& resting, uint64_t position) const {
    if (options_.max_hops.has_value() && resting.place.hops >= *options_.max_hops) {
      return "hop-limit";
    }
    if (options_.not_followed.contains(position)) return "time-limit";
    Number tainted = 0;
    for (const auto& [source, units] : rules_.BySource(resting.content)) tainted += units;
    if (!Rules::conserving()) tainted = resting.place.amount;
    return tainted < options_.min_taint ? "below-least" : "";
  }

  void End(const std::string& kind, Resting* resting) {
    Resting ended = *resting;
    ended.place.kind = kind;
    AddEndpoint(ended);
    resting->content = rules_.Clean(resting->place.amount);
  }

  bool MarkSeeds(const Movement& movement, size_t taker, Content* content) {
    bool any = false;
    for (size_t s = 0; s < seeds_.size(); ++s) {
      if (!seeds_[s].credits.contains({movement.position.number, taker})) continue;
      const std::map<Source, Number> before = rules_.BySource(*content);
      const Number units = rules_.Mark(seeds_[s].source, &limits_[s], content);
      any |= rules_.BySource(*content) != before;
      if (units == 0) continue;
      result_.stolen[seeds_[s].source] += units;
      result_.marked[OwnerOf(movement.takes[taker])] += units;
    }
    return any;
  }

  void AddEndpoint(const Resting& resting) {
    if (!rules_.Tainted(resting.content) || resting.place.amount == 0) return;
    Endpoint end = resting.place;
    end.by_source = rules_.BySource(resting.content);
    for (const auto& [source, units] : end.by_source) end.tainted += units;
    if (!Rules::conserving()) end.tainted = end.amount;
    result_.endpoints.push_back(std::move(end));
  }

  void Count(const Movement& movement, const Moved& moved) {
    ++result_.movements;
    for (const Give& give : movement.gives) {
      if (give.kind == GiveKind::kUnresolved) ++result_.unresolved_inputs;
    }
    for (const auto& [owners, units] : moved) {
      result_.flows[owners].tainted += units;
      result_.flows[owners].movements += 1;
    }
  }

  bool IsPooled(bool holding, AddressId owner) const {
    return holding && options_.pool_of != nullptr && !owner.IsNobody() && owner != kFeePayer;
  }

  Rules rules_;
  const std::vector<Seed>& seeds_;
  const Options& options_;
  std::vector<Number> limits_;
  std::map<Holding, Resting> holdings_;
  Result result_;
};

template <typename Rules>
class Follower : private Tracer<Rules> {
  using Base = Tracer<Rules>;
  using Base::holdings_;
  using Base::options_;
  using Base::result_;
  using Base::rules_;
  using typename Base::Content;
  using typename Base::Resting;

 public:
  Follower(Rules rules, const std::vector<Seed>& seeds, const Options& options)
      : Base(std::move(rules), seeds, options) {}

  Result Run(const std::vector<Movement>& movements) {
    for (const Movement& movement : InOrder(movements, options_)) Move(movement);
    for (const auto& [holding, resting] : holdings_) this->AddEndpoint(resting);
    for (const auto& [pool, resting] : pools_) this->AddEndpoint(resting);
    return std::move(result_);
  }

 private:
  void Move(const Movement& movement) {
    std::vector<Content> givers;
    if (movement.minted > 0) givers.push_back(rules_.Clean(Number(movement.minted)));
    bool tainted = false;
    uint32_t hops = ~uint32_t{0};
    std::map<AddressId, Number> spent;
    for (const Give& give : movement.gives) {
      if (this->IsPooled(give.kind == GiveKind::kHolding, give.owner)) {
        spent[options_.pool_of(give.owner)] += Number(give.amount);
      }
    }
    for (const Give& give : movement.gives) {
      if (this->IsPooled(give.kind == GiveKind::kHolding, give.owner)) {
        const auto payment = spent.find(options_.pool_of(give.owner));
        if (payment == spent.end()) {
          givers.push_back(rules_.Clean(0));
          continue;
        }
        Resting& pool = pools_.at(payment->first);
        givers.push_back(Pay(movement, payment->second, &pool));
        spent.erase(payment);
        if (rules_.Tainted(givers.back())) {
          tainted = true;
          hops = std::min(hops, pool.place.hops);
        }
        continue;
      }
      const auto it =
          give.kind == GiveKind::kHolding ? holdings_.find(give.holding) : holdings_.end();
      if (it == holdings_.end()) {
        givers.push_back(rules_.Clean(Number(give.amount)));
        continue;
      }
      if (rules_.Tainted(it->second.content)) {
        const std::string stop = this->Stop(it->second, movement.position.number);
        if (stop.empty()) {
          tainted = true;
          hops = std::min(hops, it->second.place.hops);
        } else {
          this->End(stop, &it->second);
        }
      }
      givers.push_back(std::move(it->second.content));
      holdings_.erase(it);
    }
    std::vector<Taker> takers;
    for (const Take& take : movement.takes) {
      takers.push_back({Number(take.amount), take.kind == TakerKind::kFee});
    }
    std::vector<Content> slices = rules_.Share(givers, takers);
    if (tainted) this->Count(movement, Flows(rules_, movement, givers, slices));
    for (size_t i = 0; i < slices.size(); ++i) {
      const Take& take = movement.takes[i];
      Resting resting{std::move(slices[i]), {}};
      resting.place.position = movement.position.number;
      resting.place.at_output = take.kind != TakerKind::kFee;
      resting.place.output = take.kind == TakerKind::kFee ? 0 : static_cast<uint32_t>(i);
      resting.place.owner = take.owner;
      resting.place.amount = Number(take.amount);
      resting.place.hops = tainted ? hops + 1 : 0;
      if (this->MarkSeeds(movement, i, &resting.content)) resting.place.hops = 0;
      const bool fee = take.kind == TakerKind::kFee;
      resting.place.kind = fee ? "fee" : take.kind == TakerKind::kBurned ? "burned" : "unspent";
      if (resting.place.kind == "unspent") {
        if (resting.place.hops > 0 && options_.services.contains(take.owner)) {
          this->End("service", &resting);
        }
        if (this->IsPooled(true, take.owner)) {
          Receive(options_.pool_of(take.owner), resting);
        } else {
          SPOOR_CHECK(holdings_.emplace(take.holding, std::move(resting)).second);
        }
      } else if (fee && options_.fees != "end" && !movement.coinbase) {
        holdings_.emplace(FeePlace(movement.position.number), std::move(resting));
      } else {
        this->AddEndpoint(resting);
      }
    }
  }

 private:
  // An account that holds B pays `amount`; it takes B - `amount` itself.
  Content Pay(const Movement& movement, const Number& amount, Resting* pool) {
    if (rules_.Tainted(pool->content)) {
      const std::string stop = this->Stop(*pool, movement.position.number);
      if (!stop.empty()) this->End(stop, pool);
    }
    pool->place.amount -= amount;
    std::vector<Content> parts =
        rules_.Share({pool->content}, {{amount, false}, {pool->place.amount, false}});
    pool->content = std::move(parts[1]);
    if (pool->place.amount == 0) pool->content = rules_.Clean(0);
    return std::move(parts[0]);
  }

  void Receive(AddressId owner, const Resting& resting) {
    const auto [it, added] = pools_.try_emplace(owner, Resting{rules_.Clean(0), {}});
    Resting& pool = it->second;
    pool.place.kind = "unspent";
    pool.place.owner = owner;
    pool.place.at_output = false;
    pool.place.output = 0;
    if (rules_.Tainted(resting.content)) {
      const bool before = rules_.Tainted(pool.content);
      pool.place.hops = before ? std::min(pool.place.hops, resting.place.hops) : resting.place.hops;
      pool.place.position = resting.place.position;
    }
    pool.place.amount += resting.place.amount;
    Rules::Append(resting.content, &pool.content);
    if (pool.place.amount == 0) pool.content = rules_.Clean(0);
  }

  std::map<AddressId, Resting> pools_;
};

template <typename Rules>
class Backer : private Tracer<Rules> {
  using Base = Tracer<Rules>;
  using Base::holdings_;  // what is asked for of each
  using Base::options_;
  using Base::result_;
  using Base::rules_;
  using typename Base::Content;
  using typename Base::Resting;

 public:
  Backer(Rules rules, const std::vector<Seed>& seeds, const Options& options)
      : Base(std::move(rules), seeds, options) {}

  Result Run(const std::vector<Movement>& movements) {
    const std::vector<Movement> ordered = InOrder(movements, options_);
    for (const Movement& movement : ordered) HoldAtTheEnd(movement);
    for (auto& [owner, pool] : pools_) pool.content = rules_.Clean(pool.place.amount);
    for (auto it = ordered.rbegin(); it != ordered.rend(); ++it) Move(*it);
    SPOOR_CHECK(holdings_.empty());
    for (const auto& [owner, pool] : pools_) SPOOR_CHECK(pool.place.amount == 0);
    return std::move(result_);
  }

 private:
  bool IsPooled(const Take& take) const {
    return Base::IsPooled(take.kind == TakerKind::kHolding, take.owner);
  }
  bool IsPooled(const Give& give) const {
    return Base::IsPooled(give.kind == GiveKind::kHolding, give.owner);
  }

  void HoldAtTheEnd(const Movement& movement) {
    for (const Take& take : movement.takes) {
      if (IsPooled(take)) pools_[options_.pool_of(take.owner)].place.amount += Number(take.amount);
    }
    for (const Give& give : movement.gives) {
      if (IsPooled(give)) pools_[options_.pool_of(give.owner)].place.amount -= Number(give.amount);
    }
  }

  // What is asked for of each output to a pool; the pool then is as it was before them.
  std::map<size_t, Resting> TakeFromPools(const Movement& movement) {
    std::map<AddressId, std::vector<size_t>> outputs;
    for (size_t i = 0; i < movement.takes.size(); ++i) {
      if (IsPooled(movement.takes[i])) {
        outputs[options_.pool_of(movement.takes[i].owner)].push_back(i);
      }
    }
    std::map<size_t, Resting> taken;
    for (const auto& [owner, indexes] : outputs) {
      Resting& pool = pools_.at(owner);
      std::vector<Taker> parts = {{pool.place.amount}};
      for (const size_t i : indexes) {
        parts.push_back({Number(movement.takes[i].amount)});
        parts[0].amount -= parts.back().amount;
      }
      std::vector<Content> contents = rules_.ShareBack({pool.content}, parts);
      for (size_t n = 0; n < indexes.size(); ++n) {
        taken[indexes[n]] = {std::move(contents[n + 1]), pool.place};
      }
      pool.place.amount = parts[0].amount;
      pool.content = pool.place.amount == 0 ? rules_.Clean(0) : std::move(contents[0]);
    }
    return taken;
  }

  // What is asked for of a payment is back in the pool that paid it.
  void ReturnToPool(AddressId owner, Resting paid) {
    Resting& pool = pools_.at(owner);
    if (rules_.Tainted(paid.content)) {
      const bool before = rules_.Tainted(pool.content);
      pool.place.hops = before ? std::min(pool.place.hops, paid.place.hops) : paid.place.hops;
    }
    const Number amount = pool.place.amount + paid.place.amount;
    pool.content = rules_.ShareBack({paid.content, pool.content}, {{amount}})[0];
    pool.place.amount = amount;
    if (amount == 0) pool.content = rules_.Clean(0);
  }

  void Move(const Movement& movement) {
    std::vector<Content> asked;
    std::vector<std::string> takers;
    bool tainted = false;
    uint32_t hops = ~uint32_t{0};
    std::map<size_t, Resting> pooled = TakeFromPools(movement);
    for (size_t i = 0; i < movement.takes.size(); ++i) {
      const Take& take = movement.takes[i];
      const bool fee = take.kind == TakerKind::kFee;
      Resting resting{rules_.Clean(Number(take.amount)), {}};
      const auto it = holdings_.find(fee ? FeePlace(movement.position.number) : take.holding);
      if (it != holdings_.end()) {
        resting = std::move(it->second);
        holdings_.erase(it);
      }
      if (pooled.contains(i)) resting = std::move(pooled[i]);
      resting.place.position = movement.position.number;
      resting.place.at_output = !fee;
      resting.place.output = fee ? 0 : static_cast<uint32_t>(i);
      resting.place.owner = take.owner;
      resting.place.amount = Number(take.amount);
      if (this->MarkSeeds(movement, i, &resting.content)) resting.place.hops = 0;
      if (rules_.Tainted(resting.content)) {
        std::string stop = this->Stop(resting, movement.position.number);
        if (resting.place.hops > 0 && options_.services.contains(take.owner)) stop = "service";
        if (stop.empty()) {
          tainted = true;
          hops = std::min(hops, resting.place.hops);
        } else {
          this->End(stop, &resting);
        }
      }
      asked.push_back(std::move(resting.content));
      takers.push_back(OwnerOf(take));
    }
    if (!tainted && options_.pool_of == nullptr) return;
    struct Giver {
      std::string name;
      const Give* give = nullptr;  // the first, of a pool
      Number amount;
    };
    std::vector<Giver> givers;
    if (movement.minted > 0) givers.push_back({kMinted, nullptr, Number(movement.minted)});
    std::map<AddressId, size_t> giver_of;
    for (const Give& give : movement.gives) {
      if (IsPooled(give)) {
        const auto [it, added] = giver_of.emplace(options_.pool_of(give.owner), givers.size());
        if (!added) {
          givers[it->second].amount += Number(give.amount);
          continue;
        }
      }
      givers.push_back({OwnerName(give.owner), &give, Number(give.amount)});
    }
    std::vector<Taker> amounts;
    std::vector<std::string> names;
    for (const Giver& giver : givers) {
      amounts.push_back({giver.amount});
      names.push_back(giver.name);
    }
    std::vector<Content> slices = rules_.ShareBack(asked, amounts);
    if (tainted) this->Count(movement, FlowsBack(rules_, names, takers, asked, slices));
    for (size_t i = 0; i < slices.size(); ++i) {
      Resting resting{std::move(slices[i]), {}};
      resting.place.position = movement.position.number;
      resting.place.at_output = false;
      resting.place.amount = amounts[i].amount;
      resting.place.hops = hops + 1;
      const Give* const give = givers[i].give;
      if (names[i] == kMinted) {
        this->End("minted", &resting);
      } else if (IsPooled(*give)) {
        resting.place.owner = options_.pool_of(give->owner);
        if (options_.services.contains(give->owner)) this->End("service", &resting);
        ReturnToPool(options_.pool_of(give->owner), std::move(resting));
      } else if (give->kind == GiveKind::kHolding) {
        if (rules_.Tainted(resting.content)) holdings_.emplace(give->holding, std::move(resting));
      } else {
        resting.place.output = static_cast<uint32_t>(give - movement.gives.data());
        resting.place.owner = give->owner;
        this->End(give->kind == GiveKind::kOutside ? "outside" : "unresolved", &resting);
      }
    }
  }

  std::map<AddressId, Resting> pools_;  // before the movement that comes next
};

}  // namespace

std::string OwnerName(AddressId id) {
  if (id == kFeePayer) return kFees;
  if (id == kMinter) return kMinted;
  return id.IsNobody() ? std::string("nobody") : absl::StrCat("a", id.number);
}

std::string Result::ToString() const {
  std::vector<std::string> lines;
  for (const Endpoint& e : endpoints) {
    std::string by_source;
    for (const auto& [source, units] : e.by_source) {
      absl::StrAppend(&by_source, " ", source, "=", units.str());
    }
    lines.push_back(absl::StrCat("end ", e.position, e.at_output ? ":" : "#", e.output, " ", e.kind,
                                 " ", OwnerName(e.owner), " ", e.tainted.str(), " of ",
                                 e.amount.str(), by_source, " hops ", e.hops));
  }
  std::sort(lines.begin(), lines.end());
  for (const auto& [source, units] : stolen) {
    if (units > 0) lines.push_back(absl::StrCat("stolen ", source, "=", units.str()));
  }
  lines.push_back(absl::StrCat("movements ", movements, " unresolved ", unresolved_inputs));
  return absl::StrJoin(lines, "\n");
}

bool Knows(const std::string& policy) {
  static const std::set<std::string> names = {"fifo", "lifo", "haircut", "tiho", "libr", "poison"};
  return names.contains(policy);
}

Result Follow(const std::string& policy, const std::vector<Movement>& movements,
              const std::vector<Seed>& seeds, const Options& options) {
  if (policy == "haircut") return Follower(HaircutRules(), seeds, options).Run(movements);
  if (policy == "poison") return Follower(PoisonRules(), seeds, options).Run(movements);
  return Follower(UnitRules(policy), seeds, options).Run(movements);
}

Result Back(const std::string& policy, const std::vector<Movement>& movements,
            const std::vector<Seed>& seeds, const Options& options) {
  if (policy == "haircut") return Backer(HaircutRules(), seeds, options).Run(movements);
  if (policy == "poison") return Backer(PoisonRules(), seeds, options).Run(movements);
  return Backer(UnitRules(policy), seeds, options).Run(movements);
}

}  // namespace spoor::plain
