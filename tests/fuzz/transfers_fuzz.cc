// Whatever the bytes, reading them as a file of transfers ends, and what is taken of them is in the
// ledger: no more and no less, and nothing new when they are read again.

#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "spoor/ingest/transfers.h"
#include "spoor/ledger/memory_ledger.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto require = [](bool law) {
    if (!law) std::abort();
  };
  // Never destroyed: what is done at the end needs it.
  static const std::string& path = *[] {
    std::string name = "/tmp/transfers_fuzz_XXXXXX";
    const int fd = mkstemp(name.data());
    if (fd < 0) std::abort();
    close(fd);
    std::atexit([] { std::remove(path.c_str()); });
    return new std::string(name);
  }();
  FILE* const file = std::fopen(path.c_str(), "wb");
  require(file != nullptr && (size == 0 || std::fwrite(data, 1, size, file) == size));
  std::fclose(file);
  spoor::TransferFormat format;
  format.chain = "test";
  format.asset = "USD";
  format.decimals = 2;
  spoor::ChainInfo chain;
  chain.name = "test";
  chain.family = spoor::Family::kAccount;
  chain.symbol = "USD";
  spoor::MemoryLedger ledger(chain);
  spoor::MemoryTable table;
  spoor::TransferOptions options;
  options.memory = 64 << 20;
  const auto report = spoor::IngestTransfers({path}, format, &ledger, &table, options);
  if (!report.ok()) {
    require(!ledger.tip().has_value());
    return 0;
  }
  require(report->rows == report->new_rows + report->known_rows + report->repeated_rows);
  const auto again = spoor::IngestTransfers({path}, format, &ledger, &table, options);
  require(again.ok() && again->new_rows == 0 && again->blocks_undone == 0);
  if (ledger.tip().has_value()) require(ledger.tip()->totals.transfers <= report->rows);
  return 0;
}
