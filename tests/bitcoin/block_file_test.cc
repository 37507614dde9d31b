#include "spoor/bitcoin/block_file.h"

#include <algorithm>
#include <filesystem>
#include <functional>
#include <random>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "spoor/bitcoin/block_builder.h"
#include "tests/bitcoin/block_files.h"
#include "tests/bitcoin/vectors.h"

namespace spoor::bitcoin {
namespace {

using ::testing::HasSubstr;

const Network& Regtest() { return GetNetwork(NetworkId::kRegtest); }
const Bytes kAnyoneCanSpend = {0x51};
const Bytes kKey = {0x75, 0x0e, 0xfe, 0xab, 0xcb, 0x1d, 0x85, 0x9a};

// A chain on regtest's first block, of blocks of many sizes.
std::vector<BuiltBlock> MakeChain(uint32_t blocks, const Network& network = Regtest()) {
  std::vector<BuiltBlock> chain;
  BlockHash previous = network.genesis;
  for (uint32_t height = 1; height <= blocks; ++height) {
    std::vector<TxOut> payouts(1 + height % 4 * 30, {*Amount::FromSat(height), kAnyoneCanSpend});
    chain.push_back(BuildBlock(network, {.previous = previous,
                                         .height = height,
                                         .time = 1'700'000'000 + height,
                                         .payouts = std::move(payouts)}));
    previous = chain.back().hash;
  }
  return chain;
}

Bytes Framed(const BuiltBlock& block, const Network& network = Regtest()) {
  Bytes out(network.magic.begin(), network.magic.end());
  AppendLe32(static_cast<uint32_t>(block.bytes.size()), &out);
  AppendBytes(block.bytes, &out);
  return out;
}

// The hashes that a scan finds in one file of these bytes, obfuscated with kKey or not.
absl::StatusOr<ScanResult> ScanBytes(ByteSpan bytes, bool obfuscated,
                                     const Network& network = Regtest()) {
  const TempDir dir;
  auto writer = BlockFileWriter::Create(
      dir.path(), network, {.xor_key = obfuscated ? kKey : Bytes(), .max_file_size = 128 << 20});
  if (!writer.ok()) return writer.status();
  EXPECT_TRUE((*writer)->AppendRaw(bytes).ok());
  EXPECT_TRUE((*writer)->Close().ok());
  auto directory = BlockDirectory::Open(dir.path(), network);
  if (!directory.ok()) return directory.status();
  return ScanAll(directory->get());
}

TEST(BlockDirectory, ReadsWhatTheWriterWrote) {
  const std::vector<BuiltBlock> chain = MakeChain(60);
  for (const bool obfuscated : {false, true}) {
    for (const uint64_t max_file_size : {uint64_t{1}, uint64_t{5000}, uint64_t{128} << 20}) {
      SCOPED_TRACE(testing::Message() << obfuscated << " " << max_file_size);
      const TempDir dir;
      auto writer = BlockFileWriter::Create(
          dir.path(), Regtest(),
          {.xor_key = obfuscated ? kKey : Bytes(), .max_file_size = max_file_size});
      ASSERT_TRUE(writer.ok()) << writer.status();
      for (const BuiltBlock& block : chain) ASSERT_TRUE((*writer)->Append(block.bytes).ok());
      ASSERT_TRUE((*writer)->Close().ok());

      auto directory = BlockDirectory::Open(dir.path(), Regtest());
      ASSERT_TRUE(directory.ok()) << directory.status();
      const auto scan = ScanAll(directory->get());
      ASSERT_TRUE(scan.ok()) << scan.status();
      ASSERT_EQ(scan->records.size(), chain.size());
      EXPECT_EQ(scan->skips.garbage_bytes, 0u);
      EXPECT_EQ(scan->skips.truncated_records, 0u);
      EXPECT_EQ(scan->skips.bad_headers, 0u);
      EXPECT_EQ(scan->skips.foreign_records, 0u);
      Bytes buffer;
      // Read backwards, so that no two reads are from one place.
      for (size_t i = chain.size(); i-- > 0;) {
        const BlockRecord& record = scan->records[i];
        EXPECT_EQ(record.hash, chain[i].hash);
        EXPECT_EQ(record.previous, i == 0 ? Regtest().genesis : chain[i - 1].hash);
        EXPECT_EQ(record.time, 1'700'000'001 + i);
        EXPECT_EQ(record.bits, 0x207fffffu);
        if (max_file_size == 1) {
          EXPECT_EQ(record.file, i);
        }
        ASSERT_TRUE((*directory)->ReadBlock(record, &buffer).ok());
        EXPECT_EQ(buffer, chain[i].bytes);
      }
      EXPECT_EQ(BlockFileWriter::Create(dir.path(), Regtest(), {}).status().code(),
                absl::StatusCode::kAlreadyExists);
    }
  }
}

TEST(BlockDirectory, StepsOverDamage) {
  const std::vector<BuiltBlock> chain = MakeChain(4);
  const Bytes a = Framed(chain[0]);
  const Bytes b = Framed(chain[1]);
  const Bytes c = Framed(chain[2]);
  const Bytes zeros(100'000, 0);
  const Bytes noise(1000, 0x5a);
  const Bytes magic(Regtest().magic.begin(), Regtest().magic.end());
  const auto join = [](std::initializer_list<Bytes> parts) {
    Bytes out;
    for (const Bytes& part : parts) AppendBytes(part, &out);
    return out;
  };
  const auto cut = [](const Bytes& bytes, size_t n) {
    return Bytes(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(n));
  };
  Bytes hard = b;
  hard[8 + 75] = 0x1d;  // asks for more work than was done
  Bytes oversized = magic;
  AppendLe32((8 << 20) + 1, &oversized);
  Bytes undersized = magic;
  AppendLe32(100, &undersized);
  const Network& main = GetNetwork(NetworkId::kMain);
  const Bytes foreign = Framed({.bytes = GenesisBlock(), .hash = {}, .coinbase = {}}, main);

  struct Case {
    absl::string_view name;
    Bytes bytes;
    std::vector<size_t> found;  // in the chain
    BlockFileSkips skips;
  };
  for (const Case& test : {
           Case{"nothing", {}, {}, {}},
           Case{"padding behind", join({a, b, zeros}), {0, 1}, {}},
           Case{"padding between", join({a, zeros, b, Bytes{0}, c}), {0, 1, 2}, {}},
           Case{"noise before, between and behind",
                join({noise, a, noise, b, noise}),
                {0, 1},
                {.garbage_bytes = 3000}},
           Case{"a cut-off record at the end",
                join({a, cut(b, b.size() - 1)}),
                {0},
                {.truncated_records = 1}},
           Case{"a cut-off header", join({a, cut(b, 50)}), {0}, {.truncated_records = 1}},
           Case{"a cut-off frame", join({a, cut(b, 6)}), {0}, {.truncated_records = 1}},
           Case{"a cut-off magic", join({a, cut(b, 3)}), {0}, {.garbage_bytes = 3}},
           Case{"a record cut off by the next",
                join({a, cut(b, 200), c}),
                {0, 2},
                {.truncated_records = 1}},
           Case{"a record cut off by the next, and one behind",
                join({cut(b, 90), c, a, zeros}),
                {2, 0},
                {.truncated_records = 1}},
           Case{"a record cut off by padding",
                join({a, cut(b, b.size() - 30), zeros}),
                {0},
                {.truncated_records = 1}},
           Case{"a bad header", join({a, hard, c}), {0, 2}, {.bad_headers = 1}},
           Case{"a size too large",
                join({a, oversized, noise, c}),
                {0, 2},
                {.garbage_bytes = 4 + 1 + 1 + 1000}},  // two bytes of the size are zero
           Case{"a size too small",
                join({a, undersized, noise, c}),
                {0, 2},
                {.garbage_bytes = 4 + 1 + 1000}},
           Case{
               "another network's", join({foreign, a, foreign, c}), {0, 2}, {.foreign_records = 2}},
           Case{"half a magic before a magic",
                join({a, cut(magic, 2), b}),
                {0, 1},
                {.garbage_bytes = 2}},
           Case{"twice the same block", join({a, a}), {0, 0}, {}},
       }) {
    for (const bool obfuscated : {false, true}) {
      SCOPED_TRACE(testing::Message() << test.name << (obfuscated ? ", obfuscated" : ""));
      const auto scan = ScanBytes(test.bytes, obfuscated);
      ASSERT_TRUE(scan.ok()) << scan.status();
      ASSERT_EQ(scan->records.size(), test.found.size());
      for (size_t i = 0; i < test.found.size(); ++i) {
        EXPECT_EQ(scan->records[i].hash, chain[test.found[i]].hash);
      }
      EXPECT_EQ(scan->skips.truncated_records, test.skips.truncated_records);
      EXPECT_EQ(scan->skips.foreign_records, test.skips.foreign_records);
      EXPECT_EQ(scan->skips.bad_headers, test.skips.bad_headers);
      // A byte of noise that equals the key's cannot be told from a zero on disk.
      if (!obfuscated) {
        EXPECT_EQ(scan->skips.garbage_bytes, test.skips.garbage_bytes);
      }
      EXPECT_EQ(scan->skips.garbage_bytes == 0, test.skips.garbage_bytes == 0);
    }
  }
}

// Anybody may put the frame and header of a block into a transaction.
TEST(BlockDirectory, IsNotFooledByABlockWithinABlock) {
  const BuiltBlock inner = MakeChain(1)[0];
  const Bytes framed = Framed(inner);
  for (const size_t n : {size_t{88}, framed.size() - 20}) {
    const Bytes bait(framed.begin(), framed.begin() + static_cast<std::ptrdiff_t>(n));
    const BuiltBlock tip = BuildBlock(Regtest(), {.previous = inner.hash,
                                                  .height = 2,
                                                  .time = 1'700'000'000,
                                                  .payouts = {{Amount(), bait}}});
    for (const Bytes& behind : {Bytes(), Bytes(5000, 0), Bytes(500, 0x5a), framed}) {
      Bytes bytes = Framed(tip);
      AppendBytes(behind, &bytes);
      const auto scan = ScanBytes(bytes, /*obfuscated=*/false);
      ASSERT_TRUE(scan.ok()) << scan.status();
      ASSERT_EQ(scan->records.size(), behind == framed ? 2u : 1u);
      EXPECT_EQ(scan->records[0].hash, tip.hash);
      EXPECT_EQ(scan->skips.truncated_records, 0u);
    }
    // Nor where the block that carries it is cut off.
    const Bytes bytes = Framed(tip);
    const auto scan = ScanBytes(ByteSpan(bytes).first(bytes.size() - 2), /*obfuscated=*/false);
    ASSERT_TRUE(scan.ok()) << scan.status();
    EXPECT_TRUE(scan->records.empty());
    EXPECT_EQ(scan->skips.truncated_records, 1u);
  }
}

TEST(BlockDirectory, FindsWholeBlocksInEveryPrefix) {
  const std::vector<BuiltBlock> chain = MakeChain(3);
  Bytes all;
  std::vector<size_t> ends;
  for (const BuiltBlock& block : chain) {
    AppendBytes(Framed(block), &all);
    ends.push_back(all.size());
  }
  for (size_t n = 0; n <= all.size(); n += n % 97 == 0 ? 1 : 3) {
    const auto scan = ScanBytes(ByteSpan(all).first(n), /*obfuscated=*/true);
    ASSERT_TRUE(scan.ok()) << scan.status();
    const auto whole = static_cast<size_t>(
        std::count_if(ends.begin(), ends.end(), [n](size_t end) { return end <= n; }));
    EXPECT_EQ(scan->records.size(), whole) << n;
    EXPECT_LE(scan->skips.truncated_records, 1u);
  }
}

TEST(BlockDirectory, SurvivesNoise) {
  std::mt19937 rng(/*seed=*/20240607);
  const std::vector<BuiltBlock> chain = MakeChain(8);
  for (int round = 0; round < 60; ++round) {
    Bytes bytes;
    for (const BuiltBlock& block : chain) AppendBytes(Framed(block), &bytes);
    for (unsigned i = 0; i < 1 + rng() % 8; ++i) {
      bytes[rng() % bytes.size()] = static_cast<uint8_t>(rng());
    }
    const auto scan = ScanBytes(bytes, round % 2 == 0);
    ASSERT_TRUE(scan.ok()) << scan.status();
    // A header may be hit and still have its (easy) work, but most blocks are as they were.
    EXPECT_GE(scan->records.size() + scan->skips.bad_headers + scan->skips.truncated_records, 1u);
    EXPECT_LE(scan->records.size(), chain.size());
  }
}

TEST(BlockDirectory, TakesFilesInTheOrderOfTheirNumbers) {
  const std::vector<BuiltBlock> chain = MakeChain(3);
  const TempDir dir;
  WriteFile(dir / "blk00007.dat", Framed(chain[1]));
  WriteFile(dir / "blk100000.dat", Framed(chain[2]));
  WriteFile(dir / "blk00000.dat", Framed(chain[0]));
  WriteFile(dir / "blk.dat", Framed(chain[0]));
  WriteFile(dir / "blk0000x.dat", Framed(chain[0]));
  WriteFile(dir / "blk00001.dat.bak", Framed(chain[0]));
  WriteFile(dir / "rev00007.dat", {});
  auto directory = BlockDirectory::Open(dir.path(), Regtest());
  ASSERT_TRUE(directory.ok()) << directory.status();
  const auto scan = ScanAll(directory->get());
  ASSERT_TRUE(scan.ok()) << scan.status();
  ASSERT_EQ(scan->records.size(), 3u);
  EXPECT_EQ(scan->records[0].file, 0u);
  EXPECT_EQ(scan->records[1].file, 7u);
  EXPECT_EQ(scan->records[2].file, 100000u);
  for (size_t i = 0; i < 3; ++i) EXPECT_EQ(scan->records[i].hash, chain[i].hash);
}

TEST(BlockDirectory, RefusesWhatIsNone) {
  const TempDir dir;
  EXPECT_EQ(BlockDirectory::Open(dir / "absent", Regtest()).status().code(),
            absl::StatusCode::kNotFound);
  EXPECT_EQ(BlockDirectory::Open(dir.path(), Regtest()).status().code(),
            absl::StatusCode::kNotFound);
  WriteFile(dir / "blk00000.dat", {});
  EXPECT_EQ(BlockDirectory::Open(dir / "blk00000.dat", Regtest()).status().code(),
            absl::StatusCode::kNotFound);
  EXPECT_TRUE(BlockDirectory::Open(dir.path(), Regtest()).ok());
  WriteFile(dir / "xor.dat", Bytes(7));
  const absl::Status status = BlockDirectory::Open(dir.path(), Regtest()).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss);
  EXPECT_THAT(std::string(status.message()), HasSubstr("xor.dat has 7 bytes, wanted 8"));
}

TEST(BlockDirectory, SaysWhichNetworkItLooksLike) {
  const Bytes main_genesis =
      Framed({.bytes = GenesisBlock(), .hash = {}, .coinbase = {}}, GetNetwork(NetworkId::kMain));
  const absl::Status status = ScanBytes(main_genesis, /*obfuscated=*/false).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(status.message()),
              HasSubstr("no blocks of network regtest here, but 1 of network main"));

  // Regtest's and Litecoin's regtest's magic are one. This is regtest's first block.
  Bytes regtest_genesis = GenesisBlock();
  const Bytes end = Hex("dae5494dffff7f2002000000");
  std::copy(end.begin(), end.end(), regtest_genesis.begin() + 68);
  const Bytes record = Framed({.bytes = regtest_genesis, .hash = {}, .coinbase = {}});
  EXPECT_TRUE(ScanBytes(record, false).ok());
  const absl::Status same_magic =
      ScanBytes(record, false, GetNetwork(NetworkId::kLitecoinRegtest)).status();
  EXPECT_EQ(same_magic.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(same_magic.message()), HasSubstr("first block of network regtest"));
}

TEST(BlockDirectory, PassesOnWhatTheVisitorReturns) {
  const TempDir dir;
  WriteFile(dir / "blk00000.dat", Framed(MakeChain(1)[0]));
  auto directory = BlockDirectory::Open(dir.path(), Regtest());
  ASSERT_TRUE(directory.ok()) << directory.status();
  const auto visit = [](const BlockRecord&) { return absl::CancelledError("enough"); };
  EXPECT_EQ((*directory)->Scan(visit, nullptr).status(), absl::CancelledError("enough"));
}

TEST(BlockDirectory, SeesThatABlockHasChanged) {
  const std::vector<BuiltBlock> chain = MakeChain(2);
  const TempDir dir;
  const std::string path = dir / "blk00000.dat";
  WriteFile(path, Framed(chain[0]));
  const auto open = [&] { return BlockDirectory::Open(dir.path(), Regtest()).value(); };
  auto directory = open();
  const auto scan = ScanAll(directory.get());
  ASSERT_TRUE(scan.ok()) << scan.status();
  const BlockRecord record = scan->records.at(0);
  Bytes buffer;
  ASSERT_TRUE(directory->ReadBlock(record, &buffer).ok());

  WriteFile(path, Framed(chain[1]));
  EXPECT_EQ(open()->ReadBlock(record, &buffer).code(), absl::StatusCode::kDataLoss);
  WriteFile(path, ByteSpan(Framed(chain[0])).first(100));
  EXPECT_EQ(open()->ReadBlock(record, &buffer).code(), absl::StatusCode::kDataLoss);
  BlockRecord elsewhere = record;
  elsewhere.file = 1;
  EXPECT_EQ(open()->ReadBlock(elsewhere, &buffer).code(), absl::StatusCode::kDataLoss);
  BlockRecord huge = record;
  huge.size = 0xffffffff;
  EXPECT_EQ(open()->ReadBlock(huge, &buffer).code(), absl::StatusCode::kDataLoss);
}

}  // namespace
}  // namespace spoor::bitcoin
