#include "spoor/bitcoin/block.h"

#include <functional>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "spoor/bitcoin/block_builder.h"
#include "tests/bitcoin/vectors.h"

namespace spoor::bitcoin {
namespace {

using ::testing::HasSubstr;

const Network& Main() { return GetNetwork(NetworkId::kMain); }
const Network& Regtest() { return GetNetwork(NetworkId::kRegtest); }

const Bytes kAnyoneCanSpend = {0x51};

// A regtest block of a coinbase and a spend with a witness (or without).
BuiltBlock MakeBlock(bool witness, const Network& network = Regtest()) {
  TransactionBuilder spend;
  spend.AddInput({Txid::FromBytes(Sha256d(ByteSpan())), 3});
  if (witness) spend.SetWitness(0, {Bytes{1, 2, 3}});
  spend.AddOutput(*Amount::FromSat(7), kAnyoneCanSpend);
  const std::vector<Transaction> transactions = {spend.Build()};
  return BuildBlock(network, {.previous = network.genesis,
                              .height = 1,
                              .time = 1'700'000'000,
                              .payouts = {{*Amount::FromSat(50), kAnyoneCanSpend}},
                              .transactions = transactions});
}

TEST(Block, DecodesGenesis) {
  const Bytes bytes = GenesisBlock();
  const auto block = DecodeBlock(Main(), bytes);
  ASSERT_TRUE(block.ok()) << block.status();
  EXPECT_EQ(block->hash, Main().genesis);
  EXPECT_EQ(block->header.version, 1);
  EXPECT_TRUE(block->header.previous.IsZero());
  EXPECT_EQ(block->header.time, 1231006505u);
  EXPECT_EQ(block->header.bits, 0x1d00ffffu);
  EXPECT_EQ(block->header.nonce, 2083236893u);
  EXPECT_EQ(block->transactions.size(), 1u);
  EXPECT_TRUE(CheckBlock(Main(), *block).ok()) << CheckBlock(Main(), *block);
  Bytes again;
  EncodeBlock(*block, &again);
  EXPECT_EQ(again, bytes);
}

TEST(Block, LeavesNothingOfTheOneBefore) {
  const BuiltBlock with_witness = MakeBlock(/*witness=*/true);
  const BuiltBlock without = MakeBlock(/*witness=*/false);
  const Bytes genesis = GenesisBlock();
  Block block;
  // What an inner part may have held before, too.
  ASSERT_TRUE(DecodeBlock(Regtest(), with_witness.bytes, &block).ok());
  block.transactions[1].hogex = true;
  for (const Bytes* bytes : {&without.bytes, &genesis, &with_witness.bytes, &without.bytes}) {
    ASSERT_TRUE(DecodeBlock(Regtest(), *bytes, &block).ok());
    const Block fresh = *DecodeBlock(Regtest(), *bytes);
    Bytes again;
    EncodeBlock(block, &again);
    EXPECT_EQ(again, *bytes);
    EXPECT_EQ(block.hash, fresh.hash);
    ASSERT_EQ(block.transactions.size(), fresh.transactions.size());
    for (size_t i = 0; i < fresh.transactions.size(); ++i) {
      EXPECT_EQ(block.transactions[i].txid, fresh.transactions[i].txid);
      EXPECT_EQ(block.transactions[i].wtxid, fresh.transactions[i].wtxid);
    }
  }
}

TEST(Block, RefusesEveryPrefix) {
  for (const Bytes& bytes : {GenesisBlock(), MakeBlock(/*witness=*/true).bytes}) {
    for (size_t n = 0; n < bytes.size(); ++n) {
      const Bytes prefix(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(n));
      EXPECT_EQ(DecodeBlock(Main(), prefix).status().code(), absl::StatusCode::kDataLoss) << n;
    }
  }
}

TEST(Block, RefusesWhatIsNoBlock) {
  const std::string header(kGenesisHeader);
  const std::string coinbase(kGenesisCoinbase);
  const std::string other(kBip143Transaction);
  struct Case {
    absl::string_view name;
    std::string hex;
    absl::string_view message;
  };
  for (const Case& c :
       {Case{"no transactions", header + "00", "without transactions"},
        Case{"no coinbase", header + "01" + other, "the first transaction is no coinbase"},
        Case{"two coinbases", header + "02" + coinbase + coinbase, "transaction 1 is a second"},
        Case{"count too large", header + "fe00000001" + coinbase, "a count of 16777216"},
        Case{"count stretched", header + "fd0100" + coinbase, "offset 80: compact size 1 is not"},
        Case{"bytes left over", header + "01" + coinbase + "00", "1 bytes left over"}}) {
    SCOPED_TRACE(c.name);
    const absl::Status status = DecodeBlock(Main(), Hex(c.hex)).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss);
    EXPECT_THAT(std::string(status.message()), HasSubstr(std::string(c.message)));
  }
}

TEST(Block, SkipsAnExtensionBlockBehindAHogEx) {
  const Network& litecoin = GetNetwork(NetworkId::kLitecoinRegtest);
  TransactionBuilder hogex;
  hogex.AddInput({Txid::FromBytes(Sha256d(ByteSpan())), 0})
      .AddOutput(*Amount::FromSat(7), kAnyoneCanSpend);
  std::vector<Transaction> transactions = {hogex.Build()};
  BlockPlan plan{.height = 1,
                 .payouts = {{*Amount::FromSat(50), kAnyoneCanSpend}},
                 .transactions = transactions};
  Bytes extension = {1, 2, 3, 4};

  Bytes plain = BuildBlock(litecoin, plan).bytes;
  EXPECT_TRUE(DecodeBlock(litecoin, plain).ok());
  AppendBytes(extension, &plain);
  EXPECT_FALSE(DecodeBlock(litecoin, plain).ok());

  transactions[0].hogex = true;
  Bytes with = BuildBlock(litecoin, plan).bytes;
  AppendBytes(extension, &with);
  const auto block = DecodeBlock(litecoin, with);
  ASSERT_TRUE(block.ok()) << block.status();
  EXPECT_TRUE(block->transactions.back().hogex);
  EXPECT_TRUE(CheckBlock(litecoin, *block).ok()) << CheckBlock(litecoin, *block);
  EXPECT_FALSE(DecodeBlock(Regtest(), with).ok());
}

TEST(CheckBlock, NamesWhatIsWrong) {
  struct Case {
    absl::string_view name;
    bool witness;
    std::function<void(Block*)> damage;
    absl::string_view message;
  };
  const Bytes other_witness = EncodeWitness(std::vector<Bytes>{{1, 2, 4}});
  const Bytes short_reserved = EncodeWitness(std::vector<Bytes>{Bytes(31)});
  const auto mend = [](Block* block) {
    std::vector<Digest256> txids;
    for (const Transaction& tx : block->transactions) txids.push_back(tx.txid.bytes());
    block->header.merkle_root = MerkleRoot(txids);
    Mine(Regtest(), &block->header);
  };
  for (const Case& c : {
           Case{"nothing", false, [](Block*) {}, ""},
           Case{"nothing, with witnesses", true, [](Block*) {}, ""},
           Case{"a txid", false, [](Block* b) { b->transactions[1].txid = Txid(); },
                "merkle root is"},
           Case{"the order", false,
                [](Block* b) { std::swap(b->transactions[0], b->transactions[1]); },
                "merkle root is"},
           Case{"a transaction taken away", false, [](Block* b) { b->transactions.pop_back(); },
                "merkle root is"},
           Case{"a repeated transaction", false,
                [&](Block* b) {
                  b->transactions.push_back(b->transactions[1]);
                  mend(b);
                  b->transactions.push_back(b->transactions[1]);
                },
                "CVE-2012-2459"},
           Case{"an easier target than the limit", false,
                [](Block* b) { b->header.bits = 0x2100ffff; }, "no target, or easier than"},
           Case{"a target of zero", false, [](Block* b) { b->header.bits = 0x20000000; },
                "no target"},
           Case{"a hard target", false, [](Block* b) { b->header.bits = 0x1d00ffff; },
                "above the target"},
           Case{"another witness", true,
                [&](Block* b) {
                  b->transactions[1].inputs[0].witness = other_witness;
                  ComputeIds(&b->transactions[1]);
                },
                "the witness commitment is"},
           Case{"a witness without a commitment", false,
                [&](Block* b) {
                  b->transactions[1].inputs[0].witness = other_witness;
                  ComputeIds(&b->transactions[1]);
                },
                "no commitment"},
           Case{"no reserved value", true,
                [](Block* b) { b->transactions[0].inputs[0].witness = {}; }, "witness is 0 items"},
           Case{"a short reserved value", true,
                [&](Block* b) { b->transactions[0].inputs[0].witness = short_reserved; },
                "wanted one of 32 bytes"},
           Case{"a commitment and no witness at all", true,
                [](Block* b) {
                  for (Transaction& tx : b->transactions) tx.inputs[0].witness = {};
                },
                ""},
       }) {
    SCOPED_TRACE(c.name);
    const BuiltBlock built = MakeBlock(c.witness);
    auto block = DecodeBlock(Regtest(), built.bytes);
    ASSERT_TRUE(block.ok()) << block.status();
    c.damage(&*block);
    const absl::Status status = CheckBlock(Regtest(), *block);
    if (c.message.empty()) {
      EXPECT_TRUE(status.ok()) << status;
    } else {
      EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss);
      EXPECT_THAT(std::string(status.message()), HasSubstr(std::string(c.message)));
    }
  }
}

