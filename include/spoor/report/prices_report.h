#ifndef SPOOR_REPORT_PRICES_REPORT_H_
#define SPOOR_REPORT_PRICES_REPORT_H_

#include <string>

#include "absl/types/span.h"
#include "spoor/estimate/prices.h"

namespace spoor {

// What was read of a file of prices.
struct PriceFileReport {
  std::string file;
  size_t assets = 0;
  size_t prices = 0;
};

// The JSON document `spoor.prices.v1` (docs/trace.md), one line; `ledger` is what it has now.
std::string PricesToJson(absl::Span<const PriceFileReport> files, const Prices& ledger);

// The same for a person.
std::string PricesToText(absl::Span<const PriceFileReport> files, const Prices& ledger);

}  // namespace spoor

#endif  // SPOOR_REPORT_PRICES_REPORT_H_
