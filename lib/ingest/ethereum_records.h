#ifndef SPOOR_LIB_INGEST_ETHEREUM_RECORDS_H_
#define SPOOR_LIB_INGEST_ETHEREUM_RECORDS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "lib/ingest/record_sorter.h"
#include "spoor/ethereum/block_data.h"
#include "spoor/ethereum/etl.h"

namespace spoor {

// The rows of an export as short records that sort by block, so that what belongs to a block comes
// together whatever the files.

// Adds the row's records to `sorter`.
absl::Status AddRecords(const ethereum::EtlRow& row, RecordSorter* sorter);

// Puts blocks together again from records in order.
class BlockAssembler {
 public:
  // RESOURCE_EXHAUSTED from Add() if a block's records are more than `memory` bytes.
  explicit BlockAssembler(uint64_t memory) : memory_(memory) {}

  // Whether the record belongs to another block than those before it: then Take() comes first.
  bool Begins(const RecordSorter::Key& key) const { return any_ && key.major != number_; }
  absl::Status Add(const RecordSorter::Key& key, absl::string_view record);

  // What was added since the last time; nullopt if there was no row of the block itself. Its number
  // is then that of the block without one. DATA_LOSS if two rows contradict each other.
  absl::StatusOr<std::optional<ethereum::BlockData>> Take();

  bool any() const { return any_; }
  uint64_t number() const { return number_; }
  uint64_t rows() const { return rows_; }          // of the block so far
  uint64_t repeated() const { return repeated_; }  // in all: rows that were there already

 private:
  const uint64_t memory_;
  bool any_ = false;
  uint64_t number_ = 0;
  uint64_t rows_ = 0;
  uint64_t bytes_ = 0;
  uint64_t repeated_ = 0;
  std::vector<std::pair<uint8_t, std::string>> records_;  // kind, content
};

}  // namespace spoor

#endif  // SPOOR_LIB_INGEST_ETHEREUM_RECORDS_H_