// The definition, slowly: a tree over a list padded at each level.
Digest256 ModelRoot(std::vector<Digest256> level) {
  if (level.size() == 1) return level[0];
  if (level.size() % 2 != 0) level.push_back(level.back());
  std::vector<Digest256> next;
  for (size_t i = 0; i < level.size(); i += 2) {
    Bytes both(level[i].begin(), level[i].end());
    AppendBytes(level[i + 1], &both);
    next.push_back(Sha256d(both));
  }
  return ModelRoot(next);
}

TEST(MerkleRoot, EqualsTheModel) {
  std::vector<Digest256> leaves;
  for (uint8_t n = 1; n <= 40; ++n) {
    leaves.push_back(Sha256d(Bytes{n}));
    bool mutated = true;
    EXPECT_EQ(MerkleRoot(leaves, &mutated), ModelRoot(leaves)) << n;
    EXPECT_FALSE(mutated) << n;
  }
  EXPECT_EQ(MerkleRoot({}), Digest256{});
}

TEST(MerkleRoot, SeesRepeatedTransactions) {
  // The lists of CVE-2012-2459: 1 2 3 has the root of 1 2 3 3, and 1 2 3 4 5 6 that of 1 2 3 4 5 6
  // 5 6.
  const auto leaves = [](std::initializer_list<uint8_t> names) {
    std::vector<Digest256> v;
    for (const uint8_t name : names) v.push_back(Sha256d(Bytes{name}));
    return v;
  };
  for (const auto& [honest, doubled] :
       {std::make_pair(leaves({1, 2, 3}), leaves({1, 2, 3, 3})),
        std::make_pair(leaves({1, 2, 3, 4, 5, 6}), leaves({1, 2, 3, 4, 5, 6, 5, 6}))}) {
    bool honest_mutated = true;
    bool doubled_mutated = false;
    const Digest256 root = MerkleRoot(honest, &honest_mutated);
    EXPECT_FALSE(honest_mutated);
    EXPECT_EQ(root, MerkleRoot(doubled, &doubled_mutated));
    EXPECT_TRUE(doubled_mutated);
  }
}

