// Prints the figures of following, as one JSON document, each beside what it is to be held against:
//   taint_figures [--transactions N] [--largest N] [--folder DIR]
// It makes a ledger of N transactions (1,000,000), and those of 10^5, 10^6 ... up to `largest`
// (1,000,000) in which the same theft took place; in DIR, which must not exist and is removed (by
// default in the folder for temporary files). Times are CPU seconds of the whole process, the least
// of three; "wall" stands beside them where a reader may want it. What is read is in the page cache
// and in the store's.

#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <functional>
#include <iostream>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "spoor/base/status_macros.h"
#include "spoor/chain/network.h"
#include "spoor/ledger/names.h"
#include "spoor/ledger/store.h"
#include "spoor/taint/follow.h"

namespace spoor {
namespace {

namespace fs = std::filesystem;

constexpr uint64_t kInBlock = 2'000;
constexpr uint64_t kOwners = 100'000;
// The thief's transactions are one in a hundred of the first 10^5, and nobody else's coins meet
// theirs.
constexpr uint64_t kThiefBegins = 20'000;
constexpr uint64_t kThiefEnds = 100'000;
constexpr uint64_t kThiefEvery = 100;

void Check(const absl::Status& status) {
  if (status.ok()) return;
  std::cerr << "taint_figures: " << status << "\n";
  std::exit(1);
}
template <typename T>
T Check(absl::StatusOr<T> value) {
  Check(value.status());
  return *std::move(value);
}

// Makes up a chain, block by block: most transactions join one to three coins of anybody's and pay
// two.
class ChainMaker {
 public:
  NewBlock Next() {
    NewBlock block;
    block.height = height_;
    block.hash = BlockHash::FromBytes(Hash());
    block.previous = previous_;
    previous_ = block.hash;
    block.time = 1'300'000'000 + 600 * static_cast<int64_t>(height_);
    if (height_ == 0) {
      for (uint64_t i = 0; i < kOwners; ++i) {
        Bytes payload = Hash();
        payload.resize(20);
        block.new_addresses.push_back(AddressKey({ScriptKind::kP2pkh, payload}));
      }
    }
    block.movements.push_back(Coinbase());
    while (block.movements.size() < kInBlock) {
      const uint64_t number = position_;
      const bool thief = number >= kThiefBegins && number < kThiefEnds && number % kThiefEvery == 0;
      block.movements.push_back(Spend(thief ? &stolen_ : &coins_));
    }
    for (Movement& movement : block.movements) movement.height = height_;
    block.transactions = kInBlock;
    ++height_;
    return block;
  }

 private:
  struct Coin {
    Holding holding;
    AddressId owner;
    uint64_t amount = 0;
  };

  Bytes Hash() {
    Bytes bytes(32);
    for (uint8_t& b : bytes) b = static_cast<uint8_t>(rng_());
    return bytes;
  }
  Movement Begin() {
    Movement movement;
    movement.position = Position{position_++};
    movement.txid = Txid::FromBytes(Hash());
    return movement;
  }
  void Pay(uint64_t amount, std::vector<Coin>* to, Movement* movement) {
    Take take;
    take.holding =
        Holding::Output(movement->position, static_cast<uint32_t>(movement->takes.size()));
    take.owner = AddressId{rng_() % kOwners};
    take.amount = amount;
    to->push_back({take.holding, take.owner, amount});
    movement->takes.push_back(take);
  }
  // The tenth is the theft: of what it pays the thief has all.
  Movement Coinbase() {
    Movement movement = Begin();
    movement.coinbase = true;
    movement.minted = 5'000'000'000;
    for (int i = 0; i < 20; ++i) Pay(250'000'000, height_ == 9 ? &stolen_ : &coins_, &movement);
    return movement;
  }
  Movement Spend(std::vector<Coin>* coins) {
    Movement movement = Begin();
    uint64_t left = 0;
    const uint64_t wanted = 1 + rng_() % 3;
    for (uint64_t i = 0; i < wanted && !coins->empty(); ++i) {
      std::swap((*coins)[rng_() % coins->size()], coins->back());
      const Coin coin = coins->back();
      coins->pop_back();
      movement.gives.push_back({GiveKind::kHolding, coin.holding, coin.owner, coin.amount});
      left += coin.amount;
    }
    const uint64_t fee = left / 1'000'000;
    const uint64_t first = left / 2 - rng_() % (left / 4 + 1);
    Pay(first, coins, &movement);
    Pay(left - fee - first, coins, &movement);
    // Coins are neither gathered nor scattered on the whole.
    if (rng_() % 8 == 0) {
      Take& change = movement.takes.back();
      const auto amount = static_cast<uint64_t>(change.amount);
      change.amount = amount / 2;
      coins->back().amount = amount / 2;
      Pay(amount - amount / 2, coins, &movement);
    }
    Take take;
    take.kind = TakerKind::kFee;
    take.amount = fee;
    movement.takes.push_back(take);
    return movement;
  }

