#ifndef SPOOR_LIB_TAINT_ACCOUNT_BACK_H_
#define SPOOR_LIB_TAINT_ACCOUNT_BACK_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
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

// As AccountRun, against the stream: the balances of which units are asked for, as they are after
// the movement that touched them last, and where units have been found to come from. A receipt is
// taken off the end of its balance, and what an account paid and what it kept are put together
// again.
class AccountBackRun {
 public:
  AccountBackRun(AccountSharer sharer, AccountFindings findings)
      : sharer_(std::move(sharer)), found_(std::move(findings)) {}

  absl::Status Move(const Movement& movement, absl::Span<const AccountMark> marks, Limits* limits,
                    Agenda* agenda);
  absl::Status Settle(const Exchange& exchange, const Movement& movement,
                      absl::Span<const ExchangeMark> marks, Limits* limits, Agenda* agenda);

  uint64_t memory() const;
  // As AccountRun::Finish().
  absl::Status Finish(PathMemory memory, PolicyResult* result);

 private:
  // A balance of which units are asked for.
  struct Held {
    Units amount;
    AccountParcel parcel;
    uint32_t hops = 0;
  };
  // Units on their way back.
  struct Asked {
    AccountParcel parcel;  // empty: none is asked for
    Units amount;
    uint32_t hops = 0;
  };
  // A balance as it is before what is undone.
  struct Before {
    Holding holding;
    AddressId owner;
    Units amount;
    Units opening;
    std::optional<Position> previous;
  };

  // Takes the last `amount` units out of a balance that held before.amount before them.
  absl::StatusOr<Asked> TakeOut(const Before& before, const Units& amount, const Endpoint& place,
                                Agenda* agenda);
  // Ends what does not go on through the movement at `position`, and counts what does.
  void Judge(const Before& of, const Endpoint& place, Position position, const Limits& limits,
             Asked* asked);
  // What the balance paid, in `paid`, and what it has kept since come together again.
  absl::Status PutBack(const Before& before, absl::Span<Asked> paid, const Endpoint& place,
                       Limits* limits, Agenda* agenda);
  // The balance waits for the movement that touched it before, if there is one.
  absl::Status Wait(const Before& before, Held held, const Endpoint& place, Agenda* agenda);
  void End(EndpointKind kind, AddressId owner, const Endpoint& place, const Asked& asked);
  AccountParcel Scale(const Asked& asked, const Units& to, AddressId owner, AssetId asset,
                      Endpoint place);
  void Convert(const Exchange& exchange, const Endpoint& place);
  void GatherOthers(const Exchange& exchange, const Endpoint& place);

  AccountSharer sharer_;
  AccountFindings found_;
  absl::flat_hash_map<Holding, Held> frontier_;
  uint64_t outside_ = 0;

  // Memory reused.
  std::vector<AccountSharer::Part> parts_;
  std::vector<AccountParcel> slices_;
  std::vector<Asked> moving_;
};

}  // namespace spoor

#endif  // SPOOR_LIB_TAINT_ACCOUNT_BACK_H_
