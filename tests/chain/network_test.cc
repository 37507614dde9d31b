#include "spoor/chain/network.h"

#include <set>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "spoor/chain/digest.h"

namespace spoor {
namespace {

// A genesis header, as its fields stand in chainparams.cpp, in the 80 bytes that are hashed.
Bytes GenesisHeader(absl::string_view merkle_root, uint32_t time, uint32_t bits, uint32_t nonce) {
  Bytes header;
  AppendLe32(1, &header);
  AppendBytes(BlockHash().span(), &header);
  AppendBytes(FromText<Txid>(merkle_root)->span(), &header);
  AppendLe32(time, &header);
  AppendLe32(bits, &header);
  AppendLe32(nonce, &header);
  return header;
}

TEST(Network, GenesisIsTheHashOfItsHeader) {
  constexpr char kBitcoin[] = "4a5e1e4baab89f3a32518a88c31bc87f618f76673e2cc77ab2127b7afdeda33b";
  constexpr char kTestnet4[] = "7aa0a7ae1e223414cb807e40cd57e667b718e42aaf9306db9102fe28912b7b4e";
  constexpr char kLitecoin[] = "97ddfbbae6be97fd6cdf3e7ca13232a3afff2353e29badfab7f73011edd4ced9";
  struct Case {
    NetworkId id;
    const char* merkle_root;
    uint32_t time, bits, nonce;
  };
  for (const Case& c : {
           Case{NetworkId::kMain, kBitcoin, 1231006505, 0x1d00ffff, 2083236893},
           Case{NetworkId::kTest, kBitcoin, 1296688602, 0x1d00ffff, 414098458},
           Case{NetworkId::kTestnet4, kTestnet4, 1714777860, 0x1d00ffff, 393743547},
           Case{NetworkId::kSignet, kBitcoin, 1598918400, 0x1e0377ae, 52613770},
           Case{NetworkId::kRegtest, kBitcoin, 1296688602, 0x207fffff, 2},
           Case{NetworkId::kLitecoin, kLitecoin, 1317972665, 0x1e0ffff0, 2084524493},
           Case{NetworkId::kLitecoinRegtest, kLitecoin, 1296688602, 0x207fffff, 0},
       }) {
    const Network& network = GetNetwork(c.id);
    SCOPED_TRACE(network.name);
    const Bytes header = GenesisHeader(c.merkle_root, c.time, c.bits, c.nonce);
    EXPECT_EQ(BlockHash::FromBytes(Sha256d(header)), network.genesis);
  }
}

TEST(Network, IsFoundByNameAndByChain) {
  ASSERT_EQ(AllNetworks().size(), 7u);
  for (size_t i = 0; i < AllNetworks().size(); ++i) {
    const Network* network = AllNetworks()[i];
    SCOPED_TRACE(network->name);
    EXPECT_EQ(static_cast<size_t>(network->id), i);
    EXPECT_EQ(&GetNetwork(network->id), network);
    EXPECT_EQ(FindNetwork(network->name).value(), network);
    EXPECT_EQ(FindNetwork(network->chain).value(), network);
  }
  for (const char* name : {"", "Main", "mainnet", "bitcoin-"}) {
    SCOPED_TRACE(name);
    EXPECT_EQ(FindNetwork(name).status().code(), absl::StatusCode::kInvalidArgument);
  }
  EXPECT_THAT(
      std::string(FindNetwork("doge").status().message()),
      ::testing::HasSubstr("main, test, testnet4, signet, regtest, litecoin, litecoin-regtest"));
}

TEST(Network, ChainsAreDistinct) {
  std::set<std::string> chains;
  std::set<BlockHash> genesis;
  for (const Network* network : AllNetworks()) {
    chains.insert(std::string(network->chain));
    genesis.insert(network->genesis);
  }
  EXPECT_EQ(chains.size(), AllNetworks().size());
  EXPECT_EQ(genesis.size(), AllNetworks().size());
}

TEST(Network, SignetMagicIsTheHashOfItsChallenge) {
  // BIP 325: the first four bytes of the double SHA-256 of the challenge with its size before it.
  Bytes challenge = {71};
  AppendBytes(
      FromHex("512103ad5e0edad18cb1f0fc0d28a3d4f1f3e445640337489abb10404f2d1e086be430210359ef5021"
              "964fe22d6f8e05b2463c9540ce96883fe3b278760f048f5189f2e6c452ae")
          .value(),
      &challenge);
  const Digest256 digest = Sha256d(challenge);
  const auto& magic = GetNetwork(NetworkId::kSignet).magic;
  EXPECT_EQ(ToHex(ByteSpan(digest).first(4)), ToHex(magic));
}

TEST(BlockSubsidy, Halves) {
  struct Case {
    NetworkId id;
    uint32_t height;
    uint64_t subsidy;
  };
  for (const Case& c :
       {Case{NetworkId::kMain, 0, 5'000'000'000}, Case{NetworkId::kMain, 209'999, 5'000'000'000},
        Case{NetworkId::kMain, 210'000, 2'500'000'000},
        Case{NetworkId::kMain, 840'000, 312'500'000}, Case{NetworkId::kMain, 6'929'999, 1},
        Case{NetworkId::kMain, 6'930'000, 0}, Case{NetworkId::kMain, 64 * 210'000, 0},
        Case{NetworkId::kMain, 0xffffffff, 0}, Case{NetworkId::kTestnet4, 210'000, 2'500'000'000},
        Case{NetworkId::kRegtest, 149, 5'000'000'000},
        Case{NetworkId::kRegtest, 150, 2'500'000'000},
        Case{NetworkId::kLitecoin, 839'999, 5'000'000'000},
        Case{NetworkId::kLitecoin, 840'000, 2'500'000'000},
        Case{NetworkId::kLitecoinRegtest, 300, 1'250'000'000}}) {
    const Network& network = GetNetwork(c.id);
    SCOPED_TRACE(::testing::Message() << network.name << " " << c.height);
    EXPECT_EQ(BlockSubsidy(network, c.height), c.subsidy);
  }
}

TEST(BlockSubsidy, AddsUpToLessThanMaxMoney) {
  const auto supply = [](const Network& n) {
    uint64_t sum = 0;
    for (uint32_t era = 0; era < 64; ++era) {
      sum += uint64_t{n.halving_interval} * BlockSubsidy(n, era * n.halving_interval);
    }
    return sum;
  };
  EXPECT_EQ(supply(GetNetwork(NetworkId::kMain)), 2'099'999'997'690'000u);
  EXPECT_EQ(supply(GetNetwork(NetworkId::kLitecoin)), 8'399'999'990'760'000u);
  for (const Network* network : AllNetworks()) {
    SCOPED_TRACE(network->name);
    EXPECT_LT(supply(*network), network->max_money);
  }
}

}  // namespace
}  // namespace spoor
