#include "lib/ingest/best_chain.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "spoor/base/status_macros.h"
#include "spoor/bitcoin/block.h"

namespace spoor {
namespace {

constexpr size_t kNone = std::numeric_limits<size_t>::max();

// A distinct block among the records.
struct Node {
  std::vector<size_t> records;
  size_t parent = kNone;  // in the files
  std::vector<size_t> children;
  size_t root = kNone;  // the first ancestor in the files
  Uint256 work = 0;     // of the blocks from the root to here
};

struct Tree {
  std::vector<Node> nodes;  // in the order of their first records
  std::vector<size_t> roots;
};

Tree BuildTree(const std::vector<bitcoin::BlockRecord>& records) {
  Tree tree;
  absl::flat_hash_map<BlockHash, size_t> by_hash;
  for (size_t i = 0; i < records.size(); ++i) {
    const auto [it, added] = by_hash.emplace(records[i].hash, tree.nodes.size());
    if (added) tree.nodes.emplace_back();
    tree.nodes[it->second].records.push_back(i);
  }
  for (size_t n = 0; n < tree.nodes.size(); ++n) {
    const auto parent = by_hash.find(records[tree.nodes[n].records[0]].previous);
    if (parent == by_hash.end()) {
      tree.roots.push_back(n);
    } else {
      tree.nodes[n].parent = parent->second;
      tree.nodes[parent->second].children.push_back(n);
    }
  }
  // A hash commits to its parent's, so there are no cycles: every block hangs below a root.
  for (const size_t root : tree.roots) {
    std::vector<size_t> pending = {root};
    while (!pending.empty()) {
      const size_t n = pending.back();
      pending.pop_back();
      Node& node = tree.nodes[n];
      node.root = root;
      node.work = bitcoin::BlockWork(records[node.records[0]].bits);
      if (node.parent != kNone) node.work += tree.nodes[node.parent].work;
      pending.insert(pending.end(), node.children.begin(), node.children.end());
    }
  }
  return tree;
}

// The path from `root` to `tip`, which hangs below it.
std::vector<size_t> PathTo(const Tree& tree, size_t tip) {
  std::vector<size_t> path;
  for (size_t n = tip; n != kNone; n = tree.nodes[n].parent) path.push_back(n);
  std::reverse(path.begin(), path.end());
  return path;
}

// For each root, by node, the block below it with the most work; of equal ones, the first found.
absl::flat_hash_map<size_t, size_t> BestTips(const Tree& tree) {
  absl::flat_hash_map<size_t, size_t> best;
  for (size_t n = 0; n < tree.nodes.size(); ++n) {
    const auto [it, added] = best.emplace(tree.nodes[n].root, n);
    if (!added && tree.nodes[n].work > tree.nodes[it->second].work) it->second = n;
  }
  return best;
}

// Every block of a ledger.
struct LedgerChain {
  uint64_t first = 0;  // its height
  std::vector<BlockInfo> blocks;
  absl::flat_hash_map<BlockHash, size_t> by_hash;  // into `blocks`
};

absl::StatusOr<LedgerChain> ReadChain(const LedgerView& ledger) {
  LedgerChain chain;
  const std::optional<BlockInfo> tip = ledger.tip();
  if (!tip.has_value()) return chain;
  chain.first = tip->height + 1 - tip->totals.blocks;
  for (uint64_t height = chain.first; height <= tip->height; ++height) {
    SPOOR_ASSIGN_OR_RETURN(const BlockInfo block, ledger.BlockAt(static_cast<uint32_t>(height)));
    chain.by_hash.emplace(block.hash, chain.blocks.size());
    chain.blocks.push_back(block);
  }
  return chain;
}

}  // namespace

absl::StatusOr<ChainPlan> PlanChain(const Network& network, const LedgerView& ledger,
                                    const std::vector<bitcoin::BlockRecord>& records) {
  ChainPlan plan;
  if (records.empty()) return plan;
  const Tree tree = BuildTree(records);
  const auto record_of = [&](size_t node) -> const bitcoin::BlockRecord& {
    return records[tree.nodes[node].records[0]];
  };
  const absl::flat_hash_map<size_t, size_t> best_tips = BestTips(tree);
  SPOOR_ASSIGN_OR_RETURN(const LedgerChain chain, ReadChain(ledger));

  // Where the new chain leaves what is there: at the network's first block, or else at the root of
  // the branch with the most work; where the ledger is not empty, at the root that is lowest in it.
  size_t root = kNone;
  size_t kept = 0;  // blocks of the ledger below the root
  for (const size_t candidate : tree.roots) {
    if (chain.blocks.empty()) {
      if (record_of(candidate).hash == network.genesis) {
        root = candidate;
        break;
      }
      if (root == kNone ||
          tree.nodes[best_tips.at(candidate)].work > tree.nodes[best_tips.at(root)].work) {
        root = candidate;
      }
      continue;
    }
    size_t below = 0;
    if (record_of(candidate).hash != chain.blocks[0].hash) {
      const auto parent = chain.by_hash.find(record_of(candidate).previous);
      if (parent == chain.by_hash.end()) continue;
      below = parent->second + 1;
    }
    if (root == kNone || below < kept) {
      root = candidate;
      kept = below;
    }
  }
  if (root == kNone) {
    const bitcoin::BlockRecord& record = record_of(tree.roots[0]);
    const BlockInfo& tip = chain.blocks.back();
    return absl::FailedPreconditionError(
        absl::StrCat("no block of the files connects to the ledger: block ", ToText(record.hash),
                     " follows ", ToText(record.previous), ", the ledger's tip is ",
                     ToText(tip.hash), " at height ", tip.height));
  }

  const std::vector<size_t> path = PathTo(tree, best_tips.at(root));
  size_t shared = 0;  // blocks of the path that the ledger has
  while (shared < path.size() && kept + shared < chain.blocks.size() &&
         chain.blocks[kept + shared].hash == record_of(path[shared]).hash) {
    ++shared;
  }
  Uint256 theirs = tree.nodes[path.back()].work;
  if (shared > 0) theirs -= tree.nodes[path[shared - 1]].work;
  Uint256 ours = 0;
  for (size_t i = kept + shared; i < chain.blocks.size(); ++i) {
    ours += bitcoin::BlockWork(chain.blocks[i].bits);
  }
  size_t keep = chain.blocks.size();
  absl::flat_hash_set<size_t> appended;
  if (theirs > ours) {
    keep = kept + shared;
    for (size_t i = shared; i < path.size(); ++i) {
      plan.append.push_back(tree.nodes[path[i]].records);
      appended.insert(path[i]);
    }
  }
  plan.undo = chain.blocks.size() - keep;
  for (size_t n = 0; n < tree.nodes.size(); ++n) {
    const auto in_ledger = chain.by_hash.find(record_of(n).hash);
    const bool was_there = in_ledger != chain.by_hash.end();
    if (appended.contains(n) || (was_there && in_ledger->second < keep)) continue;
    if (was_there || tree.nodes[n].root == root) {
      ++plan.stale;
    } else {
      ++plan.unconnected;
    }
  }
  return plan;
}

}  // namespace spoor
