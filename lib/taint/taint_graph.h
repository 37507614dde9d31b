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
#include "lib/taint/exchange.h"
#include "lib/taint/flow_network.h"
#include "lib/taint/limits.h"
#include "lib/taint/pools.h"
#include "lib/taint/step.h"
#include "spoor/taint/bounds.h"
#include "spoor/taint/follow.h"

namespace spoor {

// A seed's mark on a take: units that enter it are stolen.
struct BoundMark {
  uint32_t take = 0;
  size_t seed = 0;
  // Of an exchange, where a side may be more or less than the transfers that brought it: how much
  // the mark is on, if that is not the side.
  std::optional<Units> amount;
};

// Everywhere that a seed's units can have gone on one chain, under whatever policy that conserves,
// as a network: its nodes are movements, its edges holdings, its sinks sorts of endpoints.
// README.md has the argument why the flows in it are the accounts that are possible. The movements
// must come as for PolicyRun.
template <typename U>
class TaintGraph {
 public:
  // Which endpoints count together: of what was stolen as one asset, a kind, and what the label
  // says of the owner.
  using Label = std::function<absl::StatusOr<std::string>(EndpointKind kind, AddressId owner)>;
  struct Sort {
    AssetId asset = kNativeAsset;
    EndpointKind kind = EndpointKind::kUnspent;
    std::string label;

    friend auto operator<=>(const Sort&, const Sort&) = default;
  };
  struct Range {
    WideUnits least = 0;
    WideUnits most = 0;
  };

  // `seed_limits` has for each seed how much it may mark.
  TaintGraph(Direction direction, Label label, absl::Span<const U> seed_limits,
             uint64_t most_edges);

  // Adds what `step` moves and, to `agenda`, every movement that units can come to from it. `pools`
  // are null where coins are not pooled.
  absl::Status Process(const Step<U>& step, absl::Span<const BoundMark> marks, Limits* limits,
                       Agenda* agenda, Pools* pools);

  // The same of an account chain, transfer by transfer or an exchange whole. What is converted has
  // ended, and may be anywhere.
  absl::Status Process(const Movement& movement, absl::Span<const BoundMark> marks, Limits* limits,
                       Agenda* agenda);
  absl::Status Process(const Exchange& exchange, absl::Span<const BoundMark> marks, Limits* limits,
                       Agenda* agenda);
  // A seed's mark on an opening balance, before what touches that first. Forward.
  void Open(const Holding& balance, const U& amount, size_t seed);
  // And then: what balances and pools still hold rests there, or backwards was there when the
  // ledger begins.
  absl::Status FinishBalances();

  // The endpoints found.
  std::vector<Sort> Sorts() const;
  // What of the units stolen as `asset` can have ended at those for which `asked` holds, no account
  // having stolen more than `most_stolen`.
  Range Ask(AssetId asset, absl::FunctionRef<bool(const Sort&)> asked,
            const WideUnits& most_stolen) {
    return Ask(asset, asked, most_stolen, /*whole=*/false);
  }
  // What can have been stolen as `asset` at all.
  Range AskAll(AssetId asset, const WideUnits& most_stolen) {
    return Ask(
        asset, [](const Sort&) { return true; }, most_stolen, /*whole=*/true);
  }

  BoundTightness tightness() const;
  bool converted() const { return !converted_.empty(); }
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
    bool open =
        false;  // something else may be there too, and how much is marked is anybody's guess
  };
  struct End {
    uint32_t sink = 0;
    Range tainted;
  };

  // Where a stream may end, and how much of it at most.
  struct Fate {
    absl::InlinedVector<std::pair<EndpointKind, U>, 4> ends;
    bool goes_on = true;
  };

