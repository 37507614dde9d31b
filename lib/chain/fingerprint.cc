#include "spoor/chain/fingerprint.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace spoor {

uint32_t Fingerprint::Code() const {
  return static_cast<uint32_t>(version) | static_cast<uint32_t>(lock_time) << kLockTimeShift |
         uint32_t{sequences} << kSequencesShift | uint32_t{ecdsa} << kEcdsaShift |
         uint32_t{high_r} << kHighRShift;
}

std::string ToText(const Fingerprint& f) {
  constexpr const char* kVersions[] = {"version 1", "version 2", "version 3", "another version"};
  constexpr const char* kLockTimes[] = {"no lock time", "recent lock time", "lock time by height",
                                        "lock time by the clock"};
  constexpr const char* kSequences[] = {"final", "not final", "replaceable", "relative lock",
                                        "other sequence"};
  std::vector<absl::string_view> words = {kVersions[static_cast<int>(f.version)],
                                          kLockTimes[static_cast<int>(f.lock_time)]};
  for (int i = 0; i < 5; ++i) {
    if ((f.sequences >> i & 1) != 0) words.push_back(kSequences[i]);
  }
  if (f.ecdsa) words.push_back(f.high_r ? "high R" : "low R");
  return absl::StrJoin(words, ", ");
}

}  // namespace spoor
