#ifndef SPOOR_LIB_TAINT_ACCOUNT_FOLLOW_H_
#define SPOOR_LIB_TAINT_ACCOUNT_FOLLOW_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/types/span.h"
#include "lib/taint/agenda.h"
#include "lib/taint/trace_memory.h"
#include "spoor/ledger/ledger_view.h"
#include "spoor/taint/follow.h"
#include "spoor/taint/seed.h"

namespace spoor {

// Traces the seeds of one account chain and adds what each policy finds to its result.
// `source_of_seed` has the source of every seed of the request.
absl::Status TraceAccountChain(const LedgerView& view, uint32_t chain, absl::Span<const Seed> seeds,
                               absl::Span<const SourceId> source_of_seed, Direction direction,
                               const FollowOptions& options, TraceMemory::Part* memory,
                               std::vector<PolicyResult>* results);

}  // namespace spoor

#endif  // SPOOR_LIB_TAINT_ACCOUNT_FOLLOW_H_