TEST(BlockWork, IsTheExpectedNumberOfHashes) {
  struct Case {
    uint32_t bits;
    Uint256 work;
  };
  const Uint256 one = 1;
  for (const Case& c : {
           Case{0x1d00ffff, Uint256("0x100010001")},
           Case{0x207fffff, 2},
           Case{0x03000001, one << 255},  // target 1: one hash in 2^255
           Case{0x01010000, one << 255},
           // Targets as Bitcoin Core's tests of arith_uint256 have them.
           Case{0x00000000, 0},
           Case{0x00123456, 0},  // zero once shifted
           Case{0x01003456, 0},
           Case{0x02000056, 0},
           Case{0x04923456, 0},  // negative
           Case{0x01fedcba, 0},
           Case{0xff123456, 0},  // more than 256 bits
           Case{0x21010000, 0},
           Case{0x23000001, 0},
       }) {
    SCOPED_TRACE(absl::StrCat(absl::Hex(c.bits)));
    EXPECT_EQ(BlockWork(c.bits), c.work);
  }
  // Block 413567's difficulty as explorers give it is 199312067531.243.
  EXPECT_EQ(BlockWork(0x18058436) / BlockWork(0x1d00ffff), 199312067531u);
}

TEST(BlockWork, EqualsTheDefinition) {
  using boost::multiprecision::uint512_t;
  std::mt19937 rng(/*seed=*/20240607);
  for (int i = 0; i < 2000; ++i) {
    const uint32_t mantissa = 0x8000 + rng() % 0x7f7fff;
    const uint32_t exponent = 3 + rng() % 30;
    const uint512_t target = uint512_t(mantissa) << (8 * (exponent - 3));
    if ((target >> 256) != 0) continue;
    const uint512_t want = (uint512_t(1) << 256) / (target + 1);
    EXPECT_EQ(uint512_t(BlockWork(exponent << 24 | mantissa)), want) << exponent << " " << mantissa;
  }
}

