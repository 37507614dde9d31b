// What a block of Ethereum's kin moves, in the order of execution.

#include <algorithm>
#include <array>
#include <limits>
#include <optional>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "spoor/base/status_macros.h"
#include "spoor/ingest/ethereum.h"
#include "spoor/ledger/names.h"

namespace spoor {
namespace {

using ethereum::Address;
using ethereum::BlockData;
using ethereum::BlockHeader;
using ethereum::Receipt;
using ethereum::TokenEvent;
using ethereum::Trace;
using ethereum::Transaction;

// The main network's forks.
constexpr uint64_t kByzantium = 4'370'000;
constexpr uint64_t kConstantinople = 7'280'000;
constexpr uint64_t kMerge = 15'537'394;
// From then on a contract that destroys itself in favour of itself loses nothing, unless it was
// made in the same transaction (EIP-6780).
constexpr int64_t kCancunTime = 1'710'338'135;
constexpr uint64_t kWeiPerGwei = 1'000'000'000;
constexpr uint64_t kWeiPerEther = 1'000'000'000'000'000'000;
constexpr Address kNobody = {};
// The main network's WETH9, whose deposits and withdrawals tell of native coins too.
constexpr Address kWeth = {0xc0, 0x2a, 0xaa, 0x39, 0xb2, 0x23, 0xfe, 0x8d, 0x0a, 0x0e,
                           0x5c, 0x4f, 0x27, 0xea, 0xd9, 0x08, 0x3c, 0x75, 0x6c, 0xc2};

std::string KeyOf(const Address& address) {
  std::string key(1, '\0');
  key.append(reinterpret_cast<const char*>(address.data()), address.size());
  return key;
}

std::string AssetOf(const TokenEvent& event) {
  std::string key = KeyOf(event.token);
  if (!event.id.has_value()) return key;
  // A token that is like no other is an asset of its own.
  return absl::StrCat("\1", "0x", ToHex(event.token), ":", ToDecimal(*event.id));
}

// Fees of a block of hostile numbers could wrap around.
absl::StatusOr<Units> Multiply(const Units& a, uint64_t b) {
  if (b != 0 && a > std::numeric_limits<Units>::max() / 4 / b) {
    return absl::DataLossError(
        absl::StrCat("found a gas price of ", ToDecimal(a), ", more than there can be"));
  }
  return a * b;
}

Units BlockReward(uint64_t number) {
  if (number >= kMerge || number == 0) return 0;
  const uint64_t ether = number < kByzantium ? 5 : number < kConstantinople ? 3 : 2;
  return Units(ether) * kWeiPerEther;
}

// Native coins that a transaction moves.
struct Move {
  Address from{};
  std::optional<Address> to;  // nullopt: burned
  Units amount;
  bool spoken_for = false;  // by a deposit or withdrawal
};

class BlockMaker {
 public:
  BlockMaker(const BlockData& data, const ChainInfo& chain, EthereumReport* report)
      : data_(data), main_(chain.name == "ethereum"), report_(report) {}

  absl::StatusOr<AccountBlock> Make();

 private:
  struct Parts {
    const Receipt* receipt = nullptr;
    std::vector<const Trace*> traces;
    std::vector<const TokenEvent*> tokens;
  };

  absl::Status Sort();
  absl::StatusOr<Parts*> PartsOf(const Txid& tx, absl::string_view what);
  absl::Status AddTransaction(const Transaction& tx, const Parts& parts);
  absl::Status AddFee(const Transaction& tx, const Receipt& receipt, AccountTransaction* out,
                      Units* priority);
  bool Succeeded(const Transaction& tx, const Parts& parts);
  std::vector<Move> MovesOf(const Transaction& tx, const Parts& parts) const;
  void AddTokens(const Transaction& tx, const Parts& parts, std::vector<Move> moves,
                 AccountTransaction* out) const;
  void AddWrap(const Transaction& tx, const TokenEvent& event, bool traced,
               std::vector<Move>* moves, AccountTransaction* out) const;
  void Reward(const Address& to, const Units& amount);
  void PayPending();
  void AddRewards();

  static void Add(const Address& from, const std::optional<Address>& to, std::string asset,
                  const Units& amount, AccountTransaction* out) {
    AccountTransfer transfer;
    if (from != kNobody) transfer.from = KeyOf(from);
    if (to.has_value()) transfer.to = KeyOf(*to);
    transfer.asset = std::move(asset);
    transfer.amount = amount;
    if (transfer.from.has_value() || transfer.to.has_value()) {
      out->transfers.push_back(std::move(transfer));
    }
  }

