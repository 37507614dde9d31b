#ifndef SPOOR_LIB_TAINT_TAINT_GRAPH_H_
#define SPOOR_LIB_TAINT_TAINT_GRAPH_H_

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/inlined_vector.h"
#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "lib/taint/agenda.h"
#include "lib/taint/flow_network.h"
#include "lib/taint/limits.h"
#include "lib/taint/step.h"
#include "spoor/taint/bounds.h"
#include "spoor/taint/follow.h"

namespace spoor {

// A seed's mark on a take: units that enter it are stolen.
struct BoundMark {
  uint32_t take = 0;
  size_t seed = 0;
};

// Everywhere that a seed's units can have gone on one chain, under whatever policy that conserves,
// as a network: its nodes are movements, its edges holdings, its sinks sorts of endpoints.
// README.md has the argument why the flows in it are the accounts that are possible. The movements
// must come as for PolicyRun.
template <typename U>
class TaintGraph {
 public:
  // Which endpoints count together: a kind, and what the label says of the owner.
  using Label = std::function<absl::StatusOr<std::string>(EndpointKind kind, AddressId owner)>;
  using Sort = std::pair<EndpointKind, std::string>;
  struct Range {
    WideUnits least = 0;
    WideUnits most = 0;
  };

  // `seed_limits` has for each seed how much it may mark.
  TaintGraph(Direction direction, Label label, absl::Span<const U> seed_limits,
             uint64_t most_edges);

  // Adds what `step` moves and, to `agenda`, every movement that units can come to from it.
  absl::Status Process(const Step<U>& step, absl::Span<const BoundMark> marks, Limits* limits,
                       Agenda* agenda);

  // The endpoints found.
  std::vector<Sort> Sorts() const;
  // What can have ended at those for which `asked` holds, no account having stolen more than
  // `most_stolen`.
  Range Ask(absl::FunctionRef<bool(const Sort&)> asked, const WideUnits& most_stolen);

  BoundTightness tightness() const;
  uint64_t movements() const { return movements_; }
  uint64_t unresolved_inputs() const { return unresolved_inputs_; }

 private:
  using Node = typename FlowNetwork<U>::Node;
  template <typename T>
  struct Between {
    T least = 0;
    T most = 0;
  };
  // Units on their way through a holding, or into it.
  struct Stream {
    Node from = 0;
    U capacity = 0;
    Between<U> tainted;  // under whatever policy
    Between<uint32_t> hops;
  };
  // What seeds mark of one take.
  struct Credit {
    uint32_t take = 0;
    U amount = 0;
    Between<U> arrived;  // stolen already
    Between<U> clean;    // and still so after the marks seen
    Between<U> allowed;  // by the seeds' limits together, no more than the amount
  };
  struct End {
    uint32_t sink = 0;
    Range tainted;
  };

  // The first sink is what came back to where a seed marks it again.
  static constexpr uint32_t kReturned = 0;

  absl::Status ProcessForward(const Step<U>& step, absl::Span<const BoundMark> marks,
                              Limits* limits, Agenda* agenda);
  absl::Status ProcessBack(const Step<U>& step, absl::Span<const BoundMark> marks, Limits* limits,
                           Agenda* agenda);
  // What waits in the frontier at `holding`, out of it.
  std::optional<Stream> TakeUp(const Holding& holding);
  // A node into which all of streams_ lead, and what comes there; nullopt if there are none.
  std::optional<Stream> Join(const Step<U>& step);
  // What can go to a taker of `amount`, of what comes to a movement of `volume`.
  static std::optional<Stream> Leave(const Stream& in, const U& amount, const U& volume);
  // Lets the seeds mark takes, in the order of `marks`; leaving_ is what arrived there.
  void Mark(absl::Span<const BoundMark> marks, absl::FunctionRef<U(uint32_t take)> amount_of);
  Credit* FindCredit(uint32_t take);
  // leaving_[take], and what is marked with it.
  std::optional<Stream> Enter(uint32_t take);
  // Ends what may end of `stream`; the rest goes on by the movement at `next`, if there is one.
  absl::StatusOr<std::optional<Stream>> Settle(Stream stream, EndpointKind rests, AddressId owner,
                                               std::optional<Position> next, Limits* limits);
  // `most` of the stream's units can end so; if it is `certain`, all of them do.
  absl::Status AddEnd(const Stream& stream, EndpointKind kind, AddressId owner, const U& most,
                      bool certain);
  WideUnits MaxFlow(const std::vector<bool>& open, bool optional_source);

  Node AddNode();
  void AddEdge(Node from, const U& capacity);

  Direction direction_;
  Label label_;
  std::vector<Between<U>> seed_limits_;  // what is left of each
  uint64_t most_edges_;
  FlowNetwork<U> network_;
  bool too_large_ = false;
  bool loose_ = false;
  absl::flat_hash_map<Holding, Stream> frontier_;
  std::map<Sort, End> ends_;
  Range marked_;
  std::map<std::pair<std::vector<bool>, bool>, WideUnits> flows_;  // asked for before
  uint64_t movements_ = 0;
  uint64_t unresolved_inputs_ = 0;

  // Memory reused from movement to movement.
  std::vector<Credit> credits_;
  std::vector<Stream> streams_;
  std::vector<std::optional<Stream>> leaving_;
};

}  // namespace spoor

#endif  // SPOOR_LIB_TAINT_TAINT_GRAPH_H_
