#include "lib/ingest/checked_block.h"

#include <memory>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "spoor/base/read_ahead.h"
#include "spoor/bitcoin/block_builder.h"
#include "spoor/chain/network.h"

namespace spoor {
namespace {

using bitcoin::BuildBlock;
using bitcoin::Transaction;
using bitcoin::TransactionBuilder;

const Network& Regtest() { return GetNetwork(NetworkId::kRegtest); }

// A block at that height, with so many transactions besides the coinbase, each of which shows
// `key`.
Bytes BlockOf(uint32_t height, size_t spends, uint8_t key) {
  Bytes public_key(33, key);
  public_key[0] = 2;
  std::vector<TransactionBuilder> builders(spends);
  std::vector<Transaction> transactions;
  for (size_t i = 0; i < spends; ++i) {
    builders[i].AddInput({Txid::FromBytes(Sha256d(Bytes(1, static_cast<uint8_t>(i)))), 0});
    builders[i].SetWitness(0, {Bytes(71, 1), public_key});
    builders[i].AddOutput(*Amount::FromSat(7), Bytes{0x51});
    transactions.push_back(builders[i].Build());
  }
  return BuildBlock(Regtest(), {.previous = Regtest().genesis,
                                .height = height,
                                .time = 1'700'000'000,
                                .payouts = {{*Amount::FromSat(50), Bytes{0x51}}},
                                .transactions = transactions})
      .bytes;
}

TEST(CheckedBlock, ServesAgainForAnother) {
  const KeyHasher hasher;
  CheckedBlock used;
  const Bytes large = BlockOf(1, 50, 7);
  Bytes cut = large;
  cut.pop_back();
  Bytes spoiled = large;
  spoiled[spoiled.size() - 5] ^= 1;  // an output's script
  for (const Bytes& bytes :
       {large, BlockOf(2, 3, 8), cut, BlockOf(3, 0, 9), large, spoiled, BlockOf(4, 20, 10)}) {
    CheckedBlock fresh;
    fresh.bytes = bytes;
    used.bytes = bytes;
    const absl::Status want = fresh.Decode(Regtest(), hasher);
    EXPECT_EQ(used.Decode(Regtest(), hasher), want);
    if (!want.ok()) continue;
    EXPECT_EQ(used.block.hash, fresh.block.hash);
    ASSERT_EQ(used.block.transactions.size(), fresh.block.transactions.size());
    for (size_t i = 0; i < fresh.block.transactions.size(); ++i) {
      EXPECT_EQ(used.block.transactions[i].wtxid, fresh.block.transactions[i].wtxid);
    }
    ASSERT_EQ(used.revealed.size(), fresh.block.transactions.size() - 1);
    for (size_t i = 0; i < used.revealed.size(); ++i) {
      ASSERT_TRUE(used.revealed[i].has_value());
      EXPECT_EQ(used.revealed[i]->bytes, fresh.revealed[i]->bytes);
      EXPECT_EQ(used.revealed[i]->script_pubkey(), fresh.revealed[i]->script_pubkey());
      EXPECT_EQ(used.hashes.revealed[i], HashOf(hasher, fresh.revealed[i]->script_pubkey()));
      EXPECT_EQ(used.hashes.spent[i],
                HashOf(hasher, fresh.block.transactions[i + 1].inputs[0].prevout));
    }
    EXPECT_EQ(used.hashes.spent, fresh.hashes.spent);
    EXPECT_EQ(used.hashes.revealed, fresh.hashes.revealed);
    EXPECT_EQ(used.hashes.paid, fresh.hashes.paid);
    EXPECT_EQ(used.hashes.made, fresh.hashes.made);
    EXPECT_EQ(used.fingerprints, fresh.fingerprints);
    ASSERT_EQ(used.fingerprints.size(), fresh.block.transactions.size());
    const Transaction& last = fresh.block.transactions.back();
    EXPECT_EQ(used.hashes.paid.back(), HashOf(hasher, last.outputs.back().script_pubkey));
    EXPECT_EQ(used.hashes.made.back(),
              HashOf(hasher, {last.txid, static_cast<uint32_t>(last.outputs.size() - 1)}));
  }
}

TEST(CheckedBlock, CountsTheRoomOfTheOneBefore) {
  const KeyHasher hasher;
  CheckedBlock block;
  block.bytes = BlockOf(1, 200, 7);
  ASSERT_TRUE(block.Decode(Regtest(), hasher).ok());
  const uint64_t large = block.MemoryUse();
  EXPECT_GT(large, 200 * (sizeof(Transaction) + sizeof(bitcoin::TxIn) + sizeof(bitcoin::TxOut)));
  block.bytes.assign(0, 0);
  const Bytes small = BlockOf(2, 1, 8);
  block.bytes.insert(block.bytes.end(), small.begin(), small.end());
  ASSERT_TRUE(block.Decode(Regtest(), hasher).ok());
  EXPECT_GT(block.MemoryUse(), 200 * sizeof(Transaction));
  EXPECT_LT(block.MemoryUse(), large);
}

TEST(ReadAhead, ReadsIntoWhatIsGivenBack) {
  const Bytes bytes = BlockOf(1, 5, 7);
  const KeyHasher hasher;
  uint64_t fresh = 0;
  {
    ReadAhead<CheckedBlock> ahead(
        100,
        [&](CheckedBlock* block) {
          fresh += block->bytes.empty() ? 1 : 0;
          block->bytes = bytes;
          return block->Decode(Regtest(), hasher);
        },
        /*memory=*/100'000);
    for (int i = 0; i < 100; ++i) {
      auto block = ahead.Next();
      ASSERT_TRUE(block.ok()) << block.status();
      EXPECT_EQ((*block)->revealed.size(), 5u);
      ahead.GiveBack(*std::move(block));
    }
  }
  EXPECT_GT(fresh, 0u);
  EXPECT_LT(fresh, 100u);
}

}  // namespace
}  // namespace spoor
