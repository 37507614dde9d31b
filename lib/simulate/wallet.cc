#include "lib/simulate/wallet.h"

#include <algorithm>

#include "spoor/base/bytes.h"

namespace spoor::simulate {
namespace {

constexpr uint32_t kFinal = 0xffffffff;
constexpr uint32_t kReplaceable = 0xfffffffd;

struct Wallet {
  int32_t version = 2;
  bool recent_lock_time = false;  // the height it knows, against fee sniping
  uint32_t sequence = kFinal;
  uint32_t share = 0;  // of a hundred
};

// Wallets as they are, more or less: Bitcoin Core and Electrum, which set a lock time; wallets on
// telephones; those of hardware makers; libraries with their defaults.
constexpr Wallet kWalletsOfPeople[] = {
    {2, true, kReplaceable, 35},  {2, false, kReplaceable, 25}, {2, false, kFinal, 10},
    {1, false, kReplaceable, 15}, {1, false, kFinal, 15},
};
constexpr Wallet kWalletsOfServices[] = {
    {2, true, kReplaceable, 15},
    {2, false, kReplaceable, 15},
    {2, false, kFinal, 30},
    {1, false, kFinal, 40},
};

uint64_t Mix(uint64_t v) {
  v += 0x9e3779b97f4a7c15;
  v = (v ^ v >> 30) * 0xbf58476d1ce4e5b9;
  v = (v ^ v >> 27) * 0x94d049bb133111eb;
  return v ^ v >> 31;
}

const Wallet& WalletOf(uint64_t seed, ActorId actor, ActorKind kind) {
  const bool person =
      kind == ActorKind::kUser || kind == ActorKind::kThief || kind == ActorKind::kMerchant;
  const absl::Span<const Wallet> wallets =
      person ? absl::MakeConstSpan(kWalletsOfPeople) : absl::MakeConstSpan(kWalletsOfServices);
  uint64_t left = Mix(seed ^ Mix(actor)) % 100;
  for (const Wallet& wallet : wallets) {
    if (left < wallet.share) return wallet;
    left -= wallet.share;
  }
  return wallets.back();
}

}  // namespace

void FillIn(uint64_t seed, absl::Span<const ActorId> spenders, ActorKind kind, uint32_t height,
            bitcoin::Transaction* tx) {
  const bool coinjoin = std::any_of(spenders.begin(), spenders.end(),
                                    [&](ActorId actor) { return actor != spenders[0]; });
  static constexpr Wallet kCoordinator = {1, false, kFinal, 0};
  const Wallet& wallet = coinjoin ? kCoordinator : WalletOf(seed, spenders[0], kind);
  // Of this transaction alone.
  const uint64_t chance =
      Mix(LoadLe64(tx->inputs[0].prevout.txid.bytes().data()) ^ tx->inputs[0].prevout.index);
  tx->version = wallet.version;
  uint32_t sequence = wallet.sequence;
  // Now and then a person wants it final.
  if (!coinjoin && sequence == kReplaceable && chance % 100 < 8) sequence = kFinal - 1;
  for (bitcoin::TxIn& input : tx->inputs) input.sequence = sequence;
  tx->lock_time = 0;
  if (!wallet.recent_lock_time || height == 0) return;
  // As Bitcoin Core: one time in ten it goes back by up to a hundred blocks.
  const uint64_t back = chance / 100 % 10 == 0 ? chance / 1000 % 100 : 0;
  tx->lock_time = height - 1 - static_cast<uint32_t>(std::min<uint64_t>(back, height - 1));
}

}  // namespace spoor::simulate
