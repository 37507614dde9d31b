// Clustering a ledger beside a bare union–find over the very pairs that co-spending gives: a parent
// and a size for each address in memory, paths halved, nothing kept of why. The ledger is made up
// as it is read, so that what is measured is clustering; reading it and doing nothing is measured
// too. Rows go to a store on disk.
//
// Arguments: transactions. One in a hundred wallets is busy, and clusters are of 1 to some
// thousands of addresses.

#include <unistd.h>

#include <cmath>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "benchmark/benchmark.h"
#include "spoor/chain/network.h"
#include "spoor/entity/cluster_builder.h"
#include "spoor/entity/clusters.h"
#include "spoor/ledger/names.h"
#include "spoor/ledger/store.h"

namespace spoor {
namespace {

uint64_t Mix(uint64_t x) {  // splitmix64
  x += 0x9e3779b97f4a7c15;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
  x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
  return x ^ (x >> 31);
}

// A ledger of any length that is nowhere: movement i is a function of i. Each pays two addresses,
// the first of them new; address a is of wallet a mod kWallets, and a transaction spends from one
// to four addresses of one wallet.
class MadeUpLedger : public LedgerView {
 public:
  static constexpr uint64_t kInBlock = 2'000;

  explicit MadeUpLedger(uint64_t transactions)
      : chain_(ChainInfoOf(GetNetwork(NetworkId::kMain))),
        transactions_(transactions),
        wallets_(transactions / 20 + 1) {}

  const ChainInfo& chain() const override { return chain_; }
  std::optional<BlockInfo> tip() const override {
    return *BlockAt(static_cast<uint32_t>((transactions_ - 1) / kInBlock));
  }
  absl::StatusOr<BlockInfo> BlockAt(uint32_t height) const override {
    BlockInfo block;
    block.height = height;
    Bytes hash(32);
    for (int i = 0; i < 4; ++i)
      hash[static_cast<size_t>(i)] = static_cast<uint8_t>(height >> 8 * i);
    block.hash = BlockHash::FromBytes(hash);
    block.first = Position{height * kInBlock};
    block.totals.blocks = height + 1;
    block.totals.movements = std::min(transactions_, (height + 1) * kInBlock);
    block.totals.addresses = block.totals.movements;
    return block;
  }
  absl::Status ReadMovements(absl::Span<const Position> positions,
                             std::vector<Movement>* out) const override {
    out->resize(positions.size());
    for (size_t i = 0; i < positions.size(); ++i) Make(positions[i].number, &(*out)[i]);
    return absl::OkStatus();
  }
  absl::Status ScanMovements(
      Position from, absl::FunctionRef<absl::Status(const Movement&)> visit) const override {
    Movement movement;
    for (uint64_t i = from.number; i < transactions_; ++i) {
      Make(i, &movement);
      const absl::Status status = visit(movement);
      if (!status.ok()) return status;
    }
    return absl::OkStatus();
  }
  absl::StatusOr<std::vector<Position>> FindTransaction(const Txid&) const override {
    return std::vector<Position>();
  }
  absl::StatusOr<std::optional<AddressId>> FindAddress(absl::string_view) const override {
    return std::optional<AddressId>();
  }
  // One in 64 is of the key of the address before.
  absl::StatusOr<std::string> ReadAddress(AddressId id) const override {
    std::string key;
    MakeKey(id.number, &key);
    return key;
  }
  absl::Status ReadAddresses(AddressId first, size_t count,
                             std::vector<std::string>* keys) const override {
    keys->resize(count);
    for (size_t i = 0; i < count; ++i) MakeKey(first.number + i, &(*keys)[i]);
    return absl::OkStatus();
  }
  absl::StatusOr<std::vector<Position>> Receipts(AddressId) const override {
    return std::vector<Position>();
  }

 private:
  static void MakeKey(uint64_t id, std::string* key) {
    const bool sibling = id % 64 == 63;
    const uint64_t of = sibling ? id - 1 : id;
    key->assign(1, static_cast<char>(sibling ? ScriptKind::kP2pkh : ScriptKind::kP2wpkh));
    for (const uint64_t word : {Mix(of), Mix(of + 1), Mix(of + 2)}) {
      key->append(reinterpret_cast<const char*>(&word), std::min<size_t>(8, 21 - key->size()));
    }
  }

  void Make(uint64_t i, Movement* movement) const {
    const uint64_t random = Mix(i);
    movement->position = Position{i};
    movement->height = static_cast<uint32_t>(i / kInBlock);
    movement->coinbase = i < wallets_;
    movement->gives.resize(movement->coinbase ? 0 : 1 + random % 4);
    const double u = static_cast<double>(random >> 11) / static_cast<double>(uint64_t{1} << 53);
    const auto wallet = static_cast<uint64_t>(u * u * u * static_cast<double>(wallets_));
    const uint64_t has = i / wallets_;  // addresses of each wallet, at least
    for (size_t g = 0; g < movement->gives.size(); ++g) {
      Give& give = movement->gives[g];
      give.owner = AddressId{wallet + Mix(random + g) % has * wallets_};
      give.amount = 100 + g;
    }
    movement->takes.resize(2);
    movement->takes[0].owner = AddressId{i};
    movement->takes[1].owner = AddressId{Mix(random + 9) % (i + 1)};
    movement->takes[0].amount = 70;
    movement->takes[1].amount = 30;
  }

