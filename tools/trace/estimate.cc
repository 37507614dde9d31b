#include "spoor/estimate/estimate.h"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "spoor/base/status_macros.h"
#include "spoor/report/estimate_report.h"
#include "spoor/report/prices_report.h"
#include "tools/trace/session.h"

namespace spoor::tools {
namespace {

// Where --prices are not in files.
constexpr char kOfLedger[] = "ledger";

struct EstimateArguments {
  std::string result;  // empty: no trace
  std::string model;
  std::string attribution;
  std::vector<std::string> prices;
  EstimateOptions options;
};

absl::Status AddPriceFile(const std::string& file, Prices* prices) {
  SPOOR_ASSIGN_OR_RETURN(const std::string csv, ReadTextFile(file));
  const absl::Status status = prices->Add(csv);
  if (status.ok()) return status;
  return absl::InvalidArgumentError(absl::StrCat(file, ": ", status.message()));
}

absl::StatusOr<Prices> ReadPrices(const Session& session, const std::vector<std::string>& from) {
  Prices prices;
  for (const std::string& file : from) {
    if (file != kOfLedger) {
      SPOOR_RETURN_IF_ERROR(AddPriceFile(file, &prices));
      continue;
    }
    SPOOR_ASSIGN_OR_RETURN(const OpenLedger ledger, OpenForReading(session));
    SPOOR_RETURN_IF_ERROR(prices.Load(*ledger.store->Table(kPriceTable)));
    if (prices.empty()) {
      return absl::InvalidArgumentError(absl::StrCat("--prices ledger: found no prices in ",
                                                     session.ledger,
                                                     ", wanted some, of trace prices FILE"));
    }
  }
  return prices;
}

absl::Status RunEstimate(const Session& session, const EstimateArguments& arguments) {
  Model model = DefaultModel();
  if (!arguments.model.empty()) {
    SPOOR_ASSIGN_OR_RETURN(const std::string yaml, ReadTextFile(arguments.model));
    SPOOR_RETURN_IF_ERROR(OverrideModel(arguments.model, yaml, &model));
  }
  if (!arguments.attribution.empty()) {
    SPOOR_RETURN_IF_ERROR(SetAttribution(arguments.attribution, &model));
  }
  TracedCase traced = UntracedCase();
  if (!arguments.result.empty()) {
    SPOOR_ASSIGN_OR_RETURN(const std::string text, ReadTextFile(arguments.result));
    const absl::StatusOr<TraceDocument> document = ReadTraceDocument(text);
    if (!document.ok()) return Annotate(document.status(), arguments.result);
    absl::StatusOr<TracedCase> found = CaseOf(*document);
    if (!found.ok()) return Annotate(found.status(), arguments.result);
    traced = *std::move(found);
  }
  SPOOR_ASSIGN_OR_RETURN(const Prices prices, ReadPrices(session, arguments.prices));
  SPOOR_ASSIGN_OR_RETURN(
      const Estimate estimate,
      MakeEstimate(traced, model, arguments.prices.empty() ? nullptr : &prices, arguments.options));
  return Print(session.json ? EstimateToJson(estimate) : EstimateToText(estimate));
}

absl::Status StorePrices(const Session& session, const std::vector<std::string>& files) {
  // A wrong file must not leave a new ledger behind.
  Prices prices;
  std::vector<PriceFileReport> reports;
  for (const std::string& file : files) {
    Prices of_file;
    SPOOR_RETURN_IF_ERROR(AddPriceFile(file, &of_file));
    SPOOR_RETURN_IF_ERROR(AddPriceFile(file, &prices));
    reports.push_back({file, of_file.assets(), of_file.size()});
  }
  LedgerStore::Options options;
  options.memory = session.MemoryBudget();
  SPOOR_ASSIGN_OR_RETURN(const std::unique_ptr<LedgerStore> store,
                         LedgerStore::OpenForWriting(session.ledger, options));
  const std::unique_ptr<LedgerTable> table = store->Table(kPriceTable);
  SPOOR_RETURN_IF_ERROR(prices.Store(table.get()));
  Prices ledger;
  SPOOR_RETURN_IF_ERROR(ledger.Load(*table));
  return Print(session.json ? PricesToJson(reports, ledger) : PricesToText(reports, ledger));
}

}  // namespace

void AddEstimate(CLI::App* app, const Session* session, Run* run) {
  auto arguments = std::make_shared<EstimateArguments>();
  CLI::App* estimate = app->add_subcommand(
      "estimate", "How much of the theft a state could use, and what could reach its programmes");
  estimate->fallthrough();
  estimate->footer(
      "RESULT is what trace follow --json printed; without one, the figures of a theft of which\n"
      "nothing is known. Follow with --policy all --bounds for an estimate that hangs on no "
      "policy.\n"
      "--model is YAML: a list of name, low, mode, high, weight, source, date, mark; what it "
      "names\n"
      "takes the place of Spoor's assumptions, which stand in share/spoor/estimate.yaml.\n"
      "--prices is CSV date,asset,usd, or the word ledger for those that trace prices read.\n\n"
      "Example: trace follow SEED --policy all --bounds --json > result.json\n"
      "         trace estimate result.json --attribution government --prices prices.csv");
  estimate->add_option("RESULT", arguments->result, "A trace, as JSON");
  estimate->add_option("--model", arguments->model, "Your assumptions")->type_name("FILE");
  estimate
      ->add_option("--attribution", arguments->attribution,
                   "Who says who the thief is: government, vendor or suspected (the default)")
      ->type_name("LEVEL");
  estimate
      ->add_option("--horizon", arguments->options.horizon_days,
                   "Days after the ledger's last block")
      ->check(kDecimal)
      ->capture_default_str()
      ->type_name("DAYS");
  estimate->add_option("--prices", arguments->prices, "US dollars by day")
      ->type_name("FILE|ledger");
  estimate->add_option("--seed", arguments->options.seed, "Of the random draws")
      ->check(kDecimal)
      ->capture_default_str()
      ->type_name("N");
  estimate->add_option("--samples", arguments->options.samples, "How many draws")
      ->check(kDecimal)
      ->capture_default_str()
      ->type_name("N");
  estimate->callback([=] { *run = [=] { return RunEstimate(*session, *arguments); }; });
}

void AddPrices(CLI::App* app, const Session* session, Run* run) {
  auto files = std::make_shared<std::vector<std::string>>();
  CLI::App* prices = app->add_subcommand("prices", "Read prices into the ledger");
  prices->fallthrough();
  prices->footer(
      "FILE is CSV date,asset,usd: a date like 2025-02-21, an asset as results name it\n"
      "(bitcoin:BTC) or its symbol alone, US dollars for a whole coin. A price read again for the\n"
      "same day takes the place of the one before. trace estimate --prices ledger uses them.");
  prices->add_option("FILE", *files, "Prices")->required();
  prices->callback([=] { *run = [=] { return StorePrices(*session, *files); }; });
}

}  // namespace spoor::tools
