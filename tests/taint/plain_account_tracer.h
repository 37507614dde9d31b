#ifndef SPOOR_TESTS_TAINT_PLAIN_ACCOUNT_TRACER_H_
#define SPOOR_TESTS_TAINT_PLAIN_ACCOUNT_TRACER_H_

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "tests/taint/plain_account_model.h"
#include "tests/taint/plain_account_rules.h"

// What the plain model's two directions have in common.

namespace spoor::plain {

using Key = std::pair<uint64_t, uint32_t>;  // account and asset

inline std::string NameOf(const std::optional<uint64_t>& account, const char* nobody) {
  return account.has_value() ? "a" + std::to_string(*account) : std::string(nobody);
}

// What a transaction takes or brings, all its transfers together.
struct Side {
  std::optional<uint64_t> account;
  uint32_t asset = 0;
  bool issue = false;
  Number net;  // less than 0: it gives

  Key key() const { return {*account, asset}; }
  Number amount() const { return abs(net); }
};

struct Swap {
  std::vector<Side> sides;
  std::vector<std::pair<size_t, size_t>> conversions;  // from, to
  std::optional<size_t> giver;
  std::vector<size_t> same;
  std::vector<size_t> converted;
  std::vector<size_t> clean;

  Number Sum(const std::vector<size_t>& which) const {
    Number sum = 0;
    for (const size_t i : which) sum += sides[i].amount();
    return sum;
  }
};

// docs/model.md, "Conversion": what the transfers from `begin` to `end` are, if they are one.
std::optional<Swap> SwapOf(const std::vector<Transfer>& transfers, size_t begin, size_t end,
                           const AccountOptions& options);

class Tracer {
 protected:
  struct Held {
    AccountContent content;
    uint32_t hops = 0;
    uint64_t last = 0;
    uint32_t first_height = 0;
  };

  Tracer(std::string policy, const std::vector<Transfer>& transfers,
         const std::vector<AccountSeed>& seeds, const AccountOptions& options)
      : rules_(std::move(policy)), transfers_(transfers), seeds_(seeds), options_(options) {
    for (const AccountSeed& seed : seeds_) limits_.push_back(seed.limit.value_or(Number(1) << 300));
    std::map<Key, Number> balances;
    for (const Transfer& t : transfers_) {
      if (t.from.has_value()) {
        Number& balance = balances[{*t.from, t.asset}];
        balance -= t.amount;
        Number& opening = openings_[{*t.from, t.asset}];
        opening = std::max<Number>(opening, -balance);
      }
      if (t.to.has_value()) balances[{*t.to, t.asset}] += t.amount;
    }
    for (size_t n = 0; n < transfers_.size(); ++n) {
      const Transfer& t = transfers_[n];
      if (t.from.has_value()) first_touch_.try_emplace({*t.from, t.asset}, n);
      if (t.to.has_value()) first_touch_.try_emplace({*t.to, t.asset}, n);
    }
    last_ = balances;
    for (const auto& [key, opening] : openings_) last_[key] += opening;
  }

  Number OpeningOf(const Key& key) const {
    const auto it = openings_.find(key);
    return it == openings_.end() ? Number(0) : it->second;
  }

  // Goes through the transactions in order, or against it: transfers one by one, or as a swap.
  template <typename One, typename All>
  void ForEach(bool back, One one, All all) {
    std::vector<std::pair<size_t, size_t>> runs;
    for (size_t begin = 0, end = 0; begin < transfers_.size(); begin = end) {
      end = begin + 1;
      while (transfers_[begin].kind == Transfer::kTransfer && end < transfers_.size() &&
             transfers_[end].kind == Transfer::kTransfer &&
             transfers_[end].transaction == transfers_[begin].transaction) {
        ++end;
      }
      runs.emplace_back(begin, end);
    }
    if (back) std::reverse(runs.begin(), runs.end());
    for (const auto& [begin, end] : runs) {
      std::optional<Swap> swap;
      if (transfers_[begin].kind == Transfer::kTransfer && end - begin > 1) {
        swap = SwapOf(transfers_, begin, end, options_);
      }
      for (size_t i = begin; i < end && swap.has_value(); ++i) {
        if (IsMarked(i) && !Receiver(*swap, transfers_[i]).has_value()) swap.reset();
      }
      if (swap.has_value()) {
        all(*swap, begin, end);
      } else if (back) {
        for (size_t i = end; i > begin; --i) one(i - 1);
      } else {
        for (size_t i = begin; i < end; ++i) one(i);
      }
    }
  }

  bool IsMarked(size_t n) const {
    return std::any_of(seeds_.begin(), seeds_.end(),
                       [&](const AccountSeed& seed) { return seed.transfers.contains(n); });
  }

