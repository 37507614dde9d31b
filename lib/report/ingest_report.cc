#include "spoor/report/ingest_report.h"

#include <cmath>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "lib/report/json.h"
#include "lib/report/names.h"
#include "spoor/ledger/names.h"

namespace spoor {
namespace {

std::string TipLine(const LedgerView& view) {
  const auto tip = view.tip();
  if (!tip.has_value()) return "";
  return absl::StrFormat("tip: block %d, %s, %s UTC\n", tip->height,
                         ToText(tip->hash, HashTextOf(view.chain())), TableTime(tip->time));
}

// The totals of an account chain.
std::string AccountTotals(const LedgerView& view) {
  const auto tip = view.tip();
  const LedgerTotals totals = tip.has_value() ? tip->totals : LedgerTotals();
  std::string text = absl::StrFormat(
      "now %d blocks, %d transactions, %d transfers, %d addresses, %d assets\n", totals.blocks,
      totals.transactions, totals.transfers, totals.addresses, totals.assets + 1);
  text += TipLine(view);
  if (totals.unresolved_inputs > 0) {
    absl::StrAppendFormat(&text,
                          "%d balances paid more than they are known to have received: each is "
                          "taken to have held the difference before\n",
                          totals.unresolved_inputs);
  }
  return text;
}

}  // namespace

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
  WriteTip(tip, &json, HashTextOf(view.chain()));
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
  text += TipLine(view);
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

std::string TransfersToText(const LedgerView& view, const TransferReport& report, double seconds) {
  return absl::StrFormat(
             "%s: %d rows read, %d new, %d the ledger had; %d blocks added, %d undone, in %.1f s\n",
             view.chain().name, report.rows, report.new_rows, report.known_rows,
             report.blocks_added, report.blocks_undone, seconds) +
         AccountTotals(view);
}

std::vector<std::string> TransferWarnings(const TransferReport& report) {
  std::vector<std::string> warnings;
  const auto count = [&](uint64_t n, absl::string_view what) {
    if (n > 0) warnings.push_back(absl::StrCat(n, " ", what));
  };
  count(report.repeated_rows, "rows say what another row of their file says, and were left out");
  count(report.failed_rows, "rows are of transactions that failed, and move nothing but their fee");
  count(report.mixed_times, "blocks have rows of different times: the earliest is the block's");
  return warnings;
}

std::string EthereumToText(const LedgerView& view, const EthereumReport& report, double seconds) {
  return absl::StrFormat(
             "%s: %d blocks added, %d undone, in %.1f s: %d transactions, %d of them failed, %d "
             "token transfers\n",
             view.chain().name, report.blocks_added, report.blocks_undone, seconds,
             report.transactions, report.failed_transactions, report.token_transfers) +
         AccountTotals(view);
}

std::vector<std::string> EthereumWarnings(const EthereumReport& report) {
  std::vector<std::string> warnings;
  const auto count = [&](uint64_t n, absl::string_view what) {
    if (n > 0) warnings.push_back(absl::StrCat(n, " ", what));
  };
  count(report.without_traces,
        "transactions have no traces: what contracts paid in them is missing, and every result on "
        "this chain says so");
  count(report.without_receipt,
        "transactions have no receipt: how much gas they used is not known, and their fees are "
        "missing");
  count(report.success_unknown,
        "transactions are not known to have succeeded, and are taken to have");
  count(report.success_inferred,
        "transactions from before Byzantium are taken to have failed if they used all their gas");
  count(report.without_logs,
        "blocks have neither logs nor token transfers: if tokens moved in them, it is missing");
  count(report.uncles_unknown, "blocks have uncles whose rewards are not known, and are missing");
  count(report.gaps, "times blocks are missing before one that was added");
  count(report.blocks_too_early,
        "blocks were left out, from before the ledger begins or between blocks that it has: to "
        "have them, make a new ledger of all");
  count(report.repeated_rows, "rows of the export are there twice, and were taken once");
  if (report.rows_without_block > 0) {
    warnings.push_back(absl::StrCat(report.rows_without_block,
                                    " rows of the export were left out, as the export has not "
                                    "their blocks, the first of them ",
                                    report.first_without_block));
  }
  return warnings;
}

}  // namespace spoor
