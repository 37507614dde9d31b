// crash_writer BLOCKS LEDGER MEMORY HISTORY: ingests the block files of regtest in BLOCKS into the
// store at LEDGER, with MEMORY bytes for either, taking HISTORY bytes for history; for crash_test
// to kill.

#include <cstdio>
#include <cstdlib>

#include "spoor/base/status_macros.h"
#include "spoor/bitcoin/block_file.h"
#include "spoor/ingest/block_files.h"
#include "spoor/ledger/names.h"
#include "spoor/ledger/store.h"

namespace spoor {
namespace {

absl::Status Ingest(const char* blocks, const char* ledger, uint64_t memory, uint64_t history) {
  const Network& network = GetNetwork(NetworkId::kRegtest);
  SPOOR_ASSIGN_OR_RETURN(const auto directory, bitcoin::BlockDirectory::Open(blocks, network));
  LedgerStore::Options store_options;
  store_options.memory = memory;
  SPOOR_ASSIGN_OR_RETURN(const auto store, LedgerStore::OpenForWriting(ledger, store_options));
  SPOOR_ASSIGN_OR_RETURN(const auto writer, store->Writer(ChainInfoOf(network)));
  IngestOptions options;
  options.memory = memory;
  options.history = history;
  SPOOR_ASSIGN_OR_RETURN(const BlockFileScan scan, ScanBlockFiles(directory.get(), options));
  return IngestBlockFiles(directory.get(), scan, network, writer.get(), options).status();
}

}  // namespace
}  // namespace spoor

int main(int argc, char** argv) {
  if (argc != 5) return 2;
  const auto number = [](const char* text) { return std::strtoull(text, nullptr, /*base=*/10); };
  const absl::Status status = spoor::Ingest(argv[1], argv[2], number(argv[3]), number(argv[4]));
  if (!status.ok()) std::fprintf(stderr, "crash_writer: %s\n", status.ToString().c_str());
  return status.ok() ? 0 : 1;
}
