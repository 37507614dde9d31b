#ifndef SPOOR_LIB_ESTIMATE_ANY_ACCOUNT_H_
#define SPOOR_LIB_ESTIMATE_ANY_ACCOUNT_H_

#include <optional>

#include "spoor/estimate/estimate.h"

namespace spoor {

// The least and the most usable share under any account of the units that keeps to the trace's
// bounds, with every parameter at the end of its range; of several assets, of the least and of the
// most. Only `low` and `high` of the result are set. nullopt if the trace has no bounds, or none
// that hold all of what was stolen.
std::optional<Interval> AnyAccount(const TracedCase& traced, const Model& model, int horizon_days);

}  // namespace spoor

#endif  // SPOOR_LIB_ESTIMATE_ANY_ACCOUNT_H_
