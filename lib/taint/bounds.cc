#include "spoor/taint/bounds.h"

#include <algorithm>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <type_traits>
#include <utility>
#include <vector>

#include "absl/container/btree_map.h"
#include "absl/container/flat_hash_map.h"
#include "lib/taint/account_claims.h"
#include "lib/taint/agenda.h"
#include "lib/taint/exchange.h"
#include "lib/taint/limits.h"
#include "lib/taint/pools.h"
#include "lib/taint/step.h"
#include "lib/taint/taint_graph.h"
#include "spoor/base/status_macros.h"

namespace spoor {
namespace {

constexpr uint64_t kProgressEvery = 4096;

// Whether an owner stands for an address.
bool IsAddress(AddressId owner) { return owner < Flow::kFromMinted; }

// One chain's part of a request.
struct Request {
  const LedgerView& view;
  uint32_t chain = 0;
  absl::Span<const Seed> seeds;
  Direction direction = Direction::kForward;
  const FollowOptions& limits;
  const BoundsOptions& options;
};

template <typename U>
absl::StatusOr<TaintGraph<U>> ReadGraph(const Request& request, const FollowOptions& options,
                                        typename TaintGraph<U>::Label label) {
  absl::btree_map<Position, std::vector<BoundMark>> marks;
  std::vector<U> seed_limits;
  for (size_t i = 0; i < request.seeds.size(); ++i) {
    const Seed& seed = request.seeds[i];
    constexpr U kAll = std::numeric_limits<U>::max();
    seed_limits.push_back(static_cast<U>(std::min(seed.request.limit.value_or(kAll), Units(kAll))));
    if (seed.chain != request.chain) continue;
    for (const Credit& credit : seed.credits) {
      marks[credit.position].push_back({credit.take, i, std::nullopt});
    }
  }
  TaintGraph<U> graph(request.direction, std::move(label), seed_limits, request.options.most_edges);
  SPOOR_ASSIGN_OR_RETURN(Limits limits, Limits::On(request.view, request.chain, options));
  Agenda agenda(request.view, request.direction, options.fees);
  for (const auto& [position, unused] : marks) SPOOR_RETURN_IF_ERROR(agenda.Add(position));
  std::optional<Pools> pools;
  if (options.pool.of != nullptr) {
    pools.emplace(request.view, request.chain, request.direction, options);
  }
  Step<U> step;
  uint64_t done = 0;
  const auto visit = [&](const Movement& movement) -> absl::Status {
    step.Set(movement, request.direction, options.fees);
    if (pools.has_value()) SPOOR_RETURN_IF_ERROR(pools->Begin(movement, &step));
    const auto marked = marks.find(movement.position);
    if (options.progress != nullptr && ++done % kProgressEvery == 0) {
      options.progress(done, agenda.size());
    }
    SPOOR_RETURN_IF_ERROR(
        graph.Process(step, marked == marks.end() ? absl::Span<const BoundMark>() : marked->second,
                      &limits, &agenda, pools.has_value() ? &*pools : nullptr));
    if (pools.has_value()) pools->Advance(movement);
    return absl::OkStatus();
  };
  SPOOR_RETURN_IF_ERROR(agenda.Run(visit));
  SPOOR_RETURN_IF_ERROR(graph.FinishBalances());
  return graph;
}

// Of an account chain.
absl::StatusOr<TaintGraph<Uint256>> ReadBalanceGraph(const Request& request,
                                                     const FollowOptions& options,
                                                     TaintGraph<Uint256>::Label label) {
  const std::vector<SourceId> sources(request.seeds.size(), 1);  // whose the units are is no matter
  const AccountClaims claims = ReadClaims(request.chain, request.seeds, sources, request.direction);
  TaintGraph<Uint256> graph(request.direction, std::move(label), claims.limits,
                            request.options.most_edges);
  SPOOR_ASSIGN_OR_RETURN(Limits limits, Limits::On(request.view, request.chain, options));
  Agenda agenda(request.view, request.direction, FeeRule::kEnd);
  for (const auto& [position, unused] : claims.marks) SPOOR_RETURN_IF_ERROR(agenda.Add(position));
  Exchanges exchanges(request.view);
  std::vector<BoundMark> marks;
  std::optional<std::pair<Position, Position>> settled;  // the last: from where to where
  for (uint64_t done = 1; !agenda.empty(); ++done) {
    SPOOR_ASSIGN_OR_RETURN(const Movement* movement, agenda.Pop());
    if (settled.has_value() && movement->position >= settled->first &&
        movement->position <= settled->second) {
      continue;
    }
    SPOOR_ASSIGN_OR_RETURN(const Exchange* const exchange, exchanges.Of(*movement));
    std::optional<std::vector<ExchangeMark>> settle;
    if (exchange != nullptr) settle = MarksOn(*exchange, exchanges, claims.marks);
    marks.clear();
    const Position from = settle.has_value() ? exchange->first : movement->position;
    const Position to = settle.has_value() ? exchange->last : movement->position;
    for (auto it = claims.marks.lower_bound(from); it != claims.marks.end() && it->first <= to;
         ++it) {
      const Movement& at = settle.has_value() ? exchanges.transfer(it->first) : *movement;
      for (const AccountMark& mark : it->second) {
        if (!mark.opening) continue;
        const Take& take = at.takes[mark.take];
        graph.Open(take.holding, at.IsChange(mark.take) ? at.gives[0].amount : take.before,
                   mark.seed);
      }
    }
    if (settle.has_value()) {
      for (const ExchangeMark& mark : *settle) {
        marks.push_back({static_cast<uint32_t>(mark.side), mark.mark.seed, mark.amount});
      }
      SPOOR_RETURN_IF_ERROR(graph.Process(*exchange, marks, &limits, &agenda));
      settled.emplace(exchange->first, exchange->last);
    } else {
      const auto marked = claims.marks.find(movement->position);
      if (marked != claims.marks.end()) {
        for (const AccountMark& mark : marked->second) {
          if (!mark.opening) marks.push_back({mark.take, mark.seed, std::nullopt});
        }
      }
      SPOOR_RETURN_IF_ERROR(graph.Process(*movement, marks, &limits, &agenda));
    }
    if (options.progress != nullptr && done % kProgressEvery == 0) {
      options.progress(done, agenda.size());
    }
  }
  SPOOR_RETURN_IF_ERROR(graph.FinishBalances());
  return graph;
}

template <typename U>
absl::StatusOr<TaintGraph<U>> ReadAnyGraph(const Request& request, const FollowOptions& options,
                                           typename TaintGraph<U>::Label label) {
  if constexpr (std::is_same_v<U, Uint256>) {
    return ReadBalanceGraph(request, options, std::move(label));
  } else {
    return ReadGraph<U>(request, options, std::move(label));
  }
}

template <typename U>
class ChainBounds {
  using Sort = typename TaintGraph<U>::Sort;

