// Whether the truth files are true of the ledger beside them: by plain code, from the files alone.

#include <algorithm>
#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "spoor/chain/address.h"
#include "spoor/chain/digest.h"
#include "spoor/chain/script.h"
#include "spoor/simulate/simulate.h"
#include "tests/simulate/replay.h"

namespace spoor::simulate {
namespace {

// A transaction as the truth files can be held against it.
struct PlainOutput {
  std::string address;
  uint64_t value = 0;
};
struct PlainTransaction {
  std::vector<std::string> spent_places;
  std::vector<PlainOutput> spent;
  std::vector<PlainOutput> outputs;
  uint64_t fee = 0;
  uint32_t height = 0;
};

// The ledger that the tests of this file share: it takes a while to make.
class Truth : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = new ScratchFolder;
    SimulationOptions options;
    options.transactions = 25'000;
    options.thefts = 7;
    options.seed = 3;
    const auto summary = Simulate(options, folder_->path(), nullptr);
    ASSERT_TRUE(summary.ok()) << summary.status();
    summary_ = new SimulationSummary(*summary);
    ledger_ = new absl::flat_hash_map<std::string, PlainTransaction>;
    scripts_ = new std::set<std::string>;
    const Network& network = GetNetwork(options.network);
    const auto text = [&network](ByteSpan script) {
      return ScriptText(network, ClassifyScript(script));
    };
    const auto replay = ReplayBlocks(
        folder_->path() + "/blocks", network,
        [&text](uint32_t height, const bitcoin::Block& block, const auto& spent) {
          for (const bitcoin::Transaction& tx : block.transactions) {
            PlainTransaction& plain = (*ledger_)[ToText(tx.txid)];
            plain.height = height;
            for (const bitcoin::TxOut& output : tx.outputs) {
              plain.outputs.push_back({text(output.script_pubkey), output.value.sat()});
              if (plain.outputs.back().address != "unspendable") {
                scripts_->insert(plain.outputs.back().address);
              }
            }
            if (tx.IsCoinbase()) continue;
            for (const bitcoin::TxIn& input : tx.inputs) {
              const auto& output = spent.at(input.prevout);
              plain.spent_places.push_back(
                  absl::StrCat(ToText(input.prevout.txid), ":", input.prevout.index));
              plain.spent.push_back({text(output.script), output.value});
              plain.fee += output.value;
            }
            for (const PlainOutput& output : plain.outputs) plain.fee -= output.value;
          }
        });
    ASSERT_TRUE(replay.ok()) << replay.status();
  }
  static void TearDownTestSuite() {
    delete folder_;
    delete summary_;
    delete ledger_;
    delete scripts_;
  }

  static std::vector<rapidjson::Document> Lines(const std::string& name) {
    return ReadJsonLines(folder_->path() + "/truth/" + name + ".jsonl");
  }
  // The output at "TXID:N".
  static const PlainOutput& At(const std::string& place) {
    const size_t colon = place.find(':');
    return ledger_->at(place.substr(0, colon)).outputs.at(std::stoul(place.substr(colon + 1)));
  }
  static std::map<std::string, std::string> Owners() {
    std::map<std::string, std::string> owners;
    for (const rapidjson::Document& line : Lines("owners")) {
      EXPECT_TRUE(owners.emplace(line["address"].GetString(), line["owner"].GetString()).second);
    }
    return owners;
  }

  static ScratchFolder* folder_;
  static SimulationSummary* summary_;
  static absl::flat_hash_map<std::string, PlainTransaction>* ledger_;
  static std::set<std::string>* scripts_;
};
ScratchFolder* Truth::folder_;
SimulationSummary* Truth::summary_;
absl::flat_hash_map<std::string, PlainTransaction>* Truth::ledger_;
std::set<std::string>* Truth::scripts_;

TEST_F(Truth, OwnersAreThoseOfExactlyTheAddressesPaid) {
  std::set<std::string> owned;
  for (const auto& [address, owner] : Owners()) owned.insert(address);
  EXPECT_EQ(owned, *scripts_);
  EXPECT_EQ(owned.size(), summary_->addresses);
}

