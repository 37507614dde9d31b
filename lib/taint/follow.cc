#include "spoor/taint/follow.h"

#include <algorithm>
#include <functional>
#include <future>
#include <limits>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <thread>
#include <tuple>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/container/btree_map.h"
#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "lib/taint/account_follow.h"
#include "lib/taint/agenda.h"
#include "lib/taint/end_place_numbers.h"
#include "lib/taint/frontier.h"
#include "lib/taint/limits.h"
#include "lib/taint/movement_numbers.h"
#include "lib/taint/patterns_finder.h"
#include "lib/taint/policy_run_pools.h"
#include "lib/taint/step.h"
#include "lib/taint/trace_memory.h"
#include "spoor/base/status_macros.h"
#include "spoor/ledger/names.h"

namespace spoor {
namespace {

constexpr uint64_t kProgressEvery = 4096;
constexpr uint64_t kWeighEvery = 256;

struct Request {
  std::vector<std::string> sources;
  std::vector<SourceId> source_of_seed;
};

Request NumberSources(absl::Span<const Seed> seeds) {
  Request request;
  absl::flat_hash_map<std::string, SourceId> ids;
  for (const Seed& seed : seeds) {
    const auto [it, added] =
        ids.emplace(seed.request.source, static_cast<SourceId>(request.sources.size() + 1));
    if (added) request.sources.push_back(seed.request.source);
    request.source_of_seed.push_back(it->second);
  }
  return request;
}

template <typename U>
uint64_t BytesOf(const std::vector<PolicyRun<U>>& runs) {
  uint64_t bytes = 0;
  for (const PolicyRun<U>& run : runs) bytes += run.memory();
  return bytes;
}

// Traces the seeds of one UTXO chain. (Without links between chains, units never leave theirs, so
// the chains may be followed one after another.)
template <typename U>
absl::Status TraceChain(const LedgerView& view, uint32_t chain, absl::Span<const Seed> seeds,
                        const Request& request, Direction direction, const FollowOptions& options,
                        TraceMemory::Part* memory, std::vector<PolicyResult>* results) {
  absl::btree_map<Position, std::vector<SeedMark>> marks;
  std::vector<U> seed_limits;
  for (size_t i = 0; i < seeds.size(); ++i) {
    seed_limits.push_back(seeds[i].request.limit.has_value()
                              ? static_cast<U>(std::min(*seeds[i].request.limit,
                                                        Units(std::numeric_limits<U>::max())))
                              : std::numeric_limits<U>::max());
    if (seeds[i].chain != chain) continue;
    for (const Credit& credit : seeds[i].credits) {
      marks[credit.position].push_back({credit.take, request.source_of_seed[i], i});
    }
  }
  if (marks.empty()) return absl::OkStatus();

  std::optional<Pools> pools;
  if (options.pool.of != nullptr) pools.emplace(view, chain, direction, options);
  // A coinbase joins fees, and is none of the patterns. Where coins are pooled, no output rests, is
  // split or merged.
  const bool look = options.patterns;
  MovementNumbers numbers;
  EndPlaceNumbers places(&numbers);
  Frontier<U> frontier(options.policies.size());
  std::vector<PolicyRun<U>> runs;
  for (const std::string& name : options.policies) {
    SPOOR_ASSIGN_OR_RETURN(std::unique_ptr<Policy<U>> policy, MakePolicy<U>(name));
    runs.emplace_back(std::move(policy),
                      typename PolicyRun<U>::Options{
                          chain, direction, request.sources.size(), options.flows, options.paths,
                          look && !pools.has_value(), pools.has_value() ? &*pools : nullptr,
                          &numbers, &places, &frontier, static_cast<uint32_t>(runs.size())},
                      seed_limits);
  }

  SPOOR_ASSIGN_OR_RETURN(Limits limits, Limits::On(view, chain, options));
  Agenda agenda(view, direction, options.fees, options.reading, options.threads > 1);
  for (const auto& [position, unused] : marks) SPOOR_RETURN_IF_ERROR(agenda.Add(position));
  const std::vector<SeedMark> no_marks;
  BlockTimes times(view, kLeastDormancySeconds);
  std::vector<PatternsFinder> patterns(runs.size(), PatternsFinder(view, chain, direction, &times));
  Step<U> step;
  uint64_t done = 0;
  const Position first_mark = marks.begin()->first;
  const Position last_mark = marks.rbegin()->first;
  const auto may_have_marks = [&](Position position) {
    return position >= first_mark && position <= last_mark;
  };
  const auto visit = [&](const Movement& movement) -> absl::Status {
    ++done;
    step.Set(movement, direction, options.fees);
    const auto marked =
        may_have_marks(movement.position) ? marks.find(movement.position) : marks.end();
    const std::optional<CoinJoinKind> coinjoin =
        look && !movement.coinbase ? RecogniseCoinJoin(movement) : std::nullopt;
    if (pools.has_value()) SPOOR_RETURN_IF_ERROR(pools->Begin(movement, &step));
    for (size_t i = 0; i < runs.size(); ++i) {
      const uint64_t before = runs[i].movements();
      SPOOR_RETURN_IF_ERROR(runs[i].Process(step, marked == marks.end() ? no_marks : marked->second,
                                            &limits, &agenda));
      if (look && !movement.coinbase && runs[i].movements() > before) {
        SPOOR_RETURN_IF_ERROR(patterns[i].Visit(movement, coinjoin, runs[i].last_moved()));
      }
    }
    if (done % kWeighEvery == 0) SPOOR_RETURN_IF_ERROR(memory->Check());
    if (memory->has_limit() && (done % kWeighEvery == 0 || agenda.empty())) {
      SPOOR_RETURN_IF_ERROR(memory->Set(
          numbers.memory() + places.memory() + frontier.memory() + BytesOf(runs), done));
    }
    if (pools.has_value()) pools->Advance(movement);
    if (options.progress != nullptr && done % kProgressEvery == 0) {
      options.progress(done, agenda.size());
    }
    return absl::OkStatus();
  };
  SPOOR_RETURN_IF_ERROR(agenda.Run(visit));
  for (size_t i = 0; i < runs.size(); ++i) {
    SPOOR_RETURN_IF_ERROR(runs[i].Finish(&(*results)[i]));
    SPOOR_RETURN_IF_ERROR(patterns[i].Finish(&(*results)[i]));
  }
  return absl::OkStatus();
}

// A way is kept by positions alone; only those told need their transactions' names.
absl::Status NamePaths(absl::Span<const LedgerView* const> views, PolicyResult* result) {
  constexpr size_t kBatch = 4096;
  std::vector<Movement> movements;
  for (size_t chain = 0; chain < views.size(); ++chain) {
    std::vector<Position> positions;
    for (const Endpoint& end : result->endpoints.plain()) {
      if (end.chain != chain) continue;
      for (const Path& path : end.paths) {
        for (const Path::Place& place : path.places) positions.push_back(place.position);
      }
    }
    std::sort(positions.begin(), positions.end());
    positions.erase(std::unique(positions.begin(), positions.end()), positions.end());
    std::vector<Txid> names;
    for (size_t begin = 0; begin < positions.size(); begin += kBatch) {
      SPOOR_RETURN_IF_ERROR(views[chain]->ReadMovements(
          absl::MakeConstSpan(positions).subspan(begin, kBatch), &movements));
      for (const Movement& movement : movements) names.push_back(movement.txid);
    }
    for (Endpoint& end : result->endpoints.plain()) {
      if (end.chain != chain) continue;
      for (Path& path : end.paths) {
        for (Path::Place& place : path.places) {
          const auto it = std::lower_bound(positions.begin(), positions.end(), place.position);
          place.txid = names[static_cast<size_t>(it - positions.begin())];
        }
      }
    }
  }
  return absl::OkStatus();
}

absl::Status NamePlaces(absl::Span<const LedgerView* const> views, const FollowOptions& options,
                        PolicyResult* result) {
  // Where all places are outputs or movements, they have no other name.
  if (options.pool.of == nullptr &&
      std::all_of(views.begin(), views.end(),
                  [](const LedgerView* view) { return view->chain().family == Family::kUtxo; })) {
    return absl::OkStatus();
  }
  for (Endpoint& end : result->endpoints.plain()) {
    const LedgerView& view = *views[end.chain];
    if (view.chain().family == Family::kAccount) {
      if (end.owner.IsNobody()) {
        SPOOR_ASSIGN_OR_RETURN(end.place, NameTransaction(view, end.txid));
        if (end.at_output) absl::StrAppend(&end.place, ":", end.output);
      } else {
        SPOOR_ASSIGN_OR_RETURN(OwnerName name, NameOwner(view, end.owner));
        end.place = std::move(name.text);
      }
      continue;
    }
    const bool pooled = options.pool.of != nullptr && !end.at_output && !end.owner.IsNobody() &&
                        end.kind != EndpointKind::kOutside && end.kind != EndpointKind::kUnresolved;
    if (!pooled) continue;
    SPOOR_ASSIGN_OR_RETURN(const OwnerName name, NameOwner(view, end.owner));
    end.place = options.pool.members == nullptr ? name.text : absl::StrCat("cluster:", name.text);
  }
  return absl::OkStatus();
}

void SortResult(PolicyResult* result) {
  result->endpoints.Sort();
  result->flows.Sort();
  std::sort(result->stolen.begin(), result->stolen.end(), [](const Stolen& a, const Stolen& b) {
    return std::tie(a.source, a.chain, a.asset) < std::tie(b.source, b.chain, b.asset);
  });
}

// Traces under the policies of `options`, one thread's share of them; with another thread that
// scans for it on UTXO chains, if `options` has more than one.
absl::Status TraceShare(absl::Span<const LedgerView* const> views, absl::Span<const Seed> seeds,
                        const Request& request, Direction direction, const FollowOptions& options,
                        TraceMemory* memory, std::vector<PolicyResult>* results) {
  // Until what it has found is another's.
  TraceMemory::Part part(memory);
  for (size_t i = 0; i < views.size(); ++i) {
    const auto chain = static_cast<uint32_t>(i);
    SPOOR_RETURN_IF_ERROR(views[i]->chain().family == Family::kUtxo
                              ? TraceChain<uint64_t>(*views[i], chain, seeds, request, direction,
                                                     options, &part, results)
                              : TraceAccountChain(*views[i], chain, seeds, request.source_of_seed,
                                                  direction, options, &part, results));
  }
  for (PolicyResult& policy : *results) {
    SPOOR_RETURN_IF_ERROR(NamePlaces(views, options, &policy));
    SortResult(&policy);
    if (options.paths > 0) SPOOR_RETURN_IF_ERROR(NamePaths(views, &policy));
  }
  return absl::OkStatus();
}

// Has one thread at a time ask what the caller answers.
template <typename Answer, typename... Question>
std::function<Answer(Question...)> OneAtATime(std::mutex* mutex,
                                              std::function<Answer(Question...)> ask) {
  if (ask == nullptr) return ask;
  return [mutex, ask = std::move(ask)](Question... question) {
    const std::lock_guard<std::mutex> lock(*mutex);
    return ask(question...);
  };
}

// Deals the policies out to threads. Each reads the ledger for itself, for no policy's way depends
// on another's, and so neither does what it finds.
absl::Status TraceTogether(absl::Span<const LedgerView* const> views, absl::Span<const Seed> seeds,
                           const Request& request, Direction direction,
                           const FollowOptions& options, std::vector<PolicyResult>* results) {
  TraceMemory memory(options.memory);
  const size_t wanted = options.threads > 0 ? options.threads : std::thread::hardware_concurrency();
  const size_t threads = std::max<size_t>(std::min(wanted, results->size()), 1);
  FollowOptions shared = options;
  if (threads == 1) {
    shared.threads = std::min<size_t>(wanted, 2);
    return TraceShare(views, seeds, request, direction, shared, &memory, results);
  }
  std::mutex mutex;
  shared.stop_at = OneAtATime(&mutex, options.stop_at);
  shared.is_known = OneAtATime(&mutex, options.is_known);
  shared.pool.of = OneAtATime(&mutex, options.pool.of);
  shared.pool.members = OneAtATime(&mutex, options.pool.members);
  std::vector<FollowOptions> dealt(threads, shared);
  std::vector<std::vector<PolicyResult>> found(threads);
  for (size_t t = 0; t < threads; ++t) {
    dealt[t].policies.clear();
    // Threads that no policy takes scan for the others.
    dealt[t].threads = threads + t < wanted ? 2 : 1;
    if (t > 0) dealt[t].progress = nullptr;
    for (size_t i = t; i < results->size(); i += threads) {
      dealt[t].policies.push_back(options.policies[i]);
      found[t].push_back((*results)[i]);
    }
  }
  const auto trace = [&](size_t t) {
    // However it ends.
    auto stop = absl::MakeCleanup([&] { memory.Fail(absl::CancelledError()); });
    const absl::Status status =
        TraceShare(views, seeds, request, direction, dealt[t], &memory, &found[t]);
    if (!status.ok()) return memory.Fail(status);
    std::move(stop).Cancel();
  };
  // Where the system has no more threads to give, a share waits for its turn.
  std::vector<std::future<void>> others;
  for (size_t t = 1; t < threads; ++t) {
    others.push_back(std::async(std::launch::async | std::launch::deferred, trace, t));
  }
  trace(0);
  for (std::future<void>& other : others) other.get();
  SPOOR_RETURN_IF_ERROR(memory.failure());
  for (size_t i = 0; i < results->size(); ++i) {
    (*results)[i] = std::move(found[i % threads][i / threads]);
  }
  return absl::OkStatus();
}

// Where units rest with others, in a pool or a balance, only policies that keep an order know which
// came by which way.
absl::Status CheckPaths(absl::Span<const LedgerView* const> views, absl::Span<const Seed> seeds,
                        const FollowOptions& options) {
  std::string where = options.pool.of != nullptr ? "through pools" : "";
  for (const Seed& seed : seeds) {
    const ChainInfo& chain = views[seed.chain]->chain();
    if (chain.family == Family::kAccount) where = absl::StrCat("on ", chain.name);
  }
  if (where.empty()) return absl::OkStatus();
  for (const std::string& name : options.policies) {
    SPOOR_ASSIGN_OR_RETURN(const auto policy, MakePolicy<uint64_t>(name));
    if (policy->ordered()) continue;
    return absl::InvalidArgumentError(absl::StrCat(
        "paths ", where, " are not known under ", name, ", by which units that rest together have ",
        "no way of their own; ask for --paths under others (--policy fifo,lifo,tiho,libr)"));
  }
  return absl::OkStatus();
}

absl::StatusOr<TraceResult> Trace(absl::Span<const LedgerView* const> views,
                                  absl::Span<const Seed> seeds, Direction direction,
                                  const FollowOptions& options) {
  if (options.paths > 0) SPOOR_RETURN_IF_ERROR(CheckPaths(views, seeds, options));
  TraceResult result;
  std::set<std::string> seen;
  for (const std::string& name : options.policies) {
    SPOOR_ASSIGN_OR_RETURN(const auto policy, MakePolicy<uint64_t>(name));
    if (!seen.insert(name).second) {
      return absl::InvalidArgumentError(absl::StrCat("policy ", name, " is named twice"));
    }
    PolicyResult& policy_result = result.policies.emplace_back();
    policy_result.policy = name;
    policy_result.conserving = policy->conserving();
  }
  const Request request = NumberSources(seeds);
  result.sources = request.sources;
  SPOOR_RETURN_IF_ERROR(TraceTogether(views, seeds, request, direction, options, &result.policies));
  return result;
}

}  // namespace

absl::string_view EndpointKindName(EndpointKind kind) {
  switch (kind) {
    case EndpointKind::kUnspent:
      return "unspent";
    case EndpointKind::kService:
      return "service";
    case EndpointKind::kFee:
      return "fee";
    case EndpointKind::kBurned:
      return "burned";
    case EndpointKind::kHopLimit:
      return "hop-limit";
    case EndpointKind::kTimeLimit:
      return "time-limit";
    case EndpointKind::kBelowLeast:
      return "below-least";
    case EndpointKind::kMinted:
      return "minted";
    case EndpointKind::kOutside:
      return "outside";
    case EndpointKind::kUnresolved:
      return "unresolved";
  }
  return "";
}

absl::StatusOr<TraceResult> Follow(absl::Span<const LedgerView* const> views,
                                   absl::Span<const Seed> seeds, const FollowOptions& options) {
  return Trace(views, seeds, Direction::kForward, options);
}

absl::StatusOr<TraceResult> FollowBack(absl::Span<const LedgerView* const> views,
                                       absl::Span<const Seed> seeds, const FollowOptions& options) {
  return Trace(views, seeds, Direction::kBack, options);
}

}  // namespace spoor
