#include "spoor/ledger/store.h"

#include <algorithm>
#include <filesystem>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "lib/ledger/database.h"
#include "lib/ledger/format_file.h"
#include "lib/ledger/schema.h"
#include "lib/ledger/store_open.h"
#include "lib/ledger/store_table.h"
#include "lib/ledger/store_view.h"
#include "lib/ledger/store_writer.h"
#include "lib/ledger/tip_record.h"
#include "spoor/base/status_macros.h"

namespace spoor {
namespace {

namespace fs = std::filesystem;

// Chain numbers are a byte, and never given twice.
constexpr size_t kMaxChains = 255;

rocksdb::Slice Slice(absl::string_view s) { return rocksdb::Slice(s.data(), s.size()); }

class RocksStore : public LedgerStore {
 public:
  RocksStore(std::string dir, OpenDatabase open, TipRecord tips, uint64_t memory)
      : dir_(std::move(dir)),
        database_(std::move(open.database)),
        lost_(std::move(open.lost)),
        tips_(std::move(tips)),
        memory_(memory) {}

  absl::Status Load() {
    const std::unique_ptr<rocksdb::Iterator> it(
        database_->db()->NewIterator(rocksdb::ReadOptions(), database_->meta()));
    for (it->SeekToFirst(); it->Valid(); it->Next()) {
      if (it->key() != Slice(schema::ChainKey(static_cast<uint8_t>(chains_.size())))) {
        return absl::DataLossError("the list of chains is damaged");
      }
      SPOOR_ASSIGN_OR_RETURN(ChainInfo chain,
                             schema::DecodeChain({it->value().data(), it->value().size()}));
      chains_.push_back(std::move(chain));
    }
    return ToStatus(it->status(), "reading the list of chains");
  }

  std::vector<ChainInfo> chains() const override { return chains_; }
  std::vector<LostBlocks> lost_blocks() const override { return lost_; }

  absl::StatusOr<std::unique_ptr<LedgerView>> View(absl::string_view chain) const override {
    std::vector<std::string> names;
    for (size_t i = 0; i < chains_.size(); ++i) {
      if (chains_[i].name == chain) {
        SPOOR_ASSIGN_OR_RETURN(std::unique_ptr<LedgerView> view,
                               StoreView::Make(database_.get(), static_cast<uint8_t>(i), chains_[i],
                                               StoreView::State::kFixed));
        return view;
      }
      names.push_back(chains_[i].name);
    }
    return absl::NotFoundError(absl::StrCat("the ledger has no chain \"", chain, "\"; it has ",
                                            names.empty() ? "none" : absl::StrJoin(names, ", ")));
  }

  absl::StatusOr<std::unique_ptr<LedgerWriter>> Writer(const ChainInfo& chain) override {
    if (database_->mode() == Database::Mode::kRead) {
      return absl::FailedPreconditionError("the ledger is open for reading only");
    }
    size_t number = 0;
    while (number < chains_.size() && chains_[number].name != chain.name) ++number;
    // Before the chain: who finds it must find its tables.
    if (chain.family == Family::kAccount) SPOOR_RETURN_IF_ERROR(database_->MakeAccounts());
    if (number == chains_.size()) {
      if (number == kMaxChains) {
        return absl::ResourceExhaustedError(
            absl::StrCat("the ledger has ", kMaxChains, " chains, it holds no more"));
      }
      SPOOR_RETURN_IF_ERROR(PutChain(number, chain));
      chains_.push_back(chain);
    } else {
      // What is missing stays missing. A chain without blocks is what its first block says it is.
      SPOOR_ASSIGN_OR_RETURN(const auto found_view,
                             StoreView::Make(database_.get(), static_cast<uint8_t>(number),
                                             chains_[number], StoreView::State::kCurrent));
      const bool empty = !found_view->tip().has_value();
      ChainInfo wanted = chain;
      wanted.internal_transfers_missing |= chains_[number].internal_transfers_missing;
      ChainInfo found = chains_[number];
      found.internal_transfers_missing = wanted.internal_transfers_missing;
      if (found != wanted && !empty) {
        return absl::FailedPreconditionError(absl::StrCat(
            "the ledger has another chain by the name of ", chain.name, ", ",
            found.family != wanted.family     ? "of another kind"
            : found.network != wanted.network ? absl::StrCat("of network \"", found.network, "\"")
                                              : absl::StrCat("with an asset of ", found.decimals,
                                                             " decimals called ", found.symbol)));
      }
      if (wanted != chains_[number]) {
        SPOOR_RETURN_IF_ERROR(PutChain(number, wanted));
        chains_[number] = wanted;
      }
    }
    SPOOR_ASSIGN_OR_RETURN(std::unique_ptr<StoreView> view,
                           StoreView::Make(database_.get(), static_cast<uint8_t>(number),
                                           chains_[number], StoreView::State::kCurrent));
    return StoreWriter::Make(database_.get(), &tips_, static_cast<uint8_t>(number), std::move(view),
                             {BatchPath(dir_, static_cast<uint8_t>(number)), memory_});
  }

