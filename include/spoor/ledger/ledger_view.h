#ifndef SPOOR_LEDGER_LEDGER_VIEW_H_
#define SPOOR_LEDGER_LEDGER_VIEW_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "spoor/ledger/model.h"

namespace spoor {

// LedgerView answers questions about one fixed state of one chain of a ledger. Every analysis reads
// through it, so that any store can stand behind it. Const methods may be called from several
// threads at once. Every method fails with DATA_LOSS where the store contradicts itself, and with
// the store's own errors where it cannot be read.
class LedgerView {
 public:
  virtual ~LedgerView() = default;

  virtual const ChainInfo& chain() const = 0;

  // The last block; nullopt while the chain is empty.
  virtual std::optional<BlockInfo> tip() const = 0;

  // The block at `height`; NOT_FOUND if the ledger has none. A ledger may begin above height 0.
  virtual absl::StatusOr<BlockInfo> BlockAt(uint32_t height) const = 0;

  // Reads the movements at `positions`, in that order, into `*out`, whose memory is reused. One
  // request for many is much cheaper than many requests. OUT_OF_RANGE if one is past the tip.
  virtual absl::Status ReadMovements(absl::Span<const Position> positions,
                                     std::vector<Movement>* out) const = 0;

  // Visits all movements from `from` on, in order. Stops with what `visit` returns unless it is OK.
  virtual absl::Status ScanMovements(
      Position from, absl::FunctionRef<absl::Status(const Movement&)> visit) const = 0;

  // The movements of the transaction, ascending; empty if there is no such transaction. On a UTXO
  // chain there is one, but for two coinbases of 2010 that repeat an earlier txid (BIP 30).
  virtual absl::StatusOr<std::vector<Position>> FindTransaction(const Txid& txid) const = 0;

  // Reads them. Memory in `*out` is reused.
  virtual absl::Status ReadTransaction(const Txid& txid, std::vector<Movement>* out) const;

  // The name of a transaction that is called by another text than its hash; empty if it is not.
  virtual absl::StatusOr<std::string> FindTransactionText(const Txid& txid) const;

  // Addresses are told apart by their keys, bytes that the chain defines (ledger/names.h makes them
  // from text and back).
  virtual absl::StatusOr<std::optional<AddressId>> FindAddress(absl::string_view key) const = 0;
  // OUT_OF_RANGE if there is no such address.
  virtual absl::StatusOr<std::string> ReadAddress(AddressId id) const = 0;
  // Reads the keys of `count` addresses from `first` on, in order. OUT_OF_RANGE if there are not so
  // many. One request for many is much cheaper than many requests, where a store makes it so; as it
  // stands here it asks for each.
  virtual absl::Status ReadAddresses(AddressId first, size_t count,
                                     std::vector<std::string>* keys) const;

  // The movements in which `id` takes something that is not change, ascending.
  virtual absl::StatusOr<std::vector<Position>> Receipts(AddressId id) const = 0;

  // What inputs have revealed of the address; nullopt if nothing. That it fits the address is for
  // whoever believes it to see (IsRevealedBy()). As these two stand here, nothing ever was.
  virtual absl::StatusOr<std::optional<RevealedScript>> ReadRevealed(AddressId id) const;
  // Visits what was revealed of addresses from `from` on, in their order. Stops with what `visit`
  // returns unless it is OK.
  virtual absl::Status ScanRevealed(
      AddressId from,
      absl::FunctionRef<absl::Status(AddressId, const RevealedScript&)> visit) const;

  // What follows is of account chains. As it stands here, there is the native asset alone, and no
  // balance.

  // The asset of that key; the native one's is empty.
  virtual absl::StatusOr<std::optional<AssetId>> FindAsset(absl::string_view key) const;
  // OUT_OF_RANGE if there is no such asset.
  virtual absl::StatusOr<AssetInfo> ReadAsset(AssetId id) const;
  // nullopt if no movement ever touched it.
  virtual absl::StatusOr<std::optional<BalanceInfo>> ReadBalance(const Holding& balance) const;
  // Visits the balances that `id` has or had, by ascending asset. There may be very many: anybody
  // can send tokens to anybody. Stops with what `visit` returns unless it is OK.
  virtual absl::Status ScanBalances(
      AddressId id, absl::FunctionRef<absl::Status(const BalanceInfo&)> visit) const;
};

// Reads one movement.
absl::StatusOr<Movement> ReadMovement(const LedgerView& view, Position position);

}  // namespace spoor

#endif  // SPOOR_LEDGER_LEDGER_VIEW_H_
