#include <map>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "gtest/gtest.h"
#include "spoor/ledger/ledger_table.h"
#include "spoor/ledger/store.h"
#include "tests/ledger/store_files.h"
#include "tests/support/random_ledger.h"

namespace spoor {
namespace {

using Rows = std::map<std::string, std::string>;

std::string RandomKey(std::mt19937_64& rng) {
  std::string key(rng() % 4, 'a');
  for (char& c : key) c = static_cast<char>(rng() % 3 == 0 ? 0xff : 'a' + rng() % 3);
  return key;
}

std::vector<LedgerTable::Change> RandomChanges(std::mt19937_64& rng, Rows* rows) {
  std::vector<LedgerTable::Change> changes(rng() % 20);
  for (LedgerTable::Change& change : changes) {
    change.key = RandomKey(rng);
    if (rng() % 3 != 0) {
      change.value = std::to_string(rng());
      (*rows)[change.key] = *change.value;
    } else {
      rows->erase(change.key);
    }
  }
  return changes;
}

void ExpectRows(const LedgerTable& table, const Rows& rows, std::mt19937_64& rng) {
  for (const std::string& prefix : {std::string(), RandomKey(rng), std::string("\xff")}) {
    const std::string from = RandomKey(rng);
    Rows expected;
    for (const auto& [key, value] : rows) {
      if (absl::StartsWith(key, prefix) && key >= from) expected[key] = value;
    }
    Rows found;
    const absl::Status status =
        table.Scan(prefix, from, [&](absl::string_view key, absl::string_view value) {
          EXPECT_TRUE(found.empty() || found.rbegin()->first < key);
          found[std::string(key)] = std::string(value);
          return absl::OkStatus();
        });
    ASSERT_TRUE(status.ok()) << status;
    EXPECT_EQ(found, expected);
  }
  std::vector<std::string> keys(5);
  for (std::string& key : keys) key = RandomKey(rng);
  std::vector<std::optional<std::string>> values;
  ASSERT_TRUE(table.Read(keys, &values).ok());
  ASSERT_EQ(values.size(), keys.size());
  for (size_t i = 0; i < keys.size(); ++i) {
    const auto it = rows.find(keys[i]);
    EXPECT_EQ(values[i], it == rows.end() ? std::nullopt : std::optional(it->second));
  }
}

TEST(MemoryTable, KeepsWhatAMapKeeps) {
  std::mt19937_64 rng(/*seed=*/1);
  MemoryTable table;
  Rows rows;
  for (int i = 0; i < 200; ++i) {
    ASSERT_TRUE(table.Write(RandomChanges(rng, &rows)).ok());
    ExpectRows(table, rows, rng);
  }
}

TEST(StoreTable, KeepsWhatAMapKeepsAcrossOpenings) {
  std::mt19937_64 rng(/*seed=*/2);
  const std::string dir = FreshDirectory();
  Rows a, b;
  for (int i = 0; i < 10; ++i) {
    {
      auto store = LedgerStore::OpenForWriting(dir, {});
      ASSERT_TRUE(store.ok()) << store.status();
      const auto table_a = (*store)->Table("a");
      const auto table_b = (*store)->Table("b");
      for (int j = 0; j < 20; ++j) {
        ASSERT_TRUE(table_a->Write(RandomChanges(rng, &a)).ok());
        ASSERT_TRUE(table_b->Write(RandomChanges(rng, &b)).ok());
        ExpectRows(*table_a, a, rng);
        ExpectRows(*table_b, b, rng);
      }
    }
    auto store = LedgerStore::OpenForReading(dir, {});
    ASSERT_TRUE(store.ok()) << store.status();
    ExpectRows(*(*store)->Table("a"), a, rng);
    ExpectRows(*(*store)->Table("b"), b, rng);
    ExpectRows(*(*store)->Table("never written"), {}, rng);
    EXPECT_EQ((*store)->Table("a")->Write({}).code(), absl::StatusCode::kFailedPrecondition);
  }
}

TEST(StoreTable, ReadersSeeWhatWasThereWhenTheyOpened) {
  const std::string dir = FreshDirectory();
  auto writing = LedgerStore::OpenForWriting(dir, {});
  ASSERT_TRUE(writing.ok()) << writing.status();
  const auto table = (*writing)->Table("t");
  ASSERT_TRUE(table->Write({{"key", "old"}}).ok());
  auto reading = LedgerStore::OpenForReading(dir, {});
  ASSERT_TRUE(reading.ok()) << reading.status();
  ASSERT_TRUE(table->Write({{"key", "new"}}).ok());
  EXPECT_EQ(*ReadRow(*(*reading)->Table("t"), "key"), "old");
  EXPECT_EQ(*ReadRow(*table, "key"), "new");
}

}  // namespace
}  // namespace spoor
