// How fast ledgers are made. By default 10^5 transactions; SPOOR_BENCH_TRANSACTIONS=1000000 or
// 10000000 for the larger ones.

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <string>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "benchmark/benchmark.h"
#include "spoor/simulate/simulate.h"

namespace spoor::simulate {
namespace {

void Make(benchmark::State& state, SimulationOptions options) {
  const std::string folder =
      (std::filesystem::temp_directory_path() / absl::StrCat("spoor_simulate_bench_", getpid()))
          .string();
  uint64_t made = 0, bytes = 0;
  for (auto _ : state) {
    const auto summary = Simulate(options, folder, nullptr);
    state.PauseTiming();
    if (!summary.ok()) {
      state.SkipWithError(summary.status().ToString().c_str());
      break;
    }
    const uint64_t paid = summary->transactions - summary->blocks;
    if (paid < options.transactions || paid > options.transactions + 2 ||
        summary->utxo_total + summary->unspendable != summary->minted || summary->thefts != 1) {
      state.SkipWithError("the ledger is not the one that was asked for");
      break;
    }
    made += summary->transactions;
    for (const auto& file : std::filesystem::directory_iterator(folder + "/blocks")) {
      bytes += file.file_size();
    }
    std::filesystem::remove_all(folder);
    state.ResumeTiming();
  }
  std::filesystem::remove_all(folder);
  state.SetItemsProcessed(static_cast<int64_t>(made));
  state.SetBytesProcessed(static_cast<int64_t>(bytes));
}

void BM_Simulate(benchmark::State& state) {
  SimulationOptions options;
  options.transactions = 100'000;
  const char* wanted = std::getenv("SPOOR_BENCH_TRANSACTIONS");
  if (wanted != nullptr && !absl::SimpleAtoi(wanted, &options.transactions)) {
    state.SkipWithError("SPOOR_BENCH_TRANSACTIONS is no number");
    return;
  }
  Make(state, options);
}
BENCHMARK(BM_Simulate)->Unit(benchmark::kMillisecond)->UseRealTime();

void BM_SimulateSigned(benchmark::State& state) {
  SimulationOptions options;
  options.transactions = 3'000;
  options.sign = true;
  Make(state, options);
}
BENCHMARK(BM_SimulateSigned)->Unit(benchmark::kMillisecond)->UseRealTime();

}  // namespace
}  // namespace spoor::simulate

BENCHMARK_MAIN();
