#ifndef SPOOR_LIB_REPORT_ESTIMATE_WORDS_H_
#define SPOOR_LIB_REPORT_ESTIMATE_WORDS_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "spoor/estimate/estimate.h"

namespace spoor {

// "2024-05-01".
std::string DayText(int64_t seconds);
// 0.394 as "39 %"; what is not nothing or all is never "0 %" or "100 %" but "less than 1 %", "more
// than 99 %".
std::string PercentText(double share);
// "$1.46bn", "$4.2m", "$930".
std::string UsdText(double usd);
// What was stolen, of one asset or of several: "120.50000000 BTC and 3.0 ETH", "$1.46bn" where that
// is known and there are several assets, "what was stolen".
std::string StolenText(const Estimate& estimate);
// The amount as people write it: with its decimals if they are known, and the asset's symbol.
std::string AmountText(const Estimate& estimate, const std::string& asset, const Units& units);

}  // namespace spoor

#endif  // SPOOR_LIB_REPORT_ESTIMATE_WORDS_H_