  absl::Status ProcessForward(const Step<U>& step, absl::Span<const BoundMark> marks,
                              Limits* limits, Agenda* agenda, Pools* pools);
  absl::Status ProcessBack(const Step<U>& step, absl::Span<const BoundMark> marks, Limits* limits,
                           Agenda* agenda, Pools* pools);
  // What comes to the step's entries, out of the frontier: into streams_; backwards, by entry, into
  // leaving_.
  absl::Status TakeUpEntries(const Step<U>& step, const Limits& limits, const Pools* pools);
  void TakeUpEntriesBack(const Step<U>& step, const Pools* pools);
  // Brings units to the pool of `owner`, if they do not end with it.
  absl::Status DeliverToPool(Stream stream, AddressId owner, Limits* limits, Agenda* agenda,
                             Pools* pools);
  // What waits in the frontier at `holding`, out of it.
  std::optional<Stream> TakeUp(const Holding& holding);
  // A node into which all of streams_ lead, and what comes there; nullopt if there are none.
  std::optional<Stream> Join(uint64_t unresolved_inputs);
  // One out of all of streams_, which are not none.
  Stream Merge();
  // What can go to a taker of `amount`, of what comes to a movement of `volume`.
  static std::optional<Stream> Leave(const Stream& in, const U& amount, const U& volume);
  // The same of what has not moved.
  static std::optional<Stream> Part(const Stream& in, const U& amount, const U& volume);
  // Lets the seeds mark takes, in the order of `marks`; leaving_ is what arrived there.
  void Mark(absl::Span<const BoundMark> marks, absl::FunctionRef<U(uint32_t take)> amount_of);
  Credit* FindCredit(uint32_t take);
  // leaving_[take], and what is marked with it.
  std::optional<Stream> Enter(uint32_t take);
  absl::Status AddService(Stream* stream, AddressId owner, Limits* limits, Fate* fate) const;
  void AddLimits(const Stream& stream, Position next, const Limits& limits, Fate* fate) const;
  // Has what may end do so, and returns the rest.
  absl::StatusOr<std::optional<Stream>> Divide(Stream stream, const Fate& fate, AddressId owner);
  // Ends what may end of `stream`; the rest goes on by the movement at `next`, if there is one.
  absl::StatusOr<std::optional<Stream>> Settle(Stream stream, EndpointKind rests, AddressId owner,
                                               std::optional<Position> next, Limits* limits);
  // `most` of the stream's units can end so; if it is `certain`, all of them do.
  absl::Status AddEnd(const Stream& stream, EndpointKind kind, AddressId owner, const U& most,
                      bool certain);
  WideUnits MaxFlow(const std::vector<bool>& open, bool optional_source);
  // `whole`: what was converted is among what is asked for.
  Range Ask(AssetId asset, absl::FunctionRef<bool(const Sort&)> asked, const WideUnits& most_stolen,
            bool whole);
  // What can be paid out of a balance, or a pool, at `position`.
  absl::StatusOr<std::optional<Stream>> Spend(const Holding& holding, AddressId owner,
                                              Position position, const Limits& limits);
  // Brings units to a balance that then holds `balance`; they may end with its owner. Backwards,
  // they are what the owner paid, and meet what is asked for of what was kept.
  absl::Status Deliver(std::optional<Stream> stream, const Holding& holding, AddressId owner,
                       const U& balance, const std::optional<Position>& next, Limits* limits,
                       Agenda* agenda);
  absl::Status Keep(const Holding& holding, const std::optional<Stream>& stream, const U& balance,
                    const std::optional<Position>& next, Agenda* agenda);
  void AddConverted(const Stream& stream);
  // The same against the stream.
  absl::Status ProcessBack(const Movement& movement, absl::Span<const BoundMark> marks,
                           Limits* limits, Agenda* agenda);
  absl::Status ProcessBack(const Exchange& exchange, absl::Span<const BoundMark> marks,
                           Limits* limits, Agenda* agenda);
  // What is asked for of the `amount` that came last to a balance that held `before`. The rest
  // waits for what touched that before.
  absl::StatusOr<std::optional<Stream>> TakeOut(const Holding& holding, const U& before,
                                                const U& amount,
                                                const std::optional<Position>& previous,
                                                Agenda* agenda);
  // Ends what may end before the movement at `position`, by which `owner` received it.
  absl::StatusOr<std::optional<Stream>> Judge(std::optional<Stream> stream, AddressId owner,
                                              Position position, const Limits& limits);
  static std::optional<Stream> OneHopOn(std::optional<Stream> stream);
  // leaving_ of those who received and converted nothing themselves, to the one who gave.
  absl::Status GatherOthersBack(const Exchange& exchange);
  uint32_t NewSink() { return sinks_++; }

  Node AddNode();
  void AddEdge(Node from, const U& capacity);
  void AddSinkEdge(Node from, uint32_t sink, const U& capacity);

  Direction direction_;
  Label label_;
  std::vector<Between<U>> seed_limits_;  // what is left of each
  uint64_t most_edges_;
  FlowNetwork<U> network_;
  bool too_large_ = false;
  bool loose_ = false;
  absl::flat_hash_map<Holding, Stream> frontier_;
  AssetId asset_ = kNativeAsset;  // of what is at hand
  uint32_t sinks_ = 0;
  std::map<Sort, End> ends_;
  // By asset: what came back to where a seed marks it again, and what was converted.
  std::map<AssetId, uint32_t> returned_;
  std::map<AssetId, End> converted_;
  std::map<AssetId, Range> marked_;
  std::map<AssetId, WideUnits> sources_;                           // what the first source can give
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
