#include <map>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/time.h"
#include "lib/report/case_view.h"
#include "lib/report/case_words.h"
#include "lib/report/json.h"
#include "lib/report/uuid.h"
#include "spoor/report/case_files.h"

namespace spoor {
namespace {

// The community's extensions, github.com/muchdogesec/stix2extensions.
constexpr char kWallet[] = "cryptocurrency-wallet";
constexpr char kWalletExtension[] = "extension-definition--be78509e-6958-51b1-8b26-d17ee0eba2d7";
constexpr char kTransaction[] = "cryptocurrency-transaction";
constexpr char kTransactionExtension[] =
    "extension-definition--151d042d-4dcf-5e44-843f-1024440318e5";

std::string StixTime(absl::Time time) {
  return absl::FormatTime("%E4Y-%m-%dT%H:%M:%E3SZ", time, absl::UTCTimeZone());
}

class Bundle {
 public:
  explicit Bundle(const CaseView& view)
      : view_(view), time_(StixTime(CaseTime(view.AsOf()).value_or(absl::UnixEpoch()))) {}

  std::string Take() {
    json_.BeginObject().Key("type").String("bundle");
    json_.Key("id").String(absl::StrCat("bundle--", SpoorUuid(CaseName())));
    json_.Key("objects").BeginArray();
    Spoor();
    Extension(kWalletExtension, "CryptocurrencyWallet", kWallet);
    Extension(kTransactionExtension, "CryptocurrencyTransaction", kTransaction);
    Actors();
    Wallets();
    Transactions();
    Flows();
    Report();
    json_.EndArray().EndObject();
    return json_.Take();
  }

 private:
  // What the case is about: the same question and the same ledger are the same case.
  std::string CaseName() const {
    std::string name = CaseTitle(view_);
    for (const auto& seed : view_.document().seeds) absl::StrAppend(&name, "\n", seed.seed);
    for (const auto& tip : view_.document().tip) absl::StrAppend(&name, "\n", tip.hash);
    return name;
  }

  void BeginObject(const std::string& type, const std::string& id) {
    json_.BeginObject().Key("type").String(type).Key("spec_version").String("2.1");
    json_.Key("id").String(id);
  }
  // Of an object that is somebody's statement.
  void BeginStatement(const std::string& type, const std::string& id) {
    BeginObject(type, id);
    if (id != spoor_) json_.Key("created_by_ref").String(spoor_);
    json_.Key("created").String(time_).Key("modified").String(time_);
    refs_.push_back(id);
  }
  // Of an object of the ledger.
  void BeginObservable(const char* type, const char* extension, const std::string& id) {
    BeginObject(type, id);
    json_.Key("extensions").BeginObject().Key(extension).BeginObject();
    json_.Key("extension_type").String("new-sco").EndObject().EndObject();
    refs_.push_back(id);
  }

  void Spoor() {
    BeginStatement("identity", spoor_);
    json_.Key("name").String("Spoor").Key("identity_class").String("system");
    json_.Key("description").String("Follows stolen cryptocurrency on public ledgers.").EndObject();
  }

  // As its authors publish it.
  void Extension(const char* id, const char* name, const char* type) {
    BeginObject("extension-definition", id);
    json_.Key("created_by_ref").String("identity--9779a2db-f98c-5f4b-8d08-8ee04e02dbb5");
    json_.Key("created").String("2020-01-01T00:00:00.000Z");
    json_.Key("modified").String("2020-01-01T00:00:00.000Z").Key("name").String(name);
    json_.Key("schema").String(
        absl::StrCat("https://raw.githubusercontent.com/muchdogesec/stix2extensions/main/"
                     "automodel_generated/schemas/scos/",
                     type, ".json"));
    json_.Key("version").String("1.0");
    json_.Key("extension_types").BeginArray().String("new-sco").EndArray();
    json_.Key("object_marking_refs").BeginArray();
    json_.String("marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487");
    json_.String("marking-definition--60c0f466-511a-5419-9f7e-4814e696da40").EndArray();
    json_.EndObject();
  }

  void Actors() {
    for (const auto& [key, owner] : view_.owners()) {
      if (owner.actor.empty() || actors_.contains(owner.actor)) continue;
      const std::string id = absl::StrCat("identity--", SpoorUuid("actor\n" + owner.actor));
      actors_[owner.actor] = id;
      BeginStatement("identity", id);
      json_.Key("name").String(owner.actor).Key("identity_class").String("unspecified");
      json_.Key("description")
          .String(absl::StrCat("Named by tags", owner.category.empty() ? "" : " as ",
                               owner.category, ". A tag is somebody's claim, not a proof."));
      if (owner.sanctioned) json_.Key("labels").BeginArray().String("sanctioned").EndArray();
      json_.EndObject();
    }
  }

