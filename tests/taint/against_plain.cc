#include "tests/taint/against_plain.h"

#include <algorithm>
#include <limits>
#include <map>
#include <tuple>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "gtest/gtest.h"
#include "spoor/chain/address.h"
#include "spoor/chain/network.h"
#include "spoor/ledger/names.h"

namespace spoor {
namespace {

using plain::Number;

int SourceOf(const std::string& name, Theft* theft) {
  const auto it = std::find(theft->sources.begin(), theft->sources.end(), name);
  const auto index = static_cast<int>(it - theft->sources.begin());
  if (it == theft->sources.end()) theft->sources.push_back(name);
  return index + 1;
}

// Who has what is at an endpoint, or where it went.
std::string HolderOf(const plain::Endpoint& end, const std::vector<Movement>& movements) {
  if (end.kind == "minted") return plain::kMinted;
  if (end.kind == "outside" || end.kind == "unresolved") return plain::OwnerName(end.owner);
  if (!end.at_output) return end.owner.IsNobody() ? plain::kFees : plain::OwnerName(end.owner);
  const Take& take = movements[end.position].takes[end.output];
  return take.kind == TakerKind::kBurned ? plain::kBurned : plain::OwnerName(take.owner);
}

// Every unit stolen is at an endpoint, source by source; and every owner, fees and burned outputs
// among them, keeps what seeds marked with it and came in from others but did not go out. Backwards
// it is what was asked of it, and what it handed on but cannot say from whom it had it.
void ExpectConservation(const plain::Result& result, const std::map<std::string, Number>& marked,
                        const std::vector<Movement>& movements, const Question& question) {
  const bool back = question.back;
  // Where coins are pooled, a pool keeps what its addresses do.
  std::map<std::string, std::string> pools;
  if (question.plain.pool_of != nullptr) {
    for (const Movement& movement : movements) {
      for (const Take& take : movement.takes) {
        if (take.owner.IsNobody()) continue;
        pools[plain::OwnerName(take.owner)] = plain::OwnerName(question.plain.pool_of(take.owner));
      }
    }
  }
  const auto holder = [&](const std::string& name) {
    const auto it = pools.find(name);
    return it == pools.end() ? name : it->second;
  };
  std::map<int, Number> ended;
  std::map<std::string, Number> resting;
  for (const plain::Endpoint& end : result.endpoints) {
    Number sum = 0;
    for (const auto& [source, units] : end.by_source) {
      ended[source] += units;
      sum += units;
    }
    EXPECT_EQ(end.tainted, sum);
    EXPECT_LE(end.tainted, end.amount);
    resting[holder(HolderOf(end, movements))] += sum;
  }
  EXPECT_EQ(ended, result.stolen);
  std::map<std::string, Number> kept;
  for (const auto& [owner, units] : marked) kept[holder(owner)] += units;
  for (const auto& [owners, flow] : result.flows) {
    EXPECT_GT(flow.tainted, 0);
    EXPECT_GT(flow.movements, 0u);
    kept[holder(back ? owners.second : owners.first)] -= flow.tainted;
    kept[holder(back ? owners.first : owners.second)] += flow.tainted;
  }
  std::erase_if(kept, [](const auto& entry) { return entry.second == 0; });
  EXPECT_EQ(kept, resting);
}

std::string PlaceText(const Endpoint& end) {
  if (!end.place.empty()) return end.place;
  return end.at_output ? absl::StrCat(ToText(end.txid), ":", end.output) : ToText(end.txid);
}

void ExpectSorted(const PolicyResult& result) {
  for (size_t i = 1; i < result.endpoints.size(); ++i) {
    const Endpoint& a = result.endpoints[i - 1];
    const Endpoint& b = result.endpoints[i];
    EXPECT_TRUE(a.tainted > b.tainted || (a.tainted == b.tainted && PlaceText(a) <= PlaceText(b)))
        << PlaceText(a) << " before " << PlaceText(b);
  }
  for (const Endpoint& end : result.endpoints) {
    EXPECT_TRUE(std::is_sorted(end.by_source.begin(), end.by_source.end(),
                               [](const auto& a, const auto& b) { return a.first < b.first; }));
  }
  for (const Flow& flow : result.flows) {
    // A coinbase moves twice where fees go on: by itself and with the fees.
    EXPECT_GE(flow.transactions.size(), 1u);
    EXPECT_LE(flow.transactions.size(),
              std::min<uint64_t>(flow.movements, Flow::kMostTransactions));
    Units carried = 0;
    for (size_t i = 0; i < flow.transactions.size(); ++i) {
      carried += flow.transactions[i].tainted;
      EXPECT_TRUE(i == 0 || flow.transactions[i - 1].height <= flow.transactions[i].height);
    }
    EXPECT_LE(carried, flow.tainted);
    if (flow.movements <= Flow::kMostTransactions) {
      EXPECT_EQ(carried, flow.tainted);
    }
  }
  for (size_t i = 1; i < result.flows.size(); ++i) {
    const Flow& a = result.flows[i - 1];
    const Flow& b = result.flows[i];
    EXPECT_TRUE(a.tainted > b.tainted ||
                (a.tainted == b.tainted && std::tie(a.from, a.to) < std::tie(b.from, b.to)));
  }
}

void ExpectResult(const PolicyResult& result, const plain::Result& want,
                  const std::vector<Movement>& movements, const Question& question) {
  const plain::Result got = Plainly(result);
  EXPECT_EQ(got.ToString(), want.ToString());
  if (result.policy != "haircut") {
    EXPECT_EQ(FlowsText(got), FlowsText(want));
  }
  if (result.conserving) ExpectConservation(got, want.marked, movements, question);
  ExpectSorted(result);
}

}  // namespace

std::vector<std::string> AllPolicies() {
  std::vector<std::string> names;
  for (const absl::string_view name : PolicyNames()) names.emplace_back(name);
  return names;
}

std::vector<Movement> MovementsOf(const RandomLedger& ledger) {
  std::vector<Movement> movements;
  for (const NewBlock& block : ledger.blocks) {
    movements.insert(movements.end(), block.movements.begin(), block.movements.end());
  }
  return movements;
}

RandomLedger SmallLedger(std::mt19937_64& rng, RandomLedgerOptions options) {
  options.blocks = 4 + static_cast<int>(rng() % 16);
  options.most_transactions = 2 + static_cast<int>(rng() % 8);
  options.most_minted = 20 + rng() % 300;
  return MakeRandomLedger(rng(), options);
}

ThiefOf::ThiefOf(const RandomLedger& ledger, uint64_t seed)
    : ledger_(ledger), movements_(MovementsOf(ledger)), rng_(seed) {
  for (const NewBlock& block : ledger.blocks) {
    for (const std::string& key : block.new_addresses) keys_.push_back(key);
    times_.insert(times_.end(), block.movements.size(), block.time);
  }
}

Theft ThiefOf::Steal() {
  Theft theft;
  for (uint64_t n = 1 + rng_() % 5; n > 0; --n) {
    SeedRequest request;
    request.source = std::string(1, static_cast<char>('a' + rng_() % 3));
    const std::set<std::pair<uint64_t, size_t>> credits = SomeCredits(&request.seed);
    if (rng_() % 4 == 0) request.seed = absl::StrCat(ledger_.chain.name, ":", request.seed);
    Number amount = 0;
    for (const auto& [position, take] : credits) {
      amount += Number(movements_[position].takes[take].amount);
    }
    plain::Seed seed{SourceOf(request.source, &theft), credits, {}};
    if (rng_() % 3 == 0) {
      seed.limit = Number(rng_()) % (amount + amount / 4 + 2);
      request.limit = static_cast<Units>(*seed.limit);
      amount = std::min(amount, *seed.limit);
    }
    theft.requests.push_back(std::move(request));
    theft.seeds.push_back(std::move(seed));
    theft.amounts.push_back(std::move(amount));
  }
  return theft;
}

std::set<std::pair<uint64_t, size_t>> ThiefOf::SomeCredits(std::string* text) {
  std::set<std::pair<uint64_t, size_t>> credits;
  const uint64_t wanted = rng_() % movements_.size();
  if (rng_() % 3 == 0 && !keys_.empty()) {
    const AddressId id{rng_() % keys_.size()};
    *text = *EncodeAddress(GetNetwork(NetworkId::kMain), *ScriptFromAddressKey(keys_[id.number]));
    int64_t from = times_[wanted];
    int64_t to = from + static_cast<int64_t>(rng_() % 7200);
    if (rng_() % 2 == 0) {
      *text += absl::FormatTime("@%Y-%m-%dT%H:%M:%SZ..", absl::FromUnixSeconds(from),
                                absl::UTCTimeZone());
      *text +=
          absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", absl::FromUnixSeconds(to), absl::UTCTimeZone());
    } else {
      from = 0;
      to = std::numeric_limits<int64_t>::max();
    }
    for (const Movement& m : movements_) {
      const int64_t time = times_[m.position.number];
      for (size_t i = 0; i < m.takes.size(); ++i) {
        if (m.takes[i].owner == id && from <= time && time <= to) {
          credits.insert({m.position.number, i});
        }
      }
    }
    if (!credits.empty()) return credits;
  }
  *text = ToText(movements_[wanted].txid);
  if (rng_() % 4 == 0) *text = absl::AsciiStrToUpper(*text);
  // Of two coinbases with one txid the later is meant.
  uint64_t position = wanted;
  for (const Movement& m : movements_) {
    if (m.txid == movements_[wanted].txid) position = m.position.number;
  }
  size_t outputs = movements_[position].takes.size();
  if (movements_[position].takes.back().kind == TakerKind::kFee) --outputs;
  for (size_t i = 0; i < outputs; ++i) credits.insert({position, i});
  if (rng_() % 4 != 0) {
    const size_t output = rng_() % outputs;
    *text += absl::StrCat(":", output);
    credits = {{position, output}};
  }
  return credits;
}

plain::Result Plainly(const PolicyResult& result) {
  plain::Result plain;
  for (const Stolen& stolen : result.stolen) {
    plain.stolen[static_cast<int>(stolen.source)] = Number(stolen.units);
  }
  for (const Endpoint& end : result.endpoints) {
    plain::Endpoint& e = plain.endpoints.emplace_back();
    e.kind = std::string(EndpointKindName(end.kind));
    e.position = end.position.number;
    e.at_output = end.at_output;
    e.output = end.output;
    e.owner = end.owner;
    e.amount = Number(end.amount);
    e.tainted = Number(end.tainted);
    for (const auto& [source, units] : end.by_source) {
      e.by_source[static_cast<int>(source)] = Number(units);
    }
    e.hops = end.hops;
  }
  const auto name = [](AddressId id) -> std::string {
    if (id == Flow::kToFees) return plain::kFees;
    if (id == Flow::kToBurned) return plain::kBurned;
    if (id == Flow::kFromMinted) return plain::kMinted;
    return plain::OwnerName(id);
  };
  for (const Flow& flow : result.flows) {
    plain.flows[{name(flow.from), name(flow.to)}] = {Number(flow.tainted), flow.movements};
  }
  plain.movements = result.movements;
  plain.unresolved_inputs = result.unresolved_inputs;
  return plain;
}

std::string FlowsText(const plain::Result& result) {
  std::string text;
  for (const auto& [owners, flow] : result.flows) {
    absl::StrAppend(&text, owners.first, " -> ", owners.second, " ", flow.tainted.str(), " in ",
                    flow.movements, "\n");
  }
  return text;
}

void ExpectAsPlain(const LedgerView& view, const RandomLedger& ledger, const Theft& theft,
                   const Question& question, uint64_t* tainted_movements) {
  const LedgerView* const views[] = {&view};
  const auto seeds = FindSeeds(views, theft.requests);
  ASSERT_TRUE(seeds.ok()) << seeds.status();
  ASSERT_EQ(seeds->size(), theft.requests.size());
  for (size_t i = 0; i < seeds->size(); ++i) {
    SCOPED_TRACE(absl::StrCat("seed ", (*seeds)[i].request.seed));
    EXPECT_EQ(Number((*seeds)[i].AmountOf(kNativeAsset)), theft.amounts[i]);
    std::vector<std::pair<uint64_t, size_t>> credits;
    for (const Credit& credit : (*seeds)[i].credits) {
      credits.emplace_back(credit.position.number, credit.take);
    }
    const auto& want = theft.seeds[i].credits;
    EXPECT_EQ(credits, (std::vector<std::pair<uint64_t, size_t>>(want.begin(), want.end())));
  }
  const std::vector<std::string>& policies = question.options.policies;
  FollowOptions options = question.options;
  // However they are read.
  options.reading = static_cast<ReadRule>(ledger.blocks.size() % 3);
  const auto result =
      question.back ? FollowBack(views, *seeds, options) : Follow(views, *seeds, options);
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(result->sources, theft.sources);
  ASSERT_EQ(result->policies.size(), policies.size());
  const std::vector<Movement> movements = MovementsOf(ledger);
  // Where flows are not asked for, nobody tells who brought what.
  options.flows = false;
  const auto without =
      question.back ? FollowBack(views, *seeds, options) : Follow(views, *seeds, options);
  ASSERT_TRUE(without.ok()) << without.status();
  for (size_t i = 0; i < policies.size(); ++i) {
    SCOPED_TRACE(policies[i]);
    EXPECT_TRUE(without->policies[i].flows.empty());
    EXPECT_EQ(Plainly(without->policies[i]).ToString(), Plainly(result->policies[i]).ToString());
    EXPECT_EQ(without->policies[i].most_lots, result->policies[i].most_lots);
    EXPECT_EQ(result->policies[i].policy, policies[i]);
    *tainted_movements += result->policies[i].movements;
    ASSERT_TRUE(plain::Knows(policies[i]));
    ExpectResult(result->policies[i],
                 question.back ? plain::Back(policies[i], movements, theft.seeds, question.plain)
                               : plain::Follow(policies[i], movements, theft.seeds, question.plain),
                 movements, question);
    // Neighbours of one source are one lot, so only cuts and marks make more.
    const size_t sources = theft.sources.size();
    size_t most_lots = policies[i] == "haircut" ? sources + 1 + theft.seeds.size() : sources;
    if (policies[i] != "haircut" && policies[i] != "poison") {
      most_lots = 1;
      for (const Movement& movement : movements) most_lots += movement.takes.size();
      for (const plain::Seed& seed : theft.seeds) most_lots += 2 * seed.credits.size();
    }
    EXPECT_LE(result->policies[i].most_lots, most_lots);
    for (const Endpoint& end : result->policies[i].endpoints) {
      const Movement& movement = movements[end.position.number];
      EXPECT_EQ(end.txid, movement.txid);
      EXPECT_EQ(end.height, movement.height);
      EXPECT_EQ(end.asset, kNativeAsset);
      EXPECT_EQ(end.chain, 0u);
    }
  }
}

void ExpectAsPlain(const LedgerView& view, const RandomLedger& ledger, const Theft& theft,
                   const std::vector<std::string>& policies, uint64_t* tainted_movements) {
  Question question;
  question.options.policies = policies;
  ExpectAsPlain(view, ledger, theft, question, tainted_movements);
}

}  // namespace spoor
