#include "tests/support/cluster_truth.h"

#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "rapidjson/document.h"
#include "spoor/base/status_macros.h"
#include "spoor/bitcoin/block_file.h"
#include "spoor/chain/network.h"
#include "spoor/entity/clusters.h"
#include "spoor/ingest/block_files.h"
#include "spoor/ledger/names.h"

namespace spoor {
namespace {

// The ledger with its CoinJoins altered.
class AlteredView : public LedgerView {
 public:
  AlteredView(const TrueLedger& truth, const MeasureOptions& options)
      : truth_(truth), view_(*truth.ledger), options_(options) {}

  const ChainInfo& chain() const override { return view_.chain(); }
  std::optional<BlockInfo> tip() const override { return view_.tip(); }
  absl::StatusOr<BlockInfo> BlockAt(uint32_t height) const override {
    return view_.BlockAt(height);
  }
  absl::Status ReadMovements(absl::Span<const Position> positions,
                             std::vector<Movement>* out) const override {
    SPOOR_RETURN_IF_ERROR(view_.ReadMovements(positions, out));
    for (Movement& movement : *out) Alter(&movement);
    return absl::OkStatus();
  }
  absl::Status ScanMovements(
      Position from, absl::FunctionRef<absl::Status(const Movement&)> visit) const override {
    return view_.ScanMovements(from, [&](const Movement& movement) {
      if (!truth_.coinjoins.contains(movement.txid)) return visit(movement);
      Movement altered = movement;
      Alter(&altered);
      return visit(altered);
    });
  }
  absl::StatusOr<std::vector<Position>> FindTransaction(const Txid& txid) const override {
    return view_.FindTransaction(txid);
  }
  absl::StatusOr<std::optional<AddressId>> FindAddress(absl::string_view key) const override {
    return view_.FindAddress(key);
  }
  absl::StatusOr<std::string> ReadAddress(AddressId id) const override {
    return view_.ReadAddress(id);
  }
  absl::StatusOr<std::vector<Position>> Receipts(AddressId id) const override {
    return view_.Receipts(id);
  }
  absl::StatusOr<std::optional<RevealedScript>> ReadRevealed(AddressId id) const override {
    return view_.ReadRevealed(id);
  }
  absl::Status ScanRevealed(
      AddressId from,
      absl::FunctionRef<absl::Status(AddressId, const RevealedScript&)> visit) const override {
    return view_.ScanRevealed(from, visit);
  }

 private:
  void Alter(Movement* movement) const {
    if (!truth_.coinjoins.contains(movement->txid)) return;
    if (options_.hide_coinjoins) {
      for (size_t i = 0; i < movement->takes.size(); ++i)
        movement->takes[i].amount += 7 * i * i + i;
    }
    if (options_.drop_coinjoins) {
      // Nobody gives: what is left is the addresses that it pays.
      movement->gives.clear();
      movement->coinbase = true;
    }
  }

