#ifndef SPOOR_LIB_INGEST_RESOLVER_H_
#define SPOOR_LIB_INGEST_RESOLVER_H_

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "lib/ingest/recent_map.h"
#include "spoor/bitcoin/block.h"
#include "spoor/chain/network.h"
#include "spoor/ledger/ledger_writer.h"

namespace spoor {

// The outputs that a block's inputs spend, by transaction (without the coinbase) and input.
using SpentOutputs = std::vector<std::vector<bitcoin::TxOut>>;

// Turns blocks as they are on the wire into blocks as the ledger takes them: finds what each input
// spends, and numbers the addresses. Remembers recent outputs and addresses, and asks the ledger
// for the rest. Each resolved block must be appended before the next is resolved.
class Resolver {
 public:
  Resolver(const Network& network, const LedgerView* ledger, uint64_t memory);

  // `undo` is called once, if inputs are missing from a ledger that does not begin with the
  // network's first block: NOT_FOUND from it leaves them unresolved. DATA_LOSS, naming the
  // transaction, if the block spends what does not exist or twice, pays out more than it takes in,
  // or claims more than its subsidy and fees.
  absl::StatusOr<NewBlock> Resolve(const bitcoin::Block& block, uint32_t height,
                                   const std::function<absl::StatusOr<SpentOutputs>()>& undo);

  // Inputs whose values came from `undo`, in all.
  uint64_t inputs_from_undo() const { return inputs_from_undo_; }

 private:
  struct Coin {
    Holding holding;
    uint64_t amount = 0;
    AddressId owner;
  };

  absl::StatusOr<AddressId> NumberAddress(ByteSpan script_pubkey, NewBlock* block);
  // False if the ledger has no such output, or it is spent.
  absl::StatusOr<bool> TakeCoin(const bitcoin::OutPoint& outpoint, Coin* coin);
  absl::Status AddGives(const bitcoin::Transaction& tx, const std::vector<bitcoin::TxOut>* spent,
                        NewBlock* block, Movement* movement);
  absl::Status AddTakes(const bitcoin::Transaction& tx, NewBlock* block, Movement* movement);

  const Network& network_;
  const LedgerView* ledger_;
  // Whether the ledger begins with the network's first block.
  bool complete_ = false;
  uint64_t inputs_from_undo_ = 0;
  RecentMap<bitcoin::OutPoint, Coin> coins_;
  RecentMap<std::string, AddressId> addresses_;
};

}  // namespace spoor

#endif  // SPOOR_LIB_INGEST_RESOLVER_H_
