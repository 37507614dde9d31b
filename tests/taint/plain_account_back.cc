#include <algorithm>

#include "spoor/base/status_macros.h"
#include "tests/taint/plain_account_tracer.h"

namespace spoor::plain {
namespace {

class AccountBacker : private Tracer {
 public:
  AccountBacker(std::string policy, const std::vector<Transfer>& transfers,
                const std::vector<AccountSeed>& seeds, const AccountOptions& options)
      : Tracer(std::move(policy), transfers, seeds, options) {}

  AccountResult Run() {
    for (const auto& [key, balance] : last_) held_[key].content = rules_.Clean(balance);
    ForEach(
        /*back=*/true, [&](size_t n) { Move(n); },
        [&](const Swap& swap, size_t begin, size_t end) { Settle(swap, begin, end); });
    for (const auto& [key, held] : held_) {
      SPOOR_CHECK(held.content.amount == OpeningOf(key));
      if (rules_.Tainted(held.content)) End(PlaceOf(held, "outside", key), held.content);
    }
    result_.openings = touched_openings_.size();
    return std::move(result_);
  }

 private:
  // What was asked for, on its way back.
  struct Asked {
    AccountContent content;
    uint32_t hops = 0;
  };

  // Takes `amount`, which came last, out of the balance.
  Asked TakeOut(const Key& key, const Number& amount) {
    Held& held = held_[key];
    const Number before = held.content.amount - amount;
    std::vector<AccountContent> parts = rules_.ShareBack({held.content}, {{before}, {amount}});
    held.content = std::move(parts[0]);
    return {std::move(parts[1]), held.hops};
  }

  // What of a receipt goes on, if something does.
  void Judge(const Key& key, uint64_t n, Asked* asked) {
    if (!rules_.Tainted(asked->content)) return;
    if (OpeningOf(key) > 0) touched_openings_.insert(key);
    const std::string stop = Stop(asked->hops, rules_.TaintedUnits(asked->content), n);
    if (stop.empty()) return;
    End(PlaceAt(n, stop, key.first, key.second, asked->content.amount, asked->hops),
        asked->content);
    asked->content = rules_.Clean(asked->content.amount);
  }

  // The balance paid `paid`, a part for each of `takers`, and kept the rest.
  void PutBack(const Key& key, std::vector<AccountContent> takers, uint32_t hops, uint64_t n) {
    Held& held = held_[key];
    bool any = false;
    Number amount = 0;
    for (AccountContent& taker : takers) {
      amount += taker.amount;
      if (!rules_.Tainted(taker)) continue;
      if ((options_.services.contains(key.first) || options_.busy.contains(key))) {
        End(PlaceAt(n, "service", key.first, key.second, taker.amount, hops), taker);
        taker = rules_.Clean(taker.amount);
      } else {
        any = true;
      }
    }
    const bool kept = rules_.Tainted(held.content);
    if (any) {
      held.hops = kept ? std::min(held.hops, hops) : hops;
      held.last = n;
      held.first_height = transfers_[n].height;
      if (OpeningOf(key) > 0) touched_openings_.insert(key);
    }
    takers.push_back(held.content);
    held.content = rules_.ShareBack(takers, {{amount + held.content.amount}})[0];
  }

  void Move(size_t n) {
    const Transfer& t = transfers_[n];
    if (t.kind == Transfer::kFee) {
      std::vector<AccountContent> parts = {rules_.Clean(t.burned),
                                           rules_.Clean(t.amount - t.burned)};
      return PutBack({*t.from, t.asset}, std::move(parts), 0, n);
    }
    Asked asked{rules_.Clean(t.amount), 0};
    AccountContent kept = rules_.Clean(0);
    Held before;
    if (t.to.has_value()) {
      const Key key{*t.to, t.asset};
      if (t.from == t.to) {
        // What it kept came behind what it paid itself.
        before = held_[key];
        kept = TakeOut(key, held_[key].content.amount - t.amount).content;
      }
      asked = TakeOut(key, t.amount);
    }
    if (MarkSeeds(n, &asked.content)) asked.hops = 0;
    if (t.to.has_value()) {
      Judge({*t.to, t.asset}, n, &asked);
    } else if (rules_.Tainted(asked.content)) {
      const std::string stop = Stop(asked.hops, rules_.TaintedUnits(asked.content), n);
      if (!stop.empty()) {
        End(PlaceAt(n, stop, std::nullopt, t.asset, t.amount, asked.hops), asked.content);
        asked.content = rules_.Clean(t.amount);
      }
    }
    if (rules_.Tainted(asked.content)) ++result_.movements;
    Flow(NameOf(t.from, "minted"), NameOf(t.to, "burned"), t.asset, asked.content);
    if (!t.from.has_value()) {
      if (rules_.Tainted(asked.content)) {
        End(PlaceAt(n, "minted", std::nullopt, t.asset, t.amount, asked.hops + 1), asked.content);
      }
      return;
    }
    if (t.from == t.to) {
      Held& held = held_[{*t.from, t.asset}];
      held.content = kept;
      held.hops = before.hops;
    }
    PutBack({*t.from, t.asset}, {asked.content}, asked.hops + 1, n);
  }

