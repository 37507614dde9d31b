#include <filesystem>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "spoor/ledger/store.h"
#include "tests/ledger/store_files.h"
#include "tests/support/dump_ledger.h"
#include "tests/support/random_ledger.h"

namespace spoor {
namespace {

namespace fs = std::filesystem;

absl::StatusOr<std::string> OpenAndDump(const std::string& dir, const std::string& chain) {
  // For writing, because a reader tries again for a while when it cannot open.
  const auto store = LedgerStore::OpenForWriting(dir, LedgerStore::Options());
  if (!store.ok()) return store.status();
  const auto view = (*store)->View(chain);
  if (!view.ok()) return view.status();
  return DumpLedger(**view);
}

class DamageTest : public ::testing::Test {
 protected:
  void SetUp() override {
    dir_ = FreshDirectory();
    const RandomLedger ledger = MakeRandomLedger(11, {.blocks = 30});
    chain_ = ledger.chain.name;
    {
      const auto store = LedgerStore::OpenForWriting(dir_, LedgerStore::Options());
      ASSERT_TRUE(store.ok()) << store.status();
      const auto writer = (*store)->Writer(ledger.chain);
      ASSERT_TRUE(writer.ok()) << writer.status();
      ASSERT_TRUE(AppendAll(ledger.blocks, writer->get()).ok());
    }
    ASSERT_NO_FATAL_FAILURE(CompactAll(dir_));
    const auto dump = OpenAndDump(dir_, chain_);
    ASSERT_TRUE(dump.ok()) << dump.status();
    good_ = *dump;
    for (const auto& entry : fs::directory_iterator(dir_ + "/rocksdb")) {
      if (entry.path().extension() == ".sst") tables_.push_back(entry.path());
    }
    ASSERT_GE(tables_.size(), 7u);
  }

  // Whether what the store says now is right. What is wrong must be called so.
  bool IsRightOrSaysSo() {
    const auto dump = OpenAndDump(dir_, chain_);
    if (dump.ok()) {
      EXPECT_TRUE(*dump == good_) << "damage went unnoticed and changed an answer";
      return true;
    }
    EXPECT_EQ(dump.status().code(), absl::StatusCode::kDataLoss) << dump.status();
    return false;
  }

  std::string dir_;
  std::string chain_;
  std::string good_;
  std::vector<fs::path> tables_;
};

TEST_F(DamageTest, AFlippedByteIsDataLossAndNeverAWrongAnswer) {
  int noticed = 0;
  for (const fs::path& table : tables_) {
    const std::string whole = ReadWholeFile(table);
    // Every part of a table: data blocks first, then filter, index, properties, footer.
    for (size_t step = 0; step < 24; ++step) {
      const size_t offset = step * (whole.size() - 1) / 23;
      SCOPED_TRACE(
          absl::StrCat(table.filename().string(), " of ", whole.size(), " bytes at ", offset));
      std::string damaged = whole;
      damaged[offset] = static_cast<char>(damaged[offset] ^ 0x40);
      WriteWholeFile(table, damaged);
      noticed += IsRightOrSaysSo() ? 0 : 1;
    }
    WriteWholeFile(table, whole);
  }
  EXPECT_GT(noticed, 50);
  EXPECT_TRUE(IsRightOrSaysSo());
}

TEST_F(DamageTest, ATableCutShortIsDataLoss) {
  for (const fs::path& table : tables_) {
    SCOPED_TRACE(table.filename().string());
    const std::string whole = ReadWholeFile(table);
    for (const size_t size : {size_t{0}, whole.size() / 2, whole.size() - 1}) {
      WriteWholeFile(table, whole.substr(0, size));
      EXPECT_FALSE(IsRightOrSaysSo());
    }
    WriteWholeFile(table, whole);
  }
  EXPECT_TRUE(IsRightOrSaysSo());
}

}  // namespace
}  // namespace spoor