  void Wallets() {
    for (const auto& [key, owner] : view_.owners()) {
      if (owner.name == "fee" || owner.name == "burned" || owner.name == "minted") continue;
      // One object for one address, on whatever chains it is.
      const std::string id = absl::StrCat(kWallet, "--", StixObservableUuid(owner.name));
      if (!wallets_.emplace(owner.name, id).second) continue;
      BeginObservable(kWallet, kWalletExtension, id);
      json_.Key("value").String(owner.name);
      const auto actor = actors_.find(owner.actor);
      if (actor != actors_.end()) json_.Key("holder_ref").String(actor->second);
      json_.EndObject();
    }
  }

  void Transactions() {
    for (const CaseTransaction& transaction : CaseTransactions(view_)) {
      const std::string id = absl::StrCat(kTransaction, "--", StixObservableUuid(transaction.txid));
      BeginObservable(kTransaction, kTransactionExtension, id);
      json_.Key("symbol").String(view_.Symbol(transaction.asset));
      json_.Key("value").String(transaction.txid);
      if (const auto time = CaseTime(transaction.time); time.has_value()) {
        json_.Key("execution_time").String(StixTime(*time));
      }
      Outputs(transaction);
      json_.EndObject();
    }
  }

  // Those of its outputs where stolen units are, with all that they hold.
  void Outputs(const CaseTransaction& transaction) {
    bool begun = false;
    for (const TraceDocument::Endpoint* end : transaction.ends) {
      const auto wallet = wallets_.find(HolderOf(*end));
      const std::optional<double> coins = CoinNumber(view_, end->amount, end->asset);
      if (end->asset != transaction.asset || wallet == wallets_.end() || !coins.has_value()) {
        continue;
      }
      if (!begun) json_.Key("output").BeginArray();
      begun = true;
      json_.BeginObject().Key("address_ref").String(wallet->second);
      json_.Key("amount").Decimal(*coins).EndObject();
    }
    if (begun) json_.EndArray();
  }

  void Flows() {
    const std::optional<size_t> policy = view_.main_policy();
    if (!policy.has_value()) return;
    const TraceDocument::Result& result = view_.results()[*policy];
    for (const TraceDocument::Flow& flow : result.flows) {
      const auto from = wallets_.find(flow.from);
      const auto to = wallets_.find(flow.to);
      if (from == wallets_.end() || to == wallets_.end() || from == to) continue;
      BeginStatement(
          "relationship",
          absl::StrCat("relationship--", SpoorUuid(absl::StrJoin({CaseName(), std::string("flow"),
                                                                  flow.asset, flow.from, flow.to},
                                                                 "\n"))));
      json_.Key("relationship_type").String("related-to");
      json_.Key("source_ref").String(from->second).Key("target_ref").String(to->second);
      std::string description =
          absl::StrCat("Stolen units went from the source to the target: ",
                       view_.Coins(flow.tainted, flow.asset), " by ", result.policy,
                       result.conserving ? "" : " (a ceiling)", ", in ", flow.movements,
                       flow.movements == 1 ? " movement." : " movements.");
      for (const TraceDocument::FlowStep& step : flow.transactions) {
        absl::StrAppend(&description, " ", step.tx, " (", view_.Coins(step.tainted, flow.asset),
                        ").");
      }
      json_.Key("description").String(description).EndObject();
    }
  }

  void Report() {
    const std::vector<std::string> refs = refs_;
    const std::string id = absl::StrCat("report--", SpoorUuid("report\n" + CaseName()));
    BeginStatement("report", id);
    json_.Key("name").String(CaseTitle(view_));
    json_.Key("description").String(absl::StrJoin(CaseRemarks(view_), "\n"));
    json_.Key("report_types").BeginArray().String("observed-data").EndArray();
    json_.Key("published").String(time_);
    json_.Key("object_refs").BeginArray();
    for (const std::string& ref : refs) json_.String(ref);
    json_.EndArray().EndObject();
  }

  const CaseView& view_;
  const std::string time_;
  const std::string spoor_ = absl::StrCat("identity--", SpoorUuid("identity"));
  Json json_;
  std::vector<std::string> refs_;
  std::map<std::string, std::string> actors_;   // ids by name
  std::map<std::string, std::string> wallets_;  // likewise
};

}  // namespace

std::string CaseToStix(const TraceDocument& document) {
  const CaseView view(document);
  return Bundle(view).Take();
}

}  // namespace spoor
