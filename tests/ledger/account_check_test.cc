#include <algorithm>
#include <filesystem>
#include <functional>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "lib/ledger/account_schema.h"
#include "lib/ledger/database.h"
#include "lib/ledger/schema.h"
#include "spoor/ledger/check.h"
#include "spoor/ledger/store.h"
#include "tests/ledger/store_files.h"
#include "tests/support/random_account_ledger.h"

namespace spoor {
namespace {

void WriteStore(const RandomLedger& ledger, const std::string& dir) {
  const auto store = LedgerStore::OpenForWriting(dir, {.memory = 4 << 20});
  ASSERT_TRUE(store.ok()) << store.status();
  const auto writer = (*store)->Writer(ledger.chain);
  ASSERT_TRUE(writer.ok()) << writer.status();
  ASSERT_TRUE((*writer)->SetMode(LedgerWriter::Mode::kHistory).ok());
  const size_t most = ledger.blocks.size() * 9 / 10;
  ASSERT_TRUE(AppendAll(absl::MakeConstSpan(ledger.blocks).first(most), writer->get()).ok());
  ASSERT_TRUE((*writer)->SetMode(LedgerWriter::Mode::kTip).ok());
  ASSERT_TRUE(AppendAll(absl::MakeConstSpan(ledger.blocks).subspan(most), writer->get()).ok());
}

// The findings, one to a line; empty of a sound store.
std::string Findings(const std::string& dir, uint64_t memory = 4 << 20) {
  const auto report = CheckStore(dir, {.memory = memory});
  if (!report.ok()) return report.status().ToString();
  std::string text;
  for (const CheckFinding& f : report->findings) {
    absl::StrAppend(&text, f.table, ", ", f.place, ": found ", f.found, "; wanted ", f.wanted,
                    "\n");
  }
  return text;
}

TEST(AccountCheck, FindsNothingInWhatIsWritten) {
  std::mt19937_64 rng(/*seed=*/20260501);
  for (int i = 0; i < 12 && !::testing::Test::HasFailure(); ++i) {
    RandomAccountLedgerOptions options;
    options.blocks = 1 + static_cast<int>(rng() % 40);
    options.overdrafts = static_cast<int>(rng() % 8);
    const std::string dir = FreshDirectory(absl::StrCat(i));
    WriteStore(MakeRandomAccountLedger(rng(), options), dir);
    EXPECT_EQ(Findings(dir), "");
  }
}

// More opening balances than are followed at once in so little memory.
TEST(AccountCheck, FollowsOpeningBalancesInSeveralReadings) {
  RandomAccountLedgerOptions options;
  options.blocks = 1500;
  options.overdrafts = 2;
  const std::string dir = FreshDirectory();
  const RandomLedger ledger = MakeRandomAccountLedger(/*seed=*/20260502, options);
  WriteStore(ledger, dir);
  {
    const auto store = LedgerStore::OpenForReading(dir, LedgerStore::Options());
    ASSERT_TRUE(store.ok()) << store.status();
    EXPECT_GT((*(*store)->View(ledger.chain.name))->tip()->totals.unresolved_inputs, 2000u);
  }
  EXPECT_EQ(Findings(dir, 1 << 10), "");
}

class Damage {
 public:
  explicit Damage(const Database* database) : database_(database) {}

