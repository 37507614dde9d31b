#include "spoor/taint/follow.h"

#include <algorithm>
#include <limits>
#include <memory>
#include <set>
#include <tuple>

#include "absl/container/btree_map.h"
#include "absl/container/btree_set.h"
#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "lib/taint/policy_run.h"
#include "spoor/base/status_macros.h"

namespace spoor {
namespace {

// Movements read in one request, when so many wait.
constexpr size_t kReadAhead = 256;
constexpr uint64_t kProgressEvery = 4096;

// The movements still to visit, in order of position, read ahead in batches: while the earliest is
// being worked on, the ones that wait behind it are already known, though a later movement may
// still come in between.
class Agenda {
 public:
  explicit Agenda(const LedgerView& view) : view_(view) {}

  void Add(Position position) { waiting_.insert(position); }
  bool empty() const { return waiting_.empty(); }
  size_t size() const { return waiting_.size(); }

  // Takes the earliest movement. Requires one.
  absl::StatusOr<Movement> Pop() {
    const Position position = *waiting_.begin();
    auto it = read_.find(position);
    if (it == read_.end()) {
      SPOOR_RETURN_IF_ERROR(ReadAhead());
      it = read_.find(position);
    }
    waiting_.erase(waiting_.begin());
    Movement movement = std::move(it->second);
    read_.erase(it);
    return movement;
  }

 private:
  absl::Status ReadAhead() {
    std::vector<Position> positions;
    for (auto it = waiting_.begin(); it != waiting_.end() && positions.size() < kReadAhead; ++it) {
      if (!read_.contains(*it)) positions.push_back(*it);
    }
    SPOOR_RETURN_IF_ERROR(view_.ReadMovements(positions, &batch_));
    for (Movement& movement : batch_) read_.emplace(movement.position, std::move(movement));
    return absl::OkStatus();
  }

  const LedgerView& view_;
  absl::btree_set<Position> waiting_;
  absl::flat_hash_map<Position, Movement> read_;
  std::vector<Movement> batch_;
};

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

// Follows the seeds of one chain. (Without links between chains, units never leave theirs, so the
// chains may be followed one after another.)
template <typename U>
absl::Status FollowChain(const LedgerView& view, uint32_t chain, absl::Span<const Seed> seeds,
                         const Request& request, const FollowOptions& options,
                         std::vector<PolicyResult>* results) {
  absl::btree_map<Position, std::vector<SeedMark>> marks;
  std::vector<U> limits;
  for (size_t i = 0; i < seeds.size(); ++i) {
    limits.push_back(seeds[i].request.limit.has_value()
                         ? static_cast<U>(std::min(*seeds[i].request.limit,
                                                   Units(std::numeric_limits<U>::max())))
                         : std::numeric_limits<U>::max());
    if (seeds[i].chain != chain) continue;
    for (const Credit& credit : seeds[i].credits) {
      marks[credit.position].push_back({credit.take, request.source_of_seed[i], i});
    }
  }
  if (marks.empty()) return absl::OkStatus();

  std::vector<PolicyRun<U>> runs;
  for (const std::string& name : options.policies) {
    SPOOR_ASSIGN_OR_RETURN(std::unique_ptr<Policy<U>> policy, MakePolicy<U>(name));
    runs.emplace_back(std::move(policy),
                      typename PolicyRun<U>::Options{chain, request.sources.size(), options.flows},
                      limits);
  }

  Agenda agenda(view);
  for (const auto& [position, unused] : marks) agenda.Add(position);
  const std::vector<SeedMark> no_marks;
  for (uint64_t done = 1; !agenda.empty(); ++done) {
    SPOOR_ASSIGN_OR_RETURN(const Movement movement, agenda.Pop());
    const auto marked = marks.find(movement.position);
    for (PolicyRun<U>& run : runs) {
      run.Process(movement, marked == marks.end() ? no_marks : marked->second,
                  [&](Position next) { agenda.Add(next); });
    }
    if (options.progress != nullptr && done % kProgressEvery == 0) {
      options.progress(done, agenda.size());
    }
  }
  for (size_t i = 0; i < runs.size(); ++i) runs[i].Finish(&(*results)[i]);
  return absl::OkStatus();
}

// By the text of the place: "TXID" for a fee, "TXID:N" for an output, the txid's last byte first.
bool PlaceBefore(const Endpoint& a, const Endpoint& b) {
  const auto& x = a.txid.bytes();
  const auto& y = b.txid.bytes();
  if (x != y) return std::lexicographical_compare(x.rbegin(), x.rend(), y.rbegin(), y.rend());
  const bool a_fee = a.kind == EndpointKind::kFee;
  const bool b_fee = b.kind == EndpointKind::kFee;
  if (a_fee || b_fee) return a_fee && !b_fee;
  return std::to_string(a.output) < std::to_string(b.output);
}

void SortResult(PolicyResult* result) {
  std::sort(result->endpoints.begin(), result->endpoints.end(),
            [](const Endpoint& a, const Endpoint& b) {
              if (a.tainted != b.tainted) return a.tainted > b.tainted;
              if (PlaceBefore(a, b)) return true;
              if (PlaceBefore(b, a)) return false;
              return std::tie(a.chain, a.position) < std::tie(b.chain, b.position);
            });
  std::sort(result->flows.begin(), result->flows.end(), [](const Flow& a, const Flow& b) {
    if (a.tainted != b.tainted) return a.tainted > b.tainted;
    return std::tie(a.chain, a.from, a.to) < std::tie(b.chain, b.from, b.to);
  });
  std::sort(result->stolen.begin(), result->stolen.end(), [](const Stolen& a, const Stolen& b) {
    return std::tie(a.source, a.chain) < std::tie(b.source, b.chain);
  });
}

}  // namespace

absl::string_view EndpointKindName(EndpointKind kind) {
  switch (kind) {
    case EndpointKind::kUnspent:
      return "unspent";
    case EndpointKind::kFee:
      return "fee";
    case EndpointKind::kBurned:
      return "burned";
  }
  return "";
}

absl::StatusOr<TraceResult> Follow(absl::Span<const LedgerView* const> views,
                                   absl::Span<const Seed> seeds, const FollowOptions& options) {
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
  for (size_t i = 0; i < views.size(); ++i) {
    const auto chain = static_cast<uint32_t>(i);
    SPOOR_RETURN_IF_ERROR(
        views[i]->chain().family == Family::kUtxo
            ? FollowChain<uint64_t>(*views[i], chain, seeds, request, options, &result.policies)
            : FollowChain<Uint256>(*views[i], chain, seeds, request, options, &result.policies));
  }
  for (PolicyResult& policy : result.policies) SortResult(&policy);
  return result;
}

}  // namespace spoor
