#include "tools/trace/check_tables.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "spoor/base/bytes.h"
#include "spoor/base/status_macros.h"
#include "spoor/entity/clusters.h"
#include "spoor/entity/tag_table.h"

namespace spoor::tools {
namespace {

constexpr size_t kMergesAtOnce = 4096;

class TableFindings {
 public:
  TableFindings(size_t most, CheckReport* report) : most_(most), report_(report) {}

  void Find(absl::string_view chain, absl::string_view table, std::string place, std::string found,
            std::string wanted) {
    report_->total_findings += 1;
    if (report_->findings.size() >= most_) return;
    report_->findings.push_back({std::string(chain), absl::StrCat("table.", table),
                                 std::move(place), std::move(found), std::move(wanted)});
  }
  // Damage is a finding; any other error is the caller's.
  absl::Status Note(absl::string_view chain, absl::string_view table, const absl::Status& status) {
    if (!absl::IsDataLoss(status)) return status;
    Find(chain, table, "rows", std::string(status.message()), "rows that can be read");
    return absl::OkStatus();
  }
  void Compare(absl::string_view chain, absl::string_view table, std::string what, uint64_t found,
               uint64_t wanted) {
    if (found == wanted) return;
    Find(chain, table, std::move(what), absl::StrCat(found), absl::StrCat(wanted, ", as counted"));
  }

 private:
  size_t most_;
  CheckReport* report_;
};

absl::Status CheckTags(LedgerTable* rows, TableFindings* findings) {
  SPOOR_ASSIGN_OR_RETURN(const TagTable table, TagTable::Open(rows));
  SPOOR_ASSIGN_OR_RETURN(const std::vector<TagList> lists, table.Lists());
  uint64_t wanted = 0;
  for (const TagList& list : lists) wanted += list.tags;
  uint64_t found = 0;
  SPOOR_RETURN_IF_ERROR(table.VisitLabels([&](absl::string_view key, const Label&) {
    const auto tags = table.Tags(key);
    if (tags.ok()) {
      found += tags->size();
      return absl::OkStatus();
    }
    return findings->Note("", kTagTable, tags.status());
  }));
  findings->Compare("", kTagTable, "tags of all lists", found, wanted);
  return absl::OkStatus();
}

absl::Status CheckClusters(const LedgerView& view, const LedgerTable& rows,
                           TableFindings* findings) {
  const std::string& chain = view.chain().name;
  const std::string name = ClusterTableName(chain);
  const absl::StatusOr<Clusters> clusters = Clusters::Open(&rows);
  // None, or of another format, which trace cluster mends.
  if (absl::IsNotFound(clusters.status()) || absl::IsFailedPrecondition(clusters.status())) {
    return absl::OkStatus();
  }
  SPOOR_RETURN_IF_ERROR(clusters.status());
  const ClusterState& state = clusters->state();
  std::vector<Evidence> merges;
  const auto check_merges = [&]() -> absl::Status {
    std::vector<AddressId> ids;
    for (const Evidence& merge : merges) ids.insert(ids.end(), {merge.from, merge.to});
    std::vector<AddressId> roots;
    SPOOR_RETURN_IF_ERROR(clusters->Find(ids, &roots));
    for (size_t i = 0; i < merges.size(); ++i) {
      if (roots[2 * i] == roots[2 * i + 1]) continue;
      findings->Find(chain, name, absl::StrCat("merge at position ", merges[i].position.number),
                     absl::StrCat("addresses ", merges[i].from.number, " and ", merges[i].to.number,
                                  " in two clusters"),
                     "one");
    }
    merges.clear();
    return absl::OkStatus();
  };
  const auto lies = [&](const Evidence& evidence) {
    return evidence.position.number < state.movements && evidence.from.number < state.addresses &&
           evidence.to.number < state.addresses;
  };
  uint64_t found = 0;
  SPOOR_RETURN_IF_ERROR(clusters->VisitMerges([&](const Evidence& merge) -> absl::Status {
    found += 1;
    if (!lies(merge)) {
      findings->Find(chain, name, absl::StrCat("merge ", found),
                     absl::StrCat("addresses ", merge.from.number, " and ", merge.to.number,
                                  " at position ", merge.position.number),
                     absl::StrCat("some of ", state.addresses, " addresses and ", state.movements,
                                  " positions"));
      return absl::OkStatus();
    }
    merges.push_back(merge);
    return merges.size() < kMergesAtOnce ? absl::OkStatus() : check_merges();
  }));
  SPOOR_RETURN_IF_ERROR(check_merges());
  uint64_t counted = 0;
  for (const auto& [heuristic, count] : state.merges) counted += count;
  findings->Compare(chain, name, "merges", found, counted);
  findings->Compare(chain, name, "clusters and merges", state.clusters + found, state.addresses);
  uint64_t conflicts = 0;
  SPOOR_RETURN_IF_ERROR(clusters->VisitConflicts(state.conflicts + 1, [&](const ClusterConflict&) {
    conflicts += 1;
    return absl::OkStatus();
  }));
  findings->Compare(chain, name, "merges held back", conflicts, state.conflicts);
  return absl::OkStatus();
}

}  // namespace

absl::Status CheckTables(const Session& session, size_t most, CheckReport* report) {
  TableFindings findings(most, report);
  const absl::StatusOr<OpenLedger> ledger = OpenForReading(session);
  // What keeps it from opening has been found.
  if (!ledger.ok() && !report->sound()) return absl::OkStatus();
  SPOOR_RETURN_IF_ERROR(ledger.status());
  SPOOR_RETURN_IF_ERROR(findings.Note("", kTagTable, CheckTags(ledger->tags.get(), &findings)));
  for (const auto& view : ledger->views) {
    const std::string& chain = view->chain().name;
    const std::unique_ptr<LedgerTable> rows = ledger->store->Table(ClusterTableName(chain));
    SPOOR_RETURN_IF_ERROR(
        findings.Note(chain, ClusterTableName(chain), CheckClusters(*view, *rows, &findings)));
  }
  return absl::OkStatus();
}

}  // namespace spoor::tools
