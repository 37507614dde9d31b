#include "lib/simulate/sighash.h"

#include <algorithm>
#include <array>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "spoor/bitcoin/block.h"
#include "spoor/chain/key.h"
#include "spoor/chain/script.h"
#include "spoor/simulate/simulate.h"
#include "tests/real_data.h"
#include "tests/simulate/replay.h"

namespace spoor::simulate {
namespace {

constexpr uint8_t kSighashAll = 1;

// How many signatures of each kind were found good.
struct Tally {
  int legacy = 0, witness_v0 = 0, taproot = 0;
};

// Splits "<push> <push>" of short pushes; empty if it is not that.
std::vector<ByteSpan> TwoPushes(ByteSpan script) {
  std::vector<ByteSpan> pushes;
  while (!script.empty()) {
    const size_t size = script[0];
    if (size == 0 || size >= 0x4c || script.size() < 1 + size) return {};
    pushes.push_back(script.subspan(1, size));
    script.remove_prefix(1 + size);
  }
  return pushes.size() == 2 ? pushes : std::vector<ByteSpan>();
}

// Verifies, by the digests under test, each signature of the simple kinds that commits to all.
void VerifyTransaction(const bitcoin::Transaction& tx, const std::vector<bitcoin::TxOut>& spent,
                       Tally* tally) {
  SighashMaker sighashes(tx, spent);
  for (size_t i = 0; i < tx.inputs.size(); ++i) {
    const ScriptId id = ClassifyScript(spent[i].script_pubkey);
    const std::vector<ByteSpan> items = bitcoin::WitnessItems(tx.inputs[i].witness);
    if (id.kind == ScriptKind::kP2tr && items.size() == 1 && items[0].size() == 64) {
      std::array<uint8_t, 32> key;
      std::copy(id.payload.begin(), id.payload.end(), key.begin());
      EXPECT_TRUE(VerifySchnorr(key, sighashes.Taproot(i), items[0]));
      ++tally->taproot;
    }
    std::vector<ByteSpan> pushes;
    if (id.kind == ScriptKind::kP2pkh) pushes = TwoPushes(tx.inputs[i].script_sig);
    if (id.kind == ScriptKind::kP2wpkh) pushes = items;
    if (pushes.size() != 2 || pushes[0].back() != kSighashAll) continue;
    const auto key = PublicKey::Parse(pushes[1]);
    ASSERT_TRUE(key.ok()) << key.status();
    const ByteSpan signature = pushes[0].first(pushes[0].size() - 1);
    if (id.kind == ScriptKind::kP2pkh) {
      EXPECT_TRUE(VerifyEcdsa(*key, sighashes.Legacy(i, spent[i].script_pubkey), signature));
      ++tally->legacy;
    } else {
      const Bytes code = *ScriptFromId({ScriptKind::kP2pkh, id.payload});
      EXPECT_TRUE(VerifyEcdsa(*key, sighashes.WitnessV0(i, code), signature));
      ++tally->witness_v0;
    }
  }
}

// Replays the ledger and verifies every transaction of it.
void VerifyLedger(const std::string& folder, Tally* tally) {
  const auto replay =
      ReplayBlocks(folder, GetNetwork(NetworkId::kRegtest),
                   [tally](uint32_t, const bitcoin::Block& block, const auto& spent_by_place) {
                     for (const bitcoin::Transaction& tx : block.transactions) {
                       if (tx.IsCoinbase()) continue;
                       std::vector<bitcoin::TxOut> spent;
                       for (const bitcoin::TxIn& input : tx.inputs) {
                         const auto& output = spent_by_place.at(input.prevout);
                         spent.push_back({*Amount::FromSat(output.value), output.script});
                       }
                       VerifyTransaction(tx, spent, tally);
                     }
                   });
  EXPECT_TRUE(replay.ok()) << replay.status();
}

// The first example of BIP 143.
TEST(Sighash, Bip143) {
  const Bytes raw = *FromHex(
      "0100000002fff7f7881a8099afa6940d42d1e7f6362bec38171ea3edf433541db4e4ad969f0000000000eeffffff"
      "ef51e1b804cc89d182d279655c3aa89e815b1b309fe287d9b2b55d57b90ec68a0100000000ffffffff02202cb206"
      "000000001976a9148280b37df378db99f66f85c95a783a76ac7a6d5988ac9093510d000000001976a9143bde42db"
      "ee7e4dbe6a21b2d50ce2f0167faa815988ac11000000");
  const auto tx = bitcoin::DecodeTransaction(GetNetwork(NetworkId::kMain), raw);
  ASSERT_TRUE(tx.ok()) << tx.status();
  const Bytes code = *FromHex("76a9141d0f172a0ecb48aee1be1f2687d2963ae33f71a188ac");
  const std::vector<bitcoin::TxOut> spent = {{}, {*Amount::FromSat(600'000'000), {}}};
  SighashMaker sighashes(*tx, spent);
  EXPECT_EQ(ToHex(sighashes.WitnessV0(1, code)),
            "c37af31116d1b27caf68aae9e3ac82f1477929014d5b917657d0eb49478cb670");
}

// BIP 341's wallet test vectors: key path spending, the input with SIGHASH_DEFAULT.
TEST(Sighash, Bip341) {
  const Bytes raw = *FromHex(
      "02000000097de20cbff686da83a54981d2b9bab3586f4ca7e48f57f5b55963115f3b334e9c0100000000000000"
      "00d7b7cab57b1393ace2d064f4d4a2cb8af6def61273e127517d44759b6dafdd990000000000fffffffff8e1f5"
      "83384333689228c5d28eac13366be082dc57441760d957275419a418420000000000fffffffff0689180aa63b3"
      "0cb162a73c6d2a38b7eeda2a83ece74310fda0843ad604853b0100000000feffffffaa5202bdf6d8ccd2ee0f02"
      "02afbbb7461d9264a25e5bfd3c5a52ee1239e0ba6c0000000000feffffff956149bdc66faa968eb2be2d2faa29"
      "718acbfe3941215893a2a3446d32acd050000000000000000000e664b9773b88c09c32cb70a2a3e4da0ced63b7"
      "ba3b22f848531bbb1d5d5f4c94010000000000000000e9aa6b8e6c9de67619e6a3924ae25696bb7b694bb677a6"
      "32a74ef7eadfd4eabf0000000000ffffffffa778eb6a263dc090464cd125c466b5a99667720b1c110468831d05"
      "8aa1b82af10100000000ffffffff0200ca9a3b000000001976a91406afd46bcdfd22ef94ac122aa11f241244a3"
      "7ecc88ac807840cb0000000020ac9a87f5594be208f8532db38cff670c450ed2fea8fcdefcc9a663f78bab962b"
      "0065cd1d");
  const auto tx = bitcoin::DecodeTransaction(GetNetwork(NetworkId::kMain), raw);
  ASSERT_TRUE(tx.ok()) << tx.status();
  struct Spent {
    const char* script;
    uint64_t value;
  };
  static constexpr Spent kSpent[] = {
      {"512053a1f6e454df1aa2776a2814a721372d6258050de330b3c6d10ee8f4e0dda343", 420000000},
      {"5120147c9c57132f6e7ecddba9800bb0c4449251c92a1e60371ee77557b6620f3ea3", 462000000},
      {"76a914751e76e8199196d454941c45d1b3a323f1433bd688ac", 294000000},
      {"5120e4d810fd50586274face62b8a807eb9719cef49c04177cc6b76a9a4251d5450e", 504000000},
      {"512091b64d5324723a985170e4dc5a0f84c041804f2cd12660fa5dec09fc21783605", 630000000},
      {"00147dd65592d0ab2fe0d0257d571abf032cd9db93dc", 378000000},
      {"512075169f4001aa68f15bbed28b218df1d0a62cbbcf1188c6665110c293c907b831", 672000000},
      {"5120712447206d7a5238acc7ff53fbe94a3b64539ad291c7cdbc490b7577e4b17df5", 546000000},
      {"512077e30a5522dd9f894c3f8b8bd4c4b2cf82ca7da8a3ea6a239655c39c050ab220", 588000000}};
  std::vector<Bytes> scripts;
  for (const Spent& output : kSpent) scripts.push_back(*FromHex(output.script));
  std::vector<bitcoin::TxOut> spent;
  for (size_t i = 0; i < scripts.size(); ++i) {
    spent.push_back({*Amount::FromSat(kSpent[i].value), scripts[i]});
  }
  SighashMaker sighashes(*tx, spent);
  EXPECT_EQ(ToHex(sighashes.Taproot(4)),
            "4f900a0bae3f1446fd48490c2958b5a023228f01661cda3496a11da502a7f7ef");
}

// Real signatures by real keys of a real block.
TEST(Sighash, RealLegacySignatures) {
  SPOOR_REAL_DATA_OR_SKIP(folder, "bitcoin/blocks-with-prevouts");
  const auto read = [](const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return Bytes{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  };
  const Bytes raw = read(folder + "/block300025.raw");
  const Bytes undo = read(folder + "/block300025-undo.raw");
  const auto block = bitcoin::DecodeBlock(GetNetwork(NetworkId::kMain), raw);
  ASSERT_TRUE(block.ok()) << block.status();
  ByteReader reader(undo);
  Tally tally;
  for (size_t t = 1; t < block->transactions.size(); ++t) {
    std::vector<bitcoin::TxOut> spent;
    for (size_t i = 0; i < block->transactions[t].inputs.size(); ++i) {
      const auto value = reader.ReadLe64();
      const auto script = reader.ReadSizedBytes();
      ASSERT_TRUE(value.ok() && script.ok());
      spent.push_back({*Amount::FromSat(*value), *script});
    }
    VerifyTransaction(block->transactions[t], spent, &tally);
  }
  EXPECT_TRUE(reader.empty());
  EXPECT_GT(tally.legacy, 500);
}

// Those of a Bitcoin Core wallet.
TEST(Sighash, RealWitnessSignatures) {
  SPOOR_REAL_DATA_OR_SKIP(folder, "bitcoin/regtest-taproot/blocks");
  Tally tally;
  VerifyLedger(folder, &tally);
  EXPECT_EQ(tally.witness_v0, 26);
}

// And our own, of every kind that no node here checks.
TEST(Sighash, SignedLedgerVerifies) {
  ScratchFolder folder;
  SimulationOptions options;
  options.sign = true;
  options.blocks = 200;
  options.transactions = 1'500;
  ASSERT_TRUE(Simulate(options, folder.path(), nullptr).ok());
  Tally tally;
  VerifyLedger(folder.path() + "/blocks", &tally);
  EXPECT_GT(tally.legacy, 100);
  EXPECT_GT(tally.witness_v0, 100);
  EXPECT_GT(tally.taproot, 5);
}

}  // namespace
}  // namespace spoor::simulate