  // Changes the first row for which `change` returns true.
  void ChangeMovement(const std::function<bool(Position, AccountRow*)>& change) {
    Each(database_->accounts().movements, [&](const std::string& key, const std::string& value) {
      const Position position{schema::TrailingNumber(key)};
      AccountRow row;
      EXPECT_TRUE(schema::DecodeAccountRow(position, value, &row).ok());
      if (!change(position, &row)) return false;
      std::string changed;
      schema::EncodeAccountRow(position, row, &changed);
      Put(database_->accounts().movements, key, changed);
      return true;
    });
  }
  void ChangeBalance(const std::function<bool(Balance*)>& change) {
    Each(database_->accounts().balances, [&](const std::string& key, const std::string& value) {
      Balance balance;
      EXPECT_TRUE(schema::DecodeBalance(value, &balance).ok());
      if (!change(&balance)) return false;
      Put(database_->accounts().balances, key, schema::EncodeBalance(balance));
      return true;
    });
  }
  void ChangeAsset(const std::function<bool(schema::AssetRow*)>& change) {
    Each(database_->accounts().assets, [&](const std::string& key, const std::string& value) {
      schema::AssetRow asset;
      EXPECT_TRUE(schema::DecodeAsset(value, &asset).ok());
      if (!change(&asset)) return false;
      Put(database_->accounts().assets, key, schema::EncodeAsset(asset));
      return true;
    });
  }
  // The middle row of a table.
  void Delete(rocksdb::ColumnFamilyHandle* table) {
    std::vector<std::string> keys;
    Each(table, [&](const std::string& key, const std::string&) {
      keys.push_back(key);
      return false;
    });
    ASSERT_FALSE(keys.empty());
    changed_ = database_->db()->Delete(rocksdb::WriteOptions(), table, keys[keys.size() / 2]).ok();
  }
  void SetText() {
    Each(database_->txids(), [&](const std::string& key, const std::string& value) {
      if (value.empty()) return false;
      Put(database_->txids(), key, value + "x");
      return true;
    });
  }
  const Database* database() const { return database_; }
  bool changed() const { return changed_; }

 private:
  void Each(rocksdb::ColumnFamilyHandle* table,
            const std::function<bool(const std::string&, const std::string&)>& visit) {
    rocksdb::ReadOptions read;
    read.total_order_seek = true;
    const std::unique_ptr<rocksdb::Iterator> it(database_->db()->NewIterator(read, table));
    for (it->SeekToFirst(); it->Valid(); it->Next()) {
      if (visit(it->key().ToString(), it->value().ToString())) return;
    }
  }
  void Put(rocksdb::ColumnFamilyHandle* table, const std::string& key, const std::string& value) {
    changed_ = database_->db()->Put(rocksdb::WriteOptions(), table, key, value).ok();
  }

