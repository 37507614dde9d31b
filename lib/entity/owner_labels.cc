#include "spoor/entity/owner_labels.h"

#include <algorithm>
#include <map>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "lib/entity/tag_rows.h"
#include "spoor/base/bytes.h"
#include "spoor/base/status_macros.h"
#include "spoor/chain/digest.h"
#include "spoor/entity/cluster_builder.h"
#include "spoor/entity/clusters.h"
#include "spoor/ledger/names.h"

namespace spoor {
namespace {

// The address of the chain that is kept under `key`, if the chain has it.
absl::StatusOr<std::optional<AddressId>> FindKey(const LedgerView& view, absl::string_view key) {
  const absl::string_view text = key.substr(key.find(':') + 1);
  if (TagKeyOnChain(view.chain(), text) != key) return std::nullopt;
  const absl::StatusOr<std::string> address_key = AddressKeyFromText(view.chain(), text);
  // Of another network of the same realm.
  if (absl::IsInvalidArgument(address_key.status())) return std::nullopt;
  SPOOR_RETURN_IF_ERROR(address_key.status());
  return view.FindAddress(*address_key);
}

// Every tagged address of the chain.
absl::Status VisitTagged(const LedgerView& view, const TagTable& table,
                         absl::FunctionRef<absl::Status(AddressId, const Label&)> visit) {
  return table.VisitLabels([&](absl::string_view key, const Label& label) -> absl::Status {
    SPOOR_ASSIGN_OR_RETURN(const std::optional<AddressId> id, FindKey(view, key));
    return id.has_value() ? visit(*id, label) : absl::OkStatus();
  });
}

absl::Status VisitTagged(const LedgerView& view, LedgerTable* tags,
                         absl::FunctionRef<absl::Status(AddressId, const Label&)> visit) {
  SPOOR_ASSIGN_OR_RETURN(const TagTable table, TagTable::Open(tags));
  return VisitTagged(view, table, visit);
}

// Whether such parties give each customer an address to pay into.
bool TakesDeposits(Category category) {
  switch (category) {
    case Category::kExchange:
    case Category::kPaymentProcessor:
    case Category::kGambling:
    case Category::kMarket:
    case Category::kHostedWallet:
    case Category::kOtcBroker:
      return true;
    default:
      return false;
  }
}

// How long the number is with which lists tell a party's wallets apart, as in "HTX 34"; 0 without.
size_t WalletNumber(absl::string_view name) {
  size_t digits = 0;
  while (digits < name.size() && absl::ascii_isdigit(name[name.size() - 1 - digits])) ++digits;
  const size_t rest = name.size() - digits;
  return rest > 1 && name[rest - 1] == ' ' ? digits : 0;
}

// No two states of a chain's clusters have the same.
std::string TextOf(const ClusterState& state) {
  std::string text = absl::StrCat(state.height, " ", ToText(state.hash), " ", state.guard, " ",
                                  state.addresses, " ", state.clusters, " ", state.conflicts);
  for (const auto& [heuristic, merges] : state.merges) {
    absl::StrAppend(&text, " ", static_cast<int>(heuristic), ":", merges);
  }
  return text;
}

}  // namespace

absl::StatusOr<std::string> TagKeyOfOwner(const LedgerView& view, AddressId id) {
  SPOOR_ASSIGN_OR_RETURN(const OwnerName owner, NameOwner(view, id));
  return TagKeyOnChain(view.chain(), owner.text);
}

absl::StatusOr<Label> OwnerLabels::Of(AddressId id) const {
  if (id.IsNobody()) return Label();
  if (find_ != nullptr) {
    SPOOR_ASSIGN_OR_RETURN(const AddressId root, find_(id));
    SPOOR_ASSIGN_OR_RETURN(const auto row,
                           ReadRow(*tags_, tag_rows::ClusterKey(view_->chain().name, root)));
    if (row.has_value()) return Label::Decode(*row);
  }
  SPOOR_ASSIGN_OR_RETURN(const std::string key, TagKeyOfOwner(*view_, id));
  SPOOR_ASSIGN_OR_RETURN(const auto row, ReadRow(*tags_, tag_rows::LabelKey(key)));
  return row.has_value() ? Label::Decode(*row) : Label();
}

absl::StatusOr<AddressId> OwnerLabels::FirstOf(AddressId id) const {
  if (id.IsNobody() || first_ == nullptr) return AddressId();
  return first_(id);
}

absl::StatusOr<std::string> OwnerLabels::ClusterOf(AddressId id) const {
  SPOOR_ASSIGN_OR_RETURN(const AddressId first, FirstOf(id));
  return first.IsNobody() ? std::string() : ClusterName(*view_, first);
}

absl::StatusOr<std::vector<AddressId>> TaggedOfCluster(const LedgerView& view,
                                                       const Clusters& clusters,
                                                       const TagTable& tags, AddressId id) {
  uint64_t tagged = 0;
  SPOOR_ASSIGN_OR_RETURN(const std::vector<TagList> lists, tags.Lists());
  for (const TagList& list : lists) tagged += list.addresses;
  std::vector<AddressId> found;
  if (tagged == 0) return found;
  SPOOR_ASSIGN_OR_RETURN(const uint64_t size, clusters.Size(id));
  if (size <= tagged) {
    SPOOR_ASSIGN_OR_RETURN(const std::vector<AddressId> members, clusters.Members(id));
    for (const AddressId member : members) {
      SPOOR_ASSIGN_OR_RETURN(const std::string key, TagKeyOfOwner(view, member));
      SPOOR_ASSIGN_OR_RETURN(const Label label, tags.LabelOf(key));
      if (label.tags() > 0) found.push_back(member);
    }
    return found;
  }
  SPOOR_ASSIGN_OR_RETURN(const AddressId root, clusters.Find(id));
  SPOOR_RETURN_IF_ERROR(VisitTagged(view, tags, [&](AddressId other, const Label&) -> absl::Status {
    SPOOR_ASSIGN_OR_RETURN(const AddressId its_root, clusters.Find(other));
    if (its_root == root) found.push_back(other);
    return absl::OkStatus();
  }));
  std::sort(found.begin(), found.end());
  return found;
}

absl::Status WriteClusterLabels(const LedgerView& view, const FindCluster& find,
                                const ClusterState& state, LedgerTable* tags) {
  std::map<std::string, Label> labels;
  SPOOR_RETURN_IF_ERROR(
      VisitTagged(view, tags, [&](AddressId id, const Label& label) -> absl::Status {
        // One that came after the clusters is in none, and may be another after a reorganisation.
        if (id.number >= state.addresses) return absl::OkStatus();
        SPOOR_ASSIGN_OR_RETURN(const AddressId root, find(id));
        labels[tag_rows::ClusterKey(view.chain().name, root)].Add(label);
        return absl::OkStatus();
      }));
  std::vector<LedgerTable::Change> changes;
  SPOOR_RETURN_IF_ERROR(tags->Scan(tag_rows::ClusterPrefix(view.chain().name), "",
                                   [&](absl::string_view key, absl::string_view row) {
                                     const auto it = labels.find(std::string(key));
                                     if (it == labels.end()) {
                                       changes.push_back({std::string(key), std::nullopt});
                                     } else if (it->second.Encode() == row) {
                                       labels.erase(it);
                                     }
                                     return absl::OkStatus();
                                   }));
  for (const auto& [key, label] : labels) changes.push_back({key, label.Encode()});
  changes.push_back({tag_rows::ClustersOfKey(view.chain().name), TextOf(state)});
  return tags->Write(changes);
}

absl::StatusOr<bool> ClusterLabelsAreOf(absl::string_view chain, const ClusterState& state,
                                        const LedgerTable& tags) {
  SPOOR_ASSIGN_OR_RETURN(const auto row, ReadRow(tags, tag_rows::ClustersOfKey(chain)));
  return row == TextOf(state);
}

absl::Status ForgetClusterLabels(absl::string_view chain, LedgerTable* tags) {
  const std::string key = tag_rows::ClustersOfKey(chain);
  SPOOR_ASSIGN_OR_RETURN(const auto row, ReadRow(*tags, key));
  return row.has_value() ? tags->Write({{key, std::nullopt}}) : absl::OkStatus();
}

absl::StatusOr<std::vector<std::pair<AddressId, uint64_t>>> TaggedActors(const LedgerView& view,
                                                                         LedgerTable* tags) {
  std::vector<std::pair<AddressId, uint64_t>> actors;
  SPOOR_RETURN_IF_ERROR(VisitTagged(view, tags, [&](AddressId id, const Label& label) {
    const bool service = view.chain().family == Family::kAccount && TakesDeposits(label.category());
    std::string name = label.named_actor();
    if (service && name.empty()) {
      name = absl::StrCat("label ", label.actor());
    } else if (service) {
      name.resize(name.size() - WalletNumber(label.actor()));
    }
    if (name.empty()) return absl::OkStatus();
    uint64_t actor = LoadLe64(Sha256(AsBytes(name)).data());
    if (view.chain().family == Family::kAccount) actor &= ~kServiceTag;
    actors.emplace_back(id, service ? actor | kServiceTag : actor);
    return absl::OkStatus();
  }));
  std::sort(actors.begin(), actors.end());
  return actors;
}

}  // namespace spoor