  static std::optional<size_t> Receiver(const Swap& swap, const Transfer& t) {
    for (size_t i = 0; i < swap.sides.size(); ++i) {
      const Side& side = swap.sides[i];
      if (!side.issue && side.account == t.to && side.asset == t.asset && side.net > 0 &&
          t.to.has_value()) {
        return i;
      }
    }
    return std::nullopt;
  }

  // The seeds' marks on transfer `n`, on what `content` is now.
  bool MarkSeeds(size_t n, AccountContent* content) {
    bool any = false;
    for (size_t s = 0; s < seeds_.size(); ++s) {
      if (!seeds_[s].transfers.contains(n)) continue;
      const Origin origin{seeds_[s].source, transfers_[n].asset};
      const auto poison = content->poison;
      const Number units = rules_.Mark(origin, std::min(limits_[s], transfers_[n].amount), content);
      any |= units > 0 || content->poison != poison;
      limits_[s] -= units;
      if (units > 0) result_.stolen[origin] += units;
    }
    return any;
  }

  std::string Stop(uint32_t hops, const Number& tainted, uint64_t n) const {
    if (options_.max_hops.has_value() && hops >= *options_.max_hops) return "hop-limit";
    if (options_.not_followed.contains(n)) return "time-limit";
    return tainted < options_.min_taint ? "below-least" : "";
  }

  void End(AccountEnd end, const AccountContent& content) {
    if (end.amount == 0) return;
    for (const AccountLot& lot : content.lots) {
      if (lot.origin == Origin()) continue;
      end.tainted += lot.units;
      end.origins[lot.origin].first += lot.units;
      end.origins[lot.origin].second += lot.stolen;
    }
    if (!content.poison.empty()) end.tainted = end.amount;
    for (const Origin& origin : content.poison) end.origins[origin] = {end.amount, end.amount};
    const bool summed = end.kind == "service" || end.kind == "outside";
    Put(std::move(end), summed);
  }

  void Dust(AccountEnd end, const std::vector<AccountLot>& dust) {
    if (dust.empty()) return;
    end.kind = "below-least";
    end.amount = 0;
    for (const AccountLot& lot : dust) end.origins[lot.origin].second += lot.stolen;
    Put(std::move(end), true);
  }

  void Put(AccountEnd end, bool summed) {
    if (summed) {
      for (const size_t i : summed_) {
        AccountEnd& sum = result_.ends[i];
        if (std::tie(sum.kind, sum.owner, sum.asset) != std::tie(end.kind, end.owner, end.asset)) {
          continue;
        }
        sum.amount += end.amount;
        sum.tainted += end.tainted;
        for (const auto& [origin, units] : end.origins) {
          sum.origins[origin].first += units.first;
          sum.origins[origin].second += units.second;
        }
        sum.hops = std::min(sum.hops, end.hops);
        sum.last = std::max(sum.last, end.last);
        sum.first_height = std::min(sum.first_height, end.first_height);
        return;
      }
      summed_.push_back(result_.ends.size());
    }
    result_.ends.push_back(std::move(end));
  }

  AccountEnd PlaceAt(uint64_t n, std::string kind, const std::optional<uint64_t>& owner,
                     uint32_t asset, const Number& amount, uint32_t hops) const {
    AccountEnd end;
    end.kind = std::move(kind);
    end.owner = owner;
    end.asset = asset;
    end.last = n;
    end.first_height = transfers_[n].height;
    end.amount = amount;
    end.hops = hops;
    return end;
  }

  AccountEnd PlaceOf(const Held& held, std::string kind, const Key& key) const {
    AccountEnd end =
        PlaceAt(held.last, std::move(kind), key.first, key.second, held.content.amount, held.hops);
    end.first_height = held.first_height;
    return end;
  }

  void Flow(const std::string& from, const std::string& to, uint32_t asset,
            const AccountContent& content) {
    if (!rules_.Tainted(content)) return;
    result_.flows[from + ">" + to + "/" + std::to_string(asset)] += rules_.TaintedUnits(content);
  }

  AccountRules rules_;
  const std::vector<Transfer>& transfers_;
  const std::vector<AccountSeed>& seeds_;
  const AccountOptions& options_;
  std::vector<Number> limits_;
  std::map<Key, Number> openings_;
  std::map<Key, Number> last_;  // balances in the end
  std::map<Key, size_t> first_touch_;
  std::set<Key> touched_openings_;
  AccountResult result_;
  std::vector<size_t> summed_;
};

}  // namespace spoor::plain

#endif  // SPOOR_TESTS_TAINT_PLAIN_ACCOUNT_TRACER_H_
