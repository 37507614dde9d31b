#ifndef SPOOR_TESTS_LEDGER_STORE_FILES_H_
#define SPOOR_TESTS_LEDGER_STORE_FILES_H_

#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "lib/ledger/database.h"
#include "lib/ledger/schema.h"
#include "spoor/base/bytes.h"
#include "spoor/ledger/store.h"

namespace spoor {

// A path for this test, at which there is nothing yet.
inline std::string FreshDirectory(const std::string& name = "ledger") {
  const auto* test = ::testing::UnitTest::GetInstance()->current_test_info();
  const std::string dir = absl::StrCat(::testing::TempDir(), "/", test->test_suite_name(), ".",
                                       test->name(), ".", name);
  std::filesystem::remove_all(dir);
  return dir;
}

inline std::string ReadWholeFile(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

inline void WriteWholeFile(const std::filesystem::path& path, const std::string& content) {
  std::ofstream(path, std::ios::binary | std::ios::trunc) << content;
}

// Every file below `dir`, with what is in it; directories too.
inline std::map<std::string, std::string> ListRecursively(const std::string& dir) {
  std::map<std::string, std::string> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(dir)) {
    files[entry.path().string()] =
        entry.is_regular_file() ? ReadWholeFile(entry.path()) : "not a file";
  }
  return files;
}

inline std::vector<rocksdb::ColumnFamilyHandle*> Families(const Database& database) {
  std::vector<rocksdb::ColumnFamilyHandle*> families = {
      database.meta(),      database.blocks(),      database.movements(), database.txids(),
      database.addresses(), database.address_ids(), database.receipts(),  database.keys()};
  const Database::Accounts& accounts = database.accounts();
  if (accounts.movements != nullptr) {
    families.insert(families.end(),
                    {accounts.movements, accounts.balances, accounts.assets, accounts.asset_ids});
  }
  return families;
}

inline absl::StatusOr<std::unique_ptr<Database>> OpenRows(const std::string& dir,
                                                          Database::Mode mode) {
  return Database::Open(dir + "/rocksdb", mode, /*memory=*/8 << 20);
}

// All rows of a closed store, in hex.
inline std::string DumpRows(const std::string& dir) {
  std::string dump;
  const auto database = OpenRows(dir, Database::Mode::kRead);
  if (!database.ok()) return database.status().ToString();
  for (rocksdb::ColumnFamilyHandle* family : Families(**database)) {
    absl::StrAppend(&dump, family->GetName(), "\n");
    const std::unique_ptr<rocksdb::Iterator> it(
        (*database)->db()->NewIterator(rocksdb::ReadOptions(), family));
    for (it->SeekToFirst(); it->Valid(); it->Next()) {
      absl::StrAppend(&dump, ToHex(AsBytes({it->key().data(), it->key().size()})), " -> ",
                      ToHex(AsBytes({it->value().data(), it->value().size()})), "\n");
    }
    if (!it->status().ok()) absl::StrAppend(&dump, it->status().ToString(), "\n");
  }
  return dump;
}

// Merges all tables of a closed store into the fewest, applying every spend there is. `how_many`
// gets the number of tables that movements are in.
inline void CompactAll(const std::string& dir, uint64_t* how_many = nullptr) {
  const auto database = OpenRows(dir, Database::Mode::kWrite);
  ASSERT_TRUE(database.ok()) << database.status();
  for (rocksdb::ColumnFamilyHandle* family : Families(**database)) {
    rocksdb::DB* db = (*database)->db();
    ASSERT_TRUE(db->Flush(rocksdb::FlushOptions(), family).ok());
    rocksdb::CompactRangeOptions options;
    options.bottommost_level_compaction = rocksdb::BottommostLevelCompaction::kForce;
    const rocksdb::Status status = db->CompactRange(options, family, nullptr, nullptr);
    ASSERT_TRUE(status.ok()) << status.ToString();
  }
  if (how_many != nullptr) {
    rocksdb::ColumnFamilyMetaData meta;
    (*database)->db()->GetColumnFamilyMetaData((*database)->movements(), &meta);
    *how_many = meta.file_count;
  }
}

// A movement's bytes in a chunk, its spends included.
inline std::string EncodeWithSpends(const Movement& movement) {
  std::string bytes;
  schema::EncodeMovement(movement, &bytes);
  const auto outputs = static_cast<uint32_t>(movement.takes.size() - (movement.coinbase ? 0 : 1));
  for (const Take& take : movement.takes) {
    if (!take.next.has_value()) continue;
    schema::SetSpender(take.holding.minor, outputs, *take.next, bytes.data() + bytes.size());
  }
  return bytes;
}

// A chunk with other bytes for the movement at `position`, which it has.
inline std::string ReplaceInChunk(absl::string_view chunk, Position position,
                                  absl::string_view bytes) {
  std::string changed;
  absl::string_view movement;
  for (uint64_t i = 0; schema::ConsumeFromChunk(&chunk, &movement); ++i) {
    schema::AppendToChunk(i == position.number % schema::kInChunk ? bytes : movement, &changed);
  }
  return changed;
}

}  // namespace spoor

#endif  // SPOOR_TESTS_LEDGER_STORE_FILES_H_
