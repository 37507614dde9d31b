// What reading Ethereum costs beside what it cannot cost less: rows of exports beside simdjson
// going through the same bytes, senders beside libsecp256k1 recovering the same keys. CPU time.

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "benchmark/benchmark.h"
#include "secp256k1.h"
#include "secp256k1_recovery.h"
#include "simdjson.h"
#include "spoor/chain/digest.h"
#include "spoor/chain/key.h"
#include "spoor/ethereum/etl.h"
#include "spoor/ethereum/raw_block.h"
#include "spoor/ethereum/rlp.h"

namespace spoor::ethereum {
namespace {

constexpr int kRows = 20'000;

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

void BM_EtlRows(benchmark::State& state) {
  const auto kind = static_cast<EtlKind>(state.range(0));
  const RowsFile file(kind);
  int rows = 0;
  for (auto _ : state) {
    const auto reader = EtlReader::Open(kind, file.path());
    EtlRow row;
    rows = 0;
    while (*(*reader)->Next(&row)) ++rows;
  }
  if (rows != kRows) state.SkipWithError("not all rows");
  state.SetLabel(EtlKindName(kind));
  state.SetItemsProcessed(state.iterations() * kRows);
  state.SetBytesProcessed(state.iterations() * static_cast<int64_t>(file.text().size()));
}
BENCHMARK(BM_EtlRows)
    ->Arg(static_cast<int>(EtlKind::kTransactions))
    ->Arg(static_cast<int>(EtlKind::kLogs));

// The same bytes, in memory: every key and every value looked at, nothing made of them.
void BM_SimdjsonAlone(benchmark::State& state) {
  const auto kind = static_cast<EtlKind>(state.range(0));
  const simdjson::padded_string text(MakeRows(kind));
  int rows = 0;
  for (auto _ : state) {
    simdjson::ondemand::parser parser;
    simdjson::ondemand::document_stream stream;
    if (parser.iterate_many(text, 1 << 20).get(stream) != simdjson::SUCCESS) break;
    rows = 0;
    for (auto document : stream) {
      for (auto field : document.get_object()) {
        auto key = field.key();
        benchmark::DoNotOptimize(key);
        std::string_view value = field.value().value().raw_json_token();
        benchmark::DoNotOptimize(value);
      }
      ++rows;
    }
  }
  if (rows != kRows) state.SkipWithError("not all rows");
  state.SetLabel(EtlKindName(kind));
  state.SetItemsProcessed(state.iterations() * kRows);
  state.SetBytesProcessed(state.iterations() * static_cast<int64_t>(text.size()));
}
BENCHMARK(BM_SimdjsonAlone)
    ->Arg(static_cast<int>(EtlKind::kTransactions))
    ->Arg(static_cast<int>(EtlKind::kLogs));

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
  const SecretKey key = *SecretKey::FromBytes(Keccak256(AsBytes("sender")));
  const Bytes bytes = SignedTransfer(key);
  const auto point = key.GetPublicKey().Uncompressed();
  const Digest256 hash = Keccak256(ByteSpan(point).subspan(1));
  Address sender{};
  for (auto _ : state) {
    const auto tx = DecodeTransaction(bytes);
    if (tx.ok()) sender = tx->tx.from;
  }
  if (!std::equal(sender.begin(), sender.end(), hash.begin() + 12)) {
    state.SkipWithError("another sender");
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(BM_SenderOfTransaction);

void BM_Secp256k1Alone(benchmark::State& state) {
  const SecretKey key = *SecretKey::FromBytes(Keccak256(AsBytes("sender")));
  const Digest256 message = Keccak256(AsBytes("message"));
  int which = 0;
  const auto compact = key.SignRecoverable(message, &which);
  secp256k1_context* const context = secp256k1_context_create(SECP256K1_CONTEXT_NONE);
  secp256k1_ecdsa_recoverable_signature signature;
  secp256k1_ecdsa_recoverable_signature_parse_compact(context, &signature, compact.data(), which);
  secp256k1_pubkey recovered;
  int good = 0;
  for (auto _ : state) {
    good = secp256k1_ecdsa_recover(context, &recovered, &signature, message.data());
  }
  if (good != 1) state.SkipWithError("no key");
  secp256k1_context_destroy(context);
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(BM_Secp256k1Alone);

}  // namespace
}  // namespace spoor::ethereum

BENCHMARK_MAIN();
