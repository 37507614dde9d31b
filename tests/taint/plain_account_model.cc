#include "tests/taint/plain_account_model.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "spoor/base/status_macros.h"
#include "tests/taint/plain_account_rules.h"
#include "tests/taint/plain_account_tracer.h"

namespace spoor::plain {
namespace {

using Key = std::pair<uint64_t, uint32_t>;  // account and asset

class AccountFollower : private Tracer {
 public:
  AccountFollower(std::string policy, const std::vector<Transfer>& transfers,
                  const std::vector<AccountSeed>& seeds, const AccountOptions& options)
      : Tracer(std::move(policy), transfers, seeds, options) {}

  AccountResult Run() {
    for (const auto& [key, opening] : last_) {
      held_[key].content = rules_.Clean(OpeningOf(key));
    }
    ForEach(
        /*back=*/false, [&](size_t n) { Move(n); },
        [&](const Swap& swap, size_t begin, size_t end) { Settle(swap, begin, end); });
    for (const auto& [key, held] : held_) {
      SPOOR_CHECK(held.content.amount == last_[key]);
      if (rules_.Tainted(held.content)) End(PlaceOf(held, "unspent", key), held.content);
    }
    result_.openings = touched_openings_.size();
    return std::move(result_);
  }

 private:
  // Spends `takers` of the balance; what is left stays.
  std::vector<AccountContent> Spend(const Key& key, std::vector<AccountTaker> takers, uint64_t n,
                                    uint32_t* hops) {
    Held& held = held_[key];
    Number rest = held.content.amount;
    for (const AccountTaker& taker : takers) rest -= taker.amount;
    SPOOR_CHECK(rest >= 0);
    if (rules_.Tainted(held.content) && rest != held.content.amount) {
      const std::string stop = Stop(held.hops, rules_.TaintedUnits(held.content), n);
      if (!stop.empty()) {
        End(PlaceOf(held, stop, key), held.content);
        held.content = rules_.Clean(held.content.amount);
      } else if (OpeningOf(key) > 0) {
        touched_openings_.insert(key);
      }
    }
    takers.push_back({rest});
    std::vector<AccountContent> slices = rules_.Share({held.content}, takers);
    *hops = held.hops + 1;
    held.content = std::move(slices.back());
    slices.pop_back();
    return slices;
  }

  void Enter(const Key& key, const AccountContent& content, uint32_t hops, uint64_t last,
             uint32_t first_height) {
    Held& held = held_[key];
    if (rules_.Tainted(content)) {
      const bool before = rules_.Tainted(held.content);
      held.hops = before ? std::min(held.hops, hops) : hops;
      held.last = before ? std::max(held.last, last) : last;
      held.first_height = before ? std::min(held.first_height, first_height) : first_height;
      if (OpeningOf(key) > 0) touched_openings_.insert(key);
    }
    held.content = rules_.Joined(held.content, content);
  }

  void Deliver(const Key& key, AccountContent content, uint32_t hops, uint64_t n) {
    if (rules_.Tainted(content) && hops > 0 &&
        (options_.services.contains(key.first) || options_.busy.contains(key))) {
      End(PlaceAt(n, "service", key.first, key.second, content.amount, hops), content);
      content = rules_.Clean(content.amount);
    }
    Enter(key, content, hops, n, transfers_[n].height);
  }

  // The seeds' marks on what accounts had that transfer `n` is the first to touch.
  void Open(size_t n) {
    for (size_t s = 0; s < seeds_.size(); ++s) {
      for (const Key& key : seeds_[s].openings) {
        if (first_touch_.at(key) != n) continue;
        const Origin origin{seeds_[s].source, key.second};
        Held& held = held_[key];
        const Number units = rules_.Mark(origin, limits_[s], &held.content);
        limits_[s] -= units;
        if (units > 0) result_.stolen[origin] += units;
        if (!rules_.Tainted(held.content)) continue;
        touched_openings_.insert(key);
        held.hops = 0;
        held.last = n;
        held.first_height = transfers_[n].height;
      }
    }
  }

  void Move(size_t n) {
    Open(n);
    const Transfer& t = transfers_[n];
    std::vector<AccountTaker> takers = {{t.amount}};
    if (t.kind == Transfer::kFee) {
      takers.clear();
      if (t.burned > 0) takers.push_back({t.burned});
      takers.push_back({t.amount - t.burned, true});
    }
    std::vector<AccountContent> slices = {rules_.Clean(t.amount)};
    uint32_t hops = 0;
    std::optional<Held> kept;
    if (t.from.has_value()) {
      slices = Spend({*t.from, t.asset}, takers, n, &hops);
      const bool moved = std::any_of(slices.begin(), slices.end(),
                                     [&](const AccountContent& c) { return rules_.Tainted(c); });
      if (moved) ++result_.movements;
      if (t.from == t.to) {
        kept = held_[{*t.from, t.asset}];
        held_[{*t.from, t.asset}].content = rules_.Clean(0);
      }
    }
    for (size_t i = 0; i < slices.size(); ++i) {
      const bool fee = t.kind == Transfer::kFee;
      const std::string to = NameOf(t.to, fee && takers[i].fee ? "fees" : "burned");
      Flow(NameOf(t.from, "minted"), to, t.asset, slices[i]);
      if (!fee && MarkSeeds(n, &slices[i])) hops = 0;
      if (t.to.has_value()) {
        Deliver({*t.to, t.asset}, slices[i], hops, n);
      } else if (rules_.Tainted(slices[i])) {
        End(PlaceAt(n, fee && takers[i].fee ? "fee" : "burned", std::nullopt, t.asset,
                    takers[i].amount, hops),
            slices[i]);
      }
    }
    if (kept.has_value()) {
      Enter({*t.from, t.asset}, kept->content, kept->hops, kept->last, kept->first_height);
    }
  }

