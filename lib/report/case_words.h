#ifndef SPOOR_LIB_REPORT_CASE_WORDS_H_
#define SPOOR_LIB_REPORT_CASE_WORDS_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "lib/report/case_view.h"

// What formats that are read by people have in common.

namespace spoor {

// "Trace of 50.00000000 BTC stolen", by the main policy.
std::string CaseTitle(const CaseView& view);
// Each bound, and each warning of each policy, in a sentence.
std::vector<std::string> CaseRemarks(const CaseView& view);
// A time of the document; nullopt if it is none, or not of years 1970 to 9999.
std::optional<absl::Time> CaseTime(absl::string_view text);
// For amounts that a format wants as a number: coins, rounded; nullopt if the decimals are unknown.
std::optional<double> CoinNumber(const CaseView& view, const Units& units,
                                 const std::string& asset);

// A transaction that moved stolen units, by the main policy.
struct CaseTransaction {
  std::string txid;
  std::string time;
  std::string asset;
  Units tainted;                                     // as far as the document tells
  std::vector<const TraceDocument::Endpoint*> ends;  // that it made
  std::vector<const TraceDocument::Flow*> flows;     // that it was a part of
};
// By txid. Those that the flows name, and those that made endpoints.
std::vector<CaseTransaction> CaseTransactions(const CaseView& view);

}  // namespace spoor

#endif  // SPOOR_LIB_REPORT_CASE_WORDS_H_