  const BlockData& data_;
  const bool main_;
  EthereumReport* report_;
  AccountBlock block_;
  std::vector<Parts> parts_;
  absl::flat_hash_map<Txid, size_t> by_hash_;
  std::vector<const Trace*> rewards_;
  Units pending_;  // what the fee recipient has earned and not been credited yet
};

absl::StatusOr<BlockMaker::Parts*> BlockMaker::PartsOf(const Txid& tx, absl::string_view what) {
  const auto it = by_hash_.find(tx);
  if (it != by_hash_.end()) return &parts_[it->second];
  return absl::DataLossError(absl::StrCat("found ", what, " of transaction ",
                                          ToText(tx, HashText::kPrefixed),
                                          ", which the block does not have"));
}

absl::Status BlockMaker::Sort() {
  const uint64_t wanted = data_.header.transaction_count.value_or(data_.transactions.size());
  if (wanted != data_.transactions.size()) {
    return absl::DataLossError(
        absl::StrCat("found ", data_.transactions.size(), " of its transactions, wanted ", wanted));
  }
  parts_.resize(data_.transactions.size());
  for (size_t i = 0; i < data_.transactions.size(); ++i) {
    const Transaction& tx = data_.transactions[i];
    if (tx.index != i) {
      return absl::DataLossError(
          absl::StrCat("found transaction ", tx.index, ", wanted transaction ", i));
    }
    if (!by_hash_.emplace(tx.hash, i).second) {
      return absl::DataLossError(
          absl::StrCat("found transaction ", ToText(tx.hash, HashText::kPrefixed), " twice"));
    }
  }
  for (const Receipt& receipt : data_.receipts) {
    SPOOR_ASSIGN_OR_RETURN(Parts* const parts, PartsOf(receipt.hash, "a receipt"));
    if (parts->receipt != nullptr) {
      return absl::DataLossError(absl::StrCat("found two receipts of transaction ",
                                              ToText(receipt.hash, HashText::kPrefixed),
                                              " that contradict each other"));
    }
    parts->receipt = &receipt;
  }
  for (const TokenEvent& event : data_.tokens) {
    SPOOR_ASSIGN_OR_RETURN(Parts* const parts, PartsOf(event.tx, "a log"));
    parts->tokens.push_back(&event);
  }
  for (const Trace& trace : data_.traces) {
    if (!trace.tx_index.has_value()) {
      rewards_.push_back(&trace);
    } else if (*trace.tx_index < parts_.size()) {
      parts_[*trace.tx_index].traces.push_back(&trace);
    } else {
      return absl::DataLossError(absl::StrCat("found a trace of transaction ", *trace.tx_index,
                                              ", the block has ", parts_.size()));
    }
  }
  return absl::OkStatus();
}

void BlockMaker::Reward(const Address& to, const Units& amount) {
  if (amount == 0) return;
  // Rewards that follow each other are one transaction.
  if (block_.transactions.empty() ||
      block_.transactions.back().txid.bytes() != block_.hash.bytes()) {
    block_.transactions.emplace_back().txid = Txid::FromBytes(block_.hash.span());
  }
  AccountTransfer transfer;
  transfer.kind = AccountTransfer::Kind::kReward;
  transfer.to = KeyOf(to);
  transfer.amount = amount;
  block_.transactions.back().transfers.push_back(std::move(transfer));
}

void BlockMaker::PayPending() { Reward(data_.header.fee_recipient, std::exchange(pending_, 0)); }

absl::Status BlockMaker::AddFee(const Transaction& tx, const Receipt& receipt,
                                AccountTransaction* out, Units* priority) {
  const Units price = receipt.gas_price.value_or(0);
  const Units base = std::min(price, data_.header.base_fee.value_or(0));
  const uint64_t gas = *receipt.gas_used;
  SPOOR_ASSIGN_OR_RETURN(const Units paid, Multiply(price, gas));
  const Units limit = std::numeric_limits<Units>::max() / 4;
  if (receipt.blob_fee > limit || receipt.layer_one_fee > limit) {
    return absl::DataLossError("found a fee of more than there can be");
  }
  *priority = paid - base * gas;
  AccountTransfer fee;
  fee.kind = AccountTransfer::Kind::kFee;
  fee.from = KeyOf(tx.from);
  fee.amount = paid + receipt.blob_fee + receipt.layer_one_fee;
  fee.burned = base * gas + receipt.blob_fee;
  if (fee.amount != 0) out->transfers.push_back(std::move(fee));
  return absl::OkStatus();
}

bool BlockMaker::Succeeded(const Transaction& tx, const Parts& parts) {
  if (!parts.traces.empty() && parts.traces.front()->path.empty()) {
    return !parts.traces.front()->failed;
  }
  if (parts.receipt != nullptr && parts.receipt->success.has_value()) {
    return *parts.receipt->success;
  }
  // Before Byzantium whatever failed used all its gas, and what succeeded did so only by chance.
  if (parts.receipt != nullptr && parts.receipt->gas_used.has_value() && tx.intrinsic_gas != 0 &&
      data_.header.number < kByzantium) {
    ++report_->success_inferred;
    return *parts.receipt->gas_used < tx.gas || tx.gas <= tx.intrinsic_gas;
  }
  ++report_->success_unknown;
  return true;
}

std::vector<Move> BlockMaker::MovesOf(const Transaction& tx, const Parts& parts) const {
  std::vector<Move> moves;
  if (parts.traces.empty()) {
    const Address to = tx.to.has_value() ? *tx.to : ethereum::CreatedContract(tx.from, tx.nonce);
    if (tx.value != 0) moves.push_back({tx.from, to, tx.value});
    return moves;
  }
  absl::flat_hash_set<Address> created;
  const std::vector<uint32_t>* failed = nullptr;
  for (const Trace* const trace : parts.traces) {
    // What stands below a failed call comes after it.
    const bool below_failed = failed != nullptr && trace->path.size() >= failed->size() &&
                              std::equal(failed->begin(), failed->end(), trace->path.begin());
    if (below_failed) continue;
    if (trace->failed) {
      failed = &trace->path;
      continue;
    }
    if (!trace->from.has_value() || !trace->to.has_value()) continue;
    if (trace->kind == Trace::Kind::kCreate) created.insert(*trace->to);
    if (trace->kind == Trace::Kind::kOther || trace->value == 0) continue;
    Move move{*trace->from, trace->to, trace->value};
    if (trace->kind == Trace::Kind::kSelfDestruct && *trace->from == *trace->to) {
      if (data_.header.time >= kCancunTime && !created.contains(*trace->from)) continue;
      move.to = std::nullopt;
    }
    moves.push_back(move);
  }
  return moves;
}

void BlockMaker::AddWrap(const Transaction& tx, const TokenEvent& event, bool traced,
                         std::vector<Move>* moves, AccountTransaction* out) const {
  const bool deposit = event.kind == TokenEvent::Kind::kDeposit;
  const Address& owner = deposit ? event.to : event.from;
  const Address& giver = deposit ? owner : event.token;
  const Address& taker = deposit ? event.token : owner;
  const auto it = std::find_if(moves->begin(), moves->end(), [&](const Move& move) {
    return !move.spoken_for && move.amount == event.amount && move.from == giver &&
           move.to == taker;
  });
  if (it != moves->end()) {
    it->spoken_for = true;
  } else if (!traced && main_ && event.token == kWeth && event.amount != 0 &&
             !(deposit && owner == tx.from)) {
    // A contract's call that no trace tells of: but WETH9 logs nothing else.
    Add(giver, taker, "", event.amount, out);
  } else {
    // Of a contract that logs deposits of something else.
    return;
  }
  // Others that are called WETH log the making of tokens as a transfer as well.
  const bool said =
      std::any_of(data_.tokens.begin(), data_.tokens.end(), [&](const TokenEvent& other) {
        return other.kind == TokenEvent::Kind::kTransfer && other.tx == event.tx &&
               other.token == event.token && other.amount == event.amount &&
               (deposit ? other.from == kNobody && other.to == owner
                        : other.to == kNobody && other.from == owner);
      });
  if (said) return;
  if (deposit) {
    Add(kNobody, owner, AssetOf(event), event.amount, out);
  } else {
    Add(owner, std::nullopt, AssetOf(event), event.amount, out);
  }
}

void BlockMaker::AddTokens(const Transaction& tx, const Parts& parts, std::vector<Move> moves,
                           AccountTransaction* out) const {
  for (const TokenEvent* const event : parts.tokens) {
    if (event->kind != TokenEvent::Kind::kTransfer) {
      AddWrap(tx, *event, !parts.traces.empty(), &moves, out);
      continue;
    }
    ++report_->token_transfers;
    const auto to = event->to == kNobody ? std::nullopt : std::optional<Address>(event->to);
    Add(event->from, to, AssetOf(*event), event->amount, out);
  }
}

absl::Status BlockMaker::AddTransaction(const Transaction& tx, const Parts& parts) {
  AccountTransaction out;
  out.txid = tx.hash;
  ++report_->transactions;
  Units priority = 0;
  if (parts.receipt != nullptr && parts.receipt->gas_used.has_value()) {
    SPOOR_RETURN_IF_ERROR(AddFee(tx, *parts.receipt, &out, &priority));
  } else {
    ++report_->without_receipt;
  }
  if (parts.traces.empty()) ++report_->without_traces;
  std::vector<Move> moves;
  if (Succeeded(tx, parts)) {
    moves = MovesOf(tx, parts);
    for (const Move& move : moves) Add(move.from, move.to, "", move.amount, &out);
    AddTokens(tx, parts, moves, &out);
  } else {
    ++report_->failed_transactions;
  }
  const Address& recipient = data_.header.fee_recipient;
  const bool spends =
      tx.from == recipient || std::any_of(moves.begin(), moves.end(),
                                          [&](const Move& move) { return move.from == recipient; });
  if (spends) PayPending();
  block_.transactions.push_back(std::move(out));
  pending_ += priority;
  return absl::OkStatus();
}

void BlockMaker::AddRewards() {
  PayPending();
  const BlockHeader& header = data_.header;
  bool told = false;
  for (const Trace* const trace : rewards_) {
    const bool reward =
        trace->kind == Trace::Kind::kReward || trace->kind == Trace::Kind::kUncleReward;
    told = told || reward;
    const bool minted = reward || trace->kind == Trace::Kind::kGenesis;
    if (minted && trace->to.has_value()) Reward(*trace->to, trace->value);
  }
  const Units reward = main_ && !told ? BlockReward(header.number) : Units(0);
  if (reward != 0) {
    Reward(header.fee_recipient, reward + reward / 32 * header.uncles.size());
    for (const ethereum::Uncle& uncle : header.uncles) {
      if (uncle.number < header.number && uncle.number + 8 > header.number) {
        Reward(uncle.fee_recipient, reward / 8 * (uncle.number + 8 - header.number));
      }
    }
    if (!header.uncles_known) ++report_->uncles_unknown;
  }
  for (const ethereum::Withdrawal& withdrawal : header.withdrawals) {
    Reward(withdrawal.to, Units(withdrawal.gwei) * kWeiPerGwei);
  }
}

absl::StatusOr<AccountBlock> BlockMaker::Make() {
  const BlockHeader& header = data_.header;
  if (header.number > std::numeric_limits<uint32_t>::max()) {
    return absl::DataLossError(absl::StrCat("found block number ", header.number, ", too high"));
  }
  block_.height = static_cast<uint32_t>(header.number);
  block_.hash = header.hash;
  block_.previous = header.parent;
  block_.time = header.time;
  SPOOR_RETURN_IF_ERROR(Sort());
  // Moved by decree before anything else (the DAO fork).
  for (const Trace* const trace : rewards_) {
    if (trace->kind != Trace::Kind::kDaoFork || !trace->from.has_value()) continue;
    if (block_.transactions.empty()) {
      block_.transactions.emplace_back().txid = Txid::FromBytes(block_.hash.span());
    }
    Add(*trace->from, trace->to, "", trace->value, &block_.transactions.back());
  }
  for (size_t i = 0; i < data_.transactions.size(); ++i) {
    SPOOR_RETURN_IF_ERROR(AddTransaction(data_.transactions[i], parts_[i]));
  }
  if (!data_.has_logs && !data_.transactions.empty()) ++report_->without_logs;
  AddRewards();
  return std::move(block_);
}

}  // namespace

ChainInfo EthereumChainInfo(const std::string& name, const std::string& symbol) {
  ChainInfo chain;
  chain.name = name;
  chain.family = Family::kAccount;
  chain.symbol = symbol;
  chain.decimals = 18;
  return chain;
}

absl::StatusOr<AccountBlock> MakeAccountBlock(const BlockData& data, const ChainInfo& chain,
                                              EthereumReport* report) {
  absl::StatusOr<AccountBlock> block = BlockMaker(data, chain, report).Make();
  if (block.ok()) return block;
  return Annotate(block.status(), absl::StrCat("block ", data.header.number));
}

}  // namespace spoor
