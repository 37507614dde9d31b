#ifndef SPOOR_TESTS_ENTITY_CLUSTER_WORLD_H_
#define SPOOR_TESTS_ENTITY_CLUSTER_WORLD_H_

#include <algorithm>
#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "spoor/base/bytes.h"
#include "spoor/chain/digest.h"
#include "spoor/entity/cluster_builder.h"
#include "spoor/ledger/ledger_table.h"
#include "spoor/ledger/names.h"
#include "tests/support/random_ledger.h"

// Ledgers to cluster, and what became of it, for tests.

namespace spoor {

// Of a chain of outputs.
inline HeuristicSet AllHeuristics() { return HeuristicsFor(Family::kUtxo); }

// A random ledger in which some addresses are of the key of an earlier one.
inline RandomLedger MakeLedger(uint64_t seed, int blocks, int most_transactions = 6) {
  RandomLedgerOptions options;
  options.blocks = blocks;
  options.most_transactions = most_transactions;
  options.most_minted = 50'000'000;
  options.wide = seed % 4 == 0;
  RandomLedger ledger = MakeRandomLedger(seed, options);
  std::mt19937_64 rng(seed);
  std::vector<std::string> keys;
  std::set<std::string> taken;
  for (NewBlock& block : ledger.blocks) {
    for (std::string& key : block.new_addresses) {
      if (!keys.empty() && rng() % 4 == 0) {
        const std::string& other = keys[rng() % keys.size()];
        std::string sibling = other;
        if (other[0] == static_cast<char>(ScriptKind::kP2pkh)) {
          sibling[0] = static_cast<char>(ScriptKind::kP2wpkh);
        } else if (other[0] == static_cast<char>(ScriptKind::kP2wpkh)) {
          const std::string script = std::string("\0\x14", 2) + other.substr(1);
          const Digest160 hash = Hash160(AsBytes(script));
          sibling = AddressKey({ScriptKind::kP2sh, Bytes(hash.begin(), hash.end())});
        }
        if (taken.count(sibling) == 0) key = sibling;
      }
      taken.insert(key);
      keys.push_back(key);
    }
  }
  return ledger;
}

// The same block with fewer movements, and so another.
inline NewBlock Cut(const NewBlock& block, size_t movements, uint64_t addresses_before,
                    uint8_t salt) {
  NewBlock cut = block;
  Bytes hash(block.hash.span().begin(), block.hash.span().end());
  hash[0] ^= 0x5a;
  hash[1] = salt;
  cut.hash = BlockHash::FromBytes(hash);
  cut.movements.resize(std::min(movements, cut.movements.size()));
  cut.transactions = cut.movements.size();
  uint64_t end = addresses_before;
  for (const Movement& movement : cut.movements) {
    for (const Give& give : movement.gives) {
      if (!give.owner.IsNobody()) end = std::max(end, give.owner.number + 1);
    }
    for (const Take& take : movement.takes) {
      if (!take.owner.IsNobody()) end = std::max(end, take.owner.number + 1);
    }
  }
  cut.new_addresses.resize(end - addresses_before);
  return cut;
}

// All rows but the generation that they are of, and which of the two kinds of nodes.
inline std::map<std::string, std::string> RowsOf(const LedgerTable& table) {
  std::map<std::string, std::string> all;
  const absl::Status status =
      table.Scan("", "", [&](absl::string_view key, absl::string_view value) {
        std::string k(key);
        std::string v(value);
        if (k[0] == 'G') k[1] = '\0';
        if (k[0] == 'G' && k[2] == 'M') k[2] = 'N';
        if (k[0] == 'S') v[1] = v[2] = '\0';
        all[k] = v;
        return absl::OkStatus();
      });
  EXPECT_TRUE(status.ok()) << status;
  return all;
}

inline ClusterOptions Options(HeuristicSet heuristics, uint64_t guard = 10'000) {
  ClusterOptions options;
  options.heuristics = heuristics;
  options.guard = guard;
  options.batch_bytes = 2'000;  // many batches
  return options;
}

inline std::map<std::string, std::string> FromScratch(
    const LedgerView& view, const ClusterOptions& options,
    const std::vector<TaggedAddress>& tagged = {}) {
  MemoryTable table;
  const auto builder = ClusterBuilder::Open(&table, options);
  EXPECT_TRUE(builder.ok()) << builder.status();
  const absl::Status status = (*builder)->Update(view, tagged);
  EXPECT_TRUE(status.ok()) << status;
  return RowsOf(table);
}

// The guard, and tags, for ledgers in which nearly all would become one.
inline std::vector<TaggedAddress> SomeTags(const LedgerView& view, uint64_t seed) {
  std::vector<TaggedAddress> tags;
  const uint64_t addresses = view.tip().has_value() ? view.tip()->totals.addresses : 0;
  for (uint64_t id = 0; id < addresses; ++id) {
    if ((id * 2654435761u + seed) % 7 == 0) tags.push_back({AddressId{id}, id % 3});
  }
  return tags;
}

}  // namespace spoor

#endif  // SPOOR_TESTS_ENTITY_CLUSTER_WORLD_H_