  const Database* database_;
  bool changed_ = false;
};

TEST(AccountCheck, FindsWhatIsWrong) {
  RandomAccountLedgerOptions options;
  options.blocks = 60;
  options.overdrafts = 4;
  const std::string dir = FreshDirectory();
  WriteStore(MakeRandomAccountLedger(/*seed=*/20260503, options), dir);
  ASSERT_EQ(Findings(dir), "");
  struct Case {
    const char* name;
    std::function<void(Damage*)> damage;
    const char* table;
  };
  for (const Case& c : {
           Case{"another amount",
                [](Damage* d) {
                  d->ChangeMovement([](Position p, AccountRow* row) {
                    row->amount += 1;
                    return p.number > 50 && !row->impossible && row->takes && !row->to_self;
                  });
                },
                schema::kAccountMovements},
           Case{"another balance before",
                [](Damage* d) {
                  d->ChangeMovement([](Position, AccountRow* row) {
                    row->touches[0].relative += 1;
                    return row->touches[0].previous.has_value();
                  });
                },
                schema::kAccountMovements},
           Case{"a balance before the first touch",
                [](Damage* d) {
                  d->ChangeMovement([](Position, AccountRow* row) {
                    row->touches[0].relative += 1;
                    return !row->touches[0].previous.has_value();
                  });
                },
                schema::kAccountMovements},
           Case{"another next",
                [](Damage* d) {
                  d->ChangeMovement([](Position, AccountRow* row) {
                    auto& next = row->touches[0].next;
                    if (next.has_value()) next->number += 1;
                    return next.has_value();
                  });
                },
                schema::kAccountMovements},
           Case{"a next too many",
                [](Damage* d) {
                  d->ChangeMovement([](Position p, AccountRow* row) {
                    auto& next = row->touches[0].next;
                    const bool none = !next.has_value();
                    if (none) next = Position{p.number + 1};
                    return none;
                  });
                },
                nullptr},
           Case{"another previous",
                [](Damage* d) {
                  d->ChangeMovement([](Position, AccountRow* row) {
                    auto& previous = row->touches[0].previous;
                    if (!previous.has_value() || previous->number == 0) return false;
                    previous->number -= 1;
                    return true;
                  });
                },
                schema::kAccountMovements},
           Case{"an opening balance that rises less",
                [](Damage* d) {
                  d->ChangeMovement([](Position, AccountRow* row) {
                    const bool rises = row->raise > 1;
                    if (rises) row->raise -= 1;
                    return rises;
                  });
                },
                schema::kAccountMovements},
           Case{"another receiver",
                [](Damage* d) {
                  d->ChangeMovement([](Position, AccountRow* row) {
                    if (row->size() < 2) return false;
                    AddressId& owner = row->touches[1].owner;
                    owner.number = owner.number == 0 ? 1 : owner.number - 1;
                    return owner != row->touches[0].owner;
                  });
                },
                nullptr},
           Case{"another balance",
                [](Damage* d) {
                  d->ChangeBalance([](Balance* b) {
                    b->amount += 1;
                    return true;
                  });
                },
                schema::kBalances},
           Case{"a larger opening balance, and as much more",
                [](Damage* d) {
                  d->ChangeBalance([](Balance* b) {
                    b->amount += 1;
                    b->opening += 1;
                    return true;
                  });
                },
                schema::kBalances},
           Case{"more received",
                [](Damage* d) {
                  d->ChangeBalance([](Balance* b) {
                    b->received += Uint512(1) << 300;
                    return true;
                  });
                },
                schema::kBalances},
           Case{"more movements",
                [](Damage* d) {
                  d->ChangeBalance([](Balance* b) {
                    b->movements += 1;
                    return true;
                  });
                },
                schema::kBalances},
           Case{"another last movement",
                [](Damage* d) {
                  d->ChangeBalance([](Balance* b) {
                    b->last.number += 1;
                    return true;
                  });
                },
                schema::kBalances},
           Case{"another tally",
                [](Damage* d) {
                  d->ChangeAsset([](schema::AssetRow* a) {
                    a->tally.openings += 1;
                    return true;
                  });
                },
                schema::kAssets},
           Case{"another asset's key",
                [](Damage* d) {
                  d->ChangeAsset([](schema::AssetRow* a) {
                    a->stated.key += "x";
                    return a->stated.key.size() > 1;
                  });
                },
                schema::kAssetIds},
           Case{"another text", [](Damage* d) { d->SetText(); }, schema::kTxids},
           Case{"no movement", [](Damage* d) { d->Delete(d->database()->accounts().movements); },
                schema::kAccountMovements},
           Case{"no balance", [](Damage* d) { d->Delete(d->database()->accounts().balances); },
                schema::kBalances},
           Case{"no asset", [](Damage* d) { d->Delete(d->database()->accounts().assets); },
                schema::kAssets},
           Case{"no asset id", [](Damage* d) { d->Delete(d->database()->accounts().asset_ids); },
                schema::kAssetIds},
           Case{"no txid", [](Damage* d) { d->Delete(d->database()->txids()); }, schema::kTxids},
           Case{"no receipt", [](Damage* d) { d->Delete(d->database()->receipts()); },
                schema::kReceipts},
           Case{"no block", [](Damage* d) { d->Delete(d->database()->blocks()); }, schema::kBlocks},
       }) {
    SCOPED_TRACE(c.name);
    const std::string damaged = FreshDirectory("damaged");
    std::filesystem::copy(dir, damaged, std::filesystem::copy_options::recursive);
    {
      const auto database = OpenRows(damaged, Database::Mode::kWrite);
      ASSERT_TRUE(database.ok()) << database.status();
      Damage damage(database->get());
      c.damage(&damage);
      ASSERT_TRUE(damage.changed());
    }
    const std::string findings = Findings(damaged);
    EXPECT_NE(findings, "");
    if (c.table != nullptr) {
      EXPECT_NE(findings.find(absl::StrCat(c.table, ", ")), std::string::npos) << findings;
    }
  }
}

}  // namespace
}  // namespace spoor
