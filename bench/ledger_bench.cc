// What the ledger costs beside what stands under it: Append beside bare batches of the same
// movement rows, ReadMovements beside a bare MultiGet of them, nothing decoded. The store is small
// and warm: this measures our code, not the disk.

#include <algorithm>
#include <filesystem>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "benchmark/benchmark.h"
#include "lib/ledger/database.h"
#include "lib/ledger/schema.h"
#include "rocksdb/write_batch.h"
#include "spoor/ledger/memory_ledger.h"
#include "spoor/ledger/store.h"
#include "tests/support/random_ledger.h"

namespace spoor {
namespace {

namespace fs = std::filesystem;

constexpr size_t kBatch = 256;

const RandomLedger& Ledger() {
  static const auto* const ledger = [] {
    RandomLedgerOptions options;
    options.blocks = 400;
    options.most_transactions = 300;
    options.most_minted = 5'000'000'000;
    options.wide = false;
    options.odd = false;
    return new RandomLedger(MakeRandomLedger(/*seed=*/1, options));
  }();
  return *ledger;
}

uint64_t Movements() {
  uint64_t movements = 0;
  for (const NewBlock& block : Ledger().blocks) movements += block.movements.size();
  return movements;
}

std::string Directory(const std::string& name) {
  return (fs::temp_directory_path() / absl::StrCat("spoor_ledger_bench.", name)).string();
}

void BM_AppendToStore(benchmark::State& state) {
  const std::string dir = Directory("append");
  uint64_t appended = 0;
  for (auto _ : state) {
    state.PauseTiming();
    fs::remove_all(dir);
    {
      const auto store = LedgerStore::OpenForWriting(dir, LedgerStore::Options());
      const auto writer = (*store)->Writer(Ledger().chain);
      state.ResumeTiming();
      const absl::Status status = AppendAll(Ledger().blocks, writer->get());
      state.PauseTiming();
      if (!status.ok()) state.SkipWithError(status.ToString().c_str());
      appended = (*writer)->view().tip()->totals.movements;
    }
    state.ResumeTiming();
  }
  fs::remove_all(dir);
  if (appended != Movements()) state.SkipWithError("not every movement was appended");
  state.SetItemsProcessed(state.iterations() * static_cast<int64_t>(Movements()));
}
BENCHMARK(BM_AppendToStore)->Unit(benchmark::kMillisecond);

// The movement rows alone, without checks, indexes or spends.
void BM_BareWrite(benchmark::State& state) {
  const std::string dir = Directory("bare");
  for (auto _ : state) {
    state.PauseTiming();
    fs::remove_all(dir);
    {
      const auto database =
          Database::Open(dir, Database::Mode::kMake, LedgerStore::Options().memory);
      std::vector<rocksdb::WriteBatch> batches;
      std::string row;
      std::string chunk;
      for (const NewBlock& block : Ledger().blocks) {
        rocksdb::WriteBatch& batch = batches.emplace_back();
        for (const Movement& movement : block.movements) {
          row.clear();
          schema::EncodeMovement(movement, &row);
          schema::AppendToChunk(row, &chunk);
          const bool last = movement.position.number + 1 == Movements();
          if (!last && (movement.position.number + 1) % schema::kInChunk != 0) continue;
          batch.Put((*database)->movements(),
                    schema::MovementKey(Family::kUtxo, 0, movement.position), chunk);
          chunk.clear();
        }
      }
      state.ResumeTiming();
      for (rocksdb::WriteBatch& batch : batches) {
        const rocksdb::Status status = (*database)->db()->Write(rocksdb::WriteOptions(), &batch);
        if (!status.ok()) state.SkipWithError(status.ToString().c_str());
      }
      state.PauseTiming();
    }
    state.ResumeTiming();
  }
  fs::remove_all(dir);
  state.SetItemsProcessed(state.iterations() * static_cast<int64_t>(Movements()));
}
BENCHMARK(BM_BareWrite)->Unit(benchmark::kMillisecond);

void BM_AppendToMemory(benchmark::State& state) {
  uint64_t appended = 0;
  for (auto _ : state) {
    MemoryLedger memory(Ledger().chain);
    const absl::Status status = AppendAll(Ledger().blocks, &memory);
    if (!status.ok()) state.SkipWithError(status.ToString().c_str());
    appended = memory.tip()->totals.movements;
  }
  if (appended != Movements()) state.SkipWithError("not every movement was appended");
  state.SetItemsProcessed(state.iterations() * static_cast<int64_t>(Movements()));
}
BENCHMARK(BM_AppendToMemory)->Unit(benchmark::kMillisecond);

// Written once and left on disk for all that read it.
const std::string& WrittenStore() {
  static const auto* const dir = [] {
    auto* path = new std::string(Directory("read"));
    fs::remove_all(*path);
    const auto store = LedgerStore::OpenForWriting(*path, LedgerStore::Options());
    const auto writer = (*store)->Writer(Ledger().chain);
    if (!AppendAll(Ledger().blocks, writer->get()).ok()) std::abort();
    return path;
  }();
  return *dir;
}

std::vector<Position> RandomPositions() {
  std::vector<Position> positions(Movements());
  for (size_t i = 0; i < positions.size(); ++i) positions[i].number = i;
  std::shuffle(positions.begin(), positions.end(), std::mt19937_64(/*seed=*/2));
  return positions;
}

void ReadInBatches(benchmark::State& state, const LedgerView& view, size_t batch) {
  const std::vector<Position> positions = RandomPositions();
  std::vector<Movement> movements;
  uint64_t right = 0;
  size_t at = 0;
  uint64_t read = 0;
  for (auto _ : state) {
    if (at + batch > positions.size()) at = 0;
    const auto wanted = absl::MakeConstSpan(positions).subspan(at, batch);
    const absl::Status status = view.ReadMovements(wanted, &movements);
    if (!status.ok()) state.SkipWithError(status.ToString().c_str());
    for (size_t i = 0; i < batch; ++i) right += movements[i].position == wanted[i] ? 1 : 0;
    at += batch;
    read += batch;
  }
  if (right != read) state.SkipWithError("other movements came than were asked for");
  state.SetItemsProcessed(static_cast<int64_t>(read));
}

void BM_ReadFromStore(benchmark::State& state) {
  const auto store = LedgerStore::OpenForReading(WrittenStore(), LedgerStore::Options());
  const auto view = (*store)->View(Ledger().chain.name);
  ReadInBatches(state, **view, static_cast<size_t>(state.range(0)));
}
BENCHMARK(BM_ReadFromStore)->Arg(1)->Arg(kBatch);

void BM_BareMultiGet(benchmark::State& state) {
  const auto batch = static_cast<size_t>(state.range(0));
  const auto database = Database::Open(WrittenStore() + "/rocksdb", Database::Mode::kRead,
                                       LedgerStore::Options().memory);
  std::vector<std::string> keys;
  for (const Position position : RandomPositions())
    keys.push_back(schema::MovementKey(Family::kUtxo, 0, position));
  std::vector<rocksdb::Slice> slices(batch);
  std::vector<rocksdb::Status> statuses(batch);
  size_t at = 0;
  uint64_t read = 0;
  for (auto _ : state) {
    if (at + batch > keys.size()) at = 0;
    std::vector<rocksdb::PinnableSlice> values(batch);
    for (size_t i = 0; i < batch; ++i) slices[i] = keys[at + i];
    (*database)->db()->MultiGet(rocksdb::ReadOptions(), (*database)->movements(), batch,
                                slices.data(), values.data(), statuses.data());
    for (size_t i = 0; i < batch; ++i) {
      if (!statuses[i].ok() || values[i].empty()) state.SkipWithError("a row is missing");
    }
    at += batch;
    read += batch;
  }
  state.SetItemsProcessed(static_cast<int64_t>(read));
}
BENCHMARK(BM_BareMultiGet)->Arg(1)->Arg(kBatch);

void BM_ReadFromMemory(benchmark::State& state) {
  MemoryLedger memory(Ledger().chain);
  if (!AppendAll(Ledger().blocks, &memory).ok()) std::abort();
  ReadInBatches(state, memory, static_cast<size_t>(state.range(0)));
}
BENCHMARK(BM_ReadFromMemory)->Arg(kBatch);

void BM_ScanStore(benchmark::State& state) {
  const auto store = LedgerStore::OpenForReading(WrittenStore(), LedgerStore::Options());
  const auto view = (*store)->View(Ledger().chain.name);
  for (auto _ : state) {
    uint64_t seen = 0;
    const absl::Status status = (*view)->ScanMovements(Position{0}, [&](const Movement& movement) {
      seen += movement.position.number == seen ? 1 : 0;
      return absl::OkStatus();
    });
    if (!status.ok() || seen != Movements()) state.SkipWithError("not every movement was seen");
  }
  state.SetItemsProcessed(state.iterations() * static_cast<int64_t>(Movements()));
}
BENCHMARK(BM_ScanStore)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace spoor

BENCHMARK_MAIN();
