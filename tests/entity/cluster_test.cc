#include <algorithm>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "spoor/base/bytes.h"
#include "spoor/chain/digest.h"
#include "spoor/chain/fingerprint.h"
#include "spoor/chain/key.h"
#include "spoor/entity/cluster_builder.h"
#include "spoor/entity/clusters.h"
#include "spoor/entity/coinjoin.h"
#include "spoor/ledger/memory_ledger.h"
#include "tests/entity/cluster_world.h"

namespace spoor {
namespace {

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
  Checker(const MemoryLedger& chain, const std::vector<NewBlock>& blocks) : chain_(chain) {
    for (const NewBlock& block : blocks) {
      for (const NewBlock::Revealed& one : block.revealed) {
        const Movement& movement = block.movements[one.movement];
        revealed_.try_emplace(movement.gives[one.give].owner.number, movement.position.number,
                              one.bytes);
      }
    }
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

  // Whether only an input that reveals the key tells of a step of same-key.
  bool NeedsAnInput(const Evidence& step) const { return Nested(step.from) != Nested(step.to); }

  bool Holds(const Evidence& step) const {
    const Movement& movement = movements_.at(step.position.number);
    switch (step.heuristic) {
      case Heuristic::kCoSpend:
        return Gives(movement, step.from) && Gives(movement, step.to) && !CoinJoin(movement);
      case Heuristic::kSameKey:
        return (std::max(first_seen_.at(step.from.number), first_seen_.at(step.to.number)) ==
                    step.position.number &&
                Nested(step.from) == Nested(step.to)) ||
               Shows(step.from, step.to, step.position) || Shows(step.to, step.from, step.position);
      case Heuristic::kLockTimeChange:
      case Heuristic::kFingerprintChange:
        return IsSpentChange(movement, step.from, step.to, step.heuristic) ||
               IsSpentChange(movement, step.to, step.from, step.heuristic);
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
  // Whether an input showed the key of `shown`, of which `other` is another address, and both are
  // known from that position on.
  bool Shows(AddressId shown, AddressId other, Position position) const {
    const auto it = revealed_.find(shown.number);
    if (it == revealed_.end()) return false;
    const auto& [revealed_at, bytes] = it->second;
    if (std::max({revealed_at, first_seen_.at(shown.number), first_seen_.at(other.number)}) !=
        position.number) {
      return false;
    }
    const absl::StatusOr<PublicKey> key = PublicKey::Parse(AsBytes(bytes));
    if (!key.ok()) return false;
    std::set<std::string> forms;
    const auto add = [&](char kind, ByteSpan payload) {
      forms.insert(kind + std::string(AsChars(payload)));
    };
    const auto compressed = key->Compressed();
    const auto uncompressed = key->Uncompressed();
    for (const ByteSpan encoding : {ByteSpan(compressed), ByteSpan(uncompressed)}) {
      const Digest160 hash = Hash160(encoding);
      add(static_cast<char>(ScriptKind::kP2pkh), hash);
      add(static_cast<char>(ScriptKind::kP2wpkh), hash);
      Bytes program = {0, 20};
      program.insert(program.end(), hash.begin(), hash.end());
      add(static_cast<char>(ScriptKind::kP2sh), Hash160(program));
    }
    add(static_cast<char>(ScriptKind::kP2tr), key->TaprootOutputKey());
    return forms.count(*chain_.ReadAddress(shown)) == 1 &&
           forms.count(*chain_.ReadAddress(other)) == 1;
  }

  // Whether `spender` is the last to spend from a payment by `giver`, and of all that spent from it
  // only the spender of what `change` got has its sign.
  bool IsSpentChange(const Movement& spender, AddressId giver, AddressId change,
                     Heuristic heuristic) const {
    for (const Give& give : spender.gives) {
      if (give.kind != GiveKind::kHolding) continue;
      const Movement& payment = movements_.at(give.holding.major);
      if (!Gives(payment, giver)) continue;
      size_t signs = 0;
      bool is_it = false;
      uint64_t last = 0;
      for (const Take* take : Outputs(payment)) {
        last = std::max(last, take->next.has_value() ? take->next->number : movements_.size());
        if (!take->next.has_value()) break;
        const Movement& next = movements_.at(take->next->number);
        const Fingerprint& a = payment.fingerprint;
        const Fingerprint& b = next.fingerprint;
        const bool none = Fingerprint::LockTime::kNone == a.lock_time;
        const bool alike = heuristic == Heuristic::kLockTimeChange
                               ? none == (b.lock_time == Fingerprint::LockTime::kNone)
                               : (a.Code() & 0x1ff) == (b.Code() & 0x1ff) &&
                                     KindsGiven(payment) == KindsGiven(next);
        signs += alike ? 1 : 0;
        is_it = is_it || (alike && take->owner == change);
      }
      if (last == spender.position.number && signs == 1 && is_it) return true;
    }
    return false;
  }

  char Kind(AddressId id) const { return (*chain_.ReadAddress(id))[0]; }
  std::set<char> KindsGiven(const Movement& m) const {
    std::set<char> kinds;
    for (const Give& give : m.gives) {
      if (!give.owner.IsNobody()) kinds.insert(Kind(give.owner));
    }
    return kinds;
  }

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
  std::map<uint64_t, std::pair<uint64_t, std::string>> revealed_;  // position, bytes
};

TEST(Clusters, EveryPairHasAWhyWhoseStepsHold) {
  std::map<Heuristic, uint64_t> steps;
  uint64_t pairs = 0;
  uint64_t longest = 0;
  uint64_t shown = 0;
  for (uint64_t seed = 1; seed <= 12; ++seed) {
    SCOPED_TRACE(absl::StrCat("seed ", seed));
    // Peel chains are rare among random transactions.
    const bool rare = seed == 7;
    const RandomLedger ledger = MakeLedger(seed,
                                           rare        ? 300
                                           : seed < 10 ? 60
                                                       : 14,
                                           /*most_transactions=*/rare ? 40 : 6);
    MemoryLedger chain(ledger.chain);
    ASSERT_TRUE(AppendAll(ledger.blocks, &chain).ok());
    const Checker checker(chain, ledger.blocks);
    MemoryTable table;
    // One at a time, for the rare ones to be seen, and all.
    HeuristicSet chosen = AllHeuristics();
    if (seed <= 9) chosen = HeuristicSet({Heuristics()[seed - 1].heuristic});
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
            if (step.heuristic == Heuristic::kSameKey) shown += checker.NeedsAnInput(step) ? 1 : 0;
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
  for (const HeuristicInfo& info : Heuristics()) {
    if (info.family != Family::kUtxo) continue;
    EXPECT_GT(steps[info.heuristic], 0u) << info.name;
  }
  EXPECT_GT(pairs, 10'000u);
  EXPECT_GT(longest, 5u);
  EXPECT_GT(shown, 100u);
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
  const Checker checker(chain, ledger.blocks);
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

}  // namespace
}  // namespace spoor
