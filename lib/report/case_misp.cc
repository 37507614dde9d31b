#include <map>
#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/time/time.h"
#include "lib/report/case_view.h"
#include "lib/report/case_words.h"
#include "lib/report/json.h"
#include "lib/report/uuid.h"
#include "spoor/report/case_files.h"

namespace spoor {
namespace {

// An object template of github.com/MISP/misp-objects.
struct Template {
  const char* name;
  const char* uuid;
  const char* version;
  const char* description;
};
constexpr Template kAddress = {"coin-address", "d0e6997e-78da-4815-a6a1-cfc1c1cb8a46", "7",
                               "An address used in a cryptocurrency"};
constexpr Template kTransaction = {"cryptocurrency-transaction",
                                   "a4aab70f-e43a-48cb-bf82-505de8228dd6", "3",
                                   "An object to describe a cryptocurrency transaction."};

class Event {
 public:
  explicit Event(const CaseView& view)
      : view_(view), time_(CaseTime(view.AsOf()).value_or(absl::UnixEpoch())) {
    name_ = CaseTitle(view);
    for (const auto& seed : view.document().seeds) absl::StrAppend(&name_, "\n", seed.seed);
    for (const auto& tip : view.document().tip) absl::StrAppend(&name_, "\n", tip.hash);
  }

  std::string Take() {
    json_.BeginObject().Key("Event").BeginObject();
    json_.Key("uuid").String(SpoorUuid("misp\n" + name_));
    json_.Key("info").String(CaseTitle(view_));
    json_.Key("date").String(absl::FormatTime("%E4Y-%m-%d", time_, absl::UTCTimeZone()));
    json_.Key("timestamp").String(Timestamp());
    json_.Key("threat_level_id").String("4");  // undefined
    json_.Key("analysis").String("2");         // completed
    json_.Key("distribution").String("0");     // your organisation only
    json_.Key("published").Bool(false);
    json_.Key("Tag").BeginArray();
    // The ledger is what it says; what tags say of owners cannot be judged from here.
    Tag("admiralty-scale:source-reliability=\"a\"");
    Tag("admiralty-scale:information-credibility=\"2\"");
    json_.EndArray();
    json_.Key("Attribute").BeginArray();
    size_t number = 0;
    for (const std::string& remark : CaseRemarks(view_)) {
      Attribute("event", absl::StrCat("remark ", number++), "comment", "Other", "", remark, {});
    }
    json_.EndArray();
    json_.Key("Object").BeginArray();
    Addresses();
    Transactions();
    json_.EndArray().EndObject().EndObject();
    return json_.Take();
  }

 private:
  std::string Timestamp() const { return absl::StrCat(absl::ToUnixSeconds(time_)); }
  std::string Uuid(absl::string_view what) const {
    return SpoorUuid(absl::StrCat("misp\n", name_, "\n", what));
  }

  void Tag(const std::string& name) { json_.BeginObject().Key("name").String(name).EndObject(); }

  void Attribute(const std::string& of, const std::string& relation, const char* type,
                 const char* category, const char* object_relation, const std::string& value,
                 const std::vector<std::string>& tags) {
    json_.BeginObject().Key("uuid").String(Uuid(absl::StrCat(of, "\n", relation)));
    json_.Key("type").String(type).Key("category").String(category);
    if (*object_relation != '\0') json_.Key("object_relation").String(object_relation);
    json_.Key("value").String(value).Key("timestamp").String(Timestamp());
    json_.Key("distribution").String("5");  // as the event
    json_.Key("to_ids").Bool(false);
    json_.Key("disable_correlation")
        .Bool(absl::string_view(object_relation) != "address" &&
              absl::string_view(object_relation) != "address-crypto" &&
              absl::string_view(object_relation) != "transaction-number");
    if (!tags.empty()) {
      json_.Key("Tag").BeginArray();
      for (const std::string& tag : tags) Tag(tag);
      json_.EndArray();
    }
    json_.EndObject();
  }

  void BeginObject(const Template& of, const std::string& uuid, const std::string& comment) {
    json_.BeginObject().Key("uuid").String(uuid).Key("name").String(of.name);
    json_.Key("meta-category").String("financial").Key("description").String(of.description);
    json_.Key("template_uuid").String(of.uuid).Key("template_version").String(of.version);
    json_.Key("timestamp").String(Timestamp()).Key("distribution").String("5");
    json_.Key("comment").String(comment);
    json_.Key("Attribute").BeginArray();
  }

  void Time(const std::string& of, const char* relation, const std::string& text) {
    const std::optional<absl::Time> time = CaseTime(text);
    if (!time.has_value()) return;
    Attribute(of, relation, "datetime", "Other", relation,
              absl::FormatTime("%E4Y-%m-%dT%H:%M:%S+00:00", *time, absl::UTCTimeZone()), {});
  }

