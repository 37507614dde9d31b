#ifndef SPOOR_TAINT_PEEL_CHAIN_H_
#define SPOOR_TAINT_PEEL_CHAIN_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "spoor/ledger/model.h"

namespace spoor {

// Coins paid off one by one: every transaction of the chain has one input, the rest that the one
// before it left, and two outputs, a payment and a rest at least twice as large (Meiklejohn et al.,
// "A Fistful of Bitcoins", 2013).
struct PeelChain {
  struct Payment {
    Txid txid;
    uint32_t output = 0;
    AddressId to;
    Units amount;
  };
  Position start;                 // its first transaction
  std::vector<Payment> payments;  // one for each step, in order
  Payment rest;                   // what the last one left, and with whom
};

// Finds peel chains among movements shown to it in order of position. A movement that it is not
// shown neither lengthens a chain nor ends it.
class PeelChainFinder {
 public:
  // Shorter chains are payments as anybody makes them.
  static constexpr size_t kLeastSteps = 3;

  // The next of the movements; none may be before the one visited last.
  void Visit(const Movement& movement);
  // All found so far, by start.
  std::vector<PeelChain> Finish();

 private:
  void Close(PeelChain chain);

  absl::flat_hash_map<Holding, PeelChain> open_;  // by the output with the rest
  std::vector<PeelChain> closed_;
};

}  // namespace spoor

#endif  // SPOOR_TAINT_PEEL_CHAIN_H_
