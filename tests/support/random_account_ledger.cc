#include "tests/support/random_account_ledger.h"

#include <algorithm>
#include <iterator>
#include <limits>
#include <map>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "spoor/base/bytes.h"
#include "spoor/base/status_macros.h"
#include "spoor/chain/digest.h"
#include "spoor/ledger/names.h"

namespace spoor {
namespace {

class Generator {
 public:
  Generator(uint64_t seed, const RandomAccountLedgerOptions& options)
      : options_(options), rng_(seed) {}

  RandomLedger Make() {
    RandomLedger ledger;
    ledger.chain.name = "ethereum";
    ledger.chain.family = Family::kAccount;
    ledger.chain.symbol = "ETH";
    ledger.chain.decimals = 18;
    uint32_t height = options_.odd ? static_cast<uint32_t>(Below(1'000'000)) : 0;
    BlockHash previous;
    int64_t time = 1'438'269'973;
    for (int i = 0; i < options_.blocks; ++i) {
      block_ = NewBlock();
      block_.height = height;
      block_.hash = RandomHash<BlockHash>();
      block_.previous = std::exchange(previous, block_.hash);
      height += options_.odd && Chance(5) ? 2 + static_cast<uint32_t>(Below(2)) : 1;
      time += static_cast<int64_t>(Below(30));
      block_.time = options_.odd && Chance(5) ? time - 100 : time;
      for (uint64_t n = Below(options_.most_transactions + 1); n > 0; --n) AddTransaction();
      if (Chance(2)) AddReward();
      ledger.blocks.push_back(std::move(block_));
    }
    return ledger;
  }

 private:
  uint64_t Below(uint64_t end) { return end == 0 ? 0 : rng_() % end; }
  bool Chance(uint64_t one_in) { return one_in != 0 && Below(one_in) == 0; }

  template <typename Hash>
  Hash RandomHash() {
    Bytes bytes(Hash::kSize);
    for (uint8_t& b : bytes) b = static_cast<uint8_t>(rng_());
    return Hash::FromBytes(bytes);
  }

  std::string RandomKey() {
    if (options_.odd && Chance(4)) return *AccountKeyFromText(absl::StrCat("account ", rng_()));
    std::string key(1, '\0');
    for (int i = 0; i < 20; ++i) key.push_back(static_cast<char>(rng_()));
    return key;
  }

  Txid NextTxid() {
    if (options_.odd && !txids_.empty() && Chance(15)) {
      const Txid again = txids_[Below(txids_.size())];
      if (const auto text = texts_.find(again); text != texts_.end()) AddText(text->second);
      return again;
    }
    if (options_.odd && Chance(10)) {
      const std::string text = absl::StrCat("order ", rng_());
      const Txid txid = Txid::FromBytes(Keccak256(AsBytes(text)));
      texts_[txid] = text;
      txids_.push_back(txid);
      AddText(text);
      return txid;
    }
    Txid txid = RandomHash<Txid>();
    if (options_.odd && !txids_.empty() && Chance(20)) {
      // The leading bytes of another one: a lookup must not take one for the other.
      Bytes bytes(txid.span().begin(), txid.span().end());
      const Txid& other = txids_[Below(txids_.size())];
      std::copy_n(other.bytes().begin(), 8 + Below(20), bytes.begin());
      txid = Txid::FromBytes(bytes);
    }
    txids_.push_back(txid);
    return txid;
  }

  void AddText(const std::string& text) {
    auto& texts = block_.transaction_texts;
    if (std::find(texts.begin(), texts.end(), text) == texts.end()) texts.push_back(text);
  }

  AddressId Account() {
    if (addresses_ == 0 || Chance(4)) {
      block_.new_addresses.push_back(RandomKey());
      keys_.push_back(block_.new_addresses.back());
      return AddressId{addresses_++};
    }
    // Few are busy.
    return AddressId{Chance(2) ? Below(addresses_) : Below(std::min<uint64_t>(addresses_, 3))};
  }