  // Whether stolen units are there is for a policy to say (docs/investigators.md).
  std::string Likelihood(const CaseView::Owner& owner) const {
    size_t conserving = 0;
    size_t agree = 0;
    for (size_t i = 0; i < view_.results().size(); ++i) {
      if (!view_.results()[i].conserving) continue;
      ++conserving;
      for (const auto& [asset, units] : owner.resting) {
        if (units[i] == 0) continue;
        ++agree;
        break;
      }
    }
    return absl::StrCat("estimative-language:likelihood-probability=\"",
                        conserving > 1 && agree == conserving ? "likely" : "roughly-even-chance",
                        "\"");
  }

  void Addresses() {
    const std::optional<size_t> policy = view_.main_policy();
    std::map<std::pair<std::string, std::string>, std::pair<std::string, std::string>> seen;
    for (const CaseView::Endpoint& row : view_.endpoints()) {
      const TraceDocument::Endpoint& end = *row.any;
      auto& [first, last] = seen[{ChainOf(end.asset), HolderOf(end)}];
      if (first.empty() || end.first < first) first = end.first;
      if (end.last > last) last = end.last;
    }
    for (const auto& [key, owner] : view_.owners()) {
      if (owner.name == "fee" || owner.name == "burned" || owner.name == "minted") continue;
      const std::string of = absl::StrCat("address\n", key.first, "\n", key.second);
      addresses_[key] = Uuid(of);
      std::string about = absl::StrCat("On ", owner.chain, ".");
      if (owner.seed) about += " Named as a place of the theft.";
      if (!owner.actor.empty() || !owner.category.empty()) {
        absl::StrAppend(&about, " Tags say: ", absl::StrJoin({owner.actor, owner.category}, ", "),
                        ".");
      }
      if (owner.sanctioned) about += " A tag says that a state has listed the owner.";
      if (!owner.cluster.empty()) absl::StrAppend(&about, " In ", owner.cluster, ".");
      BeginObject(kAddress, addresses_[key], about);
      std::string symbol;
      for (const auto& [asset, units] : owner.resting) {
        if (symbol.empty()) symbol = view_.Symbol(asset);
      }
      const bool bitcoin = owner.chain == "bitcoin";
      std::vector<std::string> tags;
      if (!owner.resting.empty()) tags.push_back(Likelihood(owner));
      Attribute(of, "address", bitcoin ? "btc" : "text", bitcoin ? "Financial fraud" : "Other",
                bitcoin ? "address" : "address-crypto", owner.name, tags);
      if (!symbol.empty()) {
        Attribute(of, "symbol", "text", "Other", "symbol", absl::AsciiStrToUpper(symbol), {});
      }
      if (const auto times = seen.find(key); times != seen.end()) {
        Time(of, "first-seen", times->second.first);
        Time(of, "last-seen", times->second.second);
      }
      for (const auto& [asset, units] : owner.resting) {
        if (!policy.has_value() || units[*policy] == 0) continue;
        Attribute(of, "stolen " + asset, "text", "Other", "text",
                  absl::StrCat("stolen units there by ", view_.results()[*policy].policy, ": ",
                               view_.Coins(units[*policy], asset)),
                  {});
      }
      json_.EndArray().EndObject();
    }
  }

  void Transactions() {
    for (const CaseTransaction& transaction : CaseTransactions(view_)) {
      const std::string of = absl::StrCat("transaction\n", transaction.txid);
      BeginObject(kTransaction, Uuid(of), "Moved stolen units.");
      Attribute(of, "txid", "text", "Other", "transaction-number", transaction.txid, {});
      Attribute(of, "symbol", "text", "Other", "symbol",
                absl::AsciiStrToUpper(view_.Symbol(transaction.asset)), {});
      Time(of, "time", transaction.time);
      const auto coins = CoinNumber(view_, transaction.tainted, transaction.asset);
      if (coins.has_value() && transaction.tainted > 0) {
        Attribute(of, "value", "float", "Other", "value", absl::StrFormat("%.15g", *coins), {});
      }
      json_.EndArray();
      json_.Key("ObjectReference").BeginArray();
      std::set<std::string> referenced;
      for (const TraceDocument::Flow* flow : transaction.flows) {
        Refer(flow->asset, flow->from, "sent-by", of, &referenced);
        Refer(flow->asset, flow->to, "received-by", of, &referenced);
      }
      json_.EndArray().EndObject();
    }
  }

  void Refer(const std::string& asset, const std::string& owner, const char* how,
             const std::string& of, std::set<std::string>* referenced) {
    const auto address = addresses_.find({ChainOf(asset), owner});
    if (address == addresses_.end()) return;
    const std::string what = absl::StrCat(of, "\n", how, "\n", address->second);
    if (!referenced->insert(what).second) return;
    json_.BeginObject().Key("uuid").String(Uuid(what));
    json_.Key("object_uuid").String(Uuid(of)).Key("referenced_uuid").String(address->second);
    json_.Key("relationship_type").String(how).Key("timestamp").String(Timestamp()).EndObject();
  }

  const CaseView& view_;
  const absl::Time time_;
  std::string name_;
  Json json_;
  std::map<std::pair<std::string, std::string>, std::string> addresses_;  // uuids
};

}  // namespace

std::string CaseToMisp(const TraceDocument& document) {
  const CaseView view(document);
  return Event(view).Take();
}

}  // namespace spoor
