#ifndef SPOOR_LIB_TAINT_FLOW_NETWORK_H_
#define SPOOR_LIB_TAINT_FLOW_NETWORK_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "boost/multiprecision/cpp_int.hpp"
#include "spoor/chain/amount.h"

namespace spoor {

// Sums of any number of amounts, and differences between them.
using WideUnits = boost::multiprecision::int512_t;

// A network without cycles whose maximum flow can be asked for again and again, each time into
// other ones of its sinks. `U` is uint64_t or Uint256.
template <typename U>
class FlowNetwork {
 public:
  using Node = uint32_t;
  using Sink = uint32_t;

  static constexpr Node kSource = 0;
  // A second source, which a question may leave out.
  static constexpr Node kOptionalSource = 1;

  // The newest node; edges can lead into no other, so none ever leads back.
  Node AddNode() { return nodes_++; }
  // Requires that `from` is another node than the newest, or a source.
  void AddEdge(Node from, const U& capacity);
  // Several edges to one sink add up.
  void AddSinkEdge(Node from, Sink sink, const U& capacity);

  // What the first source can give.
  const WideUnits& source_capacity() const { return from_source_; }
  size_t edges() const { return edges_.size() + sink_edges_.size(); }

  // Forgets all edges and frees their memory.
  void Clear();

  // The maximum flow into the sinks for which `open` holds; those past its end are closed.
  WideUnits MaxFlow(const std::vector<bool>& open, bool optional_source) const;

 private:
  struct Edge {
    Node from = 0;
    Node to = 0;  // never less than the edge's before
    U capacity = 0;
  };
  struct SinkEdge {
    Node from = 0;
    Sink sink = 0;
    U capacity = 0;
  };

  // `total`: no capacity above it matters.
  template <typename C>
  C MaxFlowAs(const std::vector<bool>& open, bool optional_source, const C& total) const;

  Node nodes_ = 2;
  std::vector<Edge> edges_;
  std::vector<SinkEdge> sink_edges_;
  WideUnits from_source_ = 0;
  WideUnits from_optional_source_ = 0;
};

}  // namespace spoor

#endif  // SPOOR_LIB_TAINT_FLOW_NETWORK_H_
