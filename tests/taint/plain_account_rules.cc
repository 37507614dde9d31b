#include "tests/taint/plain_account_rules.h"

#include <algorithm>
#include <map>
#include <numeric>

#include "spoor/base/status_macros.h"

namespace spoor::plain {
namespace {

constexpr Origin kNobody{0, 0};

// How `left` of `claims` is shared: docs/model.md, `haircut`. The last claim gets the rest.
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

}  // namespace

AccountContent AccountRules::Normal(std::vector<AccountLot> lots) const {
  if (policy_ == "haircut") {
    std::map<Origin, AccountLot> by_origin;
    for (const AccountLot& lot : lots) {
      AccountLot& sum =
          by_origin.try_emplace(lot.origin, AccountLot{0, 0, lot.origin}).first->second;
      sum.units += lot.units;
      sum.stolen += lot.stolen;
    }
    // Clean ones last.
    lots.clear();
    for (const auto& [origin, lot] : by_origin) {
      if (origin != kNobody) lots.push_back(lot);
    }
    if (by_origin.contains(kNobody)) lots.push_back(by_origin[kNobody]);
  }
  AccountContent content;
  for (const AccountLot& lot : lots) {
    if (lot.units == 0) continue;
    content.amount += lot.units;
    if (!content.lots.empty()) {
      AccountLot& last = content.lots.back();
      const bool clean = lot.origin == kNobody;
      const bool whole = last.units == last.stolen && lot.units == lot.stolen;
      if (last.origin == lot.origin && (clean || whole)) {
        last.units += lot.units;
        last.stolen += lot.stolen;
        continue;
      }
    }
    content.lots.push_back(lot);
  }
  return content;
}

AccountContent AccountRules::Clean(const Number& amount) const {
  if (!conserving()) return {amount, {}, {}};
  return Normal({{amount, 0, kNobody}});
}

bool AccountRules::Tainted(const AccountContent& content) const {
  return !content.poison.empty() ||
         std::any_of(content.lots.begin(), content.lots.end(),
                     [](const AccountLot& lot) { return lot.origin != kNobody; });
}

Number AccountRules::TaintedUnits(const AccountContent& content) const {
  if (!content.poison.empty()) return content.amount;
  Number units = 0;
  for (const AccountLot& lot : content.lots) {
    if (lot.origin != kNobody) units += lot.units;
  }
  return units;
}

AccountContent AccountRules::Joined(const AccountContent& front, const AccountContent& back) const {
  if (!conserving()) {
    AccountContent both{front.amount + back.amount, {}, front.poison};
    both.poison.insert(back.poison.begin(), back.poison.end());
    return both;
  }
  std::vector<AccountLot> lots = front.lots;
  lots.insert(lots.end(), back.lots.begin(), back.lots.end());
  return Normal(std::move(lots));
}

std::vector<AccountContent> AccountRules::Share(const std::vector<AccountContent>& parts,
                                                const std::vector<AccountTaker>& takers) const {
  if (!conserving()) {
    std::set<Origin> origins;
    for (const AccountContent& part : parts) {
      origins.insert(part.poison.begin(), part.poison.end());
    }
    std::vector<AccountContent> slices;
    for (const AccountTaker& taker : takers) {
      slices.push_back({taker.amount, {}, taker.amount == 0 ? std::set<Origin>() : origins});
    }
    return slices;
  }
  return policy_ == "haircut" ? ShareProRata(parts, takers) : ShareUnits(parts, takers, policy_);
}

std::vector<AccountContent> AccountRules::ShareBack(const std::vector<AccountContent>& takers,
                                                    const std::vector<AccountTaker>& givers) const {
  // Under fifo the first taker has the first units, under lifo the last taker has them.
  if (policy_ == "lifo") {
    std::vector<AccountContent> reversed(takers.rbegin(), takers.rend());
    return ShareUnits(reversed, givers, "fifo");
  }
  return Share(takers, givers);
}

std::vector<AccountContent> AccountRules::ShareUnits(const std::vector<AccountContent>& parts,
                                                     const std::vector<AccountTaker>& takers,
                                                     const std::string& policy) const {
  std::vector<AccountLot> lots;
  for (const AccountContent& part : parts) {
    lots.insert(lots.end(), part.lots.begin(), part.lots.end());
  }
  struct Unit {
    size_t lot;
    size_t offset;
  };
  std::vector<Unit> sequence;
  for (size_t i = 0; i < lots.size(); ++i) {
    for (size_t n = 0; n < lots[i].units; ++n) sequence.push_back({i, n});
  }
  // The order in which units leave, as places in the sequence.
  std::vector<size_t> leaving(sequence.size());
  std::iota(leaving.begin(), leaving.end(), size_t{0});
  const auto tainted = [&](size_t place) { return lots[sequence[place].lot].origin != kNobody; };
  if (policy == "lifo") std::reverse(leaving.begin(), leaving.end());
  if (policy == "tiho") std::stable_partition(leaving.begin(), leaving.end(), tainted);
  if (policy == "libr") {
    std::stable_partition(leaving.begin(), leaving.end(), [&](size_t p) { return !tainted(p); });
  }
  // The order in which takers are filled.
  std::vector<size_t> filling(takers.size());
  std::iota(filling.begin(), filling.end(), size_t{0});
  if (policy == "tiho") {
    std::stable_sort(filling.begin(), filling.end(), [&](size_t a, size_t b) {
      if (takers[a].fee != takers[b].fee) return takers[b].fee;
      return takers[a].amount > takers[b].amount;
    });
  }
  std::vector<AccountContent> slices(takers.size());
  size_t left = 0;
  for (const size_t taker : filling) {
    std::vector<size_t> places;
    for (auto n = static_cast<size_t>(takers[taker].amount); n > 0; --n) {
      places.push_back(leaving.at(left++));
    }
    std::sort(places.begin(), places.end());  // a slice keeps the order of the sequence
    // Runs of neighbours from one lot; the ends of a run, scaled, say how much was stolen in it.
    std::vector<AccountLot> slice;
    for (size_t i = 0; i < places.size();) {
      const size_t lot = sequence[places[i]].lot;
      const size_t begin = sequence[places[i]].offset;
      size_t end = begin;
      for (;
           i < places.size() && sequence[places[i]].lot == lot && sequence[places[i]].offset == end;
           ++i) {
        ++end;
      }
      const AccountLot& whole = lots[lot];
      slice.push_back(
          {end - begin,
           Number(end) * whole.stolen / whole.units - Number(begin) * whole.stolen / whole.units,
           whole.origin});
    }
    slices[taker] = Normal(std::move(slice));
  }
  SPOOR_CHECK(left == sequence.size());
  return slices;
}

std::vector<AccountContent> AccountRules::ShareProRata(
    const std::vector<AccountContent>& parts, const std::vector<AccountTaker>& takers) const {
  AccountContent left = Clean(0);
  for (const AccountContent& part : parts) left = Joined(left, part);
  std::vector<Number> amounts;
  for (const AccountTaker& taker : takers) amounts.push_back(taker.amount);
  const std::vector<Number> shares = ProRata(TaintedUnits(left), amounts);
  std::vector<AccountContent> slices;
  for (size_t i = 0; i < takers.size(); ++i) {
    std::vector<Number> held;
    for (const AccountLot& lot : left.lots) {
      if (lot.origin != kNobody) held.push_back(lot.units);
    }
    const std::vector<Number> units = ProRata(shares[i], held);
    std::vector<AccountLot> slice = {{takers[i].amount - shares[i], 0, kNobody}};
    size_t n = 0;
    for (AccountLot& lot : left.lots) {
      if (lot.origin == kNobody) continue;
      const Number part = units[n++];
      const Number stolen = lot.units == 0 ? Number(0) : Number(lot.stolen * part / lot.units);
      slice.push_back({part, stolen, lot.origin});
      lot.units -= part;
      lot.stolen -= stolen;
    }
    slices.push_back(Normal(std::move(slice)));
  }
  return slices;
}

AccountContent AccountRules::Scaled(const AccountContent& content, const Number& to,
                                    std::vector<AccountLot>* dust) const {
  if (!conserving()) return {to, {}, content.poison};
  std::vector<AccountLot> lots;
  Number end = 0;
  Number scaled = 0;
  for (const AccountLot& lot : content.lots) {
    end += lot.units;
    const Number next = end * to / content.amount;
    AccountLot moved{next - scaled, lot.stolen, lot.origin};
    scaled = next;
    if (moved.units == 0 && lot.origin != kNobody) {
      dust->push_back(moved);
    } else {
      lots.push_back(moved);
    }
  }
  return Normal(std::move(lots));
}

Number AccountRules::Mark(Origin origin, const Number& limit, AccountContent* content) const {
  if (!conserving()) {
    if (limit == 0 || content->amount == 0) return 0;
    const Number units = content->poison.empty() ? std::min(limit, content->amount) : Number(0);
    content->poison.insert(origin);
    return units;
  }
  std::vector<AccountLot> lots;
  Number left = limit;
  for (const AccountLot& lot : content->lots) {
    const Number units = lot.origin == kNobody ? std::min(left, lot.units) : Number(0);
    lots.push_back({units, units, origin});
    lots.push_back({lot.units - units, lot.stolen, lot.origin});
    left -= units;
  }
  *content = Normal(std::move(lots));
  return limit - left;
}

}  // namespace spoor::plain