  const TrueLedger& truth_;
  const LedgerView& view_;
  const MeasureOptions options_;
};

uint64_t Pairs(uint64_t n) { return n * (n - (n > 0 ? 1 : 0)) / 2; }

absl::Status EachLine(const std::string& path,
                      absl::FunctionRef<absl::Status(const rapidjson::Document&)> visit) {
  std::ifstream file(path);
  for (std::string text; std::getline(file, text);) {
    rapidjson::Document line;
    line.Parse(text.c_str());
    if (line.HasParseError()) return absl::DataLossError(absl::StrCat(path, ": no JSON"));
    SPOOR_RETURN_IF_ERROR(visit(line));
  }
  return absl::OkStatus();
}

absl::Status ReadTruth(const std::string& dir, TrueLedger* truth) {
  const MemoryLedger& ledger = *truth->ledger;
  absl::flat_hash_map<std::string, uint32_t> owners;
  const auto address_of = [&](const std::string& text) -> absl::StatusOr<std::optional<AddressId>> {
    SPOOR_ASSIGN_OR_RETURN(const std::string key, AddressKeyFromText(ledger.chain(), text));
    return ledger.FindAddress(key);
  };
  truth->owner.assign(ledger.tip()->totals.addresses, UINT32_MAX);
  const auto read_owner = [&](const rapidjson::Document& line) -> absl::Status {
    const auto number = static_cast<uint32_t>(owners.size());
    const auto [it, is_new] = owners.try_emplace(line["owner"].GetString(), number);
    if (is_new) truth->is_service.push_back(!line["service"].IsNull());
    SPOOR_ASSIGN_OR_RETURN(const auto id, address_of(line["address"].GetString()));
    if (!id.has_value()) return absl::DataLossError("an owner of an address that is not there");
    truth->owner[id->number] = it->second;
    return absl::OkStatus();
  };
  SPOOR_RETURN_IF_ERROR(EachLine(dir + "/truth/owners.jsonl", read_owner));
  if (std::count(truth->owner.begin(), truth->owner.end(), UINT32_MAX) > 0) {
    return absl::DataLossError("an address without an owner");
  }
  const auto read_coinjoin = [&](const rapidjson::Document& line) -> absl::Status {
    SPOOR_ASSIGN_OR_RETURN(const Txid txid, FromText<Txid>(line["txid"].GetString()));
    truth->coinjoins.insert(txid);
    return absl::OkStatus();
  };
  SPOOR_RETURN_IF_ERROR(EachLine(dir + "/truth/coinjoins.jsonl", read_coinjoin));
  const auto unquoted = [](const std::string& line) {
    const size_t from = line.find('"') + 1;
    return line.substr(from, line.rfind('"') - from);
  };
  std::ifstream tags(dir + "/truth/tags.yaml");
  std::string address;
  for (std::string line; std::getline(tags, line);) {
    if (line.rfind("  - address: ", 0) == 0) address = unquoted(line);
    if (line.rfind("    actor: ", 0) != 0) continue;
    SPOOR_ASSIGN_OR_RETURN(const auto id, address_of(address));
    if (id.has_value()) truth->tags.push_back({*id, owners.at(unquoted(line))});
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::unique_ptr<TrueLedger>> MakeTrueLedger(
    const simulate::SimulationOptions& options) {
  const std::string dir = (std::filesystem::temp_directory_path() /
                           absl::StrCat("spoor_clusters_", getpid(), "_", options.seed))
                              .string();
  std::filesystem::remove_all(dir);
  auto truth = std::make_unique<TrueLedger>();
  const auto make = [&]() -> absl::Status {
    SPOOR_RETURN_IF_ERROR(simulate::Simulate(options, dir, nullptr).status());
    const Network& network = GetNetwork(options.network);
    truth->ledger = std::make_unique<MemoryLedger>(ChainInfoOf(network));
    SPOOR_ASSIGN_OR_RETURN(const auto directory,
                           bitcoin::BlockDirectory::Open(dir + "/blocks", network));
    SPOOR_ASSIGN_OR_RETURN(const BlockFileScan scan,
                           ScanBlockFiles(directory.get(), IngestOptions()));
    SPOOR_RETURN_IF_ERROR(
        IngestBlockFiles(directory.get(), scan, network, truth->ledger.get(), IngestOptions())
            .status());
    return ReadTruth(dir, truth.get());
  };
  const absl::Status status = make();
  std::filesystem::remove_all(dir);
  SPOOR_RETURN_IF_ERROR(status);
  return truth;
}

void ClusterAccuracy::Add(const ClusterAccuracy& other) {
  merges += other.merges;
  right_merges += other.right_merges;
  pairs += other.pairs;
  right_pairs += other.right_pairs;
  true_pairs += other.true_pairs;
  clusters += other.clusters;
  pure_clusters += other.pure_clusters;
  owners += other.owners;
  whole_owners += other.whole_owners;
  services_merged += other.services_merged;
  conflicts += other.conflicts;
}

absl::StatusOr<ClusterAccuracy> MeasureClusters(const TrueLedger& truth, HeuristicSet heuristics,
                                                const MeasureOptions& options) {
  const AlteredView view(truth, options);
  MemoryTable table;
  ClusterOptions cluster;
  cluster.heuristics = heuristics;
  SPOOR_ASSIGN_OR_RETURN(const auto builder, ClusterBuilder::Open(&table, cluster));
  SPOOR_RETURN_IF_ERROR(builder->Update(view, options.use_tags
                                                  ? absl::MakeConstSpan(truth.tags)
                                                  : absl::Span<const TaggedAddress>()));
  SPOOR_ASSIGN_OR_RETURN(const Clusters clusters, Clusters::Open(&table));
  const uint64_t addresses = truth.owner.size();
  std::vector<AddressId> ids, roots;
  for (uint64_t id = 0; id < addresses; ++id) ids.push_back(AddressId{id});
  SPOOR_RETURN_IF_ERROR(clusters.Find(ids, &roots));
  absl::flat_hash_map<uint64_t, absl::flat_hash_map<uint32_t, uint64_t>> by_cluster;
  absl::flat_hash_map<uint32_t, absl::flat_hash_set<uint64_t>> by_owner;
  absl::flat_hash_map<uint32_t, uint64_t> has;
  for (uint64_t id = 0; id < addresses; ++id) {
    ++by_cluster[roots[id].number][truth.owner[id]];
    by_owner[truth.owner[id]].insert(roots[id].number);
    ++has[truth.owner[id]];
  }
  ClusterAccuracy a;
  std::set<std::pair<uint32_t, uint32_t>> services;
  for (const auto& [root, owners] : by_cluster) {
    uint64_t size = 0;
    std::vector<uint32_t> of_services;
    for (const auto& [owner, count] : owners) {
      size += count;
      a.right_pairs += Pairs(count);
      if (truth.is_service[owner]) of_services.push_back(owner);
    }
    a.pairs += Pairs(size);
    for (const uint32_t x : of_services) {
      for (const uint32_t y : of_services) {
        if (x < y) services.insert({x, y});
      }
    }
    if (size > 1) {
      ++a.clusters;
      a.pure_clusters += owners.size() == 1 ? 1 : 0;
    }
  }
  for (const auto& [owner, count] : has) {
    a.true_pairs += Pairs(count);
    if (count > 1) {
      ++a.owners;
      a.whole_owners += by_owner[owner].size() == 1 ? 1 : 0;
    }
  }
  a.services_merged = services.size();
  a.conflicts = clusters.state().conflicts;
  for (const auto& [heuristic, merges] : clusters.state().merges) a.merges += merges;
  SPOOR_RETURN_IF_ERROR(clusters.VisitMerges([&](const Evidence& merge) {
    const bool right = truth.owner[merge.from.number] == truth.owner[merge.to.number];
    a.right_merges += right ? 1 : 0;
    return absl::OkStatus();
  }));
  return a;
}

}  // namespace spoor
