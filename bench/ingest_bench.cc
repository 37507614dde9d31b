// Ingesting block files beside its floor: reading the same bytes and hashing them as a block's
// transactions must be. The chain is simulated; --transactions=N says how long it is.

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>

#include "absl/strings/numbers.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "benchmark/benchmark.h"
#include "spoor/base/bytes.h"
#include "spoor/base/status_macros.h"
#include "spoor/bitcoin/block_file.h"
#include "spoor/chain/digest.h"
#include "spoor/ingest/block_files.h"
#include "spoor/ledger/memory_ledger.h"
#include "spoor/ledger/names.h"
#include "spoor/ledger/store.h"
#include "spoor/simulate/simulate.h"

namespace spoor {
namespace {

namespace fs = std::filesystem;

uint64_t transactions = 20'000;

const Network& Regtest() { return GetNetwork(NetworkId::kRegtest); }

// A directory of this process's own, removed at its end.
class Scratch {
 public:
  Scratch() {
    std::string path = (fs::temp_directory_path() / "spoor_bench_XXXXXX").string();
    SPOOR_CHECK(mkdtemp(path.data()) != nullptr);
    path_ = path;
  }
  ~Scratch() { fs::remove_all(path_); }
  std::string operator/(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

struct World {
  World() {
    simulate::SimulationOptions options;
    options.transactions = transactions;
    const auto simulated = simulate::Simulate(options, scratch / "world", nullptr);
    SPOOR_CHECK(simulated.ok());
    summary = *simulated;
    for (const auto& entry : fs::directory_iterator(blocks())) bytes += entry.file_size();
  }
  std::string blocks() const { return scratch / "world/blocks"; }

  Scratch scratch;
  simulate::SimulationSummary summary;
  uint64_t bytes = 0;
};

World& TheWorld() {
  static World world;
  return world;
}

void SetCounts(benchmark::State& state) {
  state.SetItemsProcessed(state.iterations() *
                          static_cast<int64_t>(TheWorld().summary.transactions));
  state.SetBytesProcessed(state.iterations() * static_cast<int64_t>(TheWorld().bytes));
}

void BM_ReadAndHash(benchmark::State& state) {
  const World& world = TheWorld();
  for (auto _ : state) {
    uint64_t bytes = 0;
    for (const auto& entry : fs::directory_iterator(world.blocks())) {
      std::ifstream in(entry.path(), std::ios::binary);
      std::string chars(entry.file_size(), '\0');
      in.read(chars.data(), static_cast<std::streamsize>(chars.size()));
      // In pieces of about a transaction's size.
      for (size_t at = 0; at < chars.size(); at += 256) {
        benchmark::DoNotOptimize(Sha256d(AsBytes(absl::string_view(chars).substr(at, 256))));
      }
      bytes += static_cast<uint64_t>(in.gcount());
    }
    if (bytes != world.bytes) return state.SkipWithError("not all bytes were read");
  }
  SetCounts(state);
}
BENCHMARK(BM_ReadAndHash)->Unit(benchmark::kMillisecond)->UseRealTime();

// False, with the benchmark ended, unless all of the world got into the ledger.
bool Ingest(benchmark::State& state, LedgerWriter* writer) {
  const simulate::SimulationSummary& want = TheWorld().summary;
  const auto directory = bitcoin::BlockDirectory::Open(TheWorld().blocks(), Regtest());
  if (!directory.ok()) return state.SkipWithError("the block files do not open"), false;
  const IngestOptions options;
  const auto scan = ScanBlockFiles(directory->get(), options);
  if (!scan.ok()) return state.SkipWithError("the block files do not scan"), false;
  const auto report = IngestBlockFiles(directory->get(), *scan, Regtest(), writer, options);
  if (!report.ok()) return state.SkipWithError("the ingest fails"), false;
  const auto tip = writer->tip();
  if (!tip.has_value() || ToText(tip->hash) != want.tip_hash || tip->totals.blocks != want.blocks ||
      tip->totals.transactions != want.transactions || tip->totals.inputs != want.inputs ||
      tip->totals.outputs != want.outputs || tip->totals.unresolved_inputs != 0) {
    return state.SkipWithError("the ledger is not what was simulated"), false;
  }
  return true;
}

void BM_IngestIntoMemory(benchmark::State& state) {
  TheWorld();
  for (auto _ : state) {
    MemoryLedger ledger(ChainInfoOf(Regtest()));
    if (!Ingest(state, &ledger)) return;
  }
  SetCounts(state);
}
BENCHMARK(BM_IngestIntoMemory)->Unit(benchmark::kMillisecond)->UseRealTime();

void BM_IngestIntoStore(benchmark::State& state) {
  const World& world = TheWorld();
  for (auto _ : state) {
    state.PauseTiming();
    const std::string dir = world.scratch / "ledger";
    fs::remove_all(dir);
    state.ResumeTiming();
    const auto store = LedgerStore::OpenForWriting(dir, LedgerStore::Options());
    if (!store.ok()) return state.SkipWithError("the store does not open");
    const auto writer = (*store)->Writer(ChainInfoOf(Regtest()));
    if (!writer.ok()) return state.SkipWithError("the store does not take the chain");
    if (!Ingest(state, writer->get())) return;
  }
  SetCounts(state);
}
BENCHMARK(BM_IngestIntoStore)->Unit(benchmark::kMillisecond)->UseRealTime();

}  // namespace
}  // namespace spoor

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  for (int i = 1; i < argc; ++i) {
    absl::string_view value = argv[i];
    if (!absl::ConsumePrefix(&value, "--transactions=") ||
        !absl::SimpleAtoi(value, &spoor::transactions)) {
      std::fprintf(stderr, "unknown argument %s; wanted --transactions=N\n", argv[i]);
      return 2;
    }
  }
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
  return 0;
}
