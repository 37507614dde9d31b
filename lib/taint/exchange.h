#ifndef SPOOR_LIB_TAINT_EXCHANGE_H_
#define SPOOR_LIB_TAINT_EXCHANGE_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/inlined_vector.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "spoor/ledger/ledger_view.h"
#include "spoor/ledger/model.h"

namespace spoor {

// A transaction of an account chain in which assets change hands for others, as one settlement
// (docs/model.md, "Conversion").
struct Exchange {
  // What the transaction takes from, or brings to, a balance or the issue of an asset, all its
  // transfers together.
  struct Side {
    AddressId owner;  // of an issue, the asset's contract; nobody if it is no account
    AssetId asset = kNativeAsset;
    bool issue = false;     // minted or burned
    bool receives = false;  // else it gives
    Units amount;
    // Of a balance: what it holds before the transaction, and who touches it before and after.
    Units before;
    Units opening;
    std::optional<Position> previous;
    std::optional<Position> next;
    Position last;  // of the transaction's movements that touch it

    Holding holding() const { return Holding::Balance(owner, asset); }
  };
  // An account that gives `from` of its own and receives `to` for it. Both are numbers of sides.
  struct Conversion {
    size_t from = 0;
    size_t to = 0;
  };

  // In the order in which the transaction first touches them.
  std::vector<Side> sides;
  std::vector<Conversion> conversions;
  // The one side that gives and is in no conversion, and who shares it: receivers of its asset,
  // and, of another asset, those who have it converted.
  std::optional<size_t> giver;
  std::vector<size_t> same;
  std::vector<size_t> converted;
  Units same_amount;       // in the giver's asset
  Units converted_amount;  // in the other
  // Others who receive: nothing stolen comes to them.
  std::vector<size_t> clean;
  // Balances that it touches, but leaves as they were. They are no sides.
  std::vector<Side> even;

  Position first;  // of the movements
  Position last;

  // The side that receives for `owner`; nullopt if it keeps nothing of the asset.
  std::optional<size_t> Receiver(AddressId owner, AssetId asset) const;
};

// Reads whole transactions around their movements, and tells which are exchanges. For one thread.
class Exchanges {
 public:
  explicit Exchanges(const LedgerView& view) : view_(view) {}

  // The exchange that `movement` is a part of; null if its transaction is none. Stands until the
  // next call.
  absl::StatusOr<const Exchange*> Of(const Movement& movement);
  // A transfer of that exchange.
  const Movement& transfer(Position position) const {
    return transfers_[position.number - first_.number];
  }

 private:
  // The transfers of the transaction that `movement` is one of, into transfers_.
  absl::Status Read(const Movement& movement);
  absl::StatusOr<AddressId> Issuer(AssetId asset);
  absl::StatusOr<std::optional<Exchange>> Settle();

  const LedgerView& view_;
  // The last transaction looked at, and what it is.
  Position first_;
  Position end_;
  std::optional<Exchange> exchange_;

  std::vector<Movement> transfers_;
  std::vector<Movement> batch_;
  std::vector<Position> positions_;
  absl::flat_hash_map<AssetId, AddressId> issuers_;
};

}  // namespace spoor

#endif  // SPOOR_LIB_TAINT_EXCHANGE_H_