TEST_F(Truth, TheftsAreOnTheLedger) {
  const auto owners = Owners();
  uint64_t stolen = 0;
  const auto thefts = Lines("thefts");
  for (const rapidjson::Document& theft : thefts) {
    uint64_t amount = 0;
    const PlainTransaction& tx = ledger_->at(theft["txid"].GetString());
    EXPECT_EQ(tx.height, theft["height"].GetUint());
    for (const PlainOutput& spent : tx.spent) {
      EXPECT_EQ(owners.at(spent.address), theft["victim"].GetString());
    }
    EXPECT_EQ(theft["outputs"].Size(), tx.outputs.size());
    for (const auto& output : theft["outputs"].GetArray()) {
      const PlainOutput& real = At(output["place"].GetString());
      EXPECT_EQ(real.address, output["address"].GetString());
      EXPECT_EQ(real.value, AmountOf(output["value"]));
      EXPECT_EQ(owners.at(real.address), theft["thief"].GetString());
      amount += AmountOf(output["stolen"]);
    }
    EXPECT_EQ(amount, AmountOf(theft["amount"]));
    stolen += amount;
  }
  EXPECT_EQ(thefts.size(), summary_->thefts);
  EXPECT_EQ(stolen, summary_->stolen);
}

// The law: stolen units are conserved in every transaction, no output holds more than its value, no
// fee more than the fee; and from step to step, what a place got is what leaves it or ends there.
TEST_F(Truth, IsAFlowThatConserves) {
  const auto owners = Owners();
  using Held = std::pair<std::string, std::string>;  // theft, place
  std::map<Held, uint64_t> got, gave;
  std::map<std::string, uint64_t> in_place, in_fee;
  std::map<std::string, uint64_t> stolen, ended;
  for (const rapidjson::Document& theft : Lines("thefts")) {
    for (const auto& output : theft["outputs"].GetArray()) {
      const uint64_t units = AmountOf(output["stolen"]);
      got[{theft["theft"].GetString(), output["place"].GetString()}] += units;
      in_place[output["place"].GetString()] += units;
      stolen[theft["theft"].GetString()] += units;
    }
  }
  bool partly_stolen = false, commingled = false;
  std::set<std::string> kinds;
  std::set<std::pair<std::string, std::string>> seen;
  for (const rapidjson::Document& step : Lines("steps")) {
    const std::string theft = step["theft"].GetString();
    const std::string txid = step["txid"].GetString();
    SCOPED_TRACE(absl::StrCat(theft, " ", txid));
    EXPECT_TRUE(seen.emplace(txid, theft).second);
    kinds.insert(step["kind"].GetString());
    const PlainTransaction& tx = ledger_->at(txid);
    EXPECT_EQ(tx.height, step["height"].GetUint());
    uint64_t in = 0, out = AmountOf(step["fee"]);
    in_fee[txid] += out;
    for (const auto& part : step["from"].GetArray()) {
      const std::string place = part["place"].GetString();
      EXPECT_EQ(std::count(tx.spent_places.begin(), tx.spent_places.end(), place), 1);
      EXPECT_EQ(At(place).value, AmountOf(part["value"]));
      EXPECT_EQ(owners.at(At(place).address), step["thief"].GetString());
      const uint64_t units = AmountOf(part["stolen"]);
      EXPECT_GT(units, 0);
      partly_stolen |= units < At(place).value;
      gave[{theft, place}] += units;
      in += units;
    }
    for (const auto& part : step["to"].GetArray()) {
      const std::string place = part["place"].GetString();
      EXPECT_EQ(place.substr(0, place.find(':')), txid);
      EXPECT_EQ(At(place).value, AmountOf(part["value"]));
      EXPECT_EQ(At(place).address, part["address"].GetString());
      EXPECT_EQ(owners.at(At(place).address), part["owner"].GetString());
      const uint64_t units = AmountOf(part["stolen"]);
      EXPECT_GT(units, 0);
      got[{theft, place}] += units;
      in_place[place] += units;
      out += units;
    }
    EXPECT_EQ(in, out);
  }
  for (auto it = seen.begin(); it != seen.end(); ++it) {
    commingled |= std::next(it) != seen.end() && std::next(it)->first == it->first;
  }
  EXPECT_TRUE(partly_stolen);
  EXPECT_TRUE(commingled);
  for (const auto& [place, units] : in_place) EXPECT_LE(units, At(place).value) << place;
  for (const auto& [txid, units] : in_fee) EXPECT_LE(units, ledger_->at(txid).fee) << txid;

  for (const rapidjson::Document& end : Lines("endpoints")) {
    const std::string theft = end["theft"].GetString();
    const std::string place = end["place"].GetString();
    const uint64_t units = AmountOf(end["amount"]);
    EXPECT_GT(units, 0);
    ended[theft] += units;
    if (end["kind"].GetString() == std::string("fee")) {
      ASSERT_GE(in_fee[place], units);
      in_fee[place] -= units;
      continue;
    }
    gave[{theft, place}] += units;
    EXPECT_EQ(owners.at(At(place).address), end["owner"].GetString());
  }
  for (const auto& [txid, units] : in_fee) EXPECT_EQ(units, 0) << txid;
  EXPECT_EQ(got, gave);
  EXPECT_EQ(stolen, ended);
  for (const char* kind : {"consolidation", "distribution", "peel", "split", "merge", "coinjoin",
                           "mixer", "bridge", "broker", "deposit"}) {
    EXPECT_EQ(kinds.count(kind), 1) << kind;
  }
}

