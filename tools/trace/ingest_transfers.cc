#include <chrono>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "spoor/base/status_macros.h"
#include "spoor/chain/decimal.h"
#include "spoor/entity/tag_table.h"
#include "spoor/ingest/transfers.h"
#include "spoor/report/ingest_report.h"
#include "tools/trace/ingest.h"
#include "tools/trace/progress.h"
#include "tools/trace/session.h"

namespace spoor::tools {
namespace {

struct Options {
  std::vector<std::string> files;
  std::string chain;
  std::string columns;
  std::string asset;
  std::optional<int> decimals;
};

using Clock = std::chrono::steady_clock;

// What the label columns of files say, to be read as lists of tags named as the files are.
class Labels {
 public:
  explicit Labels(uint64_t memory) : left_(memory) {}

  void Add(const std::string& file, absl::string_view address, absl::string_view label) {
    const uint64_t size = address.size() + label.size() + 200;
    if (size > left_) {
      full_ = true;
      return;
    }
    if (lists_[std::filesystem::path(file).filename().string()].emplace(address, label).second) {
      left_ -= size;
    }
  }

  // Tags that cannot be kept are warned of.
  absl::Status Write(LedgerStore* store) const {
    if (full_) Warn("there are more labels than memory holds: some were left out");
    if (lists_.empty()) return absl::OkStatus();
    const std::unique_ptr<LedgerTable> rows = store->Table(kTagTable);
    SPOOR_ASSIGN_OR_RETURN(TagTable table, TagTable::Open(rows.get()));
    for (const auto& [file, labels] : lists_) {
      std::string csv = "address,label,source\n";
      for (const auto& [address, label] : labels) {
        absl::StrAppend(&csv, Quoted(address), ",", Quoted(label), ",", Quoted(file), "\n");
      }
      TagListReader reader;
      SPOOR_RETURN_IF_ERROR(Annotate(reader.Read(file, csv), absl::StrCat(file, ", labels")));
      if (reader.summary().refused > 0) {
        Warn(absl::StrCat(file, ": ", reader.summary().refused,
                          " labels could not be taken as tags, the first because: ",
                          reader.summary().refusals.front().reason));
      }
      SPOOR_RETURN_IF_ERROR(table.Put(reader).status());
    }
    return absl::OkStatus();
  }

 private:
  static std::string Quoted(absl::string_view text) {
    return absl::StrCat("\"", absl::StrReplaceAll(text, {{"\"", "\"\""}}), "\"");
  }

