#include "lib/report/tags_of_address.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "lib/report/names.h"
#include "spoor/base/status_macros.h"
#include "spoor/entity/category.h"
#include "spoor/entity/owner_labels.h"

namespace spoor {
namespace {

std::string Date(const Tag& tag) {
  return tag.date.has_value() ? IsoTime(*tag.date).substr(0, 10) : "";
}

// What kind of party the tag claims, with the list's own word where it says more.
std::string KindText(const Tag& tag) {
  std::string text(tag.category == Category::kUnknown ? "" : CategoryName(tag.category));
  if (!tag.abuse.empty()) absl::StrAppend(&text, text.empty() ? "" : ", ", tag.abuse);
  return text;
}

}  // namespace

absl::StatusOr<KnownTags> ReadTags(const TagTable* table, absl::string_view key) {
  KnownTags known;
  if (table == nullptr) return known;
  SPOOR_ASSIGN_OR_RETURN(known.tags, table->Tags(key));
  SPOOR_ASSIGN_OR_RETURN(known.label, table->LabelOf(key));
  return known;
}

absl::StatusOr<KnownTags> ReadClusterTags(const LedgerView& view, const Clusters& clusters,
                                          const TagTable* table, AddressId id) {
  KnownTags known;
  if (table == nullptr) return known;
  SPOOR_ASSIGN_OR_RETURN(const std::vector<AddressId> tagged,
                         TaggedOfCluster(view, clusters, *table, id));
  for (const AddressId address : tagged) {
    SPOOR_ASSIGN_OR_RETURN(const std::string key, TagKeyOfOwner(view, address));
    SPOOR_ASSIGN_OR_RETURN(KnownTags one, ReadTags(table, key));
    known.label.Add(one.label);
    std::move(one.tags.begin(), one.tags.end(), std::back_inserter(known.tags));
  }
  std::stable_sort(
      known.tags.begin(), known.tags.end(), [](const TagTable::Found& a, const TagTable::Found& b) {
        return std::pair(a.tag.confidence, a.tag.date) > std::pair(b.tag.confidence, b.tag.date);
      });
  return known;
}

void WriteTags(const KnownTags& known, Json* json) {
  WriteLabel(known.label, json);
  json->Key("confidence");
  known.tags.empty() ? json->Null() : json->Number(static_cast<uint64_t>(known.label.confidence()));
  json->Key("conflicts").BeginArray();
  for (const Label::Claim& claim : known.label.Conflicts()) {
    json->BeginObject();
    json->Key("actor").String(claim.actor);
    json->Key("category").String(CategoryName(claim.category));
    json->Key("confidence").Number(static_cast<uint64_t>(claim.confidence));
    json->EndObject();
  }
  json->EndArray();
  json->Key("tags").BeginArray();
  const auto text = [&](absl::string_view key, absl::string_view value) {
    json->Key(key);
    value.empty() ? json->Null() : json->String(value);
  };
  for (const auto& [tag, list] : known.tags) {
    json->BeginObject();
    text("address", tag.address);
    text("label", tag.label);
    text("actor", tag.actor);
    json->Key("category").String(CategoryName(tag.category));
    text("list_category", tag.category_text);
    text("abuse", tag.abuse);
    text("source", tag.source);
    json->Key("confidence").Number(static_cast<uint64_t>(tag.confidence));
    text("list_confidence", tag.confidence_text);
    text("currency", tag.currency);
    text("date", Date(tag));
    text("list", list);
    json->EndObject();
  }
  json->EndArray();
}

std::string TagsText(const KnownTags& known, size_t rows, bool of_cluster) {
  if (known.tags.empty()) return "";
  std::string out =
      absl::StrCat(of_cluster ? "cluster is known as " : "known as ", LabelText(known.label),
                   ", by ", known.tags.size(), known.tags.size() == 1 ? " tag" : " tags",
                   of_cluster ? " of its addresses\n" : "\n");
  for (const Label::Claim& claim : known.label.Conflicts()) {
    absl::StrAppend(&out, "but      ", claim.actor, " (", CategoryName(claim.category),
                    "), with confidence ", claim.confidence, "\n");
  }
  const auto row = [&](absl::string_view confidence, absl::string_view date,
                       absl::string_view label, absl::string_view is, absl::string_view address,
                       absl::string_view source) {
    absl::StrAppendFormat(&out, "  %10s  %-10s  %-24s  %-24s  ", confidence, date, label, is);
    if (of_cluster) absl::StrAppendFormat(&out, "%-42s  ", address);
    absl::StrAppend(&out, source, "\n");
  };
  row("confidence", "date", "label", "is", "address", "source");
  for (size_t i = 0; i < known.tags.size() && i < rows; ++i) {
    const Tag& tag = known.tags[i].tag;
    row(absl::StrCat(tag.confidence), Date(tag), tag.label, KindText(tag), tag.address,
        tag.source.empty() ? known.tags[i].list : tag.source);
  }
  if (known.tags.size() > rows) {
    absl::StrAppend(&out, "  (", known.tags.size() - rows, " more tags, in --json)\n");
  }
  return out;
}

}  // namespace spoor