  AssetId Asset() {
    if (options_.assets == 0 || Chance(2)) return kNativeAsset;
    if (assets_ < static_cast<uint64_t>(options_.assets) && (assets_ == 0 || Chance(6))) {
      AssetInfo asset;
      asset.key = RandomKey();
      if (options_.exchanges != 0 && !keys_.empty()) TakeContract(&asset.key);
      asset.symbol = Chance(3) ? "" : absl::StrCat("T", assets_);
      asset.decimals = static_cast<int>(Below(30));
      asset.whole = options_.odd && Chance(3);
      asset.lying = options_.odd && Chance(6);
      block_.new_assets.push_back(asset);
      return static_cast<AssetId>(++assets_);
    }
    return static_cast<AssetId>(1 + Below(assets_));
  }

  // Makes the asset's contract one of the accounts, unless it has another asset.
  void TakeContract(std::string* key) {
    const AddressId account{Below(keys_.size())};
    if (contracts_.contains(account)) return;
    *key = keys_[account.number];
    contracts_[account] = static_cast<AssetId>(assets_ + 1);
  }

  // What `from` pays, nobody if it is minted.
  Units AmountFrom(AddressId from, AssetId asset) {
    if (options_.odd && Chance(12)) return 0;
    if (options_.odd && asset != kNativeAsset && Chance(20)) {
      return std::numeric_limits<Units>::max() - Below(3);
    }
    if (from.IsNobody()) return 1 + Below(options_.most_units);
    const Units& held = held_[Holding::Balance(from, asset)];
    if (Chance(options_.overdrafts)) return held + Below(options_.most_units);
    if (held == 0) return 0;
    if (Chance(4)) return held;
    return Units(rng_()) % held;
  }

  void Move(const Units& amount, AddressId from, AddressId to, AssetId asset) {
    if (!from.IsNobody()) {
      Units& held = held_[Holding::Balance(from, asset)];
      held = held < amount ? Units(0) : Units(held - amount);
    }
    if (!to.IsNobody()) held_[Holding::Balance(to, asset)] += amount;
  }

  Movement Begin(const Txid& txid, MovementKind kind, AssetId asset, AddressId from) {
    Movement movement;
    movement.position = Position{movements_++};
    movement.txid = txid;
    movement.height = block_.height;
    movement.kind = kind;
    movement.asset = asset;
    if (!from.IsNobody()) {
      Give give;
      give.holding = Holding::Balance(from, asset);
      give.owner = from;
      movement.gives.push_back(give);
    }
    return movement;
  }

  void AddTransaction() {
    const Txid txid = NextTxid();
    block_.transactions += 1;
    if (Chance(6)) return AddTransfers(txid);  // nothing is said of its fee
    const AddressId payer = Account();
    Movement movement = Begin(txid, MovementKind::kFee, kNativeAsset, payer);
    const Units fee = AmountFrom(payer, kNativeAsset);
    Units burned = Chance(2) ? Units(0) : Units(fee / 2);
    if (Chance(10)) burned = fee;
    if (burned != 0) {
      Take take;
      take.kind = TakerKind::kBurned;
      take.amount = burned;
      movement.takes.push_back(take);
    }
    Take take;
    take.kind = TakerKind::kFee;
    take.amount = fee - burned;
    movement.takes.push_back(take);
    Move(fee, payer, AddressId(), kNativeAsset);
    block_.movements.push_back(std::move(movement));
    AddTransfers(txid);
  }

  void AddTransfers(const Txid& txid) {
    const uint64_t count = Below(options_.most_transfers + 1);
    uint32_t i = 0;
    if (Chance(options_.exchanges)) {
      i = AddExchange(txid);
      if (!Chance(4)) return;
    }
    for (const auto end = static_cast<uint32_t>(i + count); i < end; ++i) {
      // Numbered as they are named, none without being used.
      const AddressId from = Chance(6) ? AddressId() : Account();
      AddressId to;
      if (from.IsNobody() || !Chance(8)) {
        to = !from.IsNobody() && Chance(12) ? from : Account();
      }
      AddTransfer(txid, MovementKind::kTransfer, i, from, to, Asset());
    }
  }

