#include "tests/support/account_economy.h"

#include <algorithm>
#include <map>
#include <random>
#include <string>
#include <utility>

#include "spoor/base/bytes.h"

namespace spoor {
namespace {

constexpr uint64_t kEther = 1'000'000'000;
constexpr uint64_t kFee = 400'000;  // of a transaction

class Economy {
 public:
  Economy(uint64_t seed, const AccountEconomyOptions& options) : options_(options), rng_(seed) {}

  AccountEconomy Make() {
    made_.chain.name = "ethereum";
    made_.chain.family = Family::kAccount;
    made_.chain.symbol = "ETH";
    made_.chain.decimals = 9;
    BeginBlock(0);
    for (int i = 0; i < options_.exchanges; ++i) OpenExchange(i);
    for (int i = 0; i < options_.tokens; ++i) {
      AssetInfo token;
      token.key = RandomKey();
      block_.new_assets.push_back(token);
    }
    for (Exchange& exchange : exchanges_) {
      for (const AddressId wallet : exchange.hot) {
        for (AssetId asset = 0; asset <= AssetId(options_.tokens); ++asset) {
          Mint(wallet, asset, 1'000'000 * kEther);
        }
      }
      Mint(exchange.gas, kNativeAsset, 1'000'000 * kEther);
    }
    for (int i = 0; i < options_.users; ++i) users_.push_back({NewAddress(NewOwner()), {}});
    for (int i = 0; i < options_.decoys * 3; ++i) brokers_.push_back(NewAddress(NewOwner()));
    EndBlock();
    for (int height = 1; height < options_.blocks; ++height) {
      BeginBlock(height);
      while (!sweeps_.empty() && sweeps_.begin()->first <= height) {
        const Sweep sweep = sweeps_.begin()->second;
        sweeps_.erase(sweeps_.begin());
        DoSweep(sweep);
      }
      for (int i = 0; i < 3; ++i) Happen(height);
      EndBlock();
    }
    TagDeposits();
    return std::move(made_);
  }

 private:
  struct Exchange {
    int owner = 0;
    std::vector<AddressId> hot;
    AddressId cold;
    AddressId gas;
    std::vector<AddressId> deposits;
  };
  struct User {
    AddressId address;
    std::map<int, AddressId> deposits;  // by exchange
  };
  struct Sweep {
    int exchange = 0;
    AddressId deposit;
    AssetId asset = kNativeAsset;
  };

  uint64_t Below(uint64_t end) { return end == 0 ? 0 : rng_() % end; }
  bool Chance(uint64_t percent) { return Below(100) < percent; }

  std::string RandomKey() {
    std::string key(1, '\0');
    for (int i = 0; i < 20; ++i) key.push_back(static_cast<char>(rng_()));
    return key;
  }
  template <typename Hash>
  Hash RandomHash() {
    Bytes bytes(Hash::kSize);
    for (uint8_t& b : bytes) b = static_cast<uint8_t>(rng_());
    return Hash::FromBytes(bytes);
  }
  int NewOwner() { return owners_++; }
  AddressId NewAddress(int owner) {
    block_.new_addresses.push_back(RandomKey());
    made_.owners.push_back(owner);
    return AddressId{made_.owners.size() - 1};
  }

  void OpenExchange(int) {
    Exchange exchange;
    exchange.owner = NewOwner();
    for (int i = 0; i < 2; ++i) exchange.hot.push_back(NewAddress(exchange.owner));
    exchange.cold = NewAddress(exchange.owner);
    exchange.gas = NewAddress(exchange.owner);
    for (const AddressId wallet : exchange.hot) made_.tagged.emplace_back(wallet, exchange.owner);
    if (Chance(50)) made_.tagged.emplace_back(exchange.cold, exchange.owner);
    exchanges_.push_back(exchange);
  }

  void BeginBlock(int height) {
    block_ = NewBlock();
    block_.height = static_cast<uint32_t>(height);
    block_.hash = RandomHash<BlockHash>();
    block_.previous = made_.blocks.empty() ? BlockHash() : made_.blocks.back().hash;
    block_.time = 1'600'000'000 + int64_t{60} * height;
  }
  void EndBlock() { made_.blocks.push_back(std::move(block_)); }

