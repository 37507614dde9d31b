#ifndef SPOOR_ESTIMATE_MODEL_H_
#define SPOOR_ESTIMATE_MODEL_H_

#include <array>
#include <cstddef>
#include <map>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace spoor {

// What the estimate has to assume. Shares are of 1; docs/estimate.md says where each comes in.
enum class ParameterId : size_t {
  kFrozen,          // frozen or recovered later, of what is still held
  kHeld1y,          // still unlaundered after a year
  kHeld45d,         // still unlaundered after 45 days
  kConversionCost,  // lost to swaps and bridges
  kBrokerDiscount,  // lost to brokers and mules
  kRetained,        // kept by operators and helpers
  kPassExchange,    // becomes money, of what came to an exchange
  kPassMixer,       // likewise a mixing service, ...
  kPassOtc,
  kPassBridge,
  kPassUnknown,
  kPassFrozen,
  kPriceRatio,      // price at conversion over price at the theft
  kProgrammeShare,  // of usable money
  kAttribution,     // the chance that the thief is who they say
  kDaysToCash,      // from coming to an end of the trace to money, days
};
inline constexpr size_t kParameters = 16;

// "frozen", "held_1y", ...: as model files and reports name it.
absl::string_view ParameterName(ParameterId id);
// Whether more of it makes the state's share more, and not less.
bool RaisesEstimate(ParameterId id);

// A PERT distribution and who says so.
struct Parameter {
  double low = 0, mode = 0, high = 0;  // low <= mode <= high; all the same: known exactly
  double weight = 4;                   // of the mode: lambda; 0 is uniform
  std::string meaning;
  std::string source;
  std::string date;  // of the source, as written; may be empty
  std::string mark;  // S seen, C computed, J judgement, U unverified, or a user's own
};

// All parameters, and the words for how sure an attribution is, each with the chance it stands for.
struct Model {
  std::array<Parameter, kParameters> parameters;
  std::map<std::string, Parameter, std::less<>> attribution_levels;
  std::string attribution_level;  // the one in use; empty if a file states the chance itself

  const Parameter& operator[](ParameterId id) const { return parameters[static_cast<size_t>(id)]; }
  Parameter& operator[](ParameterId id) { return parameters[static_cast<size_t>(id)]; }
};

// The file that Spoor ships, share/spoor/estimate.yaml, which is compiled in.
absl::string_view DefaultModelText();
// The model in it; attribution is "suspected".
const Model& DefaultModel();

// Puts what `yaml` says in the place of what `*model` says, all or nothing: a list of maps, or a
// map with such a list under `parameters`, each with `name`, `low`, `mode`, `high`, and perhaps
// `weight`, `source`, `date`, `mark`, `meaning`, and for attribution `level`. `file` is named as
// the source where none is given. INVALID_ARGUMENT, naming the parameter and what was found and
// wanted: one that there is not or that stands there twice, a member that there is not, what is no
// number, a value out of the parameter's range, low > mode or mode > high; naming the line, what is
// no YAML.
absl::Status OverrideModel(absl::string_view file, absl::string_view yaml, Model* model);

// Takes the attribution of that level. INVALID_ARGUMENT, with the levels there are, if it is none.
absl::Status SetAttribution(absl::string_view level, Model* model);

}  // namespace spoor

#endif  // SPOOR_ESTIMATE_MODEL_H_
