#ifndef SPOOR_REPORT_CASE_FILES_H_
#define SPOOR_REPORT_CASE_FILES_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "spoor/report/trace_document.h"

// A trace in the formats of other tools, and as a page for people (docs/investigators.md has what
// stands in each). Texts of the trace may be an enemy's: in all of them, characters that are not
// seen or turn the direction of writing are replaced by their numbers, as in [U+202E], and what has
// a meaning in the format is quoted. The same document gives the same bytes.

namespace spoor {

struct CaseFile {
  std::string name;
  std::string text;
};

// endpoints.csv, flows.csv, bounds.csv and totals.csv: RFC 4180, UTF-8, a header each. A cell that
// a spreadsheet would take for a formula begins with an apostrophe. Amounts are base units.
std::vector<CaseFile> CaseToCsv(const TraceDocument& document);

// The flows as a graph: owners are nodes, flows between them edges. In GraphML 1.0 (amounts are
// strings of base units, `weight` a rounded number for drawing) and in the language of Graphviz.
std::string CaseToGraphml(const TraceDocument& document);
std::string CaseToDot(const TraceDocument& document);

// A STIX 2.1 bundle: addresses and transactions as objects of the community's extensions, flows as
// relationships, and a report over them. Of many policies it has the first.
std::string CaseToStix(const TraceDocument& document);

// A MISP event: addresses and transactions as objects, with what is known of their owners as tags.
std::string CaseToMisp(const TraceDocument& document);

// Whether libspoor was built with the page (lib/report/page), which takes node and npm.
bool HasCasePage();

// One HTML page with all that it needs in it. `estimate_json` is a document `spoor.estimate.v1` of
// the same trace, or empty. FAILED_PRECONDITION if !HasCasePage(); DATA_LOSS if the estimate is no
// such document; INVALID_ARGUMENT if it says that something else was stolen.
absl::StatusOr<std::string> CaseToHtml(const TraceDocument& document,
                                       absl::string_view estimate_json);

}  // namespace spoor

#endif  // SPOOR_REPORT_CASE_FILES_H_
