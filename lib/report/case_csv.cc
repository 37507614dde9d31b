#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "lib/report/case_view.h"
#include "spoor/report/case_files.h"

namespace spoor {
namespace {

// A table of RFC 4180, row by row.
class Csv {
 public:
  Csv& Cell(absl::string_view text) {
    absl::StrAppend(&text_, begun_ ? "," : "");
    begun_ = true;
    // What spreadsheets would compute.
    const bool formula =
        !text.empty() && absl::string_view("=+-@\t\r").find(text[0]) != absl::string_view::npos;
    if (!formula && text.find_first_of(",\"\r\n") == absl::string_view::npos) {
      absl::StrAppend(&text_, text);
    } else {
      absl::StrAppend(&text_, "\"", formula ? "'" : "", absl::StrReplaceAll(text, {{"\"", "\"\""}}),
                      "\"");
    }
    return *this;
  }
  Csv& Cell(uint64_t number) { return Cell(absl::StrCat(number)); }
  Csv& Cell(const Units& units) { return Cell(ToDecimal(units)); }
  void EndRow() {
    text_ += "\r\n";
    begun_ = false;
  }
  std::string Take() { return std::move(text_); }

 private:
  std::string text_;
  bool begun_ = false;
};

// A column for each policy.
void Header(const CaseView& view, absl::string_view prefix, Csv* csv) {
  for (const auto& result : view.results()) csv->Cell(absl::StrCat(prefix, result.policy));
}

std::string Endpoints(const CaseView& view) {
  Csv csv;
  for (const char* name : {"kind", "category", "actor", "sanctioned", "cluster", "address", "place",
                           "asset", "amount", "hops", "first", "last"}) {
    csv.Cell(name);
  }
  Header(view, "tainted_", &csv);
  Header(view, "stolen_units_", &csv);
  csv.EndRow();
  for (const CaseView::Endpoint& row : view.endpoints()) {
    const TraceDocument::Endpoint& end = *row.any;
    csv.Cell(end.kind).Cell(end.category).Cell(end.actor).Cell(end.sanctioned ? "yes" : "no");
    csv.Cell(end.cluster).Cell(end.address.empty() ? end.script : end.address).Cell(end.place);
    csv.Cell(end.asset).Cell(end.amount).Cell(end.hops).Cell(end.first).Cell(end.last);
    for (const auto* of : row.by_policy) csv.Cell(of == nullptr ? Units(0) : of->tainted);
    for (const auto* of : row.by_policy) csv.Cell(of == nullptr ? Units(0) : of->stolen_units);
    csv.EndRow();
  }
  return csv.Take();
}

std::string Flows(const CaseView& view) {
  Csv csv;
  for (const char* name : {"from", "to", "asset"}) csv.Cell(name);
  Header(view, "tainted_", &csv);
  Header(view, "movements_", &csv);
  csv.EndRow();
  for (const CaseView::Flow& row : view.flows()) {
    csv.Cell(row.any->from).Cell(row.any->to).Cell(row.any->asset);
    for (const auto* of : row.by_policy) csv.Cell(of == nullptr ? Units(0) : of->tainted);
    for (const auto* of : row.by_policy) csv.Cell(of == nullptr ? uint64_t{0} : of->movements);
    csv.EndRow();
  }
  return csv.Take();
}

std::string Bounds(const CaseView& view) {
  Csv csv;
  for (const char* name : {"kind", "category", "for", "asset", "lower", "upper", "stolen_least",
                           "stolen", "tightness"}) {
    csv.Cell(name);
  }
  csv.EndRow();
  for (const TraceDocument::Bound& bound : view.document().bounds) {
    csv.Cell(bound.kind).Cell(bound.category).Cell(bound.group).Cell(bound.asset);
    csv.Cell(bound.lower).Cell(bound.upper).Cell(bound.stolen_least).Cell(bound.stolen);
    csv.Cell(bound.tightness).EndRow();
  }
  return csv.Take();
}

std::string Totals(const CaseView& view) {
  Csv csv;
  for (const char* name : {"kind", "category", "asset", "decimals"}) csv.Cell(name);
  Header(view, "tainted_", &csv);
  Header(view, "stolen_units_", &csv);
  Header(view, "endpoints_", &csv);
  csv.EndRow();
  for (const CaseView::Total& total : view.totals()) {
    const std::optional<int> decimals = view.Decimals(total.asset);
    csv.Cell(total.kind).Cell(total.category).Cell(total.asset);
    csv.Cell(decimals.has_value() ? absl::StrCat(*decimals) : "");
    for (const Units& units : total.tainted) csv.Cell(units);
    for (const Units& units : total.stolen_units) csv.Cell(units);
    for (const uint64_t count : total.endpoints) csv.Cell(count);
    csv.EndRow();
  }
  return csv.Take();
}

}  // namespace

std::vector<CaseFile> CaseToCsv(const TraceDocument& document) {
  const CaseView view(document);
  return {{"bounds.csv", Bounds(view)},
          {"endpoints.csv", Endpoints(view)},
          {"flows.csv", Flows(view)},
          {"totals.csv", Totals(view)}};
}

}  // namespace spoor
