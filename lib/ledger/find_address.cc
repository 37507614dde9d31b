#include "spoor/ledger/find_address.h"

#include <optional>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "spoor/base/status_macros.h"
#include "spoor/ledger/names.h"

namespace spoor {

absl::StatusOr<AddressSearch> FindAddressOnChains(absl::Span<const LedgerView* const> views,
                                                  absl::string_view text) {
  AddressSearch search;
  absl::Status no_address;
  bool understood = false;
  for (size_t i = 0; i < views.size(); ++i) {
    const std::string prefix = views[i]->chain().name + ":";
    absl::string_view address = text;
    if (absl::StartsWith(address, prefix)) {
      address.remove_prefix(prefix.size());
      search.places.clear();
    }
    const absl::StatusOr<std::string> key = AddressKeyFromText(views[i]->chain(), address);
    if (key.ok()) {
      understood = true;
      SPOOR_ASSIGN_OR_RETURN(const std::optional<AddressId> id, views[i]->FindAddress(*key));
      if (id.has_value()) search.places.push_back({i, *id});
    } else {
      no_address.Update(key.status());
    }
    if (address.size() < text.size()) break;
  }
  if (!search.places.empty()) return search;
  search.why_none = views.empty() ? "the ledger has no chain"
                    : understood  ? absl::StrCat("the ledger has never seen address ", text)
                                  : std::string(no_address.message());
  return search;
}

absl::StatusOr<AddressPlace> FindOnlyAddress(absl::Span<const LedgerView* const> views,
                                             absl::string_view text) {
  SPOOR_ASSIGN_OR_RETURN(const AddressSearch search, FindAddressOnChains(views, text));
  if (search.places.empty()) return absl::InvalidArgumentError(search.why_none);
  if (search.places.size() > 1) {
    return absl::InvalidArgumentError(
        absl::StrCat(text, " is on more than one chain; write CHAIN:", text));
  }
  return search.places[0];
}

}  // namespace spoor