 public:
  ChainBounds(const Request& request, BoundsResult* result) : request_(request), result_(result) {
    for (const Seed& seed : request.seeds) {
      if (seed.chain != request.chain) continue;
      for (const SeededAsset& seeded : seed.assets) {
        // Backwards nobody asks for what was there when the ledger begins.
        if (request.direction == Direction::kBack && seeded.credits == 0) continue;
        most_stolen_[seeded.asset] += WideUnits(seeded.amount);
      }
    }
  }

  // Every kind, and the categories of services.
  absl::Status AddKinds() {
    absl::flat_hash_map<AddressId, std::string> categories;
    SPOOR_ASSIGN_OR_RETURN(
        TaintGraph<U> graph,
        ReadAnyGraph<U>(request_, request_.limits,
                        [&](EndpointKind kind, AddressId owner) -> absl::StatusOr<std::string> {
                          if (kind != EndpointKind::kService ||
                              request_.options.category == nullptr) {
                            return std::string();
                          }
                          const auto it = categories.find(owner);
                          if (it != categories.end()) return it->second;
                          SPOOR_ASSIGN_OR_RETURN(std::string category,
                                                 request_.options.category(request_.chain, owner));
                          categories.emplace(owner, category);
                          return category;
                        }));
    result_->movements += graph.movements();
    result_->unresolved_inputs += graph.unresolved_inputs();
    // As they stand in the result: a kind, then its categories.
    std::set<Sort> questions;
    for (const Sort& sort : graph.Sorts()) {
      questions.insert({sort.asset, sort.kind, ""});
      questions.insert(sort);
    }
    for (const Sort& question : questions) {
      Bound bound;
      bound.kind = question.kind;
      bound.category = question.label;
      Add(std::move(bound), question.asset, &graph, [&](const Sort& sort) {
        return sort.kind == question.kind &&
               (question.label.empty() || sort.label == question.label);
      });
    }
    result_->conversions |= graph.converted();
    return absl::OkStatus();
  }

