// What Ethereum costs beside what it cannot cost less: rows of exports beside simdjson going
// through the same bytes, senders beside libsecp256k1 recovering the same keys, following taint
// over an account chain beside reading the very movements that it read, in the very requests. Each
// peer runs in turn with what is measured, so that a busy machine is as busy for both; times are
// the processor's, and "of_peer" is our speed as a share of the peer's. The store is small and
// warm.
//   ethereum_bench --benchmark_format=json

#include <ctime>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "bench/recording_view.h"
#include "benchmark/benchmark.h"
#include "secp256k1.h"
#include "secp256k1_recovery.h"
#include "simdjson.h"
#include "spoor/chain/digest.h"
#include "spoor/chain/key.h"
#include "spoor/ethereum/etl.h"
#include "spoor/ethereum/raw_block.h"
#include "spoor/ethereum/rlp.h"
#include "spoor/ledger/memory_ledger.h"
#include "spoor/ledger/names.h"
#include "spoor/ledger/store.h"
#include "spoor/taint/follow.h"
#include "tests/support/random_account_ledger.h"

namespace spoor::ethereum {
namespace {

constexpr int kRows = 20'000;

double ProcessorSeconds() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

template <typename Ours, typename Peer>
void Beside(benchmark::State& state, const Ours& ours, const Peer& peer) {
  double our_seconds = 0;
  double peer_seconds = 0;
  for (auto _ : state) {
    const double begin = ProcessorSeconds();
    peer();
    const double middle = ProcessorSeconds();
    ours();
    const double end = ProcessorSeconds();
    peer_seconds += middle - begin;
    our_seconds += end - middle;
    state.SetIterationTime(end - middle);
  }
  state.counters["of_peer"] = peer_seconds / our_seconds;
}

std::string HashOf(int n) {
  const std::string text = absl::StrCat(n);
  return absl::StrCat("0x", ToHex(Keccak256(AsBytes(text))));
}

// Rows as ethereum-etl writes them, with all its fields.
std::string MakeRows(EtlKind kind) {
  std::string rows;
  for (int n = 0; n < kRows; ++n) {
    const std::string from = HashOf(n % 1000).substr(0, 42);
    const std::string to = HashOf(n % 777).substr(0, 42);
    if (kind == EtlKind::kLogs) {
      absl::StrAppend(
          &rows, R"({"type": "log", "log_index": )", n % 300, R"(, "transaction_hash": ")",
          HashOf(n / 3), R"(", "transaction_index": )", n % 150, R"(, "address": ")", to,
          R"(", "data": "0x)", std::string(48, '0'), HashOf(n).substr(2, 16),
          R"(", "topics": ["0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef", )",
          R"("0x000000000000000000000000)", from.substr(2), R"(", "0x000000000000000000000000)",
          to.substr(2), R"("], "block_number": )", 17'000'000 + n / 300,
          R"(, "block_timestamp": 1683029999, "block_hash": ")", HashOf(n / 300),
          R"(", "item_id": "log_)", HashOf(n / 3), "_", n % 300,
          R"(", "item_timestamp": "2023-05-02T12:19:59Z"})", "\n");
    } else {
      absl::StrAppend(
          &rows, R"({"type": "transaction", "hash": ")", HashOf(n), R"(", "nonce": )", n,
          R"(, "transaction_index": )", n % 150, R"(, "from_address": ")", from,
          R"(", "to_address": ")", to, R"(", "value": )", n, R"(000000000000000, "gas": 180817, )",
          R"("gas_price": 80969370967, "input": "0xa9059cbb000000000000000000000000)", to.substr(2),
          std::string(64, '0'), R"(", "block_timestamp": 1683029999, "block_number": )",
          17'000'000 + n / 150, R"(, "block_hash": ")", HashOf(n / 150),
          R"(", "max_fee_per_gas": 100000000000, "max_priority_fee_per_gas": 100000000, )",
          R"("transaction_type": 2, "receipt_cumulative_gas_used": 85143, "receipt_gas_used": 85143, )",
          R"("receipt_contract_address": null, "receipt_root": null, "receipt_status": 1, )",
          R"("receipt_effective_gas_price": 80869370967, "item_id": "transaction_)", HashOf(n),
          R"(", "item_timestamp": "2023-05-02T12:19:59Z"})", "\n");
    }
  }
  return rows;
}