  void Settle(const Swap& swap, size_t begin, size_t end) {
    for (size_t i = begin; i < end; ++i) Open(i);
    const uint64_t n = end - 1;
    const std::vector<Side>& sides = swap.sides;
    std::vector<AccountContent> moving;
    std::vector<uint32_t> hops(sides.size(), 0);
    bool moved = false;
    for (size_t i = 0; i < sides.size(); ++i) {
      moving.push_back(rules_.Clean(sides[i].amount()));
      if (sides[i].net > 0 || sides[i].issue) continue;
      moving[i] = Spend(sides[i].key(), {{sides[i].amount()}}, begin, &hops[i])[0];
      moved |= rules_.Tainted(moving[i]);
    }
    if (moved) ++result_.movements;
    const auto scaled = [&](const AccountContent& content, const Number& to, const Side& owner,
                            uint32_t asset, uint32_t at) {
      std::vector<AccountLot> dust;
      const AccountContent as = rules_.Scaled(content, to, &dust);
      Dust(PlaceAt(n, "", owner.account, asset, 0, at), dust);
      return as;
    };
    for (const auto& [from, to] : swap.conversions) {
      hops[to] = hops[from];
      if (rules_.Tainted(moving[from])) ++result_.conversions;
      moving[to] = scaled(moving[from], sides[to].amount(), sides[to], sides[to].asset, hops[from]);
    }
    if (swap.giver.has_value()) {
      const Side& giver = sides[*swap.giver];
      const auto give_out = [&](const std::vector<AccountContent>& parts,
                                const std::vector<size_t>& among, const Number& rest) {
        std::vector<AccountTaker> takers;
        for (const size_t i : among) takers.push_back({sides[i].amount()});
        takers.push_back({rest});
        const std::vector<AccountContent> slices = rules_.Share(parts, takers);
        for (size_t i = 0; i < among.size(); ++i) {
          const Side& to = sides[among[i]];
          moving[among[i]] = slices[i];
          hops[among[i]] = hops[*swap.giver];
          Flow(NameOf(giver.account, "minted"),
               to.issue ? std::string("burned") : NameOf(to.account, "burned"), to.asset,
               slices[i]);
        }
        return slices.back();
      };
      const Number same = swap.Sum(swap.same);
      std::vector<AccountContent> parts = {moving[*swap.giver]};
      if (same > giver.amount()) parts.push_back(rules_.Clean(same - giver.amount()));
      const AccountContent rest =
          give_out(parts, swap.same, same < giver.amount() ? giver.amount() - same : Number(0));
      if (rest.amount > 0) {
        give_out({scaled(rest, swap.Sum(swap.converted), giver, sides[swap.converted[0]].asset,
                         hops[*swap.giver])},
                 swap.converted, 0);
      }
    }
    for (size_t i = begin; i < end; ++i) {
      if (!IsMarked(i)) continue;
      const size_t side = *Receiver(swap, transfers_[i]);
      if (MarkSeeds(i, &moving[side])) hops[side] = 0;
    }
    for (size_t i = 0; i < sides.size(); ++i) {
      if (sides[i].net < 0) continue;
      if (!sides[i].issue) {
        Deliver(sides[i].key(), moving[i], hops[i], n);
      } else if (rules_.Tainted(moving[i])) {
        End(PlaceAt(n, "burned", std::nullopt, sides[i].asset, sides[i].amount(), hops[i]),
            moving[i]);
      }
    }
  }

  std::map<Key, Held> held_;
};

}  // namespace

std::string AccountResult::ToString() const {
  std::vector<std::string> lines;
  for (const AccountEnd& e : ends) {
    std::string origins;
    for (const auto& [origin, units] : e.origins) {
      absl::StrAppend(&origins, " ", origin.first, "/", origin.second, "=", units.first.str(), "/",
                      units.second.str());
    }
    // When an opening balance came to be nobody knows.
    const std::string when =
        e.kind == "outside" ? "" : absl::StrCat(" from block ", e.first_height, " to ", e.last);
    lines.push_back(absl::StrCat("end ", e.kind, " ", NameOf(e.owner, "nobody"), "/", e.asset, when,
                                 " ", e.tainted.str(), " of ", e.amount.str(), origins, " hops ",
                                 e.hops));
  }
  for (const auto& [owners, units] : flows) lines.push_back(absl::StrCat(owners, " ", units.str()));
  for (const auto& [origin, units] : stolen) {
    if (units > 0) {
      lines.push_back(absl::StrCat("stolen ", origin.first, "/", origin.second, "=", units.str()));
    }
  }
  std::sort(lines.begin(), lines.end());
  lines.push_back(
      absl::StrCat("movements ", movements, " openings ", openings, " conversions ", conversions));
  return absl::StrJoin(lines, "\n");
}

AccountResult FollowAccounts(const std::string& policy, const std::vector<Transfer>& transfers,
                             const std::vector<AccountSeed>& seeds, const AccountOptions& options) {
  return AccountFollower(policy, transfers, seeds, options).Run();
}

}  // namespace spoor::plain
