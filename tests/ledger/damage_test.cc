#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "lib/ledger/schema.h"
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

// Rows that pass every checksum and say what cannot be.
TEST_F(DamageTest, ARowThatTheTipRulesOutIsDataLoss) {
  const auto changed = [&](const std::function<void(const Database&, const BlockInfo&)>& change) {
    const std::string copy = FreshDirectory("copy");
    fs::copy(dir_, copy, fs::copy_options::recursive);
    BlockInfo tip;
    {
      const auto store = LedgerStore::OpenForReading(copy, LedgerStore::Options());
      tip = *(*(*store)->View(chain_))->tip();
    }
    {
      const auto database = OpenRows(copy, Database::Mode::kWrite);
      change(**database, tip);
    }
    return OpenAndDump(copy, chain_).status();
  };
  const rocksdb::WriteOptions write;
  const auto first = [](const Database& database, const std::function<void(Movement*)>& change) {
    const Position position{0};
    const std::string key = schema::MovementKey(Family::kUtxo, 0, position);
    std::string chunk;
    ASSERT_TRUE(database.db()->Get(rocksdb::ReadOptions(), database.movements(), key, &chunk).ok());
    Movement m;
    ASSERT_TRUE(
        schema::DecodeMovement(position, schema::FindInChunk(chunk, position).value_or(""), &m)
            .ok());
    change(&m);
    chunk = ReplaceInChunk(chunk, position, EncodeWithSpends(m));
    ASSERT_TRUE(database.db()->Put(rocksdb::WriteOptions(), database.movements(), key, chunk).ok());
  };
  struct Case {
    const char* name;
    std::function<void(const Database&, const BlockInfo&)> change;
  };
  for (const Case& c : std::vector<Case>{
           {"a spender beyond the tip",
            [&](const Database&d, const BlockInfo&tip) {
              first(d, [&](Movement* m) { m->takes[0].next = Position{tip.totals.movements}; });
            }},
           {"an address there is not",
            [&](const Database&d, const BlockInfo&tip) {
              first(d, [&](Movement* m) { m->takes[0].owner = AddressId{tip.totals.addresses}; });
            }},
           {"a block above the tip",
            [&](const Database&d, const BlockInfo&tip) {
              first(d, [&](Movement* m) { m->height = tip.height + 1; });
            }},
           {"a key of an address there is not",
            [&](const Database&d, const BlockInfo&tip) {
              std::string row;
              ASSERT_TRUE(d.db()
                              ->Get(rocksdb::ReadOptions(), d.addresses(),
                                    schema::AddressRowKey(0, AddressId{0}), &row)
                              .ok());
              const auto address = schema::DecodeAddressRow(AddressId{0}, row);
              ASSERT_TRUE(address.ok()) << address.status();
              ASSERT_TRUE(d.db()
                              ->Put(write, d.address_ids(), schema::AddressIdKey(0, address->key),
                                    schema::EncodeAddressId(AddressId{tip.totals.addresses}))
                              .ok());
            }},
           {"a receipt beyond the tip",
            [&](const Database&d, const BlockInfo&tip) {
              const Position beyond{tip.totals.movements};
              ASSERT_TRUE(
                  d.db()
                      ->Put(write, d.receipts(), schema::ReceiptKey(0, AddressId{0}, beyond), "")
                      .ok());
            }},
           {"a first receipt beyond the tip",
            [&](const Database&d, const BlockInfo&tip) {
              std::string row;
              schema::EncodeAddressRow({Position{tip.totals.movements}, "key"}, &row);
              ASSERT_TRUE(
                  d.db()
                      ->Put(write, d.addresses(), schema::AddressRowKey(0, AddressId{0}), row)
                      .ok());
            }},
           {"a block's key cut short", [&](const Database&d, const BlockInfo&) {
              ASSERT_TRUE(d.db()->Put(write, d.blocks(), std::string("\0\xff\xff", 3), "").ok());
            }}}) {
    SCOPED_TRACE(c.name);
    const absl::Status status = changed(c.change);
    EXPECT_EQ(status.code(), absl::StatusCode::kDataLoss) << status;
  }
}

}  // namespace
}  // namespace spoor
