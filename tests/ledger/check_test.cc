#include "spoor/ledger/check.h"

#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "lib/ledger/schema.h"
#include "spoor/ledger/store.h"
#include "tests/ledger/store_files.h"
#include "tests/support/random_ledger.h"

namespace spoor {
namespace {

using ::testing::HasSubstr;

std::string Text(const CheckReport& report) {
  std::string text = absl::StrCat(report.total_findings, " findings\n");
  for (const CheckFinding& f : report.findings) {
    absl::StrAppend(&text, f.chain, ", ", f.table, ", ", f.place, ": found ", f.found, "; wanted ",
                    f.wanted, "\n");
  }
  return text;
}

CheckReport Check(const std::string& dir, size_t most_findings = 100) {
  CheckOptions options;
  options.memory = 8 << 20;
  options.most_findings = most_findings;
  const auto report = CheckStore(dir, options);
  EXPECT_TRUE(report.ok()) << report.status();
  return report.ok() ? *report : CheckReport();
}

// A small sound ledger of two chains, and its rows to change.
class CheckTest : public ::testing::Test {
 protected:
  void SetUp() override {
    dir_ = FreshDirectory();
    RandomLedger ledger = MakeRandomLedger(/*seed=*/5, {.blocks = 12, .odd = false});
    chain_ = ledger.chain;
    RandomLedger other = MakeRandomLedger(/*seed=*/6, {.blocks = 4, .wide = false});
    other.chain.name = "other";
    {
      const auto store = LedgerStore::OpenForWriting(dir_, LedgerStore::Options());
      ASSERT_TRUE(store.ok()) << store.status();
      for (const RandomLedger* l : {&ledger, &other}) {
        const auto writer = (*store)->Writer(l->chain);
        ASSERT_TRUE(writer.ok()) << writer.status();
        ASSERT_TRUE(AppendAll(l->blocks, writer->get()).ok());
        tips_.push_back(*(*writer)->tip());
      }
    }
    ASSERT_NO_FATAL_FAILURE(CompactAll(dir_));
    auto database = OpenRows(dir_, Database::Mode::kWrite);
    ASSERT_TRUE(database.ok()) << database.status();
    database_ = *std::move(database);
  }

  rocksdb::DB* db() { return database_->db(); }
  std::string Get(rocksdb::ColumnFamilyHandle* table, const std::string& key) {
    std::string value;
    EXPECT_TRUE(db()->Get(rocksdb::ReadOptions(), table, key, &value).ok());
    return value;
  }
  void Put(rocksdb::ColumnFamilyHandle* table, const std::string& key, const std::string& value) {
    ASSERT_TRUE(db()->Put(rocksdb::WriteOptions(), table, key, value).ok());
  }
  void Delete(rocksdb::ColumnFamilyHandle* table, const std::string& key) {
    ASSERT_TRUE(db()->Delete(rocksdb::WriteOptions(), table, key).ok());
  }

  Movement ReadMovementRow(uint64_t position) {
    Movement m;
    const std::string chunk = Chunk(Position{position});
    const auto row = schema::FindInChunk(chunk, Position{position});
    EXPECT_TRUE(row.has_value());
    EXPECT_TRUE(schema::DecodeMovement(Position{position}, row.value_or(""), &m).ok());
    return m;
  }
  std::string Chunk(Position position) {
    return Get(database_->movements(), schema::MovementKey(Family::kUtxo, 0, position));
  }
  void WriteMovementRow(Position position, absl::string_view row) {
    Put(database_->movements(), schema::MovementKey(Family::kUtxo, 0, position),
        ReplaceInChunk(Chunk(position), position, row));
  }
  void WriteMovementRow(const Movement& m) { WriteMovementRow(m.position, EncodeWithSpends(m)); }
  // The first movement that `is` holds of.
  Movement Find(const std::function<bool(const Movement&)>& is) {
    for (uint64_t p = 0; p < tips_[0].totals.movements; ++p) {
      const Movement m = ReadMovementRow(p);
      if (is(m)) return m;
    }
    ADD_FAILURE() << "the ledger has no such movement";
    return {};
  }
  // One that spends, of which all outputs are spent.
  Movement Spending() {
    return Find([](const Movement& m) {
      return m.gives.size() >= 2 && m.takes.size() >= 3 && m.takes[0].next.has_value() &&
             m.takes[0].kind == TakerKind::kHolding && m.takes[0].amount > 1;
    });
  }

