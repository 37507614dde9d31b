#include "spoor/ledger/check.h"

#include <algorithm>
#include <filesystem>
#include <limits>
#include <memory>
#include <random>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "lib/ledger/check_chain.h"
#include "lib/ledger/database.h"
#include "lib/ledger/format_file.h"
#include "lib/ledger/schema.h"
#include "lib/ledger/tip_record.h"
#include "rocksdb/cache.h"
#include "rocksdb/filter_policy.h"
#include "rocksdb/sst_file_reader.h"
#include "rocksdb/table.h"
#include "spoor/base/status_macros.h"
#include "spoor/ledger/store.h"

namespace spoor {
namespace {

namespace fs = std::filesystem;

absl::string_view View(const rocksdb::Slice& slice) { return {slice.data(), slice.size()}; }

struct TableFile {
  std::string path;
  uint64_t size = 0;
};

// The table files of a database that is open, or those that lie where one does not open.
std::vector<TableFile> TableFiles(const Database& database) {
  std::vector<rocksdb::LiveFileMetaData> live;
  database.db()->GetLiveFilesMetaData(&live);
  std::vector<TableFile> files;
  for (const rocksdb::LiveFileMetaData& file : live) {
    files.push_back({absl::StrCat(file.directory, "/", file.relative_filename), file.size});
  }
  return files;
}
std::vector<TableFile> TableFiles(const std::string& path) {
  std::vector<TableFile> files;
  std::error_code error;
  for (auto it = fs::directory_iterator(path, error); !error && it != fs::directory_iterator();
       it.increment(error)) {
    if (it->path().extension() != ".sst") continue;
    files.push_back({it->path().string(), it->file_size(error)});
  }
  return files;
}

// Reads every block of the files, indexes and filters included, against its checksum.
void CheckFiles(std::vector<TableFile> files, CheckReport* report, CheckLog* log) {
  std::sort(files.begin(), files.end(),
            [](const TableFile& a, const TableFile& b) { return a.path < b.path; });
  uint64_t total = 0;
  for (const TableFile& file : files) total += file.size;
  rocksdb::ReadOptions read;
  read.readahead_size = 2 << 20;
  // VerifyChecksum() leaves out the parts of filters. Pinning has them read when a file is opened.
  rocksdb::BlockBasedTableOptions table;
  table.block_cache = rocksdb::NewLRUCache(1 << 20);
  table.cache_index_and_filter_blocks = true;
  table.metadata_cache_options.top_level_index_pinning = rocksdb::PinningTier::kAll;
  table.metadata_cache_options.partition_pinning = rocksdb::PinningTier::kAll;
  table.metadata_cache_options.unpartitioned_pinning = rocksdb::PinningTier::kAll;
  table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
  rocksdb::Options options;
  options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  for (const TableFile& file : files) {
    log->Progress("files", report->bytes, total, "bytes");
    rocksdb::SstFileReader reader(options);
    rocksdb::Status status = reader.Open(file.path);
    if (status.ok()) status = reader.VerifyChecksum(read);
    std::error_code error;
    // A writer's compaction may have removed it; whoever has it open still reads it.
    if (!status.ok() && !fs::exists(file.path, error)) continue;
    report->files += 1;
    report->bytes += file.size;
    if (status.ok()) continue;
    log->Find("file", fs::path(file.path).filename().string(), status.ToString(),
              "blocks that match their checksums");
  }
  log->Progress("files", total, total, "bytes");
}

// The chains in the list, and a finding for what is no part of it.
std::vector<ChainInfo> CheckChainList(const Database& database, CheckLog* log) {
  std::vector<ChainInfo> chains;
  std::set<std::string> names;
  const std::unique_ptr<rocksdb::Iterator> it(
      database.db()->NewIterator(rocksdb::ReadOptions(), database.meta()));
  for (it->SeekToFirst(); it->Valid(); it->Next()) {
    const std::string wanted = schema::ChainKey(static_cast<uint8_t>(chains.size()));
    auto chain = schema::DecodeChain(View(it->value()));
    if (View(it->key()) != wanted || !chain.ok() || !names.insert(chain->name).second) {
      log->Find("default", absl::StrCat("row ", ToHex(AsBytes(View(it->key())))),
                View(it->key()) != wanted ? "another key"
                : !chain.ok()             ? "a record that is damaged"
                                          : "a name that another chain has",
                absl::StrCat("chain ", chains.size()));
      return chains;
    }
    chains.push_back(*std::move(chain));
  }
  if (!it->status().ok()) {
    log->Find("default", "the list of chains", it->status().ToString(), "rows that can be read");
  }
  return chains;
}

// Rows of chains that are not in the list.
void CheckNoOtherChain(const Database& database, size_t chains, CheckLog* log) {
  const Database::Accounts& accounts = database.accounts();
  for (rocksdb::ColumnFamilyHandle* table :
       {database.blocks(), database.movements(), database.txids(), database.addresses(),
        database.address_ids(), database.receipts(), database.keys(), accounts.movements,
        accounts.balances, accounts.assets, accounts.asset_ids}) {
    if (table == nullptr) continue;  // no account chain was ever added
    rocksdb::ReadOptions read;
    read.total_order_seek = true;
    const std::unique_ptr<rocksdb::Iterator> it(database.db()->NewIterator(read, table));
    it->Seek(std::string(1, static_cast<char>(chains)));
    if (!it->Valid()) continue;
    log->Find(table->GetName(), absl::StrCat("row ", ToHex(AsBytes(View(it->key())))),
              absl::StrCat("a row of chain number ", static_cast<uint8_t>(it->key()[0])),
              absl::StrCat("none: there are ", chains, " chains, from number 0"));
  }
}

// The last block whose record can be read.
std::optional<BlockInfo> FindTip(const ChainRows& rows) {
  const auto it = rows.Iterate(rows.database->blocks());
  for (it->SeekForPrev(schema::BlockKey(rows.number, std::numeric_limits<uint32_t>::max()));
       it->Valid() && rows.IsMine(it->key()); it->Prev()) {
    uint32_t height = 0;
    for (const char c : View(it->key()).substr(1)) height = height << 8 | static_cast<uint8_t>(c);
    const auto block = schema::DecodeBlock(height, View(it->value()));
    if (block.ok() && it->key().size() == 5) return *block;
  }
  return std::nullopt;
}

}  // namespace

absl::StatusOr<CheckReport> CheckStore(const std::string& dir, const CheckOptions& options) {
  SPOOR_RETURN_IF_ERROR(CheckFormat(dir));
  CheckReport report;
  CheckLog log(options, &report);
  const std::string path = DatabasePath(dir);
  const auto open = OpenDatabaseForReading(dir, options.memory / 2);
  if (absl::IsDataLoss(open.status())) {
    log.Find("database", path, std::string(open.status().message()), "one that opens");
    CheckFiles(TableFiles(path), &report, &log);
    return report;
  }
  SPOOR_RETURN_IF_ERROR(open.status());
  const Database& database = *open->database;
  CheckFiles(TableFiles(database), &report, &log);
  for (const LostBlocks& lost : open->lost) {
    log.set_chain(lost.chain);
    log.Find("log", absl::StrCat("block ", lost.height, " ", ToText(lost.hash)),
             lost.tip.has_value() ? absl::StrCat("a chain that ends at height ", *lost.tip)
                                  : "a chain without blocks",
             "this block, which was acknowledged: trace ingest again fetches what is missing");
  }
  log.set_chain("");
  const std::vector<ChainInfo> chains = CheckChainList(database, &log);
  std::random_device random;
  const auto random64 = [&] { return uint64_t{random()} << 32 | random(); };
  for (size_t i = 0; i < chains.size(); ++i) {
    log.set_chain(chains[i].name);
    if (chains[i].family == Family::kAccount && database.accounts().movements == nullptr) {
      log.Find("default", absl::StrCat("chain ", i), "no tables of account chains",
               "those that were made before it");
      report.chains.push_back({chains[i].name, std::nullopt});
      continue;
    }
    const ChainRows rows{&database, static_cast<uint8_t>(i), chains[i].family,
                         RowHasher(random64(), random64())};
    const std::optional<BlockInfo> tip = FindTip(rows);
    report.chains.push_back({chains[i].name, tip});
    const ChainSums sums = ScanChain(rows, tip, &log);
    ExplainSums(rows, sums, &log);
    CheckKeys(rows, sums, &log);
  }
  log.set_chain("");
  CheckNoOtherChain(database, chains.size(), &log);
  return report;
}

}  // namespace spoor