TEST_F(Truth, ServiceEndsAreTheServices) {
  std::map<std::string, std::pair<std::string, std::string>> services;
  for (const rapidjson::Document& line : Lines("owners")) {
    services[line["address"].GetString()] = {
        line["service"].IsNull() ? "" : line["service"].GetString(),
        line["category"].IsNull() ? "" : line["category"].GetString()};
  }
  std::set<std::string> categories;
  for (const rapidjson::Document& end : Lines("endpoints")) {
    if (end["kind"].GetString() != std::string("service")) continue;
    const auto& [service, category] = services.at(end["address"].GetString());
    EXPECT_EQ(service, end["service"].GetString());
    EXPECT_EQ(category, end["category"].GetString());
    categories.insert(category);
  }
  for (const char* category : {"exchange", "mixing_service", "defi_bridge", "spoor:otc_broker"}) {
    EXPECT_EQ(categories.count(category), 1) << category;
  }
}

TEST_F(Truth, CoinJoinsHaveTheirShapes) {
  const auto owners = Owners();
  std::map<std::string, int> kinds;
  for (const rapidjson::Document& join : Lines("coinjoins")) {
    const std::string kind = join["kind"].GetString();
    SCOPED_TRACE(absl::StrCat(kind, " ", join["txid"].GetString()));
    const PlainTransaction& tx = ledger_->at(join["txid"].GetString());
    ++kinds[kind];
    ASSERT_EQ(join["input_owners"].Size(), tx.spent.size());
    ASSERT_EQ(join["output_owners"].Size(), tx.outputs.size());
    std::set<std::string> participants;
    for (size_t i = 0; i < tx.spent.size(); ++i) {
      const std::string owner = join["input_owners"][static_cast<unsigned>(i)].GetString();
      EXPECT_EQ(owners.at(tx.spent[i].address), owner);
      participants.insert(owner);
    }
    size_t equal = 0;
    const uint64_t size = AmountOf(join["denomination"]);
    for (size_t i = 0; i < tx.outputs.size(); ++i) {
      EXPECT_EQ(owners.at(tx.outputs[i].address),
                join["output_owners"][static_cast<unsigned>(i)].GetString());
      equal += tx.outputs[i].value == size;
    }
    if (kind == "whirlpool") {
      EXPECT_EQ(tx.spent.size(), 5);
      EXPECT_EQ(tx.outputs.size(), 5);
      EXPECT_EQ(equal, 5);
      EXPECT_EQ(participants.size(), 5);
    } else if (kind == "wasabi1") {
      EXPECT_GE(equal, 10);
      EXPECT_EQ(equal, participants.size());
    } else if (kind == "wasabi2") {
      EXPECT_GE(tx.spent.size(), 50);
      EXPECT_GE(participants.size(), 10);
    } else {
      EXPECT_EQ(kind, "joinmarket");
      EXPECT_GE(equal, 4);
      EXPECT_EQ(equal, participants.size());
    }
  }
  EXPECT_EQ(kinds.size(), 4);
}

