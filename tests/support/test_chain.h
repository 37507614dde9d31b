#ifndef SPOOR_TESTS_SUPPORT_TEST_CHAIN_H_
#define SPOOR_TESTS_SUPPORT_TEST_CHAIN_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/types/span.h"
#include "spoor/base/bytes.h"
#include "spoor/bitcoin/block_builder.h"
#include "spoor/bitcoin/block_file.h"

namespace spoor {

// The script_pubkey of a party that tests know by a number: pay to a public key's hash.
Bytes PartyScript(int party);
// A script that nobody can spend.
Bytes BurnScript();

// A transaction for a test chain. Nothing checks it: it may break any rule.
struct Payment {
  struct Output {
    uint64_t sat = 0;
    Bytes script_pubkey;
  };
  std::vector<bitcoin::OutPoint> inputs;
  std::vector<Output> outputs;

  Txid txid() const;
  bitcoin::OutPoint out(uint32_t index) const { return {txid(), index}; }
};

struct TestBlock {
  BlockHash hash;
  BlockHash previous;
  uint32_t height = 0;
  uint32_t time = 0;
  bitcoin::OutPoint reward;  // the coinbase's first output
  uint64_t reward_sat = 0;
  Bytes bytes;
  Bytes undo;  // the body of its undo record, if TestBlockOptions::spent gave it
};

struct TestBlockOptions {
  // What the coinbase pays to party 0, in satoshis, besides the subsidy.
  int64_t fees = 0;
  // Sets apart blocks that are otherwise the same.
  uint8_t salt = 0;
  // 1: the coinbase's height is not to be believed.
  int32_t version = 0x20000000;
  // What the payments' inputs spend, one list for each.
  std::vector<std::vector<Payment::Output>> spent;
};

// A chain on regtest, from its true genesis block on. A copy is a fork.
class TestChain {
 public:
  TestChain();

  const TestBlock& Add(absl::Span<const Payment> payments = {},
                       const TestBlockOptions& options = {});
  // Adds `count` blocks with nothing but coinbases.
  void AddEmpty(size_t count, uint8_t salt = 0);
  // Forgets all but the first `count` blocks.
  void Truncate(size_t count) {
    blocks_.erase(blocks_.begin() + static_cast<ptrdiff_t>(count), blocks_.end());
  }

  const std::vector<TestBlock>& blocks() const { return blocks_; }
  const TestBlock& at(size_t height) const { return blocks_[height]; }
  const TestBlock& tip() const { return blocks_.back(); }

 private:
  std::vector<TestBlock> blocks_;
};

// Writes blocks, and their undo records where they have them, as block files in `dir`.
void WriteTestBlocks(const std::string& dir, absl::Span<const TestBlock> blocks,
                     const bitcoin::BlockFileWriter::Options& options = {});

}  // namespace spoor

#endif  // SPOOR_TESTS_SUPPORT_TEST_CHAIN_H_