  std::map<std::string, std::set<std::pair<std::string, std::string>>> lists_;
  uint64_t left_;
  bool full_ = false;
};

// The chain as the ledger has it, or as the options make it.
absl::StatusOr<ChainInfo> FindChain(const LedgerStore* store, const Options& options) {
  ChainInfo chain;
  chain.name = options.chain;
  chain.family = Family::kAccount;
  chain.decimals = options.decimals.value_or(0);
  chain.symbol = options.asset;
  if (chain.symbol.empty()) {
    chain.symbol = chain.name == "ethereum" ? "ETH" : absl::AsciiStrToUpper(chain.name);
  }
  if (store == nullptr) return chain;
  for (const ChainInfo& there : store->chains()) {
    if (there.name != options.chain) continue;
    if (there.family != Family::kAccount) {
      return absl::InvalidArgumentError(absl::StrCat(
          "--chain ", there.name, ": the ledger's chain of that name has no accounts"));
    }
    if ((!options.asset.empty() && options.asset != there.symbol) ||
        (options.decimals.has_value() && *options.decimals != there.decimals)) {
      return absl::InvalidArgumentError(
          absl::StrCat("found --asset ", chain.symbol, " with ", chain.decimals,
                       " decimals, the ledger's chain ", there.name, " has ", there.symbol,
                       " with ", there.decimals));
    }
    return there;
  }
  return chain;
}

absl::Status IngestFiles(const Session& session, const Options& options) {
  const auto begun = Clock::now();
  SPOOR_RETURN_IF_ERROR(CheckChainName("--chain", options.chain));
  if (!options.asset.empty()) SPOOR_RETURN_IF_ERROR(CheckChainName("--asset", options.asset));
  TransferFormat format;
  SPOOR_ASSIGN_OR_RETURN(format.columns, ParseColumns(options.columns));
  std::unique_ptr<LedgerStore> store;
  if (LedgerStore::Exists(session.ledger)) {
    SPOOR_ASSIGN_OR_RETURN(store, OpenToAppend(session));
  }
  SPOOR_ASSIGN_OR_RETURN(const ChainInfo chain, FindChain(store.get(), options));
  format.chain = chain.name;
  format.asset = chain.symbol;
  format.decimals = chain.decimals;
  // A wrong file must not leave a new ledger behind.
  if (store == nullptr) {
    for (const std::string& file : options.files) {
      SPOOR_RETURN_IF_ERROR(CheckTransferFile(file, format));
    }
    SPOOR_ASSIGN_OR_RETURN(store, OpenToAppend(session));
  }
  SPOOR_ASSIGN_OR_RETURN(const auto writer, store->Writer(chain));
  const std::unique_ptr<LedgerTable> table = store->Table(TransferTableName(chain.name));
  Labels labels(session.MemoryBudget() / 8);
  Progress bar(session.quiet);
  TransferOptions ingest;
  ingest.memory = LedgerStore::ShareForIngest(session.MemoryBudget());
  ingest.progress = [&](const TransferOptions::Progress& p) {
    using Stage = TransferOptions::Progress::Stage;
    if (p.stage == Stage::kBlocks) return bar.Update("ingesting", p.done, p.total, "blocks");
    bar.Update(absl::StrCat(p.stage == Stage::kCheck ? "checking " : "reading ", p.file), p.done,
               p.total, "bytes");
  };
  ingest.label = [&](const std::string& file, absl::string_view address, absl::string_view label) {
    labels.Add(file, address, label);
  };
  SPOOR_ASSIGN_OR_RETURN(const TransferReport report,
                         IngestTransfers(options.files, format, writer.get(), table.get(), ingest));
  SPOOR_RETURN_IF_ERROR(labels.Write(store.get()));
  bar.End();
  for (const std::string& warning : TransferWarnings(report)) Warn(warning);
  const double seconds = std::chrono::duration<double>(Clock::now() - begun).count();
  return Print(session.json ? IngestToJson(writer->view(), seconds)
                            : TransfersToText(writer->view(), report, seconds));
}

}  // namespace

void AddIngestTransfers(CLI::App* ingest, const Session* session, Run* run) {
  auto options = std::make_shared<Options>();
  CLI::App* transfers = ingest->add_subcommand(
      "transfers", "Transfers between accounts of any chain or bank, from CSV files");
  transfers->fallthrough();
  transfers->footer(
      "FILE is CSV with a header, plain or gzip, its rows in any order. Columns:\n"
      "  time          2023-01-13 20:34:11 (UTC, or with an offset), or seconds since 1970\n"
      "  tx, from, to  a transaction's hash, addresses; or any other names\n"
      "  amount        with or without a point, see --decimals\n"
      "and, if there are any:\n"
      "  block         its number; without it, every second is a block\n"
      "  index         which transfer of its transaction or block\n"
      "  asset         a token's contract or name; without it, all are of --asset\n"
      "  fee, status   what the transaction cost its sender in --asset; whether it failed\n"
      "  from_label, to_label   become tags, with the file as their source\n"
      "The zero address mints and burns. Run again with more files, or the same, in any order: "
      "what\n"
      "the ledger has is not taken twice. Rows that are equal are a transfer each, unless there "
      "is\n"
      "a column for index that is equal too.\n\n"
      "Examples: trace ingest transfers flows.csv --chain ethereum --asset USD --decimals 18\n"
      "            --columns \"time=Timestamp,tx=Tx_hash,amount=Value_in_USD\"\n"
      "  Etherscan's transactions (one header may stand in for another that is empty):\n"
      "          trace ingest transfers export.csv --chain ethereum --asset ETH --decimals 18\n"
      "            --columns \"time=UnixTimestamp,block=Blockno,tx=Transaction Hash,\n"
      "            to=To|ContractAddress,amount=Value_IN(ETH)|Value_OUT(ETH),\n"
      "            fee=TxnFee(ETH),status=Status\"");
  transfers->add_option("FILE", options->files, "CSV files")->required();
  transfers->add_option("--chain", options->chain, "What the ledger calls the chain")
      ->type_name("NAME")
      ->required();
  transfers
      ->add_option("--columns", options->columns,
                   "Headers that stand for columns, where they are not the column's own name")
      ->type_name("name=Header,...");
  transfers
      ->add_option("--asset", options->asset,
                   "The chain's native asset, in which fees are paid (ETH on ethereum)")
      ->type_name("A");
  transfers
      ->add_option("--decimals", options->decimals,
                   "Digits after the point of the smallest unit of amounts (0, or as the chain "
                   "has it)")
      ->check(kDecimal)
      ->check(CLI::Range(0, kMostDecimals))
      ->type_name("N");
  transfers->callback([=] { *run = [=] { return IngestFiles(*session, *options); }; });
}

}  // namespace spoor::tools
