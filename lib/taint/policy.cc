#include "spoor/taint/policy.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "lib/taint/policies.h"

namespace spoor {

const std::vector<absl::string_view>& PolicyNames() {
  static const auto* const names =
      new std::vector<absl::string_view>{"fifo", "lifo", "haircut", "tiho", "libr", "poison"};
  return *names;
}

template <typename U>
absl::StatusOr<std::unique_ptr<Policy<U>>> MakePolicy(absl::string_view name) {
  for (const auto make :
       {MakeFifo<U>, MakeLifo<U>, MakeHaircut<U>, MakeTiho<U>, MakeLibr<U>, MakePoison<U>}) {
    std::unique_ptr<Policy<U>> policy = make();
    if (policy->name() == name) return policy;
  }
  return absl::InvalidArgumentError(absl::StrCat("unknown policy \"", name, "\", wanted one of ",
                                                 absl::StrJoin(PolicyNames(), ", ")));
}

template absl::StatusOr<std::unique_ptr<Policy<uint64_t>>> MakePolicy(absl::string_view);
template absl::StatusOr<std::unique_ptr<Policy<Uint256>>> MakePolicy(absl::string_view);

}  // namespace spoor
