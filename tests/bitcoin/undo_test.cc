#include <algorithm>
#include <functional>
#include <random>
#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "spoor/bitcoin/block_builder.h"
#include "spoor/bitcoin/block_file.h"
#include "tests/bitcoin/block_files.h"
#include "tests/bitcoin/vectors.h"

namespace spoor::bitcoin {
namespace {

using ::testing::HasSubstr;

const Network& Main() { return GetNetwork(NetworkId::kMain); }
const Network& Regtest() { return GetNetwork(NetworkId::kRegtest); }

struct Coin {
  absl::string_view name;
  uint64_t sat;
  absl::string_view script;
  absl::string_view compressed;  // amount and script
};

// Amounts as in Bitcoin Core's compress_tests.cpp; the key is that of the first block.
const Coin kCoins[] = {
    {"nothing", 0, "",
     "00"
     "06"},
    {"a satoshi", 1, "51",
     "01"
     "0751"},
    {"a hundredth", 1'000'000, "51",
     "07"
     "0751"},
    {"a coin", 100'000'000, "51",
     "09"
     "0751"},
    {"fifty coins", 5'000'000'000, "51",
     "32"
     "0751"},
    {"all coins", 2'100'000'000'000'000, "51",
     "8980dd40"
     "0751"},
    {"P2PKH", 1, "76a914000102030405060708090a0b0c0d0e0f1011121388ac",
     "01"
     "00000102030405060708090a0b0c0d0e0f10111213"},
    {"P2SH", 1, "a914000102030405060708090a0b0c0d0e0f1011121387",
     "01"
     "01000102030405060708090a0b0c0d0e0f10111213"},
    {"P2PK, compressed, even", 1,
     "21025476c2e83188368da1ff3e292e7acafcdb3566bb0ad253f62fc70f07aeee6357ac",
     "01"
     "025476c2e83188368da1ff3e292e7acafcdb3566bb0ad253f62fc70f07aeee6357"},
    {"P2PK, uncompressed, odd", 1,
     "4104678afdb0fe5548271967f1a67130b7105cd6a828e03909a67962e0ea1f61deb649f6bc3f4cef38c4f35504e51"
     "e"
     "c112de5c384df7ba0b8d578a4c702b6bf11d5fac",
     "01"
     "05678afdb0fe5548271967f1a67130b7105cd6a828e03909a67962e0ea1f61deb6"},
    {"P2PK of no key", 1,
     "4104678afdb0fe5548271967f1a67130b7105cd6a828e03909a67962e0ea1f61deb649f6bc3f4cef38c4f35504e51"
     "e"
     "c112de5c384df7ba0b8d578a4c702b6bf11d5eac",
     "01"
     "49"
     "4104678afdb0fe5548271967f1a67130b7105cd6a828e03909a67962e0ea1f61deb649f6bc3f4cef38c4f35504e51"
     "e"
     "c112de5c384df7ba0b8d578a4c702b6bf11d5eac"},
    {"P2WPKH", 1, "0014000102030405060708090a0b0c0d0e0f10111213",
     "01"
     "1c"
     "0014000102030405060708090a0b0c0d0e0f10111213"},
};

TEST(Undo, CompressesAsCoreDoes) {
  for (const Coin& coin : kCoins) {
    SCOPED_TRACE(coin.name);
    const Bytes script = Hex(coin.script);
    const std::vector<std::vector<TxOut>> spent = {{{*Amount::FromSat(coin.sat), script}}};
    const Bytes bytes = EncodeBlockUndo(spent);
    EXPECT_EQ(ToHex(bytes), absl::StrCat("010100", coin.compressed));
    // Height 1, and height 100000 in a coinbase, each with the version byte that follows.
    for (const absl::string_view height : {"00", "0200", "8b994100"}) {
      Bytes arena = {1, 2, 3};
      const auto back =
          DecodeBlockUndo(Main(), Hex(absl::StrCat("0101", height, coin.compressed)), &arena);
      ASSERT_TRUE(back.ok()) << back.status();
      ASSERT_EQ(back->size(), 1u);
      ASSERT_EQ((*back)[0].size(), 1u);
      EXPECT_EQ((*back)[0][0].value.sat(), coin.sat);
      EXPECT_EQ(ToHex((*back)[0][0].script_pubkey), coin.script);
    }
    for (size_t n = 0; n < bytes.size(); ++n) {
      Bytes arena;
      const Bytes prefix(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(n));
      EXPECT_EQ(DecodeBlockUndo(Main(), prefix, &arena).status().code(),
                absl::StatusCode::kDataLoss)
          << n;
    }
  }
}

TEST(Undo, RefusesWhatIsNone) {
  struct Case {
    absl::string_view name;
    std::string hex;
    absl::string_view message;
  };
  for (const Case& c : {
           Case{"a byte too many",
                "010100010751"
                "00",
                "1 bytes left over"},
           Case{"more transactions than bytes", "05", "a count of 5"},
           Case{"more coins than bytes",
                "0102"
                "00010751",
                "a count of 2"},
           Case{"a number over 64 bits",
                "0101"
                "ffffffffffffffffffff7f"
                "0106",
                "offset 2: a number of more than 64 bits"},
           Case{"more than all coins",
                "0101"
                "00"
                "8980dd4a"
                "0751",
                "units that can exist"},
           Case{"an amount that would wrap around",
                "0101"
                "00"
                "80fefefefefefefefe7f"
                "0751",
                "units that can exist"},
           Case{"a script past the end",
                "0101"
                "00"
                "01"
                "0851",
                "a script of 2 bytes, 1 remain"},
           Case{"an x that no point has",
                absl::StrCat("0101"
                             "00"
                             "01"
                             "04",
                             std::string(62, '0'), "05"),
                "no point of the curve"},
       }) {
    SCOPED_TRACE(c.name);
    Bytes arena;
    const absl::Status status = DecodeBlockUndo(Main(), Hex(c.hex), &arena).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss);
    EXPECT_THAT(std::string(status.message()), HasSubstr(std::string(c.message)));
  }
}

TEST(Undo, SkipsWhatUndoesAnExtensionBlock) {
  const Bytes bytes =
      Hex("010100010751"
          "aabbcc");
  Bytes arena;
  EXPECT_FALSE(DecodeBlockUndo(Main(), bytes, &arena).ok());
  const auto spent = DecodeBlockUndo(GetNetwork(NetworkId::kLitecoin), bytes, &arena);
  ASSERT_TRUE(spent.ok()) << spent.status();
  ASSERT_EQ(spent->size(), 1u);
  EXPECT_EQ((*spent)[0][0].value.sat(), 1u);
}

TEST(Undo, EveryAmountComesBack) {
  std::mt19937_64 rng(/*seed=*/20240607);
  std::vector<std::vector<TxOut>> spent(1);
  const Bytes script = {0x51};
  const auto add = [&](uint64_t sat) {
    spent[0].push_back({*Amount::FromSat(std::min(sat, Main().max_money)), script});
  };
  for (uint64_t sat = 0; sat < 3000; ++sat) add(sat);
  for (uint64_t power = 1; power < 2'100'000'000'000'000; power *= 10) {
    for (uint64_t digit = 1; digit < 21; ++digit) add(digit * power);
    add(power - 1);
    add(rng() % 1000 * power);
  }
  for (int i = 0; i < 3000; ++i) add(rng() >> (13 + rng() % 50));
  Bytes arena;
  const auto back = DecodeBlockUndo(Main(), EncodeBlockUndo(spent), &arena);
  ASSERT_TRUE(back.ok()) << back.status();
  ASSERT_EQ((*back)[0].size(), spent[0].size());
  for (size_t i = 0; i < spent[0].size(); ++i) {
    EXPECT_EQ((*back)[0][i].value, spent[0][i].value);
    EXPECT_EQ((*back)[0][i].script_pubkey, spent[0][i].script_pubkey);
  }
}

// A chain where block i has i % 3 spenders of two inputs each, with its undo records.
struct UndoChain {
  std::vector<BuiltBlock> blocks;
  std::vector<BlockHash> previous;
  std::vector<std::vector<std::vector<TxOut>>> spent;
};

const Bytes kScript = {0x51};

UndoChain MakeUndoChain(uint32_t n) {
  UndoChain chain;
  BlockHash previous = Regtest().genesis;
  for (uint32_t height = 1; height <= n; ++height) {
    std::vector<TransactionBuilder> builders(height % 3);
    std::vector<Transaction> transactions;
    auto& spent = chain.spent.emplace_back();
    for (TransactionBuilder& builder : builders) {
      const Txid source = Txid::FromBytes(Sha256d(Bytes{static_cast<uint8_t>(height)}));
      builder.AddInput({source, 0}).AddInput({source, 1}).AddOutput(Amount(), kScript);
      transactions.push_back(builder.Build());
      const Amount value = *Amount::FromSat(height * 1000 + transactions.size());
      spent.push_back({{value, kScript}, {value, kScript}});
    }
    chain.previous.push_back(previous);
    chain.blocks.push_back(BuildBlock(Regtest(), {.previous = previous,
                                                  .height = height,
                                                  .time = 1'700'000'000 + height,
                                                  .payouts = {{Amount(), kScript}},
                                                  .transactions = transactions}));
    previous = chain.blocks.back().hash;
  }
  return chain;
}

TEST(ReadUndo, FindsRecordsInAnyOrder) {
  const UndoChain chain = MakeUndoChain(30);
  std::mt19937 rng(/*seed=*/20240607);
  std::vector<size_t> order(chain.blocks.size());
  for (size_t i = 0; i < order.size(); ++i) order[i] = i;
  for (const bool shuffled : {false, true}) {
    if (shuffled) std::shuffle(order.begin(), order.end(), rng);
    const TempDir dir;
    const size_t missing = 10;  // its block has two spenders
    {
      auto writer =
          BlockFileWriter::Create(dir.path(), Regtest(), {.xor_key = {1, 2, 3, 4, 5, 6, 7, 8}})
              .value();
      for (const BuiltBlock& block : chain.blocks) ASSERT_TRUE(writer->Append(block.bytes).ok());
      for (const size_t i : order) {
        if (i == missing) continue;
        ASSERT_TRUE(writer->AppendUndo(chain.previous[i], EncodeBlockUndo(chain.spent[i])).ok());
      }
      ASSERT_TRUE(writer->Close().ok());
    }
    auto directory = BlockDirectory::Open(dir.path(), Regtest()).value();
    const auto scan = ScanAll(directory.get());
    ASSERT_TRUE(scan.ok()) << scan.status();
    ASSERT_EQ(scan->records.size(), chain.blocks.size());
    Bytes block_bytes;
    Bytes undo_bytes;
    for (size_t i = 0; i < chain.blocks.size(); ++i) {
      SCOPED_TRACE(i);
      ASSERT_TRUE(directory->ReadBlock(scan->records[i], &block_bytes).ok());
      const auto block = DecodeBlock(Regtest(), block_bytes);
      ASSERT_TRUE(block.ok()) << block.status();
      const auto spent = directory->ReadUndo(scan->records[i], *block, &undo_bytes);
      if (i == missing) {
        EXPECT_EQ(spent.status().code(), absl::StatusCode::kNotFound);
        continue;
      }
      ASSERT_TRUE(spent.ok()) << spent.status();
      ASSERT_EQ(spent->size(), chain.spent[i].size());
      for (size_t t = 0; t < spent->size(); ++t) {
        ASSERT_EQ((*spent)[t].size(), 2u);
        EXPECT_EQ((*spent)[t][1].value, chain.spent[i][t][1].value);
        EXPECT_EQ((*spent)[t][1].script_pubkey, ByteSpan(kScript));
      }
    }
  }
}

TEST(ReadUndo, SaysWhatIsWrong) {
  const UndoChain chain = MakeUndoChain(1);
  const auto read = [&](const std::function<absl::Status(BlockFileWriter*)>& write) {
    const TempDir dir;
    auto writer = BlockFileWriter::Create(dir.path(), Regtest(), {}).value();
    EXPECT_TRUE(writer->Append(chain.blocks[0].bytes).ok());
    EXPECT_TRUE(write(writer.get()).ok());
    EXPECT_TRUE(writer->Close().ok());
    auto directory = BlockDirectory::Open(dir.path(), Regtest()).value();
    const BlockRecord record = ScanAll(directory.get()).value().records.at(0);
    Bytes block_bytes;
    Bytes undo_bytes;
    EXPECT_TRUE(directory->ReadBlock(record, &block_bytes).ok());
    const auto block = DecodeBlock(Regtest(), block_bytes);
    return directory->ReadUndo(record, *block, &undo_bytes).status();
  };
  const Bytes good = EncodeBlockUndo(chain.spent[0]);
  const TxOut coin{Amount(), kScript};
  EXPECT_TRUE(
      read([&](BlockFileWriter* w) { return w->AppendUndo(chain.previous[0], good); }).ok());
  EXPECT_EQ(read([&](BlockFileWriter*) { return absl::OkStatus(); }).code(),
            absl::StatusCode::kNotFound);
  EXPECT_EQ(
      read([&](BlockFileWriter* w) { return w->AppendUndo(chain.blocks[0].hash, good); }).code(),
      absl::StatusCode::kNotFound);
  const absl::Status few = read([&](BlockFileWriter* w) {
    return w->AppendUndo(chain.previous[0],
                         EncodeBlockUndo(std::vector<std::vector<TxOut>>{{coin}}));
  });
  EXPECT_EQ(few.code(), absl::StatusCode::kDataLoss);
  EXPECT_THAT(std::string(few.message()), HasSubstr("transaction 1 has 2 inputs, the record 1"));
  const absl::Status bad =
      read([&](BlockFileWriter* w) { return w->AppendUndo(chain.previous[0], Hex("0102000107")); });
  EXPECT_EQ(bad.code(), absl::StatusCode::kDataLoss);
  EXPECT_THAT(std::string(bad.message()), HasSubstr(ToText(chain.blocks[0].hash)));
}

}  // namespace
}  // namespace spoor::bitcoin