  void Settle(const Swap& swap, size_t begin, size_t end) {
    const uint64_t n = end - 1;
    const std::vector<Side>& sides = swap.sides;
    std::vector<Asked> moving;
    for (const Side& side : sides) {
      moving.push_back({rules_.Clean(side.amount()), 0});
      if (side.net > 0 && !side.issue) moving.back() = TakeOut(side.key(), side.amount());
    }
    for (size_t i = begin; i < end; ++i) {
      if (!IsMarked(i)) continue;
      Asked& asked = moving[*Receiver(swap, transfers_[i])];
      if (MarkSeeds(i, &asked.content)) asked.hops = 0;
    }
    bool moved = false;
    for (size_t i = 0; i < sides.size(); ++i) {
      if (sides[i].net < 0) continue;
      if (!sides[i].issue) Judge(sides[i].key(), n, &moving[i]);
      if (!rules_.Tainted(moving[i].content)) continue;
      moved = true;
      ++moving[i].hops;
    }
    if (moved) ++result_.movements;
    const auto scaled = [&](const AccountContent& content, const Number& to, const Side& owner,
                            uint32_t asset, uint32_t hops) {
      std::vector<AccountLot> dust;
      const AccountContent as = rules_.Scaled(content, to, &dust);
      Dust(PlaceAt(n, "", owner.account, asset, 0, hops), dust);
      return as;
    };
    for (const auto& [from, to] : swap.conversions) {
      if (rules_.Tainted(moving[to].content)) ++result_.conversions;
      moving[from] = {scaled(moving[to].content, sides[from].amount(), sides[from],
                             sides[from].asset, moving[to].hops),
                      moving[to].hops};
    }
    const auto unresolved = [&](const AccountContent& content, uint32_t asset, uint32_t hops) {
      if (!rules_.Tainted(content)) return;
      End(PlaceAt(n, "unresolved", std::nullopt, asset, content.amount, hops), content);
    };
    for (const size_t i : swap.clean) {
      unresolved(moving[i].content, sides[i].asset, moving[i].hops);
    }
    if (swap.giver.has_value()) {
      const Side& giver = sides[*swap.giver];
      uint32_t hops = ~uint32_t{0};
      std::vector<AccountContent> takers;
      std::vector<AccountContent> others;
      for (const size_t i : swap.same) takers.push_back(moving[i].content);
      for (const size_t i : swap.converted) others.push_back(moving[i].content);
      for (const auto* among : {&swap.same, &swap.converted}) {
        for (const size_t i : *among) {
          if (rules_.Tainted(moving[i].content)) hops = std::min(hops, moving[i].hops);
          Flow(giver.issue ? std::string("minted") : NameOf(giver.account, "minted"),
               sides[i].issue ? std::string("burned") : NameOf(sides[i].account, "burned"),
               sides[i].asset, moving[i].content);
        }
      }
      const Number same = swap.Sum(swap.same);
      if (!others.empty()) {
        const AccountContent all = rules_.ShareBack(others, {{swap.Sum(swap.converted)}})[0];
        takers.push_back(scaled(all, giver.amount() - same, giver, giver.asset, hops));
      }
      const Number shortage = same > giver.amount() ? Number(same - giver.amount()) : Number(0);
      const std::vector<AccountContent> parts =
          rules_.ShareBack(takers, {{giver.amount()}, {shortage}});
      moving[*swap.giver] = {parts[0], hops};
      unresolved(parts[1], giver.asset, hops);
    }
    for (size_t i = 0; i < sides.size(); ++i) {
      if (sides[i].net > 0) continue;
      if (!sides[i].issue) {
        PutBack(sides[i].key(), {moving[i].content}, moving[i].hops, n);
      } else if (rules_.Tainted(moving[i].content)) {
        End(PlaceAt(n, "minted", std::nullopt, sides[i].asset, sides[i].amount(), moving[i].hops),
            moving[i].content);
      }
    }
  }

  std::map<Key, Held> held_;
};

}  // namespace

AccountResult BackAccounts(const std::string& policy, const std::vector<Transfer>& transfers,
                           const std::vector<AccountSeed>& seeds, const AccountOptions& options) {
  return AccountBacker(policy, transfers, seeds, options).Run();
}

}  // namespace spoor::plain
