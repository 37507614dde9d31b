#include "spoor/bitcoin/block_builder.h"

#include "gtest/gtest.h"

namespace spoor::bitcoin {
namespace {

TEST(BuildBlock, MakesBlocksThatHold) {
  const Bytes script = {0x51};
  TransactionBuilder spend;
  spend.AddInput({Txid::FromBytes(Sha256d(ByteSpan())), 1}, Bytes{0x51});
  spend.AddOutput(*Amount::FromSat(3), script).SetLockTime(9);
  TransactionBuilder witness_spend;
  witness_spend.AddInput({Txid::FromBytes(Sha256d(ByteSpan())), 2}, {}, 0xfffffffd);
  witness_spend.AddOutput(*Amount::FromSat(4), script).SetWitness(0, {Bytes{1}, Bytes{}});

  for (const NetworkId id : {NetworkId::kRegtest, NetworkId::kLitecoinRegtest}) {
    const Network& network = GetNetwork(id);
    for (const uint32_t height : {0u, 1u, 16u, 17u, 127u, 128u, 255u, 256u, 32767u, 32768u, 840000u,
                                  8388608u, 4294967295u}) {
      for (const bool witness : {false, true}) {
        SCOPED_TRACE(testing::Message() << network.name << " " << height << " " << witness);
        std::vector<Transaction> transactions = {spend.Build()};
        if (witness) transactions.push_back(witness_spend.Build());
        const BuiltBlock built = BuildBlock(network, {.previous = network.genesis,
                                                      .height = height,
                                                      .time = 1'700'000'000,
                                                      .payouts = {{*Amount::FromSat(50), script}},
                                                      .extra = AsBytes("extra"),
                                                      .transactions = transactions});
        const auto block = DecodeBlock(network, built.bytes);
        ASSERT_TRUE(block.ok()) << block.status();
        EXPECT_TRUE(CheckBlock(network, *block).ok()) << CheckBlock(network, *block);
        EXPECT_EQ(CoinbaseHeight(block->transactions[0]), height);
        EXPECT_EQ(block->hash, built.hash);
        EXPECT_EQ(block->transactions[0].txid, built.coinbase);
        EXPECT_EQ(block->transactions[0].outputs.size(), witness ? 2u : 1u);
        EXPECT_EQ(block->transactions[1].txid, transactions[0].txid);
        EXPECT_EQ(block->transactions[1].lock_time, 9u);
        EXPECT_EQ(block->header.previous, network.genesis);
      }
    }
  }
}

TEST(TransactionBuilder, KeepsItsBytesWhenMoved) {
  TransactionBuilder first;
  {
    const Bytes script(40, 0x51);
    first.AddInput(OutPoint{}, script).AddOutput(Amount(), script);
  }
  const Transaction before = first.Build();
  const TransactionBuilder second = std::move(first);
  EXPECT_EQ(second.Build().txid, before.txid);
  EXPECT_EQ(EncodeTransaction(second.Build()), EncodeTransaction(before));
}

}  // namespace
}  // namespace spoor::bitcoin
