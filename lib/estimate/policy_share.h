#ifndef SPOOR_LIB_ESTIMATE_POLICY_SHARE_H_
#define SPOOR_LIB_ESTIMATE_POLICY_SHARE_H_

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "lib/estimate/account.h"
#include "spoor/estimate/estimate.h"

namespace spoor {

constexpr double kDay = 86'400;

// From the asset of which the least can be used to that of which the most can; the same twice where
// there is one asset, or prices say what each weighs.
struct ShareRange {
  Share least, most;
};

// The usable share under one policy, and what of it does not hang on the parameters.
class PolicyShare {
 public:
  // DATA_LOSS if the policy's ends do not add up, INVALID_ARGUMENT if nothing was stolen. Adds to
  // `warnings` what a reader must know.
  static absl::StatusOr<PolicyShare> Make(const TracedPolicy& policy, const TracedCase& traced,
                                          const Prices* prices, int horizon_days,
                                          std::vector<std::string>* warnings);

  const std::string& policy() const { return policy_; }
  std::optional<double> stolen_usd() const { return stolen_usd_; }
  bool one_figure() const { return accounts_.size() == 1 || stolen_usd_.has_value(); }
  const std::vector<TracedRow>& rows() const { return rows_; }

  ShareRange Usable(const Draw& draw) const;

 private:
  std::string policy_;
  std::vector<Account> accounts_;
  std::vector<double> weights_;  // of accounts_; used if stolen_usd_ is known
  std::optional<double> stolen_usd_;
  std::vector<TracedRow> rows_;
};

// Whether it is one of the well-known tokens that stand for a US dollar, by its symbol or contract.
bool IsDollar(absl::string_view asset);

}  // namespace spoor

#endif  // SPOOR_LIB_ESTIMATE_POLICY_SHARE_H_
