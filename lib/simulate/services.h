#ifndef SPOOR_LIB_SIMULATE_SERVICES_H_
#define SPOOR_LIB_SIMULATE_SERVICES_H_

#include <cstdint>
#include <deque>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/string_view.h"
#include "lib/simulate/ledger_builder.h"

namespace spoor::simulate {

using ServiceId = uint32_t;

// Businesses that hold other people's coins in one pool: exchanges, a payment processor, a gambling
// site, a market, a mixer; and brokers and a bridge. Customers pay to deposit addresses, which are
// swept into a hot wallet, from which withdrawals are paid in batches.
class Services {
 public:
  explicit Services(LedgerBuilder* ledger);

  // A service of the kind; the first of several is the busiest.
  ServiceId Pick(ActorKind kind);
  std::vector<ServiceId> All(ActorKind kind) const;
  ActorId ActorOf(ServiceId id) const { return services_[id].actor; }
  const std::string& Name(ServiceId id) const { return services_[id].name; }
  ActorKind KindOf(ServiceId id) const { return services_[id].kind; }

  // Where this customer pays in: mostly the address that the service gave them before.
  AddressId DepositAddress(ServiceId id, ActorId customer);
  AddressId FreshDepositAddress(ServiceId id);
  // In the hot wallet.
  uint64_t Balance(ServiceId id) const;
  // Pays `amount` to the customer's wallet, not before block `due`.
  void RequestWithdrawal(ServiceId id, ActorId customer, uint64_t amount, uint32_t due);
  // A mixer's promise: the amount less its cut, in a few payments over the blocks to come.
  void PromiseMixed(ServiceId mixer, ActorId customer, uint64_t amount, uint32_t longest_delay);

  // A bet of `amount` by `player`, and at once its outcome. False if the player cannot pay.
  bool Bet(ActorId player, uint64_t amount);
  // "=:ETH.ETH:0x…", naming a made-up address on the other chain.
  Output BridgeMemo();

  // Does one thing that is due at some service: a sweep, a batch of withdrawals, a move of coins
  // between hot and cold storage. False if there was nothing to do.
  bool Work();
  // Writes the labels that an investigator would know.
  void WriteTags();

 private:
  struct Withdrawal {
    ActorId customer;
    uint32_t due;
    uint64_t amount;
  };
  struct Service {
    ActorId actor = kNone;
    ActorKind kind = ActorKind::kExchange;
    std::string name;
    bool fresh_deposits = false;  // a new deposit address each time
    size_t most_batched = 1;      // withdrawals in one transaction
    size_t next_sweep = 8;        // deposits to wait for
    AddressId cold_address = kNone;
    std::vector<AddressId> hot_addresses;
    std::vector<AddressId> known_deposits;  // some, for the tags
    std::vector<CoinId> cold;
    std::deque<Withdrawal> withdrawals;
  };

  void Found(ActorKind kind, absl::string_view name, AddressKind script, bool fresh_deposits,
             size_t most_batched);
  AddressId NewDepositAddress(Service* service);
  bool Sweep(Service* service);
  bool PayWithdrawals(Service* service);
  bool BalanceStorage(Service* service);
  bool SellToExchange(Service* service);
  void WriteTag(const Service& service, AddressId address, absl::string_view what,
                absl::string_view confidence);

  LedgerBuilder* const ledger_;
  std::vector<Service> services_;
  absl::flat_hash_map<std::pair<ServiceId, ActorId>, AddressId> personal_;
};

}  // namespace spoor::simulate

#endif  // SPOOR_LIB_SIMULATE_SERVICES_H_
