#ifndef SPOOR_LIB_REPORT_NAMES_H_
#define SPOOR_LIB_REPORT_NAMES_H_

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "lib/report/json.h"
#include "spoor/ledger/ledger_view.h"
#include "spoor/ledger/names.h"

namespace spoor {

// "2009-01-12T03:30:25Z".
std::string IsoTime(int64_t seconds);
// "2009-01-12 03:30", for tables.
std::string TableTime(int64_t seconds);

// Owners' names and blocks' times of one chain, each asked for once.
class NameCache {
 public:
  explicit NameCache(const LedgerView* view) : view_(view) {}

  const LedgerView& view() const { return *view_; }
  absl::StatusOr<OwnerName> Owner(AddressId id);
  absl::StatusOr<int64_t> Time(uint32_t height);

 private:
  const LedgerView* view_;
  absl::flat_hash_map<AddressId, OwnerName> owners_;
  absl::flat_hash_map<uint32_t, int64_t> times_;
};

// {"height":N,"hash":H,"time":T}, or null while the chain is empty.
void WriteTip(const std::optional<BlockInfo>& tip, Json* json);
// "address" and, for an owner without one, "script": members of the object begun.
void WriteOwner(const OwnerName& owner, Json* json);

}  // namespace spoor

#endif  // SPOOR_LIB_REPORT_NAMES_H_
