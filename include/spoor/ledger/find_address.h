#ifndef SPOOR_LEDGER_FIND_ADDRESS_H_
#define SPOOR_LEDGER_FIND_ADDRESS_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/types/span.h"
#include "spoor/ledger/ledger_view.h"

namespace spoor {

// An address of one of several chains.
struct AddressPlace {
  size_t chain = 0;  // which of the views
  AddressId id;
};

struct AddressSearch {
  std::vector<AddressPlace> places;  // in the order of the views
  std::string why_none;              // where there are none
};

// The chains that have the address that `text` writes, "CHAIN:" before it if only that one is
// meant. Errors are the views'.
absl::StatusOr<AddressSearch> FindAddressOnChains(absl::Span<const LedgerView* const> views,
                                                  absl::string_view text);

// The one chain that has it. INVALID_ARGUMENT if none has, or several.
absl::StatusOr<AddressPlace> FindOnlyAddress(absl::Span<const LedgerView* const> views,
                                             absl::string_view text);

}  // namespace spoor

#endif  // SPOOR_LEDGER_FIND_ADDRESS_H_