class RowsFile {
 public:
  explicit RowsFile(EtlKind kind) : text_(MakeRows(kind)) {
    path_ = std::filesystem::temp_directory_path() /
            absl::StrCat("ethereum_bench_", EtlKindName(kind), ".json");
    std::ofstream(path_, std::ios::binary) << text_;
  }
  ~RowsFile() { std::filesystem::remove(path_); }
  const std::string& text() const { return text_; }
  std::string path() const { return path_.string(); }

 private:
  std::string text_;
  std::filesystem::path path_;
};

// The peer has the bytes in memory and looks at every key and every value, and makes nothing of
// them.
void BM_EtlRows(benchmark::State& state) {
  const auto kind = static_cast<EtlKind>(state.range(0));
  const RowsFile file(kind);
  const simdjson::padded_string text(file.text());
  int rows = 0;
  int peer_rows = 0;
  const auto ours = [&] {
    const auto reader = EtlReader::Open(kind, file.path());
    EtlRow row;
    rows = 0;
    while (*(*reader)->Next(&row)) ++rows;
  };
  const auto peer = [&] {
    simdjson::ondemand::parser parser;
    simdjson::ondemand::document_stream stream;
    if (parser.iterate_many(text, 1 << 20).get(stream) != simdjson::SUCCESS) return;
    peer_rows = 0;
    for (auto document : stream) {
      for (auto field : document.get_object()) {
        auto key = field.key();
        benchmark::DoNotOptimize(key);
        std::string_view value = field.value().value().raw_json_token();
        benchmark::DoNotOptimize(value);
      }
      ++peer_rows;
    }
  };
  Beside(state, ours, peer);
  if (rows != kRows || peer_rows != kRows) state.SkipWithError("not all rows");
  state.SetLabel(absl::StrCat(EtlKindName(kind), " beside simdjson"));
  state.SetItemsProcessed(state.iterations() * kRows);
  state.SetBytesProcessed(state.iterations() * static_cast<int64_t>(file.text().size()));
}
BENCHMARK(BM_EtlRows)
    ->Arg(static_cast<int>(EtlKind::kTransactions))
    ->Arg(static_cast<int>(EtlKind::kLogs))
    ->UseManualTime();

