// crash_writer BLOCKS LEDGER MEMORY: ingests the block files of regtest in BLOCKS into the store at
// LEDGER, with MEMORY bytes for either; for crash_test to kill.

#include <cstdio>
#include <cstdlib>

#include "spoor/base/status_macros.h"
#include "spoor/bitcoin/block_file.h"
#include "spoor/ingest/block_files.h"
#include "spoor/ledger/names.h"
#include "spoor/ledger/store.h"

namespace spoor {
namespace {

absl::Status Ingest(const char* blocks, const char* ledger, uint64_t memory) {
  const Network& network = GetNetwork(NetworkId::kRegtest);
  SPOOR_ASSIGN_OR_RETURN(const auto directory, bitcoin::BlockDirectory::Open(blocks, network));
  LedgerStore::Options store_options;
  store_options.memory = memory;
  SPOOR_ASSIGN_OR_RETURN(const auto store, LedgerStore::OpenForWriting(ledger, store_options));
  SPOOR_ASSIGN_OR_RETURN(const auto writer, store->Writer(ChainInfoOf(network)));
  IngestOptions options;
  options.memory = memory;
  SPOOR_ASSIGN_OR_RETURN(const BlockFileScan scan, ScanBlockFiles(directory.get(), options));
  return IngestBlockFiles(directory.get(), scan, network, writer.get(), options).status();
}

}  // namespace
}  // namespace spoor

int main(int argc, char** argv) {
  if (argc != 4) return 2;
  const absl::Status status =
      spoor::Ingest(argv[1], argv[2], std::strtoull(argv[3], nullptr, /*base=*/10));
  if (!status.ok()) std::fprintf(stderr, "crash_writer: %s\n", status.ToString().c_str());
  return status.ok() ? 0 : 1;
}
