#ifndef SPOOR_LIB_INGEST_RESOLVER_H_
#define SPOOR_LIB_INGEST_RESOLVER_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "lib/ingest/block_hashes.h"
#include "lib/ingest/checked_block.h"
#include "lib/ingest/key_filter.h"
#include "lib/ingest/keyed_hash.h"
#include "lib/ingest/latest_ids.h"
#include "lib/ingest/recent_table.h"
#include "lib/ingest/spent_log.h"
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
  // `hasher` made the hashes of the blocks. `memory` bytes are used at most, about. `bytes` of
  // blocks are to come, or so: for many it pays to learn first which addresses the ledger has, and
  // by them a filter of all addresses has its size.
  Resolver(const Network& network, const KeyHasher* hasher, LedgerWriter* writer, uint64_t memory,
           uint64_t bytes);

  // Resolves the block and appends it. `undo` is called once if the ledger does not begin with the
  // network's first block and does not have an output that is spent: what it gives stands in for
  // that and others like it; NOT_FOUND from it leaves them unresolved. DATA_LOSS, naming block and
  // transaction, if it spends what does not exist or twice, pays out more than it takes in, or
  // claims more than its subsidy and fees. May commit what the writer has.
  absl::Status Append(const CheckedBlock& block, uint32_t height,
                      const std::function<absl::StatusOr<SpentOutputs>()>& undo);

  // Inputs whose values came from `undo`, in all.
  uint64_t inputs_from_undo() const { return inputs_from_undo_; }

 private:
  struct Coin {
    Holding holding;
    uint64_t amount = 0;
    AddressId owner;
    // Of the hash of its script, if that is short; nullopt where only the ledger remembers it.
    std::optional<uint32_t> script;
  };
  // Position, owner and amount of a coin, and bits of its script's hash; its index is in the
  // outpoint.
  using Coins = RecentTable<5 + 5 + 7 + 4>;
  using Addresses = RecentTable<5>;
  static Coins::Value Pack(const Coin& coin);
  static Coin Unpack(const Coins::Value& value, uint32_t index);

  // The output from outside the ledger that an input of the transaction at hand spends; null if
  // nothing is known of it.
  using FindOutside = absl::FunctionRef<absl::StatusOr<const bitcoin::TxOut*>(size_t input)>;

  // Makes block_ of it.
  absl::Status Resolve(const CheckedBlock& checked, uint32_t height,
                       const std::function<absl::StatusOr<SpentOutputs>()>& undo);
  // Starts to bring the tables' places for what the block's first `transactions` spend and pay into
  // the processor's caches, as far as that has not been done.
  void FetchAhead(const CheckedBlock& checked, size_t transactions);
  // `hash` is that of a short script.
  absl::StatusOr<AddressId> NumberAddress(ByteSpan script_pubkey, const KeyHash& hash);
  // The id in the ledger, or the next one, whose key is then added to block_.
  absl::StatusOr<AddressId> FindOrAdd(const std::string& key, bool surely_new);
  // Whether neither the ledger nor a block since has the address, for sure.
  bool SurelyNew(const KeyHash& hash) const;
  // False if the ledger has no such transaction; DATA_LOSS if it has, and not that output unspent.
  absl::StatusOr<bool> TakeCoin(const bitcoin::OutPoint& outpoint, const KeyHash& hash, Coin* coin);
  absl::Status AddGives(const CheckedBlock& checked, const bitcoin::Transaction& tx,
                        FindOutside outside, Movement* movement);
  // Adds what the block's input at `input` reveals of the address that gives, if what it shows is
  // that of the address. `is_of` tells of a script, by its hash.
  absl::Status AddRevealed(const CheckedBlock& checked, size_t input, const Movement& movement,
                           size_t give,
                           absl::FunctionRef<absl::StatusOr<bool>(const bitcoin::Revealed& revealed,
                                                                  const KeyHash& hash)>
                               is_of);
  // Whether an address that may have been forgotten is that of the script.
  absl::StatusOr<bool> IsScriptOf(AddressId id, const bitcoin::Revealed& revealed,
                                  const KeyHash& hash);
  absl::Status AddTakes(const CheckedBlock& checked, const bitcoin::Transaction& tx,
                        Movement* movement);
  // Forgets spends that the ledger itself knows by now.
  void NoteCommits();
  // Makes room, if need be, by forgetting what the ledger can be asked for.
  absl::Status Trim();
  // The same of what is committed by now.
  void ForgetCommitted();
  // Puts the addresses that the ledger has into the filter.
  absl::Status LearnAddresses();

  const Network& network_;
  LedgerWriter* writer_;
  // Whether the ledger begins with the network's first block.
  bool complete_ = false;
  // Whether the ledger has addresses that neither `addresses_` nor `known_` was ever given.
  bool has_strange_addresses_ = false;
  uint64_t inputs_from_undo_ = 0;
  uint64_t bytes_to_come_ = 0;
  const KeyHasher& hasher_;
  uint64_t filter_bytes_;
  uint64_t tables_bytes_;  // for coins and addresses together
  Coins coins_;
  // By the scripts of addresses, if those are standard and of at most KeyHasher::kMostBytes: nearly
  // all there are.
  Addresses addresses_;
  // Once `addresses_` has forgotten some: all of them.
  std::optional<KeyFilter> known_;
  // Outputs spent since the last commit seen, and between that and the one before: the ledger may
  // still show them unspent.
  SpentLog spent_;
  SpentLog spent_before_;
  uint64_t committed_ = 0;  // movements in the last commit seen
  // The block at hand. Memory is reused.
  NewBlock block_;
  size_t new_addresses_ = 0;     // of block_.new_addresses, so far
  size_t revealed_ = 0;          // of block_.revealed
  std::string key_;              // of the address at hand
  std::vector<Movement> asked_;  // the transaction that the ledger was last asked for
  // Addresses of which something has been revealed: a hash is spared wherever one is known.
  LatestIds known_revealed_;
  // Of the block at hand: how many inputs and outputs, as BlockHashes counts them, have been dealt
  // with, and of how many transactions, inputs and outputs the places have been fetched.
  size_t next_input_ = 0;
  size_t next_output_ = 0;
  size_t fetched_ = 0;
  size_t fetched_inputs_ = 0;
  size_t fetched_outputs_ = 0;
  // The few others, as far as they have been seen since the last time that room was made, or were
  // not committed then.
  absl::flat_hash_map<std::string, AddressId> long_addresses_;
};

}  // namespace spoor

#endif  // SPOOR_LIB_INGEST_RESOLVER_H_
