// The chain layer's share of ingest: a double SHA-256 for each transaction, a classification for
// each output. Sha256d/250 stands beside LongSha256, the same bytes in one long message, and
// beside Sha256dOfEach/250, many messages at once.

#include <vector>

#include "benchmark/benchmark.h"
#include "spoor/chain/address.h"
#include "spoor/chain/digest.h"
#include "spoor/chain/key.h"

namespace spoor {
namespace {

// SHA-256 of a message of `size` bytes runs over this many, with padding, in blocks of 64.
int64_t PaddedSize(int64_t size) { return (size + 9 + 63) / 64 * 64; }

void BM_Sha256d(benchmark::State& state) {
  const Bytes message(static_cast<size_t>(state.range(0)), 0x5a);
  const Digest256 expected = Sha256(Sha256(message));
  Digest256 digest{};
  for (auto _ : state) {
    digest = Sha256d(message);
    benchmark::DoNotOptimize(digest);
  }
  if (digest != expected) state.SkipWithError("not the SHA-256 of the SHA-256");
  state.SetItemsProcessed(state.iterations());
  state.SetBytesProcessed(state.iterations() * (PaddedSize(state.range(0)) + PaddedSize(32)));
}
BENCHMARK(BM_Sha256d)->Arg(80)->Arg(250)->Arg(1000);

// As many messages at once as a block has transactions.
void BM_Sha256dOfEach(benchmark::State& state) {
  const Bytes message(static_cast<size_t>(state.range(0)), 0x5a);
  const std::vector<ByteSpan> messages(2000, message);
  const Digest256 expected = Sha256d(message);
  std::vector<Digest256> digests(messages.size());
  for (auto _ : state) {
    Sha256dOfEach(messages, absl::MakeSpan(digests));
    benchmark::DoNotOptimize(digests.data());
  }
  for (const Digest256& digest : digests) {
    if (digest != expected) state.SkipWithError("not what it is of each alone");
  }
  const auto hashed = state.iterations() * static_cast<int64_t>(messages.size());
  state.SetItemsProcessed(hashed);
  state.SetBytesProcessed(hashed * (PaddedSize(state.range(0)) + PaddedSize(32)));
}
BENCHMARK(BM_Sha256dOfEach)->Arg(80)->Arg(250)->Arg(1000);

void BM_LongSha256(benchmark::State& state) {
  const Bytes message(1'000'000, 'a');
  Digest256 digest{};
  for (auto _ : state) {
    digest = Sha256(message);
    benchmark::DoNotOptimize(digest);
  }
  // FIPS 180's vector of a million letters a.
  if (ToHex(digest) != "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0") {
    state.SkipWithError("wrong digest");
  }
  state.SetBytesProcessed(state.iterations() * PaddedSize(1'000'000));
}
BENCHMARK(BM_LongSha256);

void BM_ClassifyScript(benchmark::State& state) {
  std::vector<Bytes> scripts;
  for (const char* hex : {"76a914751e76e8199196d454941c45d1b3a323f1433bd688ac",
                          "a914751e76e8199196d454941c45d1b3a323f1433bd687",
                          "0014751e76e8199196d454941c45d1b3a323f1433bd6",
                          "512079be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798"}) {
    scripts.push_back(FromHex(hex).value());
  }
  size_t payloads = 0;
  for (auto _ : state) {
    for (const Bytes& script : scripts) payloads += ClassifyScript(script).payload.size();
  }
  if (payloads != static_cast<size_t>(state.iterations()) * (20 + 20 + 20 + 32)) {
    state.SkipWithError("a payload of the wrong size");
  }
  state.SetItemsProcessed(state.iterations() * static_cast<int64_t>(scripts.size()));
}
BENCHMARK(BM_ClassifyScript);

void BM_DecodeAddress(benchmark::State& state, const char* text) {
  const Network& network = GetNetwork(NetworkId::kMain);
  absl::StatusOr<ScriptId> id;
  for (auto _ : state) {
    id = DecodeAddress(network, text);
    benchmark::DoNotOptimize(id);
  }
  if (!id.ok() || EncodeAddress(network, *id) != text) state.SkipWithError("wrong script");
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK_CAPTURE(BM_DecodeAddress, base58, "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa");
BENCHMARK_CAPTURE(BM_DecodeAddress, bech32, "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4");

void BM_EncodeAddress(benchmark::State& state, const char* text) {
  const Network& network = GetNetwork(NetworkId::kMain);
  const ScriptId id = DecodeAddress(network, text).value();
  std::optional<std::string> address;
  for (auto _ : state) {
    address = EncodeAddress(network, id);
    benchmark::DoNotOptimize(address);
  }
  if (address != text) state.SkipWithError("wrong address");
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK_CAPTURE(BM_EncodeAddress, base58, "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa");
BENCHMARK_CAPTURE(BM_EncodeAddress, bech32, "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4");

void BM_TaprootOutputKey(benchmark::State& state) {
  const PublicKey key =
      PublicKey::Parse(
          FromHex("02cc8a4bc64d897bddc5fbc2f670f7a8ba0b386779106cf1223c6fc5d7cd6fc115").value())
          .value();
  std::array<uint8_t, 32> output{};
  for (auto _ : state) {
    output = key.TaprootOutputKey();
    benchmark::DoNotOptimize(output);
  }
  if (ToHex(output) != "a60869f0dbcf1dc659c9cecbaf8050135ea9e8cdc487053f1dc6880949dc684c") {
    state.SkipWithError("not BIP 86's output key");
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(BM_TaprootOutputKey);

}  // namespace
}  // namespace spoor

BENCHMARK_MAIN();
