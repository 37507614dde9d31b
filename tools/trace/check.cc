#include "spoor/ledger/check.h"

#include <chrono>
#include <memory>

#include "absl/strings/str_cat.h"
#include "spoor/base/status_macros.h"
#include "spoor/report/check_report.h"
#include "tools/trace/check_tables.h"
#include "tools/trace/progress.h"
#include "tools/trace/session.h"

namespace spoor::tools {
namespace {

absl::Status Check(const Session& session, size_t most_findings) {
  const auto begun = std::chrono::steady_clock::now();
  Progress bar(session.quiet);
  CheckOptions options;
  options.memory = session.MemoryBudget();
  options.most_findings = most_findings;
  options.progress = [&](const CheckProgress& p) {
    bar.Update(absl::StrCat("checking ", p.stage), p.done, p.total, p.unit);
  };
  absl::StatusOr<CheckReport> report = CheckStore(session.ledger, options);
  if (report.ok()) {
    const absl::Status tables = CheckTables(session, most_findings, &*report);
    if (!tables.ok()) report = tables;
  }
  bar.End();
  if (absl::IsNotFound(report.status())) {
    return absl::NotFoundError(absl::StrCat(report.status().message(),
                                            "; make one with trace ingest, or name another with "
                                            "--ledger"));
  }
  SPOOR_RETURN_IF_ERROR(report.status());
  const double seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
  SPOOR_RETURN_IF_ERROR(
      Print(session.json ? CheckToJson(*report, seconds) : CheckToText(*report, seconds)));
  if (report->sound()) return absl::OkStatus();
  return absl::DataLossError(absl::StrCat(
      "ledger ", session.ledger, " is damaged, ", report->total_findings,
      " findings: trust no answer from it; ingest into a new directory, or restore a copy"));
}

}  // namespace

void AddCheck(CLI::App* app, const Session* session, Run* run) {
  auto most_findings = std::make_shared<size_t>(CheckOptions().most_findings);
  CLI::App* check = app->add_subcommand(
      "check", "Read the whole ledger and prove that it is whole and agrees with itself");
  check->fallthrough();
  check->footer(
      "Every file against its checksums; blocks by height, hash and totals; every input against "
      "the\n"
      "output it spends, and back; the indexes of transactions, addresses and receipts against "
      "the\n"
      "movements; tags and clusters. Says what is wrong and where. Exit status: 0 sound, 1 "
      "damaged.");
  check->add_option("--findings", *most_findings, "Findings to print at most")
      ->check(kDecimal)
      ->capture_default_str()
      ->type_name("N");
  check->callback([=] { *run = [=] { return Check(*session, *most_findings); }; });
}

}  // namespace spoor::tools