  std::unique_ptr<LedgerTable> Table(absl::string_view name) override {
    return std::make_unique<StoreTable>(database_.get(), std::string(name));
  }

 private:
  absl::Status PutChain(size_t number, const ChainInfo& chain) {
    rocksdb::WriteBatch row;
    row.Put(database_->meta(), schema::ChainKey(static_cast<uint8_t>(number)),
            schema::EncodeChain(chain));
    return database_->Write(&row, /*sync=*/true, absl::StrCat("adding chain ", chain.name));
  }

  std::string dir_;
  std::unique_ptr<Database> database_;
  std::vector<LostBlocks> lost_;
  TipRecord tips_;
  uint64_t memory_;
  std::vector<ChainInfo> chains_;
};

absl::StatusOr<std::unique_ptr<LedgerStore>> MakeStore(const std::string& dir, OpenDatabase open,
                                                       TipRecord::Tips tips,
                                                       const LedgerStore::Options& options,
                                                       rocksdb::Env* env) {
  if (!open.lost.empty() && !options.accept_lost_blocks) return LostBlocksError(dir, open.lost);
  std::set<std::string> lost;
  for (const LostBlocks& blocks : open.lost) lost.insert(blocks.chain);
  auto store = std::make_unique<RocksStore>(
      dir, std::move(open), TipRecord(dir, env, std::move(tips), std::move(lost)), options.memory);
  SPOOR_RETURN_IF_ERROR(store->Load());
  return store;
}

}  // namespace

absl::StatusOr<std::unique_ptr<LedgerStore>> OpenStoreForWriting(
    const std::string& dir, const LedgerStore::Options& options, rocksdb::Env* env) {
  const absl::Status format = CheckFormat(dir);
  const bool make = absl::IsNotFound(format);
  if (make) {
    SPOOR_RETURN_IF_ERROR(CheckMayMake(dir));
    std::error_code error;
    fs::create_directories(dir, error);
    if (error) return absl::UnavailableError(absl::StrCat("making ", dir, ": ", error.message()));
  } else {
    SPOOR_RETURN_IF_ERROR(format);
  }
  SPOOR_ASSIGN_OR_RETURN(TipRecord::Tips tips, TipRecord::Read(dir));
  OpenDatabase open;
  SPOOR_ASSIGN_OR_RETURN(
      open.database,
      Database::Open(DatabasePath(dir), make ? Database::Mode::kMake : Database::Mode::kWrite,
                     options.memory, env));
  open.lost = FindLostBlocks(*open.database, tips);
  SPOOR_ASSIGN_OR_RETURN(std::unique_ptr<LedgerStore> store,
                         MakeStore(dir, std::move(open), std::move(tips), options, env));
  if (make) SPOOR_RETURN_IF_ERROR(WriteFormat(dir, env));
  return store;
}

uint64_t LedgerStore::ShareForIngest(uint64_t budget) {
  // By measurement, of histories that need all that they are given: bench/ingest.md.
  constexpr uint64_t kRest = uint64_t{128} << 20;
  return (budget - std::min(kRest, budget / 2)) / 2;
}

bool LedgerStore::Exists(const std::string& dir) { return HasFormat(dir); }

absl::StatusOr<std::unique_ptr<LedgerStore>> LedgerStore::OpenForReading(const std::string& dir,
                                                                         const Options& options) {
  SPOOR_RETURN_IF_ERROR(CheckFormat(dir));
  SPOOR_ASSIGN_OR_RETURN(OpenDatabase open, OpenDatabaseForReading(dir, options.memory));
  LedgerStore::Options reading = options;
  reading.accept_lost_blocks = false;
  return MakeStore(dir, std::move(open), {}, reading, rocksdb::Env::Default());
}

absl::StatusOr<std::unique_ptr<LedgerStore>> LedgerStore::OpenForWriting(const std::string& dir,
                                                                         const Options& options) {
  return OpenStoreForWriting(dir, options, rocksdb::Env::Default());
}

}  // namespace spoor
