// Ingesting block files beside its floors: reading the same bytes and hashing them as a block's
// transactions must be; and RocksDB's own bulk load of the same rows, already sorted and in memory.
// The chain is simulated; --transactions=N says how long it is, --memory=N the budget in bytes.

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "benchmark/benchmark.h"
#include "rocksdb/db.h"
#include "rocksdb/merge_operator.h"
#include "rocksdb/sst_file_writer.h"
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
uint64_t memory = 1 << 30;

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
  IngestOptions options;
  options.memory = memory / 2;
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

// The rows as they were before later ones spent from them: as many, and as long.
class KeepRow : public rocksdb::AssociativeMergeOperator {
 public:
  const char* Name() const override { return "keep row"; }
  bool Merge(const rocksdb::Slice&, const rocksdb::Slice* existing, const rocksdb::Slice& value,
             std::string* result, rocksdb::Logger*) const override {
    *result = (existing == nullptr ? value : *existing).ToString();
    return true;
  }
};

// Adds the time to `*seconds`.
bool LoadTable(const rocksdb::Options& options, const std::string& from, const std::string& name,
               const std::string& to, double* seconds) {
  using Clock = std::chrono::steady_clock;
  fs::remove_all(to);
  fs::remove_all(to + ".sst");
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  rocksdb::DB* opened = nullptr;
  const std::vector<rocksdb::ColumnFamilyDescriptor> families = {
      {rocksdb::kDefaultColumnFamilyName, options}, {name, options}};
  if (!rocksdb::DB::OpenForReadOnly(options, from, families, &handles, &opened).ok()) return false;
  const std::unique_ptr<rocksdb::DB> source(opened);
  if (!rocksdb::DB::Open(options, to, &opened).ok()) return false;
  const std::unique_ptr<rocksdb::DB> target(opened);
  rocksdb::SstFileWriter writer(rocksdb::EnvOptions(), options);
  bool ok = writer.Open(to + ".sst").ok();
  {
    const std::unique_ptr<rocksdb::Iterator> rows(
        source->NewIterator(rocksdb::ReadOptions(), handles[1]));
    rows->SeekToFirst();
    std::vector<std::pair<std::string, std::string>> piece;
    while (ok && rows->Valid()) {
      piece.clear();
      for (; rows->Valid() && piece.size() < 100'000; rows->Next()) {
        piece.emplace_back(rows->key().ToString(), rows->value().ToString());
      }
      const auto start = Clock::now();
      for (const auto& [key, value] : piece) ok = ok && writer.Put(key, value).ok();
      *seconds += std::chrono::duration<double>(Clock::now() - start).count();
    }
    ok = ok && rows->status().ok();
  }
  const auto start = Clock::now();
  rocksdb::IngestExternalFileOptions take;
  take.move_files = true;
  ok = ok && writer.Finish().ok() && target->IngestExternalFile({to + ".sst"}, take).ok();
  *seconds += std::chrono::duration<double>(Clock::now() - start).count();
  for (rocksdb::ColumnFamilyHandle* handle : handles) source->DestroyColumnFamilyHandle(handle);
  return ok;
}

// The most memory resident since the last reset; Linux counts it.
void ResetPeakResident() { std::ofstream("/proc/self/clear_refs") << "5"; }
double PeakResident() {
  std::ifstream in("/proc/self/status");
  for (std::string word; in >> word;) {
    double kib = 0;
    if (word == "VmHWM:" && in >> kib) return kib * 1024;
  }
  return 0;
}

std::string LedgerDirectory() { return TheWorld().scratch / "ledger"; }

// The budget is shared out as `trace ingest` does it.
void BM_IngestIntoStore(benchmark::State& state) {
  TheWorld();
  ResetPeakResident();
  for (auto _ : state) {
    state.PauseTiming();
    const std::string dir = LedgerDirectory();
    fs::remove_all(dir);
    state.ResumeTiming();
    LedgerStore::Options options;
    options.memory = memory / 2;
    const auto store = LedgerStore::OpenForWriting(dir, options);
    if (!store.ok()) return state.SkipWithError("the store does not open");
    const auto writer = (*store)->Writer(ChainInfoOf(Regtest()));
    if (!writer.ok()) return state.SkipWithError("the store does not take the chain");
    if (!Ingest(state, writer->get())) return;
  }
  SetCounts(state);
  state.counters["peak_resident"] = PeakResident();
  double disk = 0;
  for (const auto& entry : fs::recursive_directory_iterator(LedgerDirectory())) {
    if (entry.is_regular_file()) disk += static_cast<double>(entry.file_size());
  }
  state.counters["disk"] = disk;
}
BENCHMARK(BM_IngestIntoStore)->Unit(benchmark::kMillisecond)->UseRealTime();

// Writes the rows that the ledger has as one sorted file and has an empty database take it over,
// table by table. Only that is timed. Requires that BM_IngestIntoStore has run.
void BM_BulkLoad(benchmark::State& state) {
  const std::string from = LedgerDirectory() + "/rocksdb";
  rocksdb::Options options;
  options.create_if_missing = true;
  options.compression = rocksdb::kLZ4Compression;
  options.merge_operator = std::make_shared<KeepRow>();
  std::vector<std::string> names;
  if (!rocksdb::DB::ListColumnFamilies(options, from, &names).ok()) {
    return state.SkipWithError("no ledger to take the rows from: run BM_IngestIntoStore too");
  }
  for (auto _ : state) {
    const std::string to = TheWorld().scratch / "bulk";
    fs::remove_all(to);
    double seconds = 0;
    for (const std::string& name : names) {
      if (name == rocksdb::kDefaultColumnFamilyName) continue;
      if (!LoadTable(options, from, name, to + "." + name, &seconds)) {
        return state.SkipWithError("RocksDB does not load the rows");
      }
    }
    state.SetIterationTime(seconds);
  }
  SetCounts(state);
}
BENCHMARK(BM_BulkLoad)->Unit(benchmark::kMillisecond)->UseManualTime()->Iterations(1);

}  // namespace
}  // namespace spoor

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  for (int i = 1; i < argc; ++i) {
    absl::string_view value = argv[i];
    const bool known =
        absl::ConsumePrefix(&value, "--transactions=")
            ? absl::SimpleAtoi(value, &spoor::transactions)
            : absl::ConsumePrefix(&value, "--memory=") && absl::SimpleAtoi(value, &spoor::memory);
    if (!known) {
      std::fprintf(stderr, "unknown argument %s; wanted --transactions=N or --memory=N\n", argv[i]);
      return 2;
    }
  }
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
  return 0;
}
