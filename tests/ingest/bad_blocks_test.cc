// Blocks that no node would take: the ledger ends with the block before.

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "spoor/bitcoin/block.h"
#include "tests/ingest/ingest_blocks.h"
#include "tests/real_data.h"

namespace spoor {
namespace {

using ::testing::HasSubstr;

constexpr uint64_t kCoin = 100'000'000;

struct Case {
  const char* name;
  std::vector<Payment> payments;
  int64_t fees;
  const char* says;
};

// Five blocks: the reward of the second is spent in the fourth, into one coin for party 1, a coin
// that nobody can spend, and a fee.
struct Ground {
  TestChain chain;
  Payment spent;

  Ground() {
    chain.AddEmpty(3);
    spent = {{chain.at(2).reward},
             {{40 * kCoin, PartyScript(1)}, {kCoin, BurnScript()}, {5 * kCoin, PartyScript(2)}}};
    chain.Add({spent});
    chain.AddEmpty(1);
  }

  std::vector<Case> Cases() const {
    const auto reward = [&](size_t height) { return chain.at(height).reward; };
    const auto pay = [](std::vector<bitcoin::OutPoint> inputs, uint64_t coins, int party = 3) {
      return Payment{std::move(inputs), {{coins * kCoin, PartyScript(party)}}};
    };
    const bitcoin::OutPoint nowhere{FromText<Txid>(std::string(64, '5')).value(), 0};
    const Payment in_block = pay({reward(3)}, 50);
    const char* missing = ", which ";
    return {
        {"what an earlier block spent", {pay({reward(2)}, 50)}, 0, missing},
        {"what two transactions of the block spend",
         {pay({reward(3)}, 50, 3), pay({reward(3)}, 50, 4)},
         0,
         missing},
        {"one coin twice in a transaction", {pay({reward(3), reward(3)}, 100)}, 0, missing},
        {"an old coin after it was spent and paid on",
         {in_block, pay({in_block.out(0)}, 50, 5), pay({in_block.out(0)}, 50, 6)},
         0,
         missing},
        {"a coin made later in the block", {pay({in_block.out(0)}, 50, 5), in_block}, 0, missing},
        {"a transaction that is nowhere", {pay({nowhere}, 1)}, 0, missing},
        {"an output that is not there", {pay({spent.out(3)}, 1)}, 0, missing},
        {"an output that no transaction can have", {pay({spent.out(0xfffffffe)}, 1)}, 0, missing},
        {"a burned output", {pay({spent.out(1)}, 1)}, 0, missing},
        {"more than the inputs hold", {pay({spent.out(0)}, 41)}, 0, "pays out 4100000000"},
        {"a coinbase with one unit too much", {}, 1, "claims 5000000001"},
        {"a coinbase with more than the fees",
         {pay({spent.out(0)}, 39)},
         static_cast<int64_t>(kCoin) + 1,
         "claims 5100000001"},
    };
  }
};

void ExpectRefused(const Case& c, const TestChain& good, LedgerWriter* writer,
                   const IngestOptions& ingest = {}) {
  TestChain chain = good;
  TestBlockOptions options;
  options.fees = c.fees;
  chain.Add(c.payments, options);
  chain.AddEmpty(2);
  const auto report = IngestBlocks(chain.blocks(), writer, {}, ingest);
  EXPECT_EQ(report.status().code(), absl::StatusCode::kDataLoss) << report.status();
  const std::string message(report.status().message());
  EXPECT_THAT(message, HasSubstr(c.says));
  const TestBlock& bad = chain.at(good.tip().height + 1);
  EXPECT_THAT(message, HasSubstr(ToText(bad.hash)));
  EXPECT_THAT(message, HasSubstr(absl::StrCat("height ", bad.height)));
}

TEST(BadBlocks, EndTheLedgerBelowThem) {
  const Ground ground;
  const std::string want = DumpOf(ground.chain.blocks());
  for (const Case& c : ground.Cases()) {
    SCOPED_TRACE(c.name);
    MemoryLedger memory = NewMemoryLedger();
    StoreLedger store;
    for (LedgerWriter* writer : {static_cast<LedgerWriter*>(&memory), store.writer()}) {
      SCOPED_TRACE(writer == &memory ? "in memory" : "in RocksDB");
      ExpectRefused(c, ground.chain, writer);
      EXPECT_TRUE(Dump(writer->view()) == want);
      // The same again, when all that the block spends must be asked of the ledger.
      ExpectRefused(c, ground.chain, writer);
      EXPECT_TRUE(Dump(writer->view()) == want);
    }
  }
}

// What a block spends may have been made, or spent, in blocks that are not committed yet.
TEST(BadBlocks, EndAHistoryBelowThem) {
  const Ground ground;
  const std::string want = DumpOf(ground.chain.blocks());
  for (const uint64_t memory : {uint64_t{0}, IngestOptions().memory}) {
    for (const Case& c : ground.Cases()) {
      SCOPED_TRACE(absl::StrCat(c.name, ", memory ", memory));
      IngestOptions options;
      options.memory = memory;
      options.history = 0;
      StoreLedger store;
      ExpectRefused(c, ground.chain, store.writer(), options);
      EXPECT_TRUE(Dump(store.view()) == want);
    }
  }
}

TEST(BadBlocks, AGoodBlockCanFollowWhereABadOneWasRefused) {
  const Ground ground;
  StoreLedger store;
  ExpectRefused(ground.Cases()[0], ground.chain, store.writer());
  TestChain good = ground.chain;
  good.Add({Payment{{ground.spent.out(0)}, {{40 * kCoin, PartyScript(9)}}}});
  good.AddEmpty(3);
  const auto report = IngestBlocks(good.blocks(), store.writer());
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_TRUE(Dump(store.view()) == DumpOf(good.blocks()));
}

// The block's transactions are not those that its header commits to.
TEST(BadBlocks, AWrongMerkleRoot) {
  const Network& network = GetNetwork(NetworkId::kRegtest);
  TestChain chain;
  chain.AddEmpty(4);
  const std::string want = DumpOf(chain.blocks());
  TestChain longer = chain;
  longer.AddEmpty(1);
  TestBlock bad = longer.tip();
  bitcoin::Block block = bitcoin::DecodeBlock(network, longer.tip().bytes).value();
  block.header.merkle_root[7] ^= 1;
  bitcoin::Mine(network, &block.header);
  bad.bytes.clear();
  bitcoin::EncodeBlock(block, &bad.bytes);
  bad.hash = bitcoin::HashBlockHeader(bad.bytes);

  std::vector<TestBlock> blocks = chain.blocks();
  blocks.push_back(bad);
  StoreLedger store;
  const auto report = IngestBlocks(blocks, store.writer());
  EXPECT_EQ(report.status().code(), absl::StatusCode::kDataLoss) << report.status();
  EXPECT_THAT(std::string(report.status().message()), HasSubstr("merkle"));
  EXPECT_THAT(std::string(report.status().message()), HasSubstr(ToText(bad.hash)));
  EXPECT_TRUE(Dump(store.view()) == want);
}

// A record's bytes are damaged; another record of the same block is not.
TEST(BadBlocks, ASecondRecordOfABlockServesWhereTheFirstIsDamaged) {
  TestChain chain;
  chain.AddEmpty(6);
  std::vector<TestBlock> blocks = chain.blocks();
  blocks[3].bytes[120] ^= 1;  // in its coinbase: the header, and so the hash, stand
  StoreLedger damaged;
  const auto refused = IngestBlocks(blocks, damaged.writer());
  EXPECT_EQ(refused.status().code(), absl::StatusCode::kDataLoss) << refused.status();
  ASSERT_TRUE(damaged.view().tip().has_value());
  EXPECT_EQ(damaged.view().tip()->height, 2u);

  blocks.push_back(chain.at(3));
  StoreLedger repaired;
  const auto report = IngestBlocks(blocks, repaired.writer());
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_TRUE(Dump(repaired.view()) == DumpOf(chain.blocks()));
}

struct DamagedCase {
  const char* name;
  const char* file;
  NetworkId network;
  // Into an empty ledger: what it has then, or the error.
  uint64_t blocks;
  uint64_t unconnected;
  uint64_t foreign;
  const char* says;
};

// Real damaged files, into an empty ledger and into one that has something in it: a mainnet block
// between testnet's first and another one; a chain of another magic; 300 blocks from height 3 on,
// one of them twice.
TEST(BadBlocks, DamagedFiles) {
  SPOOR_REAL_DATA_OR_SKIP(folder, "bitcoin/damaged");
  for (const DamagedCase& c : {
           DamagedCase{"two networks, as main", "multinet.blk", NetworkId::kMain, 1, 0, 2, ""},
           DamagedCase{"two networks, as test", "multinet.blk", NetworkId::kTest, 1, 1, 1, ""},
           DamagedCase{"two networks, as neither", "multinet.blk", NetworkId::kRegtest, 0, 0, 0,
                       "but 2 of network test"},
           DamagedCase{"a foreign chain", "namecointhreedifferentopinoneblock.blk",
                       NetworkId::kMain, 0, 0, 0, "no block in the block files"},
           DamagedCase{"an incomplete file", "nbitcoin_incompleteblk.dat", NetworkId::kMain, 300, 0,
                       0, ""},
       }) {
    SCOPED_TRACE(c.name);
    const Network& network = GetNetwork(c.network);
    const bitcoin::TempDir dir;
    std::filesystem::create_directory(dir / "blocks");
    std::filesystem::copy_file(absl::StrCat(folder, "/", c.file), dir / "blocks/blk00000.dat");
    StoreLedger empty(c.network);
    const auto report = IngestDirectory(dir / "blocks", network, empty.writer());
    if (c.blocks > 0) {
      ASSERT_TRUE(report.ok()) << report.status();
      ASSERT_TRUE(empty.view().tip().has_value());
      EXPECT_EQ(empty.view().tip()->totals.blocks, c.blocks);
      EXPECT_EQ(report->unconnected_blocks, c.unconnected);
      EXPECT_EQ(report->skips.foreign_records, c.foreign);
    } else {
      EXPECT_THAT(std::string(report.status().message()), HasSubstr(c.says));
      EXPECT_FALSE(empty.view().tip().has_value());
    }

    // Into a ledger with which none of them has to do.
    StoreLedger filled(c.network);
    NewBlock other;
    other.hash = BlockHash::FromBytes(Bytes(32, 7));
    other.bits = 0x03000001;
    ASSERT_TRUE(filled.writer()->Append(other).ok());
    const std::string before = Dump(filled.view());
    EXPECT_FALSE(IngestDirectory(dir / "blocks", network, filled.writer()).ok());
    EXPECT_TRUE(Dump(filled.view()) == before);
  }
}

}  // namespace
}  // namespace spoor
