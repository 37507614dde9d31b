// Clustering a ledger beside a bare union–find over the very same pairs: a parent and a size for
// each address in memory, paths halved, nothing kept of why. The ledger is made up as it is read,
// so that what is measured is clustering; reading it and doing nothing is measured too. Rows go to
// a store on disk. Clusters are of 1 to some thousands of addresses, and spend from all their past.
//
// entity_bench [TRANSACTIONS...]: 100000 1000000 by default; --repeat=N (3): the run with the
// median wall time counts. Writes JSON; a bare union–find is given its pairs, and so the time
// beyond reading the ledger is held against it too. Each run is a process of its own, whose memory
// is its peak. The clusters are counted and must be as many as the bare union–find leaves.

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/strip.h"
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

  static bool IsSibling(uint64_t address) { return address % 64 == 63; }

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
  // One in 64 is of the key of the address before: IsSibling().
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
    const bool sibling = IsSibling(id);
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

using Pairs = std::vector<std::pair<uint32_t, uint32_t>>;

Pairs PairsOf(const LedgerView& view, bool same_key) {
  Pairs pairs;
  const absl::Status status = view.ScanMovements(Position{0}, [&](const Movement& movement) {
    // Movement i is the first with address i.
    const auto i = static_cast<uint32_t>(movement.position.number);
    if (same_key && MadeUpLedger::IsSibling(i)) pairs.emplace_back(i, i - 1);
    for (size_t g = 1; g < movement.gives.size(); ++g) {
      pairs.emplace_back(movement.gives[0].owner.number, movement.gives[g].owner.number);
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

struct Measured {
  double seconds = 0;
  double cpu_seconds = 0;  // of all threads
  double peak_bytes = 0;
  uint64_t answer = 0;
};

double CpuSeconds() {
  rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

Measured Time(const std::function<uint64_t()>& job) {
  const double cpu = CpuSeconds();
  const auto start = std::chrono::steady_clock::now();
  Measured measured;
  measured.answer = job();
  measured.seconds =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  measured.cpu_seconds = CpuSeconds() - cpu;
  return measured;
}

// In a process of its own.
Measured Run(const std::function<Measured()>& job) {
  int ends[2];
  if (pipe(ends) != 0) std::abort();
  const pid_t pid = fork();
  if (pid < 0) std::abort();
  if (pid == 0) {
    const Measured measured = job();
    const bool written = write(ends[1], &measured, sizeof measured) == sizeof measured;
    _exit(written ? 0 : 1);
  }
  Measured measured;
  const bool read_all = read(ends[0], &measured, sizeof measured) == sizeof measured;
  int status = 0;
  rusage usage;
  if (wait4(pid, &status, 0, &usage) != pid || status != 0 || !read_all) {
    std::fprintf(stderr, "entity_bench: a run failed\n");
    std::exit(1);
  }
  close(ends[0]);
  close(ends[1]);
  measured.peak_bytes = static_cast<double>(usage.ru_maxrss) * 1024;
  return measured;
}

Measured Bare(uint64_t transactions, bool same_key) {
  const Pairs pairs = PairsOf(MadeUpLedger(transactions), same_key);
  return Time([&] { return BareUnionFind(pairs, transactions); });
}

Measured Scan(uint64_t transactions) {
  const MadeUpLedger view(transactions);
  return Time([&] {
    uint64_t sum = 0;
    const absl::Status status = view.ScanMovements(Position{0}, [&](const Movement& movement) {
      sum += movement.gives.size();
      return absl::OkStatus();
    });
    return status.ok() ? sum : 0;
  });
}

// As trace cluster does it, with the guard off, which the bare union–find has not.
Measured Cluster(uint64_t transactions, HeuristicSet heuristics) {
  const MadeUpLedger view(transactions);
  const std::string dir = absl::StrCat(std::filesystem::temp_directory_path().string(),
                                       "/spoor_entity_bench_", getpid());
  Measured measured;
  {
    auto store = LedgerStore::OpenForWriting(dir, LedgerStore::Options());
    if (!store.ok()) std::abort();
    const std::unique_ptr<LedgerTable> table = (*store)->Table("clusters.bench");
    measured = Time([&] {
      ClusterOptions options;
      options.heuristics = heuristics;
      options.guard = ~uint64_t{0};
      const auto builder = ClusterBuilder::Open(table.get(), options);
      if (!builder.ok() || !(*builder)->Update(view).ok()) std::abort();
      return (*builder)->state().clusters;
    });
  }
  std::filesystem::remove_all(dir);
  return measured;
}

Measured Median(int repeat, const std::function<Measured()>& job) {
  std::vector<Measured> all;
  for (int i = 0; i < repeat; ++i) all.push_back(Run(job));
  std::sort(all.begin(), all.end(),
            [](const Measured& a, const Measured& b) { return a.seconds < b.seconds; });
  return all[all.size() / 2];
}

std::string Json(const Measured& measured, uint64_t addresses, const Measured* bare,
                 const Measured& scan) {
  std::string json = absl::StrFormat(
      "{\"seconds\": %.4f, \"cpu_seconds\": %.4f, \"addresses_per_second\": %.0f, "
      "\"peak_mb\": %.1f, \"peak_bytes_per_address\": %.1f",
      measured.seconds, measured.cpu_seconds, static_cast<double>(addresses) / measured.seconds,
      measured.peak_bytes / 1e6, measured.peak_bytes / static_cast<double>(addresses));
  if (bare != nullptr) {
    absl::StrAppendFormat(
        &json,
        ", \"times_bare\": %.2f, \"cpu_times_bare\": %.2f, \"times_bare_beyond_reading\": %.2f",
        measured.seconds / bare->seconds, measured.cpu_seconds / bare->cpu_seconds,
        (measured.seconds - scan.seconds) / bare->seconds);
  }
  return json + "}";
}

void Report(uint64_t transactions, int repeat) {
  const Measured scan = Median(repeat, [&] { return Scan(transactions); });
  std::printf("    {\"transactions\": %llu, \"addresses\": %llu,\n     \"scan\": %s",
              static_cast<unsigned long long>(transactions),
              static_cast<unsigned long long>(transactions),
              Json(scan, transactions, nullptr, scan).c_str());
  for (const std::string name : {"co-spend", "default"}) {
    const bool same_key = name == "default";
    const HeuristicSet heuristics = *ParseHeuristics(name);
    const Measured bare = Median(repeat, [&] { return Bare(transactions, same_key); });
    const Measured ours = Median(repeat, [&] { return Cluster(transactions, heuristics); });
    if (ours.answer != bare.answer) {
      std::fprintf(stderr, "entity_bench: found %llu clusters, wanted %llu\n",
                   static_cast<unsigned long long>(ours.answer),
                   static_cast<unsigned long long>(bare.answer));
      std::exit(1);
    }
    std::printf(",\n     \"bare, pairs of %s\": %s,\n     \"%s\": %s", name.c_str(),
                Json(bare, transactions, nullptr, scan).c_str(), name.c_str(),
                Json(ours, transactions, &bare, scan).c_str());
  }
  std::printf("}");
  std::fflush(stdout);
}

}  // namespace
}  // namespace spoor

int main(int argc, char** argv) {
  int repeat = 3;
  std::vector<uint64_t> sizes;
  for (int i = 1; i < argc; ++i) {
    absl::string_view arg = argv[i];
    uint64_t size = 0;
    const bool good = absl::ConsumePrefix(&arg, "--repeat=")
                          ? absl::SimpleAtoi(arg, &repeat) && repeat > 0
                          : absl::SimpleAtoi(arg, &size) && size >= 1000;
    if (!good) {
      std::fprintf(stderr, "usage: entity_bench [--repeat=N] [TRANSACTIONS...]\n");
      return 2;
    }
    if (size > 0) sizes.push_back(size);
  }
  if (sizes.empty()) sizes = {100'000, 1'000'000};
  std::printf("{\"benchmark\": \"entity_bench\", \"repeat\": %d, \"runs\": [\n", repeat);
  for (size_t i = 0; i < sizes.size(); ++i) {
    if (i > 0) std::printf(",\n");
    spoor::Report(sizes[i], repeat);
  }
  std::printf("\n]}\n");
  return 0;
}
