#include <algorithm>
#include <filesystem>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "spoor/bitcoin/block_file.h"
#include "tests/bitcoin/block_files.h"
#include "tests/real_data.h"

namespace spoor::bitcoin {
namespace {

using ::testing::HasSubstr;

absl::StatusOr<ScanResult> ScanFile(const std::string& path, NetworkId network) {
  const TempDir dir;
  std::filesystem::copy_file(path, dir / "blk00000.dat");
  auto directory = BlockDirectory::Open(dir.path(), GetNetwork(network));
  if (!directory.ok()) return directory.status();
  auto scan = ScanAll(directory->get());
  if (!scan.ok()) return scan;
  for (const BlockRecord& record : scan->records) {
    Bytes buffer;
    EXPECT_TRUE((*directory)->ReadBlock(record, &buffer).ok());
    const auto block = DecodeBlock(GetNetwork(network), buffer);
    EXPECT_TRUE(block.ok()) << block.status();
    if (block.ok()) {
      EXPECT_TRUE(CheckBlock(GetNetwork(network), *block).ok())
          << CheckBlock(GetNetwork(network), *block);
    }
  }
  return scan;
}

// A mainnet block between two of testnet3.
TEST(DamagedBlocks, TwoNetworksInOneFile) {
  SPOOR_REAL_DATA_OR_SKIP(path, "bitcoin/damaged/multinet.blk");
  struct Case {
    NetworkId network;
    size_t records;
    uint64_t foreign;
  };
  for (const Case& c : {Case{NetworkId::kMain, 1, 2}, Case{NetworkId::kTest, 2, 1}}) {
    SCOPED_TRACE(GetNetwork(c.network).name);
    const auto scan = ScanFile(path, c.network);
    ASSERT_TRUE(scan.ok()) << scan.status();
    EXPECT_EQ(scan->records.size(), c.records);
    EXPECT_EQ(scan->skips.foreign_records, c.foreign);
    EXPECT_EQ(scan->skips.garbage_bytes, 0u);
    EXPECT_EQ(scan->skips.truncated_records, 0u);
    EXPECT_EQ(scan->skips.bad_headers, 0u);
  }
  const absl::Status status = ScanFile(path, NetworkId::kRegtest).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(status.message()),
              HasSubstr("no blocks of network regtest here, but 2 of network test"));
}

// Namecoin's magic is none that we know, so all is garbage, zeros apart.
TEST(DamagedBlocks, AForeignChain) {
  SPOOR_REAL_DATA_OR_SKIP(path, "bitcoin/damaged/namecointhreedifferentopinoneblock.blk");
  const auto scan = ScanFile(path, NetworkId::kMain);
  ASSERT_TRUE(scan.ok()) << scan.status();
  EXPECT_TRUE(scan->records.empty());
  const Bytes bytes = ReadFile(path);
  EXPECT_EQ(scan->skips.garbage_bytes,
            static_cast<uint64_t>(
                std::count_if(bytes.begin(), bytes.end(), [](uint8_t byte) { return byte != 0; })));
  EXPECT_EQ(scan->skips.foreign_records, 0u);
}

// 300 whole blocks; a stray zero, one more block behind it, and padding.
TEST(DamagedBlocks, AnIncompleteFile) {
  SPOOR_REAL_DATA_OR_SKIP(path, "bitcoin/damaged/nbitcoin_incompleteblk.dat");
  const auto scan = ScanFile(path, NetworkId::kMain);
  ASSERT_TRUE(scan.ok()) << scan.status();
  EXPECT_EQ(scan->records.size(), 301u);
  EXPECT_EQ(scan->records.back().offset, 70458u);
  EXPECT_EQ(scan->skips.garbage_bytes, 0u);
  EXPECT_EQ(scan->skips.truncated_records, 0u);
  EXPECT_EQ(scan->skips.bad_headers, 0u);

  // The same file cut off within that last block.
  const TempDir dir;
  WriteFile(dir / "blk00000.dat", ByteSpan(ReadFile(path)).first(70'600));
  auto directory = BlockDirectory::Open(dir.path(), GetNetwork(NetworkId::kMain));
  ASSERT_TRUE(directory.ok()) << directory.status();
  const auto cut = ScanAll(directory->get());
  ASSERT_TRUE(cut.ok()) << cut.status();
  EXPECT_EQ(cut->records.size(), 300u);
  EXPECT_EQ(cut->skips.truncated_records, 1u);
}

}  // namespace
}  // namespace spoor::bitcoin
