#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "benchmark/benchmark.h"
#include "spoor/chain/network.h"
#include "spoor/ledger/names.h"
#include "spoor/ledger/store.h"
#include "spoor/taint/bounds.h"

// Bounds on a graph of a million edges: half of its movements peel payments off long chains, the
// other half join and split. In one run with the bounds: the same question answered with sums in
// place of maximum flows, and bare reads of the movements that it reads, in batches.

namespace spoor {
namespace {

namespace fs = std::filesystem;

constexpr uint64_t kMovements = 400'000;
constexpr uint64_t kPerBlock = 100;
constexpr uint64_t kThefts = 100;
constexpr uint64_t kOwners = 10'000;

struct Coin {
  Holding holding;
  AddressId owner;
  uint64_t amount = 0;
};

class Generator {
 public:
  std::vector<NewBlock> Make() {
    std::vector<NewBlock> blocks;
    for (uint64_t height = 0; height < kMovements / kPerBlock; ++height) {
      NewBlock block;
      block.height = static_cast<uint32_t>(height);
      block.hash = BlockHash::FromBytes(Hash());
      if (height > 0) block.previous = blocks.back().hash;
      block.time = static_cast<int64_t>(1'300'000'000 + 600 * height);
      if (height == 0) {
        for (uint64_t i = 0; i < kOwners; ++i) {
          Bytes payload = Hash();
          payload.resize(20);
          block.new_addresses.push_back(AddressKey({ScriptKind::kP2pkh, payload}));
        }
      }
      block.movements.push_back(Coinbase());
      while (block.movements.size() < kPerBlock) {
        block.movements.push_back(coins_.size() < 20 || rng_() % 2 == 0 ? Peel() : Join());
      }
      for (Movement& movement : block.movements) movement.height = block.height;
      block.transactions = kPerBlock;
      blocks.push_back(std::move(block));
    }
    return blocks;
  }

 private:
  Bytes Hash() {
    Bytes bytes(32);
    for (uint8_t& b : bytes) b = static_cast<uint8_t>(rng_());
    return bytes;
  }
  Movement Begin() {
    Movement movement;
    movement.position = Position{movements_++};
    movement.txid = Txid::FromBytes(Hash());
    return movement;
  }
  Coin Spend(size_t index, Movement* movement) {
    std::swap(coins_[index], coins_.back());
    const Coin coin = coins_.back();
    coins_.pop_back();
    movement->gives.push_back({GiveKind::kHolding, coin.holding, coin.owner, Units(coin.amount)});
    return coin;
  }
  void Pay(uint64_t amount, bool moves_on, Movement* movement) {
    Take take;
    take.holding =
        Holding::Output(movement->position, static_cast<uint32_t>(movement->takes.size()));
    take.owner = AddressId{rng_() % kOwners};
    take.amount = amount;
    if (moves_on) coins_.push_back({take.holding, take.owner, amount});
    movement->takes.push_back(take);
  }
  static void PayFee(uint64_t amount, Movement* movement) {
    Take take;
    take.kind = TakerKind::kFee;
    take.amount = amount;
    movement->takes.push_back(take);
  }
  Movement Coinbase() {
    Movement movement = Begin();
    movement.coinbase = true;
    movement.minted = 5'000'000'000;
    Pay(5'000'000'000, true, &movement);
    return movement;
  }
  // The rest of a coin goes on and will soon be spent again.
  Movement Peel() {
    Movement movement = Begin();
    const Coin coin = Spend(rng_() % std::min<size_t>(coins_.size(), 20), &movement);
    const uint64_t paid = coin.amount / (10 + rng_() % 1000);
    const uint64_t fee = std::min<uint64_t>(coin.amount - paid, 1'000);
    Pay(paid, false, &movement);
    Pay(coin.amount - paid - fee, true, &movement);
    std::swap(coins_.back(), coins_[rng_() % std::min<size_t>(coins_.size(), 20)]);
    PayFee(fee, &movement);
    return movement;
  }
  Movement Join() {
    Movement movement = Begin();
    uint64_t left = 0;
    for (uint64_t n = 1 + rng_() % 3; n > 0 && !coins_.empty(); --n) {
      left += Spend(rng_() % coins_.size(), &movement).amount;
    }
    const uint64_t fee = std::min<uint64_t>(left, 1'000);
    left -= fee;
    for (uint64_t n = 1 + rng_() % 4; n > 0; --n) {
      const uint64_t amount = n == 1 ? left : rng_() % (left + 1);
      left -= amount;
      Pay(amount, rng_() % 5 != 0, &movement);
    }
    PayFee(fee, &movement);
    return movement;
  }

  std::mt19937_64 rng_{/*seed=*/20240710};
  uint64_t movements_ = 0;
  std::vector<Coin> coins_;
};

struct Scene {
  Scene() {
    const ChainInfo chain = ChainInfoOf(GetNetwork(NetworkId::kMain));
    const std::string dir = (fs::temp_directory_path() / "spoor_bounds_bench").string();
    fs::remove_all(dir);
    const std::vector<NewBlock> blocks = Generator().Make();
    {
      auto making = LedgerStore::OpenForWriting(dir, LedgerStore::Options());
      const auto writer = (*making)->Writer(chain);
      for (const NewBlock& block : blocks) {
        if (!(*writer)->Append(block).ok()) std::abort();
      }
    }
    store = *LedgerStore::OpenForReading(dir, LedgerStore::Options());
    view = *store->View(chain.name);
    std::vector<SeedRequest> requests;
    for (uint64_t i = 0; i < kThefts; ++i) {
      requests.push_back({"theft", ToText(blocks[i].movements[0].txid), std::nullopt});
    }
    const LedgerView* const views[] = {view.get()};
    seeds = *FindSeeds(views, requests);
    // Every hundredth owner is a service, of one of seven categories.
    limits.stop_at = [](uint32_t, AddressId owner) -> absl::StatusOr<bool> {
      return owner.number % 100 == 0;
    };
    options.category = [](uint32_t, AddressId owner) -> absl::StatusOr<std::string> {
      return std::string(1, static_cast<char>('a' + owner.number / 100 % 7));
    };
  }

  std::unique_ptr<LedgerStore> store;
  std::unique_ptr<LedgerView> view;
  std::vector<Seed> seeds;
  FollowOptions limits;
  BoundsOptions options;
};

const Scene& TheScene() {
  static const auto* const scene = new Scene();
  return *scene;
}

void Bounds(benchmark::State& state, uint64_t most_edges, BoundTightness want) {
  const Scene& scene = TheScene();
  const LedgerView* const views[] = {scene.view.get()};
  BoundsOptions options = scene.options;
  options.most_edges = most_edges;
  uint64_t movements = 0;
  size_t bounds = 0;
  for (auto _ : state) {
    const auto result = ComputeBounds(views, scene.seeds, scene.limits, options);
    if (!result.ok()) {
      state.SkipWithError(result.status().ToString().c_str());
      break;
    }
    movements = result->movements;
    bounds = result->bounds.size();
    for (const Bound& bound : result->bounds) {
      if (bound.tightness != want || bound.lower > bound.upper || bound.upper > bound.stolen) {
        state.SkipWithError("these are no bounds");
      }
    }
  }
  state.counters["movements"] = static_cast<double>(movements);
  state.counters["bounds"] = static_cast<double>(bounds);
}

void BM_Bounds(benchmark::State& state) { Bounds(state, 10'000'000, BoundTightness::kAttained); }
BENCHMARK(BM_Bounds)->Unit(benchmark::kMillisecond);

// The graph has a million edges, or this fails.
void BM_SumsBeyondAMillionEdges(benchmark::State& state) {
  Bounds(state, 1'000'000, BoundTightness::kTooLarge);
}
BENCHMARK(BM_SumsBeyondAMillionEdges)->Unit(benchmark::kMillisecond);

void BM_Sums(benchmark::State& state) { Bounds(state, 0, BoundTightness::kTooLarge); }
BENCHMARK(BM_Sums)->Unit(benchmark::kMillisecond);

// All movements of the ledger, nearly all of which the bounds read.
void BM_BareRead(benchmark::State& state) {
  std::vector<Position> positions;
  std::vector<Movement> movements;
  for (auto _ : state) {
    for (uint64_t begin = 0; begin < kMovements; begin += 256) {
      positions.clear();
      for (uint64_t n = begin; n < std::min(begin + 256, kMovements); ++n) {
        positions.push_back({n});
      }
      const absl::Status status = TheScene().view->ReadMovements(positions, &movements);
      if (!status.ok() || movements.back().position != positions.back()) {
        state.SkipWithError("other movements came than were asked for");
      }
    }
  }
  state.counters["movements"] = static_cast<double>(kMovements);
}
BENCHMARK(BM_BareRead)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace spoor

BENCHMARK_MAIN();