  std::mt19937_64 rng_{1};
  uint32_t height_ = 0;
  uint64_t position_ = 0;
  BlockHash previous_;
  std::vector<Coin> coins_;
  std::vector<Coin> stolen_;
};

struct Ledger {
  std::unique_ptr<LedgerStore> store;
  std::unique_ptr<LedgerView> view;
};

Ledger MakeLedger(const std::string& folder, uint64_t transactions) {
  const ChainInfo chain = ChainInfoOf(GetNetwork(NetworkId::kMain));
  LedgerStore::Options options;
  options.memory = uint64_t{1} << 30;
  {
    const auto store = Check(LedgerStore::OpenForWriting(folder, options));
    const auto writer = Check(store->Writer(chain));
    Check(writer->SetMode(LedgerWriter::Mode::kHistory));
    ChainMaker maker;
    for (uint64_t n = 0; n < transactions; n += kInBlock) Check(writer->Append(maker.Next()));
    Check(writer->Commit());
    Check(writer->SetMode(LedgerWriter::Mode::kTip));
    Check(writer->Sync());
  }
  Ledger ledger;
  ledger.store = Check(LedgerStore::OpenForReading(folder, options));
  ledger.view = Check(ledger.store->View(chain.name));
  return ledger;
}

struct Seconds {
  double cpu = 0;
  double wall = 0;
};

// The least of three.
Seconds Time(const std::function<void()>& work) {
  const auto cpu = [] {
    timespec now{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
  };
  Seconds best{1e9, 1e9};
  for (int i = 0; i < 3; ++i) {
    const double began = cpu();
    const auto began_wall = std::chrono::steady_clock::now();
    work();
    best.cpu = std::min(best.cpu, cpu() - began);
    best.wall = std::min(
        best.wall,
        std::chrono::duration<double>(std::chrono::steady_clock::now() - began_wall).count());
  }
  return best;
}

// Passes all questions on, and keeps the requests for movements.
class RecordingView : public LedgerView {
 public:
  explicit RecordingView(const LedgerView& view) : view_(view) {}

  const ChainInfo& chain() const override { return view_.chain(); }
  std::optional<BlockInfo> tip() const override { return view_.tip(); }
  absl::StatusOr<BlockInfo> BlockAt(uint32_t height) const override {
    return view_.BlockAt(height);
  }
  absl::Status ReadMovements(absl::Span<const Position> positions,
                             std::vector<Movement>* out) const override {
    requests.emplace_back(positions.begin(), positions.end());
    read += positions.size();
    return view_.ReadMovements(positions, out);
  }
  absl::Status ScanMovements(
      Position from, absl::FunctionRef<absl::Status(const Movement&)> visit) const override {
    return view_.ScanMovements(from, [&](const Movement& movement) {
      ++scanned;
      return visit(movement);
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

  mutable std::vector<std::vector<Position>> requests;
  mutable uint64_t read = 0;
  mutable uint64_t scanned = 0;

 private:
  const LedgerView& view_;
};

Seed CoinbaseOf(uint64_t height) {
  Seed seed;
  seed.request.source = absl::StrCat("block ", height);
  for (uint32_t i = 0; i < 20; ++i) seed.credits.push_back({Position{height * kInBlock}, i});
  return seed;
}

// Checks that what it found adds up.
TraceResult Trace(const LedgerView& view, const std::vector<Seed>& seeds,
                  std::vector<std::string> policies, ReadRule reading = ReadRule::kCheaper) {
  FollowOptions options;
  options.policies = std::move(policies);
  options.flows = false;
  options.patterns = false;
  options.reading = reading;
  const LedgerView* const views[] = {&view};
  TraceResult result = Check(Follow(views, seeds, options));
  for (const PolicyResult& policy : result.policies) {
    Units stolen = 0;
    Units ended = 0;
    for (const Stolen& s : policy.stolen) stolen += s.units;
    for (const Endpoint& end : policy.endpoints) ended += end.tainted;
    if (stolen == 0 || (policy.conserving ? ended != stolen : ended < stolen)) {
      Check(absl::InternalError("the endpoints do not add up to what was stolen"));
    }
  }
  return result;
}

std::vector<std::string> AllPolicies() {
  std::vector<std::string> names;
  for (const absl::string_view name : PolicyNames()) names.emplace_back(name);
  return names;
}

// What reading the store costs, by the share of movements that are wanted.
std::string Crossing(const LedgerView& view) {
  const uint64_t end = view.tip()->totals.movements;
  uint64_t scanned = 0;
  const Seconds scan = Time([&] {
    scanned = 0;
    Check(view.ScanMovements(Position{0}, [&](const Movement&) {
      ++scanned;
      return absl::OkStatus();
    }));
  });
  const double per_scanned = scan.cpu / static_cast<double>(scanned);
  std::vector<std::string> rows;
  for (const uint64_t one_in : {1, 2, 3, 4, 5, 6, 8, 10, 12, 16, 32, 64, 256}) {
    std::mt19937_64 rng(one_in);
    std::vector<Position> wanted;
    for (uint64_t n = 0; n < end; ++n) {
      if (rng() % one_in == 0) wanted.push_back({n});
    }
    std::vector<Movement> movements;
    const Seconds point = Time([&] {
      for (size_t begin = 0; begin < wanted.size(); begin += 256) {
        Check(view.ReadMovements(absl::MakeConstSpan(wanted).subspan(begin, 256), &movements));
      }
    });
    const double per_read = point.cpu / static_cast<double>(wanted.size());
    rows.push_back(absl::StrFormat(
        "{\"one_in\":%d,\"microseconds_per_read\":%.3f,\"reads_over_scan\":%.2f}", one_in,
        1e6 * per_read, per_read / per_scanned / static_cast<double>(one_in)));
  }
  return absl::StrFormat("{\"microseconds_per_scanned\":%.3f,\"point_reads\":[%s]}",
                         1e6 * per_scanned, absl::StrJoin(rows, ","));
}

// One line of a trace, beside `floor` seconds of reading alone.
std::string Line(const std::string& name, uint64_t movements, const Seconds& time, double floor) {
  return absl::StrFormat(
      "{\"trace\":\"%s\",\"movements\":%d,\"cpu_seconds\":%.4f,\"wall_seconds\":%.4f,"
      "\"movements_per_cpu_second\":%.0f,\"reading_alone_over_it\":%.3f}",
      name, movements, time.cpu, time.wall, static_cast<double>(movements) / time.cpu,
      floor / time.cpu);
}

// The theft that stays by itself: one movement in a hundred.
std::string Narrow(const LedgerView& view) {
  const std::vector<Seed> seeds = {CoinbaseOf(9)};
  const RecordingView recording(view);
  Trace(recording, seeds, {"fifo"}, ReadRule::kPoint);
  std::vector<Movement> movements;
  const Seconds bare = Time([&] {
    for (const std::vector<Position>& request : recording.requests) {
      Check(view.ReadMovements(request, &movements));
    }
  });
  std::vector<std::string> rows;
  std::vector<std::pair<std::string, std::vector<std::string>>> traces;
  for (const std::string& name : AllPolicies()) traces.push_back({name, {name}});
  traces.push_back({"all six", AllPolicies()});
  for (const auto& [name, policies] : traces) {
    const Seconds time = Time([&] { Trace(view, seeds, policies, ReadRule::kPoint); });
    rows.push_back(Line(name, recording.read, time, bare.cpu));
  }
  return absl::StrCat("[", absl::StrJoin(rows, ","), "]");
}

// The first hundred coinbases but the theft: their coins come to be nearly everywhere.
std::string Wide(const LedgerView& view) {
  std::vector<Seed> seeds;
  for (uint64_t height = 0; height < 100 && height * kInBlock < view.tip()->totals.movements;
       ++height) {
    if (height == 9) continue;
    seeds.push_back(CoinbaseOf(height));
    seeds.back().request.source = height % 2 == 0 ? "even" : "odd";
  }
  const Seconds bare = Time([&] {
    Check(view.ScanMovements(Position{0}, [](const Movement&) { return absl::OkStatus(); }));
  });
  std::vector<std::string> rows;
  std::vector<std::pair<std::string, std::vector<std::string>>> traces;
  for (const std::string& name : AllPolicies()) traces.push_back({name, {name}});
  traces.push_back({"all six", AllPolicies()});
  for (const auto& [name, policies] : traces) {
    uint64_t moved = 0;
    const Seconds time = Time([&] {
      moved = 0;
      for (const PolicyResult& result : Trace(view, seeds, policies).policies) {
        moved = std::max(moved, result.movements);
      }
    });
    rows.push_back(Line(name, moved, time, bare.cpu));
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    rows.back().pop_back();
    absl::StrAppend(&rows.back(), ",\"peak_resident_mb_so_far\":", usage.ru_maxrss / 1024, "}");
  }
  return absl::StrFormat("{\"scanned_per_cpu_second\":%.0f,\"traces\":[%s]}",
                         static_cast<double>(view.tip()->totals.movements) / bare.cpu,
                         absl::StrJoin(rows, ","));
}

// One and the same theft.
std::string Flat(const LedgerView& view) {
  const std::vector<Seed> seeds = {CoinbaseOf(9)};
  const RecordingView recording(view);
  const TraceResult result = Trace(recording, seeds, AllPolicies());
  const Seconds time = Time([&] { Trace(view, seeds, AllPolicies()); });
  return absl::StrFormat(
      "{\"transactions\":%d,\"read\":%d,\"scanned\":%d,\"ends\":%d,\"cpu_seconds\":%.4f,"
      "\"wall_seconds\":%.4f}",
      view.tip()->totals.movements, recording.read, recording.scanned,
      result.policies[0].endpoints.size(), time.cpu, time.wall);
}

int Main(int argc, char** argv) {
  uint64_t transactions = 1'000'000;
  uint64_t largest = 1'000'000;
  std::string folder = fs::temp_directory_path() / "spoor_taint_figures";
  for (int i = 1; i < argc; i += 2) {
    const std::string flag = argv[i];
    bool right = i + 1 < argc;
    if (right && flag == "--transactions") {
      right = absl::SimpleAtoi(argv[i + 1], &transactions);
    } else if (right && flag == "--largest") {
      right = absl::SimpleAtoi(argv[i + 1], &largest);
    } else if (right && flag == "--folder") {
      folder = argv[i + 1];
    } else {
      right = false;
    }
    if (!right || transactions < kThiefEnds || fs::exists(folder)) {
      std::cerr << "wanted: [--transactions N] [--largest N] [--folder DIR], N from 100000, DIR "
                   "new; found "
                << flag << "\n";
      return 2;
    }
  }
  std::vector<std::string> flat;
  std::string crossing, narrow, wide;
  std::vector<uint64_t> sizes = {transactions};
  for (uint64_t size = kThiefEnds; size <= largest; size *= 10) {
    if (size != transactions) sizes.push_back(size);
  }
  std::sort(sizes.begin(), sizes.end());
  for (const uint64_t size : sizes) {
    fs::remove_all(folder);
    const Ledger ledger = MakeLedger(folder, size);
    flat.push_back(Flat(*ledger.view));
    if (size != transactions) continue;
    crossing = Crossing(*ledger.view);
    narrow = Narrow(*ledger.view);
    wide = Wide(*ledger.view);
  }
  fs::remove_all(folder);
  std::cout << absl::StrFormat(
      "{\"benchmark\":\"taint_figures\",\"transactions\":%d,\n\"crossing\":%s,\n\"narrow\":%s,\n"
      "\"wide\":%s,\n\"one_theft\":[%s]}\n",
      transactions, crossing, narrow, wide, absl::StrJoin(flat, ","));
  return 0;
}

}  // namespace
}  // namespace spoor

int main(int argc, char** argv) { return spoor::Main(argc, argv); }
