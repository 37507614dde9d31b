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
#include "spoor/chain/key.h"
#include "spoor/chain/revealed.h"
#include "spoor/entity/cluster_builder.h"
#include "spoor/entity/same_key.h"
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
  std::set<std::string> taken;
  uint64_t addresses = 0;
  for (NewBlock& block : ledger.blocks) {
    for (std::string& key : block.new_addresses) {
      const uint64_t id = addresses++;
      if (id > 0 && rng() % 3 == 0) {
        const std::string shown = ledger.revealable[rng() % id];
        const absl::StatusOr<PublicKey> point = PublicKey::Parse(AsBytes(shown));
        if (point.ok()) {
          // Any form but P2PK, which would show the key before an input does.
          const ScriptId script = ScriptsOfKey(*point)[2 + rng() % 5];
          if (taken.count(AddressKey(script)) == 0) {
            key = AddressKey(script);
            const bool long_form = IsRevealedBy(script, point->Uncompressed());
            ledger.revealable[id] = script.kind == ScriptKind::kP2tr ? ""
                                    : long_form ? std::string(AsChars(point->Uncompressed()))
                                                : std::string(AsChars(point->Compressed()));
          }
        }
      }
      taken.insert(key);
    }
    std::vector<NewBlock::Revealed> revealed;
    for (NewBlock::Revealed& one : block.revealed) {
      const AddressId owner = block.movements[one.movement].gives[one.give].owner;
      one.bytes = ledger.revealable[owner.number];
      if (!one.bytes.empty()) revealed.push_back(one);
    }
    block.revealed = std::move(revealed);
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
  cut.revealed.erase(std::remove_if(cut.revealed.begin(), cut.revealed.end(),
                                    [&](const NewBlock::Revealed& revealed) {
                                      return revealed.movement >= cut.movements.size();
                                    }),
                     cut.revealed.end());
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

// All rows but those that remember keys, and what follows from states that went before: the
// generation that they are of, and which of the two kinds of nodes.
inline std::map<std::string, std::string> RowsOf(const LedgerTable& table) {
  std::map<std::string, std::string> all;
  const absl::Status status =
      table.Scan("", "", [&](absl::string_view key, absl::string_view value) {
        if (key[0] == 'F') return absl::OkStatus();
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
