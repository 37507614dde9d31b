// Follows one coin with libspoor: follow_coin LEDGER CHAIN TXID:N

#include <cstdio>
#include <memory>

#include "spoor/base/status_macros.h"
#include "spoor/ledger/names.h"
#include "spoor/ledger/store.h"
#include "spoor/taint/follow.h"

absl::Status FollowCoin(const char* directory, const char* chain, const char* coin) {
  SPOOR_ASSIGN_OR_RETURN(const auto store, spoor::LedgerStore::OpenForReading(directory, {}));
  SPOOR_ASSIGN_OR_RETURN(const auto view, store->View(chain));
  const spoor::LedgerView* const views[] = {view.get()};

  SPOOR_ASSIGN_OR_RETURN(const auto request, spoor::ParseSeedRequest(coin));
  SPOOR_ASSIGN_OR_RETURN(const auto seeds, spoor::FindSeeds(views, {request}));
  spoor::FollowOptions options;
  options.policies = {"fifo", "haircut"};
  SPOOR_ASSIGN_OR_RETURN(const spoor::TraceResult result, spoor::Follow(views, seeds, options));

  for (const spoor::PolicyResult& policy : result.policies) {
    std::printf("%s: %zu endpoints\n", policy.policy.c_str(), policy.endpoints.size());
    for (const spoor::Endpoint& end : policy.endpoints) {
      SPOOR_ASSIGN_OR_RETURN(const spoor::OwnerName owner, spoor::NameOwner(*view, end.owner));
      std::printf("  %20s of %20s  %-8s %s\n", spoor::ToDecimal(end.tainted).c_str(),
                  spoor::ToDecimal(end.amount).c_str(), spoor::EndpointKindName(end.kind).data(),
                  owner.text.c_str());
    }
  }
  return absl::OkStatus();
}

int main(int argc, char** argv) {
  if (argc != 4) {
    std::fprintf(stderr, "usage: follow_coin LEDGER CHAIN TXID:N\n");
    return 2;
  }
  const absl::Status status = FollowCoin(argv[1], argv[2], argv[3]);
  if (!status.ok()) std::fprintf(stderr, "follow_coin: %s\n", status.ToString().c_str());
  return status.ok() ? 0 : 1;
}
