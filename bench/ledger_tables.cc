// ledger_tables LEDGER [SCRATCH]: prints the tables of lib/ledger/README.md: what each table of a
// ledger takes, and what it would take compressed otherwise. Not a benchmark of a run but of rows:
// those of each table are written anew in order, as RocksDB writes sorted files, and read back.
// Times are processor time, user and system, which other programs disturb less than the clock.

#include <sys/resource.h>

#include <algorithm>
#include <filesystem>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_format.h"
#include "lib/ledger/database.h"
#include "lib/ledger/format_file.h"
#include "rocksdb/convenience.h"
#include "rocksdb/sst_file_reader.h"
#include "rocksdb/sst_file_writer.h"
#include "rocksdb/table.h"
#include "spoor/base/status_macros.h"
#include "spoor/ledger/store.h"

namespace spoor {
namespace {

struct Choice {
  const char* name;
  rocksdb::CompressionType compression;
  size_t block_size;
};
constexpr Choice kChoices[] = {
    {"none", rocksdb::kNoCompression, 4 << 10},
    {"LZ4", rocksdb::kLZ4Compression, 4 << 10},
    {"ZSTD", rocksdb::kZSTD, 4 << 10},
    {"none 16K", rocksdb::kNoCompression, 16 << 10},
    {"LZ4 16K", rocksdb::kLZ4Compression, 16 << 10},
    {"ZSTD 16K", rocksdb::kZSTD, 16 << 10},
};

double CpuSeconds() {
  rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

struct Table {
  std::string keys;
  std::string values;
  std::vector<std::pair<uint32_t, uint32_t>> sizes;  // of the rows' keys and values
};

Table ReadTable(const Database& database, rocksdb::ColumnFamilyHandle* family) {
  Table table;
  rocksdb::ReadOptions read;
  read.total_order_seek = true;
  const std::unique_ptr<rocksdb::Iterator> it(database.db()->NewIterator(read, family));
  for (it->SeekToFirst(); it->Valid(); it->Next()) {
    table.keys.append(it->key().data(), it->key().size());
    table.values.append(it->value().data(), it->value().size());
    table.sizes.emplace_back(it->key().size(), it->value().size());
  }
  return table;
}

absl::Status Measure(const Database& database, rocksdb::ColumnFamilyHandle* family,
                     uint64_t transactions, const std::string& path) {
  const Table table = ReadTable(database, family);
  if (table.sizes.empty()) return absl::OkStatus();
  const auto rows = static_cast<double>(table.sizes.size());
  std::cout << absl::StrFormat("%-12s %8.3f rows per transaction, %6.1f bytes a row\n",
                               family->GetName(), rows / static_cast<double>(transactions),
                               static_cast<double>(table.keys.size() + table.values.size()) / rows);
  for (const Choice& choice : kChoices) {
    rocksdb::Options options = database.db()->GetOptions(family);
    options.compression = choice.compression;
    options.bottommost_compression = rocksdb::kDisableCompressionOption;
    auto blocks = *options.table_factory->GetOptions<rocksdb::BlockBasedTableOptions>();
    blocks.block_size = choice.block_size;
    blocks.block_cache = nullptr;
    blocks.no_block_cache = true;
    blocks.cache_index_and_filter_blocks = false;
    blocks.pin_l0_filter_and_index_blocks_in_cache = false;
    options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(blocks));
    rocksdb::SstFileWriter writer(rocksdb::EnvOptions(), options);
    const double begun = CpuSeconds();
    SPOOR_RETURN_IF_ERROR(ToStatus(writer.Open(path), path));
    size_t key = 0;
    size_t value = 0;
    for (const auto& [key_size, value_size] : table.sizes) {
      SPOOR_RETURN_IF_ERROR(ToStatus(writer.Put({table.keys.data() + key, key_size},
                                                {table.values.data() + value, value_size}),
                                     path));
      key += key_size;
      value += value_size;
    }
    SPOOR_RETURN_IF_ERROR(ToStatus(writer.Finish(), path));
    const double written = CpuSeconds();
    rocksdb::SstFileReader reader(options);
    SPOOR_RETURN_IF_ERROR(ToStatus(reader.Open(path), path));
    const std::unique_ptr<rocksdb::Iterator> it(reader.NewIterator(rocksdb::ReadOptions()));
    size_t seen = 0;
    for (it->SeekToFirst(); it->Valid(); it->Next()) ++seen;
    if (seen != table.sizes.size()) return absl::DataLossError("not every row came back");
    const double scanned = CpuSeconds();
    // Points, as a trace reads them: every row of a pseudorandom twentieth.
    const size_t points = std::min<size_t>(table.sizes.size(), 20'000);
    std::vector<std::string> keys;
    for (size_t i = 0, at = 0; i < table.sizes.size(); at += table.sizes[i++].first) {
      if (i * 0x9e3779b97f4a7c15 % table.sizes.size() < points) {
        keys.push_back(table.keys.substr(at, table.sizes[i].first));
      }
    }
    const double sought_from = CpuSeconds();
    for (size_t i = 0; i < keys.size(); ++i) {
      it->Seek(keys[i * 7919 % keys.size()]);
      if (!it->Valid()) return absl::DataLossError("a row was not found");
    }
    const double sought = CpuSeconds();
    const auto properties = reader.GetTableProperties();
    std::cout << absl::StrFormat(
        "  %-8s %7.2f bytes per transaction (index %.2f, filter %.2f), write %.2f us, scan %.2f "
        "us, "
        "seek %.1f us a row\n",
        choice.name,
        static_cast<double>(std::filesystem::file_size(path)) / static_cast<double>(transactions),
        static_cast<double>(properties->index_size) / static_cast<double>(transactions),
        static_cast<double>(properties->filter_size) / static_cast<double>(transactions),
        (written - begun) / rows * 1e6, (scanned - written) / rows * 1e6,
        (sought - sought_from) / static_cast<double>(keys.size()) * 1e6);
    std::filesystem::remove(path);
  }
  return absl::OkStatus();
}

absl::Status Run(const std::string& dir, const std::string& scratch) {
  uint64_t transactions = 0;
  {
    SPOOR_ASSIGN_OR_RETURN(const auto store,
                           LedgerStore::OpenForReading(dir, LedgerStore::Options()));
    for (const ChainInfo& chain : store->chains()) {
      SPOOR_ASSIGN_OR_RETURN(const auto view, store->View(chain.name));
      if (view->tip().has_value()) transactions += view->tip()->totals.transactions;
    }
  }
  if (transactions == 0) return absl::InvalidArgumentError("the ledger is empty");
  SPOOR_ASSIGN_OR_RETURN(
      const auto database,
      Database::Open(DatabasePath(dir), Database::Mode::kRead, LedgerStore::Options().memory));
  std::cout << transactions << " transactions\n";
  for (rocksdb::ColumnFamilyHandle* family :
       {database->blocks(), database->movements(), database->txids(), database->addresses(),
        database->address_ids(), database->receipts(), database->keys()}) {
    rocksdb::ColumnFamilyMetaData meta;
    database->db()->GetColumnFamilyMetaData(family, &meta);
    std::cout << absl::StrFormat(
        "%-12s %7.2f bytes per transaction as it lies there, in %d files\n", family->GetName(),
        static_cast<double>(meta.size) / static_cast<double>(transactions), meta.file_count);
    SPOOR_RETURN_IF_ERROR(Measure(*database, family, transactions, scratch + "/table.sst"));
  }
  return absl::OkStatus();
}

}  // namespace
}  // namespace spoor

int main(int argc, char** argv) {
  if (argc < 2 || argc > 3) {
    std::cerr << "wanted: ledger_tables LEDGER [SCRATCH]\n";
    return 2;
  }
  const absl::Status status = spoor::Run(argv[1], argc == 3 ? argv[2] : "/tmp");
  if (status.ok()) return 0;
  std::cerr << "ledger_tables: " << status.message() << "\n";
  return 1;
}
