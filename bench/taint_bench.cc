// Following taint beside its floor: reading the very movements that it read, in the very requests
// in which it read them, and doing nothing with them. The store is small and warm.

#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "benchmark/benchmark.h"
#include "spoor/ledger/memory_ledger.h"
#include "spoor/ledger/store.h"
#include "spoor/taint/follow.h"
#include "tests/support/random_ledger.h"

namespace spoor {
namespace {

namespace fs = std::filesystem;

// Passes all questions on, and keeps the requests for movements.
class RecordingView : public LedgerView {
 public:
  explicit RecordingView(const LedgerView& view) : view_(view) {}

  const std::vector<std::vector<Position>>& requests() const { return requests_; }

  const ChainInfo& chain() const override { return view_.chain(); }
  std::optional<BlockInfo> tip() const override { return view_.tip(); }
  absl::StatusOr<BlockInfo> BlockAt(uint32_t height) const override {
    return view_.BlockAt(height);
  }
  absl::Status ReadMovements(absl::Span<const Position> positions,
                             std::vector<Movement>* out) const override {
    requests_.emplace_back(positions.begin(), positions.end());
    return view_.ReadMovements(positions, out);
  }
  absl::Status ScanMovements(
      Position from, absl::FunctionRef<absl::Status(const Movement&)> visit) const override {
    return view_.ScanMovements(from, visit);
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

 private:
  const LedgerView& view_;
  mutable std::vector<std::vector<Position>> requests_;
};

// One ledger in memory and in a store, and a theft in it: the first hundred coinbases.
struct Scene {
  Scene() {
    RandomLedgerOptions options;
    options.blocks = 2'000;
    options.most_transactions = 60;
    options.most_minted = 5'000'000'000;
    options.wide = false;
    options.odd = false;
    const RandomLedger ledger = MakeRandomLedger(/*seed=*/1, options);
    memory = std::make_unique<MemoryLedger>(ledger.chain);
    const std::string dir = (fs::temp_directory_path() / "spoor_taint_bench").string();
    fs::remove_all(dir);
    {
      auto making = LedgerStore::OpenForWriting(dir, LedgerStore::Options());
      const auto writer = (*making)->Writer(ledger.chain);
      if (!AppendAll(ledger.blocks, memory.get()).ok() ||
          !AppendAll(ledger.blocks, writer->get()).ok()) {
        std::abort();
      }
    }
    store = *LedgerStore::OpenForReading(dir, LedgerStore::Options());
    stored = *store->View(ledger.chain.name);
    std::vector<SeedRequest> requests;
    for (size_t i = 0; i < 100; ++i) {
      const Movement& coinbase = ledger.blocks[i].movements[0];
      requests.push_back({i % 2 == 0 ? "even" : "odd", ToText(coinbase.txid), std::nullopt});
    }
    const LedgerView* const views[] = {memory.get()};
    seeds = *FindSeeds(views, requests);
  }

  std::unique_ptr<MemoryLedger> memory;
  std::unique_ptr<LedgerStore> store;
  std::unique_ptr<LedgerView> stored;
  std::vector<Seed> seeds;
};

const Scene& TheScene() {
  static const auto* const scene = new Scene();
  return *scene;
}

const LedgerView& View(bool in_store) { return in_store ? *TheScene().stored : *TheScene().memory; }

// What the trace does besides walking.
struct Extras {
  bool flows = false;  // sums from owner to owner
  ReadRule reading = ReadRule::kCheaper;
};

absl::StatusOr<TraceResult> Trace(const LedgerView& view, const std::string& policy,
                                  const Extras& extras) {
  const LedgerView* const views[] = {&view};
  FollowOptions options;
  options.flows = extras.flows;
  options.reading = extras.reading;
  options.policies = {policy};
  if (policy == "all") {
    options.policies.clear();
    for (const absl::string_view name : PolicyNames()) options.policies.emplace_back(name);
  }
  return Follow(views, TheScene().seeds, options);
}

std::vector<std::vector<Position>> RequestsOf(const std::string& policy) {
  const RecordingView recording(*TheScene().memory);
  // One by one, whatever the trace does: the floor of narrow traces.
  if (!Trace(recording, policy, {.reading = ReadRule::kPoint}).ok()) std::abort();
  return recording.requests();
}

int64_t CountPositions(const std::vector<std::vector<Position>>& requests) {
  int64_t count = 0;
  for (const std::vector<Position>& request : requests)
    count += static_cast<int64_t>(request.size());
  return count;
}

void BM_Follow(benchmark::State& state, const std::string& policy, bool in_store,
               const Extras& extras) {
  const int64_t read = CountPositions(RequestsOf(policy));
  for (auto _ : state) {
    const auto result = Trace(View(in_store), policy, extras);
    if (!result.ok()) {
      state.SkipWithError(result.status().ToString().c_str());
      break;
    }
    for (const PolicyResult& traced : result->policies) {
      Units stolen = 0;
      Units ended = 0;
      for (const Stolen& s : traced.stolen) stolen += s.units;
      for (const Endpoint& end : traced.endpoints) ended += end.tainted;
      if (stolen == 0 || (traced.conserving ? ended != stolen : ended < stolen)) {
        state.SkipWithError("the endpoints do not add up to what was stolen");
      }
    }
  }
  state.SetItemsProcessed(state.iterations() * read);
}

void BM_BareRead(benchmark::State& state, const std::string& policy, bool in_store) {
  const std::vector<std::vector<Position>> requests = RequestsOf(policy);
  std::vector<Movement> movements;
  for (auto _ : state) {
    for (const std::vector<Position>& request : requests) {
      const absl::Status status = View(in_store).ReadMovements(request, &movements);
      if (!status.ok() || movements.size() != request.size() ||
          movements.back().position != request.back()) {
        state.SkipWithError("other movements came than were asked for");
      }
    }
  }
  state.SetItemsProcessed(state.iterations() * CountPositions(requests));
}

// The whole table straight through: the floor of wide traces.
void BM_BareScan(benchmark::State& state) {
  int64_t movements = 0;
  for (auto _ : state) {
    const absl::Status status = View(true).ScanMovements(Position{0}, [&](const Movement&) {
      ++movements;
      return absl::OkStatus();
    });
    if (!status.ok()) state.SkipWithError("the scan failed");
  }
  state.SetItemsProcessed(movements);
}

}  // namespace
}  // namespace spoor

int main(int argc, char** argv) {
  std::vector<absl::string_view> names = spoor::PolicyNames();
  names.push_back("all");  // in one pass
  for (const absl::string_view name : names) {
    for (const bool in_store : {false, true}) {
      const std::string policy(name);
      const std::string where = in_store ? "/store" : "/memory";
      for (const auto& [what, extras] :
           {std::pair("", spoor::Extras{}), std::pair("/flows", spoor::Extras{.flows = true}),
            std::pair("/point", spoor::Extras{.reading = spoor::ReadRule::kPoint}),
            std::pair("/scan", spoor::Extras{.reading = spoor::ReadRule::kScan})}) {
        benchmark::RegisterBenchmark(("BM_Follow/" + policy + where + what).c_str(),
                                     spoor::BM_Follow, policy, in_store, extras)
            ->Unit(benchmark::kMillisecond);
      }
      benchmark::RegisterBenchmark(("BM_BareRead/" + policy + where).c_str(), spoor::BM_BareRead,
                                   policy, in_store)
          ->Unit(benchmark::kMillisecond);
    }
  }
  benchmark::RegisterBenchmark("BM_BareScan/store", spoor::BM_BareScan)
      ->Unit(benchmark::kMillisecond);
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