  void BeginTransaction() {
    txid_ = RandomHash<Txid>();
    index_ = 0;
    ++block_.transactions;
  }
  void Add(MovementKind kind, AddressId from, TakerKind taker, AddressId to, AssetId asset,
           uint64_t amount) {
    Movement movement;
    movement.position.number = movements_++;
    movement.txid = txid_;
    movement.height = block_.height;
    movement.kind = kind;
    movement.asset = asset;
    if (from.IsNobody()) {
      movement.minted = amount;
    } else {
      Give give;
      give.holding = Holding::Balance(from, asset);
      give.owner = from;
      movement.gives.push_back(give);
      balances_[give.holding] -= amount;
    }
    Take take;
    take.kind = taker;
    take.amount = amount;
    if (taker == TakerKind::kHolding) {
      take.holding = Holding::Balance(to, asset);
      take.owner = to;
      balances_[take.holding] += amount;
    }
    movement.takes.push_back(take);
    if (kind != MovementKind::kFee) {
      movement.index = index_++;
      ++block_.transfers;
    }
    block_.movements.push_back(movement);
  }
  uint64_t Has(AddressId owner, AssetId asset) { return balances_[Holding::Balance(owner, asset)]; }
  void Mint(AddressId to, AssetId asset, uint64_t amount) {
    BeginTransaction();
    Add(MovementKind::kReward, AddressId(), TakerKind::kHolding, to, asset, amount);
  }
  // A transaction of one transfer. Whether there was enough for it.
  bool Pay(AddressId from, AddressId to, AssetId asset, uint64_t amount,
           AddressId payer = AddressId()) {
    if (payer.IsNobody()) payer = from;
    const uint64_t needs = payer == from && asset == kNativeAsset ? amount + kFee : amount;
    if (amount == 0 || Has(from, asset) < needs || Has(payer, kNativeAsset) < kFee) return false;
    BeginTransaction();
    Add(MovementKind::kFee, payer, TakerKind::kFee, AddressId(), kNativeAsset, kFee);
    Add(MovementKind::kTransfer, from, TakerKind::kHolding, to, asset, amount);
    return true;
  }
  uint64_t AllOf(AddressId owner, AssetId asset) {
    const uint64_t has = Has(owner, asset);
    if (asset != kNativeAsset) return has;
    return has > kFee ? has - kFee : 0;
  }

  AssetId SomeAsset() { return static_cast<AssetId>(Below(options_.tokens + 1)); }
  User& SomeUser() { return users_[Below(users_.size())]; }
  Exchange& SomeExchange() { return exchanges_[Below(exchanges_.size())]; }
  AddressId HotOf(const Exchange& exchange) { return exchange.hot[Chance(80) ? 0 : 1]; }

  void Deposit(User& user, AssetId asset, uint64_t amount, int height) {
    const int number = static_cast<int>(Below(exchanges_.size()));
    Exchange& exchange = exchanges_[number];
    auto it = user.deposits.find(number);
    if (it == user.deposits.end()) {
      if (amount == 0 || AllOf(user.address, asset) < amount) return;
      it = user.deposits.emplace(number, NewAddress(exchange.owner)).first;
      exchange.deposits.push_back(it->second);
    }
    if (!Pay(user.address, it->second, asset, amount)) return;
    const uint64_t delay = Chance(80) ? 1 + Below(100) : Chance(75) ? Below(700) : 800 + Below(800);
    sweeps_.emplace(height + static_cast<int>(delay), Sweep{number, it->second, asset});
  }

  void DoSweep(const Sweep& sweep) {
    const Exchange& exchange = exchanges_[sweep.exchange];
    const AddressId to = HotOf(exchange);
    bool swept = false;
    if (sweep.asset == kNativeAsset) {
      uint64_t amount = AllOf(sweep.deposit, kNativeAsset);
      if (Chance(20)) amount -= amount / (Chance(80) ? 500 : 20);  // some stays
      swept = Pay(sweep.deposit, to, kNativeAsset, amount);
    } else if (const uint64_t amount = Has(sweep.deposit, sweep.asset); amount > 0) {
      if (Chance(30)) {  // by an allowance
        swept = Pay(sweep.deposit, to, sweep.asset, amount, exchange.gas);
      } else {
        if (Has(sweep.deposit, kNativeAsset) < kFee) {
          Pay(exchange.gas, sweep.deposit, kNativeAsset, kFee + kFee / 10);
        }
        swept = Pay(sweep.deposit, to, sweep.asset, amount);
      }
    }
    if (swept) made_.swept.insert(sweep.deposit);
  }