TEST_F(Truth, ChangeIsTheSendersOwn) {
  const auto owners = Owners();
  std::set<std::string> seen;
  for (const rapidjson::Document& change : Lines("change")) {
    const std::string txid = change["txid"].GetString();
    EXPECT_TRUE(seen.insert(txid).second);
    const PlainTransaction& tx = ledger_->at(txid);
    EXPECT_EQ(owners.at(tx.outputs.at(change["vout"].GetUint()).address),
              owners.at(tx.spent.at(0).address));
  }
  EXPECT_GT(seen.size(), summary_->transactions / 3);
}

TEST_F(Truth, TagsAreAPartOfIt) {
  std::map<std::string, std::pair<std::string, std::string>> truth;
  for (const rapidjson::Document& line : Lines("owners")) {
    truth[line["address"].GetString()] = {
        line["owner"].GetString(), line["category"].IsNull() ? "" : line["category"].GetString()};
  }
  const auto unquoted = [](const std::string& line) {
    const size_t from = line.find('"') + 1;
    return line.substr(from, line.rfind('"') - from);
  };
  std::ifstream file(folder_->path() + "/truth/tags.yaml");
  std::string address, category;
  size_t tags = 0;
  for (std::string line; std::getline(file, line);) {
    if (line.rfind("  - address: ", 0) == 0) address = unquoted(line);
    if (line.rfind("    category: ", 0) == 0) category = unquoted(line);
    if (line.rfind("    actor: ", 0) != 0) continue;
    ++tags;
    ASSERT_EQ(truth.count(address), 1) << address;
    EXPECT_EQ(truth[address].first, unquoted(line)) << address;
    EXPECT_EQ(truth[address].second, category) << address;
  }
  EXPECT_GT(tags, 20);
  EXPECT_LT(tags, truth.size() / 10);
}

// Keys are noise here, but each still fits its address.
TEST_F(Truth, RevealedKeysFitTheirAddresses) {
  const Network& network = GetNetwork(NetworkId::kRegtest);
  size_t fitted = 0;
  const auto replay =
      ReplayBlocks(folder_->path() + "/blocks", network,
                   [&fitted](uint32_t, const bitcoin::Block& block, const auto& spent) {
                     for (const bitcoin::Transaction& tx : block.transactions) {
                       if (tx.IsCoinbase()) continue;
                       for (const bitcoin::TxIn& input : tx.inputs) {
                         const ScriptId id = ClassifyScript(spent.at(input.prevout).script);
                         const std::vector<ByteSpan> items = bitcoin::WitnessItems(input.witness);
                         ByteSpan key;
                         if (id.kind == ScriptKind::kP2wpkh || id.kind == ScriptKind::kP2sh)
                           key = items.at(1);
                         if (id.kind == ScriptKind::kP2pkh) {
                           key = input.script_sig.subspan(input.script_sig.size() - 33);
                         }
                         if (key.empty()) continue;
                         Digest160 hash = Hash160(key);
                         if (id.kind == ScriptKind::kP2sh) {
                           Bytes redeem = {0, 20};
                           AppendBytes(hash, &redeem);
                           hash = Hash160(redeem);
                         }
                         EXPECT_EQ(Bytes(hash.begin(), hash.end()), id.payload);
                         ++fitted;
                       }
                     }
                   });
  ASSERT_TRUE(replay.ok()) << replay.status();
  EXPECT_GT(fitted, 10'000);
}

}  // namespace
}  // namespace spoor::simulate
