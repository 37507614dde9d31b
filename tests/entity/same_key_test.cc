#include "spoor/entity/same_key.h"

#include <algorithm>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "spoor/base/bytes.h"
#include "spoor/chain/address.h"
#include "spoor/chain/digest.h"
#include "spoor/chain/revealed.h"
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

// A chain whose blocks each pay a new address or spend an output.
class PlainChain {
 public:
  MemoryLedger& ledger() { return ledger_; }

  // Returns the position.
  uint64_t Pay(const ScriptId& script) {
    NewBlock block = Begin();
    block.new_addresses = {AddressKey(script)};
    block.movements[0].takes[0].owner = AddressId{addresses_++};
    return End(std::move(block));
  }
  // Spends what was paid at that position, to the address that it was paid to.
  uint64_t Spend(uint64_t paid, absl::string_view revealed) {
    NewBlock block = Begin();
    const Movement before = *ReadMovement(ledger_, Position{paid});
    const AddressId owner = before.takes[0].owner;
    Movement& movement = block.movements[0];
    movement.coinbase = false;
    movement.minted = 0;
    movement.gives = {{GiveKind::kHolding, Holding::Output(Position{paid}, 0), owner, 1}};
    movement.takes[0].owner = owner;
    movement.takes.push_back({TakerKind::kFee, Holding(), AddressId(), 0, 0});
    if (!revealed.empty()) block.revealed.push_back({0, 0, std::string(revealed)});
    return End(std::move(block));
  }

 private:
  NewBlock Begin() {
    NewBlock block;
    const std::optional<BlockInfo> tip = ledger_.tip();
    block.height = static_cast<uint32_t>(movements_);
    Bytes hash(32, static_cast<uint8_t>(movements_ + 1));
    block.hash = BlockHash::FromBytes(hash);
    if (tip.has_value()) block.previous = tip->hash;
    Movement movement;
    movement.position = Position{movements_};
    movement.height = block.height;
    movement.txid = Txid::FromBytes(hash);
    movement.coinbase = true;
    movement.minted = 1;
    Take take;
    take.holding = Holding::Output(movement.position, 0);
    take.amount = 1;
    movement.takes = {take};
    block.movements = {movement};
    block.transactions = 1;
    return block;
  }
  uint64_t End(NewBlock block) {
    EXPECT_TRUE(ledger_.Append(block).ok());
    return movements_++;
  }

  MemoryLedger ledger_{ChainInfoOf(GetNetwork(NetworkId::kMain))};
  uint64_t movements_ = 0;
  uint64_t addresses_ = 0;
};

std::string Text(ByteSpan bytes) { return std::string(AsChars(bytes)); }

// What spending from the script reveals of the generator.
std::string RevealedOf(const ScriptId& script) {
  for (const std::string& form :
       {Text(Generator().Compressed()), Text(Generator().Uncompressed())}) {
    if (IsRevealedBy(script, AsBytes(form))) return form;
  }
  return "";
}

