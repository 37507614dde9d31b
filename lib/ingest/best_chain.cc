#include "lib/ingest/best_chain.h"

#include <algorithm>
#include <cstddef>
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

// Every block of a ledger.
struct LedgerChain {
  std::vector<BlockInfo> blocks;
  std::vector<Uint256> work;                       // of the first n blocks, by n
  absl::flat_hash_map<BlockHash, size_t> by_hash;  // into `blocks`
};

absl::StatusOr<LedgerChain> ReadChain(const LedgerView& ledger) {
  LedgerChain chain;
  chain.work.emplace_back(0);
  const std::optional<BlockInfo> tip = ledger.tip();
  if (!tip.has_value()) return chain;
  for (uint64_t height = tip->height + 1 - tip->totals.blocks; height <= tip->height; ++height) {
    SPOOR_ASSIGN_OR_RETURN(const BlockInfo block, ledger.BlockAt(static_cast<uint32_t>(height)));
    chain.by_hash.emplace(block.hash, chain.blocks.size());
    chain.blocks.push_back(block);
    chain.work.push_back(chain.work.back() + bitcoin::BlockWork(block.bits));
  }
  return chain;
}

// A distinct block among the records that the ledger does not have.
struct Node {
  std::vector<size_t> records;
  size_t parent = kNone;  // among the nodes
  std::vector<size_t> children;
  size_t root = kNone;  // the first ancestor among the nodes
  Uint256 work = 0;     // of the blocks from the root to here
};

struct Forest {
  std::vector<Node> nodes;  // in the order of their first records
  std::vector<size_t> roots;
  std::vector<bool> in_ledger;  // which of the ledger's blocks are among the records
};

Forest BuildForest(const LedgerChain& chain, const std::vector<bitcoin::BlockRecord>& records) {
  Forest forest;
  forest.in_ledger.resize(chain.blocks.size());
  absl::flat_hash_map<BlockHash, size_t> by_hash;
  for (size_t i = 0; i < records.size(); ++i) {
    if (const auto known = chain.by_hash.find(records[i].hash); known != chain.by_hash.end()) {
      forest.in_ledger[known->second] = true;
      continue;
    }
    const auto [it, added] = by_hash.emplace(records[i].hash, forest.nodes.size());
    if (added) forest.nodes.emplace_back();
    forest.nodes[it->second].records.push_back(i);
  }
  for (size_t n = 0; n < forest.nodes.size(); ++n) {
    const auto parent = by_hash.find(records[forest.nodes[n].records[0]].previous);
    if (parent == by_hash.end()) {
      forest.roots.push_back(n);
    } else {
      forest.nodes[n].parent = parent->second;
      forest.nodes[parent->second].children.push_back(n);
    }
  }
  // A hash commits to its parent's, so there are no cycles: every block hangs below a root.
  for (const size_t root : forest.roots) {
    std::vector<size_t> pending = {root};
    while (!pending.empty()) {
      const size_t n = pending.back();
      pending.pop_back();
      Node& node = forest.nodes[n];
      node.root = root;
      node.work = bitcoin::BlockWork(records[node.records[0]].bits);
      if (node.parent != kNone) node.work += forest.nodes[node.parent].work;
      pending.insert(pending.end(), node.children.begin(), node.children.end());
    }
  }
  return forest;
}

// The root that an empty ledger begins with: the network's first block, or else the root of the
// branch with the most work; of equal ones, that whose tip was found first.
size_t FirstRoot(const Network& network, const Forest& forest,
                 const std::vector<bitcoin::BlockRecord>& records) {
  size_t best = 0;
  for (size_t n = 0; n < forest.nodes.size(); ++n) {
    const Node& node = forest.nodes[n];
    if (records[node.records[0]].hash == network.genesis) return n;
    if (node.work > forest.nodes[best].work) best = n;
  }
  return forest.nodes[best].root;
}

}  // namespace

absl::StatusOr<ChainPlan> PlanChain(const Network& network, const LedgerView& ledger,
                                    const std::vector<bitcoin::BlockRecord>& records) {
  ChainPlan plan;
  if (records.empty()) return plan;
  SPOOR_ASSIGN_OR_RETURN(const LedgerChain chain, ReadChain(ledger));
  const Forest forest = BuildForest(chain, records);

  // By root, how many blocks of the ledger are below it. Roots that are not here are unconnected.
  absl::flat_hash_map<size_t, size_t> below;
  if (chain.blocks.empty()) {
    below.emplace(FirstRoot(network, forest, records), 0);
  } else {
    for (const size_t root : forest.roots) {
      const auto parent = chain.by_hash.find(records[forest.nodes[root].records[0]].previous);
      if (parent != chain.by_hash.end()) below.emplace(root, parent->second + 1);
    }
    if (below.empty() && std::count(forest.in_ledger.begin(), forest.in_ledger.end(), true) == 0) {
      const BlockInfo& tip = chain.blocks.back();
      return absl::FailedPreconditionError(
          absl::StrCat("no block of the files connects to the ledger: block ",
                       ToText(records[0].hash), " follows ", ToText(records[0].previous),
                       ", the ledger's tip is ", ToText(tip.hash), " at height ", tip.height));
    }
  }

  size_t best = kNone;
  size_t keep = chain.blocks.size();
  Uint256 most = chain.work.back();
  for (size_t n = 0; n < forest.nodes.size(); ++n) {
    const auto root = below.find(forest.nodes[n].root);
    if (root == below.end()) continue;
    const Uint256 work = chain.work[root->second] + forest.nodes[n].work;
    if (work <= most) continue;
    best = n;
    keep = root->second;
    most = work;
  }

  absl::flat_hash_set<size_t> appended;
  for (size_t n = best; n != kNone; n = forest.nodes[n].parent) {
    appended.insert(n);
    plan.append.push_back(forest.nodes[n].records);
  }
  std::reverse(plan.append.begin(), plan.append.end());
  plan.undo = chain.blocks.size() - keep;
  plan.stale = static_cast<uint64_t>(std::count(
      forest.in_ledger.begin() + static_cast<std::ptrdiff_t>(keep), forest.in_ledger.end(), true));
  for (size_t n = 0; n < forest.nodes.size(); ++n) {
    if (appended.contains(n)) continue;
    ++(below.contains(forest.nodes[n].root) ? plan.stale : plan.unconnected);
  }
  return plan;
}

}  // namespace spoor