  // What swaps look like on a chain, more or less. How many transfers.
  uint32_t AddExchange(const Txid& txid) {
    const AddressId nobody;
    const AddressId user = Account();
    const AddressId pool = Account();
    const AddressId other = Account();
    const AssetId a = Asset();
    const AssetId b = Asset();
    uint32_t index = 0;
    const auto pay = [&](AddressId from, AddressId to, AssetId asset, const Units& amount) {
      AddTransfer(txid, MovementKind::kTransfer, index++, from, to, asset, amount);
    };
    const Units paid = AmountFrom(user, a);
    const Units got = AmountFrom(pool, b);
    switch (Below(7)) {
      case 0:
        pay(user, pool, a, paid);
        pay(pool, user, b, got);
        break;
      case 1:  // through a router
        pay(user, other, a, paid);
        pay(other, pool, a, paid);
        pay(pool, other, b, got);
        pay(other, user, b, got);
        break;
      case 2: {  // by two pools
        const AssetId c = Asset();
        pay(user, pool, a, paid);
        pay(pool, other, b, got);
        pay(other, user, c, AmountFrom(other, c));
        break;
      }
      case 3:  // for somebody else
        pay(pool, other, b, got);
        pay(user, pool, a, paid);
        break;
      case 4:  // for a fee
        pay(user, other, a, paid / 3);
        pay(user, pool, a, paid - paid / 3);
        pay(pool, user, b, got);
        break;
      case 5:  // a wrap
      case 6: {
        if (contracts_.empty()) break;
        auto contract = contracts_.begin();
        std::advance(contract, Below(contracts_.size()));
        if (Chance(2)) {
          pay(user, contract->first, a, paid);
          pay(nobody, user, contract->second, Chance(2) ? paid : Units(1 + Below(50)));
        } else {
          const Units back = AmountFrom(user, contract->second);
          pay(user, nobody, contract->second, back);
          pay(contract->first, Chance(4) ? other : user, a, AmountFrom(contract->first, a));
        }
        break;
      }
    }
    return index;
  }

  void AddReward() {
    const Txid txid = Txid::FromBytes(block_.hash.span());
    for (uint32_t i = 0; i < 1 + Below(2); ++i) {
      AddTransfer(txid, MovementKind::kReward, i, AddressId(), Account(), kNativeAsset);
    }
  }

  void AddTransfer(const Txid& txid, MovementKind kind, uint32_t index, AddressId from,
                   AddressId to, AssetId asset) {
    AddTransfer(txid, kind, index, from, to, asset, AmountFrom(from, asset));
  }

  void AddTransfer(const Txid& txid, MovementKind kind, uint32_t index, AddressId from,
                   AddressId to, AssetId asset, const Units& amount) {
    Movement movement = Begin(txid, kind, asset, from);
    movement.index = index;
    Take take;
    take.kind = to.IsNobody() ? TakerKind::kBurned : TakerKind::kHolding;
    if (!to.IsNobody()) take.holding = Holding::Balance(to, asset);
    take.owner = to;
    take.amount = amount;
    movement.takes.push_back(take);
    Move(take.amount, from, to, asset);
    block_.movements.push_back(std::move(movement));
    if (kind == MovementKind::kTransfer) block_.transfers += 1;
  }

  RandomAccountLedgerOptions options_;
  std::mt19937_64 rng_;
  NewBlock block_;
  uint64_t movements_ = 0;
  uint64_t addresses_ = 0;
  uint64_t assets_ = 0;
  std::map<Holding, Units> held_;  // about: for amounts that can mostly be paid
  std::vector<Txid> txids_;
  std::map<Txid, std::string> texts_;
  std::vector<std::string> keys_;  // of accounts
  std::map<AddressId, AssetId> contracts_;
};

}  // namespace

RandomLedger MakeRandomAccountLedger(uint64_t seed, const RandomAccountLedgerOptions& options) {
  return Generator(seed, options).Make();
}

RandomLedger MakeKilledAccountLedger(uint64_t seed) {
  RandomAccountLedgerOptions options;
  options.blocks = 300;
  options.most_units = 1'000'000;
  return MakeRandomAccountLedger(seed, options);
}

}  // namespace spoor