  std::string dir_;
  ChainInfo chain_;
  std::vector<BlockInfo> tips_;
  std::unique_ptr<Database> database_;
};

TEST_F(CheckTest, ASoundLedgerIsSound) {
  const CheckReport report = Check(dir_);
  EXPECT_TRUE(report.sound()) << Text(report);
  ASSERT_EQ(report.chains.size(), 2u);
  EXPECT_EQ(report.chains[0].name, chain_.name);
  EXPECT_EQ(report.chains[0].tip, tips_[0]);
  EXPECT_EQ(report.chains[1].tip, tips_[1]);
  EXPECT_GE(report.files, 8u);
  EXPECT_GT(report.bytes, 1000u);
}

TEST(Check, LedgersOfAllKindsAreSound) {
  for (uint64_t seed = 1; seed <= 12 && !::testing::Test::HasFailure(); ++seed) {
    SCOPED_TRACE(absl::StrCat("seed ", seed));
    const std::string dir = FreshDirectory(absl::StrCat("ledger", seed));
    const RandomLedger ledger = MakeRandomLedger(seed, {.blocks = 10});
    {
      const auto store = LedgerStore::OpenForWriting(dir, {.memory = 1 << 20});
      ASSERT_TRUE(store.ok()) << store.status();
      const auto writer = (*store)->Writer(ledger.chain);
      ASSERT_TRUE(writer.ok()) << writer.status();
      ASSERT_TRUE((*writer)->SetMode(LedgerWriter::Mode::kHistory).ok());
      ASSERT_TRUE(AppendAll(absl::MakeConstSpan(ledger.blocks).first(5), writer->get()).ok());
      ASSERT_TRUE((*writer)->SetMode(LedgerWriter::Mode::kTip).ok());
      ASSERT_TRUE(AppendAll(absl::MakeConstSpan(ledger.blocks).subspan(5), writer->get()).ok());
      for (uint64_t i = 0; i < seed % 4; ++i) ASSERT_TRUE((*writer)->UndoTip().ok());
      // While the writer has it open, too.
      const CheckReport report = Check(dir);
      EXPECT_TRUE(report.sound()) << Text(report);
      EXPECT_EQ(report.chains[0].tip, (*writer)->tip());
    }
    const CheckReport report = Check(dir);
    EXPECT_TRUE(report.sound()) << Text(report);
  }
}

TEST(Check, WhatIsNoLedgerOrEmpty) {
  const std::string dir = FreshDirectory();
  EXPECT_EQ(CheckStore(dir, CheckOptions()).status().code(), absl::StatusCode::kNotFound);
  ASSERT_TRUE(LedgerStore::OpenForWriting(dir, LedgerStore::Options()).ok());
  EXPECT_TRUE(Check(dir).sound());
  WriteWholeFile(dir + "/FORMAT", "spoor ledger format 99\n");
  EXPECT_EQ(CheckStore(dir, CheckOptions()).status().code(), absl::StatusCode::kFailedPrecondition);
}

// Every row of every table is missed, where it was.
TEST_F(CheckTest, NoRowCanGo) {
  const std::map<std::string, rocksdb::ColumnFamilyHandle*> tables = {
      {schema::kBlocks, database_->blocks()},
      {schema::kMovements, database_->movements()},
      {schema::kTxids, database_->txids()},
      {schema::kAddresses, database_->addresses()},
      {schema::kAddressIds, database_->address_ids()},
      {schema::kReceipts, database_->receipts()}};
  for (const auto& [name, table] : tables) {
    std::vector<std::pair<std::string, std::string>> rows;
    rocksdb::ReadOptions read;
    read.total_order_seek = true;
    const std::unique_ptr<rocksdb::Iterator> it(db()->NewIterator(read, table));
    for (it->SeekToFirst(); it->Valid(); it->Next()) {
      rows.emplace_back(it->key().ToString(), it->value().ToString());
    }
    // Movements share rows.
    ASSERT_GE(rows.size(), name == schema::kMovements ? 5u : 10u) << name;
    const size_t stride = std::max<size_t>(rows.size() / 25, 1);
    for (size_t i = 0; i < rows.size(); i += stride) {
      const std::string& key = rows[i].first;
      SCOPED_TRACE(absl::StrCat(name, " row ", ToHex(AsBytes(key))));
      Delete(table, key);
      const CheckReport report = Check(dir_);
      ASSERT_FALSE(report.sound());
      const bool last_block =
          name == schema::kBlocks && (i + 1 == rows.size() || rows[i + 1].first[0] != key[0]);
      if (!last_block) {  // without it, the block before is the tip
        EXPECT_EQ(report.findings[0].table, name) << Text(report);
        // A chain's first block misses nothing but in totals; with an address go its key and the
        // receipt that it names.
        const uint64_t most = name == schema::kBlocks ? 8 : name == schema::kAddresses ? 3 : 1;
        EXPECT_LE(report.total_findings, most) << Text(report);
      }
      EXPECT_EQ(report.findings[0].chain, key[0] == 0 ? chain_.name : "other");
      Put(table, key, rows[i].second);
    }
  }
  const CheckReport report = Check(dir_);
  EXPECT_TRUE(report.sound()) << Text(report);
}

// One change to a sound ledger, and what must be said of it.
struct Change {
  std::string name;
  std::function<void()> make;
  std::string table;
  std::string place;
  std::string found;
};

TEST_F(CheckTest, EveryChangeIsNamed) {
  const Movement m = Spending();
  const uint64_t p = m.position.number;
  const std::string at = absl::StrCat("position ", p, " (", ToText(m.txid), ")");
  const Give& give = *std::find_if(m.gives.begin(), m.gives.end(),
                                   [](const Give& g) { return g.kind == GiveKind::kHolding; });
  const auto changed = [&](const std::function<void(Movement*)>& change) {
    return [this, m, change] {
      Movement copy = m;
      change(&copy);
      WriteMovementRow(copy);
    };
  };
  const auto block = [&](const std::function<void(BlockInfo*)>& change) {
    return [this, change] {
      const std::string key = schema::BlockKey(0, 5);
      auto info = schema::DecodeBlock(5, Get(database_->blocks(), key));
      ASSERT_TRUE(info.ok());
      change(&*info);
      Put(database_->blocks(), key, schema::EncodeBlock(*info));
    };
  };
  const auto total = [&](uint64_t LedgerTotals::*field) {
    return block([field](BlockInfo* b) { b->totals.*field += 1; });
  };
  const auto put = [&](rocksdb::ColumnFamilyHandle* table, std::string key, std::string value) {
    return [this, table, key, value] { Put(table, key, value); };
  };
  const uint64_t movements = tips_[0].totals.movements;
  const uint64_t last_in_row = p / schema::kInChunk * schema::kInChunk + schema::kInChunk - 1;
  const uint64_t first_beyond = (movements / schema::kInChunk + 2) * schema::kInChunk;
  ASSERT_LT(last_in_row, movements);
  const uint64_t addresses = tips_[0].totals.addresses;
  const std::string address_row =
      Get(database_->addresses(), schema::AddressRowKey(0, AddressId{3}));
  const schema::AddressRow address = *schema::DecodeAddressRow(AddressId{3}, address_row);
  ASSERT_TRUE(address.first_receipt.has_value());
  const std::string address_key(address.key);
  const auto put_address = [&](std::optional<Position> first_receipt, absl::string_view key) {
    std::string row;
    schema::EncodeAddressRow({first_receipt, key}, &row);
    return put(database_->addresses(), schema::AddressRowKey(0, AddressId{3}), row);
  };
  const std::string bytes(1, '\0');
  // Of which something was revealed.
  AddressId shown;
  for (AddressId id{0}; shown.IsNobody() && id.number < addresses; ++id.number) {
    std::string row;
    if (db()->Get(rocksdb::ReadOptions(), database_->keys(), schema::RevealedKey(0, id), &row)
            .ok()) {
      shown = id;
    }
  }
  ASSERT_FALSE(shown.IsNobody());
  const std::string shown_key = schema::RevealedKey(0, shown);
  const RevealedScript revealed = *schema::DecodeRevealed(shown, Get(database_->keys(), shown_key));
  const std::string of_shown = absl::StrCat("address ", shown.number);
  std::string other_key = revealed.bytes;
  other_key[5] = static_cast<char>(other_key[5] ^ 1);
  using T = LedgerTotals;
  const std::vector<Change> changes = {
      {"a block's record cut short", put(database_->blocks(), schema::BlockKey(0, 5), "short"),
       "blocks", "block 5", "damaged"},
      {"a key of another size", put(database_->blocks(), bytes + "xx", ""), "blocks", "row 007878",
       "3 bytes"},
      {"a block's hash", block([](BlockInfo* b) { b->hash = BlockHash(); }), "blocks", "block 6",
       "previous "},
      {"a block's previous", block([](BlockInfo* b) { b->previous = BlockHash(); }), "blocks",
       "block 5", "previous 000000"},
      {"a block's order time", block([](BlockInfo* b) { b->order_time += 1; }), "blocks", "block 5",
       "order time"},
      {"a block's first", block([](BlockInfo* b) { b->first.number += 1; }), "blocks", "block 5",
       "first movement"},
      {"blocks", total(&T::blocks), "blocks", "block 5", "total of blocks 7"},
      {"transactions", total(&T::transactions), "blocks", "block 5", "total of transactions"},
      {"movements", total(&T::movements), "blocks", "block 5", "total of movements"},
      {"inputs", total(&T::inputs), "blocks", "block 5", "total of inputs"},
      {"outputs", total(&T::outputs), "blocks", "block 5", "total of outputs"},
      {"addresses", total(&T::addresses), "blocks", "block 5", "total of addresses"},
      {"transfers", total(&T::transfers), "blocks", "block 5", "total of transfers 1"},
      {"unresolved", total(&T::unresolved_inputs), "blocks", "block 5", "total of unresolved"},
      {"a movement cut short", [this, m] { WriteMovementRow(m.position, "short"); }, "movements",
       absl::StrCat("position ", p), "damaged"},
      {"a row cut short",
       put(database_->movements(), schema::MovementKey(Family::kUtxo, 0, m.position),
           Chunk(m.position).substr(0, Chunk(m.position).size() - 1)),
       "movements", absl::StrCat("position ", last_in_row), "ends before it"},
      {"a row that goes on",
       put(database_->movements(), schema::MovementKey(Family::kUtxo, 0, m.position),
           Chunk(m.position) + "x"),
       "movements", absl::StrCat("position ", last_in_row), "goes on"},
      {"a movement more in the last row",
       put(database_->movements(), schema::MovementKey(Family::kUtxo, 0, Position{movements}),
           (movements % schema::kInChunk == 0 ? "" : Chunk(Position{movements})) + "\x01x"),
       "movements", absl::StrCat("from position ", movements, " on"), "1 movements"},
      {"a byte more in the last row",
       put(database_->movements(), schema::MovementKey(Family::kUtxo, 0, Position{movements - 1}),
           Chunk(Position{movements - 1}) + "x"),
       "movements", absl::StrCat("from position ", movements, " on"), "1 movements"},
      {"what is no movement beyond the tip",
       put(database_->movements(),
           schema::MovementKey(Family::kUtxo, 0, Position{movements + 2 * schema::kInChunk}), "x"),
       "movements", absl::StrCat("from position ", first_beyond, " on"), "1 movements"},
      {"an empty row beyond the tip",
       put(database_->movements(),
           schema::MovementKey(Family::kUtxo, 0, Position{movements + 2 * schema::kInChunk}), ""),
       "movements", absl::StrCat("from position ", first_beyond, " on"), "1 movements"},
      {"a key of another size among movements", put(database_->movements(), bytes + "xx", ""),
       "movements", "row 007878", "3 bytes"},
      {"one between two rows",
       put(database_->movements(),
           schema::MovementKey(Family::kUtxo, 0, Position{p}) + std::string(1, 'x'), ""),
       "movements", "row 00", "7 bytes"},
      {"movements beyond the tip",
       put(database_->movements(),
           schema::MovementKey(Family::kUtxo, 0, Position{movements + 2 * schema::kInChunk}),
           "\x01x\x01y"),
       "movements", absl::StrCat("from position ", first_beyond, " on"), "2 movements"},
      {"a movement's height", changed([](Movement* c) { c->height += 1; }), "movements", at,
       absl::StrCat("height ", m.height + 1)},
      {"an owner there is not",
       changed([&](Movement* c) { c->takes[0].owner.number = addresses + 1; }), "movements", at,
       absl::StrCat("address ", addresses + 1)},
      {"an output's owner",
       changed([](Movement* c) { c->takes[0].owner.number = c->takes[0].owner.number == 0; }),
       "movements", absl::StrCat("position ", m.takes[0].next->number), "an input of "},
      {"an output's amount", changed([](Movement* c) { c->takes[0].amount -= 1; }), "movements",
       absl::StrCat("position ", m.takes[0].next->number), "an input of "},
      {"an output unspent", changed([](Movement* c) { c->takes[0].next.reset(); }), "movements", at,
       "output 0 unspent"},
      {"an output spent elsewhere",
       changed([&](Movement* c) { c->takes[0].next->number = movements - 1; }), "movements", at,
       absl::StrCat("output 0 spent at position ", movements - 1)},
      {"an output spent twice", changed([&](Movement* c) { c->gives.push_back(give); }),
       "movements", at, absl::StrCat("which position ", p, " spends")},
      {"an input of an output there is not", changed([&](Movement* c) {
         std::find_if(c->gives.begin(), c->gives.end(), [](const Give& g) {
           return g.kind == GiveKind::kHolding;
         })->holding.minor = 9999;
       }),
       "movements", at, "an input that spends output 9999"},
      {"an input less", changed([&](Movement* c) {
         c->gives.erase(c->gives.begin() + (&give - m.gives.data()));
         for (Take& take : c->takes) take.amount = 0;
       }),
       "movements", absl::StrCat("position ", give.holding.major),
       absl::StrCat("spent at position ", p)},
      {"a txid", changed([](Movement* c) { c->txid = Txid(); }), "txids", "txid 0000000000000000",
       "no row"},
      {"a row of another txid",
       put(database_->txids(), schema::TxidKey(0, ~uint64_t{0}, m.position), ""), "txids",
       "txid ffffffffffffffff", "a row"},
      {"a txid with a value", put(database_->txids(), schema::TxidKey(0, m.txid, m.position), "x"),
       "txids", absl::StrCat("position ", p), "a value"},
      {"an address's key", put_address(address.first_receipt, "another"), "address_ids",
       ToHex(AsBytes("another")), "no row for it"},
      {"an address's row cut short",
       put(database_->addresses(), schema::AddressRowKey(0, AddressId{3}), "xxxx"), "addresses",
       "address 3", "damaged"},
      {"an address's first receipt", put_address(std::nullopt, address.key), "receipts",
       absl::StrCat("address 3, position ", address.first_receipt->number), "no row"},
      {"another first receipt of an address", put_address(Position{movements - 1}, address.key),
       "receipts", absl::StrCat("address 3, position ", movements - 1), "a row"},
      {"an address beyond",
       put(database_->addresses(), schema::AddressRowKey(0, AddressId{addresses}), "x"),
       "addresses", absl::StrCat("from address ", addresses, " on"), "1 rows"},
      {"another id for a key",
       put(database_->address_ids(), schema::AddressIdKey(0, address_key),
           schema::EncodeAddressId(AddressId{4})),
       "address_ids", ToHex(AsBytes(address_key)), "address 4"},
      {"an id there is not",
       put(database_->address_ids(), schema::AddressIdKey(0, address_key),
           schema::EncodeAddressId(AddressId{addresses})),
       "address_ids", ToHex(AsBytes(address_key)), absl::StrCat("address ", addresses)},
      {"no id", put(database_->address_ids(), schema::AddressIdKey(0, address_key), "xx"),
       "address_ids", ToHex(AsBytes(address_key)), "no address id"},
      {"a second key for an id",
       put(database_->address_ids(), schema::AddressIdKey(0, "second"),
           schema::EncodeAddressId(AddressId{3})),
       "address_ids", ToHex(AsBytes("second")), "address 3"},
      {"a receipt too many",
       put(database_->receipts(), schema::ReceiptKey(0, AddressId{3}, Position{movements + 1}), ""),
       "receipts", absl::StrCat("address 3, position ", movements + 1), "a row"},
      {"a receipt of nobody",
       put(database_->receipts(), schema::ReceiptKey(0, AddressId{addresses}, m.position), ""),
       "receipts", absl::StrCat("address ", addresses, ", position ", p), "a row"},
      {"a receipt with a value",
       put(database_->receipts(), schema::ReceiptKey(0, m.takes[0].owner, m.position), "x"),
       "receipts", absl::StrCat("address ", m.takes[0].owner.number, ", position ", p), "a value"},
      {"a receipt's key cut short", put(database_->receipts(), bytes + "xxxx", ""), "receipts",
       "row 0078787878", "5 bytes"},
      {"another key of an address",
       put(database_->keys(), shown_key, schema::EncodeRevealed(revealed.first, other_key)), "keys",
       of_shown, ToHex(AsBytes(other_key))},
      {"a key revealed where the address is not spent from",
       put(database_->keys(), shown_key, schema::EncodeRevealed(Position{0}, revealed.bytes)),
       "keys", of_shown, "revealed at position 0"},
      {"a key revealed beyond the tip",
       put(database_->keys(), shown_key,
           schema::EncodeRevealed(Position{movements + 1}, revealed.bytes)),
       "keys", of_shown, absl::StrCat("revealed at position ", movements + 1)},
      {"a key's record cut short", put(database_->keys(), shown_key, "xxxxxyy"), "keys", of_shown,
       "damaged"},
      {"a key of nobody",
       put(database_->keys(), schema::RevealedKey(0, AddressId{addresses}),
           schema::EncodeRevealed(revealed.first, revealed.bytes)),
       "keys", absl::StrCat("address ", addresses), "a row"},
      {"a row of keys whose key is cut short", put(database_->keys(), bytes + "xxxx", ""), "keys",
       "row 0078787878", "5 bytes"},
      {"the list of chains", put(database_->meta(), "chainx", "x"), "default", "row 636861696e78",
       "another key"},
      {"a chain's record", put(database_->meta(), schema::ChainKey(1), "x"), "default",
       "row 636861696e01", "damaged"},
      {"a row of a chain there is not", put(database_->txids(), "\x07zzz", ""), "txids",
       "row 077a7a7a", "chain number 7"},
  };
  // What is undone after each change.
  std::vector<std::tuple<rocksdb::ColumnFamilyHandle*, std::string, std::string>> good;
  for (rocksdb::ColumnFamilyHandle* table : Families(*database_)) {
    rocksdb::ReadOptions read;
    read.total_order_seek = true;
    const std::unique_ptr<rocksdb::Iterator> it(db()->NewIterator(read, table));
    for (it->SeekToFirst(); it->Valid(); it->Next()) {
      good.emplace_back(table, it->key().ToString(), it->value().ToString());
    }
  }
  for (const Change& change : changes) {
    SCOPED_TRACE(change.name);
    ASSERT_NO_FATAL_FAILURE(change.make());
    const CheckReport report = Check(dir_);
    EXPECT_TRUE(std::any_of(report.findings.begin(), report.findings.end(),
                            [&](const CheckFinding& f) {
                              return f.table == change.table &&
                                     absl::StrContains(f.place, change.place) &&
                                     absl::StrContains(f.found, change.found);
                            }))
        << "wanted " << change.table << ", " << change.place << ": found " << change.found << "\n"
        << Text(report);
    EXPECT_LE(report.total_findings, 12u) << Text(report);
    rocksdb::WriteBatch restore;
    for (rocksdb::ColumnFamilyHandle* table : Families(*database_)) {
      ASSERT_TRUE(restore.DeleteRange(table, "", std::string(20, '\xff')).ok());
    }
    for (const auto& [table, key, value] : good) ASSERT_TRUE(restore.Put(table, key, value).ok());
    ASSERT_TRUE(db()->Write(rocksdb::WriteOptions(), &restore).ok());
  }
  const CheckReport report = Check(dir_);
  EXPECT_TRUE(report.sound()) << Text(report);
}

// It can be read neither by itself nor on the way to others.
TEST_F(CheckTest, ASpendOfARowThatIsGoneIsNamed) {
  const uint64_t p = Spending().position.number;
  const std::string key = schema::MovementKey(Family::kUtxo, 0, Position{p});
  std::string operand;
  schema::AppendSpend(Position{p}, 0, Position{tips_[0].totals.movements - 1}, &operand);
  Delete(database_->movements(), key);
  ASSERT_TRUE(db()->Merge(rocksdb::WriteOptions(), database_->movements(), key, operand).ok());
  const CheckReport report = Check(dir_);
  ASSERT_EQ(report.total_findings, 1u) << Text(report);
  EXPECT_EQ(report.findings[0].table, "movements");
  const uint64_t first = p / schema::kInChunk * schema::kInChunk;
  EXPECT_EQ(report.findings[0].place,
            absl::StrCat("positions ", first, " to ", first + schema::kInChunk - 1));
  EXPECT_THAT(report.findings[0].found, HasSubstr("erge"));
}

TEST_F(CheckTest, MuchDamageIsCountedAndTheFirstOfItTold) {
  for (uint64_t p = 0; p < tips_[0].totals.movements; ++p) {
    Movement m = ReadMovementRow(p);
    for (Take& take : m.takes) take.next.reset();
    WriteMovementRow(m);
  }
  for (uint64_t a = 0; a < tips_[0].totals.addresses; ++a) {
    std::string row;
    schema::EncodeAddressRow({std::nullopt, absl::StrCat("key ", a)}, &row);
    Put(database_->addresses(), schema::AddressRowKey(0, AddressId{a}), row);
  }
  const CheckReport all = Check(dir_, 10'000'000);
  EXPECT_GE(all.total_findings, tips_[0].totals.addresses * 2);
  EXPECT_EQ(all.findings.size(), all.total_findings);
  const CheckReport few = Check(dir_, 3);
  EXPECT_EQ(few.findings.size(), 3u);
  // A range that is not looked into counts as one.
  EXPECT_GE(few.total_findings, 50u);
  EXPECT_LE(few.total_findings, all.total_findings);
}

TEST_F(CheckTest, AFlippedByteNamesItsFile) {
  database_.reset();
  for (const auto& entry : std::filesystem::directory_iterator(dir_ + "/rocksdb")) {
    if (entry.path().extension() != ".sst") continue;
    const std::string whole = ReadWholeFile(entry.path());
    for (const size_t offset : {size_t{3}, whole.size() / 2}) {
      SCOPED_TRACE(absl::StrCat(entry.path().filename().string(), " at ", offset));
      std::string damaged = whole;
      damaged[offset] = static_cast<char>(damaged[offset] ^ 1);
      WriteWholeFile(entry.path(), damaged);
      const CheckReport report = Check(dir_);
      EXPECT_TRUE(std::any_of(report.findings.begin(), report.findings.end(),
                              [&](const CheckFinding& f) {
                                return f.table == "file" &&
                                       f.place == entry.path().filename().string();
                              }))
          << Text(report);
      WriteWholeFile(entry.path(), whole);
    }
  }
  EXPECT_TRUE(Check(dir_).sound());
}

}  // namespace
}  // namespace spoor
