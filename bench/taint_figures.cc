// Prints the figures of following, as one JSON document, each beside what it is to be held against:
//   taint_figures [--commit ID] [--transactions N] [--largest N] [--times N] [--folder DIR]
// It makes a ledger of N transactions (2,000,000) for what one trace costs, and ledgers of 10^5,
// 10^6 ... up to `largest` (10^7) in which the same thefts took place; in DIR, which must not exist
// and is removed (by default in the folder for temporary files). A trace has one thread, unless it
// is said to have as many as there are processors. Times are CPU seconds of the whole process, the
// least of `times` (3), and wall seconds beside them, by which those with several threads are
// judged. What is read is in the page cache and, where it fits, in the store's. bench/taint.sh
// makes tables of it.

#include <malloc.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iostream>
#include <iterator>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "bench/recording_view.h"
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
constexpr uint64_t kLeast = 100'000;  // transactions of a ledger

// A theft, of all that a block mints. Some of the ledger's transactions, from one on and to before
// another, are the thief's, and nobody else's coins meet theirs.
struct Theft {
  const char* name;
  uint64_t block;
  uint64_t begin;
  uint64_t end;
  uint64_t every;  // one in so many is
  uint64_t first;  // this one of them
};
constexpr Theft kThefts[] = {
    {"small", 9, 20'000, 100'000, 100, 0},
    {"sparse", 10, 100'000, 1'000'000, 100, 50},
    {"middle", 11, 100'000, 1'000'000, 9, 1},
    {"large", 12, 1'000'000, 10'000'000, 9, 1},
};
constexpr const Theft& kSmall = kThefts[0];
constexpr const Theft& kSparse = kThefts[1];
constexpr const Theft& kMiddle = kThefts[2];

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
      block.movements.push_back(Spend(CoinsOf(position_)));
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

  // Whose coins the transaction spends: a thief's, or anybody's.
  std::vector<Coin>* CoinsOf(uint64_t number) {
    for (size_t i = 0; i < std::size(kThefts); ++i) {
      const Theft& theft = kThefts[i];
      if (number >= theft.begin && number < theft.end && number % theft.every == theft.first) {
        return &stolen_[i];
      }
    }
    return &coins_;
  }

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
  Movement Coinbase() {
    Movement movement = Begin();
    movement.coinbase = true;
    movement.minted = 5'000'000'000;
    std::vector<Coin>* to = &coins_;
    for (size_t i = 0; i < std::size(kThefts); ++i) {
      if (kThefts[i].block == height_) to = &stolen_[i];
    }
    for (int i = 0; i < 20; ++i) Pay(250'000'000, to, &movement);
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
  std::vector<Coin> stolen_[std::size(kThefts)];
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

int times = 3;

// The least of `times`.
Seconds Time(const std::function<void()>& work) {
  const auto cpu = [] {
    timespec now{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
  };
  Seconds best{1e9, 1e9};
  for (int i = 0; i < times; ++i) {
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

Seed CoinbaseOf(uint64_t height) {
  Seed seed;
  seed.request.source = height % 2 == 0 ? "even" : "odd";
  for (uint32_t i = 0; i < 20; ++i) seed.credits.push_back({Position{height * kInBlock}, i});
  return seed;
}

std::vector<std::string> AllPolicies() {
  std::vector<std::string> names;
  for (const absl::string_view name : PolicyNames()) names.emplace_back(name);
  return names;
}

// What is traced: the walk alone, or with all that `trace follow --json` tells without being asked
// for more.
FollowOptions Walk(std::vector<std::string> policies) {
  FollowOptions options;
  options.policies = std::move(policies);
  options.flows = false;
  options.patterns = false;
  options.threads = 1;
  return options;
}
FollowOptions Whole(std::vector<std::string> policies) {
  FollowOptions options = Walk(std::move(policies));
  options.flows = true;
  options.patterns = true;
  return options;
}

TraceResult Trace(const LedgerView& view, const std::vector<Seed>& seeds,
                  const FollowOptions& options) {
  const LedgerView* const views[] = {&view};
  return Check(Follow(views, seeds, options));
}

void CheckSums(const TraceResult& result) {
  for (const PolicyResult& policy : result.policies) {
    Units stolen = 0;
    Units ended = 0;
    for (const Stolen& s : policy.stolen) stolen += s.units;
    for (const Endpoint& end : policy.endpoints) ended += end.tainted;
    if (stolen == 0 || (policy.conserving ? ended != stolen : ended < stolen)) {
      Check(absl::InternalError("the endpoints do not add up to what was stolen"));
    }
  }
}

// What it takes. What it finds is seen to add up after that.
Seconds TimeTrace(const LedgerView& view, const std::vector<Seed>& seeds,
                  const FollowOptions& options, TraceResult* result) {
  const Seconds time = Time([&] { *result = Trace(view, seeds, options); });
  CheckSums(*result);
  return time;
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
                         1e6 * per_scanned, absl::StrJoin(rows, ",\n"));
}

// One trace after another, by one policy and by all, of the walk alone and of all that is told,
// each beside reading alone: the very requests that the trace makes, or the whole table straight
// through where that is how it is read.
// `all_whole`: all policies' flows at once too, which takes memory.
std::string Traces(const LedgerView& view, const std::vector<Seed>& seeds, bool all_whole) {
  const RecordingView recording(view);
  const uint64_t moved = Trace(recording, seeds, Walk({"poison"})).policies[0].movements;
  std::vector<Movement> movements;
  const Seconds bare = Time([&] {
    if (recording.scanned > recording.read) {
      Check(view.ScanMovements(Position{0}, [](const Movement&) { return absl::OkStatus(); }));
      return;
    }
    for (const std::vector<Position>& request : recording.requests) {
      Check(view.ReadMovements(request, &movements));
    }
  });
  struct Question {
    std::string name;
    std::vector<std::string> policies;
    size_t threads = 1;
  };
  std::vector<Question> questions;
  for (const std::string& name : AllPolicies()) questions.push_back({name, {name}});
  questions.push_back({"fifo on all processors", {"fifo"}, 0});
  questions.push_back({"all six", AllPolicies()});
  questions.push_back({"all six on all processors", AllPolicies(), 0});
  std::vector<std::string> rows;
  for (const bool whole : {false, true}) {
    Seconds fifo;
    for (const auto& [name, policies, threads] : questions) {
      if (whole && policies.size() > 1 && !all_whole) continue;
      FollowOptions options = whole ? Whole(policies) : Walk(policies);
      options.threads = threads;
      TraceResult result;
      const Seconds time = TimeTrace(view, seeds, options, &result);
      size_t most_lots = 0;
      for (const PolicyResult& policy : result.policies) {
        most_lots = std::max(most_lots, policy.most_lots);
      }
      if (name == "fifo") fifo = time;
      rows.push_back(absl::StrFormat(
          "{\"policy\":\"%s\",\"flows_and_patterns\":%s,\"cpu_seconds\":%.4f,"
          "\"wall_seconds\":%.4f,\"movements_per_cpu_second\":%.0f,"
          "\"movements_per_wall_second\":%.0f,\"reading_alone_over_it\":%.3f,"
          "\"reading_alone_over_it_by_the_clock\":%.3f,\"over_fifo\":%.2f,"
          "\"wall_over_fifo\":%.2f,\"most_lots\":%d}",
          name, whole ? "true" : "false", time.cpu, time.wall,
          static_cast<double>(moved) / time.cpu, static_cast<double>(moved) / time.wall,
          bare.cpu / time.cpu, bare.wall / time.wall, time.cpu / fifo.cpu, time.wall / fifo.wall,
          most_lots));
    }
  }
  return absl::StrFormat(
      "{\"movements\":%d,\"read\":%d,\"scanned\":%d,\"reading_alone_cpu_seconds\":%.4f,"
      "\n\"traces\":[\n%s]}",
      moved, recording.read, recording.scanned, bare.cpu, absl::StrJoin(rows, ",\n"));
}

// Every block's coins, from the first hundred blocks: they come to be everywhere.
std::vector<Seed> Everybody(const LedgerView& view) {
  std::vector<Seed> seeds;
  for (uint64_t height = 0; height < 100 && height * kInBlock < view.tip()->totals.movements;
       ++height) {
    seeds.push_back(CoinbaseOf(height));
  }
  return seeds;
}

// A line of /proc/self/status, in bytes.
uint64_t MemoryLine(absl::string_view name) {
  std::ifstream status("/proc/self/status");
  std::string line;
  uint64_t kilobytes = 0;
  while (std::getline(status, line)) {
    if (!absl::StartsWith(line, name)) continue;
    const std::vector<std::string> words =
        absl::StrSplit(line, absl::ByAnyChar(": \t"), absl::SkipEmpty());
    if (words.size() < 2 || !absl::SimpleAtoi(words[1], &kilobytes)) kilobytes = 0;
  }
  return kilobytes * 1024;
}

// How much more memory `work` has resident at its highest than before it began.
uint64_t MemoryOf(const std::function<void()>& work) {
  malloc_trim(0);
  std::ofstream("/proc/self/clear_refs") << "5";  // the highest so far is what there is now
  const uint64_t before = MemoryLine("VmRSS");
  work();
  const uint64_t highest = MemoryLine("VmHWM");
  return highest > before ? highest - before : 0;
}

// One and the same theft, by all policies at once, whatever the ledger's size.
std::string Flat(const LedgerView& view, const Theft& theft) {
  const std::vector<Seed> seeds = {CoinbaseOf(theft.block)};
  const RecordingView recording(view);
  const FollowOptions options = Whole(AllPolicies());
  const TraceResult result = Trace(recording, seeds, options);
  TraceResult found;
  const Seconds fifo = TimeTrace(view, seeds, Whole({"fifo"}), &found);
  const Seconds all = TimeTrace(view, seeds, options, &found);
  FollowOptions on_all_processors = options;
  on_all_processors.threads = 0;
  const Seconds together = TimeTrace(view, seeds, on_all_processors, &found);
  found = TraceResult();
  const uint64_t memory = MemoryOf([&] { Trace(view, seeds, options); });
  return absl::StrFormat(
      "{\"theft\":\"%s\",\"transactions\":%d,\"movements\":%d,\"read\":%d,\"scanned\":%d,"
      "\"ends\":%d,\"fifo_cpu_seconds\":%.4f,\"fifo_wall_seconds\":%.4f,"
      "\"all_six_cpu_seconds\":%.4f,\"all_six_wall_seconds\":%.4f,"
      "\"all_six_on_all_processors_wall_seconds\":%.4f,\"all_six_megabytes\":%d}",
      theft.name, view.tip()->totals.movements, result.policies[0].movements, recording.read,
      recording.scanned, result.policies[0].endpoints.size(), fifo.cpu, fifo.wall, all.cpu,
      all.wall, together.wall, memory >> 20);
}

int Main(int argc, char** argv) {
  uint64_t transactions = 2'000'000;
  uint64_t largest = 10'000'000;
  std::string commit;
  std::string folder = fs::temp_directory_path() / "spoor_taint_figures";
  for (int i = 1; i < argc; i += 2) {
    const std::string flag = argv[i];
    bool right = i + 1 < argc;
    if (right && flag == "--transactions") {
      right = absl::SimpleAtoi(argv[i + 1], &transactions);
    } else if (right && flag == "--largest") {
      right = absl::SimpleAtoi(argv[i + 1], &largest);
    } else if (right && flag == "--times") {
      right = absl::SimpleAtoi(argv[i + 1], &times) && times > 0;
    } else if (right && flag == "--folder") {
      folder = argv[i + 1];
    } else if (right && flag == "--commit") {
      commit = argv[i + 1];
    } else {
      right = false;
    }
    if (!right || transactions < kLeast || fs::exists(folder)) {
      std::cerr << "wanted: [--commit ID] [--transactions N] [--largest N] [--times N] "
                   "[--folder DIR], transactions from "
                << kLeast << ", DIR new; found " << flag << "\n";
      return 2;
    }
  }
  std::vector<std::string> flat;
  std::string crossing, narrow, sparse, wide;
  std::vector<uint64_t> sizes = {transactions};
  for (uint64_t size = kLeast; size <= largest; size *= 10) {
    if (size != transactions) sizes.push_back(size);
  }
  std::sort(sizes.begin(), sizes.end());
  for (const uint64_t size : sizes) {
    std::cerr << "a ledger of " << size << " transactions\n";
    fs::remove_all(folder);
    const Ledger ledger = MakeLedger(folder, size);
    for (const Theft& theft : kThefts) {
      if (theft.end <= size) flat.push_back(Flat(*ledger.view, theft));
    }
    if (size != transactions) continue;
    crossing = Crossing(*ledger.view);
    narrow = Traces(*ledger.view, {CoinbaseOf(kMiddle.block)}, /*all_whole=*/true);
    sparse = Traces(*ledger.view, {CoinbaseOf(kSparse.block)}, /*all_whole=*/true);
    wide = Traces(*ledger.view, Everybody(*ledger.view), /*all_whole=*/false);
  }
  fs::remove_all(folder);
  std::cout << absl::StrFormat(
      "{\"schema\":\"spoor.taint_figures.v1\",\"commit\":\"%s\",\"compiler\":\"%s\","
      "\"transactions\":%d,\n\"crossing\":%s,\n\"narrow\":%s,\n\"sparse\":%s,\n\"wide\":%s,\n"
      "\"one_theft\":[\n%s]}\n",
      commit, __VERSION__, transactions, crossing, narrow, sparse, wide,
      absl::StrJoin(flat, ",\n"));
  return 0;
}

}  // namespace
}  // namespace spoor

int main(int argc, char** argv) { return spoor::Main(argc, argv); }
