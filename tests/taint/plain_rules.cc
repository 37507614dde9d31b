#include <algorithm>
#include <numeric>

#include "spoor/base/status_macros.h"
#include "tests/taint/plain_model.h"

// The policies of the plain model: who gets which units of one movement.

namespace spoor::plain {
namespace {

// How `left` of `claims_left` is shared: docs/model.md, `haircut`. The last claim gets the rest.
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

UnitRules::Content UnitRules::Clean(const Number& amount) const {
  return Content(static_cast<size_t>(amount));
}

void UnitRules::Append(const Content& more, Content* content) {
  content->insert(content->end(), more.begin(), more.end());
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

std::vector<UnitRules::Content> UnitRules::ShareBack(const std::vector<Content>& takers,
                                                     const std::vector<Taker>& givers) const {
  if (policy_ != "fifo" && policy_ != "lifo") return Share(takers, givers);
  // Under these a unit's way does not depend on its source. So number all units, look who gets
  // which, and put what the takers have in those places.
  std::vector<Content> numbered;
  Source number = 0;
  for (const Taker& giver : givers) {
    numbered.emplace_back();
    for (auto n = static_cast<size_t>(giver.amount); n > 0; --n) {
      numbered.back().push_back({number++, 0});
    }
  }
  std::vector<Taker> amounts;
  for (const Content& taker : takers) amounts.push_back({Number(taker.size())});
  const std::vector<Content> got = Share(numbered, amounts);
  std::vector<Unit> units(static_cast<size_t>(number));
  for (size_t i = 0; i < takers.size(); ++i) {
    for (size_t n = 0; n < takers[i].size(); ++n) {
      units[static_cast<size_t>(got[i][n].source)] = {takers[i][n].source, i};
    }
  }
  std::vector<Content> brought;
  auto next = units.begin();
  for (const Content& giver : numbered) {
    brought.emplace_back(next, next + static_cast<ptrdiff_t>(giver.size()));
    next += static_cast<ptrdiff_t>(giver.size());
  }
  return brought;
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

void HaircutRules::Append(const Content& more, Content* content) {
  for (const auto& [source, units] : more) (*content)[source] += units;
}

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

void PoisonRules::Append(const Content& more, Content* content) {
  content->amount += more.amount;
  content->sources.insert(more.sources.begin(), more.sources.end());
}

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

}  // namespace spoor::plain
