#include "spoor/report/ingest_report.h"

#include <cmath>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "lib/report/json.h"
#include "lib/report/names.h"

namespace spoor {

std::string IngestToJson(const LedgerView& view, double seconds) {
  const auto tip = view.tip();
  const LedgerTotals totals = tip.has_value() ? tip->totals : LedgerTotals();
  Json json;
  json.BeginObject();
  json.Key("schema").String("spoor.ingest.v1");
  json.Key("chain").String(view.chain().name);
  json.Key("blocks").Number(totals.blocks);
  json.Key("transactions").Number(totals.transactions);
  json.Key("inputs").Number(totals.inputs);
  json.Key("outputs").Number(totals.outputs);
  json.Key("addresses").Number(totals.addresses);
  json.Key("transfers").Number(totals.transfers);
  json.Key("unresolved_inputs").Number(totals.unresolved_inputs);
  json.Key("tip");
  WriteTip(tip, &json);
  json.Key("seconds").Decimal(std::round(seconds * 1000) / 1000);
  json.EndObject();
  return json.Take();
}

std::string IngestToText(const LedgerView& view, const IngestReport& report, double seconds) {
  const auto tip = view.tip();
  const LedgerTotals totals = tip.has_value() ? tip->totals : LedgerTotals();
  std::string text =
      absl::StrFormat("%s: %d blocks added, %d undone, in %.1f s\n", view.chain().name,
                      report.blocks_added, report.blocks_undone, seconds);
  absl::StrAppendFormat(
      &text, "now %d blocks, %d transactions, %d inputs, %d outputs, %d addresses\n", totals.blocks,
      totals.transactions, totals.inputs, totals.outputs, totals.addresses);
  if (tip.has_value()) {
    absl::StrAppendFormat(&text, "tip: block %d, %s, %s UTC\n", tip->height, ToText(tip->hash),
                          TableTime(tip->time));
  }
  if (totals.unresolved_inputs > 0) {
    absl::StrAppendFormat(&text, "%d inputs are unresolved: what they spend is in no file\n",
                          totals.unresolved_inputs);
  }
  return text;
}

std::vector<std::string> IngestWarnings(const IngestReport& report) {
  std::vector<std::string> warnings;
  const auto count = [&](uint64_t n, absl::string_view what) {
    if (n > 0) warnings.push_back(absl::StrCat(n, " ", what));
  };
  count(report.stale_blocks, "blocks are on branches with less work, and were left out");
  count(report.unconnected_blocks,
        "blocks were left out: they come before the ledger's first block (then make a new ledger), "
        "or "
        "blocks between them and the chain are missing");
  count(report.skips.foreign_records, "records of another network were left out");
  count(report.skips.truncated_records, "records are cut off, and were left out");
  count(report.skips.bad_headers, "records fail their own proof of work, and were left out");
  count(report.skips.garbage_bytes, "bytes between records are neither a record nor zero");
  count(report.inputs_from_undo,
        "inputs spend outputs from before the ledger begins; their values come from undo data");
  for (const auto& [file, missing] : report.missing_undo) {
    warnings.push_back(absl::StrCat(
        missing.blocks, " blocks spend outputs from before the ledger begins whose values are not ",
        "to be had, first at height ", missing.first_height, ": ", missing.why));
  }
  if (report.height_unknown) {
    warnings.push_back(
        "the height of the first block is not known and counted as 0; --first-height sets it");
  }
  return warnings;
}

}  // namespace spoor