  absl::Status AddGroup(const OwnerGroup& group) {
    FollowOptions stopping = request_.limits;
    stopping.stop_at = [&](uint32_t chain, AddressId owner) -> absl::StatusOr<bool> {
      SPOOR_ASSIGN_OR_RETURN(const bool has, group.has(chain, owner));
      if (has || request_.limits.stop_at == nullptr) return has;
      return request_.limits.stop_at(chain, owner);
    };
    SPOOR_ASSIGN_OR_RETURN(
        TaintGraph<U> graph,
        ReadAnyGraph<U>(request_, stopping,
                        [&](EndpointKind, AddressId owner) -> absl::StatusOr<std::string> {
                          if (!IsAddress(owner)) return std::string();
                          SPOOR_ASSIGN_OR_RETURN(const bool has, group.has(request_.chain, owner));
                          return std::string(has ? "in" : "");
                        }));
    for (const auto& [asset, unused] : most_stolen_) {
      Bound bound;
      bound.group = group.name;
      Add(std::move(bound), asset, &graph, [](const Sort& sort) { return !sort.label.empty(); });
    }
    result_->conversions |= graph.converted();
    return absl::OkStatus();
  }

 private:
  void Add(Bound bound, AssetId asset, TaintGraph<U>* graph,
           absl::FunctionRef<bool(const Sort&)> asked) {
    const WideUnits& most = most_stolen_[asset];
    const auto there = graph->Ask(asset, asked, most);
    const auto all = graph->AskAll(asset, most);
    bound.asset = asset;
    bound.chain = request_.chain;
    bound.lower = static_cast<Units>(there.least);
    bound.upper = static_cast<Units>(there.most);
    bound.stolen_least = static_cast<Units>(all.least);
    bound.stolen = static_cast<Units>(all.most);
    bound.tightness = graph->tightness();
    result_->bounds.push_back(std::move(bound));
  }

  const Request& request_;
  BoundsResult* result_;
  std::map<AssetId, WideUnits> most_stolen_;
};

template <typename U>
absl::Status AddKinds(const Request& request, BoundsResult* result) {
  return ChainBounds<U>(request, result).AddKinds();
}

template <typename U>
absl::Status AddGroups(const Request& request, BoundsResult* result) {
  ChainBounds<U> bounds(request, result);
  for (const OwnerGroup& group : request.options.groups) {
    SPOOR_RETURN_IF_ERROR(bounds.AddGroup(group));
  }
  return absl::OkStatus();
}

absl::StatusOr<BoundsResult> Compute(absl::Span<const LedgerView* const> views,
                                     absl::Span<const Seed> seeds, Direction direction,
                                     const FollowOptions& limits, const BoundsOptions& options) {
  BoundsResult result;
  for (const bool groups : {false, true}) {
    for (size_t i = 0; i < views.size(); ++i) {
      const bool seeded = std::any_of(seeds.begin(), seeds.end(),
                                      [&](const Seed& seed) { return seed.chain == i; });
      if (!seeded) continue;
      const Request request{*views[i], static_cast<uint32_t>(i), seeds, direction, limits, options};
      const bool narrow = views[i]->chain().family == Family::kUtxo;
      const auto add = groups ? (narrow ? AddGroups<uint64_t> : AddGroups<Uint256>)
                              : (narrow ? AddKinds<uint64_t> : AddKinds<Uint256>);
      SPOOR_RETURN_IF_ERROR(add(request, &result));
    }
  }
  return result;
}

}  // namespace

absl::string_view BoundTightnessName(BoundTightness tightness) {
  switch (tightness) {
    case BoundTightness::kAttained:
      return "attained";
    case BoundTightness::kLoose:
      return "loose";
    case BoundTightness::kTooLarge:
      return "too-large";
  }
  return "";
}

absl::StatusOr<BoundsResult> ComputeBounds(absl::Span<const LedgerView* const> views,
                                           absl::Span<const Seed> seeds,
                                           const FollowOptions& limits,
                                           const BoundsOptions& options) {
  return Compute(views, seeds, Direction::kForward, limits, options);
}

absl::StatusOr<BoundsResult> ComputeBoundsBack(absl::Span<const LedgerView* const> views,
                                               absl::Span<const Seed> seeds,
                                               const FollowOptions& limits,
                                               const BoundsOptions& options) {
  return Compute(views, seeds, Direction::kBack, limits, options);
}

}  // namespace spoor
