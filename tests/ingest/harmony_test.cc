// The theft from Harmony's bridge, from the file of its transfers to what arrived at exchanges.

#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "spoor/base/csv.h"
#include "spoor/entity/cluster_builder.h"
#include "spoor/entity/clusters.h"
#include "spoor/ingest/transfers.h"
#include "spoor/ledger/memory_ledger.h"
#include "spoor/ledger/names.h"
#include "spoor/taint/bounds.h"
#include "spoor/taint/follow.h"
#include "tests/real_data.h"

namespace spoor {
namespace {

std::vector<std::string> Lines(const std::string& path) {
  std::vector<std::string> lines;
  std::ifstream in(path);
  for (std::string line; std::getline(in, line);) {
    line = std::string(absl::StripAsciiWhitespace(line));
    if (!line.empty()) lines.push_back(line);
  }
  return lines;
}

ChainInfo HarmonyChain() {
  ChainInfo chain;
  chain.name = "harmony";
  chain.family = Family::kAccount;
  chain.symbol = "USD";
  chain.decimals = 18;
  return chain;
}

// Ingests the case's transfers.
void IngestCase(const std::string& folder, MemoryLedger* ledger) {
  MemoryTable table;
  TransferFormat format;
  format.columns =
      *ParseColumns("time=Timestamp,block=Block,tx=Tx_hash,from=From,to=To,amount=Value_in_USD");
  format.chain = ledger->chain().name;
  format.asset = ledger->chain().symbol;
  format.decimals = ledger->chain().decimals;
  const auto report = IngestTransfers({folder + "/flows.csv"}, format, ledger, &table, {});
  ASSERT_TRUE(report.ok()) << report.status();
}

TEST(Harmony, WhatArrivedAtExchangesIsWhatTheFileSays) {
  SPOOR_REAL_DATA_OR_SKIP(folder, "theft/harmony-2023");
  MemoryLedger ledger(HarmonyChain());
  IngestCase(folder, &ledger);
  if (HasFatalFailure()) return;

  // The sources had most of it before the file begins.
  std::vector<SeedRequest> requests;
  for (const std::string& address : Lines(folder + "/sources.csv")) {
    requests.push_back({address, address, std::nullopt});
  }
  ASSERT_EQ(requests.size(), 14u);
  const LedgerView* const views[] = {&ledger};
  const auto seeds = FindSeeds(views, requests);
  ASSERT_TRUE(seeds.ok()) << seeds.status();
  std::map<AddressId, Units> received;  // at the exchanges
  for (const std::string& address : Lines(folder + "/terminals.csv")) {
    const auto id = ledger.FindAddress(*AccountKeyFromText(address));
    ASSERT_TRUE(id.ok());
    if (!id->has_value()) continue;
    const auto balance = ledger.ReadBalance(Holding::Balance(**id, kNativeAsset));
    ASSERT_TRUE(balance.ok() && balance->has_value());
    received[**id] = static_cast<Units>((*balance)->received);
  }
  ASSERT_EQ(received.size(), 11u);

  FollowOptions options;
  options.policies = {"fifo", "lifo", "haircut", "tiho", "libr", "poison"};
  options.stop_at = [&](uint32_t, AddressId owner) { return received.contains(owner); };
  const auto result = Follow(views, *seeds, options);
  ASSERT_TRUE(result.ok()) << result.status();
  BoundsOptions bounds_options;
  std::vector<AddressId> terminals;
  for (const auto& [owner, units] : received) {
    terminals.push_back(owner);
    bounds_options.groups.push_back(
        {absl::StrCat(owner.number),
         [owner = owner](uint32_t, AddressId other) { return owner == other; }});
  }
  const auto bounds = ComputeBounds(views, *seeds, options, bounds_options);
  ASSERT_TRUE(bounds.ok()) << bounds.status();
  EXPECT_FALSE(bounds->conversions);

  for (const PolicyResult& policy : result->policies) {
    SCOPED_TRACE(policy.policy);
    Units stolen = 0;
    for (const Stolen& part : policy.stolen) stolen += part.units;
    std::map<AddressId, Units> arrived;
    Units ended = 0;
    for (const Endpoint& end : policy.endpoints) {
      ended += end.stolen;
      if (end.kind == EndpointKind::kService) arrived[end.owner] = end.tainted;
    }
    if (policy.conserving) {
      EXPECT_EQ(ended, stolen);
    }
    for (const auto& [owner, units] : received) {
      SCOPED_TRACE(NameOwner(ledger, owner)->text);
      // Nothing that did not come from the sources came to an exchange, but for what the file does
      // not tell the origin of.
      EXPECT_LE(arrived[owner], units);
    }
    if (!policy.conserving) continue;
    size_t groups = 0;
    for (const Bound& bound : bounds->bounds) {
      if (bound.kind.has_value()) continue;
      const AddressId owner = terminals[groups++];
      EXPECT_EQ(bound.group, absl::StrCat(owner.number));
      EXPECT_LE(bound.lower, arrived[owner]);
      EXPECT_LE(arrived[owner], bound.upper);
      EXPECT_LE(bound.upper, received[owner]);
    }
    EXPECT_EQ(groups, terminals.size());
  }
}

// With the exchanges' wallets tagged, their deposit addresses are found; those that the case's file
// calls so are the right exchange's, and no account is two exchanges'.
TEST(Harmony, DepositAddressesAreTheExchangesThatTheFileNames) {
  SPOOR_REAL_DATA_OR_SKIP(folder, "theft/harmony-2023");
  MemoryLedger ledger(HarmonyChain());
  IngestCase(folder, &ledger);
  if (HasFatalFailure()) return;
  std::map<std::string, std::string> labels;  // by address
  std::ifstream file(folder + "/flows.csv");
  std::stringstream text;
  text << file.rdbuf();
  const std::string csv = text.str();
  CsvReader reader(csv);
  std::vector<std::string> fields;
  for (;;) {
    const auto more = reader.Next(&fields);
    ASSERT_TRUE(more.ok()) << more.status();
    if (!*more) break;
    for (const size_t column : {3, 5}) {
      if (!fields[column + 1].empty()) labels[fields[column]] = fields[column + 1];
    }
  }
  const std::vector<std::string> exchanges = {"Binance ", "HTX ", "OKX"};
  std::vector<TaggedAddress> tags;
  std::map<std::string, std::string> deposits;  // what the file says is one, and whose
  for (const auto& [address, label] : labels) {
    if (absl::StrContains(label, "_Deposit_")) {
      const std::string name = label.substr(0, label.find('_'));
      deposits[address] = name == "Huobi" ? "HTX" : name;
      continue;
    }
    for (size_t i = 0; i < exchanges.size(); ++i) {
      if (!absl::StartsWith(label, exchanges[i])) continue;
      const auto id = ledger.FindAddress(*AccountKeyFromText(address));
      ASSERT_TRUE(id.ok() && id->has_value()) << label;
      tags.emplace_back(**id, i | kServiceTag);
    }
  }
  EXPECT_EQ(tags.size(), 10u);
  EXPECT_EQ(deposits.size(), 6u);
  MemoryTable table;
  const auto builder = ClusterBuilder::Open(&table, {});
  ASSERT_TRUE(builder.ok());
  ASSERT_TRUE((*builder)->Update(ledger, tags).ok());
  const auto clusters = Clusters::Open(&table);
  ASSERT_TRUE(clusters.ok());
  EXPECT_EQ(clusters->state().conflicts, 0u);
  std::map<std::string, std::set<std::string>> found;
  ASSERT_TRUE(clusters
                  ->VisitMerges([&](const Evidence& evidence) {
                    const Movement movement = *ReadMovement(ledger, evidence.position);
                    const std::string account = NameOwner(ledger, movement.gives[0].owner)->text;
                    const std::string wallet = NameOwner(ledger, movement.takes[0].owner)->text;
                    const std::string label = labels.at(wallet);
                    found[account].insert(label.substr(0, label.find_first_of(" :")));
                    return absl::OkStatus();
                  })
                  .ok());
  EXPECT_EQ(found.size(), 14u);
  size_t named = 0;
  for (const auto& [account, services] : found) {
    EXPECT_EQ(services.size(), 1u) << account;
    const auto deposit = deposits.find(account);
    if (deposit == deposits.end()) continue;
    ++named;
    EXPECT_EQ(*services.begin(), deposit->second) << account;
  }
  EXPECT_EQ(named, 5u);
}

}  // namespace
}  // namespace spoor