  void Happen(int height) {
    const uint64_t what = Below(100);
    const AssetId asset = SomeAsset();
    User& user = SomeUser();
    const uint64_t has = AllOf(user.address, asset);
    if (what < 35) {  // a withdrawal; of tokens, with something for fees
      const AddressId hot = HotOf(SomeExchange());
      if (Has(user.address, kNativeAsset) < 3 * kFee) {
        Pay(hot, user.address, kNativeAsset, kEther / 10 + Below(kEther));
      }
      Pay(hot, user.address, asset, kEther / 10 + Below(20 * kEther));
    } else if (what < 50) {
      User& other = SomeUser();
      if (other.address != user.address) {
        Pay(user.address, other.address, asset, Chance(25) ? has : Below(has));
      }
    } else if (what < 80) {
      Deposit(user, asset, Chance(30) ? has : Below(has), height);
    } else if (what < 85) {  // between a service's own wallets
      const Exchange& exchange = SomeExchange();
      const AddressId hot = HotOf(exchange);
      if (Chance(50)) {
        Pay(hot, exchange.cold, asset, Has(hot, asset) / 20);
      } else {
        Pay(exchange.cold, hot, asset, Has(exchange.cold, asset) / 2);
      }
    } else if (what < 88) {  // a service is another's customer
      const AddressId from = HotOf(SomeExchange());
      const AddressId to = HotOf(SomeExchange());
      if (from != to) Pay(from, to, asset, kEther + Below(100 * kEther));
    } else {
      Deceive(user, asset, has);
    }
  }

  // What looks like a deposit address, more or less.
  void Deceive(User& user, AssetId asset, uint64_t has) {
    const auto decoys = static_cast<uint64_t>(options_.decoys);
    const AddressId hot = HotOf(SomeExchange());
    switch (Below(8)) {
      case 0:  // somebody pays a part of what they have straight to a service
        if (decoys > 0) Pay(user.address, hot, asset, Below(has));
        break;
      case 1:  // all, of an account that lives
        if (decoys > 0) Pay(user.address, hot, asset, has);
        break;
      case 2: {  // all, of an account that was made for it
        if (!Chance(2 * decoys)) break;
        const AddressId once = NewAddress(made_.owners[user.address.number]);
        if (Pay(user.address, once, kNativeAsset, AllOf(user.address, kNativeAsset))) {
          Pay(once, hot, kNativeAsset, AllOf(once, kNativeAsset));
        }
        break;
      }
      case 3:
      case 4: {  // brokers: they gather from several, and send all to one service or another
        if (brokers_.empty()) break;
        const AddressId broker = brokers_[Below(brokers_.size())];
        Pay(user.address, broker, kNativeAsset, Below(has));
        if (Chance(30)) Pay(broker, hot, kNativeAsset, AllOf(broker, kNativeAsset));
        break;
      }
      case 5:  // a chain of accounts that pass everything on, to another's deposit address
        if (!users_.empty() && !user.deposits.empty()) {
          const AddressId next = NewAddress(NewOwner());
          if (Pay(user.address, next, kNativeAsset, AllOf(user.address, kNativeAsset) / 2)) {
            Pay(next, user.deposits.begin()->second, kNativeAsset, AllOf(next, kNativeAsset));
          }
        }
        break;
      default:
        break;
    }
  }

  // Lists have some of the customers' addresses too.
  void TagDeposits() {
    for (const Exchange& exchange : exchanges_) {
      for (int i = 0; i < options_.decoys && !exchange.deposits.empty(); ++i) {
        const AddressId deposit = exchange.deposits[Below(exchange.deposits.size())];
        if (made_.swept.erase(deposit) > 0) made_.tagged.emplace_back(deposit, exchange.owner);
      }
    }
    std::sort(made_.tagged.begin(), made_.tagged.end());
  }

  const AccountEconomyOptions options_;
  std::mt19937_64 rng_;
  AccountEconomy made_;
  NewBlock block_;
  Txid txid_;
  uint32_t index_ = 0;
  uint64_t movements_ = 0;
  int owners_ = 0;
  std::map<Holding, uint64_t> balances_;
  std::vector<Exchange> exchanges_;
  std::vector<User> users_;
  std::vector<AddressId> brokers_;
  std::multimap<int, Sweep> sweeps_;
};

}  // namespace

AccountEconomy MakeAccountEconomy(uint64_t seed, const AccountEconomyOptions& options) {
  return Economy(seed, options).Make();
}

}  // namespace spoor
