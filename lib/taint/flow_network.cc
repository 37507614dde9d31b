#include "lib/taint/flow_network.h"

#include <algorithm>
#include <limits>
#include <numeric>
#include <type_traits>
#include <utility>

#include "boost/graph/compressed_sparse_row_graph.hpp"
#include "boost/graph/push_relabel_max_flow.hpp"
#include "spoor/base/status_macros.h"

namespace spoor {
namespace {

// Sink edges of one node stand so close together, nearly always.
constexpr size_t kLookBack = 8;

// As much of `capacity` as matters.
template <typename C, typename U>
C Clip(const U& capacity, const C& total) {
  if constexpr (std::is_same_v<U, uint64_t> && std::is_same_v<C, int64_t>) {
    return static_cast<C>(std::min(capacity, static_cast<U>(total)));
  } else {
    return WideUnits(capacity) > WideUnits(total) ? total : static_cast<C>(capacity);
  }
}

template <typename C>
struct Arc {
  uint32_t from = 0;
  uint32_t to = 0;
  C capacity = 0;
};

// From node 0 to node 1.
template <typename C>
C PushRelabel(const std::vector<Arc<C>>& arcs, uint32_t nodes) {
  using Graph =
      boost::compressed_sparse_row_graph<boost::directedS, boost::no_property, boost::no_property,
                                         boost::no_property, uint32_t, uint32_t>;
  using EdgeDescriptor = boost::graph_traits<Graph>::edge_descriptor;
  // Each arc and its reverse, in the order of the nodes that they leave.
  SPOOR_CHECK(arcs.size() < std::numeric_limits<uint32_t>::max() / 2);
  std::vector<uint32_t> next(nodes + 1, 0);
  for (const Arc<C>& arc : arcs) {
    ++next[arc.from + 1];
    ++next[arc.to + 1];
  }
  std::partial_sum(next.begin(), next.end(), next.begin());
  std::vector<std::pair<uint32_t, uint32_t>> ends(2 * arcs.size());
  std::vector<EdgeDescriptor> reverse(ends.size());
  std::vector<C> capacity(ends.size(), C(0));
  std::vector<C> residual(ends.size(), C(0));
  for (const Arc<C>& arc : arcs) {
    const uint32_t there = next[arc.from]++;
    const uint32_t back = next[arc.to]++;
    ends[there] = {arc.from, arc.to};
    ends[back] = {arc.to, arc.from};
    reverse[there] = EdgeDescriptor(arc.to, back);
    reverse[back] = EdgeDescriptor(arc.from, there);
    capacity[there] = arc.capacity;
  }
  const Graph graph(boost::edges_are_sorted, ends.begin(), ends.end(), nodes);
  const auto index = boost::get(boost::edge_index, graph);
  return boost::push_relabel_max_flow(graph, 0, 1,
                                      boost::make_iterator_property_map(capacity.begin(), index),
                                      boost::make_iterator_property_map(residual.begin(), index),
                                      boost::make_iterator_property_map(reverse.begin(), index),
                                      boost::get(boost::vertex_index, graph));
}

}  // namespace

template <typename U>
void FlowNetwork<U>::AddEdge(Node from, const U& capacity) {
  SPOOR_CHECK(from + 1 < nodes_);
  if (capacity == 0) return;
  if (from == kSource) from_source_ += WideUnits(capacity);
  if (from == kOptionalSource) from_optional_source_ += WideUnits(capacity);
  edges_.push_back({from, nodes_ - 1, capacity});
}

template <typename U>
void FlowNetwork<U>::AddSinkEdge(Node from, Sink sink, const U& capacity) {
  SPOOR_CHECK(from < nodes_);
  if (capacity == 0) return;
  if (from == kSource) from_source_ += WideUnits(capacity);
  if (from == kOptionalSource) from_optional_source_ += WideUnits(capacity);
  const size_t looked = std::min(sink_edges_.size(), kLookBack);
  for (auto it = sink_edges_.rbegin(); it != sink_edges_.rbegin() + static_cast<ptrdiff_t>(looked);
       ++it) {
    // What the sources give may be many movements' together, and pass what U holds.
    if (it->from == from && it->sink == sink && from > kOptionalSource) {
      it->capacity += capacity;
      return;
    }
  }
  sink_edges_.push_back({from, sink, capacity});
}

template <typename U>
void FlowNetwork<U>::Clear() {
  edges_ = {};
  sink_edges_ = {};
}

template <typename U>
WideUnits FlowNetwork<U>::MaxFlow(const std::vector<bool>& open, bool optional_source) const {
  WideUnits total = from_source_;
  if (optional_source) total += from_optional_source_;
  // Sums of two capacities must fit too.
  if (total < WideUnits(std::numeric_limits<int64_t>::max() / 2)) {
    return MaxFlowAs<int64_t>(open, optional_source, static_cast<int64_t>(total));
  }
  return MaxFlowAs<WideUnits>(open, optional_source, total);
}

template <typename U>
template <typename C>
C FlowNetwork<U>::MaxFlowAs(const std::vector<bool>& open, bool optional_source,
                            const C& total) const {
  const auto left_out = [&](Node from) { return from == kOptionalSource && !optional_source; };
  const auto add = [&](C* sum, const C& more) { *sum = std::min(total, C(*sum + more)); };
  const auto as_c = [&](const U& capacity) { return Clip(capacity, total); };
  // What each node can give straight to open sinks.
  std::vector<C> direct(nodes_, C(0));
  C flow = 0;  // from the sources straight to sinks
  for (const SinkEdge& edge : sink_edges_) {
    if (edge.sink >= open.size() || !open[edge.sink] || left_out(edge.from)) continue;
    add(edge.from <= kOptionalSource ? &flow : &direct[edge.from], as_c(edge.capacity));
  }

  // From the last node back, most of them can be done without: one that can give straight to sinks
  // all that it can get, and one that leads on to no other and has one edge in, or has no sink.
  std::vector<bool> kept(nodes_, false);
  std::vector<uint32_t> onward(nodes_, 0);  // edges to nodes that are kept
  size_t kept_edges = 0;
  for (size_t end = edges_.size(), begin = end; end > 0; end = begin) {
    const Node node = edges_[end - 1].to;
    C in = 0;
    while (begin > 0 && edges_[begin - 1].to == node) add(&in, as_c(edges_[--begin].capacity));
    const C out = direct[node];
    const bool last = onward[node] == 0 && (end - begin == 1 || out == 0);
    kept[node] = out < in && !last;
    for (size_t i = begin; i < end; ++i) {
      const Edge& edge = edges_[i];
      if (left_out(edge.from)) continue;
      if (kept[node]) {
        ++onward[edge.from];
        ++kept_edges;
      } else if (edge.from <= kOptionalSource) {
        add(&flow, std::min(as_c(edge.capacity), out));
      } else {
        add(&direct[edge.from], std::min(as_c(edge.capacity), out));
      }
    }
  }

  std::vector<Arc<C>> arcs;
  arcs.reserve(kept_edges);
  std::vector<uint32_t> names(nodes_, 0);
  uint32_t nodes = 2;  // PushRelabel()'s two
  for (const Edge& edge : edges_) {
    const bool from_source = edge.from <= kOptionalSource;
    if (!kept[edge.to] || left_out(edge.from) || (!from_source && !kept[edge.from])) continue;
    // No source leads there.
    if (!from_source && names[edge.from] == 0) continue;
    if (names[edge.to] == 0) {
      names[edge.to] = nodes++;
      if (direct[edge.to] != 0) arcs.push_back({names[edge.to], 1, direct[edge.to]});
    }
    arcs.push_back({from_source ? 0 : names[edge.from], names[edge.to], as_c(edge.capacity)});
  }
  if (arcs.empty()) return flow;
  return flow + PushRelabel(arcs, nodes);
}

template class FlowNetwork<uint64_t>;
template class FlowNetwork<Uint256>;

}  // namespace spoor