  const ChainInfo chain_;
  const uint64_t transactions_;
  const uint64_t wallets_;
};

uint64_t ResidentBytes() {
  std::ifstream file("/proc/self/statm");
  uint64_t all = 0;
  uint64_t resident = 0;
  file >> all >> resident;
  return resident * static_cast<uint64_t>(sysconf(_SC_PAGESIZE));
}

using Pairs = std::vector<std::pair<uint32_t, uint32_t>>;

Pairs PairsOf(const LedgerView& view) {
  Pairs pairs;
  const absl::Status status = view.ScanMovements(Position{0}, [&](const Movement& movement) {
    for (size_t i = 1; i < movement.gives.size(); ++i) {
      pairs.emplace_back(movement.gives[0].owner.number, movement.gives[i].owner.number);
    }
    return absl::OkStatus();
  });
  if (!status.ok()) std::abort();
  return pairs;
}

// How many clusters are left.
uint64_t BareUnionFind(const Pairs& pairs, uint64_t addresses) {
  std::vector<uint32_t> parent(addresses);
  std::vector<uint32_t> size(addresses, 1);
  for (uint32_t i = 0; i < addresses; ++i) parent[i] = i;
  const auto find = [&](uint32_t x) {
    while (parent[x] != x) x = parent[x] = parent[parent[x]];
    return x;
  };
  uint64_t clusters = addresses;
  for (const auto& [a, b] : pairs) {
    uint32_t x = find(a);
    uint32_t y = find(b);
    if (x == y) continue;
    if (size[x] < size[y]) std::swap(x, y);
    parent[y] = x;
    size[x] += size[y];
    --clusters;
  }
  return clusters;
}

void BM_Bare(benchmark::State& state) {
  const auto transactions = static_cast<uint64_t>(state.range(0));
  const Pairs pairs = PairsOf(MadeUpLedger(transactions));
  for (auto _ : state) {
    benchmark::DoNotOptimize(BareUnionFind(pairs, transactions));
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}

void BM_Scan(benchmark::State& state) {
  const MadeUpLedger view(static_cast<uint64_t>(state.range(0)));
  for (auto _ : state) {
    uint64_t sum = 0;
    const absl::Status status = view.ScanMovements(Position{0}, [&](const Movement& movement) {
      sum += movement.gives.size();
      return absl::OkStatus();
    });
    if (!status.ok()) state.SkipWithError("the scan failed");
    benchmark::DoNotOptimize(sum);
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}

void BM_Cluster(benchmark::State& state, const std::string& heuristics, bool in_store) {
  const auto transactions = static_cast<uint64_t>(state.range(0));
  const MadeUpLedger view(transactions);
  const uint64_t want = BareUnionFind(PairsOf(view), transactions);
  const std::string dir = absl::StrCat(std::filesystem::temp_directory_path().string(),
                                       "/spoor_entity_bench_", getpid());
  for (auto _ : state) {
    state.PauseTiming();
    std::filesystem::remove_all(dir);
    auto store = LedgerStore::OpenForWriting(dir, LedgerStore::Options());
    if (!store.ok()) std::abort();
    const std::unique_ptr<LedgerTable> stored = (*store)->Table("clusters.bench");
    MemoryTable memory;
    LedgerTable* const table = in_store ? stored.get() : &memory;
    const uint64_t before = ResidentBytes();
    state.ResumeTiming();
    ClusterOptions options;
    options.heuristics = *ParseHeuristics(heuristics);
    // Large clusters are to be joined here as the bare union–find joins them.
    options.guard = ~uint64_t{0};
    const auto builder = ClusterBuilder::Open(table, options);
    if (!builder.ok() || !(*builder)->Update(view).ok()) {
      state.SkipWithError("clustering failed");
      break;
    }
    state.PauseTiming();
    const ClusterState& done = (*builder)->state();
    const bool right = heuristics == "co-spend" ? done.clusters == want : done.clusters < want;
    if (!right) state.SkipWithError("other clusters than the bare union–find finds");
    state.counters["bytes_per_address"] = benchmark::Counter(
        static_cast<double>(ResidentBytes() - before) / static_cast<double>(transactions));
    state.counters["largest"] = static_cast<double>(done.largest);
    state.ResumeTiming();
  }
  std::filesystem::remove_all(dir);
  state.SetItemsProcessed(state.iterations() * state.range(0));
}

}  // namespace
}  // namespace spoor

int main(int argc, char** argv) {
  const auto sizes = [](benchmark::internal::Benchmark* b) {
    b->Arg(100'000)->Arg(1'000'000)->Arg(10'000'000)->Unit(benchmark::kMillisecond)->UseRealTime();
  };
  sizes(benchmark::RegisterBenchmark("BM_Bare", spoor::BM_Bare));
  sizes(benchmark::RegisterBenchmark("BM_Scan", spoor::BM_Scan));
  for (const std::string heuristics : {"co-spend", "default"}) {
    sizes(benchmark::RegisterBenchmark(("BM_Cluster/" + heuristics).c_str(), spoor::BM_Cluster,
                                       heuristics, true));
  }
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
