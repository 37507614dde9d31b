#ifndef SPOOR_TESTS_INGEST_INGEST_BLOCKS_H_
#define SPOOR_TESTS_INGEST_INGEST_BLOCKS_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "gtest/gtest.h"
#include "spoor/base/status_macros.h"
#include "spoor/ingest/block_files.h"
#include "spoor/ledger/memory_ledger.h"
#include "spoor/ledger/names.h"
#include "spoor/ledger/store.h"
#include "tests/bitcoin/block_files.h"
#include "tests/support/dump_ledger.h"
#include "tests/support/test_chain.h"

namespace spoor {

inline absl::StatusOr<IngestReport> IngestDirectory(const std::string& dir, const Network& network,
                                                    LedgerWriter* writer,
                                                    const IngestOptions& options = {}) {
  SPOOR_ASSIGN_OR_RETURN(const auto directory, bitcoin::BlockDirectory::Open(dir, network));
  SPOOR_ASSIGN_OR_RETURN(const BlockFileScan scan, ScanBlockFiles(directory.get(), options));
  return IngestBlockFiles(directory.get(), scan, network, writer, options);
}

// Ingests a directory that holds these blocks, of regtest, and no others.
inline absl::StatusOr<IngestReport> IngestBlocks(
    absl::Span<const TestBlock> blocks, LedgerWriter* writer,
    const bitcoin::BlockFileWriter::Options& files = {}, const IngestOptions& options = {}) {
  const bitcoin::TempDir dir;
  WriteTestBlocks(dir / "blocks", blocks, files);
  return IngestDirectory(dir / "blocks", GetNetwork(NetworkId::kRegtest), writer, options);
}

// All that a ledger answers.
inline std::string Dump(const LedgerView& view) {
  const absl::StatusOr<std::string> dump = DumpLedger(view);
  EXPECT_TRUE(dump.ok()) << dump.status();
  return dump.ok() ? *dump : "";
}

inline MemoryLedger NewMemoryLedger(NetworkId network = NetworkId::kRegtest) {
  return MemoryLedger(ChainInfoOf(GetNetwork(network)));
}

// A store of its own, and the writer of one chain in it.
class StoreLedger {
 public:
  explicit StoreLedger(NetworkId network = NetworkId::kRegtest, uint64_t memory = 32 << 20) {
    LedgerStore::Options options;
    options.memory = memory;
    auto store = LedgerStore::OpenForWriting(dir_ / "ledger", options);
    EXPECT_TRUE(store.ok()) << store.status();
    store_ = *std::move(store);
    auto writer = store_->Writer(ChainInfoOf(GetNetwork(network)));
    EXPECT_TRUE(writer.ok()) << writer.status();
    writer_ = *std::move(writer);
  }
  LedgerWriter* writer() { return writer_.get(); }
  const LedgerView& view() const { return writer_->view(); }

 private:
  bitcoin::TempDir dir_;
  std::unique_ptr<LedgerStore> store_;
  std::unique_ptr<LedgerWriter> writer_;
};

// What a ledger of regtest answers that was given these blocks, and no others, in this order.
inline std::string DumpOf(absl::Span<const TestBlock> blocks) {
  MemoryLedger ledger = NewMemoryLedger();
  const auto report = IngestBlocks(blocks, &ledger);
  EXPECT_TRUE(report.ok()) << report.status();
  return Dump(ledger);
}

}  // namespace spoor

#endif  // SPOOR_TESTS_INGEST_INGEST_BLOCKS_H_
