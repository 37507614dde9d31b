#ifndef SPOOR_INGEST_BLOCK_FILES_H_
#define SPOOR_INGEST_BLOCK_FILES_H_

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "spoor/bitcoin/block_file.h"
#include "spoor/chain/network.h"
#include "spoor/ledger/ledger_writer.h"

namespace spoor {

struct IngestProgress {
  enum class Stage { kScan, kBlocks };
  Stage stage = Stage::kScan;
  // kScan: bytes of the files; kBlocks: blocks of the chain.
  uint64_t done = 0;
  uint64_t total = 0;
  uint64_t transactions = 0;  // added so far
  // kBlocks, from files: what the blocks take there, which tells the time left better than their
  // number. Else 0.
  uint64_t bytes = 0;
  uint64_t total_bytes = 0;
};

struct IngestOptions {
  // Memory for what is kept to find outputs and addresses without asking the ledger, in bytes.
  uint64_t memory = 512ull << 20;
  // The height of the first block, where that begins a ledger, is not the network's first block,
  // and is too old to say its height itself (BIP 34). nullopt: count from 0, and say so in
  // IngestReport. INVALID_ARGUMENT where the height is known, and another.
  std::optional<uint32_t> first_height;
  // So many bytes of new blocks in files are history, and fewer are the tip, as LedgerWriter::Mode
  // means it: blocks of the tip go in one by one. By measurement: a block of 600 KB takes as long
  // either way, and ten in a batch three quarters of what they take one by one.
  uint64_t history = 512 << 10;
  std::function<void(const IngestProgress&)> progress;
  // Asked between blocks of files whether to stop (of a node: NodeIngestOptions::stop). What has
  // been added then is kept.
  std::function<bool()> stop;
};

// What an ingest did, and what it passed over.
struct IngestReport {
  uint64_t blocks_added = 0;
  uint64_t blocks_undone = 0;       // of a chain with less work
  uint64_t stale_blocks = 0;        // in the files, on branches with less work
  uint64_t unconnected_blocks = 0;  // in the files, their ancestors missing
  uint64_t inputs_from_undo = 0;    // added, their values taken from rev*.dat or the node
  bool height_unknown = false;      // heights are counted from 0 at the first block
  // Where values of inputs from outside the ledger were wanted and not to be had: by block file, or
  // the node.
  struct MissingUndo {
    uint64_t blocks = 0;
    uint32_t first_height = 0;
    std::string why;  // of the first of them
  };
  std::map<uint32_t, MissingUndo> missing_undo;
  bitcoin::BlockFileSkips skips;
};

// The blocks that were found in a directory, and what was passed over in it.
struct BlockFileScan {
  std::vector<bitcoin::BlockRecord> records;
  bitcoin::BlockFileSkips skips;
};

// Reads the headers of all blocks. NOT_FOUND if there is none; CANCELLED if stopped; errors as
// BlockDirectory::Scan().
absl::StatusOr<BlockFileScan> ScanBlockFiles(bitcoin::BlockDirectory* directory,
                                             const IngestOptions& options);

// Brings `writer`'s chain up to the most-work chain of the blocks in `scan`: blocks that the ledger
// has and that chain has not are undone, the others appended, each checked (CheckBlock(), and that
// it spends only what exists, once, and pays out no more than it may). Of branches with equal work,
// the one in the ledger stays; else the one that stands first in the files is taken. The ledger
// need not be empty, nor the files begin where the chain does:
// - a ledger that begins with the network's first block is complete, and an input whose output it
//   does not have is an error in the blocks;
// - otherwise the input's value and owner are taken from rev*.dat, or it is unresolved.
// Call again for what has come since, or to go on after an interruption.
//
// FAILED_PRECONDITION if the files' blocks do not connect to the ledger's. DATA_LOSS for a block
// that does not stand up to the checks: the ledger then ends with the block before it. CANCELLED if
// stopped. The directory's and the writer's errors.
absl::StatusOr<IngestReport> IngestBlockFiles(bitcoin::BlockDirectory* directory,
                                              const BlockFileScan& scan, const Network& network,
                                              LedgerWriter* writer, const IngestOptions& options);

}  // namespace spoor

#endif  // SPOOR_INGEST_BLOCK_FILES_H_
