#ifndef SPOOR_LIB_TAINT_ACCOUNT_RUN_H_
#define SPOOR_LIB_TAINT_ACCOUNT_RUN_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/types/span.h"
#include "lib/taint/account_findings.h"
#include "lib/taint/account_sharer.h"
#include "lib/taint/agenda.h"
#include "lib/taint/exchange.h"
#include "lib/taint/limits.h"
#include "spoor/ledger/model.h"
#include "spoor/taint/follow.h"

namespace spoor {

// One policy on its way forward through one account chain: the balances with stolen units in them,
// and what has ended. The movements must come in the agenda's order, an exchange in place of its
// transfers; those that touch no such balance and no seed may be left out.
class AccountRun {
 public:
  AccountRun(AccountSharer sharer, AccountFindings findings)
      : sharer_(std::move(sharer)), found_(std::move(findings)) {}

  // Marks the opening balance that the movement is the first to touch, before that moves.
  // DATA_LOSS if others touched it.
  absl::Status Open(const Movement& movement, const AccountMark& mark);
  // Moves what the movement, or the exchange, moves, as far as `limits` let it, and adds to
  // `agenda` the next one to touch each balance with stolen units in it. Marks are in the order of
  // the request. DATA_LOSS if balances are not what movements make them.
  absl::Status Move(const Movement& movement, absl::Span<const AccountMark> marks, Limits* limits,
                    Agenda* agenda);
  absl::Status Settle(const Exchange& exchange, const Movement& movement,
                      absl::Span<const ExchangeMark> marks, Limits* limits, Agenda* agenda);

  // About how many bytes its tables take.
  uint64_t memory() const;
  // Balances that still hold stolen units are where they rest. Nothing may come after. DATA_LOSS if
  // one waits for a movement, `memory`'s error.
  absl::Status Finish(PathMemory memory, PolicyResult* result);

 private:
  // A balance with stolen units in it.
  struct Tracked {
    Units amount;
    AccountParcel parcel;
    uint32_t hops = 0;
    // Of the movements that first and last brought stolen units.
    uint32_t first_height = 0;
    uint32_t height = 0;
    Position position;
    Txid txid;
    std::optional<Position> next;  // the movement that touches it next
  };
  using Frontier = absl::flat_hash_map<Holding, Tracked>;
  // Units on their way into a balance, or into a fee or nobody's hands.
  struct Arrival {
    AccountParcel parcel;  // empty: all clean
    Units amount;
    uint32_t hops = 0;
  };
  // A balance that a movement touches.
  struct Touch {
    Holding holding;
    AddressId owner;
    Units before;
    Units opening;
    std::optional<Position> next;
  };

  void SetParcel(AccountParcel parcel, Tracked* tracked);
  // The balance, if it has stolen units; DATA_LOSS if it does not hold `amount`.
  absl::StatusOr<Frontier::iterator> Find(const Holding& holding, const Units& amount,
                                          Position position);
  // The same, if they may move on at `position`; a limit ends them here.
  absl::StatusOr<Frontier::iterator> Spendable(const Holding& holding, const Units& amount,
                                               Position position, const Limits& limits);
  // Leaves `parcel` and `amount` in the balance.
  absl::Status Keep(Frontier::iterator it, AccountParcel parcel, const Units& amount,
                    const std::optional<Position>& next, Agenda* agenda);
  // Units come from somebody to an owner, with whom they may end.
  absl::Status Deliver(const Touch& to, Arrival arrival, const Endpoint& place, Limits* limits,
                       Agenda* agenda);
  absl::Status Enter(const Touch& to, Arrival arrival, const Endpoint& place, Agenda* agenda);
  void EndTracked(EndpointKind kind, const Holding& holding, Tracked tracked);

  // The steps of Settle(), on moving_: what each side gives or receives. Whether stolen units move.
  absl::StatusOr<bool> TakeUp(const Exchange& exchange, const Limits& limits, Agenda* agenda);
  void Convert(const Exchange& exchange, const Endpoint& place);
  void ShareOthers(const Exchange& exchange, const Endpoint& place);
  // What `parts` hold goes to the sides `among`, and after them `rest` units, which are returned.
  AccountParcel GiveOut(const Exchange& exchange, absl::Span<const AccountSharer::Part> parts,
                        const std::vector<size_t>& among, const Units& rest, const Endpoint& place);
  // As another asset: `owner` has it exchanged.
  AccountParcel Scale(const AccountParcel& parcel, const Units& from, const Units& to,
                      AddressId owner, AssetId asset, uint32_t hops, Endpoint place);

  AccountSharer sharer_;
  AccountFindings found_;
  Frontier frontier_;
  uint64_t outside_ = 0;  // bytes that parcels have outside their table

  // Memory reused.
  std::vector<Taker<Uint256>> takers_;
  std::vector<AccountParcel> slices_;
  std::vector<Arrival> moving_;
  std::vector<AccountLot> dust_;
};

}  // namespace spoor

#endif  // SPOOR_LIB_TAINT_ACCOUNT_RUN_H_
