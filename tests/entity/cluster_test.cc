#include <algorithm>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "spoor/base/bytes.h"
#include "spoor/base/status_macros.h"
#include "spoor/chain/digest.h"
#include "spoor/entity/cluster_builder.h"
#include "spoor/entity/clusters.h"
#include "spoor/entity/coinjoin.h"
#include "spoor/ledger/memory_ledger.h"
#include "spoor/ledger/names.h"
#include "tests/support/random_ledger.h"

namespace spoor {
namespace {

HeuristicSet AllHeuristics() { return *ParseHeuristics("all"); }

// A random ledger in which some addresses are of the key of an earlier one.
RandomLedger MakeLedger(uint64_t seed, int blocks, int most_transactions = 6) {
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
NewBlock Cut(const NewBlock& block, size_t movements, uint64_t addresses_before, uint8_t salt) {
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
std::map<std::string, std::string> RowsOf(const LedgerTable& table) {
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

ClusterOptions Options(HeuristicSet heuristics, uint64_t guard = 10'000) {
  ClusterOptions options;
  options.heuristics = heuristics;
  options.guard = guard;
  options.batch_bytes = 2'000;  // many batches
  return options;
}

std::map<std::string, std::string> FromScratch(const LedgerView& view,
                                               const ClusterOptions& options,
                                               const std::vector<TaggedAddress>& tagged = {}) {
  MemoryTable table;
  const auto builder = ClusterBuilder::Open(&table, options);
  EXPECT_TRUE(builder.ok()) << builder.status();
  const absl::Status status = (*builder)->Update(view, tagged);
  EXPECT_TRUE(status.ok()) << status;
  return RowsOf(table);
}

// The guard, and tags, for ledgers in which nearly all would become one.
std::vector<TaggedAddress> SomeTags(const LedgerView& view, uint64_t seed) {
  std::vector<TaggedAddress> tags;
  const uint64_t addresses = view.tip().has_value() ? view.tip()->totals.addresses : 0;
  for (uint64_t id = 0; id < addresses; ++id) {
    if ((id * 2654435761u + seed) % 7 == 0) tags.push_back({AddressId{id}, id % 3});
  }
  return tags;
}

TEST(Clusters, StepByStepEqualFromScratchAtEveryBlock) {
  for (uint64_t seed = 1; seed <= 40; ++seed) {
    SCOPED_TRACE(absl::StrCat("seed ", seed));
    std::mt19937_64 rng(seed);
    const RandomLedger ledger = MakeLedger(seed, 24);
    const ClusterOptions options = Options(AllHeuristics(), seed % 2 == 0 ? 5 : 10'000);
    MemoryLedger chain(ledger.chain);
    MemoryTable table;
    auto builder = ClusterBuilder::Open(&table, options);
    ASSERT_TRUE(builder.ok()) << builder.status();
    uint64_t undone = 0;
    uint8_t salt = 0;
    const auto check = [&] {
      if (rng() % 3 == 0) {  // by another process
        builder = ClusterBuilder::Open(&table, options);
        ASSERT_TRUE(builder.ok()) << builder.status();
      }
      const std::vector<TaggedAddress> tags =
          seed % 3 == 0 ? SomeTags(chain, seed) : std::vector<TaggedAddress>();
      const absl::Status status = (*builder)->Update(chain, tags);
      ASSERT_TRUE(status.ok()) << status;
      ASSERT_TRUE(RowsOf(table) == FromScratch(chain, options, tags));
      const auto clusters = Clusters::Open(&table);
      ASSERT_TRUE(clusters.ok()) << clusters.status();
      ASSERT_TRUE(clusters->CheckAgainst(chain).ok());
      ASSERT_EQ(clusters->state(), (*builder)->state());
    };
    for (size_t next = 0; next < ledger.blocks.size();) {
      if (rng() % 3 == 0) {
        // Another branch: some blocks go, one comes that is like a part of the next.
        for (uint64_t n = rng() % 4; n > 0 && next > 0; --n, --next) {
          ASSERT_TRUE(chain.UndoTip().ok());
          ++undone;
        }
        const uint64_t before = chain.tip().has_value() ? chain.tip()->totals.addresses : 0;
        const NewBlock& like = ledger.blocks[next];
        ASSERT_TRUE(
            chain.Append(Cut(like, 1 + rng() % like.movements.size(), before, ++salt)).ok());
        check();
        if (HasFatalFailure()) return;
        ASSERT_TRUE(chain.UndoTip().ok());
      }
      ASSERT_TRUE(chain.Append(ledger.blocks[next++]).ok());
      if (rng() % 2 == 0) check();
      if (HasFatalFailure()) return;
    }
    EXPECT_GT(undone, 0u);
    // And back to nothing.
    while (chain.tip().has_value()) ASSERT_TRUE(chain.UndoTip().ok());
    ASSERT_TRUE((*builder)->Update(chain).ok());
    EXPECT_TRUE(RowsOf(table) == FromScratch(chain, options));
    EXPECT_EQ(RowsOf(table).size(), 1u);
  }
}

// Whether the raw movements bear out one step of an explanation: says it all over again, from the
// papers, with other code.
class Checker {
 public:
  explicit Checker(const MemoryLedger& chain) : chain_(chain) {
    const uint64_t movements = chain.tip()->totals.movements;
    for (uint64_t i = 0; i < movements; ++i) {
      movements_.push_back(*ReadMovement(chain, Position{i}));
      const Movement& movement = movements_.back();
      const auto see = [&](AddressId id) {
        if (!id.IsNobody()) first_seen_.try_emplace(id.number, i);
      };
      for (const Give& give : movement.gives) see(give.owner);
      for (const Take& take : movement.takes) see(take.owner);
    }
  }

  bool Holds(const Evidence& step) const {
    const Movement& movement = movements_.at(step.position.number);
    switch (step.heuristic) {
      case Heuristic::kCoSpend:
        return Gives(movement, step.from) && Gives(movement, step.to) && !CoinJoin(movement);
      case Heuristic::kSameKey:
        return std::max(first_seen_.at(step.from.number), first_seen_.at(step.to.number)) ==
                   step.position.number &&
               Nested(step.from) == Nested(step.to);
      default:
        return IsChange(movement, step.from, step.to, step.heuristic) ||
               IsChange(movement, step.to, step.from, step.heuristic);
    }
  }

 private:
  static bool CoinJoin(const Movement& m) { return RecogniseCoinJoin(m).has_value(); }
  static bool Gives(const Movement& m, AddressId id) {
    for (const Give& give : m.gives) {
      if (give.owner == id) return true;
    }
    return false;
  }
  // The hash of the P2SH-P2WPKH script of an address's key.
  std::string Nested(AddressId id) const {
    const std::string key = *chain_.ReadAddress(id);
    if (key[0] == static_cast<char>(ScriptKind::kP2sh)) return key.substr(1);
    const std::string script = std::string("\0\x14", 2) + key.substr(1);
    const Digest160 hash = Hash160(AsBytes(script));
    return std::string(hash.begin(), hash.end());
  }
  char Kind(AddressId id) const { return (*chain_.ReadAddress(id))[0]; }

  // Takes that somebody holds, if there may be change among them.
  std::vector<const Take*> Outputs(const Movement& m) const {
    std::vector<const Take*> outputs;
    for (const Take& take : m.takes) {
      if (take.kind == TakerKind::kHolding) outputs.push_back(&take);
    }
    bool none = m.coinbase || outputs.size() < 2 || CoinJoin(m);
    for (const Take* take : outputs) none = none || Gives(m, take->owner);
    for (const Give& give : m.gives) none = none || give.kind == GiveKind::kUnresolved;
    if (none) outputs.clear();
    return outputs;
  }

  // Of a transaction of one input and two outputs, which is twice the other.
  const Take* Rest(const Movement& m) const {
    const std::vector<const Take*> outputs = Outputs(m);
    if (outputs.size() != 2 || m.gives.size() != 1) return nullptr;
    if (outputs[0]->amount >= outputs[1]->amount * 2) return outputs[0];
    if (outputs[1]->amount >= outputs[0]->amount * 2) return outputs[1];
    return nullptr;
  }

  bool IsSign(const Movement& m, const Take& take, Heuristic heuristic) const {
    switch (heuristic) {
      case Heuristic::kOneTimeChange:
        return first_seen_.at(take.owner.number) == m.position.number;
      case Heuristic::kAddressTypeChange:
        return std::all_of(m.gives.begin(), m.gives.end(),
                           [&](const Give& give) { return Kind(give.owner) == Kind(take.owner); });
      case Heuristic::kOptimalChange:
        return m.gives.size() > 1 &&
               std::all_of(m.gives.begin(), m.gives.end(),
                           [&](const Give& g) { return g.amount > take.amount; });
      case Heuristic::kRoundAmountChange:
        return take.amount % 1'000'000 != 0;
      default: {
        if (Rest(m) == nullptr || Rest(m) != &take) return false;
        if (m.gives[0].kind != GiveKind::kHolding) return false;
        const Holding& spent = m.gives[0].holding;
        const Take* rest = Rest(movements_.at(spent.major));
        return rest != nullptr && rest->holding == spent;
      }
    }
  }

  bool IsChange(const Movement& m, AddressId giver, AddressId change, Heuristic heuristic) const {
    if (!Gives(m, giver)) return false;
    size_t signs = 0;
    bool is_it = false;
    for (const Take* take : Outputs(m)) {
      if (!IsSign(m, *take, heuristic)) continue;
      ++signs;
      is_it = is_it || take->owner == change;
    }
    return signs == 1 && is_it;
  }

  const MemoryLedger& chain_;
  std::vector<Movement> movements_;
  std::map<uint64_t, uint64_t> first_seen_;
};

TEST(Clusters, EveryPairHasAWhyWhoseStepsHold) {
  std::map<Heuristic, uint64_t> steps;
  uint64_t pairs = 0;
  uint64_t longest = 0;
  for (uint64_t seed = 1; seed <= 10; ++seed) {
    SCOPED_TRACE(absl::StrCat("seed ", seed));
    // Peel chains are rare among random transactions.
    const bool rare = seed == 7;
    const RandomLedger ledger = MakeLedger(seed,
                                           rare       ? 300
                                           : seed < 7 ? 60
                                                      : 14,
                                           /*most_transactions=*/rare ? 40 : 6);
    MemoryLedger chain(ledger.chain);
    ASSERT_TRUE(AppendAll(ledger.blocks, &chain).ok());
    const Checker checker(chain);
    MemoryTable table;
    // One at a time, for the rare ones to be seen, and all.
    HeuristicSet chosen = AllHeuristics();
    if (seed <= 7) chosen = HeuristicSet({Heuristics()[seed - 1].heuristic});
    const auto builder = ClusterBuilder::Open(&table, Options(chosen, seed % 2 == 0 ? 10 : 10'000));
    ASSERT_TRUE((*builder)->Update(chain).ok());
    const auto clusters = Clusters::Open(&table);
    ASSERT_TRUE(clusters.ok()) << clusters.status();
    const uint64_t addresses = chain.tip()->totals.addresses;
    std::map<uint64_t, std::vector<AddressId>> by_root;
    std::vector<AddressId> ids, roots;
    for (uint64_t id = 0; id < addresses; ++id) ids.push_back(AddressId{id});
    ASSERT_TRUE(clusters->Find(ids, &roots).ok());
    for (uint64_t id = 0; id < addresses; ++id) {
      EXPECT_EQ(*clusters->Find(AddressId{id}), roots[id]);
      by_root[roots[id].number].push_back(AddressId{id});
    }
    EXPECT_EQ(clusters->state().clusters, by_root.size());
    uint64_t shared = 0;
    uint64_t largest = 0;
    for (const auto& [root, members] : by_root) {
      shared += members.size() > 1 ? 1 : 0;
      largest = std::max<uint64_t>(largest, members.size());
      for (const AddressId id : {members.front(), members.back()}) {
        EXPECT_EQ(*clusters->Members(id), members);
        EXPECT_EQ(*clusters->Size(id), members.size());
        EXPECT_EQ(*clusters->First(id), members.front());
      }
      for (const AddressId a : members) {
        for (const AddressId b : members) {
          const auto path = clusters->Why(a, b);
          ASSERT_TRUE(path.ok()) << path.status();
          ASSERT_TRUE(path->has_value());
          ++pairs;
          AddressId at = a;
          for (const Evidence& step : **path) {
            ASSERT_EQ(step.from, at);
            ASSERT_TRUE(checker.Holds(step))
                << HeuristicName(step.heuristic) << " of " << step.from.number << " and "
                << step.to.number << " in movement " << step.position.number;
            at = step.to;
            ++steps[step.heuristic];
          }
          EXPECT_EQ(at, b);
          longest = std::max<uint64_t>(longest, (*path)->size());
        }
      }
    }
    EXPECT_EQ(clusters->state().shared, shared);
    EXPECT_EQ(clusters->state().largest, largest);
    uint64_t merges = 0;
    for (const auto& [heuristic, n] : clusters->state().merges) merges += n;
    EXPECT_EQ(merges, addresses - by_root.size());
    if (by_root.size() > 1) {
      const auto none =
          clusters->Why(AddressId{by_root.begin()->first}, AddressId{by_root.rbegin()->first});
      EXPECT_TRUE(none.ok() && !none->has_value());
    }
  }
  for (const HeuristicInfo& info : Heuristics()) EXPECT_GT(steps[info.heuristic], 0u) << info.name;
  EXPECT_GT(pairs, 10'000u);
  EXPECT_GT(longest, 5u);
}

// What is joined without guards, by a plain search over all pairs that the heuristic speaks of.
TEST(Clusters, CoSpendJoinsAllAndOnlyWhatSpendsTogether) {
  for (uint64_t seed = 21; seed <= 26; ++seed) {
    const RandomLedger ledger = MakeLedger(seed, 12);
    MemoryLedger chain(ledger.chain);
    ASSERT_TRUE(AppendAll(ledger.blocks, &chain).ok());
    MemoryTable table;
    const auto builder = ClusterBuilder::Open(&table, Options(HeuristicSet({Heuristic::kCoSpend})));
    ASSERT_TRUE((*builder)->Update(chain).ok());
    const auto clusters = Clusters::Open(&table);
    const uint64_t addresses = chain.tip()->totals.addresses;
    std::vector<uint64_t> color(addresses);
    for (uint64_t id = 0; id < addresses; ++id) color[id] = id;
    for (uint64_t i = 0; i < chain.tip()->totals.movements; ++i) {
      const Movement movement = *ReadMovement(chain, Position{i});
      if (RecogniseCoinJoin(movement).has_value()) continue;
      std::set<uint64_t> together;
      for (const Give& give : movement.gives) {
        if (!give.owner.IsNobody()) together.insert(color[give.owner.number]);
      }
      for (uint64_t& c : color) {
        if (together.count(c) > 0) c = *together.begin();
      }
    }
    for (uint64_t a = 0; a < addresses; ++a) {
      for (uint64_t b = 0; b < a; ++b) {
        EXPECT_EQ(*clusters->Find(AddressId{a}) == *clusters->Find(AddressId{b}),
                  color[a] == color[b]);
      }
    }
  }
}

TEST(Clusters, GuardsHoldMergesBackAndTellOfThem) {
  const RandomLedger ledger = MakeLedger(31, 80);
  MemoryLedger chain(ledger.chain);
  ASSERT_TRUE(AppendAll(ledger.blocks, &chain).ok());
  const Checker checker(chain);
  const std::vector<TaggedAddress> tags = SomeTags(chain, 31);
  MemoryTable table;
  constexpr uint64_t kGuard = 3;
  const auto builder = ClusterBuilder::Open(&table, Options(AllHeuristics(), kGuard));
  ASSERT_TRUE((*builder)->Update(chain, tags).ok());
  const auto clusters = Clusters::Open(&table);
  ASSERT_TRUE(clusters.ok());
  std::map<uint64_t, uint64_t> actor_of;
  for (const auto& [id, actor] : tags) {
    const uint64_t root = clusters->Find(id)->number;
    EXPECT_EQ(actor_of.try_emplace(root, actor).first->second, actor);
  }
  std::map<ClusterConflict::Reason, uint64_t> reasons;
  Position last;
  const uint64_t all = clusters->state().conflicts;
  const absl::Status visited = clusters->VisitConflicts(all, [&](const ClusterConflict& conflict) {
    ++reasons[conflict.reason];
    EXPECT_TRUE(checker.Holds(conflict.evidence));
    EXPECT_LE(last, conflict.evidence.position);
    last = conflict.evidence.position;
    if (conflict.reason == ClusterConflict::Reason::kTwoLarge) {
      EXPECT_GE(conflict.from_size, kGuard);
      EXPECT_GE(conflict.to_size, kGuard);
    }
    return absl::OkStatus();
  });
  EXPECT_TRUE(visited.ok()) << visited;
  EXPECT_GT(reasons[ClusterConflict::Reason::kTwoLarge], 0u);
  EXPECT_GT(reasons[ClusterConflict::Reason::kTwoActors], 0u);
  EXPECT_EQ(clusters->state().conflicts, reasons[ClusterConflict::Reason::kTwoLarge] +
                                             reasons[ClusterConflict::Reason::kTwoActors]);
}

TEST(Clusters, OtherOptionsOrTagsBeginAnew) {
  const RandomLedger ledger = MakeLedger(41, 20);
  MemoryLedger chain(ledger.chain);
  ASSERT_TRUE(AppendAll(ledger.blocks, &chain).ok());
  MemoryTable table;
  const std::vector<TaggedAddress> tags = SomeTags(chain, 41);
  struct Case {
    std::string name;
    HeuristicSet heuristics;
    uint64_t guard;
    std::vector<TaggedAddress> tags;
  };
  for (const Case& c :
       {Case{"first", DefaultHeuristics(), 10'000, {}},
        Case{"other heuristics", AllHeuristics(), 10'000, {}},
        Case{"other guard", AllHeuristics(), 4, {}}, Case{"tags", AllHeuristics(), 4, tags},
        Case{"a tag less", AllHeuristics(), 4, {tags.begin() + 1, tags.end()}},
        Case{"as at first", DefaultHeuristics(), 10'000, {}}}) {
    SCOPED_TRACE(c.name);
    const ClusterOptions options = Options(c.heuristics, c.guard);
    const auto builder = ClusterBuilder::Open(&table, options);
    ASSERT_TRUE(builder.ok()) << builder.status();
    const absl::Status status = (*builder)->Update(chain, c.tags);
    ASSERT_TRUE(status.ok()) << status;
    EXPECT_TRUE(RowsOf(table) == FromScratch(chain, options, c.tags));
  }
}

// Passes writes on until it is told to fail.
class FailingTable : public MemoryTable {
 public:
  absl::Status Write(absl::Span<const Change> changes) override {
    if (writes_left-- == 0) return absl::UnavailableError("killed");
    return MemoryTable::Write(changes);
  }
  int writes_left = -1;
};

TEST(Clusters, StoppedBetweenBatchesItGoesOn) {
  const RandomLedger ledger = MakeLedger(51, 60);
  const ClusterOptions options = Options(AllHeuristics(), 20);
  MemoryLedger chain(ledger.chain);
  FailingTable table;
  const auto update = [&] {
    const auto builder = ClusterBuilder::Open(&table, options);
    return builder.ok() ? (*builder)->Update(chain) : builder.status();
  };
  // From nothing, and from what there was at a third of the chain.
  for (const size_t blocks : {size_t{20}, ledger.blocks.size()}) {
    const size_t before = chain.tip().has_value() ? chain.tip()->totals.blocks : 0;
    for (size_t i = before; i < blocks; ++i) ASSERT_TRUE(chain.Append(ledger.blocks[i]).ok());
    const auto want = FromScratch(chain, options);
    std::optional<ClusterState> stands;
    if (before > 0) stands = Clusters::Open(&table)->state();
    int stops = 0;
    for (;; ++stops) {
      table.writes_left = 1 + stops / 4;
      const absl::Status status = update();
      if (status.ok()) break;
      ASSERT_TRUE(absl::IsUnavailable(status)) << status;
      // Until all is done the rows tell of what there was.
      const auto clusters = Clusters::Open(&table);
      if (!stands.has_value()) {
        ASSERT_TRUE(absl::IsNotFound(clusters.status())) << clusters.status();
        continue;
      }
      ASSERT_TRUE(clusters.ok()) << clusters.status();
      // The last write of all only takes away what is of no more use.
      if (clusters->state().height == chain.tip()->height) continue;
      ASSERT_EQ(clusters->state(), *stands);
      uint64_t merges = 0;
      ASSERT_TRUE(clusters
                      ->VisitMerges([&](const Evidence& evidence) {
                        ++merges;
                        const auto why = clusters->Why(evidence.from, evidence.to);
                        EXPECT_TRUE(why.ok() && why->has_value());
                        return absl::OkStatus();
                      })
                      .ok());
      EXPECT_EQ(merges, stands->addresses - stands->clusters);
    }
    EXPECT_GT(stops, 3);
    EXPECT_TRUE(RowsOf(table) == want);
  }
}

// Blocks go after a run that was stopped: some that it had looked at, and then some that were there
// before it too.
TEST(Clusters, StoppedAndThenTakenBackItGoesOn) {
  const RandomLedger ledger = MakeLedger(52, 60);
  const ClusterOptions options = Options(AllHeuristics(), 20);
  const auto build = [&](size_t blocks, const MemoryLedger& chain, FailingTable* table,
                         int writes) {
    table->writes_left = writes;
    const auto builder = ClusterBuilder::Open(table, options);
    ASSERT_TRUE(builder.ok()) << builder.status();
    const absl::Status status = (*builder)->Update(chain);
    ASSERT_TRUE(status.ok() || (writes >= 0 && absl::IsUnavailable(status))) << blocks << status;
  };
  int stopped_in_between = 0;
  for (const int writes : {2, 3, 4, 5, 6}) {
    for (const size_t left :
         {size_t{59}, size_t{55}, size_t{40}, size_t{30}, size_t{29}, size_t{3}}) {
      SCOPED_TRACE(absl::StrCat(writes, " writes, ", left, " blocks left"));
      FailingTable table;
      MemoryLedger chain(ledger.chain);
      ASSERT_TRUE(AppendAll(absl::MakeSpan(ledger.blocks).subspan(0, 30), &chain).ok());
      build(30, chain, &table, -1);
      ASSERT_TRUE(AppendAll(absl::MakeSpan(ledger.blocks).subspan(30), &chain).ok());
      build(60, chain, &table, writes);
      const auto part = ReadRow(table, "P");
      ASSERT_TRUE(part.ok());
      stopped_in_between += part->has_value() ? 1 : 0;
      while (chain.tip()->totals.blocks > left) ASSERT_TRUE(chain.UndoTip().ok());
      build(left, chain, &table, -1);
      ASSERT_TRUE(RowsOf(table) == FromScratch(chain, options));
    }
  }
  EXPECT_GT(stopped_in_between, 15);
}

TEST(Clusters, GoOnWithTheSettingsThatTheyWereBegunWith) {
  const RandomLedger ledger = MakeLedger(53, 30);
  MemoryLedger chain(ledger.chain);
  ASSERT_TRUE(AppendAll(absl::MakeSpan(ledger.blocks).subspan(0, 20), &chain).ok());
  MemoryTable table;
  ClusterOptions unnamed = Options(HeuristicSet());
  unnamed.heuristics.reset();
  unnamed.guard.reset();
  const auto update = [&](const ClusterOptions& options) {
    const auto builder = ClusterBuilder::Open(&table, options);
    EXPECT_TRUE(builder.ok()) << builder.status();
    EXPECT_TRUE((*builder)->Update(chain).ok());
    return (*builder)->state();
  };
  EXPECT_EQ(update(unnamed).heuristics, DefaultHeuristics());
  EXPECT_EQ(update(unnamed).guard, kDefaultGuard);
  EXPECT_EQ(update(Options(AllHeuristics(), 7)).guard, 7u);
  ASSERT_TRUE(AppendAll(absl::MakeSpan(ledger.blocks).subspan(20), &chain).ok());
  const ClusterState state = update(unnamed);
  EXPECT_EQ(state.heuristics, AllHeuristics());
  EXPECT_EQ(state.guard, 7u);
  EXPECT_TRUE(RowsOf(table) == FromScratch(chain, Options(AllHeuristics(), 7)));
  ClusterOptions guard = unnamed;
  guard.guard = 9;
  EXPECT_EQ(update(guard).heuristics, AllHeuristics());
  EXPECT_TRUE(RowsOf(table) == FromScratch(chain, Options(AllHeuristics(), 9)));
}

TEST(Clusters, AnOlderFormatIsBegunAnewAndANewerOneRefused) {
  const RandomLedger ledger = MakeLedger(54, 10);
  MemoryLedger chain(ledger.chain);
  ASSERT_TRUE(AppendAll(ledger.blocks, &chain).ok());
  const ClusterOptions options = Options(DefaultHeuristics());
  MemoryTable table;
  ASSERT_TRUE(table
                  .Write({{"S", std::string("\x01\x05rest of it", 12)},
                          {std::string("G\x05N\0\0\0\0\0", 8), "nodes"}})
                  .ok());
  EXPECT_TRUE(absl::IsFailedPrecondition(Clusters::Open(&table).status()));
  const auto builder = ClusterBuilder::Open(&table, options);
  ASSERT_TRUE(builder.ok()) << builder.status();
  ASSERT_TRUE((*builder)->Update(chain).ok());
  EXPECT_TRUE(RowsOf(table) == FromScratch(chain, options));
  ASSERT_TRUE(table.Write({{"S", std::string("\x7f\x05rest of it", 12)}}).ok());
  EXPECT_TRUE(absl::IsFailedPrecondition(ClusterBuilder::Open(&table, options).status()));
}

TEST(Clusters, WhatDoesNotFitIntoMemoryIsRefusedBeforeAnythingChanges) {
  const RandomLedger ledger = MakeLedger(55, 30);
  MemoryLedger chain(ledger.chain);
  ASSERT_TRUE(AppendAll(ledger.blocks, &chain).ok());
  MemoryTable table;
  ClusterOptions options = Options(DefaultHeuristics());
  const uint64_t needed =
      ClusterBuilder::BytesFor(*options.heuristics, chain.tip()->totals, options.batch_bytes);
  EXPECT_GE(needed, 27 * chain.tip()->totals.addresses);
  options.memory = needed - 1;
  EXPECT_TRUE(absl::IsResourceExhausted((*ClusterBuilder::Open(&table, options))->Update(chain)));
  EXPECT_TRUE(RowsOf(table).empty());
  options.memory = needed;
  EXPECT_TRUE((*ClusterBuilder::Open(&table, options))->Update(chain).ok());
}

TEST(Clusters, DamagedRowsAreRefusedOrHarmless) {
  const RandomLedger ledger = MakeLedger(61, 12);
  MemoryLedger chain(ledger.chain);
  ASSERT_TRUE(AppendAll(ledger.blocks, &chain).ok());
  const ClusterOptions options = Options(AllHeuristics(), 20);
  MemoryTable good;
  ASSERT_TRUE((*ClusterBuilder::Open(&good, options))->Update(chain).ok());
  std::vector<LedgerTable::Change> rows;
  ASSERT_TRUE(good.Scan("", "",
                        [&](absl::string_view key, absl::string_view value) {
                          rows.push_back({std::string(key), std::string(value)});
                          return absl::OkStatus();
                        })
                  .ok());
  std::mt19937_64 rng(61);
  uint64_t refused = 0;
  for (int i = 0; i < 400; ++i) {
    std::vector<LedgerTable::Change> damaged = rows;
    LedgerTable::Change& row = damaged[rng() % damaged.size()];
    if (row.key == "S") continue;  // a wrong number of addresses is a question of memory
    if (rng() % 4 == 0) {
      row.value->resize(rng() % (row.value->size() + 1));
    } else if (!row.value->empty()) {
      (*row.value)[rng() % row.value->size()] ^= static_cast<char>(1 << rng() % 8);
    }
    MemoryTable table;
    ASSERT_TRUE(table.Write(damaged).ok());
    const auto builder = ClusterBuilder::Open(&table, options);
    const auto clusters = Clusters::Open(&table);
    ASSERT_TRUE(builder.ok() && clusters.ok());
    if (!(*builder)->Update(chain).ok()) ++refused;
    for (uint64_t id = 0; id < clusters->state().addresses; id += 7) {
      const auto members = clusters->Members(AddressId{id});
      const auto why = clusters->Why(AddressId{id}, AddressId{id / 2});
      for (const absl::Status& status : {members.status(), why.status()}) {
        EXPECT_TRUE(status.ok() || absl::IsDataLoss(status)) << status;
      }
    }
  }
  EXPECT_GT(refused, 0u);
}

}  // namespace
}  // namespace spoor
