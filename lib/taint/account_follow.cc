#include "lib/taint/account_follow.h"

#include <algorithm>
#include <limits>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "lib/taint/account_back.h"
#include "lib/taint/account_claims.h"
#include "lib/taint/account_run.h"
#include "lib/taint/exchange.h"
#include "lib/taint/limits.h"
#include "spoor/base/status_macros.h"

namespace spoor {
namespace {

constexpr uint64_t kProgressEvery = 4096;
constexpr uint64_t kWeighEvery = 256;

template <typename Run>
uint64_t BytesOf(const std::vector<Run>& runs) {
  uint64_t bytes = 0;
  for (const Run& run : runs) bytes += run.memory();
  return bytes;
}

// `Run` goes in `direction`.
template <typename Run>
absl::Status Go(const LedgerView& view, uint32_t chain, Direction direction,
                const AccountClaims& claims, const FollowOptions& options,
                TraceMemory::Part* memory, std::vector<PolicyResult>* results) {
  std::vector<Run> runs;
  for (const std::string& name : options.policies) {
    SPOOR_ASSIGN_OR_RETURN(std::unique_ptr<Policy<Uint256>> policy, MakePolicy<Uint256>(name));
    AccountSharer sharer(std::move(policy), direction);
    AccountFindings findings(chain, &claims.origins, sharer.form(), options.flows, options.paths,
                             claims.limits);
    runs.emplace_back(std::move(sharer), std::move(findings));
  }
  SPOOR_ASSIGN_OR_RETURN(Limits limits, Limits::On(view, chain, options));
  Agenda agenda(view, direction, FeeRule::kEnd, options.reading);
  for (const auto& [position, unused] : claims.marks) SPOOR_RETURN_IF_ERROR(agenda.Add(position));
  Exchanges exchanges(view);
  std::optional<std::pair<Position, Position>> settled;  // the last: from where to where
  uint64_t done = 0;
  while (!agenda.empty()) {
    SPOOR_ASSIGN_OR_RETURN(const Movement* const movement, agenda.Pop());
    ++done;
    if (settled.has_value() && movement->position >= settled->first &&
        movement->position <= settled->second) {
      continue;
    }
    SPOOR_ASSIGN_OR_RETURN(const Exchange* const exchange, exchanges.Of(*movement));
    std::optional<std::vector<ExchangeMark>> settle;
    if (exchange != nullptr) settle = MarksOn(*exchange, exchanges, claims.marks);
    const auto marked = claims.marks.find(movement->position);
    if constexpr (std::is_same_v<Run, AccountRun>) {
      const Position from = settle.has_value() ? exchange->first : movement->position;
      const Position to = settle.has_value() ? exchange->last : movement->position;
      for (auto it = claims.marks.lower_bound(from); it != claims.marks.end() && it->first <= to;
           ++it) {
        const Movement& at = settle.has_value() ? exchanges.transfer(it->first) : *movement;
        for (const AccountMark& mark : it->second) {
          if (!mark.opening) continue;
          for (Run& run : runs) SPOOR_RETURN_IF_ERROR(run.Open(at, mark));
        }
      }
    }
    for (Run& run : runs) {
      if (settle.has_value()) {
        SPOOR_RETURN_IF_ERROR(run.Settle(*exchange, *movement, *settle, &limits, &agenda));
      } else {
        SPOOR_RETURN_IF_ERROR(run.Move(*movement,
                                       marked == claims.marks.end()
                                           ? absl::Span<const AccountMark>()
                                           : absl::MakeConstSpan(marked->second),
                                       &limits, &agenda));
      }
    }
    if (settle.has_value()) settled.emplace(exchange->first, exchange->last);
    if (done % kWeighEvery == 0) SPOOR_RETURN_IF_ERROR(memory->Check());
    if (memory->has_limit() && (done % kWeighEvery == 0 || agenda.empty())) {
      SPOOR_RETURN_IF_ERROR(memory->Set(BytesOf(runs), done));
    }
    if (options.progress != nullptr && done % kProgressEvery == 0) {
      options.progress(done, agenda.size());
    }
  }
  const uint64_t walked = BytesOf(runs);
  uint64_t told = 0;  // of the paths of all policies
  for (size_t i = 0; i < runs.size(); ++i) {
    uint64_t of_policy = 0;
    const auto weigh = [&](uint64_t bytes) {
      of_policy = bytes;
      return memory->Set(walked + told + bytes, done);
    };
    SPOOR_RETURN_IF_ERROR(runs[i].Finish(weigh, &(*results)[i]));
    told += of_policy;
    for (Endpoint& end : (*results)[i].endpoints.plain()) {
      if (end.chain == chain && end.kind == EndpointKind::kService) {
        end.by_size = limits.BySize(end.owner, end.asset);
      }
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status TraceAccountChain(const LedgerView& view, uint32_t chain, absl::Span<const Seed> seeds,
                               absl::Span<const SourceId> source_of_seed, Direction direction,
                               const FollowOptions& options, TraceMemory::Part* memory,
                               std::vector<PolicyResult>* results) {
  const AccountClaims claims = ReadClaims(chain, seeds, source_of_seed, direction);
  if (claims.marks.empty()) return absl::OkStatus();
  if (options.fees != FeeRule::kEnd) {
    return absl::InvalidArgumentError(
        absl::StrCat("fees cannot be followed on ", view.chain().name,
                     ": what its blocks pay out does not say whose fees they are"));
  }
  if (options.pool.members != nullptr) {
    return absl::InvalidArgumentError(
        absl::StrCat("--pool cluster has outputs act as one balance, and ", view.chain().name,
                     " has balances: every account is such a pool already; leave --pool out"));
  }
  return direction == Direction::kForward
             ? Go<AccountRun>(view, chain, direction, claims, options, memory, results)
             : Go<AccountBackRun>(view, chain, direction, claims, options, memory, results);
}

}  // namespace spoor
