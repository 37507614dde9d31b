#include "spoor/report/check_report.h"

#include <cmath>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "lib/report/json.h"
#include "lib/report/names.h"

namespace spoor {

std::string CheckToJson(const CheckReport& report, double seconds) {
  Json json;
  json.BeginObject();
  json.Key("schema").String("spoor.check.v1");
  json.Key("sound").Bool(report.sound());
  json.Key("chains").BeginArray();
  for (const CheckedChain& chain : report.chains) {
    const LedgerTotals totals = chain.tip.has_value() ? chain.tip->totals : LedgerTotals();
    json.BeginObject();
    json.Key("chain").String(chain.name);
    json.Key("blocks").Number(totals.blocks);
    json.Key("transactions").Number(totals.transactions);
    json.Key("inputs").Number(totals.inputs);
    json.Key("outputs").Number(totals.outputs);
    json.Key("addresses").Number(totals.addresses);
    json.Key("tip");
    WriteTip(chain.tip, &json);
    json.EndObject();
  }
  json.EndArray();
  json.Key("files").Number(report.files);
  json.Key("bytes").Number(report.bytes);
  json.Key("findings").BeginArray();
  for (const CheckFinding& finding : report.findings) {
    json.BeginObject();
    json.Key("chain").String(finding.chain);
    json.Key("table").String(finding.table);
    json.Key("place").String(finding.place);
    json.Key("found").String(finding.found);
    json.Key("wanted").String(finding.wanted);
    json.EndObject();
  }
  json.EndArray();
  json.Key("total_findings").Number(report.total_findings);
  json.Key("seconds").Decimal(std::round(seconds * 1000) / 1000);
  json.EndObject();
  return json.Take();
}

std::string CheckToText(const CheckReport& report, double seconds) {
  std::string text =
      absl::StrFormat("%d tables, %d bytes read in %.1f s\n", report.files, report.bytes, seconds);
  for (const CheckedChain& chain : report.chains) {
    const LedgerTotals totals = chain.tip.has_value() ? chain.tip->totals : LedgerTotals();
    absl::StrAppendFormat(
        &text, "%s: %d blocks, %d transactions, %d inputs, %d outputs, %d addresses\n", chain.name,
        totals.blocks, totals.transactions, totals.inputs, totals.outputs, totals.addresses);
  }
  for (const CheckFinding& finding : report.findings) {
    absl::StrAppend(&text, finding.chain, finding.chain.empty() ? "" : ", ", finding.table, ", ",
                    finding.place, ": found ", finding.found, "; wanted ", finding.wanted, "\n");
  }
  if (report.sound()) {
    absl::StrAppend(&text, "sound\n");
  } else if (report.total_findings > report.findings.size()) {
    absl::StrAppendFormat(&text, "and %d more\n", report.total_findings - report.findings.size());
  }
  return text;
}

}  // namespace spoor
