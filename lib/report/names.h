#ifndef SPOOR_LIB_REPORT_NAMES_H_
#define SPOOR_LIB_REPORT_NAMES_H_

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "lib/report/json.h"
#include "spoor/entity/label.h"
#include "spoor/entity/owner_labels.h"
#include "spoor/ledger/ledger_view.h"
#include "spoor/ledger/names.h"

namespace spoor {

// "2009-01-12T03:30:25Z".
std::string IsoTime(int64_t seconds);
// "2009-01-12 03:30", for tables.
std::string TableTime(int64_t seconds);

// Names of owners and transactions, labels and blocks' times of one chain, each asked for once.
class NameCache {
 public:
  // `labels` may be null: then nothing is known of any owner.
  explicit NameCache(const LedgerView* view, const OwnerLabels* labels = nullptr)
      : view_(view), labels_(labels) {}

  const LedgerView& view() const { return *view_; }
  absl::StatusOr<OwnerName> Owner(AddressId id);
  absl::StatusOr<int64_t> Time(uint32_t height);
  // A transaction as reports name it.
  absl::StatusOr<std::string> Transaction(const Txid& txid);
  // An asset as reports name it, and what the ledger says of it.
  absl::StatusOr<std::string> Asset(AssetId id);
  absl::StatusOr<AssetInfo> InfoOf(AssetId id);
  absl::StatusOr<Label> LabelOf(AddressId id);
  // Empty if there are no clusters.
  absl::StatusOr<std::string> ClusterOf(AddressId id);

 private:
  const LedgerView* view_;
  const OwnerLabels* labels_;
  absl::flat_hash_map<AddressId, Label> known_;
  absl::flat_hash_map<AddressId, std::string> clusters_;
  absl::flat_hash_map<AddressId, OwnerName> owners_;
  absl::flat_hash_map<uint32_t, int64_t> times_;
  absl::flat_hash_map<Txid, std::string> transactions_;
  absl::flat_hash_map<AssetId, std::string> assets_;
  absl::flat_hash_map<AssetId, AssetInfo> infos_;
};

// {"height":N,"hash":H,"time":T}, or null while the chain is empty.
void WriteTip(const std::optional<BlockInfo>& tip, Json* json, HashText form = HashText::kReversed);
// "address" and, for an owner without one, "script": members of the object begun.
void WriteOwner(const OwnerName& owner, Json* json);
// "actor" and "category", each null if it is not known: members of the object begun.
void WriteLabel(const Label& label, Json* json);
// "binance (exchange)"; empty if nothing is known.
std::string LabelText(const Label& label);

}  // namespace spoor

#endif  // SPOOR_LIB_REPORT_NAMES_H_
