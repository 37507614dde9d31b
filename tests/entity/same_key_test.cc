#include "spoor/entity/same_key.h"

#include <set>
#include <string>

#include "gtest/gtest.h"
#include "spoor/base/bytes.h"
#include "spoor/chain/address.h"
#include "spoor/entity/cluster_builder.h"
#include "spoor/ledger/memory_ledger.h"
#include "spoor/ledger/names.h"

namespace spoor {
namespace {

// The key of the secret 1: every address of it is well known.
PublicKey Generator() {
  return *PublicKey::Parse(
      *FromHex("0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798"));
}

TEST(SameKey, ScriptsOfTheGeneratorAreThePublishedOnes) {
  const Network& network = GetNetwork(NetworkId::kMain);
  std::set<std::string> addresses;
  for (const ScriptId& script : ScriptsOfKey(Generator())) {
    addresses.insert(ScriptText(network, script));
    EXPECT_TRUE(IsValid(script));
  }
  EXPECT_EQ(addresses.size(), 7u);
  for (const std::string address :
       {"1BgGZ9tcN4rm9KBzDn7KprQz87SZ26SAMH", "1EHNa6Q4Jz2uvNExL497mE43ikXhwF6kZm",
        "3JvL6Ymt8MVWiCNHC7oWU6nLeHNJKLZGLN", "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4",
        "bc1pmfr3p9j00pfxjh0zmgp99y8zftmd3s5pmedqhyptwy6lm87hf5sspknck9"}) {
    EXPECT_EQ(addresses.count(address), 1u) << address;
  }
}

TEST(SameKey, AccountOfTheGeneratorIsThePublishedOne) {
  EXPECT_EQ(AccountOfKey(Generator()), "0x7E5F4552091A69125d5DfCb7b8C2659029395Bdf");
}

TEST(SameKey, OnlyP2pkAndMultisigNameKeys) {
  const std::vector<ScriptId> scripts = ScriptsOfKey(Generator());
  EXPECT_EQ(KeyOfScript(scripts[0]), Generator());
  EXPECT_EQ(KeyOfScript(scripts[1]), Generator());
  for (size_t i = 2; i < scripts.size(); ++i) EXPECT_FALSE(KeyOfScript(scripts[i]).has_value());
  Bytes no_point(33, 0xff);
  no_point[0] = 2;
  EXPECT_FALSE(KeyOfScript({ScriptKind::kP2pk, no_point}).has_value());
  Bytes multisig = {0x51, 33};
  AppendBytes(Generator().Compressed(), &multisig);
  multisig.push_back(33);
  AppendBytes(no_point, &multisig);
  multisig.insert(multisig.end(), {0x52, 0xae});
  const ScriptId script = ClassifyScript(multisig);
  ASSERT_EQ(script.kind, ScriptKind::kMultisig);
  EXPECT_EQ(KeysOfMultisig(script), std::vector<PublicKey>{Generator()});
}

// All forms of one key, in any order of appearance, become one cluster once the P2PK form is there.
TEST(SameKey, FormsAreJoinedInWhateverOrderTheyAppear) {
  const std::vector<ScriptId> scripts = ScriptsOfKey(Generator());
  for (size_t last = 0; last < scripts.size(); ++last) {
    MemoryLedger chain(ChainInfoOf(GetNetwork(NetworkId::kMain)));
    MemoryTable table;
    const auto builder = ClusterBuilder::Open(&table, ClusterOptions());
    BlockHash previous;
    for (size_t i = 0; i < scripts.size(); ++i) {
      NewBlock block;
      block.height = static_cast<uint32_t>(i);
      Bytes hash(32, static_cast<uint8_t>(i + 1));
      block.hash = BlockHash::FromBytes(hash);
      block.previous = previous;
      previous = block.hash;
      block.new_addresses = {AddressKey(scripts[(last + 1 + i) % scripts.size()])};
      Movement movement;
      movement.position = Position{i};
      movement.height = block.height;
      movement.txid = Txid::FromBytes(hash);
      movement.coinbase = true;
      movement.minted = 1;
      Take take;
      take.holding = Holding::Output(movement.position, 0);
      take.owner = AddressId{i};
      take.amount = 1;
      movement.takes = {take};
      block.movements = {movement};
      block.transactions = 1;
      ASSERT_TRUE(chain.Append(block).ok());
      ASSERT_TRUE((*builder)->Update(chain).ok());
    }
    const auto clusters = Clusters::Open(&table);
    ASSERT_TRUE(clusters.ok());
    EXPECT_EQ(*clusters->Size(AddressId{0}), scripts.size()) << "last " << last;
    EXPECT_EQ(clusters->state().merges.at(Heuristic::kSameKey), scripts.size() - 1);
  }
}

}  // namespace
}  // namespace spoor
