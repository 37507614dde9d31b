#include "lib/report/tag_behind.h"

#include <optional>
#include <vector>

#include "absl/strings/str_cat.h"
#include "spoor/base/status_macros.h"
#include "spoor/entity/category.h"
#include "spoor/entity/owner_labels.h"
#include "spoor/entity/tag_table.h"
#include "spoor/ledger/names.h"

namespace spoor {
namespace {

// Whether the tag says of its holder what the label does.
bool Says(const Tag& tag, const Label& label) {
  return tag.category == label.category() ||
         (label.sanctioned() && tag.category == Category::kSanctioned);
}

// The most confident tag under `key` that says what the label does.
absl::StatusOr<std::optional<TagBehind>> Strongest(const TagTable& table, absl::string_view key,
                                                   const Label& label) {
  SPOOR_ASSIGN_OR_RETURN(std::vector<TagTable::Found> tags, table.Tags(key));
  for (TagTable::Found& found : tags) {
    if (Says(found.tag, label)) {
      TagBehind behind{std::string(key.substr(key.find(':') + 1)), std::move(found.tag),
                       std::move(found.list)};
      return std::optional(std::move(behind));
    }
  }
  return std::optional<TagBehind>();
}

}  // namespace

absl::StatusOr<TagsBehind> FindTagsBehind(const TraceReport& report,
                                          std::vector<NameCache>* caches) {
  TagsBehind behind;
  if (report.tags == nullptr) return behind;
  // Owners without a tag of their own that says so, by cluster.
  std::vector<std::map<std::string, std::vector<AddressId>>> clusters(report.views.size());
  bool any = false;
  std::map<std::pair<uint32_t, AddressId>, bool> seen;
  for (const PolicyResult& policy : report.result->policies) {
    for (const Endpoint& end : policy.endpoints) {
      if (end.kind != EndpointKind::kService || end.owner.IsNobody()) continue;
      if (!seen.emplace(std::pair(end.chain, end.owner), true).second) continue;
      NameCache& names = (*caches)[end.chain];
      SPOOR_ASSIGN_OR_RETURN(const Label label, names.LabelOf(end.owner));
      SPOOR_ASSIGN_OR_RETURN(const std::string key, TagKeyOfOwner(names.view(), end.owner));
      SPOOR_ASSIGN_OR_RETURN(std::optional<TagBehind> own, Strongest(*report.tags, key, label));
      if (own.has_value()) {
        behind.emplace(std::pair(end.chain, end.owner), *std::move(own));
        continue;
      }
      SPOOR_ASSIGN_OR_RETURN(const std::string cluster, names.ClusterOf(end.owner));
      if (cluster.empty()) continue;
      clusters[end.chain][cluster].push_back(end.owner);
      any = true;
    }
  }
  if (!any) return behind;
  const auto visit = [&](absl::string_view key, const Label& tagged) -> absl::Status {
    const absl::string_view text = key.substr(key.find(':') + 1);
    for (uint32_t chain = 0; chain < report.views.size(); ++chain) {
      if (clusters[chain].empty()) continue;
      const LedgerView& view = *report.views[chain];
      if (TagKeyOnChain(view.chain(), text) != key) continue;
      const absl::StatusOr<std::string> address = AddressKeyFromText(view.chain(), text);
      if (!address.ok()) continue;  // of another network of the realm
      SPOOR_ASSIGN_OR_RETURN(const std::optional<AddressId> id, view.FindAddress(*address));
      if (!id.has_value()) continue;
      SPOOR_ASSIGN_OR_RETURN(const std::string cluster, report.labels[chain].ClusterOf(*id));
      const auto owners = clusters[chain].find(cluster);
      if (owners == clusters[chain].end()) continue;
      SPOOR_ASSIGN_OR_RETURN(const Label label, (*caches)[chain].LabelOf(owners->second.front()));
      if (tagged.category() != label.category() && !tagged.sanctioned()) continue;
      SPOOR_ASSIGN_OR_RETURN(const std::optional<TagBehind> found,
                             Strongest(*report.tags, key, label));
      if (!found.has_value()) continue;
      for (const AddressId owner : owners->second) {
        // Tags come in the order of their addresses: of equals the first stays.
        TagBehind& known = behind[{chain, owner}];
        if (known.address.empty() || known.tag.confidence < found->tag.confidence) known = *found;
      }
    }
    return absl::OkStatus();
  };
  SPOOR_RETURN_IF_ERROR(report.tags->VisitLabels(visit));
  return behind;
}

void WriteTagBehind(const TagsBehind& tags, uint32_t chain, AddressId owner, Json* json) {
  const auto it = tags.find({chain, owner});
  if (it == tags.end()) {
    json->Null();
    return;
  }
  const auto& [address, tag, list] = it->second;
  json->BeginObject();
  json->Key("address").String(address);
  json->Key("label").String(tag.label);
  json->Key("source");
  tag.source.empty() ? json->Null() : json->String(tag.source);
  json->Key("confidence").Number(static_cast<uint64_t>(tag.confidence));
  json->Key("list").String(list);
  json->EndObject();
}

std::string TagBehindText(const TagsBehind& tags, uint32_t chain, AddressId owner) {
  const auto it = tags.find({chain, owner});
  if (it == tags.end()) return "";
  return absl::StrCat("by the tag of ", it->second.address, " in ", it->second.list,
                      ", confidence ", it->second.tag.confidence);
}

}  // namespace spoor
