#ifndef SPOOR_LIB_TAINT_ACCOUNT_SHARER_H_
#define SPOOR_LIB_TAINT_ACCOUNT_SHARER_H_

#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

#include "absl/types/span.h"
#include "lib/taint/account_parcel.h"
#include "lib/taint/agenda.h"
#include "spoor/taint/policy.h"

namespace spoor {

// A policy as it shares what balances hold: the lots of a balance by the policy's rule, and with
// each the stolen units that it stands for.
class AccountSharer {
 public:
  AccountSharer(std::unique_ptr<Policy<Uint256>> policy, Direction direction);

  ParcelForm form() const { return form_; }
  const Policy<Uint256>& policy() const { return *policy_; }

  // What fills `amount` units; null: nothing stolen.
  struct Part {
    const AccountParcel* parcel = nullptr;
    Uint256 amount;
  };
  // Shares what the parts hold, one after another, among `takers`, whose amounts add up to theirs.
  // `*slices` has one for each taker.
  void Share(absl::Span<const Part> parts, absl::Span<const Taker<Uint256>> takers,
             std::vector<AccountParcel>* slices);

 private:
  // What is left of a lot as takers cut it.
  struct Cut {
    const AccountLot* lot = nullptr;
    Uint256 used;    // units
    Uint256 stolen;  // that went with them
  };

  void ShareOrdered(absl::Span<const Taker<Uint256>> takers, std::vector<AccountParcel>* slices);
  void ShareByOrigin(absl::Span<const Taker<Uint256>> takers, std::vector<AccountParcel>* slices);

  std::unique_ptr<Policy<Uint256>> policy_;
  Direction direction_;
  ParcelForm form_;

  // Memory reused.
  std::vector<Lot<Uint256>> sequence_;
  Slices<Uint256> shared_;
  std::vector<Cut> cuts_;
  std::vector<size_t> order_;
};

}  // namespace spoor

#endif  // SPOOR_LIB_TAINT_ACCOUNT_SHARER_H_
