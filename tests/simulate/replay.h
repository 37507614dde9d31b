#ifndef SPOOR_TESTS_SIMULATE_REPLAY_H_
#define SPOOR_TESTS_SIMULATE_REPLAY_H_

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "rapidjson/document.h"
#include "spoor/bitcoin/block.h"
#include "spoor/bitcoin/block_file.h"
#include "spoor/chain/network.h"

namespace spoor::simulate {

// A folder of this test's own, empty at the start and removed at the end.
class ScratchFolder {
 public:
  ScratchFolder();
  ~ScratchFolder();
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

// The lines of a .jsonl file, parsed; fails the test if one is not an object.
std::vector<rapidjson::Document> ReadJsonLines(const std::string& path);
// Of an amount in a truth file: a decimal string.
uint64_t AmountOf(const rapidjson::Value& value);

// What a ledger is, worked out again by the plainest means from its block files alone.
struct Replay {
  struct UnspentOutput {
    uint64_t value = 0;
    uint32_t height = 0;
    bool coinbase = false;
    Bytes script;
  };
  uint64_t blocks = 0;
  uint64_t records = 0;  // in the files, stale blocks included
  uint64_t transactions = 0;
  uint64_t inputs = 0;
  uint64_t outputs = 0;
  uint64_t minted = 0;
  uint64_t fees = 0;
  uint64_t unspendable = 0;
  uint64_t same_block_spends = 0;
  BlockHash tip;
  absl::flat_hash_map<bitcoin::OutPoint, UnspentOutput> unspent;
  absl::flat_hash_map<std::string, uint64_t> scripts;  // text of every paid script, and how often
  std::vector<BlockHash> chain;

  uint64_t UnspentTotal() const;
};

// Reads `dir`, takes the longest chain, and checks on the way: CheckBlock(), BIP 34 heights, times
// after the median of eleven, no output spent twice or before it is there, no coinbase spent before
// a hundred blocks have passed, outputs of no more than inputs, coinbases of no more than subsidy
// and fees, weight. DATA_LOSS for what does not hold. `visit`, if set, sees each block with the
// outputs that it spends.
using BlockVisitor =
    std::function<void(uint32_t height, const bitcoin::Block& block,
                       const absl::flat_hash_map<bitcoin::OutPoint, Replay::UnspentOutput>& spent)>;
absl::StatusOr<Replay> ReplayBlocks(const std::string& dir, const Network& network,
                                    const BlockVisitor& visit);

}  // namespace spoor::simulate

#endif  // SPOOR_TESTS_SIMULATE_REPLAY_H_
