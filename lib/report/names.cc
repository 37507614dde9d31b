#include "lib/report/names.h"

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "spoor/base/status_macros.h"

namespace spoor {

std::string IsoTime(int64_t seconds) {
  return absl::FormatTime("%Y-%m-%d%ET%H:%M:%SZ", absl::FromUnixSeconds(seconds),
                          absl::UTCTimeZone());
}

std::string TableTime(int64_t seconds) {
  return absl::FormatTime("%Y-%m-%d %H:%M", absl::FromUnixSeconds(seconds), absl::UTCTimeZone());
}

absl::StatusOr<OwnerName> NameCache::Owner(AddressId id) {
  if (const auto it = owners_.find(id); it != owners_.end()) return it->second;
  SPOOR_ASSIGN_OR_RETURN(const OwnerName name, NameOwner(*view_, id));
  owners_.emplace(id, name);
  return name;
}

absl::StatusOr<int64_t> NameCache::Time(uint32_t height) {
  if (const auto it = times_.find(height); it != times_.end()) return it->second;
  SPOOR_ASSIGN_OR_RETURN(const BlockInfo block, view_->BlockAt(height));
  times_.emplace(height, block.time);
  return block.time;
}

absl::StatusOr<std::string> NameCache::Transaction(const Txid& txid) {
  if (view_->chain().family == Family::kUtxo) return ToText(txid);
  if (const auto it = transactions_.find(txid); it != transactions_.end()) return it->second;
  SPOOR_ASSIGN_OR_RETURN(const std::string name, NameTransaction(*view_, txid));
  transactions_.emplace(txid, name);
  return name;
}

absl::StatusOr<std::string> NameCache::Asset(AssetId id) {
  if (const auto it = assets_.find(id); it != assets_.end()) return it->second;
  SPOOR_ASSIGN_OR_RETURN(const std::string name, NameAsset(*view_, id));
  assets_.emplace(id, name);
  return name;
}

absl::StatusOr<AssetInfo> NameCache::InfoOf(AssetId id) {
  if (const auto it = infos_.find(id); it != infos_.end()) return it->second;
  SPOOR_ASSIGN_OR_RETURN(const AssetInfo info, view_->ReadAsset(id));
  infos_.emplace(id, info);
  return info;
}

absl::StatusOr<Label> NameCache::LabelOf(AddressId id) {
  if (labels_ == nullptr || id.IsNobody()) return Label();
  if (const auto it = known_.find(id); it != known_.end()) return it->second;
  SPOOR_ASSIGN_OR_RETURN(const Label label, labels_->Of(id));
  known_.emplace(id, label);
  return label;
}

absl::StatusOr<std::string> NameCache::ClusterOf(AddressId id) {
  if (labels_ == nullptr || id.IsNobody()) return std::string();
  if (const auto it = clusters_.find(id); it != clusters_.end()) return it->second;
  SPOOR_ASSIGN_OR_RETURN(const std::string cluster, labels_->ClusterOf(id));
  clusters_.emplace(id, cluster);
  return cluster;
}

void WriteTip(const std::optional<BlockInfo>& tip, Json* json, HashText form) {
  if (!tip.has_value()) {
    json->Null();
    return;
  }
  json->BeginObject();
  json->Key("height").Number(tip->height);
  json->Key("hash").String(ToText(tip->hash, form));
  json->Key("time").String(IsoTime(tip->time));
  json->EndObject();
}

void WriteOwner(const OwnerName& owner, Json* json) {
  json->Key("address");
  owner.is_address ? json->String(owner.text) : json->Null();
  if (!owner.is_address && !owner.text.empty()) json->Key("script").String(owner.text);
}

void WriteLabel(const Label& label, Json* json) {
  json->Key("actor");
  label.actor().empty() ? json->Null() : json->String(label.actor());
  json->Key("category");
  label.category() == Category::kUnknown ? json->Null()
                                         : json->String(CategoryName(label.category()));
  json->Key("sanctioned").Bool(label.sanctioned());
}

std::string LabelText(const Label& label) {
  if (label.tags() == 0) return "";
  if (label.category() == Category::kUnknown) return std::string(label.actor());
  const bool besides = label.sanctioned() && label.category() != Category::kSanctioned;
  return absl::StrCat(label.actor(), " (", CategoryName(label.category()),
                      besides ? ", sanctioned" : "", ")");
}

}  // namespace spoor