TEST(CheckProofOfWork, HoldsOneNonceOnly) {
  Bytes header = Hex(kGenesisHeader);
  EXPECT_TRUE(CheckProofOfWork(Main(), header).ok());
  header[76] ^= 1;
  EXPECT_EQ(CheckProofOfWork(Main(), header).code(), absl::StatusCode::kDataLoss);
}

TEST(CheckProofOfWork, UsesScryptOnLitecoin) {
  // Litecoin's first block (chainparams.cpp): its double SHA-256 is far above the target.
  const Bytes header =
      Hex("010000000000000000000000000000000000000000000000000000000000000000000000d9ced4ed1130f7b7"
          "faad9be25323ffafa33232a17c3edf6cfd97bee6bafbdd97b9aa8e4ef0ff0f1ecd513f7c");
  const Network& litecoin = GetNetwork(NetworkId::kLitecoin);
  EXPECT_EQ(HashBlockHeader(header), litecoin.genesis);
  EXPECT_TRUE(CheckProofOfWork(litecoin, header).ok()) << CheckProofOfWork(litecoin, header);
  Network sha256d = litecoin;
  sha256d.scrypt_pow = false;
  EXPECT_FALSE(CheckProofOfWork(sha256d, header).ok());
}

TEST(CoinbaseHeight, ReadsTheFirstPush) {
  struct Case {
    absl::string_view name;
    absl::string_view script;
    std::optional<uint32_t> height;
  };
  for (const Case& c : {
           Case{"mainnet 227836", "03fc7903062f503253482f", 227836},
           Case{"OP_0", "0000", 0},
           Case{"OP_1", "5100", 1},
           Case{"OP_16", "6000", 16},
           Case{"17", "011100", 17},
           Case{"128 needs a byte for the sign", "02800000", 128},
           Case{"regtest 149", "02950000", 149},
           Case{"the genesis block's bits", "04ffff001d0104", 486604799},
           Case{"the largest", "05ffffffff00", 4294967295},
           Case{"too large", "050000000001", std::nullopt},
           Case{"negative", "0181", std::nullopt},
           Case{"cut short", "03fc79", std::nullopt},
           Case{"a longer push", "06010000000000", std::nullopt},
           Case{"another opcode", "6a", std::nullopt},
           Case{"OP_1NEGATE", "4f", std::nullopt},
           Case{"nothing", "", std::nullopt},
       }) {
    SCOPED_TRACE(c.name);
    const Bytes script = Hex(c.script);
    Transaction coinbase;
    coinbase.inputs.push_back({OutPoint::Null(), script, 0xffffffff, {}});
    EXPECT_EQ(CoinbaseHeight(coinbase), c.height);
  }
  EXPECT_EQ(CoinbaseHeight(Transaction()), std::nullopt);
}

}  // namespace
}  // namespace spoor::bitcoin
