#ifndef SPOOR_LIB_INGEST_RESOLVER_H_
#define SPOOR_LIB_INGEST_RESOLVER_H_

#include <array>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
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
// for the rest. Nobody else may append meanwhile.
class Resolver {
 public:
  // `memory` bytes are used at most, about.
  Resolver(const Network& network, LedgerWriter* writer, uint64_t memory);

  // Resolves the block and appends it. `undo` is called once if the ledger does not begin with the
  // network's first block and does not have an output that is spent: what it gives stands in for
  // that and others like it; NOT_FOUND from it leaves them unresolved. DATA_LOSS, naming block and
  // transaction, if it spends what does not exist or twice, pays out more than it takes in, or
  // claims more than its subsidy and fees. May commit what the writer has.
  absl::Status Append(const bitcoin::Block& block, uint32_t height,
                      const std::function<absl::StatusOr<SpentOutputs>()>& undo);

  // Inputs whose values came from `undo`, in all.
  uint64_t inputs_from_undo() const { return inputs_from_undo_; }

 private:
  struct Coin {
    Holding holding;
    uint64_t amount = 0;
    AddressId owner;
  };
  // A coin in 18 bytes; its index is in the outpoint. There are hundreds of millions.
  struct PackedCoin {
    explicit PackedCoin(const Coin& coin);
    Coin Unpack(uint32_t index) const;
    std::array<uint8_t, 18> bytes;
  };
  // Address keys of at most 33 bytes after the kind, nearly all there are.
  struct ShortKey {
    std::array<char, 35> bytes{};  // the last one is the length

    friend bool operator==(const ShortKey&, const ShortKey&) = default;
    template <typename H>
    friend H AbslHashValue(H h, const ShortKey& v) {
      return H::combine_contiguous(std::move(h), v.bytes.data(), v.bytes.size());
    }
  };
  struct PackedId {
    std::array<uint8_t, 5> bytes;
  };

  // The output from outside the ledger that an input of the transaction at hand spends; null if
  // nothing is known of it.
  using FindOutside = absl::FunctionRef<absl::StatusOr<const bitcoin::TxOut*>(size_t input)>;

  absl::StatusOr<NewBlock> Resolve(const bitcoin::Block& block, uint32_t height,
                                   const std::function<absl::StatusOr<SpentOutputs>()>& undo);
  absl::StatusOr<AddressId> NumberAddress(ByteSpan script_pubkey, NewBlock* block);
  // The id in the ledger, or the next one, whose key is then added to `block`.
  absl::StatusOr<AddressId> FindOrAdd(std::string key, bool surely_new, NewBlock* block);
  // False if the ledger has no such transaction; DATA_LOSS if it has, and not that output unspent.
  absl::StatusOr<bool> TakeCoin(const bitcoin::OutPoint& outpoint, Coin* coin);
  absl::Status AddGives(const bitcoin::Transaction& tx, FindOutside outside, NewBlock* block,
                        Movement* movement);
  absl::Status AddTakes(const bitcoin::Transaction& tx, NewBlock* block, Movement* movement);
  // Forgets spends that the ledger itself knows by now.
  void NoteCommits();
  // Makes room, if need be, by forgetting what the ledger can be asked for.
  absl::Status Trim();

  const Network& network_;
  LedgerWriter* writer_;
  // Whether the ledger begins with the network's first block.
  bool complete_ = false;
  // Whether the ledger had addresses before this resolver numbered any.
  bool began_with_addresses_ = false;
  uint64_t inputs_from_undo_ = 0;
  RecentMap<bitcoin::OutPoint, PackedCoin> coins_;
  RecentMap<ShortKey, PackedId> addresses_;
  // Outputs spent since the last commit seen, and between that and the one before: the ledger may
  // still show them unspent.
  absl::flat_hash_set<Holding> spent_;
  absl::flat_hash_set<Holding> spent_before_;
  uint64_t committed_ = 0;  // movements in the last commit seen
  // The few longer ones, as far as they have been seen since the last time that room was made.
  absl::flat_hash_map<std::string, AddressId> long_addresses_;
};

}  // namespace spoor

#endif  // SPOOR_LIB_INGEST_RESOLVER_H_
