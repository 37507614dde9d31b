#include "tests/taint/plain_model.h"

#include <algorithm>
#include <numeric>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "spoor/base/status_macros.h"

namespace spoor::plain {
namespace {

// How `left` of `claims_left` is shared: DESIGN.md, `haircut`. The last claim gets the rest.
std::vector<Number> ProRata(Number left, const std::vector<Number>& claims) {
  Number claims_left = std::accumulate(claims.begin(), claims.end(), Number(0));
  std::vector<Number> shares;
  for (size_t i = 0; i < claims.size(); ++i) {
    Number share = 0;
    if (i + 1 == claims.size()) {
      share = left;
    } else if (claims_left > 0) {
      share = left * claims[i] / claims_left;
    }
    shares.push_back(share);
    left -= share;
    claims_left -= claims[i];
  }
  return shares;
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

template <typename Rules>
class Follower {
 public:
  Follower(Rules rules, const std::vector<Seed>& seeds) : rules_(std::move(rules)), seeds_(seeds) {
    for (const Seed& seed : seeds_) limits_.push_back(seed.limit.value_or(Number(1) << 300));
  }

  Result Run(const std::vector<Movement>& movements) {
    for (const Movement& movement : movements) Move(movement);
    for (const auto& [holding, resting] : holdings_) AddEndpoint(resting);
    return std::move(result_);
  }

 private:
  using Content = typename Rules::Content;
  struct Resting {
    Content content;
    Endpoint place;  // but for what is computed from `content`
  };

  void Move(const Movement& movement) {
    std::vector<Content> givers;
    if (movement.minted > 0) givers.push_back(rules_.Clean(Number(movement.minted)));
    bool tainted = false;
    uint32_t hops = ~uint32_t{0};
    for (const Give& give : movement.gives) {
      const auto it =
          give.kind == GiveKind::kHolding ? holdings_.find(give.holding) : holdings_.end();
      if (it == holdings_.end()) {
        givers.push_back(rules_.Clean(Number(give.amount)));
        continue;
      }
      if (rules_.Tainted(it->second.content)) {
        tainted = true;
        hops = std::min(hops, it->second.place.hops);
      }
      givers.push_back(std::move(it->second.content));
      holdings_.erase(it);
    }
    std::vector<Taker> takers;
    for (const Take& take : movement.takes) {
      takers.push_back({Number(take.amount), take.kind == TakerKind::kFee});
    }
    std::vector<Content> slices = rules_.Share(givers, takers);
    if (tainted) {
      ++result_.movements;
      for (const Give& give : movement.gives) {
        if (give.kind == GiveKind::kUnresolved) ++result_.unresolved_inputs;
      }
      for (const auto& [owners, units] : Flows(rules_, movement, givers, slices)) {
        result_.flows[owners].tainted += units;
        result_.flows[owners].movements += 1;
      }
    }
    for (size_t i = 0; i < slices.size(); ++i) {
      const Take& take = movement.takes[i];
      Resting resting{std::move(slices[i]), {}};
      resting.place.position = movement.position.number;
      resting.place.output = take.kind == TakerKind::kFee ? 0 : static_cast<uint32_t>(i);
      resting.place.owner = take.owner;
      resting.place.amount = Number(take.amount);
      resting.place.hops = tainted ? hops + 1 : 0;
      if (MarkSeeds(movement, i, &resting.content)) resting.place.hops = 0;
      if (take.kind == TakerKind::kHolding) {
        resting.place.kind = "unspent";
        SPOOR_CHECK(holdings_.emplace(take.holding, std::move(resting)).second);
      } else {
        resting.place.kind = take.kind == TakerKind::kFee ? "fee" : "burned";
        AddEndpoint(resting);
      }
    }
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

  Rules rules_;
  const std::vector<Seed>& seeds_;
  std::vector<Number> limits_;
  std::map<Holding, Resting> holdings_;
  Result result_;
};

}  // namespace

UnitRules::Content UnitRules::Clean(const Number& amount) const {
  return Content(static_cast<size_t>(amount));
}

bool UnitRules::Tainted(const Content& content) const {
  return std::any_of(content.begin(), content.end(), [](const Unit& u) { return u.source != 0; });
}

std::map<Source, Number> UnitRules::BySource(const Content& content) const {
  std::map<Source, size_t> counts;
  for (const Unit& unit : content) {
    if (unit.source != 0) ++counts[unit.source];
  }
  return {counts.begin(), counts.end()};
}

std::vector<UnitRules::Content> UnitRules::Share(const std::vector<Content>& givers,
                                                 const std::vector<Taker>& takers) const {
  Content sequence;
  for (size_t i = 0; i < givers.size(); ++i) {
    for (const Unit& unit : givers[i]) sequence.push_back({unit.source, i});
  }
  // The order in which units leave, as places in the sequence.
  std::vector<size_t> leaving(sequence.size());
  std::iota(leaving.begin(), leaving.end(), size_t{0});
  const auto tainted = [&](size_t place) { return sequence[place].source != 0; };
  if (policy_ == "lifo") std::reverse(leaving.begin(), leaving.end());
  if (policy_ == "tiho") std::stable_partition(leaving.begin(), leaving.end(), tainted);
  if (policy_ == "libr") {
    std::stable_partition(leaving.begin(), leaving.end(), [&](size_t p) { return !tainted(p); });
  }
  // The order in which takers are filled.
  std::vector<size_t> filling(takers.size());
  std::iota(filling.begin(), filling.end(), size_t{0});
  if (policy_ == "tiho") {
    std::stable_sort(filling.begin(), filling.end(), [&](size_t a, size_t b) {
      if (takers[a].fee != takers[b].fee) return takers[b].fee;
      return takers[a].amount > takers[b].amount;
    });
  }
  std::vector<Content> slices(takers.size());
  size_t left = 0;
  for (const size_t taker : filling) {
    std::vector<size_t> places;
    for (auto n = static_cast<size_t>(takers[taker].amount); n > 0; --n) {
      places.push_back(leaving.at(left++));
    }
    std::sort(places.begin(), places.end());  // a slice keeps the order of the sequence
    for (const size_t place : places) slices[taker].push_back(sequence[place]);
  }
  SPOOR_CHECK(left == sequence.size());
  return slices;
}

Number UnitRules::Mark(Source source, Number* limit, Content* content) const {
  size_t marked = 0;
  for (Unit& unit : *content) {
    if (unit.source != 0 || marked == *limit) continue;
    unit.source = source;
    ++marked;
  }
  *limit -= marked;
  return marked;
}

HaircutRules::Content HaircutRules::Clean(const Number& amount) const { return {{0, amount}}; }

bool HaircutRules::Tainted(const Content& content) const { return !BySource(content).empty(); }

std::map<Source, Number> HaircutRules::BySource(const Content& content) const {
  std::map<Source, Number> by_source;
  for (const auto& [source, units] : content) {
    if (source != 0 && units > 0) by_source[source] = units;
  }
  return by_source;
}

std::vector<HaircutRules::Content> HaircutRules::Share(const std::vector<Content>& givers,
                                                       const std::vector<Taker>& takers) const {
  Content left;
  Number tainted = 0;
  for (const Content& giver : givers) {
    for (const auto& [source, units] : giver) {
      left[source] += units;
      if (source != 0) tainted += units;
    }
  }
  std::vector<Number> amounts;
  for (const Taker& taker : takers) amounts.push_back(taker.amount);
  std::vector<Content> slices;
  const std::vector<Number> shares = ProRata(tainted, amounts);
  for (size_t i = 0; i < takers.size(); ++i) {
    std::vector<Source> sources;
    std::vector<Number> held;
    for (const auto& [source, units] : left) {
      if (source == 0) continue;
      sources.push_back(source);
      held.push_back(units);
    }
    const std::vector<Number> parts = ProRata(shares[i], held);
    Content slice = Clean(takers[i].amount - shares[i]);
    for (size_t s = 0; s < sources.size(); ++s) {
      slice[sources[s]] = parts[s];
      left[sources[s]] -= parts[s];
      SPOOR_CHECK(left[sources[s]] >= 0);
    }
    slices.push_back(std::move(slice));
  }
  return slices;
}

Number HaircutRules::Mark(Source source, Number* limit, Content* content) const {
  const Number units = std::min((*content)[0], *limit);
  (*content)[0] -= units;
  (*content)[source] += units;
  *limit -= units;
  return units;
}

PoisonRules::Content PoisonRules::Clean(const Number& amount) const { return {amount, {}}; }

bool PoisonRules::Tainted(const Content& content) const { return !content.sources.empty(); }

std::map<Source, Number> PoisonRules::BySource(const Content& content) const {
  std::map<Source, Number> by_source;
  for (const Source source : content.sources) by_source[source] = content.amount;
  return by_source;
}

std::vector<PoisonRules::Content> PoisonRules::Share(const std::vector<Content>& givers,
                                                     const std::vector<Taker>& takers) const {
  std::set<Source> sources;
  for (const Content& giver : givers) {
    sources.insert(giver.sources.begin(), giver.sources.end());
  }
  std::vector<Content> slices;
  for (const Taker& taker : takers) slices.push_back({taker.amount, sources});
  return slices;
}

// A credit that a seed reaches gains its source whole. What was clean of it counts as stolen.
Number PoisonRules::Mark(Source source, Number* limit, Content* content) const {
  if (*limit == 0 && content->amount > 0) return 0;
  Number units = 0;
  if (content->sources.empty()) units = std::min(content->amount, *limit);
  *limit -= units;
  content->sources.insert(source);
  return units;
}

std::string OwnerName(AddressId id) {
  return id.IsNobody() ? std::string("nobody") : absl::StrCat("a", id.number);
}

std::string Result::ToString() const {
  std::vector<std::string> lines;
  for (const Endpoint& e : endpoints) {
    std::string by_source;
    for (const auto& [source, units] : e.by_source) {
      absl::StrAppend(&by_source, " ", source, "=", units.str());
    }
    lines.push_back(absl::StrCat("end ", e.position, ":", e.output, " ", e.kind, " ",
                                 OwnerName(e.owner), " ", e.tainted.str(), " of ", e.amount.str(),
                                 by_source, " hops ", e.hops));
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
              const std::vector<Seed>& seeds) {
  if (policy == "haircut") return Follower(HaircutRules(), seeds).Run(movements);
  if (policy == "poison") return Follower(PoisonRules(), seeds).Run(movements);
  return Follower(UnitRules(policy), seeds).Run(movements);
}

}  // namespace spoor::plain
