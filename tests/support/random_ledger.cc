#include "tests/support/random_ledger.h"

#include <algorithm>
#include <random>
#include <utility>

#include "spoor/base/status_macros.h"
#include "spoor/chain/digest.h"
#include "spoor/chain/network.h"
#include "spoor/ledger/names.h"

namespace spoor {
namespace {

struct Coin {
  Holding holding;
  AddressId owner;
  uint64_t amount = 0;
};

class Generator {
 public:
  Generator(uint64_t seed, const RandomLedgerOptions& options) : options_(options), rng_(seed) {}

  RandomLedger Make() {
    RandomLedger ledger;
    ledger.chain = ChainInfoOf(GetNetwork(NetworkId::kMain));
    const uint32_t first_height = options_.odd && Chance(4) ? Below(1'000'000) : 0;
    BlockHash previous;
    int64_t time = 1'231'006'505;
    for (int i = 0; i < options_.blocks; ++i) {
      block_ = NewBlock();
      block_.height = first_height + static_cast<uint32_t>(i);
      block_.hash = RandomHash<BlockHash>();
      block_.previous = std::exchange(previous, block_.hash);
      time += static_cast<int64_t>(Below(1200));
      block_.time = options_.odd && Chance(5) ? time - 3600 : time;
      block_.bits = static_cast<uint32_t>(rng_());
      AddCoinbase();
      for (uint64_t n = Below(options_.most_transactions + 1); n > 0; --n) AddTransaction();
      coins_.insert(coins_.end(), immature_.begin(), immature_.end());
      immature_.clear();
      block_.transactions = block_.movements.size();
      ledger.blocks.push_back(std::move(block_));
    }
    ledger.revealable = std::move(revealable_);
    return ledger;
  }

 private:
  uint64_t Below(uint64_t end) { return end == 0 ? 0 : rng_() % end; }
  bool Chance(uint64_t one_in) { return Below(one_in) == 0; }

  template <typename Hash>
  Hash RandomHash() {
    Bytes bytes(Hash::kSize);
    for (uint8_t& b : bytes) b = static_cast<uint8_t>(rng_());
    return Hash::FromBytes(bytes);
  }

