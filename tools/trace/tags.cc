#include <algorithm>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "spoor/base/status_macros.h"
#include "spoor/entity/clusters.h"
#include "spoor/entity/owner_labels.h"
#include "spoor/entity/tag_table.h"
#include "spoor/report/tags_report.h"
#include "tools/trace/progress.h"
#include "tools/trace/session.h"

namespace spoor::tools {
namespace {

// A file is read into memory.
constexpr uint64_t kLargestFile = uint64_t{2} << 30;

// What the tags say of the clusters that there are.
absl::Status LabelClusters(LedgerStore* store, LedgerTable* tags) {
  for (const ChainInfo& chain : store->chains()) {
    SPOOR_ASSIGN_OR_RETURN(const std::unique_ptr<LedgerView> view, store->View(chain.name));
    const std::unique_ptr<LedgerTable> table = store->Table(ClusterTableName(chain.name));
    const absl::StatusOr<Clusters> clusters = Clusters::Open(table.get());
    if (absl::IsNotFound(clusters.status())) continue;
    SPOOR_RETURN_IF_ERROR(clusters.status());
    // If the chain has been reorganised since, trace cluster is to be run first, and does this too.
    const absl::Status current = clusters->CheckAgainst(*view);
    if (absl::IsFailedPrecondition(current)) continue;
    SPOOR_RETURN_IF_ERROR(current);
    SPOOR_RETURN_IF_ERROR(WriteClusterLabels(
        *view, [&](AddressId id) { return clusters->Find(id); }, clusters->state(), tags));
  }
  return absl::OkStatus();
}

// A ledger into which tags are read.
struct TagLedger {
  std::unique_ptr<LedgerStore> store;
  std::unique_ptr<LedgerTable> rows;
};

absl::StatusOr<TagFileReport> ReadFile(const Session& session, const std::string& file,
                                       Progress* bar, TagLedger* ledger) {
  std::error_code error;
  const uint64_t size = std::filesystem::file_size(file, error);
  if (!error && size > kLargestFile) {
    return absl::DataLossError(
        absl::StrCat(file, ": has ", size, " bytes, wanted at most ", kLargestFile));
  }
  SPOOR_ASSIGN_OR_RETURN(const std::string text, ReadTextFile(file));
  const uint64_t most_bytes =
      std::min(TagListReader::kMostBytes, session.MemoryBudget() / TagListReader::kMemoryFactor);
  TagListReader reader(
      [&](uint64_t done) { bar->Update("reading tags", done, text.size(), "bytes"); }, most_bytes);
  absl::Status status = reader.Read(std::filesystem::path(file).filename().string(), text);
  if (absl::IsResourceExhausted(status) && most_bytes < TagListReader::kMostBytes) {
    status = absl::ResourceExhaustedError(absl::StrCat(
        status.message(), ", as much as --memory allows; split the list or give more"));
  }
  if (!status.ok()) return Annotate(status, file);
  // A wrong file must not leave a new ledger behind.
  if (ledger->store == nullptr) {
    LedgerStore::Options options;
    options.memory = session.MemoryBudget();
    SPOOR_ASSIGN_OR_RETURN(ledger->store, LedgerStore::OpenForWriting(session.ledger, options));
    ledger->rows = ledger->store->Table(kTagTable);
    for (const ChainInfo& chain : ledger->store->chains()) {
      SPOOR_RETURN_IF_ERROR(ForgetClusterLabels(chain.name, ledger->rows.get()));
    }
  }
  SPOOR_ASSIGN_OR_RETURN(TagTable table, TagTable::Open(ledger->rows.get()));
  SPOOR_ASSIGN_OR_RETURN(const TagTable::Change change, table.Put(reader));
  return TagFileReport{file, reader.summary(), change};
}

absl::Status ReadTags(const Session& session, const std::vector<std::string>& files) {
  Progress bar(session.quiet);
  std::vector<TagFileReport> reports;
  TagLedger ledger;
  absl::Status status;
  for (const std::string& file : files) {
    absl::StatusOr<TagFileReport> report = ReadFile(session, file, &bar, &ledger);
    status = report.status();
    if (!status.ok()) break;
    reports.push_back(*std::move(report));
  }
  // What came before a bad file stays.
  if (ledger.store != nullptr) {
    status.Update(LabelClusters(ledger.store.get(), ledger.rows.get()));
  }
  SPOOR_RETURN_IF_ERROR(status);
  SPOOR_ASSIGN_OR_RETURN(const TagTable table, TagTable::Open(ledger.rows.get()));
  SPOOR_ASSIGN_OR_RETURN(const std::vector<TagList> lists, table.Lists());
  bar.End();
  return Print(session.json ? TagsToJson(reports, lists) : TagsToText(reports, lists));
}

}  // namespace

void AddTags(CLI::App* app, const Session* session, Run* run) {
  auto files = std::make_shared<std::vector<std::string>>();
  CLI::App* tags = app->add_subcommand("tags", "Read lists of who holds which addresses");
  tags->fallthrough();
  tags->footer(
      "FILE is, told by what is in it:\n"
      "  a TagPack of GraphSense (YAML)\n"
      "  OFAC's sdn.xml or sdn_advanced.xml\n"
      "  OFAC's addresses, one a line; a name like list_XBT.txt tells the currency\n"
      "  CSV address,label,category[,source,confidence,currency], with a header or in that order\n"
      "A list read again, under the same file name and title, takes the place of what it said\n"
      "before. Tags may be read before their chain is. Entries that cannot be taken are counted,\n"
      "with the reason.\n\n"
      "Example: trace tags lazarus2.yaml sdn.xml");
  tags->add_option("FILE", *files, "Lists")->required();
  tags->callback([=] { *run = [=] { return ReadTags(*session, *files); }; });
}

}  // namespace spoor::tools