// A transfer that its sender signed (EIP-155).
Bytes SignedTransfer(const SecretKey& key) {
  Bytes items;
  AppendRlpNumber(9, &items);
  AppendRlpNumber(20'000'000'000, &items);
  AppendRlpNumber(21'000, &items);
  AppendRlpBytes(Bytes(20, 0x35), &items);
  AppendRlpNumber(Units(1'000'000'000'000'000'000), &items);
  AppendRlpBytes({}, &items);
  Bytes to_sign = items;
  AppendRlpNumber(1, &to_sign);
  AppendRlpBytes({}, &to_sign);
  AppendRlpBytes({}, &to_sign);
  Bytes list;
  AppendRlpList(to_sign, &list);
  int which = 0;
  const auto signature = key.SignRecoverable(Keccak256(list), &which);
  AppendRlpNumber(37 + which, &items);
  Bytes r(signature.begin(), signature.begin() + 32);
  Bytes s(signature.begin() + 32, signature.end());
  AppendRlpNumber(Units(absl::StrCat("0x", ToHex(r))), &items);
  AppendRlpNumber(Units(absl::StrCat("0x", ToHex(s))), &items);
  Bytes tx;
  AppendRlpList(items, &tx);
  return tx;
}

void BM_SenderOfTransaction(benchmark::State& state) {
  constexpr int kTransactions = 200;
  const SecretKey key = *SecretKey::FromBytes(Keccak256(AsBytes("sender")));
  const Bytes bytes = SignedTransfer(key);
  const auto point = key.GetPublicKey().Uncompressed();
  const Digest256 hash = Keccak256(ByteSpan(point).subspan(1));
  const Digest256 message = Keccak256(AsBytes("message"));
  int which = 0;
  const auto compact = key.SignRecoverable(message, &which);
  secp256k1_context* const context = secp256k1_context_create(SECP256K1_CONTEXT_NONE);
  secp256k1_ecdsa_recoverable_signature signature;
  secp256k1_ecdsa_recoverable_signature_parse_compact(context, &signature, compact.data(), which);
  Address sender{};
  int good = 0;
  const auto ours = [&] {
    for (int i = 0; i < kTransactions; ++i) {
      const auto tx = DecodeTransaction(bytes);
      if (tx.ok()) sender = tx->tx.from;
    }
  };
  const auto peer = [&] {
    secp256k1_pubkey recovered;
    good = 0;
    for (int i = 0; i < kTransactions; ++i) {
      good += secp256k1_ecdsa_recover(context, &recovered, &signature, message.data());
    }
  };
  Beside(state, ours, peer);
  secp256k1_context_destroy(context);
  if (!std::equal(sender.begin(), sender.end(), hash.begin() + 12) || good != kTransactions) {
    state.SkipWithError("another sender");
  }
  state.SetLabel("beside libsecp256k1");
  state.SetItemsProcessed(state.iterations() * kTransactions);
}
BENCHMARK(BM_SenderOfTransaction)->UseManualTime();

// An account ledger in a store, and thefts from its first accounts; one with swaps.
struct Scene {
  explicit Scene(bool swaps) {
    RandomAccountLedgerOptions options;
    options.blocks = 3'000;
    options.most_transactions = 20;
    options.assets = swaps ? 4 : 0;
    options.exchanges = swaps ? 4 : 0;
    options.most_units = 1'000'000'000;
    options.odd = false;
    const RandomLedger ledger = MakeRandomAccountLedger(/*seed=*/1, options);
    const std::string dir =
        (std::filesystem::temp_directory_path() / absl::StrCat("ethereum_bench_store_", swaps))
            .string();
    std::filesystem::remove_all(dir);
    {
      auto making = LedgerStore::OpenForWriting(dir, LedgerStore::Options());
      const auto writer = (*making)->Writer(ledger.chain);
      if (!AppendAll(ledger.blocks, writer->get()).ok()) std::abort();
    }
    store = *LedgerStore::OpenForReading(dir, LedgerStore::Options());
    view = *store->View(ledger.chain.name);
    std::vector<SeedRequest> requests;
    for (uint64_t id = 10; requests.size() < 30; ++id) {
      const auto balance = view->ReadBalance(Holding::Balance(AddressId{id}, kNativeAsset));
      if (!balance->has_value() || (*balance)->received == 0) continue;
      requests.push_back({"theft", NameOwner(*view, AddressId{id})->text, std::nullopt});
    }
    const LedgerView* const views[] = {view.get()};
    seeds = *FindSeeds(views, requests);
  }

  absl::StatusOr<TraceResult> Trace(const LedgerView& over) const {
    const LedgerView* const views[] = {&over};
    FollowOptions options;
    options.flows = false;
    options.reading = ReadRule::kPoint;
    options.threads = 1;
    return Follow(views, seeds, options);
  }

  std::unique_ptr<LedgerStore> store;
  std::unique_ptr<LedgerView> view;
  std::vector<Seed> seeds;
};

void BM_FollowBalances(benchmark::State& state) {
  const Scene scene(/*swaps=*/state.range(0) != 0);
  const RecordingView recording(*scene.view);
  if (!scene.Trace(recording).ok()) std::abort();
  int64_t movements = 0;
  for (const auto& request : recording.requests) {
    movements += static_cast<int64_t>(request.size());
  }
  bool adds_up = true;
  int64_t read = 0;
  const auto ours = [&] {
    const auto result = scene.Trace(*scene.view);
    adds_up = result.ok();
    if (!adds_up) return;
    Uint512 stolen = 0;
    Uint512 ended = 0;
    for (const Stolen& part : result->policies[0].stolen) stolen += part.units;
    for (const Endpoint& end : result->policies[0].endpoints) ended += end.stolen;
    adds_up = stolen > 0 && stolen == ended;
  };
  std::vector<Movement> out;
  const auto peer = [&] {
    read = 0;
    for (const auto& request : recording.requests) {
      if (!scene.view->ReadMovements(request, &out).ok()) std::abort();
      read += static_cast<int64_t>(out.size());
    }
  };
  Beside(state, ours, peer);
  if (!adds_up || read != movements) state.SkipWithError("it does not add up");
  state.SetLabel(absl::StrCat(state.range(0) != 0 ? "with swaps" : "native",
                              " beside reading the same movements"));
  state.counters["movements"] = static_cast<double>(movements);
  state.SetItemsProcessed(state.iterations() * movements);
}
BENCHMARK(BM_FollowBalances)->Arg(0)->Arg(1)->UseManualTime()->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace spoor::ethereum

BENCHMARK_MAIN();