  Txid NewTxid() {
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

  AddressId Owner() {
    if (addresses_ == 0 || Chance(3)) {
      const ScriptKind kind = Chance(2) ? ScriptKind::kP2pkh : ScriptKind::kP2wpkh;
      Bytes drawn(20);
      for (uint8_t& b : drawn) b = static_cast<uint8_t>(rng_());
      block_.new_addresses.push_back(AddressKey(MakeScript(kind, drawn)));
      return AddressId{addresses_++};
    }
    return AddressId{Below(addresses_)};
  }

  // The script of an address, and what spending from it reveals: mostly of that kind.
  ScriptId MakeScript(ScriptKind kind, const Bytes& drawn) {
    Bytes shown = {2};
    AppendBytes(Sha256(drawn), &shown);
    ScriptId script{kind, {}};
    Digest160 hash = Hash160(shown);
    if (drawn[0] % 8 == 0) {  // one of one
      shown.insert(shown.begin(), {0x51, 33});
      shown.insert(shown.end(), {0x51, 0xae});
      script.kind = ScriptKind::kP2sh;
      hash = Hash160(shown);
    } else if (drawn[0] % 8 == 1) {  // P2SH-P2WPKH
      Bytes program = {0, 20};
      AppendBytes(hash, &program);
      script.kind = ScriptKind::kP2sh;
      hash = Hash160(program);
    }
    AppendBytes(hash, &script.payload);
    revealable_.emplace_back(AsChars(shown));
    return script;
  }

  // How many outputs to make, or inputs to spend.
  uint64_t Count() {
    if (options_.wide && Chance(40)) return 100 + Below(300);
    return 1 + Below(4);
  }

  Movement Begin() {
    Movement movement;
    movement.position = Position{movements_++};
    movement.height = block_.height;
    return movement;
  }

  // Splits `total` at random among `count` outputs, some of which get nothing.
  void AddOutputs(uint64_t total, uint64_t count, Movement* movement) {
    std::vector<uint64_t> cuts = {0, total};
    for (uint64_t i = 1; i < count; ++i) {
      cuts.push_back(Chance(8) ? cuts[Below(cuts.size())] : Below(total + 1));
    }
    std::sort(cuts.begin(), cuts.end());
    for (uint32_t i = 0; i < count; ++i) {
      Take take;
      take.kind = Chance(25) ? TakerKind::kBurned : TakerKind::kHolding;
      take.holding = Holding::Output(movement->position, i);
      if (take.kind == TakerKind::kHolding) take.owner = Owner();
      take.amount = cuts[i + 1] - cuts[i];
      movement->takes.push_back(take);
    }
  }

  void End(Movement movement) {
    std::vector<Coin>& coins = movement.coinbase && options_.mature ? immature_ : coins_;
    for (const Take& take : movement.takes) {
      if (take.kind != TakerKind::kHolding) continue;
      coins.push_back({take.holding, take.owner, static_cast<uint64_t>(take.amount)});
    }
    Tell(&movement);
    block_.movements.push_back(std::move(movement));
  }

  // What the wallet did, and what the inputs reveal: by the txid, whose bytes are random.
  void Tell(Movement* movement) {
    if (movement->coinbase) return;
    const auto& bytes = movement->txid.bytes();
    // Mostly of few wallets, so that some are alike.
    const uint32_t few = bytes[28];
    const uint32_t code = few < 240 ? (few & 1) | (few >> 1 & 1) << 2 | 16u << (few >> 2 & 1) * 2
                                    : few | uint32_t{bytes[29] % 8u} << 8;
    movement->fingerprint = Fingerprint::FromCode(code).value_or(Fingerprint());
    for (size_t i = 0; i < movement->gives.size(); ++i) {
      const AddressId owner = movement->gives[i].owner;
      if (owner.IsNobody() || (bytes[30] + i) % 8 == 0) continue;
      block_.revealed.push_back({static_cast<uint32_t>(block_.movements.size()),
                                 static_cast<uint32_t>(i), revealable_[owner.number]});
    }
  }

  void InsertGive(const Give& give, Movement* movement) {
    const size_t place = Below(movement->gives.size() + 1);
    movement->gives.insert(movement->gives.begin() + static_cast<ptrdiff_t>(place), give);
  }

  void AddCoinbase() {
    Movement movement = Begin();
    movement.coinbase = true;
    if (options_.odd && !coinbase_txids_.empty() && Chance(30)) {
      movement.txid = coinbase_txids_[Below(coinbase_txids_.size())];
    } else {
      movement.txid = NewTxid();
      coinbase_txids_.push_back(movement.txid);
    }
    const uint64_t minted = Chance(10) ? 0 : 1 + Below(options_.most_minted);
    movement.minted = minted;
    AddOutputs(minted, 1 + Below(3), &movement);
    End(std::move(movement));
  }

  void AddTransaction() {
    if (coins_.empty()) return;
    Movement movement = Begin();
    movement.txid = NewTxid();
    uint64_t given = 0;
    for (uint64_t n = std::min<uint64_t>(Count(), coins_.size()); n > 0; --n) {
      // Often a young one, so that chains grow long.
      const size_t back =
          Chance(2) ? Below(coins_.size()) : Below(std::min<size_t>(4, coins_.size()));
      const auto it = coins_.end() - 1 - static_cast<ptrdiff_t>(back);
      movement.gives.push_back({GiveKind::kHolding, it->holding, it->owner, Units(it->amount)});
      given += it->amount;
      coins_.erase(it);
    }
    if (options_.odd && Chance(20)) {
      // Made before the ledger began, but known.
      const uint64_t amount = Below(options_.most_minted);
      InsertGive({GiveKind::kOutside, Holding(), Owner(), Units(amount)}, &movement);
      given += amount;
    }
    uint64_t fee = Chance(2) ? 0 : Chance(4) ? Below(given + 1) : Below(given / 20 + 1);
    if (options_.odd && Chance(20)) {
      // Nobody knows what it gave: the least that lets the movement pay out what it paid. A second
      // one is then taken to have given nothing.
      const uint64_t wanting = Below(options_.most_minted);
      Give unknown;
      unknown.kind = GiveKind::kUnresolved;
      unknown.amount = wanting;
      if (wanting > 0) fee = 0;
      InsertGive(unknown, &movement);
      if (Chance(2)) {
        unknown.amount = 0;
        movement.gives.push_back(unknown);
      }
      given += wanting;
    }
    AddOutputs(given - fee, Count(), &movement);
    Take take;
    take.kind = TakerKind::kFee;
    take.amount = fee;
    movement.takes.push_back(take);
    End(std::move(movement));
  }

  RandomLedgerOptions options_;
  std::mt19937_64 rng_;
  NewBlock block_;
  uint64_t movements_ = 0;
  uint64_t addresses_ = 0;
  std::vector<std::string> revealable_;  // by address
  std::vector<Coin> coins_;              // unspent
  std::vector<Coin> immature_;           // made by the block's coinbase, and must wait for its end
  std::vector<Txid> txids_;
  std::vector<Txid> coinbase_txids_;
};

}  // namespace

RandomLedger MakeRandomLedger(uint64_t seed, const RandomLedgerOptions& options) {
  return Generator(seed, options).Make();
}

RandomLedger MakeKilledLedger(uint64_t seed) {
  RandomLedgerOptions options;
  options.blocks = 1'000;
  options.most_minted = 1'000'000;
  return MakeRandomLedger(seed, options);
}

absl::Status AppendAll(absl::Span<const NewBlock> blocks, LedgerWriter* writer) {
  for (const NewBlock& block : blocks) SPOOR_RETURN_IF_ERROR(writer->Append(block));
  return absl::OkStatus();
}

}  // namespace spoor
