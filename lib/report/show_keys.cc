#include "lib/report/show_keys.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "lib/report/names.h"
#include "spoor/base/status_macros.h"
#include "spoor/entity/owner_labels.h"
#include "spoor/entity/same_key.h"

namespace spoor {
namespace {

absl::StatusOr<ShownKey> FindKey(absl::Span<const LedgerView* const> views, const LedgerView& asked,
                                 AddressId asked_id, const PublicKey& key, const TagTable* tags) {
  ShownKey shown;
  shown.key = ToHex(key.Compressed());
  shown.account = AccountOfKey(key);
  SPOOR_ASSIGN_OR_RETURN(const std::string account_key, AccountKeyFromText(shown.account));
  for (const LedgerView* view : views) {
    std::vector<AddressId> ids;
    const bool account = view->chain().family == Family::kAccount;
    if (account) {
      SPOOR_ASSIGN_OR_RETURN(const auto id, view->FindAddress(account_key));
      if (id.has_value()) ids.push_back(*id);
    } else {
      SPOOR_ASSIGN_OR_RETURN(ids, AddressesOfKey(*view, key));
    }
    for (const AddressId id : ids) {
      if (view == &asked && id == asked_id) continue;
      ShownKey::Place place;
      place.chain = view->chain().name;
      SPOOR_ASSIGN_OR_RETURN(place.name, NameOwner(*view, id));
      SPOOR_ASSIGN_OR_RETURN(const std::string tag_key, TagKeyOfOwner(*view, id));
      SPOOR_ASSIGN_OR_RETURN(place.known, ReadTags(tags, tag_key));
      if (account) {
        SPOOR_ASSIGN_OR_RETURN(const auto balance,
                               view->ReadBalance(Holding::Balance(id, kNativeAsset)));
        if (balance.has_value()) place.movements = balance->movements;
      }
      (account ? shown.accounts : shown.addresses).push_back(std::move(place));
    }
  }
  // A list may know the account where no chain does.
  if (const absl::StatusOr<std::string> tag_key = TagKey(shown.account, ""); tag_key.ok()) {
    SPOOR_ASSIGN_OR_RETURN(shown.known, ReadTags(tags, *tag_key));
  }
  return shown;
}

void WritePlace(const ShownKey::Place& place, Json* json) {
  json->BeginObject();
  json->Key("chain").String(place.chain);
  WriteOwner(place.name, json);
  WriteTags(place.known, json);
  json->EndObject();
}

void WriteKey(const ShownKey& key, Json* json) {
  json->BeginObject();
  json->Key("key").String(key.key);
  json->Key("addresses").BeginArray();
  for (const ShownKey::Place& place : key.addresses) WritePlace(place, json);
  json->EndArray();
  json->Key("account").BeginObject();
  json->Key("address").String(key.account);
  json->Key("chains").BeginArray();
  for (const ShownKey::Place& place : key.accounts) json->String(place.chain);
  json->EndArray();
  WriteTags(key.known, json);
  json->EndObject();
  json->EndObject();
}

// Where else the key is known, a line each.
std::string PlacesText(const ShownKey& key, absl::string_view indent) {
  std::string text;
  for (const ShownKey::Place& place : key.addresses) {
    absl::StrAppend(&text, indent, "also ", place.name.text, " (", place.chain, ")");
    const std::string label = LabelText(place.known.label);
    absl::StrAppend(&text, label.empty() ? "" : ", ", label, "\n");
  }
  for (const ShownKey::Place& place : key.accounts) {
    absl::StrAppend(&text, indent, "also account ", key.account, " (", place.chain, "), in ",
                    place.movements, " movements of its own asset\n");
  }
  if (key.accounts.empty()) {
    absl::StrAppend(&text, indent, "its account ", key.account, " is on no chain of the ledger\n");
  }
  if (!key.known.tags.empty()) {
    absl::StrAppend(&text, indent, "the account is known as ", LabelText(key.known.label), ", by ",
                    key.known.tags.size(), key.known.tags.size() == 1 ? " tag" : " tags", "\n");
  }
  return text;
}

}  // namespace

absl::StatusOr<ShownKeys> FindShownKeys(absl::Span<const LedgerView* const> views,
                                        const LedgerView& view, AddressId id,
                                        const TagTable* tags) {
  SPOOR_ASSIGN_OR_RETURN(const AddressKeys known, KeysOfAddress(view, id));
  ShownKeys shown;
  shown.required = known.required;
  if (known.key.has_value()) {
    SPOOR_ASSIGN_OR_RETURN(shown.one, FindKey(views, view, id, *known.key, tags));
  }
  for (const PublicKey& member : known.members) {
    SPOOR_ASSIGN_OR_RETURN(ShownKey key, FindKey(views, view, id, member, tags));
    shown.members.push_back(std::move(key));
  }
  if (known.revealed.has_value()) {
    SPOOR_ASSIGN_OR_RETURN(const Movement movement, ReadMovement(view, *known.revealed));
    shown.revealed_in = ToText(movement.txid);
  }
  return shown;
}

void WriteKeys(const ShownKeys& keys, Json* json) {
  json->Key("keys");
  if (keys.empty()) {
    json->Null();
    return;
  }
  json->BeginObject();
  json->Key("revealed_in");
  keys.revealed_in.empty() ? json->Null() : json->String(keys.revealed_in);
  json->Key("single");
  keys.one.has_value() ? WriteKey(*keys.one, json) : void(json->Null());
  json->Key("required").Number(static_cast<uint64_t>(keys.required));
  json->Key("members").BeginArray();
  for (const ShownKey& member : keys.members) WriteKey(member, json);
  json->EndArray();
  json->EndObject();
}

std::string KeysText(const ShownKeys& keys) {
  if (keys.empty()) return "";
  const std::string where =
      keys.revealed_in.empty() ? "" : absl::StrCat("revealed in ", keys.revealed_in);
  std::string text;
  if (keys.one.has_value()) {
    absl::StrAppend(&text, "key      ", keys.one->key, "\n");
    if (!where.empty()) absl::StrAppend(&text, "         ", where, "\n");
    absl::StrAppend(&text, PlacesText(*keys.one, "         "));
  }
  if (keys.members.empty()) return text;
  absl::StrAppend(&text, "keys     ", keys.required, " of these must sign",
                  where.empty() ? "" : ", ", where, "\n");
  for (const ShownKey& member : keys.members) {
    absl::StrAppend(&text, "         ", member.key, "\n", PlacesText(member, "           "));
  }
  return text;
}

}  // namespace spoor
