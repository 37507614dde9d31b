#include "lib/simulate/ledger_builder.h"

#include <algorithm>
#include <utility>

#include "lib/simulate/wallet.h"
#include "spoor/base/status_macros.h"
#include "spoor/chain/address.h"
#include "spoor/chain/script.h"

namespace spoor::simulate {
namespace {

constexpr uint32_t kFirstBlockTime = 1577836800;  // 2020-01-01
constexpr double kBlockInterval = 600;            // seconds
constexpr uint32_t kMaturity = 100;
// Consensus allows 4,000,000 of weight and 80,000 of signature operations cost; the largest
// transaction made here weighs under 200,000.
constexpr uint64_t kMostWeight = 3'700'000;
constexpr uint64_t kMostSigops = 72'000;
// Wallets look at so many of their oldest coins.
constexpr size_t kWindow = 100;
constexpr double kLeastFeeRate = 1.0;

}  // namespace

Output DataOutput(ByteSpan data) {
  SPOOR_CHECK(data.size() < 0x4c);
  Output output;
  output.data.reserve(2 + data.size());
  output.data.push_back(0x6a);  // OP_RETURN
  output.data.push_back(static_cast<uint8_t>(data.size()));
  AppendBytes(data, &output.data);
  return output;
}

LedgerBuilder::LedgerBuilder(const SimulationOptions& options, const Network& network, World* world,
                             Random* random, ChainWriter* chain, TruthWriter* truth)
    : options_(options),
      network_(network),
      world_(world),
      random_(random),
      chain_(chain),
      truth_(truth),
      keys_(options.seed, options.sign) {
  // The genesis block is there already; its output can never be spent.
  summary_.transactions = 1;
  summary_.outputs = 1;
  summary_.addresses = 1;
  summary_.minted = BlockSubsidy(network, 0);
  summary_.unspendable = summary_.minted;
  truth_->Owner(ScriptText(network_, ClassifyScript(chain_->genesis_script())), "genesis",
                "genesis", "", "");
}

bool LedgerBuilder::Full() const {
  return block_weight_ > kMostWeight || block_sigops_ > kMostSigops;
}

double LedgerBuilder::FeeRate() {
  return std::max(kLeastFeeRate, fee_level_ * random_->LogNormal(1, 0.5));
}

uint64_t LedgerBuilder::Fee(double rate, uint64_t weight) {
  const uint64_t virtual_size = (weight + 3) / 4;  // BIP 141: rounded up
  return static_cast<uint64_t>(rate * static_cast<double>(virtual_size)) + 1;
}

uint64_t LedgerBuilder::Weight(const Draft& draft) const {
  uint64_t weight = kEmptyTransactionWeight;
  for (const CoinId id : draft.inputs) {
    weight += InputWeight(world_->address(world_->coin(id).address).kind);
  }
  for (const Output& output : draft.outputs) {
    weight += output.to == kNone ? DataOutputWeight(output.data.size())
                                 : OutputWeight(world_->address(output.to).kind);
  }
  return weight;
}

AddressId LedgerBuilder::ReceivingAddress(ActorId id) {
  Actor& actor = world_->actor(id);
  if (actor.current != kNone) {
    if (actor.habit == AddressHabit::kForever) return actor.current;
    if (actor.habit == AddressHabit::kSticky && random_->Chance(0.7)) return actor.current;
    if (actor.same_key && !world_->address(actor.current).has_sibling && random_->Chance(0.6)) {
      static constexpr AddressKind kKinds[] = {AddressKind::kP2pkh, AddressKind::kP2shP2wpkh,
                                               AddressKind::kP2wpkh};
      const AddressKind kind = kKinds[random_->Below(3)];
      if (kind != world_->address(actor.current).kind) {
        actor.current = world_->AddSibling(actor.current, kind);
        return actor.current;
      }
    }
  }
  actor.current = world_->AddAddress(id, actor.script, Role::kWallet);
  return actor.current;
}

AddressId LedgerBuilder::ChangeAddress(ActorId id, CoinId spent) {
  const Actor& actor = world_->actor(id);
  if (actor.change_to_sender) {
    const AddressId from = world_->coin(spent).address;
    if (world_->address(from).role == Role::kWallet) return from;
  }
  if (actor.habit == AddressHabit::kForever) return ReceivingAddress(id);
  return world_->AddAddress(id, actor.script, Role::kWallet);
}

std::string LedgerBuilder::AddressText(AddressId id) const {
  return ScriptText(network_, ClassifyScript(keys_.Script(world_->address(id))));
}

const std::string& LedgerBuilder::ServiceName(ActorId actor) const {
  static const std::string* const kNoName = new std::string;
  return actor < service_names_.size() ? service_names_[actor] : *kNoName;
}

void LedgerBuilder::SetServiceName(ActorId actor, std::string name) {
  if (service_names_.size() <= actor) service_names_.resize(actor + 1);
  service_names_[actor] = std::move(name);
}

std::string LedgerBuilder::Place(CoinId id) const {
  const Coin& coin = world_->coin(id);
  return PlaceText({coin.txid, coin.vout});
}

Bytes LedgerBuilder::ScriptOf(const Output& output) const {
  return output.to == kNone ? output.data : keys_.Script(world_->address(output.to));
}

void LedgerBuilder::Publish(AddressId id, ByteSpan script) {
  Address& address = world_->address(id);
  if (address.published) return;
  address.published = true;
  ++summary_.addresses;
  const ActorKind kind = world_->actor(address.owner).kind;
  truth_->Owner(ScriptText(network_, ClassifyScript(script)), world_->ActorName(address.owner),
                KindName(kind), ServiceName(address.owner), KindCategory(kind));
}

CoinId LedgerBuilder::MakeCoin(const Output& output, const Txid& txid, uint32_t vout) {
  ++summary_.outputs;
  if (output.to == kNone) {
    summary_.unspendable += output.value;
    return kNone;
  }
  return world_->AddCoin({txid, output.value, vout, output.to, height()});
}

void LedgerBuilder::BeginBlock() {
  arena_.Clear();
  transactions_.clear();
  block_fees_ = 0;
  block_sigops_ = 0;
  block_weight_ = 20'000;  // room for header and coinbase
  const double gap = random_->Exponential(kBlockInterval);
  if (time_ == 0) {
    time_ = kFirstBlockTime;
  } else if (random_->Chance(0.03)) {
    time_ -= static_cast<uint32_t>(gap / 4);  // miners' clocks differ
  } else {
    time_ += static_cast<uint32_t>(gap) + 1;
  }
  time_ = std::max(time_, chain_->MedianTimePast() + 1);
  // Congestion comes and goes.
  fee_level_ = std::clamp(fee_level_ * random_->LogNormal(1, 0.12), 1.5, 120.0);
  while (!maturing_.empty() && maturing_.front().first + kMaturity <= height()) {
    world_->Release(maturing_.front().second);
    maturing_.pop_front();
  }
}

Added LedgerBuilder::Add(const Draft& draft) {
  SPOOR_CHECK(!draft.inputs.empty() && !draft.outputs.empty());
  bitcoin::Transaction tx;
  std::vector<Address> spent_addresses;
  std::vector<ActorId> spenders;
  std::vector<bitcoin::TxOut> spent_outputs;
  uint64_t in = 0;
  for (const CoinId id : draft.inputs) {
    const Coin& coin = world_->coin(id);
    const Address& address = world_->address(coin.address);
    tx.inputs.push_back({{coin.txid, coin.vout}, {}, 0, {}});
    spent_addresses.push_back(address);
    spenders.push_back(address.owner);
    // Only signatures need the script, and it costs two hashes.
    spent_outputs.push_back({*Amount::FromSat(coin.value),
                             options_.sign ? arena_.Keep(keys_.Script(address)) : ByteSpan()});
    in += coin.value;
    const bool legacy = address.kind == AddressKind::kP2pk || address.kind == AddressKind::kP2pkh;
    if (!legacy) block_sigops_ += address.kind == AddressKind::kP2wsh ? 3 : 1;
  }
  uint64_t out = 0;
  for (const Output& output : draft.outputs) {
    const ByteSpan script = arena_.Keep(ScriptOf(output));
    tx.outputs.push_back({*Amount::FromSat(output.value), script});
    out += output.value;
    if (output.to == kNone) continue;
    Publish(output.to, script);
    const AddressKind kind = world_->address(output.to).kind;
    if (kind == AddressKind::kP2pk || kind == AddressKind::kP2pkh) block_sigops_ += 4;
  }
  SPOOR_CHECK(out <= in);
  FillIn(options_.seed, spenders, world_->actor(spenders[0]).kind, height(), &tx);
  keys_.Sign(spent_addresses, spent_outputs, &tx, &arena_);
  bitcoin::ComputeIds(&tx);

  Added added;
  added.txid = tx.txid;
  added.fee = in - out;
  block_fees_ += added.fee;
  summary_.fees += added.fee;
  block_weight_ += Weight(draft);
  summary_.inputs += draft.inputs.size();
  ++summary_.transactions;
  ++paid_transactions_;
  for (const CoinId id : draft.inputs) world_->RemoveCoin(id);
  for (uint32_t vout = 0; vout < draft.outputs.size(); ++vout) {
    const CoinId coin = MakeCoin(draft.outputs[vout], tx.txid, vout);
    if (coin != kNone) world_->Release(coin);
    added.coins.push_back(coin);
  }
  transactions_.push_back(std::move(tx));
  return added;
}

std::optional<Added> LedgerBuilder::Pay(ActorId payer, std::vector<Output> outputs) {
  const Actor& actor = world_->actor(payer);
  const double rate = FeeRate();
  Draft draft;
  draft.outputs = std::move(outputs);
  uint64_t target = Fee(rate, Weight(draft));
  for (const Output& output : draft.outputs) target += output.value;
  if (actor.balance < target) return std::nullopt;

  // Most people wait for a confirmation.
  const bool spend_unconfirmed = random_->Chance(0.2);
  std::vector<int64_t> values(std::min(kWindow, actor.coins.size()));
  for (size_t i = 0; i < values.size(); ++i) {
    const Coin& coin = world_->coin(actor.coins[i]);
    if (coin.height == height() && !spend_unconfirmed) continue;
    const uint64_t cost = Fee(rate, InputWeight(world_->address(coin.address).kind));
    values[i] = static_cast<int64_t>(coin.value) - static_cast<int64_t>(cost);
  }
  const uint64_t change_cost = Fee(rate, OutputWeight(actor.script));
  const auto places = SelectCoins(actor.selection, values, static_cast<int64_t>(target),
                                  static_cast<int64_t>(change_cost + kDust));
  if (!places) return std::nullopt;
  draft.inputs = world_->TakeCoins(payer, *places);

  uint64_t in = 0;
  for (const CoinId id : draft.inputs) in += world_->coin(id).value;
  uint64_t needed = Fee(rate, Weight(draft));
  for (const Output& output : draft.outputs) needed += output.value;
  SPOOR_CHECK(in + draft.inputs.size() + 1 >= needed);
  std::optional<uint32_t> change;
  if (in > needed + change_cost + kDust) {
    const size_t last = draft.outputs.size();
    const size_t at = actor.change_place == ChangePlace::kFirst  ? 0
                      : actor.change_place == ChangePlace::kLast ? last
                                                                 : random_->Below(last + 1);
    Output output;
    output.to = ChangeAddress(payer, draft.inputs[0]);
    output.value = in - needed - change_cost;
    draft.outputs.insert(draft.outputs.begin() + static_cast<ptrdiff_t>(at), std::move(output));
    change = static_cast<uint32_t>(at);
  }
  Added added = Add(draft);
  added.change = change;
  if (change) truth_->Change(added.txid, *change);
  return added;
}

absl::Status LedgerBuilder::EndBlock(absl::string_view tag, std::vector<Output> shares) {
  SPOOR_CHECK(!shares.empty());
  uint64_t given = 0;
  for (size_t i = 0; i + 1 < shares.size(); ++i) given += shares[i].value;
  SPOOR_CHECK(given <= Reward());
  shares.back().value = Reward() - given;
  std::vector<bitcoin::TxOut> payouts;
  for (const Output& share : shares) {
    const ByteSpan script = arena_.Keep(ScriptOf(share));
    payouts.push_back({*Amount::FromSat(share.value), script});
    Publish(share.to, script);
  }
  const uint32_t block_height = height();
  SPOOR_ASSIGN_OR_RETURN(const Txid txid, chain_->Append(time_, tag, payouts, transactions_));
  for (uint32_t vout = 0; vout < shares.size(); ++vout) {
    ++summary_.outputs;
    maturing_.emplace_back(block_height, world_->AddCoin({txid, shares[vout].value, vout,
                                                          shares[vout].to, block_height}));
  }
  // The witness commitment.
  if (std::any_of(transactions_.begin(), transactions_.end(),
                  [](const bitcoin::Transaction& tx) { return tx.HasWitness(); })) {
    ++summary_.outputs;
  }
  ++summary_.transactions;
  summary_.minted += BlockSubsidy(network_, block_height);
  return absl::OkStatus();
}

SimulationSummary LedgerBuilder::Summary() const {
  SimulationSummary summary = summary_;
  summary.blocks = height();
  summary.stale_blocks = chain_->stale_blocks();
  summary.utxos = world_->coin_count();
  summary.utxo_total = world_->coin_total();
  summary.tip_hash = ToText(chain_->tip());
  summary.tip_time = time_;
  return summary;
}

}  // namespace spoor::simulate