// Whichever form is spent from first, and whenever: before, among and after the others appear.
TEST(SameKey, AnInputJoinsAllFormsOfItsKey) {
  std::vector<ScriptId> scripts = ScriptsOfKey(Generator());
  scripts.erase(scripts.begin(), scripts.begin() + 2);  // P2PK names its key by itself
  ASSERT_EQ(scripts.size(), 5u);
  for (size_t first = 0; first < scripts.size(); ++first) {
    for (size_t after = 1; after <= scripts.size(); ++after) {
      for (const bool again : {false, true}) {
        const std::string revealed = RevealedOf(scripts[first]);
        SCOPED_TRACE(absl::StrCat("script ", first, " is spent from after ", after, " appeared"));
        PlainChain chain;
        MemoryTable table;
        auto builder = *ClusterBuilder::Open(&table, ClusterOptions());
        uint64_t paid = 0;
        uint64_t spent = 0;
        std::vector<uint64_t> appeared;  // by address
        const auto update = [&] {
          if (again) builder = *ClusterBuilder::Open(&table, ClusterOptions());
          ASSERT_TRUE(builder->Update(chain.ledger()).ok());
        };
        for (size_t i = 0; i < scripts.size(); ++i) {
          const uint64_t position = chain.Pay(scripts[(first + i) % scripts.size()]);
          appeared.push_back(position);
          if (i == 0) paid = position;
          update();
          if (i + 1 == after) {
            spent = chain.Spend(paid, revealed);
            update();
          }
        }
        const auto clusters = *Clusters::Open(&table);
        if (revealed.empty()) {  // P2TR: what it says, it says of itself
          EXPECT_EQ(*clusters.Size(AddressId{0}), 1u);
          continue;
        }
        EXPECT_EQ(clusters.state().merges.at(Heuristic::kSameKey), 4u);
        EXPECT_EQ(*clusters.Size(AddressId{0}), 5u);
        for (uint64_t id = 1; id < scripts.size(); ++id) {
          const auto why = *clusters.Why(AddressId{0}, AddressId{id});
          ASSERT_TRUE(why.has_value());
          for (const Evidence& step : *why) {
            // Three forms have one hash in them; of the others the key must have been seen.
            uint64_t known = 0;
            for (const AddressId end : {step.from, step.to}) {
              const ScriptId& script = scripts[(first + end.number) % scripts.size()];
              const bool hashed = script != scripts[1] && script != scripts[4];
              known = std::max({known, appeared.at(end.number), hashed ? 0 : spent});
            }
            EXPECT_EQ(step.position.number, known);
          }
        }
        // From scratch, the same.
        MemoryTable fresh;
        ASSERT_TRUE((*ClusterBuilder::Open(&fresh, ClusterOptions()))->Update(chain.ledger()).ok());
        EXPECT_EQ(Clusters::Open(&fresh)->state(), clusters.state());
      }
    }
  }
}

// A key that is not that of the address is not believed, and one of another address joins nothing.
TEST(SameKey, WhatDoesNotFitJoinsNothing) {
  const std::vector<ScriptId> scripts = ScriptsOfKey(Generator());
  PlainChain chain;
  const uint64_t paid = chain.Pay(scripts[2]);
  chain.Pay(scripts[3]);
  chain.Pay(scripts[6]);
  std::string wrong = Text(Generator().Compressed());
  wrong[0] = 3;
  chain.Spend(paid, wrong);
  MemoryTable table;
  ASSERT_TRUE((*ClusterBuilder::Open(&table, ClusterOptions()))->Update(chain.ledger()).ok());
  EXPECT_EQ(*Clusters::Open(&table)->Size(AddressId{0}), 1u);
  const auto keys = KeysOfAddress(chain.ledger(), AddressId{0});
  ASSERT_TRUE(keys.ok());
  EXPECT_FALSE(keys->key.has_value());
}

TEST(SameKey, KeysOfAnAddressAreThoseShown) {
  const std::vector<ScriptId> scripts = ScriptsOfKey(Generator());
  PlainChain chain;
  chain.Pay(scripts[0]);
  const uint64_t pkh = chain.Pay(scripts[3]);
  Bytes multisig = {0x51, 33};
  AppendBytes(Generator().Compressed(), &multisig);
  multisig.insert(multisig.end(), {0x51, 0xae});
  const Digest256 hash = Sha256(multisig);
  const uint64_t wsh = chain.Pay({ScriptKind::kP2wsh, Bytes(hash.begin(), hash.end())});
  const uint64_t spent = chain.Spend(pkh, Text(Generator().Uncompressed()));
  chain.Spend(wsh, Text(multisig));
  const AddressKeys named = *KeysOfAddress(chain.ledger(), AddressId{0});
  EXPECT_EQ(named.key, Generator());
  EXPECT_FALSE(named.revealed.has_value());
  const AddressKeys shown = *KeysOfAddress(chain.ledger(), AddressId{1});
  EXPECT_EQ(shown.key, Generator());
  EXPECT_EQ(shown.revealed, Position{spent});
  const AddressKeys members = *KeysOfAddress(chain.ledger(), AddressId{2});
  EXPECT_FALSE(members.key.has_value());
  EXPECT_EQ(members.required, 1);
  EXPECT_EQ(members.members, std::vector<PublicKey>{Generator()});
  EXPECT_EQ(*AddressesOfKey(chain.ledger(), Generator()),
            (std::vector<AddressId>{AddressId{0}, AddressId{1}}));
  // Members may be several people: they are listed, and not joined.
  MemoryTable table;
  ASSERT_TRUE((*ClusterBuilder::Open(&table, ClusterOptions()))->Update(chain.ledger()).ok());
  EXPECT_EQ(*Clusters::Open(&table)->Size(AddressId{2}), 1u);
}

}  // namespace
}  // namespace spoor
