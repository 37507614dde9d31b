// The theft from Harmony's bridge, from the file of its transfers to what arrived at exchanges.

#include <fstream>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
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

TEST(Harmony, WhatArrivedAtExchangesIsWhatTheFileSays) {
  SPOOR_REAL_DATA_OR_SKIP(folder, "theft/harmony-2023");
  ChainInfo chain;
  chain.name = "harmony";
  chain.family = Family::kAccount;
  chain.symbol = "USD";
  chain.decimals = 18;
  MemoryLedger ledger(chain);
  MemoryTable table;
  TransferFormat format;
  format.columns =
      *ParseColumns("time=Timestamp,block=Block,tx=Tx_hash,from=From,to=To,amount=Value_in_USD");
  format.chain = chain.name;
  format.asset = chain.symbol;
  format.decimals = chain.decimals;
  const auto report = IngestTransfers({folder + "/flows.csv"}, format, &ledger, &table, {});
  ASSERT_TRUE(report.ok()) << report.status();

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

}  // namespace
}  // namespace spoor
